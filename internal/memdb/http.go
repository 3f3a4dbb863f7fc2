package memdb

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync/atomic"
)

const contentType = "application/x-amz-json-1.0"

// requestNumbers makes request ids, which tell answers apart and mean nothing.
var requestNumbers atomic.Uint64

// Handler serves the DB over HTTP, as DynamoDB's endpoint does.
func (db *DB) Handler() http.Handler { return http.HandlerFunc(db.serveHTTP) }

func (db *DB) serveHTTP(w http.ResponseWriter, r *http.Request) {
	resp, err := db.roundTrip(r)
	if err != nil {
		panic(http.ErrAbortHandler) // breaks the connection, as the caller is to see
	}
	for name, values := range resp.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
	if resp.ContentLength > int64(resp.Body.(*body).size) {
		panic(http.ErrAbortHandler) // a body shorter than was said
	}
}

// Do answers a request in process: it is an aws.HTTPClient without a socket.
func (db *DB) Do(r *http.Request) (*http.Response, error) { return db.roundTrip(r) }

func (db *DB) roundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	answer, err := db.answer(r)
	if err != nil {
		return nil, err
	}
	return newResponse(r, answer), nil
}

func (db *DB) answer(r *http.Request) (Response, error) {
	if r.Method == http.MethodGet {
		return plain(http.StatusOK, "healthy: dynamodb.us-east-1.amazonaws.com "), nil
	}
	if r.Method != http.MethodPost {
		return plain(http.StatusMethodNotAllowed, ""), nil
	}
	var text []byte
	if r.Body != nil {
		var err error
		text, err = readBody(r)
		if err != nil {
			return Response{}, err
		}
		_ = r.Body.Close()
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != contentType && kind != "application/json" {
		refused := failure("UnknownOperationException", "The content type must be "+contentType)
		refused.Status = http.StatusNotFound
		return finish(errorResponse(refused)), nil
	}
	return db.Serve(r.Context(), r.Header.Get("X-Amz-Target"), text)
}

// readBody reads one byte more than is allowed, for Serve to notice.
func readBody(r *http.Request) ([]byte, error) {
	if n := r.ContentLength; n > 0 && n <= maxBody {
		buf := make([]byte, n)
		_, err := io.ReadFull(r.Body, buf)
		return buf, err
	}
	return io.ReadAll(io.LimitReader(r.Body, maxBody+1))
}

func newResponse(r *http.Request, a Response) *http.Response {
	h := http.Header{
		"Content-Type":     {contentType},
		"Content-Length":   {strconv.Itoa(a.Length)},
		"X-Amz-Crc32":      {strconv.FormatUint(uint64(a.Checksum), 10)},
		"X-Amzn-Requestid": {fmt.Sprintf("%052d", requestNumbers.Add(1))},
	}
	return &http.Response{
		Status: strconv.Itoa(a.Status) + " " + http.StatusText(a.Status), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, ContentLength: int64(a.Length), Request: r,
		Body: &body{Reader: bytes.NewReader(a.Body), size: len(a.Body), cut: a.Length > len(a.Body)},
	}
}

// A body is an answer's; one that was cut ends as a broken connection does.
type body struct {
	*bytes.Reader
	size int
	cut  bool
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// WriteTo keeps bytes.Reader's own from hiding where the body was cut.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	n, err := b.Reader.WriteTo(w)
	if err == nil && b.cut {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func (b *body) Close() error { return nil }
