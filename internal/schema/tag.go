package schema

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
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
func parseTag(r *report, at string, sf reflect.StructField) (name string, tag Tag, skipped bool) {
	text, given := sf.Tag.Lookup("dynamodbav")
	if !given {
		return "", Tag{}, false
	}
	parts := strings.Split(text, ",")
	if parts[0] == "-" {
		if len(parts) > 1 {
			r.addf(at, `dynamodbav:"-" leaves the field out, so its other options mean nothing; remove them`)
		}
		return "", Tag{}, true
	}
	checkName(r, at, parts[0])
	seen := map[string]bool{}
	for _, option := range parts[1:] {
		set, known := options[option]
		switch {
		case !known:
			r.addf(at, "unknown option %q in the dynamodbav tag%s; the options are %s", option, hint(option, options), list(options))
		case seen[option]:
			r.addf(at, "option %q is given twice in the dynamodbav tag; remove one", option)
		default:
			set(&tag)
		}
		seen[option] = true
	}
	checkTag(r, at, sf.Type, tag, seen)
	return parts[0], tag, false
}

// checkName reports attribute names that cannot be meant.
func checkName(r *report, at, name string) {
	switch _, option := options[name]; {
	case option && name != "string":
		r.addf(at, `the tag names the attribute %q, which is an option; write dynamodbav:",%s"`, name, name)
	case !utf8.ValidString(name):
		r.addf(at, "the attribute's name is not valid UTF-8; DynamoDB would change it in silence")
	}
}

// checkTag reports options that contradict each other or do not fit the type of the field; attributevalue ignores them in silence.
func checkTag(r *report, at string, typ reflect.Type, tag Tag, seen map[string]bool) {
	if tag.OmitEmpty && tag.NullEmpty {
		r.addf(at, "omitempty and nullempty contradict each other; keep one")
	}
	t := indirect(typ)
	checkSet(r, at, typ, seen)
	if tag.UnixTime && !isTime(t) {
		r.addf(at, "unixtime is for time.Time, not %s; remove the option", typ)
	}
	if tag.AsString && !isNumber(t.Kind()) && !isNumberText(t) {
		r.addf(at, `the option "string" writes a number as a string, and %s is no number; remove it`, typ)
	}
}

// sets is the closed table of the set options: what a set of each kind holds.
var sets = map[string]struct {
	holds string
	takes func(reflect.Type) bool
}{
	"stringset": {"strings", func(t reflect.Type) bool { return t.Kind() == reflect.String && !isNumberText(t) || isTime(t) }},
	"numberset": {"numbers", func(t reflect.Type) bool { return isNumber(t.Kind()) || isNumberText(t) }},
	"binaryset": {"binaries", isBytes},
}

// checkSet checks the set option of a field, if it has one. What types with an encoding of their own hold is not known here.
func checkSet(r *report, at string, typ reflect.Type, seen map[string]bool) {
	given := slices.DeleteFunc(slices.Sorted(maps.Keys(sets)), func(option string) bool { return !seen[option] })
	if len(given) > 1 {
		r.addf(at, "a set is of strings, of numbers or of binaries; keep one of %s", strings.Join(given, ", "))
	}
	if len(given) != 1 {
		return
	}
	set, t := sets[given[0]], indirect(typ)
	switch {
	case t.Kind() != reflect.Slice && t.Kind() != reflect.Array || isBytes(t):
		r.addf(at, "a set must be a slice of %s, not %s; remove the option %s", set.holds, typ, given[0])
	case t.Elem().Kind() != reflect.Interface && !IsOpaque(t.Elem()) && !set.takes(indirect(t.Elem())):
		r.addf(at, "%s is for slices of %s, not %s; remove the option or choose another one", given[0], set.holds, typ)
	}
}
