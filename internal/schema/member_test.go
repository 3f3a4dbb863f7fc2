package schema

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestLossy(t *testing.T) {
	for _, tt := range []struct {
		reason, template string
		lossy, prefixes  bool
	}{
		{"a string is all there, and its prefixes are", "{S}", false, true},
		{"raw too", "{S|raw}", false, true},
		{"folded it serves prefixes, of what differs in case as well", "{S|fold}", true, true},
		{"a text for an empty field could begin with a prefix", "{S|or=NONE}", false, false},
		{"a bucket says next to nothing", "{S|shard=16}", true, false},
		{"a text of its own is all there, and has no prefixes of its own", "{Dial}", false, false},
		{"reversed or not, an integer is", "{I64|desc}", false, false},
		{"a time is", "{T}", false, false},
		{"a month is not", "{T|month}", true, false},
		{"a day is not", "{T|day|desc}", true, false},
		{"an hour is not", "{T|hour}", true, false},
		{"seconds are not", "{T|unix}", true, false},
		{"where whole seconds are stored they are", "{Secs|unix|desc}", false, false},
		{"and a day of them is not", "{Secs|day}", true, false},
	} {
		m := parseTemplate(t, tt.template).Members()[0]
		if m.Lossy() != tt.lossy || m.ServesPrefix() != tt.prefixes {
			t.Errorf("%s: %s is lossy: %v, serves prefixes: %v", tt.reason, tt.template, m.Lossy(), m.ServesPrefix())
		}
	}
}

// calendar is a time with an encoding of its own.
type calendar time.Time

func (calendar) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return nil, nil }

// TestSecondsOfTheirOwn has a time that is stored as its own encoding says, whatever its tag does.
func TestSecondsOfTheirOwn(t *testing.T) {
	f := &Field{Name: "At", Type: reflect.TypeFor[calendar](), Tag: Tag{UnixTime: true}}
	m := &Member{Ref: &Ref{Path: "At", Steps: []*Field{f}}, Unix: true, kind: kindTime}
	if !m.Lossy() {
		t.Error("what its encoding stores is not known, and said to be whole seconds")
	}
}

func TestBuckets(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for _, tt := range []struct {
		reason, template, lo, hi string
		limit                    int
		want                     []string
		ok                       bool
	}{
		{"days from one to another, both included", "{T|day}", "2026-02-27T12:00:00Z", "2026-03-01T00:00:00Z", 10, []string{"2026-02-27", "2026-02-28", "2026-03-01"}, true},
		{"reversed ones too, and they ascend", "{T|day|desc}", "2026-02-28T00:00:00Z", "2026-03-01T23:59:59.999999999Z", 10, []string{"2026-02-28", "2026-03-01"}, true},
		{"months", "{T|month}", "2025-11-30T23:59:59Z", "2026-02-01T00:00:00Z", 4, []string{"2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"}, true},
		{"hours", "{T|hour}", "2026-01-01T23:30:00Z", "2026-01-02T00:00:00Z", 2, []string{"2026-01-01T23:00:00Z", "2026-01-02"}, true},
		{"the days are those of UTC", "{Stamp|day}", "2026-01-01T23:30:00-11:00", "2026-01-02T23:30:00+11:00", 2, []string{"2026-01-02"}, true},
		{"a moment is in one", "{T|day}", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", 1, []string{"2026-01-02"}, true},
		{"more than the limit are none", "{T|day}", "2026-01-01T00:00:00Z", "2026-01-11T00:00:00Z", 10, nil, false},
		{"however many more", "{T|hour}", "0000-01-01T00:00:00Z", "9999-12-31T00:00:00Z", 1000, nil, false},
		{"nothing lies between two times that are the wrong way round", "{T|day}", "2026-01-02T03:04:05Z", "2026-01-02T03:04:04Z", 10, nil, true},
		{"a time that is not cut has none", "{T}", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", 10, nil, false},
		{"nor have seconds", "{T|unix}", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", 10, nil, false},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			m := parseTemplate(t, tt.template).Members()[0]
			as := func(text string) reflect.Value { return reflect.ValueOf(at(text)).Convert(m.Ref.Type()) }
			starts, ok := m.Buckets(as(tt.lo), as(tt.hi), tt.limit)
			if !m.Bucketed() && ok {
				t.Error("it has none, and they are listed")
			}
			var want []time.Time
			for _, text := range tt.want {
				if len(text) == len("2006-01-02") {
					text += "T00:00:00Z"
				}
				want = append(want, at(text))
			}
			same := func(v reflect.Value, w time.Time) bool { return v.Type() == m.Ref.Type() && asTime(v).Equal(w) }
			if ok != tt.ok || !slices.EqualFunc(starts, want, same) {
				t.Errorf("got %v, %v", starts, ok)
			}
		})
	}
}

// TestEveryBucket lists buckets between times at random: they begin with that of the one, end with that of the other, and each begins
// where the text of the one before ends.
func TestEveryBucket(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 0))
	spans := map[string]time.Duration{"{T|month}": 400 * 24 * time.Hour, "{T|day|desc}": 50 * 24 * time.Hour, "{T|hour}": 50 * time.Hour}
	for source, span := range spans {
		m := parseTemplate(t, source).Members()[0]
		text := func(x time.Time) string {
			out, err := m.AppendText(nil, reflect.ValueOf(x))
			if err != nil {
				t.Fatal(err)
			}
			return string(out)
		}
		for range pairs() / 50 {
			lo := nearTime(r, drawTime(r))
			hi := nearTime(r, lo.Add(time.Duration(r.Int64N(int64(span)))))
			if hi.Before(lo) || hi.After(lastTime) || lo.Before(firstTime.AddDate(0, 1, 0)) {
				continue
			}
			starts, ok := m.Buckets(reflect.ValueOf(lo), reflect.ValueOf(hi), 100_000)
			if !ok || len(starts) == 0 || text(asTime(starts[0])) != text(lo) || text(asTime(starts[len(starts)-1])) != text(hi) {
				t.Fatalf("%s: from %v to %v: %v", source, lo, hi, ok)
			}
			for i, start := range starts {
				before := text(asTime(start).Add(-1))
				if before == text(asTime(start)) || i > 0 && before != text(asTime(starts[i-1])) {
					t.Fatalf("%s: from %v to %v: no bucket begins at %v", source, lo, hi, start)
				}
			}
		}
	}
}

func TestShards(t *testing.T) {
	m := parseTemplate(t, "{S|shard=101}#A").Members()[0]
	seen := map[int]int{}
	r := rand.New(rand.NewPCG(17, 0))
	for range 101 * 200 {
		v := reflect.ValueOf(drawString(r) + drawString(r))
		bucket, err := m.ShardOf(v)
		if err != nil {
			t.Fatal(err)
		}
		text, err := m.AppendText([]byte("x"), v)
		if err != nil || string(text) != string(m.AppendShard([]byte("x"), bucket)) {
			t.Fatalf("bucket %d is written %q", bucket, text)
		}
		seen[bucket]++
	}
	for bucket := range 101 {
		if n := seen[bucket]; n < 100 || n > 300 {
			t.Errorf("bucket %d has %d of 20,200 values", bucket, n)
		}
	}
	if len(seen) > 101 {
		t.Errorf("there are %d buckets", len(seen))
	}
	if _, err := m.ShardOf(reflect.ValueOf("\xff")); err == nil {
		t.Error("what has no text has a bucket")
	}
}
