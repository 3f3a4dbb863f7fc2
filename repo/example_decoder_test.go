package repo_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// Comment is another entity of the board.
type Comment struct {
	_ struct{} `entity:"Comment" pk:"BOARD#{Board}" sk:"COMMENT#{At}"`

	Board string    `dynamodbav:"board"`
	At    time.Time `dynamodbav:"at"`
	Text  string    `dynamodbav:"text"`
}

// exampleDecoder decodes the rows of the board.
func exampleDecoder() *repo.Decoder {
	c := repotest.NewClient()
	tickets, comments := repo.Must(repo.New[Ticket](c, board)), repo.Must(repo.New[Comment](c, board))
	d, err := repo.NewDecoder(tickets, comments)
	if err != nil {
		panic(err)
	}
	return d
}

// Rows of several types, such as a scan or an export holds: each becomes a value of its type.
func ExampleDecoder() {
	d := exampleDecoder()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for _, item := range []map[string]types.AttributeValue{
		{"pk": text("BOARD#b1"), "sk": text("TICKET#t1"), "_type": text("Ticket"), "board": text("b1"), "id": text("t1"), "state": text("open")},
		{"pk": text("BOARD#b1"), "sk": text("COMMENT#2026-01-02T03:04:05.000000006Z"), "text": text("old: it has no type, and its key tells")},
		{"pk": text("BOARD#b1"), "sk": text("SETTINGS"), "_type": text("Settings")},
		{"_type": text("Ticket"), "votes": text("many")},
	} {
		v, err := d.Decode(item)
		switch v := v.(type) {
		case Ticket:
			fmt.Println("ticket", v.ID, v.State)
		case Comment:
			fmt.Println("comment", v.Text)
		default:
			fmt.Println(errors.Is(err, repo.ErrWrongEntity), err)
		}
	}
	// Output:
	// ticket t1 open
	// comment old: it has no type, and its key tells
	// true repo: Decode: wrong entity: the item's type is that of no member
	// false repo: Decode Ticket: field Votes: invalid value: cannot read a string (S) into int
}

// A record of the table's stream, as GetRecords returns it.
func ExampleDecoder_StreamRecord() {
	d := exampleDecoder()
	image := func(state string) map[string]streams.AttributeValue {
		return map[string]streams.AttributeValue{
			"_type": &streams.AttributeValueMemberS{Value: "Ticket"}, "id": &streams.AttributeValueMemberS{Value: "t1"},
			"state": &streams.AttributeValueMemberS{Value: state},
		}
	}
	change, err := d.StreamRecord(streams.Record{
		EventName: streams.OperationTypeModify,
		Dynamodb:  &streams.StreamRecord{OldImage: image("open"), NewImage: image("closed"), SequenceNumber: aws.String("100000000003498069978")},
	})
	if err != nil {
		panic(err) // do not go on behind change.SequenceNumber
	}
	if now, ok := change.New.(Ticket); ok {
		fmt.Println(change.Op, now.ID, change.Old.(Ticket).State, now.State)
	}
	// Output: modified t1 open closed
}

// A Lambda function, less its own main. What it gets is the event as it came; it returns which record failed, and gets that and those
// behind it again. Guards of unique values, and types that the decoder was not told of, pass by.
func ExampleDecoder_LambdaEvent() {
	d := exampleDecoder()
	handle := func(event []byte) (failed []string, err error) {
		for change, err := range d.LambdaEvent(event) {
			switch {
			case err != nil && change.SequenceNumber == "":
				return nil, err // it is no event
			case err != nil:
				fmt.Println(err)
				return append(failed, change.SequenceNumber), nil
			}
			switch v := change.New.(type) {
			case Ticket:
				fmt.Println(change.Op, "ticket", v.ID, v.State)
			case nil:
				fmt.Println(change.Op, "expired:", change.Expired, "unknown:", change.Unknown)
			}
		}
		return failed, nil
	}
	fmt.Println(handle([]byte(`{"Records": [
		{"eventID": "1", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "101",
			"NewImage": {"_type": {"S": "Ticket"}, "id": {"S": "t1"}, "state": {"S": "open"}, "votes": {"N": "3"}}}},
		{"eventID": "2", "eventName": "REMOVE", "dynamodb": {"SequenceNumber": "102", "OldImage": {"_type": {"S": "Ticket"}}},
			"userIdentity": {"type": "Service", "principalId": "dynamodb.amazonaws.com"}},
		{"eventID": "3", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "103", "NewImage": {"_type": {"S": "Settings"}}}},
		{"eventID": "4", "eventName": "INSERT", "dynamodb": {"SequenceNumber": "104", "NewImage": {"_type": {"S": "Ticket"}, "votes": {"S": "3"}}}}
	]}`)))
	// Output:
	// inserted ticket t1 open
	// removed expired: true unknown: false
	// inserted expired: false unknown: true
	// repo: LambdaEvent Ticket: field Votes: invalid value: record 3: NewImage: cannot read a string (S) into int
	// [104] <nil>
}

// What became of the items, in a stream of whatever view.
func ExampleChange() {
	event := []byte(`[{"eventName": "REMOVE", "dynamodb": {"Keys": {"pk": {"S": "BOARD#b1"}, "sk": {"S": "TICKET#t1"}}}}]`)
	for change, err := range exampleDecoder().LambdaEvent(event) {
		// A stream of keys alone says no more than this.
		fmt.Println(change.Op, change.Keys["sk"].(*types.AttributeValueMemberS).Value, change.Old, change.New, err)
	}
	// Output: removed TICKET#t1 <nil> <nil> <nil>
}

func ExampleChangeKind() {
	fmt.Println(repo.Inserted, repo.Modified, repo.Removed, repo.ChangeKind(0))
	// Output: inserted modified removed unknown
}

// A whole table, read on purpose, in four parts at once.
func ExampleDecoderScan() {
	ctx, tickets := exampleTickets()
	d, err := repo.NewDecoder(tickets)
	if err != nil {
		panic(err)
	}
	found := map[string]int{}
	for v, err := range d.Scan().Segments(4).Unknown().All(ctx) {
		switch v := v.(type) {
		case Ticket:
			found[v.State]++
		case repo.UnknownRow:
			found["of another type"]++
		default:
			fmt.Println(err)
		}
	}
	fmt.Println(found)
	// Output: map[closed:1 open:2]
}
