package repotest

import (
	"context"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
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
