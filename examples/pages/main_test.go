package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/internal/storytest"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The story is the same on every engine, and the second time on one server too.
func TestOutput(t *testing.T) { storytest.Output(t, connect, run) }

// site is an API under test, on a table of its own.
type site struct {
	*testing.T
	c   *dynamodb.Client
	url string
}

func newSite(t *testing.T) *site {
	t.Helper()
	c := repotest.NewClient()
	if err := fill(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, c: c}
	s.restart(newKey())
	return s
}

// restart has another API with other keys answer from now on.
func (s *site) restart(keys ...[]byte) {
	s.Helper()
	a, err := newAPI(s.c, keys...)
	if err != nil {
		s.Fatal(err)
	}
	server := httptest.NewServer(a)
	s.Cleanup(server.Close)
	s.url = server.URL
}

func (s *site) get(link string) (status int, body string) {
	s.Helper()
	response, err := http.Get(s.url + link)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func (s *site) list(link string) list {
	s.Helper()
	status, body := s.get(link)
	var out list
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != http.StatusOK {
		s.Fatalf("GET %s: %d, %v: %s", short(link), status, err, body)
	}
	return out
}

func TestEveryPage(t *testing.T) {
	s := newSite(t)
	for _, query := range []string{"", "?limit=1", "?limit=2", "?limit=3", "?limit=7", "?limit=8", "?limit=100"} {
		var texts []string
		for link := "/journals/ada/entries" + query; link != ""; {
			page := s.list(link)
			for _, e := range page.Entries {
				texts = append([]string{e.Text}, texts...)
			}
			link = page.Next
		}
		if diff := cmp.Diff(written["ada"], texts); diff != "" {
			t.Errorf("%q: -want +got\n%s", query, diff)
		}
	}
	if status, body := s.get("/journals/nobody/entries"); status != http.StatusOK || body != `{"entries":[]}`+"\n" {
		t.Errorf("a journal without entries: %d %s", status, body)
	}
}

// The limit belongs to the request, not to the cursor.
func TestAnotherLimit(t *testing.T) {
	s := newSite(t)
	link := s.list("/journals/ada/entries?limit=2").Next
	if page := s.list(strings.Replace(link, "limit=2", "limit=4", 1)); len(page.Entries) != 4 {
		t.Errorf("%d entries, want 4", len(page.Entries))
	}
}

// The place that a cursor stands at is still one when the entry is gone.
func TestDeletedBetweenPages(t *testing.T) {
	s := newSite(t)
	first := s.list("/journals/ada/entries?limit=3")
	last := first.Entries[2]
	last.Journal = "ada"
	if err := repo.Must(repo.New[Entry](s.c, table)).Delete(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if page := s.list(first.Next); len(page.Entries) != 3 || page.Entries[0].Text != "Note G is done." {
		t.Errorf("the second page is %v", page.Entries)
	}
}

func TestRefused(t *testing.T) {
	s := newSite(t)
	link := s.list("/journals/ada/entries?limit=2").Next
	cursor := cursorOf(link)
	unsealed, err := repo.Must(repo.New[Entry](s.c, table)).Query(journal.Eq("ada")).Desc().Limit(2).Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	ascending, err := s.api(t).entries.Query(journal.Eq("ada")).Limit(2).Page(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ reason, link string }{
		{"another journal's", "/journals/grace/entries?cursor=" + cursor},
		{"one that is not sealed", "/journals/ada/entries?cursor=" + string(unsealed.Next)},
		{"one of the other direction, and of other keys", "/journals/ada/entries?cursor=" + string(ascending.Next)},
		{"a part of one", "/journals/ada/entries?cursor=" + cursor[:len(cursor)-4]},
		{"more than one", "/journals/ada/entries?cursor=" + cursor + cursor},
		{"no cursor at all", "/journals/ada/entries?cursor=%00%ff"},
		{"a long text", "/journals/ada/entries?cursor=" + strings.Repeat("A", 30_000)},
		{"limit 0", "/journals/ada/entries?limit=0"},
		{"limit -1", "/journals/ada/entries?limit=-1"},
		{"a limit that is no number", "/journals/ada/entries?limit=ten"},
		{"an empty limit", "/journals/ada/entries?limit="},
		{"a journal whose name is not UTF-8", "/journals/%ff/entries"},
		{"a journal whose name is too long for a key", "/journals/" + strings.Repeat("a", 3000) + "/entries"},
	} {
		status, body := s.get(c.link)
		if status != http.StatusBadRequest || !strings.HasPrefix(body, `{"error":"`) || strings.Contains(body, "JOURNAL") {
			t.Errorf("%s: %d %s", c.reason, status, body)
		}
	}
}

func (s *site) api(t *testing.T) *api {
	t.Helper()
	a, err := newAPI(s.c, newKey())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Whatever character of a cursor is changed, it is none any more.
func TestTampered(t *testing.T) {
	s := newSite(t)
	cursor := cursorOf(s.list("/journals/ada/entries?limit=2").Next)
	for i := range cursor {
		other := byte('A')
		if cursor[i] == other {
			other = 'B'
		}
		if status, _ := s.get("/journals/ada/entries?cursor=" + cursor[:i] + string(other) + cursor[i+1:]); status != http.StatusBadRequest {
			t.Errorf("with another character at %d: %d", i, status)
		}
	}
}

// What a cursor decodes to shows nothing of the key that it stands at, and no two are alike.
func TestNothingToRead(t *testing.T) {
	s := newSite(t)
	page := s.list("/journals/ada/entries?limit=2")
	u, err := url.Parse(page.Next)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(u.Query().Get("cursor"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"JOURNAL", "ada", "2026", "T20:30"} {
		if bytes.Contains(raw, []byte(text)) {
			t.Errorf("the cursor shows %q", text)
		}
	}
	if again := s.list("/journals/ada/entries?limit=2"); again.Next == page.Next {
		t.Error("the same place has the same cursor twice")
	}
}

func TestKeyRotation(t *testing.T) {
	s := newSite(t)
	old, fresh := newKey(), newKey()
	s.restart(old)
	second := s.list("/journals/ada/entries?limit=2").Next
	s.restart(fresh, old)
	third := s.list(second).Next
	s.restart(fresh)
	if status, _ := s.get(second); status != http.StatusBadRequest {
		t.Errorf("a cursor of the old key: %d", status)
	}
	if page := s.list(third); len(page.Entries) != 2 || page.Next == "" {
		t.Errorf("the third page is %v", page)
	}
}
