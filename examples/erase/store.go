package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
)

// store is the table. All its views show what has expired: that too is somebody's data.
type store struct {
	accounts *repo.Repository[Account]
	posts    *repo.Repository[Post]
	sessions *repo.Repository[Session]
	decoder  *repo.Decoder
}

var table = repo.Table{Name: "monotable-erase"}

func openStore(ctx context.Context, c *dynamodb.Client) (*store, error) {
	accounts, err := repo.New[Account](c, table)
	if err != nil {
		return nil, err
	}
	posts, err := repo.New[Post](c, table)
	if err != nil {
		return nil, err
	}
	sessions, err := repo.New[Session](c, table)
	if err != nil {
		return nil, err
	}
	s := &store{accounts: accounts.WithExpired(), posts: posts.WithExpired(), sessions: sessions.WithExpired()}
	if s.decoder, err = repo.NewDecoder(s.members()...); err != nil {
		return nil, err
	}
	return s, repo.CreateTable(ctx, c, table, s.members()...)
}

func (s *store) members() []repo.Member { return []repo.Member{s.accounts, s.posts, s.sessions} }

// fill makes an account with posts and sessions, one of which has expired. It can be done again.
func (s *store) fill(ctx context.Context, id string) error {
	_, err := s.accounts.Put(ctx, Account{ID: id, Email: id + "@example.com"})
	for n := range 40 {
		if err != nil {
			return err
		}
		err = s.posts.Delete(ctx, Post{Account: id, ID: fmt.Sprintf("p%02d", n)}) // of the last time
		if err == nil {
			_, err = s.posts.Create(ctx, Post{Account: id, ID: fmt.Sprintf("p%02d", n), Text: "hello"})
		}
	}
	for n, age := range []time.Duration{-time.Hour, time.Hour} {
		if err == nil {
			_, err = s.sessions.Put(ctx, Session{Account: id, ID: fmt.Sprint("s", n), Expires: time.Now().Add(-age)})
		}
	}
	return err
}

// show counts what the whole table holds of each account.
func (s *store) show(ctx context.Context, out io.Writer, title string) error {
	counts := map[string]int{}
	for v, err := range s.decoder.Scan().All(ctx) {
		switch v := v.(type) {
		case Account:
			counts[v.ID]++
		case Post:
			counts[v.Account]++
		case Session:
			counts[v.Account]++
		default:
			return err
		}
	}
	fmt.Fprintf(out, "%s", title)
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, " %s has %d", id, counts[id])
	}
	_, err := fmt.Fprintln(out)
	return err
}
