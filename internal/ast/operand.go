package ast

import (
	"errors"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/codec"
	"github.com/monotable/monotable/internal/schema"
)

// Operand is an encoded value of a condition or a change. Nobody may change what AV points to.
type Operand struct {
	AV     types.AttributeValue // the value as it is stored, were it not left out; nil where it has no such form (an empty set)
	Absent bool                 // the tags leave this value out of the item: in the table, absence stands for it
	err    error
}

// Value is the operand of an attribute value that is finished already.
func Value(av types.AttributeValue) Operand { return Operand{AV: av} }

// Operand encodes a value as what p names is encoded. The value may lack the pointers of the field's type. An error is kept in
// the operand and comes out of the node that takes it.
func (p Path) Operand(v reflect.Value) Operand {
	if err := p.Err(); err != nil {
		return Operand{err: err}
	}
	v = lift(v, p.last.value.Type())
	av, err := p.last.value.Encode(v)
	if err == nil && av != nil {
		return Operand{AV: av}
	}
	if err == nil {
		av, err = p.last.value.Operand(v)
	}
	if err != nil {
		return p.invalid(err)
	}
	// The elements of a list have their places, so none of them is ever left out.
	return Operand{AV: av, Absent: p.last.kind != listIndex}
}

// Element encodes a value as the elements of the list, set or map that p names are encoded.
func (p Path) Element(v reflect.Value) Operand {
	if err := p.Err(); err != nil {
		return Operand{err: err}
	}
	av, err := p.last.value.Elem().Operand(v)
	if err != nil {
		return p.invalid(err)
	}
	return Operand{AV: av}
}

// KeyOf is [Path.Key] of a key of any type that a Go map is stored by.
func (p Path) KeyOf(key reflect.Value) Path {
	if p.Err() != nil {
		return p
	}
	text, err := keyText(key)
	if err != nil {
		_, reason := explain(err)
		return p.Key("?").Fail(reason, err)
	}
	return p.Key(text)
}

// keyText has the codec write a map with this key alone, so that the name is the one that it has in the table.
func keyText(key reflect.Value) (string, error) {
	t := reflect.MapOf(key.Type(), reflect.TypeFor[bool]())
	c, err := codec.Of(t, schema.Tag{})
	if err != nil {
		return "", err
	}
	m := reflect.MakeMapWithSize(t, 1)
	m.SetMapIndex(key, reflect.ValueOf(true))
	av, err := c.Operand(m)
	if err != nil {
		return "", err
	}
	for name := range av.(*types.AttributeValueMemberM).Value {
		return name, nil
	}
	return "", nil
}

// invalid is the operand of a value that the codec refused.
func (p Path) invalid(cause error) Operand {
	where, reason := explain(cause)
	if where != "" && where[0] != '[' {
		where = "." + where
	}
	return Operand{err: &Error{Kind: ErrInvalid, Fields: []string{p.String() + where}, Text: reason, Err: cause}}
}

// explain gives what an error of the codec says about the place in the value and about the reason, without a text of the cause,
// which may quote the value.
func explain(cause error) (where, reason string) {
	if e, ok := errors.AsType[*codec.Error](cause); ok {
		return e.Path, e.Reason
	}
	return "", "the value cannot be stored"
}

// lift puts the value behind as many pointers as the type has more.
func lift(v reflect.Value, t reflect.Type) reflect.Value {
	for n := pointers(t) - pointers(v.Type()); n > 0; n-- {
		p := reflect.New(v.Type())
		p.Elem().Set(v)
		v = p
	}
	return v
}

func pointers(t reflect.Type) (n int) {
	for ; t != nil && t.Kind() == reflect.Pointer; t = t.Elem() {
		n++
	}
	return n
}

// Negated turns the sign of a number's text round: so a subtraction works for unsigned fields too.
func (o Operand) Negated() Operand {
	n, ok := o.AV.(*types.AttributeValueMemberN)
	if !ok {
		return o
	}
	text, negative := strings.CutPrefix(n.Value, "-")
	if !negative && strings.Trim(text, "0.") != "" {
		text = "-" + text
	}
	return Operand{AV: &types.AttributeValueMemberN{Value: text}}
}

// stored is the kind of an attribute value, in words.
func stored(av types.AttributeValue) string {
	switch av.(type) {
	case *types.AttributeValueMemberS:
		return "text"
	case *types.AttributeValueMemberN:
		return "a number"
	case *types.AttributeValueMemberB:
		return "binary"
	case *types.AttributeValueMemberBOOL:
		return "a bool"
	case *types.AttributeValueMemberNULL:
		return "NULL"
	case *types.AttributeValueMemberL:
		return "a list"
	case *types.AttributeValueMemberM:
		return "a map"
	case *types.AttributeValueMemberSS, *types.AttributeValueMemberNS, *types.AttributeValueMemberBS:
		return "a set"
	}
	return "nothing"
}

func isSet(av types.AttributeValue) bool { return stored(av) == "a set" }

// ordered reports whether DynamoDB compares such values by size.
func ordered(av types.AttributeValue) bool {
	switch av.(type) {
	case *types.AttributeValueMemberS, *types.AttributeValueMemberN, *types.AttributeValueMemberB:
		return true
	}
	return false
}

// size is what the value counts for DynamoDB's limits, nearly.
func size(av types.AttributeValue) (n int) {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberSS:
		return lengths(v.Value)
	case *types.AttributeValueMemberNS:
		return lengths(v.Value)
	case *types.AttributeValueMemberBS:
		return lengths(v.Value)
	case *types.AttributeValueMemberL:
		for _, element := range v.Value {
			n += 1 + size(element)
		}
	case *types.AttributeValueMemberM:
		for name, element := range v.Value {
			n += 1 + len(name) + size(element)
		}
	}
	return n + 1
}

func lengths[S ~string | ~[]byte](list []S) (n int) {
	for _, s := range list {
		n += len(s)
	}
	return n
}
