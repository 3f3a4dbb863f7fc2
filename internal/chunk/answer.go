package chunk

import (
	"errors"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/monotable/monotable/internal/attempt"
)

// Left over by an answer, again and again.
var (
	// ErrUnprocessed: the service kept leaving the item unprocessed.
	ErrUnprocessed = errors.New("left unprocessed in every attempt")
	// ErrTooLarge: the item alone exceeds the budget of a request.
	ErrTooLarge = errors.New("larger than the byte budget of a request")
	// ErrDuplicates: the service says that a request names an item twice.
	ErrDuplicates = errors.New("the request names an item twice")
)

// reply is what became of one request.
type reply struct {
	left     []*Item // unprocessed, and made ready to be sent again
	err      error
	unknown  bool // it may have been applied, and no answer says so
	clouded  bool // it was answered, but an earlier attempt may have been applied to what is left
	capacity float64
}

// acknowledged reports whether an item was processed.
func (r *reply) acknowledged(items []*Item) []*Item {
	if len(r.left) == 0 {
		return items
	}
	left := make(map[*Item]bool, len(r.left))
	for _, it := range r.left {
		left[it] = true
	}
	done := make([]*Item, 0, len(items)-len(r.left))
	for _, it := range items {
		if !left[it] {
			done = append(done, it)
		}
	}
	return done
}

// clouded reports whether an attempt before the one that was answered may have been applied. A fake keeps no record of attempts.
func clouded(metadata middleware.Metadata) bool {
	attempts, _ := retry.GetAttemptResults(metadata)
	for _, a := range attempts.Results {
		if a.Err != nil && mayBeApplied(a.Err) {
			return true
		}
	}
	return false
}

// mayBeApplied judges the error of one attempt as the tracks of package attempt do.
func mayBeApplied(err error) bool {
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) && status.HTTPStatusCode() == http.StatusRequestTimeout {
		return true
	}
	return attempt.New(true).Outcome(err) != attempt.NotApplied
}

// verdict says whose fault an error is.
type verdict uint8

const (
	nobody   verdict = iota // it was throttled, or the connection failed, or the caller gave up
	anItem                  // the request was refused for what is in it
	theTable                // the request was refused for its table
	everyone                // and so would be every other request
)

// codes that refuse a request for what is in it, and those that refuse any request alike.
var (
	refusals = []string{"ValidationException", "ItemCollectionSizeLimitExceededException", "SerializationException", "RequestEntityTooLargeException"}
	tables   = []string{"ResourceNotFoundException", "ResourceInUseException", "AccessDeniedException", "PolicyNotFoundException"}
	denials  = []string{"UnrecognizedClientException", "ExpiredTokenException", "ExpiredToken", "MissingAuthenticationTokenException", "InvalidSignatureException", "IncompleteSignatureException", "InvalidClientTokenId", "NotSignedException"}
)

func judge(err error) verdict {
	var api smithy.APIError
	var status interface{ HTTPStatusCode() int }
	if !errors.As(err, &api) {
		return nobody
	}
	switch code := api.ErrorCode(); {
	case has(refusals, code):
		return anItem
	case errors.As(err, &status) && status.HTTPStatusCode() == http.StatusRequestEntityTooLarge:
		return anItem
	case has(tables, code):
		return theTable
	case has(denials, code):
		return everyone
	}
	return nobody
}

func has(codes []string, code string) bool {
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}

// isThrottle reports whether a request was refused because of its rate.
func isThrottle(err error) bool {
	return retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool()
}

// namesTwice reports whether the service refused a request because it names an item twice. There is no code of its own for that.
func namesTwice(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.Contains(api.ErrorMessage(), "contains duplicates")
}
