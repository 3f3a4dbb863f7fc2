package repo_test

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
)

// More of the family, for the state machine: entities with roles. What their guards must be is written by hand too.

// roles is what the library does with fields of an entity by itself.
type roles[T any] struct {
	version   func(*T) *int64
	created   func(*T) *time.Time
	updated   func(*T) *time.Time
	ttl       func(*T) *time.Time
	unique    func(*T) []claim
	immutable []string
}

// claim is a value that no other item may have.
type claim struct {
	field string
	guard string // the partition key of its guard
	empty bool
}

type account struct {
	_ struct{} `entity:"Account" pk:"ACCOUNT#{ID}" sk:"ACCOUNT"`
	_ struct{} `index:"gsi1" pk:"LEVEL#{Level}" sk:"{Name}#{ID}"`
	_ struct{} `index:"gsi2" pk:"ACCOUNTS" sk:"{Balance}" when:"Open=true"`

	ID      string    `dynamodbav:"id"`
	Name    string    `dynamodbav:"name,omitempty"`
	Level   int       `dynamodbav:"level"`
	Open    bool      `dynamodbav:"open"`
	Balance int64     `dynamodbav:"balance"`
	Version int64     `dynamodbav:"version" repo:"version"`
	Made    time.Time `dynamodbav:"made" repo:"created"`
	Changed time.Time `dynamodbav:"changed" repo:"updated"`
}

type user struct {
	_ struct{} `entity:"User" pk:"USER#{ID}" sk:"USER"`
	_ struct{} `index:"gsi1" pk:"EMAIL#{Email}" sk:"USER"`

	ID      string `dynamodbav:"id"`
	Email   string `dynamodbav:"email" repo:"unique,fold"`
	Rank    int    `dynamodbav:"rank"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

type employee struct {
	_ struct{} `entity:"Employee" pk:"ORG#{Org}" sk:"EMPLOYEE#{ID}"`
	_ struct{} `index:"gsi1" pk:"BADGE#{Badge}" sk:"{Desk}"`
	_ struct{} `index:"gsi3" pk:"ORG#{Org}" sk:"P#{Phone}" when:"Desk=1|2"`

	Org   string `dynamodbav:"org"`
	ID    string `dynamodbav:"id"`
	Badge string `dynamodbav:"badge" repo:"unique=Org+Badge"`
	Phone string `dynamodbav:"phone" repo:"unique"`
	Desk  int    `dynamodbav:"desk"`
	Note  string `dynamodbav:"note"`
}

type session struct {
	_ struct{} `entity:"Session" pk:"SESSION#{ID}" sk:"SESSION"`
	_ struct{} `index:"gsi2" pk:"OF#{User}" sk:"{Expires}"`

	ID      string    `dynamodbav:"id"`
	User    string    `dynamodbav:"user"`
	Hits    int       `dynamodbav:"hits"`
	Expires time.Time `dynamodbav:"expires,unixtime" repo:"ttl"`
}

type pact struct {
	_ struct{} `entity:"Pact" pk:"PACT#{ID}" sk:"PACT"`
	_ struct{} `index:"gsi1" pk:"OWNER#{Owner}" sk:"{State}#{ID}" when:"State=open|held"`

	ID      string `dynamodbav:"id"`
	Owner   string `dynamodbav:"owner" repo:"immutable"`
	State   state  `dynamodbav:"state"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

type audit struct {
	_ struct{} `entity:"Audit" pk:"AUDIT#{ID}" sk:"AUDIT"`
	_ struct{} `index:"gsi1" pk:"AUDITS" sk:"{Touched}#{ID}"`
	_ struct{} `index:"gsi3" pk:"AUDITS" sk:"{Touched|desc}" when:"Loud=true"`

	ID      string    `dynamodbav:"id"`
	Loud    bool      `dynamodbav:"loud,omitempty"`
	Count   int       `dynamodbav:"count,omitempty"`
	Touched time.Time `dynamodbav:"touched" repo:"updated"`
	Made    time.Time `dynamodbav:"made" repo:"created"`
}

type seat struct {
	_ struct{} `entity:"Seat" pk:"HALL#{Hall}" sk:"SEAT#{No|pad=4}"`
	_ struct{} `index:"gsi1" pk:"GUEST#{Guest.Name}" sk:"{Guest.Level}"`
	_ struct{} `index:"byAge" pk:"GUEST#{Guest.Name}" sk:"S#{Held}" when:"Held=0|1"`

	Hall    string `dynamodbav:"hall"`
	No      uint16 `dynamodbav:"no"`
	Guest   *boss  `dynamodbav:"guest"`
	Held    int64  `dynamodbav:"held"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// fold is ASCII case folding, by hand.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 32
		}
		return r
	}, s)
}

var mails = rapid.SampledFrom([]string{"a@x", "A@x", "b@x", "b#@x", "c@x", "d@x", "e@x", "E@X", ""})

var (
	accounts = kind[account]{
		name:  "account",
		blank: func(i int) account { return account{ID: fmt.Sprintf("a%d", i)} },
		keys: func(v *account) (primary, []keyOfIndex) {
			return primary{"ACCOUNT#" + segment(v.ID), "ACCOUNT"}, []keyOfIndex{
				standard("gsi1", v.Name != "", "LEVEL#"+number(int64(v.Level)), segment(v.Name)+"#"+segment(v.ID)),
				standard("gsi2", v.Open, "ACCOUNTS", number(v.Balance)),
			}
		},
		props: []prop[account]{
			text("Name", expr.String(func(v *account) *string { return &v.Name }), func(v *account) *string { return &v.Name }, words).omitted(),
			counted("Level", expr.Number(func(v *account) *int { return &v.Level }), func(v *account) *int { return &v.Level }, ints),
			truth("Open", expr.Field(func(v *account) *bool { return &v.Open }), func(v *account) *bool { return &v.Open }),
			counted("Balance", expr.Number(func(v *account) *int64 { return &v.Balance }), func(v *account) *int64 { return &v.Balance }, longs),
		},
		keyed: []prop[account]{text("ID", expr.String(func(v *account) *string { return &v.ID }), func(v *account) *string { return &v.ID }, words)},
	}
	accountRoles = roles[account]{
		version: func(v *account) *int64 { return &v.Version },
		created: func(v *account) *time.Time { return &v.Made },
		updated: func(v *account) *time.Time { return &v.Changed },
	}

	users = kind[user]{
		name:  "user",
		blank: func(i int) user { return user{ID: fmt.Sprintf("u%d", i)} },
		keys: func(v *user) (primary, []keyOfIndex) {
			return primary{"USER#" + segment(v.ID), "USER"}, []keyOfIndex{standard("gsi1", v.Email != "", "EMAIL#"+segment(v.Email), "USER")}
		},
		props: []prop[user]{
			text("Email", expr.String(func(v *user) *string { return &v.Email }), func(v *user) *string { return &v.Email }, mails),
			counted("Rank", expr.Number(func(v *user) *int { return &v.Rank }), func(v *user) *int { return &v.Rank }, ints),
		},
		keyed: []prop[user]{text("ID", expr.String(func(v *user) *string { return &v.ID }), func(v *user) *string { return &v.ID }, words)},
	}
	userRoles = roles[user]{
		version: func(v *user) *int64 { return &v.Version },
		unique: func(v *user) []claim {
			return []claim{{"Email", "$UNIQUE#User#email#" + segment(fold(v.Email)), v.Email == ""}}
		},
	}

	employees = kind[employee]{
		name:  "employee",
		blank: func(i int) employee { return employee{Org: fmt.Sprintf("o%d", i%2), ID: fmt.Sprintf("e%d", i)} },
		keys: func(v *employee) (primary, []keyOfIndex) {
			return primary{"ORG#" + segment(v.Org), "EMPLOYEE#" + segment(v.ID)}, []keyOfIndex{
				standard("gsi1", v.Badge != "", "BADGE#"+segment(v.Badge), number(int64(v.Desk))),
				standard("gsi3", v.Phone != "" && (v.Desk == 1 || v.Desk == 2), "ORG#"+segment(v.Org), "P#"+segment(v.Phone)),
			}
		},
		props: []prop[employee]{
			text("Badge", expr.String(func(v *employee) *string { return &v.Badge }), func(v *employee) *string { return &v.Badge }, mails),
			text("Phone", expr.String(func(v *employee) *string { return &v.Phone }), func(v *employee) *string { return &v.Phone }, mails),
			counted("Desk", expr.Number(func(v *employee) *int { return &v.Desk }), func(v *employee) *int { return &v.Desk }, ints),
			text("Note", expr.String(func(v *employee) *string { return &v.Note }), func(v *employee) *string { return &v.Note }, words),
		},
		keyed: []prop[employee]{
			text("Org", expr.String(func(v *employee) *string { return &v.Org }), func(v *employee) *string { return &v.Org }, words),
			text("ID", expr.String(func(v *employee) *string { return &v.ID }), func(v *employee) *string { return &v.ID }, words),
		},
	}
	employeeRoles = roles[employee]{unique: func(v *employee) []claim {
		return []claim{
			{"Badge", "ORG#" + segment(v.Org) + "#$UNIQUE#Employee#badge#" + segment(v.Badge), v.Badge == ""},
			{"Phone", "$UNIQUE#Employee#phone#" + segment(v.Phone), v.Phone == ""},
		}
	}}

	sessions = kind[session]{
		name:  "session",
		blank: func(i int) session { return session{ID: fmt.Sprintf("s%d", i)} },
		keys: func(v *session) (primary, []keyOfIndex) {
			return primary{"SESSION#" + segment(v.ID), "SESSION"}, []keyOfIndex{
				standard("gsi2", v.User != "" && !v.Expires.IsZero(), "OF#"+segment(v.User), stamp(v.Expires)),
			}
		},
		props: []prop[session]{
			text("User", expr.String(func(v *session) *string { return &v.User }), func(v *session) *string { return &v.User }, words),
			counted("Hits", expr.Number(func(v *session) *int { return &v.Hits }), func(v *session) *int { return &v.Hits }, ints),
			timed("Expires", expr.Field(func(v *session) *time.Time { return &v.Expires }), func(v *session) *time.Time { return &v.Expires }, maybe(deadlines, time.Time{})).omitted(),
		},
		keyed: []prop[session]{text("ID", expr.String(func(v *session) *string { return &v.ID }), func(v *session) *string { return &v.ID }, words)},
	}
	sessionRoles = roles[session]{ttl: func(v *session) *time.Time { return &v.Expires }}

	pacts = kind[pact]{
		name:  "pact",
		blank: func(i int) pact { return pact{ID: fmt.Sprintf("p%d", i)} },
		keys: func(v *pact) (primary, []keyOfIndex) {
			return primary{"PACT#" + segment(v.ID), "PACT"}, []keyOfIndex{
				standard("gsi1", v.Owner != "" && (v.State == "open" || v.State == "held"), "OWNER#"+segment(v.Owner), segment(string(v.State))+"#"+segment(v.ID)),
			}
		},
		props: []prop[pact]{
			text("Owner", expr.String(func(v *pact) *string { return &v.Owner }), func(v *pact) *string { return &v.Owner }, rapid.SampledFrom([]string{"ann", "bob", ""})),
			text("State", expr.String(func(v *pact) *state { return &v.State }), func(v *pact) *state { return &v.State }, states),
		},
		keyed: []prop[pact]{text("ID", expr.String(func(v *pact) *string { return &v.ID }), func(v *pact) *string { return &v.ID }, words)},
	}
	pactRoles = roles[pact]{version: func(v *pact) *int64 { return &v.Version }, immutable: []string{"Owner"}}

	audits = kind[audit]{
		name:  "audit",
		blank: func(i int) audit { return audit{ID: fmt.Sprintf("x%d", i)} },
		keys: func(v *audit) (primary, []keyOfIndex) {
			return primary{"AUDIT#" + segment(v.ID), "AUDIT"}, []keyOfIndex{
				standard("gsi1", true, "AUDITS", stamp(v.Touched)+"#"+segment(v.ID)),
				standard("gsi3", v.Loud, "AUDITS", stampDesc(v.Touched)),
			}
		},
		props: []prop[audit]{
			truth("Loud", expr.Field(func(v *audit) *bool { return &v.Loud }), func(v *audit) *bool { return &v.Loud }).omitted(),
			counted("Count", expr.Number(func(v *audit) *int { return &v.Count }), func(v *audit) *int { return &v.Count }, ints).omitted(),
		},
		keyed: []prop[audit]{text("ID", expr.String(func(v *audit) *string { return &v.ID }), func(v *audit) *string { return &v.ID }, words)},
	}
	auditRoles = roles[audit]{created: func(v *audit) *time.Time { return &v.Made }, updated: func(v *audit) *time.Time { return &v.Touched }}

	seats = kind[seat]{
		name:  "seat",
		blank: func(i int) seat { return seat{Hall: fmt.Sprintf("h%d", i%2), No: uint16(i)} },
		keys: func(v *seat) (primary, []keyOfIndex) {
			var g boss
			if v.Guest != nil {
				g = *v.Guest
			}
			return primary{"HALL#" + segment(v.Hall), fmt.Sprintf("SEAT#%04d", v.No)}, []keyOfIndex{
				standard("gsi1", g.Name != "", "GUEST#"+segment(g.Name), number(int64(g.Level))),
				{"byAge", "gsi1pk", "agesk", "GUEST#" + segment(g.Name), "S#" + number(v.Held), g.Name != "" && (v.Held == 0 || v.Held == 1)},
			}
		},
		props: []prop[seat]{
			plain("Guest", expr.Field(func(v *seat) **boss { return &v.Guest }), func(v *seat) **boss { return &v.Guest }, pointer(rapid.Custom(func(t *rapid.T) boss {
				return boss{words.Draw(t, "name"), ints.Draw(t, "level")}
			}))).omitted(),
			text("Guest.Name", expr.String(func(v *seat) *string { return &v.Guest.Name }), func(v *seat) *string {
				if v.Guest == nil {
					return nil
				}
				return &v.Guest.Name
			}, words),
			counted("Held", expr.Number(func(v *seat) *int64 { return &v.Held }), func(v *seat) *int64 { return &v.Held }, longs),
		},
		keyed: []prop[seat]{
			text("Hall", expr.String(func(v *seat) *string { return &v.Hall }), func(v *seat) *string { return &v.Hall }, words),
			ordered("No", expr.Number(func(v *seat) *uint16 { return &v.No }).FieldPath, func(v *seat) *uint16 { return &v.No }, rapid.Uint16Range(0, 9)),
		},
	}
	seatRoles = roles[seat]{version: func(v *seat) *int64 { return &v.Version }}
)

// machineStart is when the machine's clock starts; deadlines lie around it.
var machineStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

var deadlines = rapid.Map(rapid.SampledFrom([]int{-100, 50, 200, 400, 100_000}), func(s int) time.Time { return machineStart.Add(time.Duration(s) * time.Second) })

// utc turns every time in a struct, and in what its pointers lead to, into UTC, as zero times are.
func utc(v reflect.Value) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		if t := v.Interface().(time.Time); t.IsZero() {
			v.SetZero()
		} else {
			v.Set(reflect.ValueOf(t.UTC()))
		}
	case v.Kind() == reflect.Pointer && !v.IsNil():
		utc(v.Elem())
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				utc(v.Field(i))
			}
		}
	}
}

// cloned copies a value with what its pointers lead to.
func cloned[T any](v T) T {
	rv := reflect.ValueOf(&v).Elem()
	for i := range rv.NumField() {
		f := rv.Field(i)
		if f.Kind() == reflect.Pointer && !f.IsNil() {
			own := reflect.New(f.Type().Elem())
			own.Elem().Set(f.Elem())
			f.Set(own)
		}
	}
	return v
}
