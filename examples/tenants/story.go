package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// tell walks through the API over HTTP. What it writes it writes anew each time, so that it can be run again on the same server.
func tell(ctx context.Context, a *api, out io.Writer) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: a}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	v := &visitor{base: "http://" + l.Addr().String(), out: out}
	for _, chapter := range []struct {
		title string
		asks  []ask
	}{
		{"Two companies have notes of the same names, and of the same titles.", []ask{
			{"acme", "PUT", "plan", "", Note{Label: "secret", Title: "World domination"}},
			{"acme", "PUT", "lunch", "", Note{Label: "daily", Title: "Soup"}},
			{"bolt", "PUT", "plan", "", Note{Label: "secret", Title: "Soup"}},
		}},
		{"Each of them sees its own.", []ask{
			{who: "acme", method: "GET", id: "plan"},
			{who: "bolt", method: "GET", id: "plan"},
			{who: "acme", method: "GET"},
			{who: "bolt", method: "GET"},
			{who: "bolt", method: "GET", query: "?label=secret"},
		}},
		{"Titles are unique within a company, and only there.", []ask{
			{"acme", "PUT", "dinner", "", Note{Label: "daily", Title: "Soup"}},
		}},
		{"Bolt tries names that would lead elsewhere, if names could.", []ask{
			{who: "bolt", method: "GET", id: "lunch"},
			{who: "bolt", method: "GET", id: "plan#TENANT#acme"},
			{who: "bolt", method: "GET", id: "../TENANT#acme/NOTE#plan"},
			{who: "bolt", method: "GET", id: "\x00"},
			{who: "bolt", method: "GET", query: "?label=" + url.QueryEscape("secret#TENANT#acme") + "&tenant=acme"},
			{who: "bolt", method: "DELETE", id: "lunch"},
			{who: "acme", method: "GET", id: "lunch"},
		}},
		{"And without a token there is nothing.", []ask{
			{who: "nobody", method: "GET", id: "plan"},
		}},
	} {
		v.say("%s", chapter.title)
		for _, ask := range chapter.asks {
			if err := v.send(ctx, ask); err != nil {
				return err
			}
		}
		v.say("")
	}
	return nil
}

// ask is a request of somebody.
type ask struct {
	who, method, id, query string
	body                   Note
}

// visitor is a client of the API.
type visitor struct {
	base string
	out  io.Writer
}

func (v *visitor) send(ctx context.Context, a ask) error {
	path := "/notes"
	if a.id != "" {
		path += "/" + url.PathEscape(a.id)
	}
	path += a.query
	var body bytes.Buffer
	if a.method == http.MethodPut {
		if err := json.NewEncoder(&body).Encode(a.body); err != nil {
			return err
		}
	}
	status, text, err := request(ctx, v.base, a.who, a.method, path, &body)
	if err != nil {
		return err
	}
	v.say("  %-6s %-6s %s", a.who, a.method, path)
	v.say("    %d %s", status, text)
	return nil
}

// request sends one request in somebody's name.
func request(ctx context.Context, base, who, method, path string, body io.Reader) (status int, text string, err error) {
	r, err := http.NewRequestWithContext(ctx, method, base+path, body)
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Authorization", "Bearer "+who+"-token")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	return response.StatusCode, strings.TrimSpace(string(raw)), err
}

func (v *visitor) say(format string, args ...any) { fmt.Fprintf(v.out, format+"\n", args...) }
