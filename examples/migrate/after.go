package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/monotable/monotable/repo"
)

// answer asks the index, which has everybody now, and tries to give an address away.
func (t *teller) answer(ctx context.Context) error {
	t.say("\nWho has which plan?")
	for _, plan := range plans {
		q := t.members.Query(memberClub.Eq(club), memberPlan.Eq(plan))
		by, err := q.Explain()
		if err != nil {
			return err
		}
		var ids []string
		for m, err := range q.All(ctx) {
			if err != nil {
				return err
			}
			ids = append(ids, m.ID)
		}
		t.say("  %s, from index %s: %s", plan, by.Index, strings.Join(ids, " "))
	}
	t.say("May a second ada have her address?")
	_, err := t.members.Create(ctx, Member{Club: club, ID: "ada2", Email: address("ada"), Plan: "full"})
	if !errors.Is(err, repo.ErrNotUnique) {
		return fmt.Errorf("an address was given twice: %w", err)
	}
	t.say("  no: %v", err)
	return nil
}

// after has a later release, whose declaration needs the former name of the attribute no more. That of the entity stays: guards are
// keyed by it.
func (t *teller) after(ctx context.Context) error {
	type Member struct {
		_ struct{} `entity:"Member,was=User" pk:"CLUB#{Club}" sk:"MEMBER#{ID}"`
		_ struct{} `index:"byPlan" pk:"CLUB#{Club}#PLAN#{Plan}" sk:"{ID}"`

		Club   string `dynamodbav:"club"`
		ID     string `dynamodbav:"id"`
		Email  string `dynamodbav:"email" repo:"unique"`
		Plan   string `dynamodbav:"plan"`
		Visits int    `dynamodbav:"visits"`
	}
	members, err := repo.New[Member](t.c, table)
	if err != nil {
		return err
	}
	report, err := members.Reindex(ctx, repo.ReindexOptions{DryRun: true})
	if err != nil {
		return err
	}
	t.say("\nAnd without the name tier, which no row has any more?")
	t.count(report.ReindexProgress)
	return nil
}
