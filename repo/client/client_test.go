package client

import (
	"errors"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// isolate leaves nothing of the machine's AWS configuration.
func isolate(t *testing.T) {
	t.Helper()
	for _, kv := range os.Environ() {
		if name, value, _ := strings.Cut(kv, "="); strings.HasPrefix(name, "AWS_") {
			t.Setenv(name, value) // so that it comes back
			os.Unsetenv(name)
		}
	}
	t.Setenv("AWS_CONFIG_FILE", os.DevNull)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", os.DevNull)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestEndpoints(t *testing.T) {
	const scheme = `client: the endpoint has no scheme: write it like "http://localhost:8000", or pass "" for AWS`
	const notURL = `client: the endpoint is not a URL: write it like "http://localhost:8000", or pass "" for AWS`
	const user = `client: the endpoint has a user name in it: leave that out and set Options.Credentials`
	const query = `client: the endpoint has a query or a fragment: leave out everything from the first ? or #`
	const port = ` has a port that is not between 1 and 65535: correct it, or leave it out with its colon`
	const isAWS = ` belongs to AWS, which needs real credentials: pass "" with Options.Region, or set Options.Credentials`
	for _, c := range []struct{ reason, endpoint, want string }{
		{"a local server", "http://localhost:8000", ""},
		{"an address instead of a name", "http://127.0.0.1:8000", ""},
		{"an IPv6 address", "http://[::1]:8000", ""},
		{"TLS, and the default port", "https://dynamodb.test", ""},
		{"a slash at the end is no path", "http://localhost:8000/", ""},
		{"a proxy may serve it below a path", "http://localhost:8000/dynamodb", ""},
		{"a name that only resembles AWS", "http://amazonaws.com.test:8000", ""},

		{"host and port parse as scheme and opaque part", "localhost:8000", scheme},
		{"address and port do not parse", "127.0.0.1:8000", scheme},
		{"a name alone parses as a path", "localhost", scheme},
		{"blanks are not empty", " ", scheme},
		{"the host may be missing in two ways: none", "http://", `client: the endpoint "http://" has no host: write it like "http://localhost:8000"`},
		{"or only a port", "http://:8000", `client: the endpoint "http://:8000" has no host: write it like "http://localhost:8000"`},
		{"a path is no host", "http:///x", `client: the endpoint "http:///x" has no host: write it like "http://localhost:8000"`},
		{"another protocol", "tcp://localhost:8000", `client: the endpoint "tcp://localhost:8000" has another scheme than http or https: use one of these`},
		{"no URL at all", "http://local host", notURL},
		{"a port that is no number does not parse", "http://localhost:http", notURL},
		{"a port out of range", "http://localhost:65536", `client: the endpoint "http://localhost:65536"` + port},
		{"port 0", "http://localhost:0", `client: the endpoint "http://localhost:0"` + port},
		{"a colon without a port", "http://localhost:", `client: the endpoint "http://localhost:"` + port},
		{"a user, without its password in the text", "http://me:hunter2@localhost:8000", user},
		{"a query", "http://localhost:8000?token=hunter2", query},
		{"an empty query", "http://localhost:8000?", query},
		{"a fragment", "http://localhost:8000#hunter2", query},
		{"AWS would refuse made-up keys at the first call", "https://dynamodb.eu-west-1.amazonaws.com", `client: the endpoint "https://dynamodb.eu-west-1.amazonaws.com"` + isAWS},
		{"in China too", "https://dynamodb.cn-north-1.AMAZONAWS.com.cn.", `client: the endpoint "https://dynamodb.cn-north-1.AMAZONAWS.com.cn."` + isAWS},
		{"and with two stacks", "https://dynamodb.eu-west-1.api.aws", `client: the endpoint "https://dynamodb.eu-west-1.api.aws"` + isAWS},
	} {
		made, err := New(t.Context(), c.endpoint)
		if c.want == "" {
			if err != nil || *made.Options().BaseEndpoint != c.endpoint {
				t.Errorf("%s: New(%q): %v", c.reason, c.endpoint, err)
			}
			continue
		}
		var bad *EndpointError
		if !errors.As(err, &bad) || err.Error() != c.want || made != nil {
			t.Errorf("%s: New(%q):\n got %v\nwant %s", c.reason, c.endpoint, err, c.want)
		}
		if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: New(%q) tells the secret", c.reason, c.endpoint)
		}
	}
}

func TestEndpointOfAWSWithCredentials(t *testing.T) {
	const vpc = "https://vpce-1.dynamodb.eu-west-1.vpce.amazonaws.com"
	c, err := New(t.Context(), vpc, func(o *Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider("key", "secret", "")
	})
	if err != nil {
		t.Fatal(err)
	}
	if id := accessKey(t, c); id != "key" {
		t.Errorf("credentials: %q", id)
	}
}

func TestOptionErrors(t *testing.T) {
	isolate(t)
	const negative = " is negative: use a positive value, or 0 for the default"
	for _, c := range []struct {
		reason string
		set    func(*Options)
		want   []string
	}{
		{"attempts", func(o *Options) { o.MaxAttempts = -1 }, []string{"client: Options.MaxAttempts" + negative}},
		{"backoff", func(o *Options) { o.MaxBackoff = -time.Nanosecond }, []string{"client: Options.MaxBackoff" + negative}},
		{"connections", func(o *Options) { o.MaxIdleConns = -5 }, []string{"client: Options.MaxIdleConns" + negative}},
		{"quota", func(o *Options) { o.RetryQuota = -5 }, []string{"client: Options.RetryQuota is negative: use a positive value, or 0 for no quota"}},
		{"all at once", func(o *Options) { o.MaxAttempts, o.MaxBackoff = -1, -1 }, []string{"client: Options.MaxAttempts" + negative, "client: Options.MaxBackoff" + negative}},
		{"no region for AWS", func(*Options) {}, []string{"client: Options.Region is not configured: set it, AWS_REGION, or a region in the shared config file"}},
	} {
		made, err := New(t.Context(), "", c.set)
		var bad *OptionError
		if !errors.As(err, &bad) || err.Error() != strings.Join(c.want, "\n") || made != nil {
			t.Errorf("%s:\n got %v\nwant %s", c.reason, err, c.want)
		}
	}
}

func TestAWS(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "fromEnvironment")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	t.Setenv("AWS_REGION", "eu-west-1")

	c, err := New(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if o := c.Options(); o.Region != "eu-west-1" || o.BaseEndpoint != nil || accessKey(t, c) != "fromEnvironment" {
		t.Errorf("region %q, endpoint %v, key %q: want what the environment says", o.Region, o.BaseEndpoint, accessKey(t, c))
	}

	c, err = New(t.Context(), "", func(o *Options) {
		o.Region = "eu-central-1"
		o.Credentials = credentials.NewStaticCredentialsProvider("given", "secret", "")
	})
	if err != nil {
		t.Fatal(err)
	}
	if o := c.Options(); o.Region != "eu-central-1" || accessKey(t, c) != "given" {
		t.Errorf("region %q, key %q: the options come before the environment", o.Region, accessKey(t, c))
	}

	t.Setenv("AWS_ENDPOINT_URL_DYNAMODB", "https://vpc.test")
	if c, err = New(t.Context(), ""); err != nil || *c.Options().BaseEndpoint != "https://vpc.test" {
		t.Errorf("AWS_ENDPOINT_URL_DYNAMODB is not honoured: %v", err)
	}

	t.Setenv("AWS_CA_BUNDLE", "/does/not/exist.pem")
	if _, err = New(t.Context(), ""); err == nil || !strings.HasPrefix(err.Error(), "client: loading the AWS configuration: ") {
		t.Errorf("a broken configuration: %v", err)
	}
}

func TestLocal(t *testing.T) {
	isolate(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "real")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "real")
	t.Setenv("AWS_PROFILE", "missing")
	t.Setenv("AWS_USE_FIPS_ENDPOINT", "true") // for AWS; with an endpoint the SDK fails on it

	for _, c := range []struct {
		reason, want string
		env          map[string]string
		set          func(*Options)
	}{
		{reason: "none configured", want: "us-east-1"},
		{reason: "the CLI's variable", want: "eu-west-1", env: map[string]string{"AWS_DEFAULT_REGION": "eu-west-1"}},
		{reason: "the SDK's variable is the stronger one", want: "eu-west-2", env: map[string]string{"AWS_REGION": "eu-west-2"}},
		{reason: "the option is stronger than both", want: "eu-west-3", set: func(o *Options) { o.Region = "eu-west-3" }},
	} {
		for _, name := range slices.Sorted(maps.Keys(c.env)) {
			t.Setenv(name, c.env[name])
		}
		made, err := New(t.Context(), "http://localhost:1", func(o *Options) {
			if c.set != nil {
				c.set(o)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		sent := make(chan *http.Request, 1)
		_, err = call(t.Context(), made, func(r *http.Request) (*http.Response, error) {
			sent <- r
			return answer(r, 200, "", "{}"), nil
		})
		if err != nil {
			t.Fatalf("%s: %v", c.reason, err)
		}
		// What is signed with a made-up key holds nothing of the real one.
		r := <-sent
		if auth := r.Header.Get("Authorization"); !strings.Contains(auth, "Credential=local/") || !strings.Contains(auth, "/"+c.want+"/dynamodb/") {
			t.Errorf("%s: want key local and region %s in %q", c.reason, c.want, auth)
		}
		if r.URL.Host != "localhost:1" {
			t.Errorf("%s: sent to %s", c.reason, r.URL.Host)
		}
	}
}

func accessKey(t *testing.T, c *dynamodb.Client) string {
	t.Helper()
	creds, err := c.Options().Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return creds.AccessKeyID
}

func get(table string) *dynamodb.DescribeTableInput {
	return &dynamodb.DescribeTableInput{TableName: aws.String(table)}
}
