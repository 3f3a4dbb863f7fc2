package memdb

import (
	"context"
	"hash/crc32"
	"net/http"
	"strings"
)

// maxBody is the largest request that the service reads.
const maxBody = 16 << 20

// A Response is the service's answer to one request.
type Response struct {
	Status    int
	Body      []byte
	Checksum  uint32 // of the body, unless it was spoiled
	Length    int    // what Content-Length says, more than there is if the body was cut
	ErrorType string // the short name of an error, or ""
}

// targetPrefix is in front of every operation in X-Amz-Target.
const targetPrefix = "DynamoDB_20120810."

// A call is one request on its way through an operation.
type call struct {
	db        *DB
	ctx       context.Context
	operation string
	in        reader
	out       writer
	verdict   Verdict
}

// An operation reads its input from the call and writes its answer there.
type operation func(c *call) *Error

var operations = map[string]operation{
	"CreateTable":        createTable,
	"DescribeTable":      describeTable,
	"UpdateTable":        updateTable,
	"DeleteTable":        deleteTable,
	"ListTables":         listTables,
	"UpdateTimeToLive":   updateTimeToLive,
	"DescribeTimeToLive": describeTimeToLive,
	"DescribeLimits":     describeLimits,
	"DescribeEndpoints":  describeEndpoints,
	"PutItem":            putItem,
	"GetItem":            getItem,
	"UpdateItem":         updateItem,
	"DeleteItem":         deleteItem,
	"Query":              query,
	"Scan":               scan,
	"BatchGetItem":       batchGetItem,
	"BatchWriteItem":     batchWriteItem,
	"TransactGetItems":   transactGetItems,
	"TransactWriteItems": transactWriteItems,
}

// Operation takes the operation's name out of an X-Amz-Target.
func Operation(target string) string { return strings.TrimPrefix(target, targetPrefix) }

// Serve answers one request. The error, if any, is the connection's: there is no
// answer then.
func (db *DB) Serve(ctx context.Context, target, body string) (Response, error) {
	if db.observe == nil {
		return db.serve(ctx, target, body)
	}
	answered := db.observe(Operation(target), body)
	r, err := db.serve(ctx, target, body)
	if answered != nil {
		answered(r, err)
	}
	return r, err
}

func (db *DB) serve(ctx context.Context, target, body string) (Response, error) {
	c := &call{db: db, ctx: ctx, operation: Operation(target)}
	err := c.run(target, body)
	if broken := c.broken(); broken != nil {
		return Response{}, broken
	}
	r := Response{Status: http.StatusOK, Body: c.out.buf}
	if err != nil {
		r = errorResponse(err)
	}
	r = finish(r)
	if c.verdict.BadChecksum {
		r.Checksum ^= 0x5a5a5a5a
	}
	if c.verdict.Truncated {
		r.Body = r.Body[:len(r.Body)/2]
	}
	return r, nil
}

// finish fills in what goes along with the body.
func finish(r Response) Response {
	r.Checksum, r.Length = crc32.ChecksumIEEE(r.Body), len(r.Body)
	return r
}

func plain(status int, text string) Response {
	return finish(Response{Status: status, Body: []byte(text)})
}

func (c *call) broken() error {
	if c.verdict.Broken != nil {
		return c.verdict.Broken
	}
	return c.verdict.Lost
}

func (c *call) run(target, body string) *Error {
	if !strings.HasPrefix(target, targetPrefix) {
		return failure("UnknownOperationException", "")
	}
	run, ok := operations[c.operation]
	if !ok {
		return c.unsupported()
	}
	if len(body) > maxBody {
		return &Error{Status: http.StatusRequestEntityTooLarge, Type: "RequestEntityTooLargeException", Message: "Request size limit exceeded"}
	}
	c.in.text = body
	c.out.buf = append(make([]byte, 0, 256), '{')
	if err := run(c); err != nil {
		return err
	}
	c.out.buf = append(c.out.buf, '}')
	return nil
}

// unsupported refuses by name what the service can do and this engine can not.
func (c *call) unsupported() *Error {
	if otherOperations[c.operation] {
		return failure("UnknownOperationException", c.operation+" is not supported by the embedded engine")
	}
	return failure("UnknownOperationException", "")
}

// read reads the request's object, member by member, and the end of the body.
func (c *call) read(member func(name string)) *Error {
	if c.in.peek() != '{' {
		return malformed("")
	}
	c.in.object("", member)
	c.in.end()
	return c.in.err
}

// enter passes the gate with an operation on items.
func (c *call) enter(info Call, targets func() []Target) *Error {
	info.Data = true
	return c.pass(info, targets)
}

// pass passes the gate; targets are worked out only if there is one.
func (c *call) pass(info Call, targets func() []Target) *Error {
	if err := c.ctx.Err(); err != nil {
		c.verdict.Broken = err
		return &Error{}
	}
	if c.db.gate == nil || c.db.gate.Open() {
		return nil
	}
	info.Operation = c.operation
	info.Targets = targets()
	c.verdict = c.db.gate.Enter(c.ctx, &info)
	if c.verdict.Broken != nil {
		return &Error{}
	}
	return c.verdict.Err
}

// enterTable is enter for the operations on one table.
func (c *call) enterTable(name string) *Error {
	return c.pass(Call{}, func() []Target { return []Target{{Table: name}} })
}

func errorResponse(err *Error) Response {
	var w writer
	w.buf = append(w.buf, '{')
	w.text("__type", err.shape())
	switch {
	case err.Reasons != nil:
		w.array("CancellationReasons", func() {
			for _, r := range err.Reasons {
				w.object("", func() { writeReason(&w, r) })
			}
		})
		w.text("Message", err.Message)
	case strings.HasPrefix(err.shape(), "com.amazon.coral.service#"):
		if err.Message != "" {
			w.text("Message", err.Message)
		}
	default:
		w.text("message", err.Message)
	}
	if err.Item != "" {
		w.item("Item", item(err.Item))
	}
	if err.Throttling != nil {
		w.array("ThrottlingReasons", func() {
			for _, r := range err.Throttling {
				w.object("", func() {
					w.text("reason", r.Reason)
					w.text("resource", r.Resource)
				})
			}
		})
	}
	w.buf = append(w.buf, '}')
	status := err.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	return Response{Status: status, Body: w.buf, ErrorType: err.Type}
}

func writeReason(w *writer, r Reason) {
	w.text("Code", r.Code)
	if r.item != "" {
		w.item("Item", item(r.item))
	}
	if r.Message != "" {
		w.text("Message", r.Message)
	}
}
