package repo

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// ChangeKind is what a stream record says was done to an item.
type ChangeKind uint8

// What can be done to an item. A write that changes nothing makes no record.
const (
	Inserted ChangeKind = iota + 1 // the item is new
	Modified                       // it was there, and is
	Removed                        // it was there, and is gone
)

// String is "inserted", "modified" or "removed"; "unknown" for anything else.
func (k ChangeKind) String() string {
	if k < Inserted || k > Removed {
		return "unknown"
	}
	return [...]string{"inserted", "modified", "removed"}[k-Inserted]
}

// kinds are the names of the service.
var kinds = map[string]ChangeKind{"INSERT": Inserted, "MODIFY": Modified, "REMOVE": Removed}

// Change is one record of a table's stream: what was done to one item. Which images it holds says the stream's view type.
type Change struct {
	// Op says what was done.
	Op ChangeKind
	// Old and New are the item before and after, each a value of a member's T: for a type switch. Nil where the record has no such
	// image, and where the image is of no member.
	Old, New any
	// Unknown says that there is an image of no member: the guard of a unique value, or an item of a type that the decoder was
	// not told of. Such changes are part of most streams; skip them, or look at the images.
	Unknown bool
	// Expired says that DynamoDB removed the item because of its time to live. In the other replicas of a global table such a
	// removal looks like any other.
	Expired bool
	// Keys is the primary key as it is stored. A stream of keys alone has nothing else, and leaves Old and New nil: key text is not
	// read back into fields.
	Keys map[string]types.AttributeValue
	// OldImage and NewImage are the stored items that Old and New were decoded from; nil where the record has none.
	OldImage, NewImage map[string]types.AttributeValue
	// EventID is the same whenever the record is delivered again.
	EventID string
	// SequenceNumber orders the changes of one item, and is what a Lambda function reports of a record that failed. It is a decimal
	// number of up to 40 digits.
	SequenceNumber string
	// At is when the change was made, nearly; zero where the record does not say.
	At time.Time
}

// StreamRecord decodes a record as GetRecords of DynamoDB Streams returns it. The record is not kept, nor any of its memory.
//
// A record that is none, or an image that does not fit its type, is [ErrInvalidValue]: the error says which image, entity and field.
// Unlike elsewhere the Change is not zero beside an error: it has what could be read, SequenceNumber above all, since whoever reads
// a stream must say where to go on. An image of no member is no error: see [Change.Unknown]. Where the members are views of a scope
// (see [Repository.Scope]), the record of another one is [ErrOutOfScope], and the Change holds nothing of its item. Safe for concurrent
// use.
func (d *Decoder) StreamRecord(r streams.Record) (Change, error) {
	raw := streamRecord{name: string(r.EventName)}
	raw.EventID = aws.ToString(r.EventID)
	if r.UserIdentity != nil {
		raw.identity, raw.principal = aws.ToString(r.UserIdentity.Type), aws.ToString(r.UserIdentity.PrincipalId)
	}
	if body := r.Dynamodb; body != nil {
		raw.SequenceNumber, raw.At = aws.ToString(body.SequenceNumber), aws.ToTime(body.ApproximateCreationDateTime)
		raw.Keys = raw.convert("Keys", body.Keys)
		raw.OldImage = raw.convert("OldImage", body.OldImage)
		raw.NewImage = raw.convert("NewImage", body.NewImage)
	} else {
		raw.fail("it has no Dynamodb, where its keys and images belong")
	}
	return d.change("StreamRecord", raw)
}

// streamRecord is a record before its images are decoded.
type streamRecord struct {
	Change
	name                string // the service's name of what was done
	identity, principal string // of a service that did it
	bad                 string // the first thing that is wrong with it, and where
}

func (r *streamRecord) fail(reason string) {
	if r.bad == "" {
		r.bad = reason
	}
}

// change decodes the images of a record. The change has what could be read, beside an error too.
func (d *Decoder) change(op string, r streamRecord, where ...string) (Change, error) {
	c := r.Change
	if c.Op = kinds[r.name]; c.Op == 0 {
		r.fail("its eventName is none of INSERT, MODIFY and REMOVE")
	}
	for _, row := range []item{c.Keys, c.OldImage, c.NewImage} {
		if row != nil && !d.reaches(row) {
			return c.withoutItem(), failedIn(op, foreignRow(), where...)
		}
	}
	c.Expired = c.Op == Removed && r.identity == "Service" && r.principal == "dynamodb.amazonaws.com"
	var badOld, badNew error
	c.Old, badOld = d.image(&c, c.OldImage)
	c.New, badNew = d.image(&c, c.NewImage)
	if errors.Is(badOld, ErrOutOfScope) || errors.Is(badNew, ErrOutOfScope) { // another's item, be it by one image alone
		return c.withoutItem(), failedIn(op, foreignRow(), where...)
	}
	switch {
	case r.bad != "":
		return c, failedIn(op, &Error{kind: ErrInvalidValue, Reason: r.bad}, where...)
	case badNew != nil:
		return c, failedIn(op, badNew, append(where, "NewImage")...)
	case badOld != nil:
		return c, failedIn(op, badOld, append(where, "OldImage")...)
	}
	return c, nil
}

// withoutItem is a change that shows nothing of its item.
func (c Change) withoutItem() Change {
	return Change{Op: c.Op, EventID: c.EventID, SequenceNumber: c.SequenceNumber, At: c.At}
}

// image decodes one image; nil where there is none, or it is of no member.
func (d *Decoder) image(c *Change, row item) (any, error) {
	if row == nil {
		return nil, nil
	}
	e, err := d.find(row)
	switch {
	case err == nil && !d.views[e].sees(row):
		return nil, foreignRow()
	case err == nil:
		return e.decodeAny(row)
	case errors.Is(err, ErrWrongEntity):
		c.Unknown = true
		return nil, nil
	}
	return nil, err
}
