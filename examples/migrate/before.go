package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// oldTable is the table as the old program declares it.
var oldTable = repo.Table{Name: "monotable-migrate"}

// User is a member of a club, as the old program declares it.
type User struct {
	_ struct{} `entity:"User" pk:"CLUB#{Club}" sk:"MEMBER#{ID}"`

	Club   string `dynamodbav:"club"`
	ID     string `dynamodbav:"id"`
	Email  string `dynamodbav:"email"`
	Tier   string `dynamodbav:"tier"`
	Visits int    `dynamodbav:"visits"`
}

var userTier = expr.String(func(u *User) *string { return &u.Tier })

func (u User) String() string {
	return fmt.Sprintf("%-10s %-22s %-5s %2d visits", u.ID, u.Email, u.Tier, u.Visits)
}

const club = "chess"

var (
	joined = []string{"ada", "alan", "barbara", "claude", "dennis", "donald", "edith", "edsger", "frances", "grace", "hedy", "joan",
		"john", "katherine", "ken", "konrad", "leslie", "linus", "lovelace", "margaret", "niklaus", "radia"}
	plans = []string{"basic", "full", "youth"}
)

// fill makes the table and has it as the years have left it: two members have one address, and the visits of a third are no number.
func fill(ctx context.Context, c *dynamodb.Client) error {
	users, err := repo.New[User](c, oldTable)
	if err != nil {
		return err
	}
	if err := repo.CreateTable(ctx, c, oldTable, users); err != nil {
		return err
	}
	var all []User
	for i, id := range joined {
		all = append(all, User{Club: club, ID: id, Email: address(id), Tier: plans[i%len(plans)], Visits: i * 7 % 20})
		if id == "lovelace" {
			all[i].Email = address("ada")
		}
	}
	if err := batch.New(users, batch.Options{}).Put(ctx, all...); err != nil {
		return err
	}
	tony, err := users.Encode(User{Club: club, ID: "tony", Email: address("tony"), Tier: "full"})
	if err != nil {
		return err
	}
	tony["visits"] = &types.AttributeValueMemberS{Value: "three"}
	_, err = c.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(oldTable.Name), Item: tony})
	return err
}

func address(id string) string { return id + "@example.com" }
