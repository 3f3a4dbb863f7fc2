package main

import (
	"context"
	"errors"

	"github.com/monotable/monotable/repo"
)

// passes bounds how often a collection is read again because somebody still writes to it.
const passes = 5

var (
	errWritten = errors.New("somebody still writes to the account; lock it, and erase it again")
	errForeign = errors.New("the account has an item of a type that this program does not know; teach it the type, and erase the account again")
)

// erase erases an account, and says how many items of it there were. It reads until nothing is left, for items may come while it is at
// work. The account itself goes last: as long as it is there something may be left, and erasing it again goes on from there.
func (s *store) erase(ctx context.Context, id string) (erased int, err error) {
	for range passes {
		n, err := s.pass(ctx, id)
		erased += n
		if err != nil || n == 0 {
			return erased, err
		}
	}
	return erased, errWritten
}

// pass deletes what is there now. Each item goes through the repository of its type, which knows its guards; a key is enough to delete
// by, so that no version stands in the way. Deleting an item that is gone is no error.
func (s *store) pass(ctx context.Context, id string) (erased int, err error) {
	var last []Account
	for item, err := range s.accounts.Consistent().Partition(Account{ID: id}).Unknown().Items(ctx, s.members()...) {
		switch v := item.(type) {
		case Account:
			last = append(last, v)
			continue
		case Post:
			err = s.posts.Delete(ctx, Post{Account: v.Account, ID: v.ID})
		case Session:
			err = s.sessions.Delete(ctx, v)
		case repo.UnknownRow: // it could have guards that nobody would find again
			err = errForeign
		}
		if err != nil {
			return erased, err
		}
		erased++
	}
	for _, a := range last {
		if err := s.accounts.Delete(ctx, a); err != nil {
			return erased, err
		}
		erased++
	}
	return erased, nil
}
