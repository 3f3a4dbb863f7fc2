package codec

import (
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// numberOf gives the text of an attribute that is a number: an N, or an S where the tag says "string".
func numberOf(av types.AttributeValue, asString bool) (string, bool) {
	switch m := av.(type) {
	case *types.AttributeValueMemberN:
		if m != nil {
			return m.Value, true
		}
	case *types.AttributeValueMemberS:
		if m != nil && asString {
			return m.Value, true
		}
	}
	return "", false
}

func numeralTally(asString bool) tally {
	if asString {
		return tally{texts: 1, digits: digitsPerNumber}
	}
	return tally{numbers: 1, digits: digitsPerNumber}
}

// intForm is the form of signed integers.
type intForm struct{ asString bool }

func (f intForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	var text [20]byte
	return e.numeral(e.digits(strconv.AppendInt(text[:0], v.Int(), 10)), f.asString), nil
}

func (f intForm) decode(av types.AttributeValue, dst reflect.Value) error {
	text, ok := numberOf(av, f.asString)
	if !ok {
		return mismatch(av, dst)
	}
	n, ok := parseInt(text)
	if !ok || dst.OverflowInt(n) {
		return misfit(dst)
	}
	dst.SetInt(n)
	return nil
}

func (f intForm) tally() tally { return numeralTally(f.asString) }

func (intForm) check(reflect.Value) error { return nil }

func parseInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err == nil {
		return n, true
	}
	if s, ok := integer(s); ok {
		n, err = strconv.ParseInt(s, 10, 64)
	}
	return n, err == nil
}

// uintForm is the form of unsigned integers.
type uintForm struct{ asString bool }

func (f uintForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	var text [20]byte
	return e.numeral(e.digits(strconv.AppendUint(text[:0], v.Uint(), 10)), f.asString), nil
}

func (f uintForm) decode(av types.AttributeValue, dst reflect.Value) error {
	text, ok := numberOf(av, f.asString)
	if !ok {
		return mismatch(av, dst)
	}
	n, ok := parseUint(text)
	if !ok || dst.OverflowUint(n) {
		return misfit(dst)
	}
	dst.SetUint(n)
	return nil
}

func (f uintForm) tally() tally { return numeralTally(f.asString) }

func (uintForm) check(reflect.Value) error { return nil }

func parseUint(s string) (uint64, bool) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err == nil {
		return n, true
	}
	if s, ok := integer(s); ok {
		n, err = strconv.ParseUint(s, 10, 64)
	}
	return n, err == nil
}

// misfit is the error about a number that its Go type cannot hold exactly, or that is no number.
func misfit(dst reflect.Value) error {
	return fail("the number does not fit into " + dst.Type().String())
}

// floatForm is the form of floating-point numbers.
type floatForm struct {
	asString bool
	bits     int
}

func (f floatForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if err := f.check(v); err != nil {
		return nil, err
	}
	var text [32]byte
	return e.numeral(e.digits(strconv.AppendFloat(text[:0], v.Float(), 'f', -1, f.bits)), f.asString), nil
}

func (f floatForm) decode(av types.AttributeValue, dst reflect.Value) error {
	text, ok := numberOf(av, f.asString)
	if !ok {
		return mismatch(av, dst)
	}
	n, ok := parseFloat(text, f.bits)
	if !ok {
		return misfit(dst)
	}
	dst.SetFloat(n)
	return nil
}

func (f floatForm) tally() tally { return numeralTally(f.asString) }

// check refuses what DynamoDB would refuse: 17 digits always fit, but not every exponent.
func (f floatForm) check(v reflect.Value) error {
	switch x := math.Abs(v.Float()); {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return fail("NaN and infinities are no numbers to DynamoDB")
	case !f.asString && (x >= 1e126 || x != 0 && x < 1e-130):
		return fail(outOfRange)
	}
	return nil
}

// parseFloat takes decimal literals only, where strconv takes "inf" and hexadecimal ones too.
func parseFloat(s string, bits int) (float64, bool) {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9', c == '-', c == '+', c == '.', c == 'e', c == 'E':
		default:
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(s, bits)
	return n, err == nil
}

// numeralForm is the form of json.Number and its like: numbers that are kept as text.
type numeralForm struct{ asString bool }

func (f numeralForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	if err := f.check(v); err != nil {
		return nil, err
	}
	return e.numeral(v.String(), f.asString), nil
}

// decode keeps the digits. It takes a string whatever the tag says, as attributevalue does.
func (f numeralForm) decode(av types.AttributeValue, dst reflect.Value) error {
	text, ok := numberOf(av, true)
	if !ok {
		return mismatch(av, dst)
	}
	if _, ok := parseDecimal(text); !ok && text != "" {
		return misfit(dst)
	}
	dst.SetString(text)
	return nil
}

func (f numeralForm) tally() tally {
	t := numeralTally(f.asString)
	t.digits = 0 // it has its text already
	return t
}

// check is lenient about numbers that are written as strings: those exceed DynamoDB's limits for a reason.
func (f numeralForm) check(v reflect.Value) error {
	if !f.asString {
		return checkNumber(v.String())
	}
	if _, ok := parseDecimal(v.String()); !ok && v.Len() > 0 {
		return fail(notNumber)
	}
	return nil
}
