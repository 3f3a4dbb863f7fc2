package main

import (
	"context"
	"fmt"
	"io"

	"github.com/monotable/monotable/repo"
)

const readUnits, writeUnits = "read units", "write units"

// teller writes the story down.
type teller struct {
	*shop
	out io.Writer
}

// answer asks a question, and says where the answer comes from, what it is, and what it took.
func answer[T fmt.Stringer](ctx context.Context, t *teller, question string, q repo.Query[T]) error {
	t.ask(question)
	plan, err := q.Explain()
	if err != nil {
		return err
	}
	t.planned(plan)
	found := 0
	for item, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		t.show(item)
		found++
	}
	if found == 0 {
		t.say("  nothing")
	}
	t.cost(readUnits)
	return nil
}

func (t *teller) say(format string, args ...any) { _, _ = fmt.Fprintf(t.out, format+"\n", args...) }

func (t *teller) ask(question string) {
	t.say("\n%s", question)
	t.spent.take()
}

func (t *teller) from(where string) { t.say("  from %s", where) }

func (t *teller) planned(p repo.Plan) {
	where := "the table"
	if p.Index != "" {
		where = "index " + p.Index
	}
	t.from(where + ", " + p.KeyCondition)
	if p.Filter != "" {
		t.say("  filtered by %s", p.Filter)
	}
}

func (t *teller) show(item fmt.Stringer) { t.say("    %s", item) }

func (t *teller) refused(err error) { t.say("  no: %v", err) }

// cost says what was consumed since the question.
func (t *teller) cost(units string) {
	spent := t.spent.take()
	requests := "requests"
	if spent.requests == 1 {
		requests = "request"
	}
	t.say("  %d %s, %.1f %s", spent.requests, requests, spent.units, units)
}
