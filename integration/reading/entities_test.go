package reading

import (
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The entities, few and varied: what a query can be served by is in one or another of them. Beside each stands how it can be read, by
// hand: where a tag changes, its kind below changes with it.

// note has text keys with verbs, a local index, and an index that holds only a part of the attributes.
type note struct {
	_ struct{} `entity:"Note" pk:"USER#{User|fold}" sk:"N#{At|desc}#{ID}"`
	_ struct{} `index:"tag" pk:"TAG#{Tag|or=NONE}" sk:"{At|hour}#{Rank|pad=4|desc}#{ID}"`
	_ struct{} `index:"kind" pk:"KIND#{Kind}" sk:"{Tag|or=NONE}#{Title}" when:"Kind=a|b"`
	_ struct{} `index:"rank" sk:"R#{Rank|desc}#{Title}"`

	User  string    `dynamodbav:"user"`
	At    time.Time `dynamodbav:"at"`
	ID    string    `dynamodbav:"id"`
	Tag   string    `dynamodbav:"tag,omitempty"`
	Kind  string    `dynamodbav:"kind"`
	Rank  uint16    `dynamodbav:"rank"`
	Title string    `dynamodbav:"title"`
}

// event is spread over shards, and cut to days, hours and months.
type event struct {
	_ struct{} `entity:"Event" pk:"EV#{Kind}#{At|day}#{ID|shard=3}" sk:"{At}#{ID}"`
	_ struct{} `index:"hour" pk:"K#{Kind}#{At|hour}" sk:"{Level|desc}#{ID}"`
	_ struct{} `index:"all" pk:"ALL#{ID|shard=16}" sk:"{At|unix}#{ID}"`
	_ struct{} `index:"month" pk:"M#{At|month|desc}" sk:"{Kind}"`

	Kind  string    `dynamodbav:"kind"`
	At    time.Time `dynamodbav:"at"`
	ID    string    `dynamodbav:"id"`
	Level int32     `dynamodbav:"level"`
	Note  string    `dynamodbav:"note"`
}

// ledger has natural keys of every type, and an index of four and four attributes. Zeros of some are no attributes.
type ledger struct {
	_ struct{} `entity:"Ledger" hash:"Account" range:"Seq"`
	_ struct{} `index:"wide" hash:"Region,Tier,Plan,Unit" range:"Score,Day,Blob,Num"`
	_ struct{} `index:"inverted"`
	_ struct{} `index:"scores" hash:"Region" range:"Score"`
	_ struct{} `index:"byday"`

	Account int64     `dynamodbav:"account"`
	Seq     int64     `dynamodbav:"seq,omitempty"`
	Region  string    `dynamodbav:"region"`
	Tier    int8      `dynamodbav:"tier,omitempty"`
	Plan    string    `dynamodbav:"plan,omitempty"`
	Unit    uint64    `dynamodbav:"unit"`
	Score   float64   `dynamodbav:"score,omitempty"`
	Day     time.Time `dynamodbav:"day"`
	Blob    []byte    `dynamodbav:"blob,omitempty"`
	Num     int       `dynamodbav:"num"`
	Memo    string    `dynamodbav:"memo"`
}

// blob lives in a table without a sort key, and in indexes without one.
type blob struct {
	_ struct{} `entity:"Blob" hash:"Digest"`
	_ struct{} `index:"owner" hash:"Owner"`
	_ struct{} `index:"kinds" pk:"KIND#{Kind}#{Digest|shard=2}"`
	_ struct{} `index:"sizes" pk:"SIZE#{Kind}" range:"Size"`

	Digest []byte `dynamodbav:"digest"`
	Owner  string `dynamodbav:"owner,omitempty"`
	Kind   string `dynamodbav:"kind" repo:"required"`
	Size   uint32 `dynamodbav:"size"`
}

// visit lives in a table without types, with delimiters that are not ours.
type visit struct {
	_ struct{} `entity:"Visit" pk:"SITE#{Site|raw}" sk:"{Path|raw}"`
	_ struct{} `index:"zone" pk:"ZONE-{Zone|plain}" sk:"{Site|raw}/{Path|raw}"`
	_ struct{} `index:"seen" hash:"Who" range:"Seen"`
	_ struct{} `index:"host" pk:"HOST#{Host|fold}#{Seen|hour}" sk:"{Seen|unix|desc}#{Zone}"`

	Site string    `dynamodbav:"site"`
	Path string    `dynamodbav:"path"`
	Zone int       `dynamodbav:"zone"`
	Who  string    `dynamodbav:"who,omitempty"`
	Seen time.Time `dynamodbav:"seen,unixtime,omitempty"`
	Host string    `dynamodbav:"host"`
}

// seat is spread in the table and in two indexes, where many tie.
type seat struct {
	_ struct{} `entity:"Seat" pk:"ROOM#{Room}#{Row|shard=2}" sk:"{Row}#{Num|desc}"`
	_ struct{} `index:"price" pk:"PRICES#{Num|shard=16}" range:"Price"`
	_ struct{} `index:"free" pk:"FREE#{Free}#{Num|shard=3}" sk:"{Free}"`

	Room  string  `dynamodbav:"room"`
	Row   int8    `dynamodbav:"row"`
	Num   int64   `dynamodbav:"num"`
	Price float32 `dynamodbav:"price,omitempty"`
	Free  bool    `dynamodbav:"free"`
}

// widerSeat is seat as another release could declare it: with other counts of shards.
type widerSeat struct {
	_ struct{} `entity:"Seat" pk:"ROOM#{Room}#{Row|shard=3}" sk:"{Row}#{Num|desc}"`
	_ struct{} `index:"price" pk:"PRICES#{Num|shard=20}" range:"Price"`
	_ struct{} `index:"free" pk:"FREE#{Free}#{Num|shard=4}" sk:"{Free}"`

	Room  string  `dynamodbav:"room"`
	Row   int8    `dynamodbav:"row"`
	Num   int64   `dynamodbav:"num"`
	Price float32 `dynamodbav:"price,omitempty"`
	Free  bool    `dynamodbav:"free"`
}

// customer, order and line are one collection of the table; order and line also one of an index, which is spread.
type customer struct {
	_ struct{} `entity:"Customer" pk:"C#{ID}" sk:"A"`

	ID   string `dynamodbav:"id"`
	Name string `dynamodbav:"name"`
}

type order struct {
	_ struct{} `entity:"Order" pk:"C#{Customer}" sk:"O#{Order}"`
	_ struct{} `index:"feed" pk:"FEED#{Customer}#{Order|shard=4}" sk:"{Order}"`

	Customer string `dynamodbav:"customer"`
	Order    string `dynamodbav:"order"`
	Total    int    `dynamodbav:"total"`
}

type line struct {
	_ struct{} `entity:"Line" pk:"C#{Customer}" sk:"O#{Order}#L#{Num|pad=3}"`
	_ struct{} `index:"feed" pk:"FEED#{Customer}#{Order|shard=4}" sk:"{Order}#{Num|pad=3}"`

	Customer string `dynamodbav:"customer"`
	Order    string `dynamodbav:"order"`
	Num      int    `dynamodbav:"num"`
	Text     string `dynamodbav:"text"`
}

var (
	noteUser  = expr.String(func(v *note) *string { return &v.User })
	noteAt    = expr.Field(func(v *note) *time.Time { return &v.At })
	noteID    = expr.String(func(v *note) *string { return &v.ID })
	noteTag   = expr.String(func(v *note) *string { return &v.Tag })
	noteKind  = expr.String(func(v *note) *string { return &v.Kind })
	noteRank  = expr.Number(func(v *note) *uint16 { return &v.Rank })
	noteTitle = expr.String(func(v *note) *string { return &v.Title })

	eventKind  = expr.String(func(v *event) *string { return &v.Kind })
	eventAt    = expr.Field(func(v *event) *time.Time { return &v.At })
	eventID    = expr.String(func(v *event) *string { return &v.ID })
	eventLevel = expr.Number(func(v *event) *int32 { return &v.Level })
	eventNote  = expr.String(func(v *event) *string { return &v.Note })

	ledgerAccount = expr.Number(func(v *ledger) *int64 { return &v.Account })
	ledgerSeq     = expr.Number(func(v *ledger) *int64 { return &v.Seq })
	ledgerRegion  = expr.String(func(v *ledger) *string { return &v.Region })
	ledgerTier    = expr.Number(func(v *ledger) *int8 { return &v.Tier })
	ledgerPlan    = expr.String(func(v *ledger) *string { return &v.Plan })
	ledgerUnit    = expr.Number(func(v *ledger) *uint64 { return &v.Unit })
	ledgerScore   = expr.Number(func(v *ledger) *float64 { return &v.Score })
	ledgerDay     = expr.Field(func(v *ledger) *time.Time { return &v.Day })
	ledgerBlob    = expr.Field(func(v *ledger) *[]byte { return &v.Blob })
	ledgerNum     = expr.Number(func(v *ledger) *int { return &v.Num })
	ledgerMemo    = expr.String(func(v *ledger) *string { return &v.Memo })

	blobDigest = expr.Field(func(v *blob) *[]byte { return &v.Digest })
	blobOwner  = expr.String(func(v *blob) *string { return &v.Owner })
	blobKind   = expr.String(func(v *blob) *string { return &v.Kind })
	blobSize   = expr.Number(func(v *blob) *uint32 { return &v.Size })

	visitSite = expr.String(func(v *visit) *string { return &v.Site })
	visitPath = expr.String(func(v *visit) *string { return &v.Path })
	visitZone = expr.Number(func(v *visit) *int { return &v.Zone })
	visitWho  = expr.String(func(v *visit) *string { return &v.Who })
	visitSeen = expr.Field(func(v *visit) *time.Time { return &v.Seen })
	visitHost = expr.String(func(v *visit) *string { return &v.Host })

	seatRoom  = expr.String(func(v *seat) *string { return &v.Room })
	seatRow   = expr.Number(func(v *seat) *int8 { return &v.Row })
	seatNum   = expr.Number(func(v *seat) *int64 { return &v.Num })
	seatPrice = expr.Number(func(v *seat) *float32 { return &v.Price })
	seatFree  = expr.Field(func(v *seat) *bool { return &v.Free })

	widerRoom = expr.String(func(v *widerSeat) *string { return &v.Room })
	widerFree = expr.Field(func(v *widerSeat) *bool { return &v.Free })

	orderCustomer = expr.String(func(v *order) *string { return &v.Customer })
	orderOrder    = expr.String(func(v *order) *string { return &v.Order })
	orderTotal    = expr.Number(func(v *order) *int { return &v.Total })

	lineCustomer = expr.String(func(v *line) *string { return &v.Customer })
	lineOrder    = expr.String(func(v *line) *string { return &v.Order })
	lineNum      = expr.Number(func(v *line) *int { return &v.Num })
)

// The tables.
var (
	noteTable = repo.Table{Name: "notes", Indexes: []repo.Index{
		{Name: "tag"}, {Name: "kind", Project: []string{"title", "rank", "_type"}}, {Name: "rank", Local: true},
	}}
	eventTable  = repo.Table{Name: "events", Indexes: []repo.Index{{Name: "hour"}, {Name: "all"}, {Name: "month"}}}
	ledgerTable = repo.Table{Name: "ledgers", Key: repo.Key{Hash: "account", Range: "seq"}, Indexes: []repo.Index{
		{Name: "wide", Hash: []string{"region", "tier", "plan", "unit"}, Range: []string{"score", "day", "blob", "num"}},
		{Name: "inverted", Hash: []string{"seq"}, Range: []string{"account"}},
		{Name: "scores", Hash: []string{"region"}, Range: []string{"score"}, KeysOnly: true},
		{Name: "byday", Local: true, Range: []string{"day"}},
		{Name: "loose", Hash: []string{"tier"}, Range: []string{"day"}}, // no type declares it
	}}
	blobTable = repo.Table{Name: "blobs", Key: repo.Key{Hash: "digest"}, Indexes: []repo.Index{
		{Name: "owner", Hash: []string{"owner"}}, {Name: "kinds", Hash: []string{"kindspk"}}, {Name: "sizes", Hash: []string{"sizespk"}, Range: []string{"size"}},
	}}
	visitTable = repo.Table{Name: "visits", TypeAttribute: "-", Indexes: []repo.Index{
		{Name: "zone"}, {Name: "seen", Hash: []string{"who"}, Range: []string{"seen"}}, {Name: "host"},
	}}
	seatTable = repo.Table{Name: "seats", Indexes: []repo.Index{
		{Name: "price", Hash: []string{"pricepk"}, Range: []string{"price"}}, {Name: "free"},
	}}
	orderTable = repo.Table{Name: "orders", Indexes: []repo.Index{{Name: "feed"}}}
)

var kinds = []*kind{
	{
		name: "note", table: noteTable,
		open: opener(conditions[note]{
			"User": text(noteUser), "At": ordered(noteAt), "ID": text(noteID), "Tag": text(noteTag), "Kind": text(noteKind),
			"Rank": ordered(noteRank.FieldPath), "Title": text(noteTitle),
		}),
		fields: []field{
			{name: "User", pool: pool("ann", "Ann", "bob", "b#b")}, {name: "At", pool: times}, {name: "ID", pool: words},
			{name: "Tag", pool: orEmpty(words), omits: true}, {name: "Kind", pool: pool("a", "b", "c")},
			{name: "Rank", pool: pool(uint16(0), uint16(1), uint16(2), uint16(10), uint16(9999))}, {name: "Title", pool: orEmpty(words)},
		},
		ways: []way{
			{hash: []member{{field: "User", shape: folded, noRange: true}}, sort: []member{{field: "At", desc: true}, {field: "ID"}}},
			{index: "tag", hash: []member{{field: "Tag", shape: orNone, or: true}},
				sort: []member{{field: "At", shape: hourOf}, {field: "Rank", desc: true}, {field: "ID"}}},
			{index: "kind", hash: []member{{field: "Kind"}}, sort: []member{{field: "Tag", shape: orNone, or: true}, {field: "Title"}},
				when: map[string][]any{"Kind": {"a", "b"}}, holds: []string{"Title", "Rank"}},
			{index: "rank", hash: []member{{field: "User", shape: folded, noRange: true}}, sort: []member{{field: "Rank", desc: true}, {field: "Title"}}, local: true},
		},
		filtered: []string{"Kind", "Rank", "Title"},
	},
	{
		name: "event", table: eventTable,
		open: opener(conditions[event]{
			"Kind": text(eventKind), "At": ordered(eventAt), "ID": text(eventID), "Level": ordered(eventLevel.FieldPath), "Note": text(eventNote),
		}),
		fields: []field{
			{name: "Kind", pool: pool("a", "b")}, {name: "At", pool: times}, {name: "ID", pool: pool("a", "b", "c", "d", "e", "f", "g", "a#", "h")},
			{name: "Level", pool: pool(int32(-5), int32(0), int32(1), int32(7))}, {name: "Note", pool: words},
		},
		ways: []way{
			{hash: []member{{field: "Kind"}, {field: "At", shape: dayOf, unit: 24 * time.Hour}, {field: "ID", shard: 3}}, sort: []member{{field: "At"}, {field: "ID"}}},
			{index: "hour", hash: []member{{field: "Kind"}, {field: "At", shape: hourOf, unit: time.Hour}}, sort: []member{{field: "Level", desc: true}, {field: "ID"}}},
			{index: "all", hash: []member{{field: "ID", shard: 16}}, sort: []member{{field: "At", shape: secondOf}, {field: "ID"}}},
			{index: "month", hash: []member{{field: "At", shape: monthOf, unit: 28 * 24 * time.Hour, desc: true}}, sort: []member{{field: "Kind"}}},
		},
		filtered: []string{"Level", "Note"},
	},
	{
		name: "ledger", table: ledgerTable,
		open: opener(conditions[ledger]{
			"Account": ordered(ledgerAccount.FieldPath), "Seq": ordered(ledgerSeq.FieldPath), "Region": text(ledgerRegion), "Tier": ordered(ledgerTier.FieldPath),
			"Plan": text(ledgerPlan), "Unit": ordered(ledgerUnit.FieldPath), "Score": ordered(ledgerScore.FieldPath), "Day": ordered(ledgerDay),
			"Blob": ordered(ledgerBlob), "Num": ordered(ledgerNum.FieldPath), "Memo": text(ledgerMemo),
		}),
		fields: []field{
			{name: "Account", pool: pool(int64(0), int64(7), int64(-3))}, {name: "Seq", pool: pool(int64(0), int64(1), int64(2), int64(-1), int64(3), int64(40), int64(1<<60)), omits: true},
			{name: "Region", pool: pool("eu", "eu#1", "us")}, {name: "Tier", pool: pool(int8(0), int8(1), int8(-2)), omits: true},
			{name: "Plan", pool: pool("", "p", "p"), omits: true}, {name: "Unit", pool: pool(uint64(0), uint64(1<<63))},
			{name: "Score", pool: pool(0.0, -0.5, 0.1, 2.0, 1e20, 1e-20, -1e20), omits: true}, {name: "Day", pool: append(times, time.Time{})},
			{name: "Blob", pool: pool([]byte(nil), []byte{0}, []byte{0, 1}, []byte{1}, []byte{255}), omits: true},
			{name: "Num", pool: pool(0, -1, 5)}, {name: "Memo", pool: orEmpty(words)},
		},
		ways: []way{
			{hash: []member{{field: "Account", native: true}}, sort: []member{{field: "Seq", native: true}}},
			{index: "wide", hash: []member{{field: "Region", native: true}, {field: "Tier", native: true}, {field: "Plan", native: true}, {field: "Unit", native: true}},
				sort: []member{{field: "Score", native: true}, {field: "Day", native: true}, {field: "Blob", native: true}, {field: "Num", native: true}}},
			{index: "inverted", hash: []member{{field: "Seq", native: true}}, sort: []member{{field: "Account", native: true}}},
			{index: "scores", hash: []member{{field: "Region", native: true}}, sort: []member{{field: "Score", native: true}}, holds: []string{}},
			{index: "byday", hash: []member{{field: "Account", native: true}}, sort: []member{{field: "Day", native: true}}, local: true},
			{index: "loose", hash: []member{{field: "Tier", native: true}}, sort: []member{{field: "Day", native: true}}, named: true},
		},
		filtered: []string{"Memo"},
	},
	{
		name: "blob", table: blobTable,
		open: opener(conditions[blob]{
			"Digest": ordered(blobDigest), "Owner": text(blobOwner), "Kind": text(blobKind), "Size": ordered(blobSize.FieldPath),
		}),
		fields: []field{
			{name: "Digest", pool: digests()}, {name: "Owner", pool: pool("", "o", "o", "p"), omits: true},
			{name: "Kind", pool: pool("k", "l"), required: true}, {name: "Size", pool: pool(uint32(0), uint32(1), uint32(10), uint32(9))},
		},
		ways: []way{
			{hash: []member{{field: "Digest", native: true}}},
			{index: "owner", hash: []member{{field: "Owner", native: true}}},
			{index: "kinds", hash: []member{{field: "Kind"}, {field: "Digest", shard: 2}}},
			{index: "sizes", hash: []member{{field: "Kind"}}, sort: []member{{field: "Size", native: true}}},
		},
		filtered: []string{"Kind"},
	},
	{
		name: "visit", table: visitTable,
		open: opener(conditions[visit]{
			"Site": text(visitSite), "Path": text(visitPath), "Zone": ordered(visitZone.FieldPath), "Who": text(visitWho), "Seen": ordered(visitSeen), "Host": text(visitHost),
		}),
		fields: []field{
			{name: "Site", pool: pool("s", "s#", "t")}, {name: "Path", pool: words}, {name: "Zone", pool: pool(1, 10, 2, -1)},
			{name: "Who", pool: pool("", "me", "you"), omits: true}, {name: "Seen", pool: append(wholeTimes(), time.Time{}), omits: true}, {name: "Host", pool: pool("h", "H", "i", "")},
		},
		ways: []way{
			{hash: []member{{field: "Site"}}, sort: []member{{field: "Path"}}},
			{index: "zone", hash: []member{{field: "Zone", noRange: true}}, sort: []member{{field: "Site", shape: slashed, noRange: true}, {field: "Path"}}},
			{index: "seen", hash: []member{{field: "Who", native: true}}, sort: []member{{field: "Seen", native: true}}},
			{index: "host", hash: []member{{field: "Host", shape: folded, noRange: true}, {field: "Seen", shape: hourOf, unit: time.Hour}}, sort: []member{{field: "Seen", shape: secondOf, desc: true}, {field: "Zone"}}},
		},
		filtered: []string{"Zone", "Host"},
	},
	{
		name: "seat", table: seatTable,
		open: opener(conditions[seat]{
			"Room": text(seatRoom), "Row": ordered(seatRow.FieldPath), "Num": ordered(seatNum.FieldPath), "Price": ordered(seatPrice.FieldPath), "Free": ordered(seatFree),
		}),
		fields: []field{
			{name: "Room", pool: pool("r", "r#", "s")}, {name: "Row", pool: pool(int8(-1), int8(0), int8(1), int8(2), int8(127))},
			{name: "Num", pool: pool(int64(1), int64(2), int64(3), int64(4), int64(5), int64(6), int64(-7), int64(1<<62))},
			{name: "Price", pool: pool(float32(0), float32(1.5), float32(-1.5), float32(3)), omits: true}, {name: "Free", pool: pool(false, true)},
		},
		ways: []way{
			{hash: []member{{field: "Room"}, {field: "Row", shard: 2}}, sort: []member{{field: "Row"}, {field: "Num", desc: true}}},
			{index: "price", hash: []member{{field: "Num", shard: 16}}, sort: []member{{field: "Price", native: true}}},
			{index: "free", hash: []member{{field: "Free"}, {field: "Num", shard: 3}}, sort: []member{{field: "Free"}}},
		},
		filtered: []string{"Room", "Free"},
	},
}
