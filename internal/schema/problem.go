package schema

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a declaration: where, what, and what to do.
type Problem struct {
	Type  string // the Go type, "shop.Order"
	Field string // the Go field or marker it stands at; empty for the type as a whole
	Text  string // what is wrong and what to do, in one sentence without a full stop
}

func (p Problem) String() string {
	if p.Field == "" {
		return p.Type + ": " + p.Text
	}
	return p.Type + "." + p.Field + ": " + p.Text
}

// Problems is all that is wrong with a type; it is an error when it is not empty.
type Problems []Problem

// Error lists the problems, one a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// report collects the problems of one type while it is read.
type report struct {
	typ      string
	problems Problems
}

func (r *report) addf(field, format string, args ...any) {
	r.problems = append(r.problems, Problem{Type: r.typ, Field: field, Text: fmt.Sprintf(format, args...)})
}
