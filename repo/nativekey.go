package repo

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// Key conditions on attributes that are fields of their own: what a condition says of the field it says of the key.

// nativeEqual is the value that a native key attribute is equal to.
func (p planning) nativeEqual(key keyAttribute, limit int) (types.AttributeValue, error) {
	m := key.template.Members()[0]
	av, err := p.operand(m, p.find(m.Ref).equal[0])
	if err == nil && keySize(av) > limit {
		err = tooLong(key, limit)
	}
	return av, err
}

// operand is the attribute that a value of a native key's field is stored as.
func (p planning) operand(m *schema.Member, v reflect.Value) (types.AttributeValue, error) {
	av, err := p.canon[m.Ref].Operand(v)
	if err != nil {
		return nil, &Error{Field: m.Ref.Path, kind: ErrInvalidKey, Reason: reasonOf(err), cause: err}
	}
	return av, nil
}

// bindNative finds what the conditions leave of a native attribute of the sort key.
func (s *serving) bindNative(key keyAttribute) (part sortRange, reason string, err error) {
	m := key.template.Members()[0]
	k := s.find(m.Ref)
	part.shown = key.template.Source
	switch {
	case k == nil:
		return sortRange{}, "", nil
	case len(k.equal) > 0:
		if reason, err = s.equality(k, m); reason != "" || err != nil {
			return part, reason, err
		}
		part.kind = sortEqual
		part.value, err = s.nativeEqual(key, maxSortKey)
		return part, "", err
	case len(k.prefix) > 0:
		if reason := k.onePrefix(m); reason != "" {
			return part, reason, nil
		}
		s.serve(k, true)
		if k.prefix[0] == "" {
			return sortRange{}, "", nil // every key begins with it, and DynamoDB takes no empty prefix
		}
		part.kind, part.value = sortPrefix, keyText(k.prefix[0])
	default:
		part.kind = sortBounds
		if err := s.bindNativeRange(m, k, &part); err != nil {
			return part, "", err
		}
		s.serve(k, true)
	}
	if keySize(part.value) > maxSortKey || keySize(part.lo) > maxSortKey || keySize(part.hi) > maxSortKey {
		return part, "", tooLongCondition(key)
	}
	return part, "", nil
}

// bindNativeRange finds the narrowest bounds of a range.
func (s *serving) bindNativeRange(m *schema.Member, k *constraint, part *sortRange) error {
	for _, l := range k.lower {
		av, err := s.operand(m, l.value)
		if err != nil {
			return err
		}
		if c := compareKeys(av, part.lo); part.lo == nil || c > 0 || c == 0 && !l.included {
			part.lo, part.openLo = av, !l.included
		}
	}
	for _, l := range k.upper {
		av, err := s.operand(m, l.value)
		if err != nil {
			return err
		}
		if c := compareKeys(av, part.hi); part.hi == nil || c < 0 || c == 0 && !l.included {
			part.hi, part.openHi = av, !l.included
		}
	}
	part.trim()
	s.empty = s.empty || part.nothing()
	return nil
}

// trim drops a lower bound that is the empty text: DynamoDB takes none, and no key is below it.
func (r *sortRange) trim() {
	if r.lo != nil && keyKind(r.lo) != schema.KeyNumber && keySize(r.lo) == 0 {
		r.lo, r.openLo = nil, false
	}
	r.near = r.lo != nil && r.hi != nil && (r.openLo || r.openHi)
}

// nothing reports whether no key lies between the bounds.
func (r *sortRange) nothing() bool {
	if r.hi != nil && keyKind(r.hi) != schema.KeyNumber && keySize(r.hi) == 0 {
		return true
	}
	if r.lo == nil || r.hi == nil {
		return false
	}
	c := compareKeys(r.lo, r.hi)
	return c > 0 || c == 0 && (r.openLo || r.openHi)
}
