package repo

import (
	"reflect"
	"slices"
	"time"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// stampPut writes the times of a whole value that is about to be stored: created where it has none, updated always.
func (e *entity) stampPut(root reflect.Value, now time.Time) {
	at := reflect.ValueOf(now.UTC())
	if e.Created != nil {
		if v, ok := e.Created.Value(root); !ok || !schema.Present(v) {
			e.Created.Replace(root, at)
		}
	}
	if e.Updated != nil {
		e.Updated.Replace(root, at)
	}
}

// stampChanges are the changes that an update brings with it: the version, the updated time, and for an item that an upsert makes
// the created time. They are part of what the planner sees, since keys may be made of them.
func (e *entity) stampChanges(u *updating, now time.Time) []ast.Change {
	if e.Updated == nil && e.Created == nil && e.Version == nil {
		return nil
	}
	var out []ast.Change
	at := reflect.ValueOf(now.UTC())
	if e.Updated != nil {
		p := e.fieldPath(e.Updated)
		out = append(out, ast.Set(p, p.Operand(at)))
	}
	if e.Created != nil && u.upsert && !named(u.changes, e.pathOf(e.Created)) {
		p := e.fieldPath(e.Created)
		out = append(out, ast.SetIfNotExists(p, p.Operand(at)))
	}
	if e.Version != nil && u.version.number > 0 {
		out = append(out, ast.Set(e.pathOf(e.Version), number(u.version.number+1)))
	} else if e.Version != nil {
		out = append(out, ast.Add(e.pathOf(e.Version), number(1)))
	}
	return out
}

// fieldPath is the path of a top-level field with its codec.
func (e *entity) fieldPath(ref *schema.Ref) ast.Path {
	return ast.Path{}.Field(ref.Leaf(), e.codec.Field(ref.Leaf()))
}

// named reports whether a change concerns a path.
func named(changes []ast.Change, p ast.Path) bool {
	return slices.ContainsFunc(changes, func(c ast.Change) bool { return c.Path().Overlaps(p) })
}

// validator is what T may implement.
type validator interface{ Validate() error }

// validate calls the type's own Validate, with a value receiver or a pointer's. Its text may quote the value, so it is kept out of
// ours.
func validate(root reflect.Value) error {
	own := reflect.New(root.Type()) // a copy, so that what it may change is not stored
	own.Elem().Set(root)
	v, ok := own.Interface().(validator)
	if !ok {
		return nil
	}
	if err := v.Validate(); err != nil {
		return &Error{kind: ErrInvalidValue, Reason: "its Validate refused the value (errors.As and errors.Is reach its error)", cause: quiet{err}}
	}
	return nil
}

// quiet keeps an error of the user's reachable without showing its text.
type quiet struct{ error }

func (q quiet) Error() string { return "not shown" }
func (q quiet) Unwrap() error { return q.error }
