package main

import "time"

// Account is the head of its collection. Its email is unique: a guard, an item of its own elsewhere, sees to that.
type Account struct {
	_ struct{} `entity:"Account" pk:"ACCOUNT#{ID}" sk:"ACCOUNT"`

	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email" repo:"unique"`
}

// Post is counted in versions.
type Post struct {
	_ struct{} `entity:"Post" pk:"ACCOUNT#{Account}" sk:"POST#{ID}"`

	Account string `dynamodbav:"account"`
	ID      string `dynamodbav:"id"`
	Text    string `dynamodbav:"text"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// Session expires, and may still be there for days.
type Session struct {
	_ struct{} `entity:"Session" pk:"ACCOUNT#{Account}" sk:"SESSION#{ID}"`

	Account string    `dynamodbav:"account"`
	ID      string    `dynamodbav:"id"`
	Expires time.Time `dynamodbav:"expires,unixtime" repo:"ttl"`
}
