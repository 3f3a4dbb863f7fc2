package repo

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// indexPlan says what an update does with the key attributes of the indexes, so that none goes stale: some are set, some are
// removed, and the rest stays as it is because nothing that it is made of changes.
type indexPlan struct {
	*entity
	before, after *facts
	changes       []ast.Change
	upsert        bool

	attributes map[string]attributePlan
}

// attributePlan is what becomes of one key attribute, over all indexes that it is a key of.
type attributePlan struct {
	value   types.AttributeValue
	set     bool // the attribute becomes the value
	initial bool // it becomes the value where the upsert makes the item
	removed bool // an index that it is a key of is left
	kept    bool // the item may be in another
}

// note changes the plan of one attribute.
func (p *indexPlan) note(name string, change func(*attributePlan)) {
	if p.attributes == nil {
		p.attributes = map[string]attributePlan{}
	}
	a := p.attributes[name]
	change(&a)
	p.attributes[name] = a
}

// planIndexes plans the key attributes for an update of an item of which before is known.
func (e *entity) planIndexes(before, after *facts, changes []ast.Change, upsert bool) (*indexPlan, error) {
	p := &indexPlan{entity: e, before: before, after: after, changes: changes, upsert: upsert}
	for _, x := range e.indexes {
		if err := p.index(x); err != nil {
			return nil, inIndex(x, err)
		}
	}
	return p, nil
}

func (p *indexPlan) index(x boundIndex) error {
	if !slices.ContainsFunc(x.keys, p.written) {
		return nil // its keys are there whatever the update does
	}
	if !slices.ContainsFunc(x.Refs(), p.touched) {
		for _, k := range x.keys {
			p.note(k.name, func(a *attributePlan) { a.kept = true })
		}
		if p.upsert {
			return p.untouched(x)
		}
		return nil
	}
	out, err := p.leaves(x)
	if err != nil {
		return err
	}
	for _, k := range x.keys {
		p.note(k.name, func(a *attributePlan) { a.removed, a.kept = a.removed || out, a.kept || !out })
	}
	if out {
		return nil
	}
	if missing := p.unproven(x); len(missing) > 0 {
		return stale(missing)
	}
	return p.enter(x)
}

// written reports whether a key attribute is the index's to write: not that of a field, and not one of the primary key.
func (p *indexPlan) written(k keyAttribute) bool {
	return !k.native() && !slices.Contains(p.table.keyAttributes(), k.name)
}

// touched reports whether a change may alter the field.
func (p *indexPlan) touched(ref *schema.Ref) bool {
	at := p.pathOf(ref)
	return slices.ContainsFunc(p.changes, func(c ast.Change) bool { return c.Path().Overlaps(at) })
}

// leaves reports whether the item is certainly out of the index after the update: a clause fails, or a field is empty.
func (p *indexPlan) leaves(x boundIndex) (bool, error) {
	for _, c := range x.When {
		if !p.after.known[c.Ref] {
			continue
		}
		v, _, err := p.after.value(c.Ref)
		if err != nil {
			return false, err
		}
		if !v.IsValid() || !c.Holds(v) {
			return true, nil
		}
	}
	for _, t := range x.Templates() {
		for _, m := range t.Members() {
			if !p.after.known[m.Ref] {
				continue
			}
			if _, present, err := p.after.member(m); err != nil || !present && m.Or == "" {
				return err == nil, err
			}
		}
	}
	return false, nil
}

// unproven lists the fields that would have to be known to be certain that the item is in the index after the update.
func (p *indexPlan) unproven(x boundIndex) []string {
	var out []string
	for _, c := range x.When {
		if !p.after.known[c.Ref] {
			out = appendNew(out, c.Ref.Path)
		}
	}
	for _, t := range x.Templates() {
		for _, m := range t.Members() {
			if !p.after.known[m.Ref] && (p.touched(m.Ref) || !p.alwaysThere(m)) {
				out = appendNew(out, m.Ref.Path)
			}
		}
	}
	return out
}

// enter sets the key attributes whose fields are all known. One with an unknown field stays as it is, where none of its fields
// changes and the item is proven to have been in the index before: then it is right.
func (p *indexPlan) enter(x boundIndex) error {
	for n, k := range x.keys {
		if !p.written(k) {
			continue
		}
		if unknown := p.unknown(k.template); len(unknown) > 0 {
			if p.rewritten(k.template) {
				return stale(unknown)
			}
			if len(p.unprovenBefore(x)) > 0 {
				return stale(unknown) // knowing these, the whole key can be written
			}
			continue
		}
		av, missing, err := p.keyValue(k, keyLimit(n, x.hash), p.after.member)
		if err != nil {
			return err
		}
		if missing == nil {
			p.note(k.name, func(a *attributePlan) { a.value, a.set = av, true })
		}
	}
	return nil
}

// rewritten reports whether a change may alter what the template renders.
func (p *indexPlan) rewritten(t *schema.Template) bool {
	return slices.ContainsFunc(t.Members(), func(m *schema.Member) bool { return p.touched(m.Ref) })
}

// unknown lists the fields of a template whose value after the update is not known.
func (p *indexPlan) unknown(t *schema.Template) []string {
	var out []string
	for _, m := range t.Members() {
		if !p.after.known[m.Ref] {
			out = appendNew(out, m.Ref.Path)
		}
	}
	return out
}

// unprovenBefore lists the fields that would have to be pinned to prove that the item was in the index.
func (p *indexPlan) unprovenBefore(x boundIndex) []string {
	var out []string
	for _, c := range x.When {
		if v, _, err := p.before.value(c.Ref); !p.before.known[c.Ref] || err != nil || !v.IsValid() || !c.Holds(v) {
			out = appendNew(out, c.Ref.Path)
		}
	}
	for _, t := range x.Templates() {
		for _, m := range t.Members() {
			if p.alwaysThere(m) {
				continue
			}
			if _, present, err := p.before.member(m); !p.before.known[m.Ref] || err != nil || !present {
				out = appendNew(out, m.Ref.Path)
			}
		}
	}
	if p.upsert && !p.before.exist && len(out) == 0 {
		out = []string{"the item's existence"}
	}
	return out
}

// untouched sees to an index that an upsert does not touch. An item that is there is in it or not, as before; one that the upsert
// makes has no fields but those it names, and integers and bools count as present in it. Where pins make all fields known, they are
// so for both.
func (p *indexPlan) untouched(x boundIndex) error {
	certain := !slices.ContainsFunc(x.Refs(), func(ref *schema.Ref) bool { return !p.after.known[ref] })
	made := p.after
	if !certain {
		made = p.factsOf(p.after.key)
		for ref := range p.canon {
			made.known[ref] = true
		}
	}
	out, err := (&indexPlan{entity: p.entity, before: made, after: made}).leaves(x)
	if err != nil || out {
		return err
	}
	if !certain && len(x.When) > 0 {
		var missing []string
		for _, c := range x.When {
			missing = appendNew(missing, c.Ref.Path)
		}
		return stale(missing)
	}
	for n, k := range x.keys {
		if !p.written(k) {
			continue
		}
		av, _, err := p.keyValue(k, keyLimit(n, x.hash), made.member)
		if err != nil {
			return err
		}
		p.note(k.name, func(a *attributePlan) { a.value, a.set, a.initial = av, a.set || certain, !certain })
	}
	return nil
}

// stale is the error of an update that cannot keep an index right.
func stale(missing []string) error {
	var names []string
	for _, name := range missing {
		names = appendNew(names, name)
	}
	return &Error{kind: ErrStaleIndex, Reason: fmt.Sprintf("the key needs to know %s; set every one in the same update, pin it with If(field.Eq(value)), or use Modify, which reads the item first", strings.Join(names, ", "))}
}

func appendNew(list []string, name string) []string {
	if slices.Contains(list, name) {
		return list
	}
	return append(list, name)
}

// keyChanges are the changes that the plan adds to the update, in the order of the indexes.
func (p *indexPlan) keyChanges() []ast.Change {
	var out []ast.Change
	seen := map[string]bool{}
	for _, x := range p.indexes {
		for _, k := range x.keys {
			if seen[k.name] || !p.written(k) {
				continue
			}
			seen[k.name] = true
			switch a, at := p.attributes[k.name], ast.Attr(k.name); {
			case a.set:
				out = append(out, ast.Set(at, ast.Value(a.value)))
			case a.initial:
				out = append(out, ast.SetIfNotExists(at, ast.Value(a.value)))
			case a.removed && !a.kept:
				out = append(out, ast.Remove(at))
			}
		}
	}
	return out
}
