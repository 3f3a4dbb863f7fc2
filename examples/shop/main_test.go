package main

import (
	"bytes"
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo/client"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

func connect(ctx context.Context, endpoint string) (*dynamodb.Client, error) {
	if endpoint == "" {
		return repotest.NewClient(), nil
	}
	return client.New(ctx, endpoint)
}

// Without an endpoint the shop brings its own engine.
func TestNothingIsNeeded(t *testing.T) {
	var out bytes.Buffer
	if err := connectAndRun(t.Context(), "", &out); err != nil || out.Len() == 0 {
		t.Errorf("without an endpoint: error %v, output %q", err, &out)
	}
}
