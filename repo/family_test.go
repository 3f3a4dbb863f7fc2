package repo_test

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The family: entities of one table for the property tests, and beside each what its keys must be, rendered by hand below with
// nothing of the library's. Where a template in a tag changes, the one in keys changes with it.

var familyTable = repo.Table{Name: "family", Indexes: []repo.Index{
	{Name: "gsi1"}, {Name: "gsi2"}, {Name: "gsi3"},
	{Name: "byAge", Hash: []string{"gsi1pk"}, Range: []string{"agesk"}},
	{Name: "inDoc", Hash: []string{"pk"}, Range: []string{"gsi1sk"}},
	{Name: "mixed", Hash: []string{"g_zone"}, Range: []string{"mixedsk"}},
	{Name: "multi", Hash: []string{"g_zone", "g_grade"}, Range: []string{"g_level", "g_label"}},
}}

type state string

type ticket struct {
	_ struct{} `entity:"Ticket" pk:"BOARD#{Board}" sk:"TICKET#{ID}"`
	_ struct{} `index:"gsi1" pk:"STATE#{State}" sk:"{Due}#{ID}" when:"State=open|held"`
	_ struct{} `index:"gsi2" pk:"OWNER#{Owner}" sk:"T#{Rank|desc}#{State}"`

	Board string         `dynamodbav:"board"`
	ID    string         `dynamodbav:"id"`
	State state          `dynamodbav:"state,omitempty"`
	Due   time.Time      `dynamodbav:"due" repo:"required"`
	Owner string         `dynamodbav:"owner"`
	Rank  int            `dynamodbav:"rank"`
	Note  string         `dynamodbav:"note"`
	Tags  []string       `dynamodbav:"tags,stringset"`
	Log   []string       `dynamodbav:"log"`
	Votes map[string]int `dynamodbav:"votes"`
}

type place struct {
	Site  string `dynamodbav:"site,omitempty"`
	Floor int8   `dynamodbav:"floor"`
}

type device struct {
	_ struct{} `entity:"Device" pk:"DEVICE#{Serial|pad=6}" sk:"DEVICE"`
	_ struct{} `index:"gsi1" pk:"SITE#{Place.Site}" sk:"D#{Place.Floor}#{Model}"`
	_ struct{} `index:"gsi2" pk:"DEVICES#{Active}" sk:"{Seen|desc}" when:"Active=true"`

	Serial uint32    `dynamodbav:"serial"`
	Active bool      `dynamodbav:"active,omitempty"`
	Seen   time.Time `dynamodbav:"seen,unixtime,omitempty"`
	Place  place     `dynamodbav:"place"`
	Model  string    `dynamodbav:"model,omitempty"`
}

type boss struct {
	Name  string `dynamodbav:"name"`
	Level int    `dynamodbav:"level,omitempty"`
}

type member struct {
	_ struct{} `entity:"Member" pk:"TEAM#{Team}" sk:"MEMBER#{Email}"`
	_ struct{} `index:"gsi1" pk:"BOSS#{Boss.Name}" sk:"{Boss.Level}"`
	_ struct{} `index:"gsi3" pk:"TEAM#{Team}" sk:"N#{Nick}" when:"Boss.Level=1|2"`

	Team  string  `dynamodbav:"team"`
	Email string  `dynamodbav:"email"`
	Boss  *boss   `dynamodbav:"boss,omitempty"`
	Nick  *string `dynamodbav:"nick,omitempty"`
}

type score struct {
	_ struct{} `entity:"Score" pk:"GAME#{Game}" sk:"PLAYER#{Player}"`
	_ struct{} `index:"gsi1" pk:"GAME#{Game}" sk:"S#{Points|desc}#{Level|pad=3}"`
	_ struct{} `index:"gsi2" pk:"RANKED" sk:"S#{Points}" when:"Banned=false"`
	_ struct{} `index:"gsi3" pk:"LEVEL#{Level}" sk:"S#{Game}#{Player}"`

	Game   string `dynamodbav:"game"`
	Player string `dynamodbav:"player"`
	Points int64  `dynamodbav:"points"`
	Level  uint8  `dynamodbav:"level"`
	Banned bool   `dynamodbav:"banned,omitempty"`
}

type doc struct {
	_ struct{} `entity:"Doc" pk:"DOC#{ID}" sk:"DOC"`
	_ struct{} `index:"gsi1" pk:"FOLDER#{Folder}" sk:"{Title}"`
	_ struct{} `index:"byAge" pk:"FOLDER#{Folder}" sk:"{Edited}" when:"Draft=false"`
	_ struct{} `index:"inDoc" pk:"DOC#{ID}" sk:"{Title}"`

	ID     string    `dynamodbav:"id"`
	Folder string    `dynamodbav:"folder"`
	Title  string    `dynamodbav:"title,omitempty"`
	Edited time.Time `dynamodbav:"edited,omitempty"`
	Draft  bool      `dynamodbav:"draft"`
}

type toggle struct {
	_ struct{} `entity:"Toggle" pk:"FLAG#{Name}" sk:"FLAG"`
	_ struct{} `index:"gsi1" pk:"FLAGS" sk:"F#{Level}#{Name}" when:"Level=0|1,On=true"`
	_ struct{} `index:"gsi2" pk:"STAGE#{Stage}#{Level|desc}" sk:"F#{On|desc}#{Path|raw}"`

	Name  string `dynamodbav:"name"`
	Level int    `dynamodbav:"level,omitempty"`
	On    *bool  `dynamodbav:"on,omitempty"`
	Stage string `dynamodbav:"stage" repo:"required"`
	Path  string `dynamodbav:"path"`
}

// keyOfIndex is what an index holds of an item: both texts, if the item is in it.
type keyOfIndex struct {
	name               string
	hashAttr, sortAttr string
	hash, sort         string
	in                 bool
}

func standard(name string, in bool, hash, sort string) keyOfIndex {
	return keyOfIndex{name, name + "pk", name + "sk", hash, sort, in}
}

// kind is one entity of the family.
type kind[T any] struct {
	name  string
	blank func(i int) T                         // the key of the ith item, everything else zero
	keys  func(v *T) (primary, []keyOfIndex)    // by hand
	props []prop[T]                             // the fields that are no key of the table
	keyed []prop[T]                             // those that are
	paths []access                              // how it can be read, by hand
	open  func(repo.Client) *repo.Repository[T] // the library's
}

type primary struct{ pk, sk string }

// access is one way to read an entity: the fields of the partition key, those of the sort key, and what the index leaves out.
type access struct {
	index      string // "" for the table
	hash, sort []string
	literal    string   // that every sort key begins with
	when       []clause // all must hold
	present    []string // fields that can be empty in items
	standIn    []string // fields that have a text where they are empty
}

type clause struct {
	field string
	holds func(text string) bool // of the value as fmt prints it
}

func oneOf(values ...string) func(string) bool {
	return func(text string) bool {
		for _, v := range values {
			if v == text {
				return true
			}
		}
		return false
	}
}

func opening[T any](c repo.Client) *repo.Repository[T] { return repo.Must(repo.New[T](c, familyTable)) }

// By hand: key text as its format is documented.

func segment(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if s[i] <= '$' {
			fmt.Fprintf(&b, "$%02X", s[i])
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

func number(n int64) string {
	if n >= 0 {
		return fmt.Sprintf("%020d", n)
	}
	ten19 := new(big.Int).Exp(big.NewInt(10), big.NewInt(19), nil)
	return "-" + fmt.Sprintf("%019s", ten19.Add(ten19, big.NewInt(n)).String())
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

func stampDesc(t time.Time) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return '0' + '9' - r
		}
		return r
	}, stamp(t))
}

func boolDesc(b bool) string {
	if b {
		return "-true"
	}
	return "false"
}

// Values from which items, changes and conditions are drawn: few, so that they meet, and such as are near each other in a key.
var (
	words  = rapid.SampledFrom([]string{"", "a", "a!", "a#b", "b", "ab", "open", "held", "é", "$", "z"})
	states = rapid.SampledFrom([]state{"", "open", "held", "done", "open#"})
	ints   = rapid.SampledFrom([]int{0, 1, 2, -1, -2, 3, 100})
	small  = rapid.SampledFrom([]int8{0, 1, -1, 127, -128})
	longs  = rapid.SampledFrom([]int64{0, 1, -1, 7, 1<<63 - 1, -1 << 63})
	bytes8 = rapid.SampledFrom([]uint8{0, 1, 2, 255})
	bools  = rapid.Bool()
	times  = rapid.Map(rapid.SampledFrom([]int64{-1, 0, 1, 86400, 1_700_000_000}), func(s int64) time.Time { return time.Unix(s, s&1*500).UTC() })
	whole  = rapid.Map(rapid.SampledFrom([]int64{-1, 1, 86400, 1_700_000_000}), func(s int64) time.Time { return time.Unix(s, 0).UTC() })
)

func maybe[V any](g *rapid.Generator[V], zero V) *rapid.Generator[V] {
	return rapid.Custom(func(t *rapid.T) V {
		if rare(t, 2) {
			return zero
		}
		return g.Draw(t, "value")
	})
}

func pointer[V any](g *rapid.Generator[V]) *rapid.Generator[*V] {
	return rapid.Custom(func(t *rapid.T) *V {
		if rare(t, 2) {
			return nil
		}
		v := g.Draw(t, "value")
		return &v
	})
}

var (
	tickets = kind[ticket]{
		name:  "ticket",
		blank: func(i int) ticket { return ticket{Board: fmt.Sprintf("b%d", i%2), ID: fmt.Sprintf("t%d", i)} },
		keys: func(v *ticket) (primary, []keyOfIndex) {
			return primary{"BOARD#" + segment(v.Board), "TICKET#" + segment(v.ID)}, []keyOfIndex{
				standard("gsi1", (v.State == "open" || v.State == "held") && !v.Due.IsZero(), "STATE#"+segment(string(v.State)), stamp(v.Due)+"#"+segment(v.ID)),
				standard("gsi2", v.Owner != "" && v.State != "", "OWNER#"+segment(v.Owner), "T#"+number(int64(^v.Rank))+"#"+segment(string(v.State))),
			}
		},
		keyed: []prop[ticket]{
			ordered("Board", expr.String(func(v *ticket) *string { return &v.Board }).FieldPath, func(v *ticket) *string { return &v.Board }, words),
			text("ID", expr.String(func(v *ticket) *string { return &v.ID }), func(v *ticket) *string { return &v.ID }, words),
		},
		props: []prop[ticket]{
			text("State", expr.String(func(v *ticket) *state { return &v.State }), func(v *ticket) *state { return &v.State }, states).omitted(),
			timed("Due", expr.Field(func(v *ticket) *time.Time { return &v.Due }), func(v *ticket) *time.Time { return &v.Due }, times).mandatory(),
			text("Owner", expr.String(func(v *ticket) *string { return &v.Owner }), func(v *ticket) *string { return &v.Owner }, words),
			counted("Rank", expr.Number(func(v *ticket) *int { return &v.Rank }), func(v *ticket) *int { return &v.Rank }, ints),
			text("Note", expr.String(func(v *ticket) *string { return &v.Note }), func(v *ticket) *string { return &v.Note }, words),
			elements("Log", expr.List(func(v *ticket) *[]string { return &v.Log }), func(v *ticket) *[]string { return &v.Log }),
			members("Tags", expr.Set(func(v *ticket) *[]string { return &v.Tags }), func(v *ticket) *[]string { return &v.Tags }),
			entries("Votes", expr.Map(func(v *ticket) *map[string]int { return &v.Votes }), func(v *ticket) *map[string]int { return &v.Votes }),
		},
		paths: []access{
			{hash: []string{"Board"}, sort: []string{"ID"}, literal: "TICKET#"},
			{index: "gsi1", hash: []string{"State"}, sort: []string{"Due", "ID"}, when: []clause{{"State", oneOf("open", "held")}}, present: []string{"State"}},
			{index: "gsi2", hash: []string{"Owner"}, sort: []string{"Rank", "State"}, literal: "T#", present: []string{"Owner", "State"}},
		},
		open: opening[ticket],
	}

	devices = kind[device]{
		name:  "device",
		blank: func(i int) device { return device{Serial: uint32(i)} },
		keys: func(v *device) (primary, []keyOfIndex) {
			return primary{fmt.Sprintf("DEVICE#%06d", v.Serial), "DEVICE"}, []keyOfIndex{
				standard("gsi1", v.Place.Site != "" && v.Model != "", "SITE#"+segment(v.Place.Site), "D#"+number(int64(v.Place.Floor))+"#"+segment(v.Model)),
				standard("gsi2", v.Active && !v.Seen.IsZero(), "DEVICES#true", stampDesc(v.Seen)),
			}
		},
		keyed: []prop[device]{
			ordered("Serial", expr.Number(func(v *device) *uint32 { return &v.Serial }).FieldPath, func(v *device) *uint32 { return &v.Serial }, rapid.Uint32Range(0, 9)),
		},
		props: []prop[device]{
			truth("Active", expr.Field(func(v *device) *bool { return &v.Active }), func(v *device) *bool { return &v.Active }).omitted(),
			timed("Seen", expr.Field(func(v *device) *time.Time { return &v.Seen }), func(v *device) *time.Time { return &v.Seen }, maybe(whole, time.Time{})).omitted(),
			plain("Place", expr.Field(func(v *device) *place { return &v.Place }), func(v *device) *place { return &v.Place }, rapid.Custom(func(t *rapid.T) place {
				return place{words.Draw(t, "site"), small.Draw(t, "floor")}
			})),
			text("Place.Site", expr.String(func(v *device) *string { return &v.Place.Site }), func(v *device) *string { return &v.Place.Site }, words).omitted(),
			counted("Place.Floor", expr.Number(func(v *device) *int8 { return &v.Place.Floor }), func(v *device) *int8 { return &v.Place.Floor }, small),
			text("Model", expr.String(func(v *device) *string { return &v.Model }), func(v *device) *string { return &v.Model }, words).omitted(),
		},
		paths: []access{
			{hash: []string{"Serial"}, literal: "DEVICE"},
			{index: "gsi1", hash: []string{"Place.Site"}, sort: []string{"Place.Floor", "Model"}, literal: "D#", present: []string{"Place.Site", "Model"}},
			{index: "gsi2", hash: []string{"Active"}, sort: []string{"Seen"}, when: []clause{{"Active", oneOf("true")}}, present: []string{"Seen"}},
		},
		open: opening[device],
	}

	people = kind[member]{
		name:  "member",
		blank: func(i int) member { return member{Team: fmt.Sprintf("t%d", i%2), Email: fmt.Sprintf("e%d", i)} },
		keys: func(v *member) (primary, []keyOfIndex) {
			var b boss
			if v.Boss != nil {
				b = *v.Boss
			}
			nick := ""
			if v.Nick != nil {
				nick = *v.Nick
			}
			return primary{"TEAM#" + segment(v.Team), "MEMBER#" + segment(v.Email)}, []keyOfIndex{
				standard("gsi1", b.Name != "", "BOSS#"+segment(b.Name), number(int64(b.Level))),
				standard("gsi3", nick != "" && (b.Level == 1 || b.Level == 2), "TEAM#"+segment(v.Team), "N#"+segment(nick)),
			}
		},
		keyed: []prop[member]{
			text("Team", expr.String(func(v *member) *string { return &v.Team }), func(v *member) *string { return &v.Team }, words),
			text("Email", expr.String(func(v *member) *string { return &v.Email }), func(v *member) *string { return &v.Email }, words),
		},
		props: []prop[member]{
			plain("Boss", expr.Field(func(v *member) **boss { return &v.Boss }), func(v *member) **boss { return &v.Boss }, pointer(rapid.Custom(func(t *rapid.T) boss {
				return boss{words.Draw(t, "name"), ints.Draw(t, "level")}
			}))).omitted(),
			text("Boss.Name", expr.String(func(v *member) *string { return &v.Boss.Name }), func(v *member) *string {
				if v.Boss == nil {
					return nil
				}
				return &v.Boss.Name
			}, words),
			counted("Boss.Level", expr.Number(func(v *member) *int { return &v.Boss.Level }), func(v *member) *int {
				if v.Boss == nil {
					return nil
				}
				return &v.Boss.Level
			}, ints).omitted(),
			plain("Nick", expr.Field(func(v *member) **string { return &v.Nick }), func(v *member) **string { return &v.Nick }, pointer(words)).omitted(),
		},
		paths: []access{
			{hash: []string{"Team"}, sort: []string{"Email"}, literal: "MEMBER#"},
			{index: "gsi1", hash: []string{"Boss.Name"}, sort: []string{"Boss.Level"}, present: []string{"Boss.Name", "Boss.Level"}},
			{index: "gsi3", hash: []string{"Team"}, sort: []string{"Nick"}, literal: "N#", when: []clause{{"Boss.Level", oneOf("1", "2")}}, present: []string{"Nick"}},
		},
		open: opening[member],
	}

	scores = kind[score]{
		name:  "score",
		blank: func(i int) score { return score{Game: fmt.Sprintf("g%d", i%2), Player: fmt.Sprintf("p%d", i)} },
		keys: func(v *score) (primary, []keyOfIndex) {
			return primary{"GAME#" + segment(v.Game), "PLAYER#" + segment(v.Player)}, []keyOfIndex{
				standard("gsi1", true, "GAME#"+segment(v.Game), "S#"+number(^v.Points)+fmt.Sprintf("#%03d", v.Level)),
				standard("gsi2", !v.Banned, "RANKED", "S#"+number(v.Points)),
				standard("gsi3", true, "LEVEL#"+number(int64(v.Level)), "S#"+segment(v.Game)+"#"+segment(v.Player)),
			}
		},
		keyed: []prop[score]{
			text("Game", expr.String(func(v *score) *string { return &v.Game }), func(v *score) *string { return &v.Game }, words),
			text("Player", expr.String(func(v *score) *string { return &v.Player }), func(v *score) *string { return &v.Player }, words),
		},
		props: []prop[score]{
			counted("Points", expr.Number(func(v *score) *int64 { return &v.Points }), func(v *score) *int64 { return &v.Points }, longs),
			counted("Level", expr.Number(func(v *score) *uint8 { return &v.Level }), func(v *score) *uint8 { return &v.Level }, bytes8),
			truth("Banned", expr.Field(func(v *score) *bool { return &v.Banned }), func(v *score) *bool { return &v.Banned }).omitted(),
		},
		paths: []access{
			{hash: []string{"Game"}, sort: []string{"Player"}, literal: "PLAYER#"},
			{index: "gsi1", hash: []string{"Game"}, sort: []string{"Points", "Level"}, literal: "S#"},
			{index: "gsi2", sort: []string{"Points"}, literal: "S#", when: []clause{{"Banned", oneOf("false")}}},
			{index: "gsi3", hash: []string{"Level"}, sort: []string{"Game", "Player"}, literal: "S#"},
		},
		open: opening[score],
	}

	docs = kind[doc]{
		name:  "doc",
		blank: func(i int) doc { return doc{ID: fmt.Sprintf("d%d", i)} },
		keys: func(v *doc) (primary, []keyOfIndex) {
			return primary{"DOC#" + segment(v.ID), "DOC"}, []keyOfIndex{
				standard("gsi1", v.Folder != "" && v.Title != "", "FOLDER#"+segment(v.Folder), segment(v.Title)),
				{"byAge", "gsi1pk", "agesk", "FOLDER#" + segment(v.Folder), stamp(v.Edited), v.Folder != "" && !v.Edited.IsZero() && !v.Draft},
				{"inDoc", "pk", "gsi1sk", "DOC#" + segment(v.ID), segment(v.Title), v.Title != ""},
			}
		},
		keyed: []prop[doc]{
			text("ID", expr.String(func(v *doc) *string { return &v.ID }), func(v *doc) *string { return &v.ID }, words),
		},
		props: []prop[doc]{
			text("Folder", expr.String(func(v *doc) *string { return &v.Folder }), func(v *doc) *string { return &v.Folder }, words),
			text("Title", expr.String(func(v *doc) *string { return &v.Title }), func(v *doc) *string { return &v.Title }, words).omitted(),
			timed("Edited", expr.Field(func(v *doc) *time.Time { return &v.Edited }), func(v *doc) *time.Time { return &v.Edited }, maybe(times, time.Time{})).omitted(),
			truth("Draft", expr.Field(func(v *doc) *bool { return &v.Draft }), func(v *doc) *bool { return &v.Draft }),
		},
		paths: []access{
			{hash: []string{"ID"}, literal: "DOC"},
			{index: "gsi1", hash: []string{"Folder"}, sort: []string{"Title"}, present: []string{"Folder", "Title"}},
			{index: "byAge", hash: []string{"Folder"}, sort: []string{"Edited"}, when: []clause{{"Draft", oneOf("false")}}, present: []string{"Folder", "Edited"}},
			{index: "inDoc", hash: []string{"ID"}, sort: []string{"Title"}, present: []string{"Title"}},
		},
		open: opening[doc],
	}

	toggles = kind[toggle]{
		name:  "toggle",
		blank: func(i int) toggle { return toggle{Name: fmt.Sprintf("f%d", i)} },
		keys: func(v *toggle) (primary, []keyOfIndex) {
			on := v.On != nil && *v.On
			return primary{"FLAG#" + segment(v.Name), "FLAG"}, []keyOfIndex{
				standard("gsi1", on && (v.Level == 0 || v.Level == 1), "FLAGS", "F#"+number(int64(v.Level))+"#"+segment(v.Name)),
				standard("gsi2", v.Stage != "" && v.On != nil && v.Path != "", "STAGE#"+segment(v.Stage)+"#"+number(int64(^v.Level)), "F#"+boolDesc(on)+"#"+v.Path),
			}
		},
		keyed: []prop[toggle]{
			text("Name", expr.String(func(v *toggle) *string { return &v.Name }), func(v *toggle) *string { return &v.Name }, words),
		},
		props: []prop[toggle]{
			counted("Level", expr.Number(func(v *toggle) *int { return &v.Level }), func(v *toggle) *int { return &v.Level }, ints).omitted(),
			plain("On", expr.Field(func(v *toggle) **bool { return &v.On }), func(v *toggle) **bool { return &v.On }, pointer(bools)).omitted(),
			text("Stage", expr.String(func(v *toggle) *string { return &v.Stage }), func(v *toggle) *string { return &v.Stage }, words).mandatory(),
			text("Path", expr.String(func(v *toggle) *string { return &v.Path }), func(v *toggle) *string { return &v.Path }, words),
		},
		paths: []access{
			{hash: []string{"Name"}, literal: "FLAG"},
			{index: "gsi1", sort: []string{"Level", "Name"}, literal: "F#", when: []clause{{"Level", oneOf("0", "1")}, {"On", oneOf("true")}}},
			{index: "gsi2", hash: []string{"Stage", "Level"}, sort: []string{"On", "Path"}, literal: "F#", present: []string{"On", "Path"}},
		},
		open: opening[toggle],
	}
)

// draw is a random item with the ith key.
func (k kind[T]) draw(t *rapid.T, i int) T {
	v := k.blank(i)
	for _, p := range k.props {
		if !strings.Contains(p.name, ".") {
			p.fill(t, &v)
		}
	}
	return v
}
