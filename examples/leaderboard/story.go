package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

// teller writes the story down.
type teller struct {
	*board
	out io.Writer
}

// tell asks what players ask, one chapter after the other.
func tell(ctx context.Context, b *board, out io.Writer) error {
	t := &teller{b, out}
	for _, chapter := range []func(context.Context) error{t.stored, t.best, t.pages, t.around, t.better, t.more, t.countries} {
		b.spent.take()
		if err := chapter(ctx); err != nil {
			return err
		}
		t.cost()
	}
	return nil
}

// cost says what a chapter took.
func (t *teller) cost() {
	switch requests := t.spent.take(); requests {
	case 0:
		t.say("")
	case 1:
		t.say("  1 request\n")
	default:
		t.say("  %d requests\n", requests)
	}
}

// stored shows the keys that a score has. The name chooses the shard, and always the same one.
func (t *teller) stored(context.Context) error {
	t.say("How are scores stored?")
	for _, s := range []Score{{Player: "ada", Game: "go", Country: "DE", Points: 1000}, {Player: "joan", Game: "go", Country: "US", Points: 1850}} {
		item, err := t.scores.Encode(s)
		if err != nil {
			return err
		}
		for _, key := range []string{"pk", "sk", "boardpk", "boardsk", "game", "country", "points"} {
			var text string
			switch v := item[key].(type) {
			case *types.AttributeValueMemberS:
				text = v.Value
			case *types.AttributeValueMemberN:
				text = v.Value + " (a number)"
			}
			t.say("  %-8s %s", key, text)
		}
	}
	return nil
}

// ranking is the whole board of go, the best first.
func (t *teller) ranking() repo.Query[Score] { return t.scores.Query(game.Eq("go")) }

func (t *teller) best(ctx context.Context) error {
	t.say("Who are the best five? Every shard is asked for its first five, and they are merged.")
	plan, err := t.ranking().Explain()
	if err != nil {
		return err
	}
	t.say("  from index %s, %d partitions, %s", plan.Index, plan.Partitions, plan.KeyCondition)
	for s, err := range t.ranking().Limit(5).All(ctx) {
		if err != nil {
			return err
		}
		t.say("  %s", s)
	}
	return nil
}

// pages reads the board as a web page would: all that is kept from one page to the next is its cursor.
func (t *teller) pages(ctx context.Context) error {
	t.say("The whole board, nine a page. One cursor stands for a place in all shards.")
	cursor, rank := repo.Cursor(""), 0
	for n := 1; n == 1 || cursor != ""; n++ {
		page, err := t.ranking().Limit(9).Page(ctx, cursor)
		if err != nil {
			return err
		}
		t.say("  page %d", n)
		for _, s := range page.Items {
			rank++
			t.say("  %2d. %s", rank, s)
		}
		cursor = page.Next
	}
	return nil
}

// around shows a player's rank, and the neighbours on both sides: a cursor can stand at any item.
func (t *teller) around(ctx context.Context) error {
	t.say("Where is grace, and who is next to her?")
	grace, err := t.scores.Get(ctx, Score{Player: "grace", Game: "go"})
	if err != nil {
		return err
	}
	above, err := neighbours(ctx, t.ranking().Desc(), grace)
	if err != nil {
		return err
	}
	below, err := neighbours(ctx, t.ranking(), grace)
	if err != nil {
		return err
	}
	ahead, err := t.scores.Query(game.Eq("go"), points.Gt(grace.Points)).Count(ctx)
	if err != nil {
		return err
	}
	for i := range above {
		t.say("       %s", above[len(above)-1-i])
	}
	t.say("    -> %s", grace)
	for _, s := range below {
		t.say("       %s", s)
	}
	t.say("  %d players have more points than she has", ahead)
	return nil
}

// neighbours are the two that come behind a score in the order of a query.
func neighbours(ctx context.Context, q repo.Query[Score], s Score) ([]Score, error) {
	at, err := q.CursorAt(s)
	if err != nil {
		return nil, err
	}
	page, err := q.Limit(2).Page(ctx, at)
	return page.Items, err
}

// better is a result that counts only if it is better than the one before. The new place in the index comes with it.
func (t *teller) better(ctx context.Context) error {
	t.say("Grace plays twice. A result counts if it is her best.")
	for _, result := range []int{2040, 1700} {
		s, err := t.scores.If(points.Lt(result)).Update(ctx, Score{Player: "grace", Game: "go"}, points.Set(result))
		switch {
		case errors.Is(err, repo.ErrConditionFailed):
			best, _, err := repo.Stored(t.scores, err)
			if err != nil {
				return err
			}
			t.say("  %6d  is no record: it is %d", result, best.Points)
		case err != nil:
			return err
		default:
			first, err := t.ranking().First(ctx)
			if err != nil {
				return err
			}
			t.say("  %s, and the first of the board is %s", s, first.Player)
		}
	}
	return nil
}

// more adds to what is there. Nobody knows the sum before it is read, so the index could not follow an Add.
func (t *teller) more(ctx context.Context) error {
	t.say("Rosa gets a bonus of 500.")
	rosa := Score{Player: "rosa", Game: "go"}
	_, err := t.scores.Update(ctx, rosa, points.Add(500))
	if !errors.Is(err, repo.ErrStaleIndex) {
		return fmt.Errorf("an index key was left stale: %w", err)
	}
	t.say("  no: %v", err)
	rosa, err = t.scores.Modify(ctx, rosa, func(s *Score) error {
		s.Points += 500
		return nil
	})
	if err != nil {
		return err
	}
	t.say("  %s", rosa)
	return nil
}

// countries reads the index of native keys: numbers sort as numbers, without padding, and the last one comes first when asked.
func (t *teller) countries(ctx context.Context) error {
	t.say("Who in the US has 1500 points or more?")
	q := t.scores.Query(game.Eq("go"), country.Eq("US"), points.Ge(1500)).Desc()
	plan, err := q.Explain()
	if err != nil {
		return err
	}
	t.say("  from index %s, %s", plan.Index, plan.KeyCondition)
	for s, err := range q.All(ctx) {
		if err != nil {
			return err
		}
		t.say("  %s", s)
	}
	return nil
}

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }
