package schema

import (
	"reflect"
	"strings"
)

// Tag is what a dynamodbav tag says of the encoding of one field: the options that package attributevalue honours.
type Tag struct {
	OmitEmpty     bool // an empty value is left out of the item
	OmitEmptyElem bool // the same for the elements of a list or map
	NullEmpty     bool // an empty value is written as NULL
	NullEmptyElem bool // the same for the elements of a list or map
	AsString      bool // a number is written as a string
	UnixTime      bool // a time is written as epoch seconds
	Set           Set  // a slice is written as a set
}

// Set says which kind of set a slice is written as, if any.
type Set uint8

// The kinds of sets.
const (
	NoSet Set = iota
	StringSet
	NumberSet
	BinarySet
)

// options is the closed table of the options of a dynamodbav tag.
var options = map[string]func(*Tag){
	"omitempty":     func(t *Tag) { t.OmitEmpty = true },
	"omitemptyelem": func(t *Tag) { t.OmitEmptyElem = true },
	"nullempty":     func(t *Tag) { t.NullEmpty = true },
	"nullemptyelem": func(t *Tag) { t.NullEmptyElem = true },
	"string":        func(t *Tag) { t.AsString = true },
	"unixtime":      func(t *Tag) { t.UnixTime = true },
	"stringset":     func(t *Tag) { t.Set = StringSet },
	"numberset":     func(t *Tag) { t.Set = NumberSet },
	"binaryset":     func(t *Tag) { t.Set = BinarySet },
}

// parseTag reads the dynamodbav tag of a field: the attribute name ("" for the field's own) and the options. A skipped field
// is not an attribute at all.
func parseTag(r *report, sf reflect.StructField) (name string, tag Tag, skipped bool) {
	text, given := sf.Tag.Lookup("dynamodbav")
	if !given {
		return "", Tag{}, false
	}
	parts := strings.Split(text, ",")
	if parts[0] == "-" {
		if len(parts) > 1 {
			r.addf(sf.Name, `dynamodbav:"-" leaves the field out, so its other options mean nothing; remove them`)
		}
		return "", Tag{}, true
	}
	seen := map[string]bool{}
	for _, option := range parts[1:] {
		set, known := options[option]
		switch {
		case !known:
			r.addf(sf.Name, "unknown option %q in the dynamodbav tag%s; the options are %s", option, hint(option, options), list(options))
		case seen[option]:
			r.addf(sf.Name, "option %q is given twice in the dynamodbav tag; remove one", option)
		default:
			set(&tag)
		}
		seen[option] = true
	}
	checkTag(r, sf, tag, seen)
	return parts[0], tag, false
}

// checkTag reports options that contradict each other or do not fit the type of the field; attributevalue ignores them in silence.
func checkTag(r *report, sf reflect.StructField, tag Tag, seen map[string]bool) {
	if tag.OmitEmpty && tag.NullEmpty {
		r.addf(sf.Name, "omitempty and nullempty contradict each other; keep one")
	}
	sets := 0
	for _, option := range []string{"stringset", "numberset", "binaryset"} {
		if seen[option] {
			sets++
		}
	}
	if sets > 1 {
		r.addf(sf.Name, "a set is of strings, of numbers or of binaries; keep one of stringset, numberset, binaryset")
	}
	t := indirect(sf.Type)
	if tag.Set != NoSet && t.Kind() != reflect.Slice && t.Kind() != reflect.Array {
		r.addf(sf.Name, "a set must be a slice, not %s; remove the set option", sf.Type)
	}
	if tag.UnixTime && !isTime(t) {
		r.addf(sf.Name, "unixtime is for time.Time, not %s; remove the option", sf.Type)
	}
	if tag.AsString && !isNumber(t.Kind()) && !isNumberText(t) {
		r.addf(sf.Name, `the option "string" writes a number as a string, and %s is no number; remove it`, sf.Type)
	}
}
