package repo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
)

// repeatable reports whether an update can be sent again although it may have been applied: because it leaves the same item again, or
// because a condition that it makes false itself keeps it from being applied twice.
func (e *entity) repeatable(u *updating, conds []*ast.Cond) bool {
	if u.read != nil || u.version != nil && u.version.number > 0 {
		return true // what was read is part of the condition, and all that changes is among it
	}
	for _, c := range ast.And(conds...).Conjuncts() {
		if falsifies(u.changes, c) {
			return true
		}
	}
	for _, c := range u.changes {
		if !sameAgain(c) {
			return false
		}
	}
	return true
}

// sameAgain reports whether a change leaves the same value when it is carried out twice. List elements move: what is set behind the
// end is appended, and what is removed lets another take its place.
func sameAgain(c ast.Change) bool {
	switch c.Op() {
	case ast.ChangeSet, ast.ChangeRemove:
		return !c.Path().InList()
	case ast.ChangeSetIfNotExists, ast.ChangeAddToSet, ast.ChangeDeleteFromSet:
		return true
	}
	return false
}

// falsifies reports whether the changes make a condition false: an equality on a field, or its absence, that one of them ends.
func falsifies(changes []ast.Change, c *ast.Cond) bool {
	if c.Op() != ast.OpEq && c.Op() != ast.OpNotExists {
		return false
	}
	for _, change := range changes {
		if !change.Path().Equal(c.Path()) {
			continue
		}
		absentBefore := c.Op() == ast.OpNotExists || c.Operand().Absent
		switch change.Op() {
		case ast.ChangeSet, ast.ChangeRemove:
			if absentBefore {
				return !change.Removes()
			}
			return change.Removes() || !equalScalars(change.Operand().AV, c.Operand().AV)
		case ast.ChangeAdd:
			return c.Op() == ast.OpNotExists || !absentBefore && !isZero(change.Operand().AV)
		}
	}
	return false
}

// equalScalars reports whether two values may be equal: only for texts, bools and plain numbers is the answer certain to be no.
func equalScalars(a, b types.AttributeValue) bool {
	switch x := a.(type) {
	case *types.AttributeValueMemberS:
		y, ok := b.(*types.AttributeValueMemberS)
		return ok && x.Value == y.Value
	case *types.AttributeValueMemberN:
		y, ok := b.(*types.AttributeValueMemberN)
		return ok && ast.EqualNumbers(x.Value, y.Value)
	case *types.AttributeValueMemberBOOL:
		y, ok := b.(*types.AttributeValueMemberBOOL)
		return ok && x.Value == y.Value
	}
	return true
}

func isZero(av types.AttributeValue) bool {
	n, ok := av.(*types.AttributeValueMemberN)
	return !ok || ast.EqualNumbers(n.Value, "0")
}
