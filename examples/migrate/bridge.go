package main

import (
	"fmt"

	"github.com/monotable/monotable/expr"
)

// Bridge is a member, as the first release declares it. It has the index and the unique field, so that both are right wherever it
// writes. And it knows the names to come, in was, while it writes the old ones: the old program beside it can read all that it writes,
// and it can read all that the second release will write. Its own names stand last in was: they are the first names, and guards of
// unique values are keyed by the first name of the entity.
type Bridge struct {
	_ struct{} `entity:"User,was=Member,was=User" pk:"CLUB#{Club}" sk:"MEMBER#{ID}"`
	_ struct{} `index:"byPlan" pk:"CLUB#{Club}#PLAN#{Plan}" sk:"{ID}"`

	Club   string `dynamodbav:"club"`
	ID     string `dynamodbav:"id"`
	Email  string `dynamodbav:"email" repo:"unique"`
	Plan   string `dynamodbav:"tier" repo:"was=plan,was=tier"`
	Visits int    `dynamodbav:"visits"`
}

var (
	bridgeClub = expr.String(func(b *Bridge) *string { return &b.Club })
	bridgePlan = expr.String(func(b *Bridge) *string { return &b.Plan })
)

func (b Bridge) String() string {
	return fmt.Sprintf("%-10s %-22s %-5s %2d visits", b.ID, b.Email, b.Plan, b.Visits)
}
