package main

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

const (
	usualLimit = 20
	maxLimit   = 100
)

// api serves the entries of journals, the latest first:
//
//	GET /journals/{journal}/entries?limit=…&cursor=…
//
// An answer has a link to the next page, as long as there is one. The limit may change from page to page.
type api struct {
	http.Handler
	entries *repo.Repository[Entry]
}

// list is the answer.
type list struct {
	Entries []Entry `json:"entries"`
	Next    string  `json:"next,omitempty"`
}

// newAPI takes the keys of the cursors: the first one seals, all of them open.
func newAPI(c *dynamodb.Client, keys ...[]byte) (*api, error) {
	sealed := table
	sealed.CursorKeys = keys
	entries, err := repo.New[Entry](c, sealed)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	a := &api{mux, entries}
	mux.HandleFunc("GET /journals/{journal}/entries", a.list)
	return a, nil
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	limit, ok := limitOf(r.URL.Query())
	if !ok {
		refuse(w, "limit must be a number from 1 to "+strconv.Itoa(maxLimit))
		return
	}
	name := r.PathValue("journal")
	if !utf8.ValidString(name) {
		refuse(w, "no journal can have such a name")
		return
	}
	q := a.entries.Query(journal.Eq(name)).Desc().Limit(limit)
	page, err := q.Page(r.Context(), repo.Cursor(r.URL.Query().Get("cursor")))
	switch {
	case errors.Is(err, repo.ErrInvalidCursor):
		refuse(w, "cursor is not from this list; begin without one")
	case errors.Is(err, repo.ErrInvalidKey):
		refuse(w, "no journal can have such a name")
	case err != nil:
		log.Print(err) // it holds no values
		answer(w, http.StatusInternalServerError, map[string]string{"error": "please try again later"})
	default:
		answer(w, http.StatusOK, list{Entries: append([]Entry{}, page.Items...), Next: next(r.URL, page.Next)})
	}
}

func limitOf(q url.Values) (limit int, ok bool) {
	if !q.Has("limit") {
		return usualLimit, true
	}
	limit, err := strconv.Atoi(q.Get("limit"))
	return limit, err == nil && limit >= 1 && limit <= maxLimit
}

// next is the link to the page at a cursor: the same one with another cursor.
func next(u *url.URL, at repo.Cursor) string {
	if at == "" {
		return ""
	}
	q := u.Query()
	q.Set("cursor", string(at))
	return (&url.URL{Path: u.Path, RawPath: u.RawPath, RawQuery: q.Encode()}).String()
}

func refuse(w http.ResponseWriter, why string) {
	answer(w, http.StatusBadRequest, map[string]string{"error": why})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false) // links stay readable
	_ = e.Encode(v)        // the client may be gone
}
