package repotest

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	smithyendpoints "github.com/aws/smithy-go/endpoints"
)

// host is where the client believes the engine to be. Nothing is ever sent there.
const host = "dynamodb.us-east-1.memory"

// A signer signs requests unless they are for the engine, which does not look at
// signatures: they are a seventh of what a request costs. A client made of this
// one's options for another endpoint signs as usual.
type signer struct{ real *v4.Signer }

func (s signer) SignHTTP(ctx context.Context, c aws.Credentials, r *http.Request, hash, service, region string, at time.Time, opts ...func(*v4.SignerOptions)) error {
	if r.URL.Host == host {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+c.AccessKeyID)
		return nil
	}
	return s.real.SignHTTP(ctx, c, r, hash, service, region, at, opts...)
}

// An endpoint resolves the engine's at once, without the rules that every request
// goes through otherwise. Other endpoints are resolved as usual.
type endpoint struct{ rules dynamodb.EndpointResolverV2 }

func (e endpoint) ResolveEndpoint(ctx context.Context, p dynamodb.EndpointParameters) (smithyendpoints.Endpoint, error) {
	if p.Endpoint != nil && *p.Endpoint == "http://"+host {
		return smithyendpoints.Endpoint{URI: url.URL{Scheme: "http", Host: host}, Headers: http.Header{}}, nil
	}
	return e.rules.ResolveEndpoint(ctx, p)
}
