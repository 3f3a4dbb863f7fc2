package repo

import (
	"errors"
	"slices"
	"strings"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/internal/ast"
)

// If is the repository whose writes are conditional: Put, Update, Upsert and Delete send the conditions, all of which must hold,
// in the same request. Where they do not, nothing is written and the error is [ErrConditionFailed]. Conditions of several If add
// up; what is wrong with one comes out of the verb. It is for writes only: reads of a conditional view are refused.
func (r *Repository[T]) If(conds ...expr.Cond[T]) *Repository[T] {
	derived := *r
	derived.core.view.conds = slices.Concat(r.core.view.conds, nodes(conds))
	return &derived
}

func nodes[T any](conds []expr.Cond[T]) []*ast.Cond {
	out := make([]*ast.Cond, len(conds))
	for i, c := range conds {
		out[i] = c.Node()
	}
	return out
}

// unconditional refuses a verb that has no use for the conditions of the view, rather than ignore them.
func (r *core) unconditional() error {
	if len(r.view.conds) == 0 {
		return nil
	}
	return &Error{kind: errors.ErrUnsupported, Reason: "the verb takes no conditions; use a repository without If"}
}

// conditionError is what is wrong with the conditions of the view.
func (r *core) conditionError() error {
	return invalidExpression(ast.And(r.view.conds...).Err())
}

// invalidExpression makes an error of package ast ours.
func invalidExpression(err error) error {
	if err == nil {
		return nil
	}
	var x *ast.Error
	if !errors.As(err, &x) {
		return &Error{kind: ErrInvalidValue, cause: err}
	}
	out := &Error{Field: strings.Join(x.Fields, " and "), Reason: x.Text, kind: ErrInvalidValue, cause: x.Err}
	switch {
	case errors.Is(x, ast.ErrTooLarge):
		out.kind = ErrTooLarge
	case errors.Is(x, ast.ErrEmpty):
		out.kind = ErrEmptyUpdate
	}
	return out
}
