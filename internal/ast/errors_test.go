package ast

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
)

// secret is in every value and map key of the faulty requests; no text of an error may hold it.
const secret = "s3cret"

func TestErrors(t *testing.T) {
	status, title, total, list, tags := field(t, "Status"), field(t, "Title"), field(t, "Total"), field(t, "Lines"), field(t, "Tags")
	notes := field(t, "Notes")
	ok := Exists(status)
	cond := func(c *Cond) Request { return Request{Condition: c} }
	update := func(changes ...Change) Request { return Request{Changes: changes} }
	for _, c := range []struct {
		reason  string
		request Request
		kind    error
		text    string
	}{
		{"In of nothing", cond(In(status)), ErrInvalid, "Status: In needs at least one value: of none it could never hold"},
		{"Or of nothing", cond(And(ok, Or())), ErrInvalid, "Or needs at least one condition"},
		{"Or of a condition that always holds", cond(Or(ok, nil)), ErrInvalid, "Or was given an empty condition, which would always hold; leave it out"},
		{"Not of nothing", cond(Not(nil)), ErrInvalid, "Not needs a condition, and was given an empty one"},
		{"the first error of several, deep in the tree", cond(And(ok, Or(ok, Not(And(In(total), ok))), In(status))), ErrInvalid, "Total: In needs at least one value: of none it could never hold"},
		{"an error in a filter", Request{Filter: In(status)}, ErrInvalid, "Status: In needs at least one value: of none it could never hold"},
		{"an ordering of bools", cond(Compare(OpLt, field(t, "Paid"), of(field(t, "Paid"), true))), ErrInvalid, "Paid: a bool has no order; compare for equality, or test for existence"},
		{"an ordering of structs", cond(Compare(OpGe, field(t, "Ship"), of(field(t, "Ship"), address{City: secret}))), ErrInvalid, "Ship: a map has no order; compare for equality, or test for existence"},
		{"an ordering of NULL", cond(Compare(OpGt, field(t, "Count"), of(field(t, "Count"), (*int)(nil)))), ErrInvalid, "Count: NULL has no order; compare for equality, or test for existence"},
		{"a range of lists", cond(Between(list, of(list, []line{{SKU: secret}}), of(list, []line{}))), ErrInvalid, "Lines: a list has no order; compare for equality, or test for existence"},
		{"a range of sets, one of them empty", cond(Between(tags, of(tags, []string{}), of(tags, []string{secret}))), ErrInvalid, "Tags: nothing has no order; compare for equality, or test for existence"},
		{"an ordering of numbers that are stored as text", cond(Compare(OpLt, field(t, "Code"), of(field(t, "Code"), 10))), ErrInvalid, "Code: its numbers are stored as text, which sorts in another order; compare for equality, or store it as a number"},
		{"a prefix of a number", cond(BeginsWith(total, of(total, int64(1)))), ErrInvalid, "Total: a prefix must be text or binary, and the field's values are stored as a number"},
		{"equality with nothing", cond(Compare(OpEq, status, Operand{})), ErrInvalid, "Status: the value has no stored form to compare with; use Exists or NotExists"},
		{"one of nothing", cond(In(status, s(secret), Operand{})), ErrInvalid, "Status: a value has no stored form to compare with; use Exists or NotExists"},
		{"a part of nothing", cond(Contains(status, Operand{})), ErrInvalid, "Status: the value has no stored form that could be contained"},
		{"an attribute compared with itself", cond(CompareAttr(OpEq, total, field(t, "Total"))), ErrInvalid, "Total: is compared with itself; name another attribute"},
		{"attributes that are stored in different ways", cond(CompareAttr(OpEq, field(t, "Code"), field(t, "Other"))), ErrInvalid, "Code, Other: are stored in different ways by their tags, so that they never compare as their values do"},
		{"a comparison with no path", cond(CompareAttr(OpEq, total, Path{})), ErrInvalid, "a path is missing; make it with the functions of package expr"},
		{"a condition on no path", cond(Compare(OpEq, Path{}, Path{}.Operand(valueOf(secret)))), ErrInvalid, "a path is missing; make it with the functions of package expr"},
		{"an element of no path", cond(Exists(Path{}.At(0).Key(secret).KeyOf(valueOf(secret)))), ErrInvalid, "a path is missing; make it with the functions of package expr"},
		{"a path without a name", cond(Exists(Attr(""))), ErrInvalid, "an attribute name must not be empty"},
		{"a negative index", cond(Exists(list.At(-1))), ErrInvalid, "Lines[-1]: a list index must lie between 0 and 2147483647"},
		{"an index that DynamoDB does not know", update(Remove(list.At(math.MaxInt32 + 1))), ErrInvalid, "Lines[2147483648]: a list index must lie between 0 and 2147483647"},
		{"a field below a bad index", update(Set(lineField(t, -1, "Qty"), n("1"))), ErrInvalid, "Lines[-1]: a list index must lie between 0 and 2147483647"},
		{"an empty map key", update(Remove(notes.Key(""))), ErrInvalid, "Notes[key]: DynamoDB takes no empty map key"},
		{"a map key that is no text", update(Remove(notes.Key(secret + "\xff"))), ErrInvalid, "Notes[key]: the map key is not valid UTF-8"},
		{"a value that cannot be stored", cond(Compare(OpEq, field(t, "Weight"), of(field(t, "Weight"), math.NaN()))), ErrInvalid, ""},
		{"a part of a value that cannot be stored", update(Set(tags, of(tags, []string{"a", secret + "\xff"}))), ErrInvalid, "Tags[1]: the text is no valid UTF-8"},
		{"a member of a value that cannot be stored", update(Set(field(t, "Ship"), of(field(t, "Ship"), address{City: secret + "\xff"}))), ErrInvalid, "Ship.City: the text is no valid UTF-8"},
		{"an element that cannot be stored", cond(Contains(tags, tags.Element(valueOf(secret+"\xff")))), ErrInvalid, "Tags: the text is no valid UTF-8"},
		{"an update without a change", Request{Changes: []Change{}}, ErrEmpty, "the update names no change"},
		{"an update with zero changes only", update(Change{}), ErrEmpty, "the update names no change"},
		{"set of what has no stored form", update(Set(status, Operand{})), ErrInvalid, "Status: the value has no stored form; use Remove"},
		{"set-if-absent of what is left out", update(SetIfNotExists(title, of(title, ""))), ErrInvalid, "Title: SetIfNotExists was given a value that the tags leave out of the item, so there is nothing to set; leave the change out"},
		{"addition to text", update(Add(field(t, "Code"), of(field(t, "Code"), 1))), ErrInvalid, "Code: only numbers can be added to, and this is stored as text"},
		{"subtraction from text", update(Add(field(t, "Code"), of(field(t, "Code"), 1).Negated())), ErrInvalid, "Code: only numbers can be added to, and this is stored as text"},
		{"append of nothing", update(Append(list, of(list, []line(nil)))), ErrEmpty, "Lines: Append needs at least one element that is stored; leave the change out where there is none"},
		{"prepend of what the tags leave out", update(Prepend(field(t, "Opts"), of(field(t, "Opts"), []string{""}))), ErrEmpty, "Opts: Prepend needs at least one element that is stored; leave the change out where there is none"},
		{"append to a set", update(Append(tags, of(tags, []string{secret}))), ErrInvalid, "Tags: only lists can be appended to, and this is stored as a set"},
		{"add of no element", update(AddToSet(tags, of(tags, []string{}))), ErrEmpty, "Tags: Add needs at least one element; leave the change out where there is none"},
		{"delete of no element", update(DeleteFromSet(tags, of(tags, []string(nil)))), ErrEmpty, "Tags: Delete needs at least one element; leave the change out where there is none"},
		{"add to a list as to a set", update(AddToSet(list, of(list, []line{{SKU: secret}}))), ErrInvalid, "Lines: only sets have elements to add and delete, and this is stored as a list"},
		{"one path twice", update(Set(status, s(secret)), Set(total, n("1")), Remove(status)), ErrOverlap, "Status: is named twice; name it once"},
		{"one map key twice", update(Set(notes.Key(secret), s("a")), Remove(notes.Key(secret))), ErrOverlap, "Notes[key]: is named twice; name it once"},
		{"a path and its parent", update(Set(field(t, "Ship.City"), s(secret)), Remove(field(t, "Ship"))), ErrOverlap, "Ship.City, Ship: one of them holds the other; name only one of them"},
		{"a list and a field of its element", update(Append(list, of(list, []line{{SKU: secret}})), Set(lineField(t, 0, "Qty"), n("1"))), ErrOverlap, "Lines, Lines[0].Qty: one of them holds the other; name only one of them"},
		{"a projection of a path and its parent", Request{Project: []Path{field(t, "Ship"), status, field(t, "Ship.City")}}, ErrOverlap, "Ship, Ship.City: one of them holds the other; name only one of them"},
		{"a projection of a bad path", Request{Project: []Path{list.At(-1)}}, ErrInvalid, "Lines[-1]: a list index must lie between 0 and 2147483647"},
		{"a key condition with Or", Request{Key: Or(Compare(OpEq, Attr("pk"), s(secret)), ok)}, ErrInvalid, "key condition: it can hold equalities, a range and a prefix only, joined by And"},
		{"a key condition with an inequality", Request{Key: Compare(OpNe, Attr("pk"), s(secret))}, ErrInvalid, "key condition: it can hold equalities, a range and a prefix only, joined by And"},
		{"a key condition of several values", Request{Key: In(Attr("pk"), s(secret))}, ErrInvalid, "key condition: it can hold equalities, a range and a prefix only, joined by And"},
		{"a key that lies within an attribute", Request{Key: Compare(OpEq, field(t, "Ship.City"), s(secret))}, ErrInvalid, "Ship.City: key condition: is no attribute of the item itself, so it cannot be a key"},
		{"a key that is absent", Request{Key: Compare(OpEq, title, of(title, ""))}, ErrInvalid, "Title: key condition: a key has no absent values"},
		{"a key condition behind a range", Request{Key: And(Compare(OpGt, Attr("sk"), s(secret)), Compare(OpEq, Attr("pk"), s(secret)))}, ErrInvalid, "the expression cannot be written: buildKeyCondition error: invalid key condition constructed"},
		{"a raw condition of nothing", cond(Raw(expression.ConditionBuilder{})), ErrInvalid, "the raw condition cannot be written: buildTree error: unset parameter: ConditionBuilder"},
		{"a raw condition with a nil operand, on which the SDK panics", cond(Raw(expression.Equal(expression.Name("a"), nil))), ErrInvalid, "the raw condition cannot be written: an operand of it is nil"},
		{"a raw condition with a value that becomes none", cond(Raw(expression.Name("a").Equal(expression.Value(func() {})))), ErrInvalid, "a value in the raw condition cannot be stored"},
		{"a raw condition whose name would be written as it is", cond(Raw(expression.Name("a[0] OR " + secret + "[1]").AttributeExists())), ErrInvalid, "the raw condition has a name with brackets that are no list index"},
		{"a raw condition with a name that is no text", cond(Raw(expression.Name("\xff0").AttributeExists())), ErrInvalid, "a name in the raw condition is not valid UTF-8"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			e, err := Build(c.request)
			if err == nil {
				t.Fatalf("no error:\n%s", show(e))
			}
			if !errors.Is(err, c.kind) {
				t.Errorf("%v is not of the kind %v", err, c.kind)
			}
			if c.text != "" && err.Error() != c.text {
				t.Errorf("got  %s\nwant %s", err, c.text)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the text shows a value: %s", err)
			}
		})
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	weight := field(t, "Weight")
	_, err := Build(Request{Condition: Compare(OpEq, weight, of(weight, math.Inf(1)))})
	if cause, ok := errors.AsType[*codec.Error](err); !ok || cause.Reason == "" {
		t.Errorf("the codec's error is lost from %v", err)
	}
	e, ok := errors.AsType[*Error](err)
	if !ok || len(e.Fields) != 1 || e.Fields[0] != "Weight" || !strings.HasSuffix(err.Error(), e.Text) {
		t.Errorf("fields and text of %#v", e)
	}
}

func TestErrorsOfNodes(t *testing.T) {
	bad := In(field(t, "Status"))
	if bad.Err() == nil || And(Exists(field(t, "Total")), bad).Err() == nil || Not(bad).Err() == nil {
		t.Error("an error below is not seen from above")
	}
	if (*Cond)(nil).Err() != nil || Exists(field(t, "Total")).Err() != nil {
		t.Error("an error where nothing is wrong")
	}
	if CheckChanges([]Change{Remove(field(t, "Total"))}) != nil {
		t.Error("an error where nothing is wrong with the changes")
	}
}

func TestKeyFails(t *testing.T) {
	p := field(t, "Slots").KeyOf(valueOf(brokenKey{}))
	if err := p.Err(); !errors.Is(err, ErrInvalid) || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	if p = field(t, "Slots").KeyOf(valueOf(struct{}{})); p.Err() == nil {
		t.Error("a key that no map can have is taken")
	}
}

// brokenKey quotes itself in its error, as many do.
type brokenKey struct{}

func (brokenKey) MarshalText() ([]byte, error) { return nil, errors.New(secret + " is no key") }
func (*brokenKey) UnmarshalText([]byte) error  { return nil }

func TestNegatedOfOthers(t *testing.T) {
	if o := s("a").Negated(); o.AV.(*types.AttributeValueMemberS).Value != "a" {
		t.Error("text was negated")
	}
}
