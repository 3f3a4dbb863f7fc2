package main

import (
	"fmt"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// table is the table as it is. Only messages have the attribute Kind; new rows of all types will.
var table = repo.Table{
	Name: tableName,
	Key:  repo.Key{Hash: "Hash", Range: "Sort"},
	Indexes: []repo.Index{
		{Name: "ByState", Hash: []string{"State"}, Range: []string{"Day"}},
		{Name: "ByRegion", Hash: []string{"RegionHash"}, Range: []string{"Day"}},
	},
	TypeAttribute: "Kind",
}

// User has a number that stands in the key as it is, |plain: it can be found, but not sorted by.
type User struct {
	_ struct{} `entity:"User" pk:"USER|{No|plain}" sk:"INFO"`

	No    int    `dynamodbav:"UserNo"`
	Name  string `dynamodbav:"FullName"`
	Since string `dynamodbav:"Since"`
}

// Order has its day in the key as it is, |raw: nothing is escaped, so a day with a bar in it is refused. Its index ByState is made of
// attributes of its own, with nothing derived. That of regions says NONE where there is none.
type Order struct {
	_ struct{} `entity:"Order" pk:"USER|{User|plain}" sk:"ORD|{Day|raw}|{No|plain}"`
	_ struct{} `index:"ByState" hash:"State" range:"Day"`
	_ struct{} `index:"ByRegion" pk:"REGION|{Region|or=NONE}" range:"Day"`

	User   int    `dynamodbav:"UserNo"`
	Day    string `dynamodbav:"Day"`
	No     int    `dynamodbav:"No"`
	State  string `dynamodbav:"State" repo:"required"`
	Region string `dynamodbav:"Region,omitempty"`
	Cents  int    `dynamodbav:"Cents"`
}

// Mail and Call are messages. Their keys look the same, so both say that they know, and Kind tells them apart.
type Mail struct {
	_ struct{} `entity:"Mail,overlaps=Call" pk:"USER|{User|plain}" sk:"MSG|{ID|raw}"`

	User    int    `dynamodbav:"UserNo"`
	ID      string `dynamodbav:"Id"`
	Subject string `dynamodbav:"Subject"`
}

// Call is a message by telephone.
type Call struct {
	_ struct{} `entity:"Call,overlaps=Mail" pk:"USER|{User|plain}" sk:"MSG|{ID|raw}"`

	User    int    `dynamodbav:"UserNo"`
	ID      string `dynamodbav:"Id"`
	Minutes int    `dynamodbav:"Minutes"`
}

var (
	orderUser   = expr.Number(func(o *Order) *int { return &o.User })
	orderDay    = expr.String(func(o *Order) *string { return &o.Day })
	orderNo     = expr.Number(func(o *Order) *int { return &o.No })
	orderState  = expr.String(func(o *Order) *string { return &o.State })
	orderRegion = expr.String(func(o *Order) *string { return &o.Region })
)

func (o Order) String() string {
	return fmt.Sprintf("order %s no. %-3d of user %-3d %-5s %-3s %6d", o.Day, o.No, o.User, o.State, o.Region, o.Cents)
}
