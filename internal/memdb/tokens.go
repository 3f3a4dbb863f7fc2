package memdb

import (
	"sync"
	"time"
)

// tokenLife is how long a ClientRequestToken stays good after its call is done.
const tokenLife = 10 * time.Minute

// tokenStore remembers which transactions were made under which token. It lives
// beside the tables: restoring a snapshot does not bring a token back.
type tokenStore struct {
	mu    sync.Mutex
	calls map[string]*tokenCall
	order []*tokenCall // finished calls, the oldest first
}

type tokenCall struct {
	token   string
	request string // what was asked, by value
	running bool
	expires time.Time
	reads   consumed // what repeating it costs
}

// begin takes a token for a call. A call that is done already is returned; the
// caller must answer as that one did.
func (s *tokenStore) begin(token, request string, now time.Time) (*tokenCall, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire(now)
	if c := s.calls[token]; c != nil {
		switch {
		case c.request != request:
			return nil, failure("IdempotentParameterMismatchException",
				"The parameters passed to this operation are not the same as in the original request with the same client token")
		case c.running:
			return nil, failure("TransactionInProgressException",
				"The transaction with the given request token is already in progress.")
		}
		return c, nil
	}
	if s.calls == nil {
		s.calls = map[string]*tokenCall{}
	}
	s.calls[token] = &tokenCall{token: token, request: request, running: true}
	return nil, nil
}

// end says whether the call under a token was made. One that was not leaves no
// trace, so that it can be tried again.
func (s *tokenStore) end(token string, made bool, reads consumed, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.calls[token]
	if !made {
		delete(s.calls, token)
		return
	}
	c.running, c.expires, c.reads = false, now.Add(tokenLife), reads
	s.order = append(s.order, c)
}

// expire drops the tokens whose time is over; a clock that runs backwards keeps
// them longer, no more.
func (s *tokenStore) expire(now time.Time) {
	n := 0
	for n < len(s.order) && now.After(s.order[n].expires) {
		delete(s.calls, s.order[n].token)
		n++
	}
	s.order = s.order[n:]
}
