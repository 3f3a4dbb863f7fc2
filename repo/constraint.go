package repo

import (
	"cmp"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// constraint is what the conditions of a query demand of one field.
type constraint struct {
	ref    *schema.Ref
	equal  []reflect.Value // canonical
	lower  []limit
	upper  []limit
	prefix []string
	conds  []*ast.Cond // those that it was made of
}

// limit is one end of a range.
type limit struct {
	value    reflect.Value
	included bool
}

// constraints sorts the conditions of a query by field, in the order in which the fields are first named. Conditions that no key
// could ever serve are refused here.
func (e *entity) constraints(conds []*ast.Cond) ([]*constraint, error) {
	var out []*constraint
	all := ast.And(conds...)
	if err := all.Err(); err != nil {
		return nil, invalidCondition(err) // first: a node with an error has lost what it joined
	}
	for _, c := range all.Conjuncts() {
		ref, err := e.keyField(c)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(out, func(k *constraint) bool { return k.ref == ref })
		if i < 0 {
			i = len(out)
			out = append(out, &constraint{ref: ref})
		}
		if err := e.add(out[i], c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// invalidCondition makes an error of a key condition ours: a text that no key can hold is an invalid key.
func invalidCondition(err error) error {
	out := invalidExpression(err)
	var ours *Error
	if errors.As(out, &ours) && strings.HasSuffix(ours.Reason, codec.NotUTF8) {
		ours.kind = ErrInvalidKey
	}
	return out
}

// keyField finds the field that a key condition is about.
func (e *entity) keyField(c *ast.Cond) (*schema.Ref, error) {
	useFilter := func(reason string) error {
		return &Error{Field: c.Path().String(), kind: ErrNoIndex, Reason: reason + "; use Filter, which reads and pays for what it throws away"}
	}
	switch c.Op() {
	case ast.OpEq, ast.OpLt, ast.OpLe, ast.OpGt, ast.OpGe, ast.OpBetween, ast.OpBeginsWith:
	default:
		return nil, useFilter("a key serves equality, ranges and prefixes of fields, and no other conditions")
	}
	ref := e.Ref(c.Path().Member())
	if ref == nil || e.canon[ref] == nil {
		return nil, useFilter("the field is part of no key")
	}
	return ref, nil
}

// add takes one condition into a constraint.
func (e *entity) add(k *constraint, c *ast.Cond) error {
	k.conds = append(k.conds, c)
	values := make([]reflect.Value, len(c.Operands()))
	for i, operand := range c.Operands() {
		values[i] = reflect.New(k.ref.Type()).Elem()
		if operand.AV == nil {
			continue
		}
		if c.Op() == ast.OpBeginsWith {
			continue // a prefix need not be a value of the field
		}
		if err := e.canon[k.ref].Decode(operand.AV, values[i]); err != nil {
			return &Error{Field: k.ref.Path, kind: ErrInvalidValue, Reason: reasonOf(err), cause: err}
		}
		if _, null := operand.AV.(*types.AttributeValueMemberNULL); null && schema.Present(values[i]) {
			// A nil pointer, which decodes as zero or false, and those are in the index.
			return &Error{Field: k.ref.Path, kind: ErrNoIndex, Reason: "the value is nil, and a key holds no items whose field is empty; use Filter, which reads and pays for what it throws away"}
		}
	}
	switch c.Op() {
	case ast.OpEq:
		k.equal = append(k.equal, values[0])
	case ast.OpLt, ast.OpLe:
		k.upper = append(k.upper, limit{values[0], c.Op() == ast.OpLe})
	case ast.OpGt, ast.OpGe:
		k.lower = append(k.lower, limit{values[0], c.Op() == ast.OpGe})
	case ast.OpBetween:
		k.lower = append(k.lower, limit{values[0], true})
		k.upper = append(k.upper, limit{values[1], true})
	case ast.OpBeginsWith:
		return k.addPrefix(c.Operand())
	}
	return nil
}

// excludesEmpty reports whether no item with an empty field fulfils the constraint, so that an index which lacks such items lacks
// nothing that matches.
func (k *constraint) excludesEmpty() bool {
	for _, v := range k.equal {
		if schema.Present(v) {
			return true
		}
	}
	for _, l := range k.lower {
		if schema.Present(l.value) || !l.included {
			return true
		}
	}
	return slices.ContainsFunc(k.prefix, func(p string) bool { return p != "" })
}

// settle reports whether the value that a field is equal to fulfils the other conditions on it; where it does not, they contradict
// each other.
func (p planning) settle(k *constraint, m *schema.Member) (holds bool, err error) {
	is := k.equal[0]
	order := func(v reflect.Value) int {
		c, failed := p.compare(m, is, v)
		err = cmp.Or(err, failed)
		return c
	}
	holds = true
	for _, v := range k.equal[1:] {
		holds = holds && order(v) == 0
	}
	for _, l := range k.lower {
		c := order(l.value)
		holds = holds && (c > 0 || c == 0 && l.included)
	}
	for _, l := range k.upper {
		c := order(l.value)
		holds = holds && (c < 0 || c == 0 && l.included)
	}
	for _, prefix := range k.prefix {
		holds = holds && is.Kind() == reflect.String && strings.HasPrefix(is.String(), prefix)
	}
	return holds, invalidKey(err)
}

// compare orders two values of a field as its key does.
func (p planning) compare(m *schema.Member, v, w reflect.Value) (int, error) {
	if m.Native {
		a, err := p.operand(m, v)
		if err != nil {
			return 0, err
		}
		b, err := p.operand(m, w)
		return compareKeys(a, b), err
	}
	a, err := m.Order(v)
	if err != nil {
		return 0, err
	}
	b, err := m.Order(w)
	return strings.Compare(a, b), err
}

// addPrefix takes the text of a prefix condition.
func (k *constraint) addPrefix(operand ast.Operand) error {
	s, ok := operand.AV.(*types.AttributeValueMemberS)
	if !ok || k.ref.Type().Kind() != reflect.String {
		return &Error{Field: k.ref.Path, kind: ErrNoIndex, Reason: "a key serves prefixes of strings only; use Filter"}
	}
	k.prefix = append(k.prefix, s.Value)
	return nil
}
