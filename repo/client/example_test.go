package client_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/monotable/monotable/repo/client"
)

// A local server needs no account, no region and no configuration.
func ExampleNew() {
	c, err := client.New(context.Background(), "http://localhost:8000", func(o *client.Options) {
		o.MaxIdleConns = 16 // as many as there are workers
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(*c.Options().BaseEndpoint, c.Options().Region, "attempts:", c.Options().Retryer.MaxAttempts())
	// Output: http://localhost:8000 us-east-1 attempts: 5
}

// Mistakes are found before anything is sent, and say what to do.
func ExampleEndpointError() {
	_, err := client.New(context.Background(), "localhost:8000")
	var bad *client.EndpointError
	fmt.Println(errors.As(err, &bad))
	fmt.Println(err)
	// Output:
	// true
	// client: the endpoint has no scheme: write it like "http://localhost:8000", or pass "" for AWS
}
