package memdb

import (
	"slices"
	"sort"
	"strings"
)

const (
	textBadPath    = "The document path provided in the update expression is invalid for update"
	textBadOperand = "An operand in the update expression has an incorrect data type"
	textNoOperand  = "The provided expression refers to an attribute that does not exist in the item"
)

// A change is an action whose new value is known; without one it removes.
type change struct {
	path  path
	value value
}

// apply works out the item that an update makes of old. Every operand is read
// from old, so the order of actions does not matter.
func (u *update) apply(old item) (item, *Error) {
	changes := make([]change, 0, len(u.actions))
	for _, a := range u.actions {
		v, changed, err := a.newValue(old)
		if err != nil {
			return "", err
		}
		if !reaches(old, a.path) {
			return "", invalid(textBadPath)
		}
		if changed {
			changes = append(changes, change{path: a.path, value: v})
		}
	}
	fields := rewriteFields(old.fields(), changes, 0)
	for _, f := range fields {
		if nestingOf(f.value) > maxNesting {
			return "", invalid(textNesting)
		}
	}
	return itemOf(fields), nil
}

// nestingOf counts the lists and maps around the innermost value.
func nestingOf(v value) int {
	deepest := 0
	switch v.kind() {
	case kindL:
		for _, e := range v.elements() {
			deepest = max(deepest, nestingOf(e))
		}
	case kindM:
		eachField(v.body(), func(_ string, e value) { deepest = max(deepest, nestingOf(e)) })
	default:
		return 0
	}
	return deepest + 1
}

// reaches tells whether there is a container to put the path's last step into.
func reaches(old item, p path) bool {
	if len(p) == 1 {
		return true
	}
	parent, ok := p[:len(p)-1].look(old)
	if !ok {
		return false
	}
	if p[len(p)-1].index >= 0 {
		return parent.kind() == kindL
	}
	return parent.kind() == kindM
}

// newValue is what an action puts at its path: nothing to remove it. It may also
// change nothing.
func (a action) newValue(old item) (v value, changes bool, err *Error) {
	switch a.section {
	case tokSet:
		v, err := a.operand.sumValue(old)
		return v, true, err
	case tokRemove:
		return "", true, nil
	}
	current, ok := a.path.look(old)
	operand := a.operand.val
	switch {
	case !ok:
		return operand, a.section == tokAdd, nil
	case current.kind() != operand.kind():
		return "", false, invalid(textBadOperand)
	case a.section == tokDelete:
		return setMinus(current, operand), true, nil
	case operand.kind() == kindN:
		v, err := addNumbers(current, operand, false)
		return v, true, err
	}
	return setPlus(current, operand), true, nil
}

func addNumbers(a, b value, minus bool) (value, *Error) {
	x, y := decodeNumber(a.body()), decodeNumber(b.body())
	if minus {
		y = y.negated()
	}
	sum := x.sum(y)
	if err := sum.check(textPrecision); err != nil {
		return "", err
	}
	return numberValue(sum), nil
}

func setPlus(a, b value) value {
	have := a.members()
	members := append([]string(nil), have...)
	for _, m := range b.members() {
		if i := sort.SearchStrings(have, m); i == len(have) || have[i] != m {
			members = append(members, m)
		}
	}
	return value(appendSet(nil, a.kind(), members))
}

func setMinus(a, b value) value {
	gone := b.members()
	var kept []string
	for _, m := range a.members() {
		if i := sort.SearchStrings(gone, m); i == len(gone) || gone[i] != m {
			kept = append(kept, m)
		}
	}
	if kept == nil {
		return ""
	}
	return value(appendSet(nil, a.kind(), kept))
}

// sumValue evaluates the right side of a SET.
func (e *expr) sumValue(old item) (value, *Error) {
	switch e.op {
	case opValue:
		return e.val, nil
	case opPath:
		if v, ok := e.path.look(old); ok {
			return v, nil
		}
		return "", invalid(textNoOperand)
	case "if_not_exists":
		other, err := e.args[1].sumValue(old) // it must exist, needed or not
		if v, ok := e.args[0].path.look(old); ok && err == nil {
			return v, nil
		}
		return other, err
	}
	left, err := e.args[0].sumValue(old)
	if err != nil {
		return "", err
	}
	right, err := e.args[1].sumValue(old)
	if err != nil {
		return "", err
	}
	want := kindN
	if e.op == "list_append" {
		want = kindL
	}
	if left.kind() != want || right.kind() != want {
		return "", invalid(textBadOperand)
	}
	if want == kindN {
		return addNumbers(left, right, e.op == "-")
	}
	buf, start := openContainer(nil, kindL)
	buf = append(append(buf, left.body()...), right.body()...)
	return value(closeContainer(buf, start)), nil
}

// rewriteFields applies the changes, whose paths are the same up to depth, to a
// map's fields.
func rewriteFields(fields string, changes []change, depth int) []field {
	byName := map[string][]change{}
	for _, c := range changes {
		name := c.path[depth].name
		byName[name] = append(byName[name], c)
	}
	var out []field
	eachField(fields, func(name string, v value) {
		if list, ok := byName[name]; ok {
			delete(byName, name)
			v = rewriteValue(v, list, depth+1)
		}
		if v != "" {
			out = append(out, field{name: name, value: v})
		}
	})
	for name, list := range byName {
		if v := rewriteValue("", list, depth+1); v != "" {
			out = append(out, field{name: name, value: v})
		}
	}
	slices.SortFunc(out, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return out
}

// rewriteValue applies changes to a value; nothing is left of one removed.
func rewriteValue(v value, changes []change, depth int) value {
	if len(changes[0].path) == depth {
		return changes[0].value
	}
	if changes[0].path[depth].index >= 0 {
		return rewriteList(v, changes, depth)
	}
	buf, start := openContainer(nil, kindM)
	for _, f := range rewriteFields(v.body(), changes, depth) {
		buf = append(appendText(buf, f.name), f.value...)
	}
	return value(closeContainer(buf, start))
}

// rewriteList applies changes to a list. Places are those of the old list; what
// is set beyond its end is appended in order, what is removed closes up.
func rewriteList(v value, changes []change, depth int) value {
	byIndex := map[int][]change{}
	var beyond []int
	elements := v.elements()
	for _, c := range changes {
		i := c.path[depth].index
		if len(byIndex[i]) == 0 && i >= len(elements) {
			beyond = append(beyond, i)
		}
		byIndex[i] = append(byIndex[i], c)
	}
	buf, start := openContainer(nil, kindL)
	for i, e := range elements {
		if list := byIndex[i]; list != nil {
			e = rewriteValue(e, list, depth+1)
		}
		buf = append(buf, e...)
	}
	sort.Ints(beyond)
	for _, i := range beyond {
		buf = append(buf, rewriteValue("", byIndex[i], depth+1)...)
	}
	return value(closeContainer(buf, start))
}
