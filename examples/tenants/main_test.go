package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

const secret = "World domination"

// site is an API with notes of acme, under attack by bolt.
type site struct {
	*testing.T
	engine *repotest.Engine
	url    string
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{T: t, engine: repotest.New()}
	a, err := openAPI(t.Context(), s.engine.Client())
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	s.url = server.URL
	for _, id := range []string{"plan", "plan#", "x/y"} {
		s.want(http.StatusOK, "acme", "PUT", "/notes/"+url.PathEscape(id), `{"label":"secret","title":"`+secret+" "+id+`"}`)
	}
	return s
}

func (s *site) send(who, method, path, body string) (status int, text string) {
	s.Helper()
	status, text, err := request(s.Context(), s.url, who, method, path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	return status, text
}

func (s *site) want(status int, who, method, path, body string) string {
	s.Helper()
	got, text := s.send(who, method, path, body)
	if got != status {
		s.Errorf("%s %s %s: %d %s, want %d", who, method, path, got, text, status)
	}
	return text
}

var hostile = []string{
	"plan", "plan#", "x/y", "#", "$", "$23", "#TENANT#acme", "TENANT#acme", "TENANT#acme#NOTE#plan", "acme", "../acme", "..%2facme", "*", "?", "a?tenant=acme",
	"\x00", "\x01", "\n", "plan\x00", "\x7f", "ä", "\u2028", "$UNIQUE", "acme#$UNIQUE#Note#title#x", " ", "%", "%00", strings.Repeat("#", 300), strings.Repeat("a", 3000),
	"\xff", `{"S":"acme"}`, "Tenant", "tenant",
}

// Whatever bolt puts into paths and bodies, acme's notes stay what they are and are shown to nobody else, and every key that is sent is
// the sender's own.
func TestHostileNames(t *testing.T) {
	s := newSite(t)
	before := s.want(http.StatusOK, "acme", "GET", "/notes", "")
	var mu sync.Mutex
	var sent []string
	stop := s.engine.Observe(func(e repotest.Event) {
		mu.Lock()
		defer mu.Unlock()
		sent = append(sent, string(e.Request))
		if !bytes.Contains(e.Request, []byte(`"TENANT#bolt"`)) && !bytes.Contains(e.Request, []byte(`"TENANT#bolt#LABEL#`)) {
			t.Errorf("a request that is not of bolt: %s", e.Request)
		}
		if bytes.Contains(e.Response, []byte(secret)) {
			t.Errorf("acme's note is in the answer to %s", e.Request)
		}
	})
	for _, id := range hostile {
		path := "/notes/" + url.PathEscape(id)
		for _, a := range []struct{ method, path, body string }{
			{"GET", path, ""},
			{"DELETE", path, ""},
			{"PUT", path, `{"tenant":"acme","Tenant":"acme","id":"plan","label":"secret","title":` + `"mine ` + url.PathEscape(id) + `"}`},
			{"GET", path, ""},
			{"GET", "/notes?label=" + url.QueryEscape(id), ""},
			{"GET", "/notes?label=secret&tenant=acme", ""},
			{"GET", "/notes?tenant=" + url.QueryEscape(id), ""},
			{"DELETE", path, ""},
		} {
			if status, text := s.send("bolt", a.method, a.path, a.body); strings.Contains(text, secret) || status >= 500 {
				t.Errorf("%s %q: %d %s", a.method, a.path, status, text)
			}
		}
	}
	stop()
	if after := s.want(http.StatusOK, "acme", "GET", "/notes", ""); after != before {
		t.Errorf("acme's notes were %s, and are %s", before, after)
	}
	if len(sent) < len(hostile) {
		t.Errorf("only %d requests were sent", len(sent))
	}
}

// The same names and titles are two notes, one of each tenant.
func TestSameNames(t *testing.T) {
	s := newSite(t)
	s.want(http.StatusOK, "bolt", "PUT", "/notes/plan", `{"label":"secret","title":"`+secret+` plan"}`)
	s.want(http.StatusConflict, "bolt", "PUT", "/notes/other", `{"label":"secret","title":"`+secret+` plan"}`)
	s.want(http.StatusOK, "bolt", "DELETE", "/notes/plan", "")
	s.want(http.StatusNotFound, "bolt", "GET", "/notes/plan", "")
	s.want(http.StatusOK, "acme", "GET", "/notes/plan", "")
}

func TestWhoAsks(t *testing.T) {
	s := newSite(t)
	requests := s.engine.Requests()
	for _, who := range []string{"nobody", "", "acme-token acme", "ACME"} {
		s.want(http.StatusUnauthorized, who, "GET", "/notes/plan", "")
	}
	if n := s.engine.Requests() - requests; n > 0 {
		t.Errorf("%d requests were sent for nobody", n)
	}
}

func TestBadRequests(t *testing.T) {
	s := newSite(t)
	for _, c := range []struct {
		reason, method, path, body string
		status                     int
	}{
		{"no JSON", "PUT", "/notes/n", "{", http.StatusBadRequest},
		{"no label", "PUT", "/notes/n", `{"title":"t"}`, http.StatusBadRequest},
		{"no title", "PUT", "/notes/n", `{"label":"l"}`, http.StatusBadRequest},
		{"a name that is no text", "GET", "/notes/%ff", "", http.StatusBadRequest},
		{"a name that is too long", "GET", "/notes/" + strings.Repeat("a", 3000), "", http.StatusBadRequest},
		{"another method", "POST", "/notes", "", http.StatusMethodNotAllowed},
	} {
		if status, text := s.send("acme", c.method, c.path, c.body); status != c.status {
			t.Errorf("%s: %d %s", c.reason, status, text)
		}
	}
}

// Without an endpoint the API brings its own table.
func TestNothingIsNeeded(t *testing.T) {
	var out bytes.Buffer
	if err := connectAndRun(t.Context(), "", "", &out); err != nil || out.Len() == 0 {
		t.Errorf("without an endpoint: error %v, output %q", err, &out)
	}
}
