package chunk

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one input of a run. The caller fills in the exported fields; after Add the item belongs to the run until it is settled.
type Item struct {
	Index int    // the caller's
	Table string // as the request names it
	Key   string // tells items of all tables apart; it holds key text, so that it is never shown

	// Of these one is set.
	Write   types.WriteRequest              // to be written
	Read    map[string]types.AttributeValue // the key to be read
	Refused error                           // not to be sent at all: it is settled as Rejected

	// View is how the table of a read is read: everything but its Keys. Items of one table and run share a pointer where they are
	// read alike.
	View *types.KeysAndAttributes

	size      int    // bytes on the wire, without what surrounds it
	tries     int    // answers that left it unprocessed
	ambiguous bool   // some attempt may have been applied, and none was acknowledged
	cause     error  // why it is not done yet
	delays    *delay // of the request that first left it
}

// State is what became of an item.
type State uint8

// The states. There are no others.
const (
	Done        State = iota // acknowledged: it is written, or was read
	Unprocessed              // not written by this run; it may be tried again
	Rejected                 // refused for what it is, and not written
	Ambiguous                // it may have been written
)

// String names the state, in lower case.
func (s State) String() string {
	switch s {
	case Done:
		return "done"
	case Unprocessed:
		return "unprocessed"
	case Rejected:
		return "rejected"
	case Ambiguous:
		return "ambiguous"
	}
	return "state " + strconv.Itoa(int(s))
}
