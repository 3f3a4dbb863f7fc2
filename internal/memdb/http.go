package memdb

import (
	"bytes"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
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
	text, err := readBody(r)
	if err != nil {
		return Response{}, err
	}
	if !speaksJSON(r.Header.Get("Content-Type")) {
		refused := failure("UnknownOperationException", "The content type must be "+contentType)
		refused.Status = http.StatusNotFound
		return finish(errorResponse(refused)), nil
	}
	return db.Serve(r.Context(), r.Header.Get("X-Amz-Target"), text)
}

func speaksJSON(header string) bool {
	if header == contentType {
		return true
	}
	kind, _, err := mime.ParseMediaType(header)
	return err == nil && (kind == contentType || kind == "application/json")
}

// readBody reads one byte more than is allowed, for Serve to notice.
func readBody(r *http.Request) (string, error) {
	if r.Body == nil {
		return "", nil
	}
	defer func() { _ = r.Body.Close() }()
	var text strings.Builder
	if n := r.ContentLength; n > 0 && n <= maxBody {
		text.Grow(int(n))
		_, err := io.CopyN(&text, r.Body, n)
		return text.String(), err
	}
	_, err := io.Copy(&text, io.LimitReader(r.Body, maxBody+1))
	return text.String(), err
}

func newResponse(r *http.Request, a Response) *http.Response {
	values := [...]string{contentType, strconv.Itoa(a.Length), strconv.FormatUint(uint64(a.Checksum), 10), requestID()}
	h := http.Header{
		"Content-Type": values[0:1:1], "Content-Length": values[1:2:2], "X-Amz-Crc32": values[2:3:3], "X-Amzn-Requestid": values[3:4:4],
	}
	return &http.Response{
		Status: statusText(a.Status), StatusCode: a.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, ContentLength: int64(a.Length), Request: r,
		Body: &body{Reader: bytes.NewReader(a.Body), size: len(a.Body), cut: a.Length > len(a.Body)},
	}
}

func statusText(status int) string {
	if status == http.StatusOK {
		return "200 OK"
	}
	return strconv.Itoa(status) + " " + http.StatusText(status)
}

// requestID has the length of the service's.
func requestID() string {
	id := [52]byte{}
	for i, n := len(id)-1, requestNumbers.Add(1); i >= 0; i, n = i-1, n/10 {
		id[i] = byte('0' + n%10)
	}
	return string(id[:])
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
