package ast

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ChangeOp is what a change does.
type ChangeOp uint8

// The operators of a [Change].
const (
	ChangeSet ChangeOp = iota + 1
	ChangeSetIfNotExists
	ChangeRemove
	ChangeAdd           // a number, to a number
	ChangeAddToSet      // elements, to a set
	ChangeDeleteFromSet // elements, from a set
	ChangeAppend        // elements, to the end of a list
	ChangePrepend       // elements, before the start of a list
)

// Change is one step of an update. It is immutable; the zero Change does nothing.
type Change struct {
	op      ChangeOp
	path    Path
	operand Operand
	err     error
}

// Op is what the change does; 0 for the zero Change.
func (c Change) Op() ChangeOp { return c.op }

// Path is what it changes.
func (c Change) Path() Path { return c.path }

// Operand is the value that it sets, adds, deletes or appends; zero for Remove.
func (c Change) Operand() Operand { return c.operand }

// Err is what is wrong with the change.
func (c Change) Err() error { return c.err }

// Removes reports whether the attribute is absent afterwards: by Remove, or by Set of a value that the tags leave out.
func (c Change) Removes() bool {
	return c.op == ChangeRemove || c.op == ChangeSet && c.operand.Absent
}

// Set stores a value. One that the tags leave out is removed: the item then holds what a put of that value would leave.
func Set(p Path, v Operand) Change {
	c := change(ChangeSet, p, v)
	if v.AV == nil && !v.Absent {
		c.fail(problem(ErrInvalid, p, "the value has no stored form; use Remove"))
	}
	return c
}

// SetIfNotExists stores a value where there is none.
func SetIfNotExists(p Path, v Operand) Change {
	c := change(ChangeSetIfNotExists, p, v)
	if v.AV == nil || v.Absent {
		c.fail(problem(ErrInvalid, p, "SetIfNotExists was given a value that the tags leave out of the item, so there is nothing to set; leave the change out"))
	}
	return c
}

// Remove removes the attribute, the map value, or the list element, whose followers then move up.
func Remove(p Path) Change { return change(ChangeRemove, p, Operand{}) }

// Add adds a number; to an absent one as to zero.
func Add(p Path, v Operand) Change {
	v.Absent = false
	c := change(ChangeAdd, p, v)
	if _, ok := v.AV.(*types.AttributeValueMemberN); !ok {
		c.fail(problem(ErrInvalid, p, "only numbers can be added to, and this is stored as %s", stored(v.AV)))
	}
	return c
}

// AddToSet adds elements to a set, which is made if it is absent.
func AddToSet(p Path, v Operand) Change { return setChange(ChangeAddToSet, p, v, "Add") }

// DeleteFromSet takes elements from a set. A set without elements is absent.
func DeleteFromSet(p Path, v Operand) Change { return setChange(ChangeDeleteFromSet, p, v, "Delete") }

func setChange(op ChangeOp, p Path, v Operand, verb string) Change {
	v.Absent = false
	c := change(op, p, v)
	switch {
	case c.err != nil:
	case v.AV == nil:
		c.fail(problem(ErrEmpty, p, "%s needs at least one element; leave the change out where there is none", verb))
	case !isSet(v.AV):
		c.fail(problem(ErrInvalid, p, "only sets have elements to add and delete, and this is stored as %s", stored(v.AV)))
	}
	return c
}

// Append puts the elements of a list after those that are there; an absent list is as an empty one.
func Append(p Path, v Operand) Change { return listChange(ChangeAppend, p, v, "Append") }

// Prepend is [Append] before those that are there.
func Prepend(p Path, v Operand) Change { return listChange(ChangePrepend, p, v, "Prepend") }

func listChange(op ChangeOp, p Path, v Operand, verb string) Change {
	v.Absent = false
	c := change(op, p, v)
	list, ok := v.AV.(*types.AttributeValueMemberL)
	switch {
	case c.err != nil:
	case v.AV == nil || ok && len(list.Value) == 0:
		c.err = problem(ErrEmpty, p, "%s needs at least one element that is stored; leave the change out where there is none", verb)
	case !ok:
		c.err = problem(ErrInvalid, p, "only lists can be appended to, and this is stored as %s", stored(v.AV))
	}
	return c
}

func change(op ChangeOp, p Path, v Operand) Change {
	c := Change{op: op, path: p, operand: v, err: p.Err()}
	c.fail(v.err)
	return c
}

func (c *Change) fail(err error) {
	if c.err == nil {
		c.err = err
	}
}

// length is the least that the change takes in an update expression, and how many operators and functions it counts.
func (c Change) length() (operators, chars int) {
	p := c.path.chars()
	switch {
	case c.Removes():
		return 0, p
	case c.op == ChangeSet:
		return 0, p + len(" = :0")
	case c.op == ChangeSetIfNotExists:
		return 1, p + len(" = if_not_exists(, :0)") + p
	case c.op == ChangeAdd && c.path.Nested():
		return 2, p + len(" = if_not_exists(, :0) + :0") + p
	case c.op == ChangeAppend || c.op == ChangePrepend:
		return 2, p + len(" = list_append(if_not_exists(, :0), :0)") + p
	}
	return 0, p + len(" :0")
}

// clause is the word of the clause that the change is written in.
func (c Change) clause() string {
	switch {
	case c.Removes():
		return "REMOVE"
	case c.op == ChangeDeleteFromSet:
		return "DELETE"
	case c.op == ChangeAddToSet, c.op == ChangeAdd && !c.path.Nested():
		return "ADD"
	}
	return "SET"
}

// updateLength adds up the changes of one update expression.
type updateLength struct {
	operators, chars int
	clauses          [4]string // each has one word
}

func (u *updateLength) add(c Change) {
	operators, chars := c.length()
	u.operators, u.chars = u.operators+operators, u.chars+chars
	word := c.clause()
	i := slices.IndexFunc(u.clauses[:], func(known string) bool { return known == word || known == "" })
	if u.clauses[i] == word {
		u.chars += len(", ")
		return
	}
	u.clauses[i] = word
	u.chars += len(word) + len(" \n")
}
