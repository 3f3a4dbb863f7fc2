package repo_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/repo"
)

// toStreams writes an attribute with the types of Streams.
func toStreams(av types.AttributeValue) streams.AttributeValue {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return &streams.AttributeValueMemberS{Value: v.Value}
	case *types.AttributeValueMemberN:
		return &streams.AttributeValueMemberN{Value: v.Value}
	case *types.AttributeValueMemberB:
		return &streams.AttributeValueMemberB{Value: v.Value}
	case *types.AttributeValueMemberBOOL:
		return &streams.AttributeValueMemberBOOL{Value: v.Value}
	case *types.AttributeValueMemberNULL:
		return &streams.AttributeValueMemberNULL{Value: v.Value}
	case *types.AttributeValueMemberSS:
		return &streams.AttributeValueMemberSS{Value: v.Value}
	case *types.AttributeValueMemberNS:
		return &streams.AttributeValueMemberNS{Value: v.Value}
	case *types.AttributeValueMemberBS:
		return &streams.AttributeValueMemberBS{Value: v.Value}
	case *types.AttributeValueMemberL:
		out := []streams.AttributeValue{}
		for _, e := range v.Value {
			out = append(out, toStreams(e))
		}
		return &streams.AttributeValueMemberL{Value: out}
	case *types.AttributeValueMemberM:
		return &streams.AttributeValueMemberM{Value: toStreamsMap(v.Value)}
	}
	return nil
}

func toStreamsMap(item row) map[string]streams.AttributeValue {
	if item == nil {
		return nil
	}
	out := map[string]streams.AttributeValue{}
	for name, av := range item {
		out[name] = toStreams(av)
	}
	return out
}

// streamed is a record of both images.
func streamed(name streams.OperationType, old, now row) streams.Record {
	keys := map[string]streams.AttributeValue{}
	for _, item := range []row{old, now} {
		for _, attr := range []string{"pk", "sk"} {
			if item[attr] != nil {
				keys[attr] = toStreams(item[attr])
			}
		}
	}
	return streams.Record{
		EventID: aws.String("e1"), EventName: name,
		Dynamodb: &streams.StreamRecord{
			Keys: keys, OldImage: toStreamsMap(old), NewImage: toStreamsMap(now), SequenceNumber: aws.String("4421584500000000017450439091"),
			ApproximateCreationDateTime: aws.Time(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), StreamViewType: streams.StreamViewTypeNewAndOldImages,
		},
	}
}

// ofAllTypes is an item with an attribute of every type, numbers of 38 digits among them.
func ofAllTypes() row {
	return row{
		"pk": str("X"), "sk": str("Y"), "_type": str("Else"), "n": num("12345678901234567890.123456789012345678"), "tiny": num("-1E-130"),
		"b": &types.AttributeValueMemberB{Value: []byte{0, 1, 254, 255}}, "yes": &types.AttributeValueMemberBOOL{Value: true},
		"no": &types.AttributeValueMemberBOOL{}, "null": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a", "b\n\"ü😀"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1", "99999999999999999999999999999999999999"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}}, "empty": str(""), "": str("a name may be anything to a reader"),
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{num("1"), &types.AttributeValueMemberL{Value: []types.AttributeValue{}}}},
		"m": &types.AttributeValueMemberM{Value: row{"in": &types.AttributeValueMemberM{Value: row{"": str("s")}}, "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{str("x")}}}},
	}
}

func TestStreamRecord(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, m.told()...)
	then, now := anOrder(), anOrder()
	now.Status, now.Total = "shipped", 1<<62+1
	oldRow, newRow := encoded(t, m.orders, then), encoded(t, m.orders, now)
	other := encoded(t, m.events, anEvent())
	service := func(r streams.Record, kind, principal string) streams.Record {
		r.UserIdentity = &streams.Identity{Type: aws.String(kind), PrincipalId: aws.String(principal)}
		return r
	}
	const ttl = "dynamodb.amazonaws.com"
	for _, c := range []struct {
		reason  string
		record  streams.Record
		op      repo.ChangeKind
		old     any
		now     any
		unknown bool
		expired bool
	}{
		{"a new item", streamed("INSERT", nil, newRow), repo.Inserted, nil, now, false, false},
		{"both images", streamed("MODIFY", oldRow, newRow), repo.Modified, then, now, false, false},
		{"an item that is gone", streamed("REMOVE", oldRow, nil), repo.Removed, then, nil, false, false},
		{"a view of old images, of a new item", streamed("INSERT", nil, nil), repo.Inserted, nil, nil, false, false},
		{"a row that became one of another type", streamed("MODIFY", oldRow, other), repo.Modified, then, anEvent(), false, false},
		{"removed by time to live", service(streamed("REMOVE", oldRow, nil), "Service", ttl), repo.Removed, then, nil, false, true},
		{"removed by another service", service(streamed("REMOVE", oldRow, nil), "Service", "x.amazonaws.com"), repo.Removed, then, nil, false, false},
		{"removed by a user of that name", service(streamed("REMOVE", oldRow, nil), "User", ttl), repo.Removed, then, nil, false, false},
		{"written by the service: only what is removed has expired", service(streamed("INSERT", nil, newRow), "Service", ttl), repo.Inserted, nil, now, false, false},
		{"a guard", streamed("INSERT", nil, guardRow(t, shopTable)), repo.Inserted, nil, nil, true, false},
		{"a type that nobody told", streamed("REMOVE", ofAllTypes(), nil), repo.Removed, nil, nil, true, false},
		{"one image of no member", streamed("MODIFY", ofAllTypes(), newRow), repo.Modified, nil, now, true, false},
		{"an image without attributes is none", streamed("INSERT", row{}, newRow), repo.Inserted, nil, now, false, false},
	} {
		got, err := d.StreamRecord(c.record)
		if err != nil || got.Op != c.op || !reflect.DeepEqual(got.Old, c.old) || !reflect.DeepEqual(got.New, c.now) || got.Unknown != c.unknown || got.Expired != c.expired {
			t.Errorf("%s: %+v, %v", c.reason, got, err)
		}
		if got.EventID != "e1" || got.SequenceNumber != "4421584500000000017450439091" || got.At.Unix() != 1767323045 {
			t.Errorf("%s: it is recorded as %+v", c.reason, got)
		}
		if len(c.record.Dynamodb.Keys) != len(got.Keys) || len(c.record.Dynamodb.OldImage) != len(got.OldImage) || len(c.record.Dynamodb.NewImage) != len(got.NewImage) {
			t.Errorf("%s: the images are %v, %v, %v", c.reason, got.Keys, got.OldImage, got.NewImage)
		}
	}
}

// A stream of keys alone says which item, and is of no type.
func TestStreamOfKeys(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	r := streamed("MODIFY", nil, encoded(t, m.orders, anOrder()))
	r.Dynamodb.NewImage = nil
	c, err := newDecoder(t, m.told()...).StreamRecord(r)
	if err != nil || c.Old != nil || c.New != nil || c.Unknown || !reflect.DeepEqual(c.Keys, row{"pk": str("CUSTOMER#c1"), "sk": str("ORDER#o1")}) {
		t.Errorf("%+v, %v", c, err)
	}
}

// nested is a list in a list, so many times.
func nested(depth int) types.AttributeValue {
	var av types.AttributeValue = str("core")
	for range depth {
		av = &types.AttributeValueMemberL{Value: []types.AttributeValue{av}}
	}
	return av
}

func TestStreamRecordRefuses(t *testing.T) {
	m := allMembers(nowhere{}, shopTable)
	d := newDecoder(t, append(m.told(), m.notes, m.aliases)...)
	good := encoded(t, m.orders, anOrder())
	bad := func(name string, av streams.AttributeValue) streams.Record {
		r := streamed("MODIFY", good, good)
		r.Dynamodb.NewImage[name] = av
		return r
	}
	oldBad := streamed("MODIFY", good, good)
	oldBad.Dynamodb.OldImage["total"] = &streams.AttributeValueMemberS{Value: canary}
	keysBad := streamed("MODIFY", good, good)
	keysBad.Dynamodb.Keys["pk"] = nil
	either := row{"pk": str("NOTE#1"), "sk": str("NOTE")}
	cases := []struct {
		reason string
		record streams.Record
		text   string
		kept   func(repo.Change) bool // what is left of the change
	}{
		{"nothing", streams.Record{}, "repo: StreamRecord: invalid value: it has no Dynamodb, where its keys and images belong",
			func(c repo.Change) bool { return reflect.DeepEqual(c, repo.Change{}) }},
		{"another operation", streamed(streams.OperationType(canary), good, nil), "repo: StreamRecord: invalid value: its eventName is none of INSERT, MODIFY and REMOVE",
			func(c repo.Change) bool { return c.Op == 0 && c.Old != nil }},
		{"a field that does not fit", bad("total", &streams.AttributeValueMemberS{Value: canary}), "repo: StreamRecord Order: field Total: invalid value: NewImage: cannot read a string (S) into int64",
			func(c repo.Change) bool { return c.New == nil && c.Old != nil && c.NewImage != nil }},
		{"an old field that does not fit", oldBad, "repo: StreamRecord Order: field Total: invalid value: OldImage: cannot read a string (S) into int64",
			func(c repo.Change) bool { return c.New != nil && c.Old == nil && c.OldImage != nil }},
		{"a hole", bad("total", nil), "repo: StreamRecord: invalid value: NewImage: an attribute has no value", func(c repo.Change) bool { return c.NewImage == nil && c.Old != nil }},
		{"a hole that nobody asks for", bad("unasked", nil), "repo: StreamRecord: invalid value: NewImage: an attribute has no value", nil},
		{"a hole in disguise", bad("total", (*streams.AttributeValueMemberN)(nil)), "repo: StreamRecord: invalid value: NewImage: an attribute has no value", nil},
		{"a hole below", bad("lines", &streams.AttributeValueMemberL{Value: []streams.AttributeValue{&streams.AttributeValueMemberM{Value: map[string]streams.AttributeValue{canary: nil}}}}),
			"repo: StreamRecord: invalid value: NewImage: an attribute has no value", nil},
		{"a type that is not known yet", bad("total", &streams.UnknownUnionMember{Tag: canary}), "repo: StreamRecord: invalid value: NewImage: an attribute is of an unknown type", nil},
		{"deeper than DynamoDB", bad("deep", toStreams(nested(33))), "repo: StreamRecord: invalid value: NewImage: an attribute is nested deeper than the 32 levels of DynamoDB", nil},
		{"a hole in the key", keysBad, "repo: StreamRecord: invalid value: Keys: an attribute has no value", func(c repo.Change) bool { return c.Keys == nil && c.New != nil && c.Old != nil }},
		{"a row of one of two members", streamed("INSERT", nil, either), "repo: StreamRecord: invalid value: NewImage: the item has no type attribute, and its key could be of Note and of Alias",
			func(c repo.Change) bool { return c.New == nil && !c.Unknown }},
	}
	for _, c := range cases {
		got, err := d.StreamRecord(c.record)
		if !errors.Is(err, repo.ErrInvalidValue) {
			t.Errorf("%s: %v", c.reason, err)
			continue
		}
		checkQuiet(t, c.reason, err)
		if err.Error() != c.text {
			t.Errorf("%s: it says\n%s\nwant\n%s", c.reason, err, c.text)
		}
		if c.record.Dynamodb != nil && got.SequenceNumber == "" {
			t.Errorf("%s: nobody can say where to go on: %+v", c.reason, got)
		}
		if c.kept != nil && !c.kept(got) {
			t.Errorf("%s: what is left is %+v", c.reason, got)
		}
	}
	if c, err := d.StreamRecord(bad("deep", toStreams(nested(32)))); err != nil || c.New == nil {
		t.Errorf("as deep as DynamoDB: %v", err)
	}
}

// A record is not kept: what is done to it later shows in no change.
func TestStreamRecordIsNotKept(t *testing.T) {
	d := newDecoder(t, allMembers(nowhere{}, shopTable).told()...)
	r := streamed("INSERT", nil, ofAllTypes())
	c, err := d.StreamRecord(r)
	if err != nil || !reflect.DeepEqual(c.NewImage, ofAllTypes()) {
		t.Fatalf("%v, %v", c.NewImage, err)
	}
	r.Dynamodb.NewImage["b"].(*streams.AttributeValueMemberB).Value[0] = 7
	r.Dynamodb.NewImage["ss"].(*streams.AttributeValueMemberSS).Value[0] = "7"
	r.Dynamodb.NewImage["ns"].(*streams.AttributeValueMemberNS).Value[0] = "7"
	r.Dynamodb.NewImage["bs"].(*streams.AttributeValueMemberBS).Value[0][0] = 7
	r.Dynamodb.NewImage["l"].(*streams.AttributeValueMemberL).Value[0] = nil
	delete(r.Dynamodb.NewImage["m"].(*streams.AttributeValueMemberM).Value, "in")
	if !reflect.DeepEqual(c.NewImage, ofAllTypes()) {
		t.Errorf("%v", c.NewImage)
	}
}

func TestChangeKinds(t *testing.T) {
	for kind, want := range map[repo.ChangeKind]string{0: "unknown", repo.Inserted: "inserted", repo.Modified: "modified", repo.Removed: "removed", 4: "unknown", 255: "unknown"} {
		if got := kind.String(); got != want {
			t.Errorf("%d is %q, want %q", kind, got, want)
		}
	}
}
