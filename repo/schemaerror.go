package repo

import (
	"strings"

	"github.com/monotable/monotable/internal/schema"
)

// SchemaError is all that is wrong with a type or a table, found before anything is sent. It holds no values.
type SchemaError struct {
	Type     string   // the Go type, or the table where several types are concerned
	Problems []string // one sentence each: where, what, and what to do
}

// Error lists the problems, one a line.
func (e *SchemaError) Error() string {
	if len(e.Problems) == 1 {
		return "repo: " + e.Problems[0]
	}
	return "repo: " + e.Type + " has several problems:\n\t" + strings.Join(e.Problems, "\n\t")
}

func texts(problems []schema.Problem) []string {
	out := make([]string, len(problems))
	for i, p := range problems {
		out[i] = p.String()
	}
	return out
}
