package main

import (
	"fmt"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// table is the table as both releases declare it.
var table = repo.Table{Name: oldTable.Name, Indexes: []repo.Index{{Name: "byPlan"}}}

// Member is a member, as the second release declares it: under the new names, which are all that it differs in from the first.
type Member struct {
	_ struct{} `entity:"Member,was=User" pk:"CLUB#{Club}" sk:"MEMBER#{ID}"`
	_ struct{} `index:"byPlan" pk:"CLUB#{Club}#PLAN#{Plan}" sk:"{ID}"`

	Club   string `dynamodbav:"club"`
	ID     string `dynamodbav:"id"`
	Email  string `dynamodbav:"email" repo:"unique"`
	Plan   string `dynamodbav:"plan" repo:"was=tier"`
	Visits int    `dynamodbav:"visits"`
}

var (
	memberClub   = expr.String(func(m *Member) *string { return &m.Club })
	memberEmail  = expr.String(func(m *Member) *string { return &m.Email })
	memberPlan   = expr.String(func(m *Member) *string { return &m.Plan })
	memberVisits = expr.Number(func(m *Member) *int { return &m.Visits })
)

func (m Member) String() string {
	return fmt.Sprintf("%-10s %-22s %-5s %2d visits", m.ID, m.Email, m.Plan, m.Visits)
}
