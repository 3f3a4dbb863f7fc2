package codec

import (
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

var (
	timeType        = reflect.TypeFor[time.Time]()
	timePointerType = reflect.TypeFor[*time.Time]()
)

// timeForm is the form of times: UTC with nine digits, so that the texts sort as the times do, or epoch seconds.
type timeForm struct{ unix bool }

func (f timeForm) encode(e *encoder, v reflect.Value) (types.AttributeValue, error) {
	t := timeOf(v).UTC()
	if year := t.Year(); year < 0 || year > 9999 {
		return nil, fail("the time is not within the years 0 to 9999")
	}
	var text [digitsPerTime]byte
	if f.unix {
		return e.number(e.digits(strconv.AppendInt(text[:0], t.Unix(), 10))), nil
	}
	return e.ascii(e.digits(appendTime(text[:0], t))), nil
}

func (f timeForm) decode(av types.AttributeValue, dst reflect.Value) error {
	t, err := parseTime(av, dst)
	if err == nil {
		setTime(dst, t)
	}
	return err
}

func (f timeForm) tally() tally {
	if f.unix {
		return tally{numbers: 1, digits: digitsPerNumber + 2}
	}
	return tally{texts: 1, digits: digitsPerTime}
}

// parseTime reads either form whatever the tag says, as attributevalue does.
func parseTime(av types.AttributeValue, dst reflect.Value) (time.Time, error) {
	switch m := av.(type) {
	case *types.AttributeValueMemberS:
		if m == nil {
			break
		}
		t, err := time.Parse(time.RFC3339, m.Value)
		if err != nil {
			return t, failAs("the text is no RFC 3339 time", err)
		}
		return t.UTC(), nil
	case *types.AttributeValueMemberN:
		if m == nil {
			break
		}
		seconds, ok := parseInt(m.Value)
		if !ok {
			return time.Time{}, misfit(dst)
		}
		return time.Unix(seconds, 0).UTC(), nil
	}
	return time.Time{}, mismatch(av, dst)
}

// timeOf reads a time without allocating where the value can be addressed.
func timeOf(v reflect.Value) time.Time {
	if !v.CanAddr() {
		return v.Convert(timeType).Interface().(time.Time)
	}
	return *timePointer(v)
}

func setTime(dst reflect.Value, t time.Time) { *timePointer(dst) = t }

func timePointer(v reflect.Value) *time.Time {
	p := v.Addr()
	if p.Type() != timePointerType {
		p = p.Convert(timePointerType)
	}
	return p.Interface().(*time.Time)
}

// appendTime writes 2006-01-02T15:04:05.000000000Z, several times faster than package time does.
func appendTime(b []byte, t time.Time) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	b = appendDigits(b, year, 4)
	b = appendDigits(append(b, '-'), int(month), 2)
	b = appendDigits(append(b, '-'), day, 2)
	b = appendDigits(append(b, 'T'), hour, 2)
	b = appendDigits(append(b, ':'), minute, 2)
	b = appendDigits(append(b, ':'), second, 2)
	b = appendDigits(append(b, '.'), t.Nanosecond(), 9)
	return append(b, 'Z')
}

func appendDigits(b []byte, n, width int) []byte {
	end := len(b) + width
	b = append(b, "000000000"[:width]...)
	for i := end - 1; n > 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
	return b
}
