package client

import (
	"net/url"
	"strconv"
	"strings"
)

// An EndpointError says why the endpoint given to [New] can't be used, and what to do.
type EndpointError struct {
	Endpoint string // as given, or "" where it holds a part that may be secret
	Problem  string // what is wrong and what to do
}

func (e *EndpointError) Error() string {
	if e.Endpoint == "" {
		return "client: the endpoint " + e.Problem
	}
	return "client: the endpoint " + strconv.Quote(e.Endpoint) + " " + e.Problem
}

// checkEndpoint refuses what the SDK would send to a wrong place, or fail on only at the first call.
// Parts that may be secret (user, query, whatever can't be parsed) are not repeated in the error.
func checkEndpoint(endpoint string, hasCredentials bool) error {
	u, err := url.Parse(endpoint)
	switch {
	case !strings.Contains(endpoint, "://"):
		return &EndpointError{Problem: `has no scheme: write it like "http://localhost:8000", or pass "" for AWS`}
	case err != nil:
		return &EndpointError{Problem: `is not a URL: write it like "http://localhost:8000", or pass "" for AWS`}
	case u.User != nil:
		return &EndpointError{Problem: "has a user name in it: leave that out and set Options.Credentials"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return &EndpointError{Problem: "has a query or a fragment: leave out everything from the first ? or #"}
	case u.Scheme != "http" && u.Scheme != "https":
		return &EndpointError{Endpoint: endpoint, Problem: "has another scheme than http or https: use one of these"}
	case u.Hostname() == "":
		return &EndpointError{Endpoint: endpoint, Problem: `has no host: write it like "http://localhost:8000"`}
	case !validPort(u):
		return &EndpointError{Endpoint: endpoint, Problem: "has a port that is not between 1 and 65535: correct it, or leave it out with its colon"}
	case isAWS(u.Hostname()) && !hasCredentials:
		return &EndpointError{Endpoint: endpoint, Problem: `belongs to AWS, which needs real credentials: pass "" with Options.Region, or set Options.Credentials`}
	}
	return nil
}

func validPort(u *url.URL) bool {
	if u.Port() == "" {
		return !strings.HasSuffix(u.Host, ":")
	}
	n, err := strconv.ParseUint(u.Port(), 10, 16)
	return err == nil && n > 0
}

func isAWS(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	for _, domain := range []string{".amazonaws.com", ".amazonaws.com.cn", ".api.aws"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
}
