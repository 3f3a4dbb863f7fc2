package main

import (
	"fmt"

	"github.com/monotable/monotable/expr"
)

// Score is what a player has in a game. It is found through the player, and in two indexes.
//
// In board the partition of a game is spread over sixteen shards, of which a player's name chooses one, and the most points come
// first. byCountry has no text of its own: its keys are the attributes themselves, two for the partition and a number to sort by.
type Score struct {
	_ struct{} `entity:"Score" pk:"PLAYER#{Player}" sk:"SCORE#{Game}"`
	_ struct{} `index:"board" pk:"BOARD#{Game}#{Player|shard=16}" sk:"{Points|desc}#{Player}"`
	_ struct{} `index:"byCountry" hash:"Game,Country" range:"Points"`

	Player  string `dynamodbav:"player"`
	Game    string `dynamodbav:"game"`
	Country string `dynamodbav:"country" repo:"required"`
	Points  int    `dynamodbav:"points"`
}

var (
	game    = expr.String(func(s *Score) *string { return &s.Game })
	country = expr.String(func(s *Score) *string { return &s.Country })
	points  = expr.Number(func(s *Score) *int { return &s.Points })
)

func (s Score) String() string { return fmt.Sprintf("%6d  %-9s %s", s.Points, s.Player, s.Country) }
