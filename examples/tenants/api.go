package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Note is a note of a tenant. The tenant comes first in every partition key: of the table, of the index, and of the guards that keep
// titles unique within a tenant.
type Note struct {
	_ struct{} `entity:"Note" pk:"TENANT#{Tenant}" sk:"NOTE#{ID}"`
	_ struct{} `index:"label" pk:"TENANT#{Tenant}#LABEL#{Label}" sk:"NOTE#{ID}"`

	Tenant string `dynamodbav:"tenant" json:"-"`
	ID     string `dynamodbav:"id" json:"id"`
	Label  string `dynamodbav:"label" repo:"required" json:"label"`
	Title  string `dynamodbav:"title" repo:"unique=Tenant+Title" json:"title"`
}

var (
	tenant = expr.String(func(n *Note) *string { return &n.Tenant })
	label  = expr.String(func(n *Note) *string { return &n.Label })
)

var table = repo.Table{Name: "monotable-tenants", Indexes: []repo.Index{{Name: "label"}}}

// tokens say who sends a request. A real API has sign-in and signed tokens for it; what matters is that the tenant is the server's
// finding, and not the client's say.
var tokens = map[string]string{"acme-token": "acme", "bolt-token": "bolt"}

// api serves the notes of whoever asks:
//
//	GET    /notes             all, or ?label=… those with a label
//	GET    /notes/{id}
//	PUT    /notes/{id}        {"label": …, "title": …}
//	DELETE /notes/{id}
type api struct {
	http.Handler
	notes *repo.Repository[Note] // of all tenants; no handler gets it
}

// openAPI makes the table, or checks the one that is there.
func openAPI(ctx context.Context, c *dynamodb.Client) (*api, error) {
	notes, err := repo.New[Note](c, table)
	if err != nil {
		return nil, err
	}
	if err := repo.CreateTable(ctx, c, table, notes); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	a := &api{mux, notes}
	for pattern, handle := range map[string]handler{
		"GET /notes":         list,
		"GET /notes/{id}":    get,
		"PUT /notes/{id}":    put,
		"DELETE /notes/{id}": remove,
	} {
		mux.Handle(pattern, a.scoped(handle))
	}
	return a, nil
}

// handler answers a request with the notes of one tenant. It has no other repository, so it can make no mistake about whose they are.
type handler func(r *http.Request, mine *repo.Repository[Note]) (any, error)

// scoped finds out whose request it is, and makes the repository for it. That costs nothing: it is a view.
func (a *api) scoped(handle handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		id, ok := tokens[token]
		if !ok {
			answer(w, http.StatusUnauthorized, problem{"sign in first"})
			return
		}
		v, err := handle(r, a.notes.Scope(tenant.Eq(id)))
		if err != nil {
			status, text := explain(err)
			answer(w, status, problem{text})
			return
		}
		answer(w, http.StatusOK, v)
	})
}

func list(r *http.Request, mine *repo.Repository[Note]) (any, error) {
	q := mine.Query() // the tenant is filled in
	if r.URL.Query().Has("label") {
		q = mine.Query(label.Eq(r.URL.Query().Get("label")))
	}
	notes, err := repo.Collect(q.Limit(100).All(r.Context()))
	return append([]Note{}, notes...), err
}

func get(r *http.Request, mine *repo.Repository[Note]) (any, error) {
	return mine.Get(r.Context(), Note{ID: r.PathValue("id")})
}

func put(r *http.Request, mine *repo.Repository[Note]) (any, error) {
	var n Note
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		return nil, errBody
	}
	n.ID = r.PathValue("id")
	return mine.Put(r.Context(), n)
}

func remove(r *http.Request, mine *repo.Repository[Note]) (any, error) {
	return struct{}{}, mine.Delete(r.Context(), Note{ID: r.PathValue("id")})
}

type problem struct {
	Error string `json:"error"`
}

var errBody = errors.New("the body is no note")

// explain says what went wrong, without a word about anybody's notes.
func explain(err error) (status int, text string) {
	for _, known := range []struct {
		is     error
		status int
		text   string
	}{
		{errBody, http.StatusBadRequest, errBody.Error()},
		{repo.ErrNotFound, http.StatusNotFound, "there is no such note"},
		{repo.ErrNotUnique, http.StatusConflict, "another note of yours has this title"},
		{repo.ErrIncompleteKey, http.StatusBadRequest, "a note needs a name, and a label to be found by"},
		{repo.ErrInvalidKey, http.StatusBadRequest, "no note can have such a name"},
		{repo.ErrInvalidValue, http.StatusBadRequest, "a note needs a label and a title"},
	} {
		if errors.Is(err, known.is) {
			return known.status, known.text
		}
	}
	log.Print(err) // ErrOutOfScope among them: a handler that tries to leave the tenant is a mistake of ours. It holds no values
	return http.StatusInternalServerError, "please try again later"
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the client may be gone
}
