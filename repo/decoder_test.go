package repo_test

import (
	"errors"
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// subscriber has guards, and a number in its key.
type subscriber struct {
	_ struct{} `entity:"Account" pk:"ACCOUNT#{No|pad=4}" sk:"ACCOUNT"`

	No      int      `dynamodbav:"no"`
	Email   string   `dynamodbav:"email" repo:"unique"`
	Balance bigFixed `dynamodbav:"balance,omitempty"`
}

// bigFixed is a number kept as its digits.
type bigFixed string

func (b bigFixed) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	return &types.AttributeValueMemberN{Value: string(b)}, nil
}

func (b *bigFixed) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return errors.New("it is " + canary) // what a user's error says is no part of ours
	}
	*b = bigFixed(n.Value)
	return nil
}

// loose has no literal to be told apart by but its sort key's.
type loose struct {
	_ struct{} `entity:"Loose" pk:"{Group}" sk:"LOOSE#{ID}"`

	Group string `dynamodbav:"group"`
	ID    string `dynamodbav:"id"`
}

// serial has a literal without a delimiter before its field.
type serial struct {
	_ struct{} `entity:"Serial" pk:"N{No|plain}" sk:"N"`

	No int `dynamodbav:"no"`
}

type household struct {
	orders      *repo.Repository[order]
	events      *repo.Repository[event]
	pages       *repo.Repository[page]
	days        *repo.Repository[day]
	subscribers *repo.Repository[subscriber]
	loose       *repo.Repository[loose]
	numbers     *repo.Repository[serial]
	notes       *repo.Repository[note]
	aliases     *repo.Repository[alias]
}

func allMembers(c repo.Client, table repo.Table) household {
	m := household{
		repo.Must(repo.New[order](c, table)), repo.Must(repo.New[event](c, table)), repo.Must(repo.New[page](c, table)),
		repo.Must(repo.New[day](c, table)), repo.Must(repo.New[subscriber](c, table)), repo.Must(repo.New[loose](c, table)),
		repo.Must(repo.New[serial](c, table)), nil, nil,
	}
	if table.TypeAttribute != "-" {
		m.notes, m.aliases = repo.Must(repo.New[note](c, table)), repo.Must(repo.New[alias](c, table))
	}
	return m
}

// told are the members whose rows are told apart by keys alone.
func (m household) told() []repo.Member {
	return []repo.Member{m.orders, m.events, m.pages, m.days, m.subscribers, m.loose, m.numbers}
}

func newDecoder(t testing.TB, members ...repo.Member) *repo.Decoder {
	t.Helper()
	d, err := repo.NewDecoder(members...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stored encodes a value.
func encoded[T any](t testing.TB, r *repo.Repository[T], v T) row {
	t.Helper()
	item, err := r.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

var untypedTable = repo.Table{Name: "app", TypeAttribute: "-", Indexes: shopTable.Indexes}

// samples are rows of every member, and what each is.
func (m household) samples(t testing.TB) map[string]struct {
	item row
	want any
} {
	out := map[string]struct {
		item row
		want any
	}{}
	add := func(reason string, item row, want any) {
		out[reason] = struct {
			item row
			want any
		}{item, want}
	}
	o := anOrder()
	o.CustomerID = "a#b" // a delimiter in the value stays in its segment
	add("every field set", encoded(t, m.orders, o), o)
	add("every kind of key text", encoded(t, m.events, anEvent()), anEvent())
	add("an index over the table's own key", encoded(t, m.pages, page{Book: "b", No: 3, Title: "T"}), page{Book: "b", No: 3, Title: "T"})
	add("a partition that is one literal", encoded(t, m.days, day{At: placedAt}), day{At: placedAt})
	add("a sort key that is one literal", encoded(t, m.subscribers, subscriber{No: 7, Email: "e"}), subscriber{No: 7, Email: "e"})
	add("a partition key that begins with a field", encoded(t, m.loose, loose{Group: "CUSTOMER", ID: "x"}), loose{Group: "CUSTOMER", ID: "x"})
	add("a literal without a delimiter before a field", encoded(t, m.numbers, serial{No: -12}), serial{No: -12})
	return out
}

func TestDecoderTellsEveryMember(t *testing.T) {
	for reason, table := range map[string]repo.Table{"by the type attribute": shopTable, "by the key, in a table without types": untypedTable} {
		m := allMembers(nowhere{}, table)
		d := newDecoder(t, m.told()...)
		for sample, s := range m.samples(t) {
			if got, err := d.Decode(s.item); err != nil || !reflect.DeepEqual(got, s.want) {
				t.Errorf("%s, %s: %#v, %v, want %#v", reason, sample, got, err, s.want)
			}
			bare := maps.Clone(s.item)
			delete(bare, "_type")
			if got, err := d.Decode(bare); err != nil || !reflect.DeepEqual(got, s.want) {
				t.Errorf("%s, %s, without its type: %#v, %v, want %#v", reason, sample, got, err, s.want)
			}
		}
	}
}

// Among overlapping members the type attribute alone decides; without it the row is not taken for either, nor passed over.
func TestDecoderOfOverlappingMembers(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.notes, m.aliases, m.orders)
	item := encoded(t, m.notes, note{ID: "1", Text: "t"})
	if got, err := d.Decode(item); err != nil || got != (note{ID: "1", Text: "t"}) {
		t.Errorf("a note is %#v, %v", got, err)
	}
	item["_type"] = str("Alias")
	if got, err := d.Decode(item); err != nil || got != (alias{ID: "1", Kind: "Alias", Text: "t"}) {
		t.Errorf("an alias is %#v, %v", got, err)
	}
	delete(item, "_type")
	got, err := d.Decode(item)
	if got != nil || !errors.Is(err, repo.ErrInvalidValue) || errors.Is(err, repo.ErrWrongEntity) {
		t.Errorf("a row of either is %#v, %v", got, err)
	}
	if want := "repo: Decode: invalid value: the item has no type attribute, and its key could be of Note and of Alias"; err != nil && err.Error() != want {
		t.Errorf("it says %q, want %q", err, want)
	}
}

// guardRow is the guard of a subscriber, as it is stored.
func guardRow(t *testing.T, table repo.Table) row {
	t.Helper()
	engine := repotest.New()
	c := engine.Client()
	subscribers := repo.Must(repo.New[subscriber](c, table))
	if err := repo.CreateTable(t.Context(), c, table, subscribers); err != nil {
		t.Fatal(err)
	}
	if _, err := subscribers.Create(t.Context(), subscriber{No: 1, Email: "a@b"}); err != nil {
		t.Fatal(err)
	}
	for _, item := range allRows(t, c, table.Name) {
		if item["_owner"] != nil {
			return item
		}
	}
	t.Fatal("there is no guard")
	return nil
}

func TestDecoderRefuses(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	sample := encoded(t, m.orders, anOrder())
	with := func(name string, av types.AttributeValue) row {
		item := maps.Clone(sample)
		if av == nil {
			delete(item, name)
		} else {
			item[name] = av
		}
		return item
	}
	cases := []struct {
		reason string
		d      *repo.Decoder
		item   row
		is     error
		text   string
	}{
		{"a type that no member has", d, with("_type", str(canary)), repo.ErrWrongEntity, "repo: Decode: wrong entity: the item's type is that of no member"},
		{"a type that is no text", d, with("_type", num("1")), repo.ErrWrongEntity, "repo: Decode: wrong entity: the item's type is that of no member"},
		{"a type that is a nil", d, with("_type", (*types.AttributeValueMemberS)(nil)), repo.ErrWrongEntity, "repo: Decode: wrong entity: the item's type is that of no member"},
		{"a guard, with types", d, guardRow(t, shopTable), repo.ErrWrongEntity, "repo: Decode: wrong entity: the item is the guard of a unique value"},
		{"a guard, without types", newDecoder(t, allMembers(nowhere{}, untypedTable).told()...), guardRow(t, untypedTable), repo.ErrWrongEntity, "repo: Decode: wrong entity: the item is the guard of a unique value"},
		{"no type, and a key of no member", d, row{"pk": str("CUSTOMER#" + canary), "sk": str("ORDERS#" + canary)}, repo.ErrWrongEntity, "repo: Decode: wrong entity: the item has no type attribute, and its key is of no member"},
		{"no type, and a key that only begins as a member's", d, row{"pk": str("CUSTOMER#"), "sk": str("ORDER#1")}, repo.ErrWrongEntity, "repo: Decode: wrong entity: the item has no type attribute, and its key is of no member"},
		{"no type, and a key that is a number", d, row{"pk": num("1"), "sk": str("ORDER#1")}, repo.ErrWrongEntity, "repo: Decode: wrong entity: the item has no type attribute, and its key is of no member"},
		{"nothing", d, nil, repo.ErrWrongEntity, "repo: Decode: wrong entity: the item has no type attribute, and its key is of no member"},
		{"the zero decoder", &repo.Decoder{}, sample, repo.ErrWrongEntity, "repo: Decode: wrong entity: the decoder has no members"},
		{"a text where a number belongs", d, with("total", str(canary)), repo.ErrInvalidValue, "repo: Decode Order: field Total: invalid value: cannot read a string (S) into int64"},
		{"a number that is none", d, with("total", num(canary)), repo.ErrInvalidValue, "repo: Decode Order: field Total: invalid value: the number does not fit into int64"},
		{"a hole", d, with("lines", &types.AttributeValueMemberL{Value: []types.AttributeValue{nil}}), repo.ErrInvalidValue, "repo: Decode Order: field Lines[0]: invalid value: cannot read a missing AttributeValue into repo_test.line"},
		{"a user's method that refuses", d, row{"_type": str("Account"), "balance": str(canary)}, repo.ErrInvalidValue, ""},
	}
	for _, c := range cases {
		got, err := c.d.Decode(c.item)
		if got != nil || !errors.Is(err, c.is) {
			t.Errorf("%s: %#v, %v", c.reason, got, err)
			continue
		}
		checkQuiet(t, c.reason, err)
		if c.text != "" && err.Error() != c.text {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.reason, err, c.text)
		}
		if skip := errors.Is(err, repo.ErrWrongEntity); skip == errors.Is(err, repo.ErrInvalidValue) {
			t.Errorf("%s: callers cannot tell it from others: %v", c.reason, err)
		}
	}
}

// Members are checked as Check does it.
func TestDecoderChecksItsMembers(t *testing.T) {
	type order2 struct {
		_  struct{} `entity:"Order" pk:"O#{ID}" sk:"O"`
		ID string   `dynamodbav:"id"`
	}
	type twin struct {
		_  struct{} `entity:"Twin" pk:"CUSTOMER#{ID}" sk:"ORDER#{ID}"`
		ID string   `dynamodbav:"id"`
	}
	m := allMembers(nowhere{}, shopTable)
	for reason, c := range map[string]struct {
		members []repo.Member
		want    string
	}{
		"none":                    {nil, "there are no members"},
		"a nil":                   {[]repo.Member{m.orders, nil}, "member 1 is nil"},
		"a nil repository":        {[]repo.Member{(*repo.Repository[order])(nil)}, "member 0 is nil"},
		"two tables":              {[]repo.Member{m.orders, repo.Must(repo.New[order](nowhere{}, bareTable))}, "another table"},
		"one name":                {[]repo.Member{m.orders, repo.Must(repo.New[order2](nowhere{}, shopTable))}, "could not be told apart"},
		"keys that could be both": {[]repo.Member{m.orders, repo.Must(repo.New[twin](nowhere{}, shopTable))}, "tell them apart by a literal"},
	} {
		d, err := repo.NewDecoder(c.members...)
		var schema *repo.SchemaError
		if d != nil || !errors.As(err, &schema) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, %v", reason, d, err)
		}
	}
	// Views of one repository are one member.
	d := newDecoder(t, m.orders, m.orders.Consistent(), m.orders)
	item := encoded(t, m.orders, anOrder())
	delete(item, "_type")
	if got, err := d.Decode(item); err != nil || !reflect.DeepEqual(got, anOrder()) {
		t.Errorf("%#v, %v", got, err)
	}
}

// A decoder takes for a member's exactly what the member takes for its own: whatever the keys, whatever the type.
func TestDecoderAgreesWithItsMembers(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	heads := []string{"CUSTOMER#", "CUSTOMER#c", "STREAM#s", "DAYS", "DAYS#", "BOOK#b", "ACCOUNT#0001", "ACCOUNT#1", "N1", "N-1", "N#1", "#", "", "x", "$UNIQUE#a"}
	tails := []string{"ORDER#", "ORDER#o", "ORDER", "EVENT#00000001", "2026-01-02T03:04:05.000000006Z", "PAGE#0001", "ACCOUNT", "ACCOUNT#", "LOOSE#1", "N", "N#", "$UNIQUE", "", "#"}
	names := []types.AttributeValue{nil, str("Order"), str("Event"), str("order"), str("$UNIQUE"), str(""), num("1")}
	taken := 0
	for _, head := range heads {
		for _, tail := range tails {
			for _, name := range names {
				item := row{"pk": str(head), "sk": str(tail)}
				if name != nil {
					item["_type"] = name
				}
				want := m.decodeOne(item)
				got, err := d.Decode(item)
				if !reflect.DeepEqual(got, want) || (err == nil) != (want != nil) {
					t.Errorf("pk %q, sk %q, type %v: %#v, %v, want %#v", head, tail, name, got, err, want)
				}
				if want != nil {
					taken++
				}
			}
		}
	}
	if taken < 50 {
		t.Errorf("only %d rows were of any member", taken)
	}
}

// decodeOne asks every member.
func (m household) decodeOne(item row) any {
	for _, ask := range []func(row) (any, error){decodes(m.orders), decodes(m.events), decodes(m.pages), decodes(m.days), decodes(m.subscribers), decodes(m.loose), decodes(m.numbers)} {
		if v, err := ask(item); err == nil {
			return v
		}
	}
	return nil
}

func decodes[T any](r *repo.Repository[T]) func(row) (any, error) {
	return func(item row) (any, error) { return r.Decode(item) }
}

// What is decoded shares no memory with the item, nor with what is decoded next.
func TestDecoderSharesNoMemory(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	item := encoded(t, m.orders, anOrder())
	first, err := d.Decode(item)
	if err != nil {
		t.Fatal(err)
	}
	item["sig"].(*types.AttributeValueMemberB).Value[0] = 9
	second, err := d.Decode(item)
	if err != nil || !reflect.DeepEqual(first, anOrder()) {
		t.Errorf("%#v, %v", first, err)
	}
	second.(order).Notes["door"] = "right"
	if !reflect.DeepEqual(first, anOrder()) {
		t.Errorf("%#v", first)
	}
}

// allRows scans a table past the library.
func allRows(t testing.TB, c *dynamodb.Client, table string) []row {
	t.Helper()
	out, err := c.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}
