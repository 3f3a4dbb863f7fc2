package repo

import (
	"math"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// expected is the version that a write asks for.
type expected struct {
	number uint64 // 0: any that can still be counted up, and where it is optional none
	none   bool   // there must be no item
	gone   bool   // no item is fine as well
}

// versionOf reads the version of an example and checks that it can be counted up.
func (e *entity) versionOf(root reflect.Value) (uint64, error) {
	v, ok := e.Version.Value(root)
	if !ok {
		return 0, nil
	}
	invalid := func(reason string) error {
		return &Error{Field: e.Version.Path, kind: ErrInvalidValue, Reason: reason}
	}
	n := uint64(0)
	if v.CanInt() {
		if v.Int() < 0 {
			return 0, invalid("a version is never negative")
		}
		n = uint64(v.Int())
	} else {
		n = v.Uint()
	}
	if n >= e.maxVersion() {
		return 0, invalid("the version is at the maximum of its type and cannot be counted up; use a larger integer type")
	}
	return n, nil
}

// maxVersion is the greatest version that the field's type holds.
func (e *entity) maxVersion() uint64 {
	t := e.Version.Leaf().Type
	bits := t.Bits()
	if k := t.Kind(); k >= reflect.Int && k <= reflect.Int64 {
		bits--
	}
	return math.MaxUint64 >> (64 - bits)
}

// setVersion writes a version into a value of the library's own.
func (e *entity) setVersion(root reflect.Value, n uint64) {
	v := reflect.New(e.Version.Leaf().Type).Elem()
	if v.CanInt() {
		v.SetInt(int64(n))
	} else {
		v.SetUint(n)
	}
	e.Version.Replace(root, v)
}

func number(n uint64) ast.Operand {
	return ast.Value(&types.AttributeValueMemberN{Value: strconv.FormatUint(n, 10)})
}

// condition is the condition on the stored version. Without a number it holds for every version that can be counted up: a row
// without one, or with something else in its place, is refused rather than given a version that somebody may hold already, but where the
// declaration says that rows may lack it.
func (x *expected) condition(e *entity) *ast.Cond {
	if x == nil {
		return nil
	}
	if x.none {
		return e.missing
	}
	at := e.pathOf(e.Version)
	is := ast.Compare(ast.OpEq, at, number(x.number))
	if x.number == 0 {
		is = ast.Compare(ast.OpLt, at, number(e.maxVersion()))
		if e.VersionOptional {
			is = ast.Or(ast.NotExists(at), is)
		}
	}
	if x.gone {
		return ast.Or(e.missing, is)
	}
	return is
}

// conflicts reports whether a stored item, none where there is none, fails the condition on the version.
func (x *expected) conflicts(e *entity, stored item) bool {
	switch {
	case x == nil:
		return false
	case len(stored) == 0:
		return !x.none && !x.gone
	case x.none:
		return true
	}
	n, ok := storedVersion(e, stored)
	if x.number == 0 {
		return (!ok || n >= e.maxVersion()) && !e.mayLackVersion(stored)
	}
	return !ok || n != x.number
}

func storedVersion(e *entity, stored item) (uint64, bool) {
	av, _ := e.attribute(stored, e.Version.Leaf())
	v, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseUint(v.Value, 10, 64)
	return n, err == nil
}

// mayLackVersion reports whether a stored item has no version, nor anything else in its place, and need not have one.
func (e *entity) mayLackVersion(stored item) bool {
	_, ok := e.attribute(stored, e.Version.Leaf())
	return e.VersionOptional && !ok
}

func (e *entity) lacksVersion(stored item) bool {
	_, ok := storedVersion(e, stored)
	return len(stored) > 0 && !ok
}

func (x *expected) reason(e *entity, stored item) string {
	switch {
	case x.none && e.lacksVersion(stored):
		return "the stored item has no version yet, and a value without one must be new; Reindex gives it one, and so does Modify where the role is version,optional"
	case x.none:
		return "the value carries no version, so it must be new, and an item with its key exists"
	case len(stored) == 0:
		return "the item is gone"
	case x.number == 0:
		return "the stored item has no version that can be counted up; where it was written before there were versions, let Reindex give it one, or declare version,optional meanwhile"
	}
	return "the stored item has another version; read it again"
}
