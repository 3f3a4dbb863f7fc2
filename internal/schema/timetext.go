package schema

import (
	"reflect"
	"time"
)

// timeUnit is what the text of a time is cut to.
type timeUnit uint8

const (
	wholeTime timeUnit = iota
	month
	day
	hour
)

const keyTime = "2006-01-02T15:04:05.000000000Z"

// layout is the form of the text: the beginning of the whole one.
func (u timeUnit) layout() string {
	return keyTime[:[...]int{wholeTime: len(keyTime), month: len("2006-01"), day: len("2006-01-02"), hour: len("2006-01-02T15")}[u]]
}

func (m *Member) appendTime(dst []byte, t time.Time) ([]byte, error) {
	t = t.UTC()
	switch {
	case !hasKeyYear(t):
		return dst, m.fail("the time lies outside the years 0000 to 9999, whose text sorts")
	case m.Unix && m.Pad > 0 && t.Unix() < 0:
		return dst, m.fail("the time lies before 1970, and |pad takes only seconds from zero up")
	case m.Unix:
		return m.appendSigned(dst, t.Unix())
	}
	at := len(dst)
	dst = t.AppendFormat(dst, m.unit.layout())
	if m.Desc {
		for i, b := range dst[at:] {
			if b >= '0' && b <= '9' {
				dst[at+i] = '0' + '9' - b
			}
		}
	}
	return dst, nil
}

// hasKeyYear reports whether the year, in UTC, has four digits.
func hasKeyYear(t time.Time) bool { return t.Year() >= 0 && t.Year() <= 9999 }

// writable reports whether the member has a text for a time.
func (m *Member) writable(t time.Time) bool {
	sec := t.Unix()
	return hasKeyYear(t) && !(m.Unix && m.Pad > 0 && (sec < 0 || uint64(sec) > padLimit(m.Pad)))
}

// bucket is the first instant, in UTC, of those that have one text.
func (m *Member) bucket(t time.Time) time.Time {
	t = t.UTC()
	y, mon, d := t.Date()
	switch {
	case m.Unix:
		return time.Unix(t.Unix(), 0).UTC()
	case m.unit == month:
		return time.Date(y, mon, 1, 0, 0, 0, 0, time.UTC)
	case m.unit == day:
		return time.Date(y, mon, d, 0, 0, 0, 0, time.UTC)
	case m.unit == hour:
		return time.Date(y, mon, d, t.Hour(), 0, 0, 0, time.UTC)
	}
	return t
}

// nextBucket is the first instant behind a bucket that begins at t.
func (m *Member) nextBucket(t time.Time) time.Time {
	switch m.unit {
	case month:
		return t.AddDate(0, 1, 0)
	case day:
		return t.AddDate(0, 0, 1)
	}
	return t.Add(time.Hour)
}

// tick is the distance between neighbouring times: what lies between two whole seconds is nowhere where whole seconds are stored.
// Only a text that is cut makes a difference between the two: there a bound can lie on an edge.
func (m *Member) tick() time.Duration {
	if m.truncates() && m.storedInSeconds() {
		return time.Second
	}
	return time.Nanosecond
}

// Bucketed reports whether the text is a month, a day or an hour, so that [Member.Buckets] can list them.
func (m *Member) Bucketed() bool { return m.unit != wholeTime }

// Buckets lists the months, days or hours from that of lo to that of hi, each by its first instant, as values of the field's type.
// ok is false where there are more than limit, and for a member that is cut to none of these.
func (m *Member) Buckets(lo, hi reflect.Value, limit int) (starts []reflect.Value, ok bool) {
	if !m.Bucketed() {
		return nil, false
	}
	last := asTime(hi)
	if asTime(lo).After(last) {
		return nil, true
	}
	for at := m.bucket(asTime(lo)); !at.After(last); at = m.nextBucket(at) {
		if len(starts) >= limit {
			return nil, false
		}
		starts = append(starts, reflect.ValueOf(at).Convert(m.Ref.Type()))
	}
	return starts, true
}

func asTime(v reflect.Value) time.Time {
	if v.Type() == timeType {
		return v.Interface().(time.Time)
	}
	return v.Convert(timeType).Interface().(time.Time)
}
