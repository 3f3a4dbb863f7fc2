package repo

import (
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// Scope is the repository of one tenant: a view that is pinned to values of the first fields of the partition key, in the order in
// which they stand there. It fills them into examples and values where they are zero, and into the conditions of queries; a value of
// another tenant is [ErrOutOfScope], and so is all that could lead out: a query of an index whose partition does not begin as the
// table's does, or with the field's own attribute, a scan, and the guard of a unique value whose key does not begin with the fields
// (write unique=TenantID+Email). Cursors, collections, transactions and batches stay within it as well. Nothing is sent then.
//
// Every condition must be an equality with a value that is not empty, and the fields must determine their text in the key: those
// written |fold, |shard or cut to a time do not. What is wrong with them is [ErrOutOfScope], from every verb of the view. A scope of a
// scope takes the next fields.
//
// It keeps identifiers of one tenant from reaching the items of another, whatever bytes they hold. It is no wall against the program
// itself: an IAM policy is, on credentials that carry the tenant as a tag. With pk:"TENANT#{Tenant}...", in indexes too, all requests
// of the view are allowed by this one, guards, batches and transactions included, and all of other tenants refused:
//
//	{
//	  "Version": "2012-10-17",
//	  "Statement": [{
//	    "Effect": "Allow",
//	    "Action": [
//	      "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:ConditionCheckItem",
//	      "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"
//	    ],
//	    "Resource": ["arn:aws:dynamodb:*:*:table/app", "arn:aws:dynamodb:*:*:table/app/index/*"],
//	    "Condition": {
//	      "ForAllValues:StringLike": {
//	        "dynamodb:LeadingKeys": ["TENANT#${aws:PrincipalTag/tenant}", "TENANT#${aws:PrincipalTag/tenant}#*"]
//	      },
//	      "Null": {"dynamodb:LeadingKeys": "false", "aws:PrincipalTag/tenant": "false"}
//	    }
//	  }]
//	}
//
// ForAllValues alone holds where a request has no leading key at all: Null refuses that. Scan and the PartiQL actions are left out,
// for no condition on leading keys bounds them; a transaction needs what its operations need, of these actions. In a pattern * and ?
// stand for other text, and in a key the bytes up to '$' are written otherwise: let tenants, and so their tags, be named by letters,
// digits and -_.:/=+@ alone, which read the same in both. Where the tenant's own attribute leads a key (hash:"Tenant") the patterns
// are its value, and that with #$UNIQUE#* behind it for guards. See "Using IAM policy conditions for fine-grained access control" in
// the AWS documentation.
func (r *Repository[T]) Scope(conds ...expr.Cond[T]) *Repository[T] {
	derived := *r
	derived.core.view.scope = r.core.scopeOf(nodes(conds))
	return &derived
}

// scope is what a view is pinned to.
type scope struct {
	conds   []*ast.Cond
	members []*schema.Member // of the partition key, from the left
	values  []reflect.Value  // canonical
	key     types.AttributeValue
	guards  string        // what the keys of its guards begin with
	behind  string        // what a longer key goes on with; the key is whole where it is empty
	parts   []schema.Part // the template of the partition key
	err     error         // what is wrong with it
}

func outOfScope(field, reason string) error {
	return &Error{Field: field, kind: ErrOutOfScope, Reason: reason}
}

// scopeOf makes the scope of conditions, within that of the view.
func (r *core) scopeOf(conds []*ast.Cond) *scope {
	s := &scope{conds: conds}
	if outer := r.view.scope; outer != nil {
		s.conds = slices.Concat(outer.conds, conds)
		if s.err = outer.err; s.err != nil {
			return s
		}
	}
	if ast.And(conds...) == nil { // a zero condition asks for nothing
		s.err = outOfScope("", "a scope needs an equality on the first field of the partition key")
		return s
	}
	s.err = r.entity.fillScope(s)
	return s
}

// fillScope finds what the conditions pin.
func (e *entity) fillScope(s *scope) error {
	constraints, err := e.constraints(s.conds)
	if err != nil {
		return outOfScope("", "a scope takes equalities on the first fields of the partition key alone")
	}
	members := e.primary[0].template.Members()
	for i, k := range constraints {
		if i >= len(members) || members[i].Ref != k.ref {
			return outOfScope(k.ref.Path, "the field is not the next one of the partition key; a scope takes its first fields, in their order")
		}
		m := members[i]
		switch {
		case len(k.equal) == 0 || len(k.lower)+len(k.upper)+len(k.prefix) > 0:
			return outOfScope(k.ref.Path, "a scope takes equalities, and nothing else")
		case m.Lossy() || m.Or != "":
			return outOfScope(k.ref.Path, "its text in the partition key does not determine the value, so it cannot be told from others by it")
		case !schema.Present(k.equal[0]) || k.equal[0].IsZero():
			return outOfScope(k.ref.Path, "the value is empty, and a scope needs one")
		}
		for _, v := range k.equal[1:] {
			if !same(v, k.equal[0]) {
				return outOfScope(k.ref.Path, "the scope is that of another value already")
			}
		}
		s.members, s.values = append(s.members, m), append(s.values, k.equal[0])
	}
	return e.scopeKey(s)
}

// same reports whether two canonical values are equal.
func same(v, w reflect.Value) bool { return reflect.DeepEqual(v.Interface(), w.Interface()) }

// scopeKey renders what the partition keys of the scope begin with.
func (e *entity) scopeKey(s *scope) error {
	t := e.primary[0].template
	s.parts = t.Parts
	if t.Native() != nil {
		var err error
		if s.key, err = (planning{entity: e}).operand(s.members[0], s.values[0]); err != nil {
			return err
		}
		text, err := s.members[0].AppendText(nil, s.values[0]) // as guards have it, whose keys are text
		s.guards = string(text)
		return invalidKey(err)
	}
	var text []byte
	bound := 0
	for _, part := range t.Parts {
		if bound == len(s.members) {
			s.behind = part.Literal
			break
		}
		if part.Member == nil {
			text = append(text, part.Literal...)
			continue
		}
		var err error
		if text, err = part.Member.AppendText(text, s.values[bound]); err != nil {
			return invalidKey(err)
		}
		bound++
	}
	s.key, s.guards = keyText(string(text)), string(text)
	return nil
}

// holds reports whether a partition key is of the scope. Behind a field stands a literal, which no value holds.
func (s *scope) holds(key types.AttributeValue) bool {
	if s.behind == "" {
		return equalKeys(key, s.key)
	}
	text, ok := key.(*types.AttributeValueMemberS)
	return ok && strings.HasPrefix(text.Value, s.key.(*types.AttributeValueMemberS).Value+s.behind)
}

// holdsGuard reports whether the key of a guard is of the scope: whether it begins as partition keys of the scope do.
// The fields of the scope must lead those that the value is unique among: the text of others might look like it.
func (s *scope) holdsGuard(g guard) bool {
	among := g.unique.Members[:len(g.unique.Members)-1]
	for i, m := range s.members {
		if i >= len(among) || among[i].Ref != m.Ref {
			return false
		}
	}
	return strings.HasPrefix(g.key, s.guards+"#") || s.behind != "" && strings.HasPrefix(g.key, s.guards+s.behind)
}

// covers reports whether what an item collection of another scope holds may be of this one. Without a scope all may.
func (s *scope) covers(outer *scope) bool {
	return s == nil || outer != nil && s.err == nil && outer.err == nil && s.tenant(outer.key)
}

// tenant reports whether a partition key, of whatever type of items, begins as those of the scope do.
func (s *scope) tenant(key types.AttributeValue) bool {
	if equalKeys(key, s.key) {
		return true
	}
	text, ok := key.(*types.AttributeValueMemberS)
	own, ok2 := s.key.(*types.AttributeValueMemberS)
	return ok && ok2 && s.behind != "" && strings.HasPrefix(text.Value, own.Value+s.behind[:1])
}

// admit fills the fields of the scope into an example, and refuses one of another tenant.
func (r *core) admit(root reflect.Value) error {
	s := r.view.scope
	if s == nil || s.err != nil {
		return r.scopeError()
	}
	if err := r.inConditions(s); err != nil {
		return err
	}
	for i, m := range s.members {
		v, present, err := r.entity.canonical(m.Ref, root)
		switch {
		case err != nil:
			return err
		case !present || v.IsZero():
			m.Ref.Replace(root, asField(m.Ref.Leaf().Type, s.values[i]))
		case !same(v, s.values[i]):
			return outOfScope(m.Ref.Path, "the value is that of another scope")
		}
	}
	return nil
}

// inConditions refuses conditions of the view that ask for another tenant: nothing could fulfil them.
func (r *core) inConditions(s *scope) error {
	for _, c := range ast.And(r.view.conds...).Conjuncts() {
		if c.Op() != ast.OpEq || c.Path().Member() == "" {
			continue
		}
		ref := r.entity.Ref(c.Path().Member())
		i := slices.IndexFunc(s.members, func(m *schema.Member) bool { return m.Ref == ref })
		if i < 0 {
			continue
		}
		v := reflect.New(ref.Type()).Elem()
		if av := c.Operand().AV; av == nil || r.entity.canon[ref].Decode(av, v) != nil || !same(v, s.values[i]) {
			return outOfScope(ref.Path, "a condition asks for the value of another scope")
		}
	}
	return nil
}

// scopeError says what is wrong with the scope, if something is.
func (r *core) scopeError() error {
	s := r.view.scope
	if s == nil || s.err == nil {
		return nil
	}
	var ours *Error
	if !errors.As(s.err, &ours) {
		return &Error{kind: ErrOutOfScope, Reason: "the scope is wrong", cause: s.err}
	}
	e := *ours // a copy, for the verb is entered into it
	return &e
}

// asField makes a value one of a field's type, which may point to it.
func asField(t reflect.Type, v reflect.Value) reflect.Value {
	if t.Kind() != reflect.Pointer {
		return v
	}
	p := reflect.New(t.Elem())
	p.Elem().Set(asField(t.Elem(), v))
	return p
}

// unscoped refuses what reaches the items of all tenants.
func (r *core) unscoped(what string) error {
	if r.view.scope == nil {
		return nil
	}
	return outOfScope("", what+" reaches the items of every scope; use the repository without Scope, on purpose")
}

// inScope refuses a write whose guards are not of the scope. Its item is, for the example was.
func (r *core) inScope(w *Write) error {
	if r.view.scope == nil || w == nil {
		return nil
	}
	for _, g := range w.guards {
		if !r.view.scope.holdsGuard(g.guard) {
			return outOfScope(g.unique.Ref.Path, "the value is unique among more than the scope, so its guard is of none; make it unique within the scope, as in unique="+r.view.scope.members[0].Ref.Path+"+"+g.unique.Ref.Path)
		}
	}
	return nil
}

// sees reports whether a row is of the scope.
func (r *core) sees(row item) bool {
	return r.view.scope == nil || r.view.scope.err == nil && r.view.scope.holds(row[r.entity.table.Key.Hash])
}

// reaches reports whether a row, of whatever type, is of the tenant.
func (r *core) reaches(row item) bool {
	s := r.view.scope
	return s == nil || s.err == nil && s.tenant(row[r.entity.table.Key.Hash])
}

func foreignRow() error { return outOfScope("", "the item is of another scope") }

// narrow adds the conditions of the scope to those of a query. One that names another tenant is refused.
func (r *core) narrow(q asked) (asked, error) {
	s := r.view.scope
	if s == nil || s.err != nil {
		return q, r.scopeError()
	}
	constraints, err := r.entity.constraints(q.conds)
	if err != nil {
		return q, err
	}
	for _, k := range constraints {
		i := slices.IndexFunc(s.members, func(m *schema.Member) bool { return m.Ref == k.ref })
		for _, v := range k.equal {
			if i >= 0 && !same(v, s.values[i]) {
				return q, outOfScope(k.ref.Path, "the value is that of another scope")
			}
		}
	}
	q.scope, q.given, q.conds = s, q.conds, slices.Concat(q.conds, s.conds)
	return q, nil
}

// leads reports whether the partition of an index begins with the fields of the scope: as the primary key does, or in attributes of
// their own.
func (s *scope) leads(hash []keyAttribute) bool {
	var members []*schema.Member
	for _, k := range hash {
		members = append(members, k.template.Members()...)
	}
	for i, m := range s.members {
		if i >= len(members) || members[i].Ref != m.Ref || members[i].Lossy() {
			return false
		}
	}
	return hash[0].native() || s.begins(hash[0].template.Parts)
}

// begins reports whether a template begins with the text that the partition key of the primary key begins with: the literals and the
// texts of the fields, and behind them nothing or the character that ends the last one.
func (s *scope) begins(parts []schema.Part) bool {
	bound := 0
	for i, p := range parts {
		switch {
		case bound == len(s.members):
			return s.behind == "" || strings.HasPrefix(p.Literal, s.behind[:1])
		case i >= len(s.parts) || p.Literal != s.parts[i].Literal || (p.Member == nil) != (s.parts[i].Member == nil):
			return false
		case p.Member != nil && !p.Member.SameText(s.parts[i].Member):
			return false
		case p.Member != nil:
			bound++
		}
	}
	return true
}
