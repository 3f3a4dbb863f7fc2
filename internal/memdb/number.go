package memdb

import (
	"strconv"
	"strings"
)

// A decimal is a DynamoDB number, normalised: 0.d1d2d3... × 10^exp with d1 and
// the last digit not zero. Zero has no digits, and no sign.
type decimal struct {
	neg    bool
	exp    int
	digits []byte // values 0 to 9, most significant first
}

// What DynamoDB's numbers hold: 38 digits, from 1E-130 to 9.99…E+125.
const (
	maxDigits = 38
	minExp    = -129 // of 1E-130, read as 0.1E-129
	maxExp    = 126  // of 9.99…E+125
)

const (
	textNotNumber  = "The parameter cannot be converted to a numeric value"
	textOverflow   = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	textUnderflow  = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
	textManyDigits = "Attempting to store more than 38 significant digits in a Number"
	textPrecision  = "DynamoDB only supports precision up to 38 digits"
)

// parseDecimal reads a number as the service does: an optional sign, digits
// with an optional point, an optional exponent.
func parseDecimal(text string) (decimal, *Error) {
	if text == "" {
		return decimal{}, invalid(textNotNumber)
	}
	d, ok := scanDecimal(text)
	if !ok {
		return decimal{}, invalid(textNotNumber + ": " + text)
	}
	return d, d.check(textManyDigits)
}

// check reports a number out of the range that DynamoDB stores.
func (d decimal) check(tooPrecise string) *Error {
	switch {
	case len(d.digits) == 0:
		return nil
	case d.exp > maxExp:
		return invalid(textOverflow)
	case d.exp < minExp:
		return invalid(textUnderflow)
	case len(d.digits) > maxDigits:
		return invalid(tooPrecise)
	}
	return nil
}

// scanDecimal splits text into sign, mantissa and exponent.
func scanDecimal(text string) (decimal, bool) {
	var d decimal
	switch text[0] {
	case '-':
		d.neg, text = true, text[1:]
	case '+':
		text = text[1:]
	}
	mantissa, exponent, hasExp := text, "", false
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent, hasExp = text[:i], text[i+1:], true
	}
	if hasExp {
		e, err := strconv.ParseInt(exponent, 10, 32)
		if err != nil {
			return decimal{}, false
		}
		d.exp = int(e)
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if len(whole)+len(fraction) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return decimal{}, false
	}
	d.exp += len(whole)
	d.digits = make([]byte, 0, len(whole)+len(fraction))
	for _, part := range [2]string{whole, fraction} {
		for i := range len(part) {
			d.digits = append(d.digits, part[i]-'0')
		}
	}
	return d.normal(), true
}

func allDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// normal strips zeros from both ends.
func (d decimal) normal() decimal {
	lead := 0
	for lead < len(d.digits) && d.digits[lead] == 0 {
		lead++
	}
	end := len(d.digits)
	for end > lead && d.digits[end-1] == 0 {
		end--
	}
	if lead == end {
		return decimal{}
	}
	d.exp -= lead
	d.digits = d.digits[lead:end]
	return d
}

// text writes the number without an exponent, as the service answers it.
func (d decimal) text() string { return string(d.appendText(nil)) }

func (d decimal) appendText(dst []byte) []byte {
	if len(d.digits) == 0 {
		return append(dst, '0')
	}
	if d.neg {
		dst = append(dst, '-')
	}
	if d.exp <= 0 {
		dst = append(dst, "0."...)
		for range -d.exp {
			dst = append(dst, '0')
		}
	}
	for i, digit := range d.digits {
		if i == d.exp && i > 0 {
			dst = append(dst, '.')
		}
		dst = append(dst, digit+'0')
	}
	for range d.exp - len(d.digits) {
		dst = append(dst, '0')
	}
	return dst
}

// sum adds two numbers exactly; the result may be out of range.
func (d decimal) sum(e decimal) decimal {
	switch {
	case len(d.digits) == 0:
		return e
	case len(e.digits) == 0:
		return d
	case d.neg == e.neg:
		return addMagnitudes(d, e)
	case compareMagnitudes(d, e) >= 0:
		return subMagnitudes(d, e)
	default:
		return subMagnitudes(e, d)
	}
}

func (d decimal) negated() decimal {
	d.neg = !d.neg && len(d.digits) > 0
	return d
}

// digit returns the digit whose weight is 10^(weight-1).
func (d decimal) digit(weight int) byte {
	i := d.exp - weight
	if i < 0 || i >= len(d.digits) {
		return 0
	}
	return d.digits[i]
}

func addMagnitudes(d, e decimal) decimal {
	top := max(d.exp, e.exp) + 1
	low := min(d.exp-len(d.digits), e.exp-len(e.digits))
	out := decimal{neg: d.neg, exp: top, digits: make([]byte, top-low)}
	var carry byte
	for weight := low + 1; weight <= top; weight++ {
		s := d.digit(weight) + e.digit(weight) + carry
		carry = s / 10
		out.digits[top-weight] = s % 10
	}
	return out.normal()
}

// subMagnitudes takes |e| from |d|, which is not smaller; the sign is d's.
func subMagnitudes(d, e decimal) decimal {
	top := d.exp
	low := min(d.exp-len(d.digits), e.exp-len(e.digits))
	out := decimal{neg: d.neg, exp: top, digits: make([]byte, top-low)}
	var borrow byte
	for weight := low + 1; weight <= top; weight++ {
		a, b := d.digit(weight), e.digit(weight)+borrow
		borrow = 0
		if a < b {
			a, borrow = a+10, 1
		}
		out.digits[top-weight] = a - b
	}
	return out.normal()
}

func compareMagnitudes(d, e decimal) int {
	if d.exp != e.exp {
		return d.exp - e.exp
	}
	return strings.Compare(string(d.digits), string(e.digits))
}

// decimalOf makes a number of a count or a size.
func decimalOf(n int) decimal {
	d, _ := scanDecimal(strconv.Itoa(n))
	return d
}
