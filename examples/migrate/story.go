package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/monotable/monotable/repo"
)

// teller writes the story down. It has a repository of each program.
type teller struct {
	*live
	users   *repo.Repository[User]
	bridge  *repo.Repository[Bridge]
	members *repo.Repository[Member]
	out     io.Writer
}

func newTeller(l *live, out io.Writer) *teller {
	return &teller{
		live: l, users: repo.Must(repo.New[User](l.c, oldTable)), bridge: repo.Must(repo.New[Bridge](l.c, table)),
		members: repo.Must(repo.New[Member](l.c, table)), out: out,
	}
}

func tell(ctx context.Context, l *live, out io.Writer) error {
	t := newTeller(l, out)
	for _, chapter := range []func(context.Context) error{
		t.before, t.index, t.first, t.second, t.refused, // programs replace one another
		t.dry, t.walk, t.mend, t.again, t.answer, t.after, // the last one brings up what the others left
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (t *teller) before(ctx context.Context) error {
	t.say("A member, as the old program wrote it:")
	return t.rows(ctx, "ada")
}

// index makes the table ready for the first program that knows the index, before that is deployed.
func (t *teller) index(ctx context.Context) error {
	t.say("\nThe first release is ready. What does the table lack for it?")
	err := repo.VerifyTable(ctx, t.c, table, t.bridge)
	lacks, ok := errors.AsType[*repo.SchemaError](err)
	if !ok {
		return fmt.Errorf("a table without the index passed: %w", err)
	}
	for _, problem := range lacks.Problems {
		t.say("  %s", problem)
	}
	if err := t.addIndexes(ctx, t.bridge); err != nil {
		return err
	}
	t.say("UpdateTable adds it. And now?")
	if err := repo.VerifyTable(ctx, t.c, table, t.bridge); err != nil {
		return err
	}
	t.say("  nothing")
	return nil
}

// first has the first release run beside the old program, which knows neither index nor guards. Reindex mends what comes of that. Where
// the old program takes an address from a member that has a guard for it, by a change or by deleting, the guard stays, and nobody else
// can have the address, until Reindex has walked with DropGuards.
func (t *teller) first(ctx context.Context) error {
	t.say("\nThe first release runs beside the old program. It writes rosa, and the old program reads her:")
	if _, err := t.bridge.Create(ctx, Bridge{Club: club, ID: "rosa", Email: address("rosa"), Plan: "basic", Visits: 1}); err != nil {
		return err
	}
	if err := t.rows(ctx, "rosa"); err != nil {
		return err
	}
	rosa, err := t.users.Get(ctx, User{Club: club, ID: "rosa"})
	if err != nil {
		return err
	}
	t.say("  %s", rosa)

	t.say("The old program moves her to another plan. It knows no index, and leaves her where she was in it:")
	if _, err := t.users.Update(ctx, rosa, userTier.Set("full")); err != nil {
		return err
	}
	for b, err := range t.bridge.Query(bridgeClub.Eq(club), bridgePlan.Eq("basic")).All(ctx) {
		if err != nil {
			return err
		}
		t.say("  among the basic: %s", b)
	}
	t.say("Nor does it know that addresses are unique. It lets peter have rosa's.")
	_, err = t.users.Create(ctx, User{Club: club, ID: "peter", Email: address("rosa"), Tier: "youth"})
	return err
}

// second has the second release run beside the first one, which understands it. It could still be rolled back.
func (t *teller) second(ctx context.Context) error {
	t.say("\nThe old program is gone, and the second release runs beside the first. It reads what it finds under the old names:")
	ada, err := t.members.Get(ctx, Member{Club: club, ID: "ada"})
	if err != nil {
		return err
	}
	t.say("  %s", ada)

	t.say("It writes the new ones, and the first release reads them:")
	if _, err := t.members.Create(ctx, Member{Club: club, ID: "tim", Email: address("tim"), Plan: "basic"}); err != nil {
		return err
	}
	if err := t.rows(ctx, "tim"); err != nil {
		return err
	}
	tim, err := t.bridge.Get(ctx, Bridge{Club: club, ID: "tim"})
	if err != nil {
		return err
	}
	t.say("  %s", tim)

	t.say("The first release still writes the old ones, and the second reads them:")
	if _, err := t.bridge.Update(ctx, tim, bridgePlan.Set("full")); err != nil {
		return err
	}
	if err := t.rows(ctx, "tim"); err != nil {
		return err
	}
	now, err := t.members.Get(ctx, Member{Club: club, ID: "tim"})
	if err != nil {
		return err
	}
	t.say("  %s", now)
	return nil
}

// refused shows what both releases agree about, and why the old program had to go first.
func (t *teller) refused(ctx context.Context) error {
	t.say("Both know who has which address. The first release tries to give tim's away:")
	_, err := t.bridge.Create(ctx, Bridge{Club: club, ID: "timothy", Email: address("tim"), Plan: "basic"})
	if !errors.Is(err, repo.ErrNotUnique) {
		return fmt.Errorf("an address was given twice: %w", err)
	}
	t.say("  no: %v", err)

	t.say("The old program would be lost by now. The second release writes tina, and the old program would say:")
	if _, err := t.members.Create(ctx, Member{Club: club, ID: "tina", Email: address("tina"), Plan: "youth"}); err != nil {
		return err
	}
	_, err = t.users.Get(ctx, User{Club: club, ID: "tina"})
	if !errors.Is(err, repo.ErrWrongEntity) {
		return fmt.Errorf("an item under a name to come was read: %w", err)
	}
	t.say("  no: %v", err)
	return nil
}

// rows shows the rows of members as they are.
func (t *teller) rows(ctx context.Context, ids ...string) error {
	for _, id := range ids {
		text, err := t.show(ctx, id)
		if err != nil {
			return err
		}
		t.say("  %s", text)
	}
	return nil
}

func (t *teller) say(format string, args ...any) { fmt.Fprintf(t.out, format+"\n", args...) }
