package memdb

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseDecimal(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for _, tc := range []struct{ in, want, reason string }{
		{"0", "0", "zero"},
		{"-0", "0", "zero has no sign"},
		{"0.000", "0", "nor digits"},
		{"1.0", "1", "trailing zeros go"},
		{"00012", "12", "leading ones too"},
		{"+5", "5", "a plus is allowed"},
		{".5", "0.5", "the whole part may be missing"},
		{"5.", "5", "so may the fraction"},
		{"1e3", "1000", "an exponent is written out"},
		{"1E-5", "0.00001", "in both directions"},
		{"-12.50", "-12.5", "negative"},
		{nines, nines, "38 digits"},
		{"0." + nines, "0." + nines, "38 digits behind the point"},
		{nines + "9", "!" + textManyDigits, "39 digits"},
		{nines + "00000", nines + "00000", "zeros at the end do not count"},
		{"9.99e125", "999" + strings.Repeat("0", 123), "the largest magnitude"},
		{"1e126", "!" + textOverflow, "beyond it"},
		{"-1e126", "!" + textOverflow, "beyond it"},
		{"1e-130", "0." + strings.Repeat("0", 129) + "1", "the smallest magnitude"},
		{"1e-131", "!" + textUnderflow, "beyond it"},
		{"", "!" + textNotNumber, "nothing"},
		{"abc", "!" + textNotNumber + ": abc", "no number"},
		{"1e", "!" + textNotNumber + ": 1e", "no exponent"},
		{"1e99999999999", "!" + textNotNumber + ": 1e99999999999", "an exponent out of all range"},
		{" 1", "!" + textNotNumber + ":  1", "white space"},
		{"0x10", "!" + textNotNumber + ": 0x10", "hexadecimal"},
		{"NaN", "!" + textNotNumber + ": NaN", "not a number"},
		{".", "!" + textNotNumber + ": .", "a point alone"},
		{"1_000", "!" + textNotNumber + ": 1_000", "an underscore"},
	} {
		got := ""
		if d, err := parseDecimal(tc.in); err != nil {
			got = "!" + err.Message
		} else {
			got = d.text()
		}
		if got != tc.want {
			t.Errorf("%q: got %q, want %q: %s", tc.in, got, tc.want, tc.reason)
		}
	}
}

// drawNumber yields the text of a number in range.
func drawNumber(t *rapid.T, label string) string {
	digits := rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{0,18})?(e-?[0-9]{1,2})?`)
	return digits.Filter(func(s string) bool {
		_, err := parseDecimal(s)
		return err == nil
	}).Draw(t, label)
}

func bigOf(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic(text)
	}
	return r
}

func TestNumbersAgainstBig(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkNumbers(t, drawNumber(t, "a"), drawNumber(t, "b")) })
}

// checkNumbers compares everything done with two numbers with math/big.
func checkNumbers(t interface{ Fatalf(string, ...any) }, a, b string) {
	x, err := parseDecimal(a)
	y, err2 := parseDecimal(b)
	if err != nil || err2 != nil {
		return
	}
	p, q := bigOf(a), bigOf(b)
	if bigOf(x.text()).Cmp(p) != 0 {
		t.Fatalf("%s is written %s", a, x.text())
	}
	if got := bigOf(x.sum(y).text()); got.Cmp(new(big.Rat).Add(p, q)) != 0 {
		t.Fatalf("%s + %s = %s", a, b, got)
	}
	if got := bigOf(x.sum(y.negated()).text()); got.Cmp(new(big.Rat).Sub(p, q)) != 0 {
		t.Fatalf("%s - %s = %s", a, b, got)
	}
	c, d := string(x.appendCode(nil)), string(y.appendCode(nil))
	if strings.Compare(c, d) != p.Cmp(q) {
		t.Fatalf("the codes of %s and %s sort the wrong way", a, b)
	}
	if c != d && (strings.HasPrefix(c, d) || strings.HasPrefix(d, c)) {
		t.Fatalf("the code of %s is a prefix of that of %s, or the other way", a, b)
	}
	if back := decodeNumber(c); back.text() != x.text() {
		t.Fatalf("%s comes back as %s", a, back.text())
	}
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0", "1e125", "-9.99e125", "1e-130", "12345678901234567890123456789012345678", "0.1", "1e", "+.5"} {
		f.Add(s, "1")
		f.Add("-3.25", s)
	}
	f.Fuzz(func(t *testing.T, a, b string) { checkNumbers(t, a, b) })
}

func TestNumberSize(t *testing.T) {
	for _, tc := range []struct {
		in   string
		want int
	}{{"0", 1}, {"1", 2}, {"12", 2}, {"123", 3}, {"-1", 3}, {"1000000", 2}, {strings.Repeat("9", 38), 20}} {
		d, _ := parseDecimal(tc.in)
		if got := numberSize(string(d.appendCode(nil))); got != tc.want {
			t.Errorf("size of %s = %d, want %d", tc.in, got, tc.want)
		}
	}
}
