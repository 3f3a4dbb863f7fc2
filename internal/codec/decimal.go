package codec

import (
	"strconv"
	"strings"
)

// DynamoDB's limits for numbers: significant digits, and the exponents of the first of them.
const (
	maxDigits   = 38
	maxExponent = 125
	minExponent = -130
)

const (
	notNumber     = "the text is no decimal number"
	tooManyDigits = "the number has more than 38 significant digits, which DynamoDB refuses"
	outOfRange    = "the number is out of DynamoDB's range"
)

// decimal is a number as text, taken apart: sign * 0.digits * 10^point. Zero has no digits.
type decimal struct {
	negative        bool
	whole, fraction string // the digits, without zeros before the first or after the last significant one
	point           int    // where the point stands, relative to the first digit
}

// parseDecimal takes a decimal literal apart: a sign, digits with a point anywhere, an exponent.
func parseDecimal(s string) (d decimal, ok bool) {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		d.negative = s[0] == '-'
		s = s[1:]
	}
	exponent := 0
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		if exponent, ok = parseExponent(s[i+1:]); !ok {
			return decimal{}, false
		}
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	if whole == "" && fraction == "" || !allDigits(whole) || !allDigits(fraction) {
		return decimal{}, false
	}
	d.trim(whole, fraction)
	if d.count() == 0 {
		return decimal{}, true
	}
	d.point += exponent
	return d, true
}

// trim keeps the digits that count.
func (d *decimal) trim(whole, fraction string) {
	d.whole = strings.TrimLeft(whole, "0")
	d.point = len(d.whole)
	d.fraction = strings.TrimRight(fraction, "0")
	if d.whole == "" {
		significant := strings.TrimLeft(d.fraction, "0")
		d.point = len(significant) - len(d.fraction)
		d.fraction = significant
	}
	if d.fraction == "" {
		d.whole = strings.TrimRight(d.whole, "0")
	}
}

// count is the number of significant digits.
func (d decimal) count() int { return len(d.whole) + len(d.fraction) }

// parseExponent bounds the exponent: larger ones are out of any range, and must not overflow in sums.
func parseExponent(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	if err != nil || n > 1<<20 || n < -1<<20 {
		return 0, false
	}
	return n, true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// checkNumber reports why DynamoDB would refuse the number.
func checkNumber(s string) error {
	if isPlainInteger(s) && len(s) <= maxDigits {
		return nil
	}
	d, ok := parseDecimal(s)
	switch {
	case !ok:
		return fail(notNumber)
	case d.count() == 0:
		return nil
	case d.count() > maxDigits:
		return fail(tooManyDigits)
	case d.point-1 > maxExponent || d.point-1 < minExponent:
		return fail(outOfRange)
	}
	return nil
}

// isPlainInteger reports whether the text is how an integer is usually written: equal numbers of this form are equal texts.
func isPlainInteger(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	if digits == "" || !allDigits(digits) {
		return false
	}
	return digits[0] != '0' || s == "0"
}

// normal is one text for all ways to write a number.
func normal(s string) string {
	if isPlainInteger(s) && s[len(s)-1] != '0' {
		return s
	}
	d, ok := parseDecimal(s)
	if !ok {
		return s
	}
	return d.text()
}

// text is the same for equal numbers.
func (d decimal) text() string {
	sign := ""
	if d.negative {
		sign = "-"
	}
	switch {
	case d.count() == 0:
		return "0"
	case d.point == d.count():
		return sign + d.whole + d.fraction
	}
	return sign + d.whole + d.fraction + "e" + strconv.Itoa(d.point-d.count())
}

// integer gives the digits of an integral number in the form that strconv reads: "1.0" is 1 and "1E2" is 100.
func integer(s string) (string, bool) {
	d, ok := parseDecimal(s)
	switch {
	case !ok || d.count() > 0 && (d.point < d.count() || d.point > maxIntegerDigits):
		return "", false
	case d.count() == 0:
		return "0", true
	}
	sign := ""
	if d.negative {
		sign = "-"
	}
	return sign + d.whole + d.fraction + strings.Repeat("0", d.point-d.count()), true
}

// maxIntegerDigits is how many digits a uint64 has at most.
const maxIntegerDigits = 20
