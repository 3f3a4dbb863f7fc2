package schema

import (
	"slices"
	"strconv"
	"strings"
)

// verb is one word that may follow a bar in a template.
type verb struct {
	set      func(m *Member, arg string) (reason string) // takes it in
	fits     func(m *Member) (kinds string)              // which fields it is for, where the member's is none of those
	argument bool                                        // it is written verb=argument
}

// verbs is the closed table of them.
var verbs = map[string]verb{
	"pad":   {set: (*Member).setPad, fits: forNumbers, argument: true},
	"desc":  {set: func(m *Member, _ string) string { m.Desc = true; return "" }, fits: forSortables},
	"raw":   {set: func(m *Member, _ string) string { m.Raw = true; return "" }, fits: forStrings},
	"plain": {set: func(m *Member, _ string) string { m.Plain = true; return "" }, fits: forNumbers},
	"day":   {set: func(m *Member, _ string) string { return m.setUnit(day) }, fits: forTimes},
	"month": {set: func(m *Member, _ string) string { return m.setUnit(month) }, fits: forTimes},
	"hour":  {set: func(m *Member, _ string) string { return m.setUnit(hour) }, fits: forTimes},
	"unix":  {set: func(m *Member, _ string) string { m.Unix = true; return "" }, fits: forTimes},
	"fold":  {set: func(m *Member, _ string) string { m.Fold = true; return "" }, fits: forStrings},
	"or":    {set: (*Member).setOr, fits: forEmptyables, argument: true},
	"shard": {set: (*Member).setShard, fits: func(*Member) string { return "" }, argument: true},
}

// timeWords are the verbs of which a time can have one.
var timeWords = []string{"month", "day", "hour", "unix"}

// shape applies the verbs of a template to a member, and says what is wrong with each, or with all of them together.
func (m *Member) shape(words []string) (reasons []string) {
	var names []string
	seen := map[string]bool{}
	for _, word := range words {
		name, reason := m.apply(word)
		switch {
		case reason != "":
			reasons = append(reasons, reason)
		case seen[name]:
			reasons = append(reasons, "the verb "+name+" is given twice; remove one")
		default:
			names = append(names, name)
		}
		seen[name] = true
	}
	// Whether a verb fits can depend on one behind it: the order of verbs makes no difference.
	for _, name := range names {
		if kinds := verbs[name].fits(m); kinds != "" {
			reasons = append(reasons, "the verb "+name+" is for "+kinds+", not for "+m.Ref.Type().String()+"; remove it")
		}
	}
	if len(reasons) == 0 {
		reasons = m.contradictions(names)
	}
	return reasons
}

// apply takes in one verb.
func (m *Member) apply(word string) (name, reason string) {
	name, arg, given := strings.Cut(word, "=")
	v, known := verbs[name]
	switch {
	case !known:
		return name, "unknown verb " + strconv.Quote(name) + hint(name, verbs) + "; the verbs are " + list(verbs)
	case given && !v.argument:
		return name, "the verb " + name + " takes no argument; remove it"
	}
	return name, v.set(m, arg)
}

// contradictions are what verbs that are right by themselves say together.
func (m *Member) contradictions(names []string) (reasons []string) {
	ways := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(timeWords, name) })
	if len(ways) > 1 {
		reasons = append(reasons, strings.Join(ways, " and ")+" write one time in different ways; keep one of them")
	}
	if m.Plain && (m.Pad > 0 || m.Desc) {
		reasons = append(reasons, "plain writes the number as usual, so pad and desc contradict it; remove one")
	}
	if m.Shard > 0 && len(names) > 1 {
		reasons = append(reasons, "shard writes a number made of the value, whatever the other verbs make of that; remove them")
	}
	if !m.Raw && strings.IndexFunc(m.Or, func(r rune) bool { return r <= escapeLast }) >= 0 {
		reasons = append(reasons, "the text of or stands in the key as it is, and must hold no #, no $ and nothing that sorts below them; choose another, as in or=NONE")
	}
	return reasons
}

func (m *Member) setPad(arg string) string {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 1 || n > intDigits {
		return "pad wants a number of digits from 1 to 20, as in pad=8, not " + strconv.Quote(arg)
	}
	m.Pad = n
	return ""
}

func (m *Member) setUnit(unit timeUnit) string {
	m.unit = unit
	return ""
}

// setOr takes any text: bars and braces, which end it, are the template's own.
func (m *Member) setOr(arg string) string {
	if arg == "" {
		return "or wants the text of an empty field, as in or=NONE"
	}
	m.Or = arg
	return ""
}

func (m *Member) setShard(arg string) string {
	n, err := strconv.Atoi(arg)
	if err != nil || n < 2 || n > MaxShards {
		return "shard wants a number of buckets from 2 to 1000, as in shard=16, not " + strconv.Quote(arg)
	}
	m.Shard = n
	return ""
}

func forNumbers(m *Member) string {
	switch {
	case m.kind == kindSigned || m.kind == kindUnsigned || m.kind == kindTime && m.Unix:
		return ""
	case m.kind == kindTime:
		return "integers, and for times with |unix"
	}
	return "integers"
}

func forStrings(m *Member) string {
	if m.kind != kindString && m.kind != kindMarshaler {
		return "strings"
	}
	return ""
}

func forTimes(m *Member) string {
	if m.kind != kindTime {
		return "times"
	}
	return ""
}

func forSortables(m *Member) string {
	switch m.kind {
	case kindSigned, kindUnsigned, kindTime, kindBool:
		return ""
	}
	return "integers, times and bools"
}

func forEmptyables(m *Member) string {
	if !m.canBeEmpty() {
		return "fields that can be empty, as below a pointer"
	}
	return ""
}

// foreign says how the member is written in tables whose keys have delimiters of their own.
func (m *Member) foreign() string {
	switch {
	case m.kind == kindString || m.kind == kindMarshaler:
		return "; for a table with delimiters of its own use {" + m.Ref.Path + "|raw}"
	case m.kind == kindTime && m.Unix:
		return "; for a table with delimiters of its own use {" + m.Ref.Path + "|unix|plain}, and nothing that could be a digit or sign behind it"
	case m.kind == kindSigned || m.kind == kindUnsigned:
		return "; for a table with delimiters of its own use {" + m.Ref.Path + "|plain}, and nothing that could be a digit or sign behind it"
	}
	return ""
}
