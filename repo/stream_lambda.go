package repo

import (
	"cmp"
	"encoding/json"
	"errors"
	"iter"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// LambdaEvent decodes the event that a Lambda function gets from a table's stream: its JSON as it came. It takes {"Records":[...]}; an
// array of records, as EventBridge Pipes sends; and one record alone, which is what a Kinesis stream of a table carries. Changes come in
// the order of the records. Numbers are never floats, and what the records hold beside a change's fields is ignored.
//
// An image that does not fit its type, or a record that is none, is [ErrInvalidValue]: the error says which record, counted from 0, which
// part of it, and which entity and field, or byte of the event. The Change beside it has what could be read of that record,
// SequenceNumber above all, and the next records follow: return at the first error to have Lambda try again from there. An event that is
// no JSON is one error, the only one, with a zero Change. An image of no member is no error: see [Change.Unknown].
//
// Ranging again decodes again. The event may be changed afterwards: nothing of it is kept. Safe for concurrent use.
func (d *Decoder) LambdaEvent(event []byte) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		if bad := whole(event); bad != "" {
			yield(Change{}, &Error{Op: lambdaOp, kind: ErrInvalidValue, Reason: bad})
			return
		}
		n := 0
		records(event, func(r streamRecord) bool {
			c, err := d.change(lambdaOp, r, "record "+strconv.Itoa(n))
			n++
			return yield(c, err)
		})
	}
}

const lambdaOp = "LambdaEvent"

// whole says why an event is no JSON; "" if it is.
func whole(event []byte) string {
	if !utf8.Valid(event) {
		return "the event is no valid UTF-8"
	}
	if json.Valid(event) {
		return ""
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(event, &json.RawMessage{}); errors.As(err, &syntax) {
		return "the event is no JSON, or cut, at byte " + strconv.FormatInt(syntax.Offset, 10)
	}
	return "the event is no JSON"
}

// records reads the records of a valid event, one after another.
func records(event []byte, yield func(streamRecord) bool) {
	r := &jsonReader{text: event}
	if !r.seek() {
		yield(r.record())
		return
	}
	r.array(func() bool { return yield(r.record()) })
}

// seek goes to the array of the records, and reports whether there is one; else the event is a record itself.
func (r *jsonReader) seek() bool {
	if r.next() == '[' {
		return true
	}
	if r.next() != '{' {
		return false
	}
	begin, list := r.at, 0
	r.object(func(name string) {
		if r.next() == '[' && name == "Records" {
			list = r.at
		}
		r.skip()
	})
	if r.at = begin; list > 0 {
		r.at = list
	}
	return list > 0
}

// record takes one record.
func (r *jsonReader) record() (out streamRecord) {
	r.part, r.bad = "the record", ""
	r.members(func(name string) {
		switch name {
		case "eventID":
			out.EventID = r.str()
		case "eventName":
			out.name = r.str()
		case "userIdentity":
			r.identity(&out)
		case "dynamodb":
			r.body(&out)
		default:
			r.skip()
		}
	})
	out.bad = r.bad
	return out
}

// identity takes who did it.
func (r *jsonReader) identity(out *streamRecord) {
	r.members(func(name string) {
		switch name {
		case "type":
			out.identity = r.str()
		case "principalId":
			out.principal = r.str()
		default:
			r.skip()
		}
	})
}

// body takes the part of a record that says what was done to what.
func (r *jsonReader) body(out *streamRecord) {
	var at, unit string
	r.members(func(name string) {
		switch name {
		case "Keys":
			out.Keys = r.named("Keys")
		case "OldImage":
			out.OldImage = r.named("OldImage")
		case "NewImage":
			out.NewImage = r.named("NewImage")
		case "SequenceNumber":
			out.SequenceNumber = r.str()
		case "ApproximateCreationDateTime":
			at = r.raw()
		case "ApproximateCreationDateTimePrecision":
			unit = r.raw()
		default:
			r.skip()
		}
	})
	out.At = approximately(at, unit)
}

// named takes the image of that name. One without attributes is none, and so is one that has something wrong.
func (r *jsonReader) named(part string) item {
	outer, before := r.part, r.bad
	r.part, r.bad = part, ""
	out := r.image(0)
	if r.bad != "" || len(out) == 0 {
		out = nil
	}
	r.part, r.bad = outer, cmp.Or(before, r.bad)
	return out
}

// raw takes a value as it stands.
func (r *jsonReader) raw() string {
	r.next()
	from := r.at
	r.skip()
	return string(r.text[from:r.at])
}

// approximately reads the time of a record: seconds since 1970, or what the record says to count; Kinesis counts finer. Floats keep
// microseconds well beyond this century. What is no such time is none: it decides nothing.
func approximately(text, unit string) time.Time {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return time.Time{}
	}
	switch unit {
	case `"MILLISECOND"`:
		n *= 1e3
	case `"MICROSECOND"`:
	case "":
		n *= 1e6
	default:
		return time.Time{}
	}
	const year10000 = 253402300800 * 1e6
	if n <= 0 || n >= year10000 {
		return time.Time{}
	}
	return time.UnixMicro(int64(math.Round(n))).UTC()
}
