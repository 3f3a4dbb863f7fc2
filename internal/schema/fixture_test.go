package schema

import (
	"flag"
	"os"
	"reflect"
	"strconv"
	"testing"
	"time"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files")

// pairs is how many pairs of values each property sees: a few seconds' worth, or an hour's with SOAK=1.
func pairs() int {
	if os.Getenv("SOAK") == "1" {
		return 1_000_000
	}
	return 25_000
}

// kinds has a field of every kind that a key can be made of.
type kinds struct {
	S, S2 string
	I8    int8
	I16   int16
	I32   int32
	I64   int64
	Int   int
	U8    uint8
	U16   uint16
	U32   uint32
	U64   uint64
	Uint  uint
	Named named
	B     bool
	T     time.Time
	Stamp stamp
	Bin   []byte
	ID    [4]byte
	Loud  loud
	Dial  dial
	Deep  *struct{ City string }
	N     *int64
	Secs  time.Time `dynamodbav:",unixtime"`
	Promoted
}

// Promoted is embedded for its fields.
type Promoted struct{ Zone string }

type named int16

type stamp time.Time

// loud has a text of its own, with what a key must escape.
type loud string

func (l loud) MarshalText() ([]byte, error)     { return []byte("#" + l + "$"), nil }
func (l *loud) UnmarshalText(text []byte) error { *l = loud(text[1 : len(text)-1]); return nil }
func (d *dial) MarshalText() ([]byte, error)    { return []byte(strconv.Itoa(10000 + int(d.N))), nil }
func (d *dial) UnmarshalText(text []byte) error { return nil }

// dial has its text by a pointer receiver only.
type dial struct{ N uint8 }

// parseTemplate reads a template over kinds.
func parseTemplate(t testing.TB, source string) *Template {
	t.Helper()
	r := &report{typ: "kinds"}
	e := &Entity{Struct: structOf(reflect.TypeFor[kinds]()).Struct, refs: map[string]*Ref{}}
	template := templateParser{r, e}.parse("pk", source)
	if len(r.problems) > 0 {
		t.Fatal(r.problems.Error())
	}
	return template
}

// renderTemplate renders a template from one value per member.
func renderTemplate(template *Template, values []any) (string, error) {
	n := -1
	text, missing, err := template.Append(nil, func(m *Member) (reflect.Value, bool, error) {
		n++
		v := reflect.ValueOf(values[n])
		return v, v.IsValid() && Present(v), nil
	})
	if err == nil && missing != nil {
		err = &KeyError{Field: missing.Ref.Path, Missing: true}
	}
	return string(text), err
}
