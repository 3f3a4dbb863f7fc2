package main

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// tunnel is a stretch of the way to DynamoDB on which requests arrive and answers are lost, while the customer's train is in it.
type tunnel struct{ inside atomic.Bool }

func (t *tunnel) before(next dynamodb.HTTPClient) dynamodb.HTTPClient { return &stretch{t, next} }

type stretch struct {
	tunnel *tunnel
	next   dynamodb.HTTPClient
}

func (s *stretch) Do(r *http.Request) (*http.Response, error) {
	resp, err := s.next.Do(r)
	if err != nil || !s.tunnel.inside.Load() {
		return resp, err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return nil, errors.Join(errors.New("the train is in a tunnel"), err, resp.Body.Close())
}
