package ast

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Request is all that the expressions of one request say. Every part may be missing.
type Request struct {
	Key       *Cond    // equalities on key attributes, then at most one range, joined by And
	Condition *Cond    // what must hold for a write
	Filter    *Cond    // what a read returns of what it finds
	Changes   []Change // the update; not nil but without a change is an error
	Project   []Path   // what a read returns of each item
}

// Expression is what goes into the input of a request. Missing parts are nil, and so are empty maps. The values are those of the
// conditions and changes: they must not be changed.
type Expression struct {
	Key, Condition, Filter, Update, Projection *string

	Names  map[string]string
	Values map[string]types.AttributeValue
}

// Build writes the expressions of a request. The result depends on nothing but the request. The error is an [*Error]: the first that a
// condition or a change holds, or a limit of DynamoDB that the whole exceeds.
func Build(r Request) (Expression, error) {
	if err := r.check(); err != nil {
		return Expression{}, err
	}
	w := writer{names: make([]string, 0, usualNames)}
	builder, some := w.request(r)
	if !some {
		return Expression{}, nil
	}
	built, err := builder.Build()
	if err != nil {
		return Expression{}, &Error{Kind: ErrInvalid, Text: "the expression cannot be written: " + err.Error(), Err: err}
	}
	out := Expression{
		Key:        built.KeyCondition(),
		Condition:  built.Condition(),
		Filter:     built.Filter(),
		Update:     built.Update(),
		Projection: built.Projection(),
		Names:      w.restoreNames(built.Names()),
		Values:     w.restoreValues(built.Values()),
	}
	if err := checkWritten(&out); err != nil {
		return Expression{}, err
	}
	return out, nil
}

func (r Request) check() error {
	for _, part := range []struct {
		name string
		cond *Cond
	}{{keyPart, r.Key}, {conditionPart, r.Condition}, {filterPart, r.Filter}} {
		if part.cond == nil {
			continue
		}
		if err := part.cond.err; err != nil {
			return err
		}
		if err := checkLimits(part.name, part.cond.operators, part.cond.chars); err != nil {
			return err
		}
	}
	if err := checkKey(r.Key); err != nil {
		return in(keyPart, err)
	}
	if r.Changes != nil {
		if err := CheckChanges(r.Changes); err != nil {
			return err
		}
	}
	return checkProjection(r.Project)
}

// CheckChanges says what is wrong with the changes of one update: the first error that one holds, no change at all, limits, paths
// that overlap. [Build] does the same; this is for who adds changes of its own to a caller's.
func CheckChanges(changes []Change) error {
	paths := make([]Path, 0, len(changes))
	var clauses updateLength
	for _, c := range changes {
		if c.op == 0 {
			continue
		}
		if c.err != nil {
			return c.err
		}
		clauses.add(c)
		paths = append(paths, c.path)
	}
	if len(paths) == 0 {
		return general(ErrEmpty, "the update names no change")
	}
	if err := checkLimits(updatePart, clauses.operators, clauses.chars); err != nil {
		return err
	}
	return checkOverlap(paths)
}

func checkProjection(paths []Path) error {
	chars := 0
	for _, p := range paths {
		if err := p.Err(); err != nil {
			return err
		}
		chars += p.chars() + len(", ")
	}
	if err := checkLimits(projectionPart, 0, chars-len(", ")); err != nil {
		return err
	}
	return checkOverlap(paths)
}

func checkOverlap(paths []Path) error {
	// Each with each: within the limits checked before, that is little.
	for i, p := range paths {
		for _, q := range paths[:i] {
			switch {
			case q.Equal(p):
				return problem(ErrOverlap, p, "is named twice; name it once")
			case q.Overlaps(p):
				return &Error{Kind: ErrOverlap, Fields: []string{q.String(), p.String()}, Text: "one of them holds the other; name only one of them"}
			}
		}
	}
	return nil
}

// checkKey refuses what no key condition can hold.
func checkKey(c *Cond) error {
	conjuncts := c.Conjuncts()
	if len(conjuncts) > maxKeys {
		return general(ErrTooLarge, "it has %d parts, and DynamoDB takes %d", len(conjuncts), maxKeys)
	}
	for _, k := range conjuncts {
		switch {
		case k.op == OpNe || k.op > OpBeginsWith || k.op == OpIn:
			return general(ErrInvalid, "it can hold equalities, a range and a prefix only, joined by And")
		case k.path.Nested():
			return problem(ErrInvalid, k.path, "is no attribute of the item itself, so it cannot be a key")
		case k.Operand().Absent || k.Operand().AV == nil:
			return problem(ErrInvalid, k.path, "a key has no absent values")
		}
	}
	return nil
}

// request gives the package all parts at once, so that their placeholders do not clash.
func (w *writer) request(r Request) (b expression.Builder, some bool) {
	b = expression.NewBuilder()
	if r.Key != nil {
		b, some = b.WithKeyCondition(w.keys(r.Key)), true
	}
	if r.Condition != nil {
		b, some = b.WithCondition(w.cond(r.Condition)), true
	}
	if r.Filter != nil {
		b, some = b.WithFilter(w.cond(r.Filter)), true
	}
	if r.Changes != nil {
		b, some = b.WithUpdate(w.update(r.Changes)), true
	}
	if len(r.Project) > 0 {
		b, some = b.WithProjection(w.projection(r.Project)), true
	}
	return b, some
}
