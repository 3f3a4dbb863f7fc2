package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

// dry asks what there is to do. The first release is gone, so that all who write know all that is declared, and only the new names.
// Where the index cannot wait for that, the first release may walk as well, once the old program is gone.
func (t *teller) dry(ctx context.Context) error {
	t.say("\nThe first release is gone. What would Reindex do?")
	report, err := t.members.Reindex(ctx, repo.ReindexOptions{DryRun: true})
	if err != nil {
		return err
	}
	t.count(report.ReindexProgress)
	t.say("  It counts a guard for ada and one for lovelace. That they share an address shows once one of them has the guard.")
	return nil
}

// walk reindexes, and is interrupted in the middle, while others write. In an application the token of each Progress goes where a
// process that is started again finds it.
func (t *teller) walk(ctx context.Context) error {
	t.say("\nReindex, at no more than 40 rows in a second. The club goes on:")
	walking, interrupt := context.WithCancel(ctx)
	defer interrupt()
	kept, busy := "", error(nil)
	o := repo.ReindexOptions{Rate: 40, Progress: func(p repo.ReindexProgress) {
		if kept = p.Resume; p.Read > 0 && walking.Err() == nil {
			busy = t.meanwhile(ctx)
			interrupt()
		}
	}}
	begun, err := t.members.Reindex(walking, o)
	switch {
	case busy != nil:
		return busy
	case !errors.Is(err, context.Canceled):
		return fmt.Errorf("the walk was not interrupted: %w", err)
	}
	o.Resume = kept
	rest, err := t.members.Reindex(ctx, o)
	if err != nil {
		return err
	}
	t.say("It is interrupted, and goes on where it was. Both walks together:")
	t.count(sum(begun.ReindexProgress, rest.ReindexProgress))
	t.say("And this is left to somebody who knows better:")
	for _, p := range append(begun.Problems, rest.Problems...) {
		t.say("  %s: %v", name(p.Key), p.Err)
		if p.Owner != nil {
			t.say("    %s has it", name(p.Owner))
		}
	}
	return nil
}

// meanwhile is what others write while the walk is at its first members: to one that it has seen, to one that it has not, and a new one.
func (t *teller) meanwhile(ctx context.Context) error {
	for _, id := range []string{"ada", "radia"} {
		m, err := t.members.Update(ctx, Member{Club: club, ID: id}, memberPlan.Set("youth"))
		if err != nil {
			return err
		}
		t.say("  changed %s", m)
	}
	m, err := t.members.Create(ctx, Member{Club: club, ID: "zoe", Email: address("zoe"), Plan: "basic"})
	if err != nil {
		return err
	}
	t.say("  new     %s", m)
	return nil
}

func sum(a, b repo.ReindexProgress) repo.ReindexProgress {
	return repo.ReindexProgress{
		Read: a.Read + b.Read, Right: a.Right + b.Right, Written: a.Written + b.Written, Guards: a.Guards + b.Guards,
		Dropped: a.Dropped + b.Dropped, Duplicates: a.Duplicates + b.Duplicates, Invalid: a.Invalid + b.Invalid,
	}
}

// count says what a walk did, or would do.
func (t *teller) count(p repo.ReindexProgress) {
	t.say("  read %d, written %d, guards made %d, right already %d, address taken %d, not decoded %d",
		p.Read, p.Written, p.Guards, p.Right, p.Duplicates, p.Invalid)
}

// name is the sort key of an item.
func name(key map[string]types.AttributeValue) string {
	return key["sk"].(*types.AttributeValueMemberS).Value
}

// mend does what only the club can decide.
func (t *teller) mend(ctx context.Context) error {
	t.say("\nLovelace is ada, and goes. Peter has an address of his own. Tony was there three times.")
	if err := t.members.Delete(ctx, Member{Club: club, ID: "lovelace"}); err != nil {
		return err
	}
	peter, err := t.members.Update(ctx, Member{Club: club, ID: "peter"}, memberEmail.Set(address("peter")))
	if err != nil {
		return err
	}
	t.say("  %s", peter)
	tony, err := t.members.Update(ctx, Member{Club: club, ID: "tony"}, memberVisits.Set(3))
	if err != nil {
		return err
	}
	t.say("  %s", tony)
	return nil
}

// again walks twice: what could not be decoded before gets its keys and its guard, and then nothing is left to do.
func (t *teller) again(ctx context.Context) error {
	t.say("\nReindex brings up tony, and writes nothing the next time:")
	for range 2 {
		report, err := t.members.Reindex(ctx, repo.ReindexOptions{})
		if err != nil {
			return err
		}
		t.count(report.ReindexProgress)
	}
	return t.rows(ctx, "ada", "tony")
}
