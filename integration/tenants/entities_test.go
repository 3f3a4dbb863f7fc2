// Package tenants attacks the repositories of one tenant, with identifiers that try to reach the items of another: every exported
// function and method is tried, every request that is sent is looked at by code that shares nothing with the library, and the items
// of the other tenants are compared before and after.
package tenants

import (
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The entities are few, and have what a tenant's identifier can be part of. Each has a Note, which is where the secrets are.

// user is in its tenant's own partition, beside badge. Its address is unique within the tenant.
type user struct {
	_ struct{} `entity:"User" pk:"TENANT#{Tenant}" sk:"USER#{ID}"`
	_ struct{} `index:"led" pk:"TENANT#{Tenant}#MAIL#{Mail}" sk:"USER#{ID}"`
	_ struct{} `index:"open" pk:"MAIL#{Mail}" sk:"{Tenant}#{ID}"`

	Tenant  string `dynamodbav:"tenant"`
	ID      string `dynamodbav:"id"`
	Mail    string `dynamodbav:"mail" repo:"unique=Tenant+Mail,required"`
	Note    string `dynamodbav:"note"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

// doc has a longer partition key. Its indexes are one of text, one of attributes of their own that holds keys alone, and two that do
// not begin with the tenant as the table does.
type doc struct {
	_ struct{} `entity:"Doc" pk:"TENANT#{Tenant}#FOLDER#{Folder}" sk:"DOC#{ID}"`
	_ struct{} `index:"led" pk:"TENANT#{Tenant}#STATE#{State}" sk:"DOC#{ID}"`
	_ struct{} `index:"multi" hash:"Tenant,State" range:"ID"`
	_ struct{} `index:"open" pk:"STATE#{State}#{Tenant}" sk:"{ID}"`
	_ struct{} `index:"other" pk:"STATE#{Tenant}#{State}" sk:"{ID}"`

	Tenant  string    `dynamodbav:"owner,omitempty"`
	Folder  string    `dynamodbav:"folder"`
	State   string    `dynamodbav:"status,omitempty" repo:"required"`
	ID      string    `dynamodbav:"doc,omitempty"`
	Note    string    `dynamodbav:"note"`
	Created time.Time `dynamodbav:"created" repo:"created"`
}

// event is spread over shards, behind the tenant.
type event struct {
	_ struct{} `entity:"Event" pk:"TENANT#{Tenant}#EVENT#{ID|shard=3}" sk:"{ID}"`
	_ struct{} `index:"led" pk:"TENANT#{Tenant}#FEED#{Feed}#{ID|shard=2}" sk:"{ID|raw}"`
	_ struct{} `index:"open" pk:"FEED#{Feed}#{ID|shard=2}" sk:"{Tenant}#{ID}"`

	Tenant  string    `dynamodbav:"tenant"`
	ID      string    `dynamodbav:"id"`
	Feed    string    `dynamodbav:"feed" repo:"required"`
	Note    string    `dynamodbav:"note"`
	Expires time.Time `dynamodbav:"expires,unixtime,omitempty" repo:"ttl"`
}

// badge has a code that is unique among all tenants, which a tenant's repository must not touch.
type badge struct {
	_ struct{} `entity:"Badge" pk:"TENANT#{Tenant}" sk:"BADGE#{ID}"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Code   string `dynamodbav:"code" repo:"unique"`
	Note   string `dynamodbav:"note"`
}

// entry lives in a table of its own, whose keys are attributes of its own.
type entry struct {
	_ struct{} `entity:"Entry" hash:"Tenant" range:"ID"`
	_ struct{} `index:"led" hash:"Tenant,Mail" range:"ID"`
	_ struct{} `index:"open" hash:"Mail" range:"Tenant,ID"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Mail   string `dynamodbav:"mail" repo:"unique=Tenant+Mail"`
	Note   string `dynamodbav:"note"`
}

var (
	textTable = repo.Table{Name: "app", Indexes: []repo.Index{
		{Name: "led"}, {Name: "open"}, {Name: "other"},
		{Name: "multi", Hash: []string{"owner", "status"}, Range: []string{"doc"}, KeysOnly: true},
	}}
	nativeTable = repo.Table{Name: "natural", Key: repo.Key{Hash: "tenant", Range: "id"}, Indexes: []repo.Index{
		{Name: "led", Hash: []string{"tenant", "mail"}, Range: []string{"id"}, KeysOnly: true},
		{Name: "open", Hash: []string{"mail"}, Range: []string{"tenant", "id"}},
	}}
)

// kind is an entity as the attack needs to know it.
type kind[T any] struct {
	table repo.Table
	make  func(tenant, id, second string) T // second is the value of the field that an index is about
	text  func(T) (tenant, note string)

	tenant, id, second, note expr.StringPath[T, string]

	ways []way[T] // of reading several items
}

// way is one way of reading several items.
type way[T any] struct {
	index   string // "" for the table
	second  bool   // the conditions are on the second field
	folder  bool   // on both
	id      bool   // on the identifier too
	hydrate bool
	refused bool // it leads to all tenants
}

var users = kind[user]{
	table: textTable,
	make: func(tenant, id, second string) user {
		return user{Tenant: tenant, ID: id, Mail: second, Note: "a note"}
	},
	text:   func(u user) (string, string) { return u.Tenant, u.Note },
	tenant: expr.String(func(u *user) *string { return &u.Tenant }),
	id:     expr.String(func(u *user) *string { return &u.ID }),
	second: expr.String(func(u *user) *string { return &u.Mail }),
	note:   expr.String(func(u *user) *string { return &u.Note }),
	ways: []way[user]{{}, {id: true}, {index: "led", second: true}, {index: "led", second: true, id: true},
		{index: "open", second: true, refused: true}},
}

var docs = kind[doc]{
	table: textTable,
	make: func(tenant, id, second string) doc {
		return doc{Tenant: tenant, ID: id, Folder: second, State: second, Note: "a note"}
	},
	text:   func(d doc) (string, string) { return d.Tenant, d.Note },
	tenant: expr.String(func(d *doc) *string { return &d.Tenant }),
	id:     expr.String(func(d *doc) *string { return &d.ID }),
	second: expr.String(func(d *doc) *string { return &d.State }),
	note:   expr.String(func(d *doc) *string { return &d.Note }),
	ways: []way[doc]{{folder: true}, {folder: true, id: true}, {index: "led", second: true}, {index: "led", second: true, id: true},
		{index: "multi", second: true, hydrate: true}, {index: "multi", second: true, id: true, hydrate: true},
		{index: "open", second: true, refused: true}, {index: "other", second: true, refused: true}},
}

var docFolder = expr.String(func(d *doc) *string { return &d.Folder })

var events = kind[event]{
	table: textTable,
	make: func(tenant, id, second string) event {
		return event{Tenant: tenant, ID: id, Feed: second, Note: "a note"}
	},
	text:   func(e event) (string, string) { return e.Tenant, e.Note },
	tenant: expr.String(func(e *event) *string { return &e.Tenant }),
	id:     expr.String(func(e *event) *string { return &e.ID }),
	second: expr.String(func(e *event) *string { return &e.Feed }),
	note:   expr.String(func(e *event) *string { return &e.Note }),
	ways: []way[event]{{}, {id: true}, {index: "led", second: true}, {index: "led", second: true, id: true},
		{index: "open", second: true, refused: true}},
}

var badges = kind[badge]{
	table: textTable,
	make: func(tenant, id, second string) badge {
		return badge{Tenant: tenant, ID: id, Code: second, Note: "a note"}
	},
	text:   func(b badge) (string, string) { return b.Tenant, b.Note },
	tenant: expr.String(func(b *badge) *string { return &b.Tenant }),
	id:     expr.String(func(b *badge) *string { return &b.ID }),
	second: expr.String(func(b *badge) *string { return &b.Code }),
	note:   expr.String(func(b *badge) *string { return &b.Note }),
	ways:   []way[badge]{{}, {id: true}},
}

var entries = kind[entry]{
	table: nativeTable,
	make: func(tenant, id, second string) entry {
		return entry{Tenant: tenant, ID: id, Mail: second, Note: "a note"}
	},
	text:   func(e entry) (string, string) { return e.Tenant, e.Note },
	tenant: expr.String(func(e *entry) *string { return &e.Tenant }),
	id:     expr.String(func(e *entry) *string { return &e.ID }),
	second: expr.String(func(e *entry) *string { return &e.Mail }),
	note:   expr.String(func(e *entry) *string { return &e.Note }),
	ways: []way[entry]{{}, {id: true}, {index: "led", second: true, hydrate: true}, {index: "led", second: true, id: true, hydrate: true},
		{index: "open", second: true, refused: true}},
}
