package repotest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/monotable/monotable/repo/repotest"
)

// TestBadInput sends what no client should over a real connection: the answer is a 4xx with a typed error, and the tables are as
// good as before.
func TestBadInput(t *testing.T) {
	e, c := harness(t)
	server := httptest.NewServer(e.Handler())
	defer server.Close()
	const json10, prefix = "application/x-amz-json-1.0", "DynamoDB_20120810."
	deep := func(open, shut string) string {
		return `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"x":` + strings.Repeat(open, 2000) + `{"S":"x"}` + strings.Repeat(shut, 2000) + `}}`
	}
	large := func(n int) string {
		return `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"x":{"S":"` + strings.Repeat("x", n) + `"}}}`
	}
	const update = `{"TableName":"tab","Key":{"pk":{"S":"a"},"sk":{"S":"1"}},"UpdateExpression":"SET `
	for _, tc := range []struct {
		reason       string
		target, kind string
		body         string
		status       int
		errorType    string
	}{
		{"no body", prefix + "GetItem", json10, ``, 400, "SerializationException"},
		{"cut JSON", prefix + "GetItem", json10, `{"TableName":"tab"`, 400, "SerializationException"},
		{"two documents", prefix + "GetItem", json10, `{}{}`, 400, "SerializationException"},
		{"a list", prefix + "GetItem", json10, `[]`, 400, "SerializationException"},
		{"a null", prefix + "GetItem", json10, `null`, 400, "SerializationException"},
		{"not UTF-8", prefix + "GetItem", json10, "{\"TableName\":\"\xff\"}", 400, "SerializationException"},
		{"a control character in a text", prefix + "GetItem", json10, "{\"TableName\":\"a\nb\"}", 400, "SerializationException"},
		{"XML", prefix + "GetItem", json10, `<GetItem/>`, 400, "SerializationException"},
		{"bounded depth of lists", prefix + "PutItem", json10, deep(`{"L":[`, `]}`), 400, "SerializationException"},
		{"bounded depth of maps", prefix + "PutItem", json10, deep(`{"M":{"a":`, `}}`), 400, "SerializationException"},
		{"bounded depth of what is skipped", prefix + "PutItem", json10, `{"Other":` + strings.Repeat(`[`, 100_000), 400, "SerializationException"},
		{"bounded depth of expressions", prefix + "UpdateItem", json10, update + strings.Repeat("(", 4000) + `"}`, 400, "ValidationException"},
		{"an item over 400 KB", prefix + "PutItem", json10, large(400 << 10), 400, "ValidationException"},
		{"a body over 16 MB", prefix + "PutItem", json10, large(16 << 20), 413, "RequestEntityTooLargeException"},
		{"names and values over 2 MB", prefix + "UpdateItem", json10,
			update + `a = :a","ExpressionAttributeValues":{":a":{"S":"` + strings.Repeat("x", 2<<20) + `"}}}`, 400, "ValidationException"},
		{"no such operation", prefix + "Frobnicate", json10, `{}`, 400, "UnknownOperationException"},
		{"an operation that the engine has not", prefix + "ExecuteStatement", json10, `{}`, 400, "UnknownOperationException"},
		{"another version", "DynamoDB_20111205.GetItem", json10, `{}`, 400, "UnknownOperationException"},
		{"no target", "", json10, `{}`, 400, "UnknownOperationException"},
		{"another content type", prefix + "GetItem", "text/plain", `{}`, 404, "UnknownOperationException"},
		{"no content type", prefix + "GetItem", "", `{}`, 404, "UnknownOperationException"},
		{"a content type that is none", prefix + "GetItem", ";;", `{}`, 404, "UnknownOperationException"},
		{"no parameters", prefix + "GetItem", json10, `{}`, 400, "ValidationException"},
		{"an attribute that is null", prefix + "PutItem", json10, `{"TableName":"tab","Item":{"pk":{"S":"a"},"sk":{"S":"1"},"x":null}}`, 400, "ValidationException"},
		{"a batch for a table that is null", prefix + "BatchWriteItem", json10, `{"RequestItems":{"tab":null}}`, 400, "ValidationException"},
		{"a name over 64 KB", prefix + "PutItem", json10, strings.Replace(large(1), `"x":`, `"`+strings.Repeat("n", 1<<16)+`":`, 1), 400, "ValidationException"},
	} {
		t.Run(tc.reason, func(t *testing.T) {
			status, errorType := ask(t, server, tc.target, tc.kind, tc.body)
			if status != tc.status || errorType != tc.errorType {
				t.Errorf("%d %s, want %d %s", status, errorType, tc.status, tc.errorType)
			}
		})
	}
	if err := put(t.Context(), c, "tab", "a", 1); err != nil {
		t.Error(err)
	}
}

// ask sends a request and returns the answer's status and the short name of its error.
func ask(t *testing.T, server *httptest.Server, target, kind, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	_, name, _ := strings.Cut(answer.Type, "#")
	return resp.StatusCode, name
}

func TestOtherMethods(t *testing.T) {
	server := httptest.NewServer(repotest.New().Handler())
	defer server.Close()
	for method, want := range map[string]int{http.MethodGet: 200, http.MethodPut: 405, http.MethodDelete: 405} {
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s, want %s", method, resp.Status, fmt.Sprint(want))
		}
	}
}
