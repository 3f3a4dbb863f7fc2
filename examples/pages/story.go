package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// visitor is a client of the API, and writes down what it sees.
type visitor struct {
	base string // the URL of the API
	out  io.Writer
}

// tell plays the story: each chapter has an API with keys of its own.
func tell(ctx context.Context, c *dynamodb.Client, out io.Writer) error {
	old, fresh := newKey(), newKey()
	v := &visitor{out: out}
	var links, later []string // of the pages
	for _, chapter := range []struct {
		title string
		keys  [][]byte
		visit func(context.Context) error
	}{
		{"Ada's journal, three entries a page.", [][]byte{old}, func(ctx context.Context) (err error) {
			links, err = v.walk(ctx, "/journals/ada/entries?limit=3")
			return err
		}},
		{"What does a cursor tell?", [][]byte{old}, func(ctx context.Context) error {
			return v.compare(ctx, c, links[1])
		}},
		{"Cursors that are none of this list, and a limit that is none.", [][]byte{old}, func(ctx context.Context) error {
			elsewhere := strings.Replace(links[1], "/ada/", "/grace/", 1)
			return v.get(ctx, tampered(links[1]), elsewhere, "/journals/ada/entries?cursor=3", "/journals/ada/entries?limit=1000")
		}},
		{"The key is changed. The old one still opens what clients have, and the new one seals what they get.", [][]byte{fresh, old}, func(ctx context.Context) (err error) {
			later, err = v.walk(ctx, links[1])
			return err
		}},
		{"A day later the old key is taken away.", [][]byte{fresh}, func(ctx context.Context) error {
			return v.get(ctx, links[1], later[1])
		}},
	} {
		v.say("%s", chapter.title)
		if err := v.during(ctx, c, chapter.keys, chapter.visit); err != nil {
			return err
		}
		v.say("")
	}
	return nil
}

// during has an API run for as long as the visit takes.
func (v *visitor) during(ctx context.Context, c *dynamodb.Client, keys [][]byte, visit func(context.Context) error) error {
	a, err := newAPI(c, keys...)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: a}
	go func() { _ = server.Serve(l) }()
	defer func() { _ = server.Close() }()
	v.base = "http://" + l.Addr().String()
	return visit(ctx)
}

// walk follows the links from page to page, and returns them all.
func (v *visitor) walk(ctx context.Context, link string) (links []string, err error) {
	for link != "" {
		links = append(links, link)
		if link, err = v.visit(ctx, link); err != nil {
			return nil, err
		}
	}
	return links, nil
}

func (v *visitor) get(ctx context.Context, links ...string) error {
	for _, link := range links {
		if _, err := v.visit(ctx, link); err != nil {
			return err
		}
	}
	return nil
}

// visit reads one page, and returns the link to the next.
func (v *visitor) visit(ctx context.Context, link string) (next string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.base+link, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	var body struct {
		list
		Error string
	}
	if err := json.NewDecoder(response.Body).Decode(&body); err != nil {
		return "", err
	}
	v.say("  GET %s", short(link))
	if body.Error != "" {
		v.say("    %d: %s", response.StatusCode, body.Error)
	}
	for _, e := range body.Entries {
		v.say("    %s  %s", e.At.Format("2 January"), e.Text)
	}
	return body.Next, nil
}

// compare compares a sealed cursor with one that an API without keys would give out for the same place.
func (v *visitor) compare(ctx context.Context, c *dynamodb.Client, link string) error {
	v.say("  sealed: %s", readable(cursorOf(link)))
	entries, err := repo.New[Entry](c, table) // which has no CursorKeys
	if err != nil {
		return err
	}
	page, err := entries.Query(journal.Eq("ada")).Desc().Limit(3).Page(ctx, "")
	if err != nil {
		return err
	}
	v.say("  without keys: %s", readable(string(page.Next)))
	return nil
}

// readable says what stands in a cursor of the key that it is at.
func readable(cursor string) string {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return err.Error()
	}
	var found []string
	for _, text := range []string{"JOURNAL#ada", "2026-03-05T20:30:00.000000000Z"} {
		if strings.Contains(string(raw), text) {
			found = append(found, text)
		}
	}
	if len(found) == 0 {
		found = append(found, "nothing of the key")
	}
	return fmt.Sprintf("%d characters, and in them %s", len(cursor), strings.Join(found, " and "))
}

// tampered is a link whose cursor has another character in the middle.
func tampered(link string) string {
	at := strings.Index(link, "cursor=") + len("cursor=") + 60
	other := "A"
	if link[at:at+1] == other {
		other = "B"
	}
	return link[:at] + other + link[at+1:]
}

func cursorOf(link string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get("cursor")
}

// short leaves out the middle of a cursor.
func short(link string) string {
	if cursor := cursorOf(link); len(cursor) > 20 {
		return strings.Replace(link, cursor, "…", 1)
	}
	return link
}

func (v *visitor) say(format string, args ...any) { fmt.Fprintf(v.out, format+"\n", args...) }
