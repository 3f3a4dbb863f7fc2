package txn_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// answer is a canned answer of DynamoDB.
func answer(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(bytes.NewReader([]byte(body))),
	}
}

// tap is a transport that keeps the last request and the last answer. Without a next one it answers {}.
type tap struct {
	next     dynamodb.HTTPClient
	request  *[]byte
	response *[]byte
}

func (c tap) Do(r *http.Request) (*http.Response, error) {
	if c.request != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		*c.request, r.Body = body, io.NopCloser(bytes.NewReader(body))
	}
	if c.next == nil {
		return answer(200, "{}"), nil
	}
	resp, err := c.next.Do(r)
	if err != nil || c.response == nil {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	*c.response, resp.Body = body, io.NopCloser(bytes.NewReader(body))
	return resp, err
}

// script is a transport that does what a function says with each attempt, counted from 1, and keeps all bodies.
type script struct {
	next dynamodb.HTTPClient
	do   func(attempt int, send func() (*http.Response, error)) (*http.Response, error)

	mu     sync.Mutex
	bodies []string
}

func (c *script) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.bodies = append(c.bodies, string(body))
	n := len(c.bodies)
	c.mu.Unlock()
	return c.do(n, func() (*http.Response, error) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		return c.next.Do(again)
	})
}

func (c *script) sent() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.bodies)
}

// through is a client whose attempts a script decides about.
func through(c *dynamodb.Client, s *script) *dynamodb.Client {
	return dynamodb.New(c.Options(), func(o *dynamodb.Options) { s.next, o.HTTPClient = o.HTTPClient, s })
}
