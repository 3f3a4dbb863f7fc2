package renames

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

var (
	memberEmail  = expr.String(func(m *member) *string { return &m.Email })
	memberTeam   = expr.String(func(m *member) *string { return &m.Team })
	memberPoints = expr.Number(func(m *member) *int { return &m.Points })
	crewEmail    = expr.String(func(m *crew) *string { return &m.Email })
	crewPoints   = expr.Number(func(m *crew) *int { return &m.Points })
	userEmail    = expr.String(func(m *user) *string { return &m.Email })
	userPoints   = expr.Number(func(m *user) *int { return &m.Points })
)

// guards lists the guards in the table by their keys, which name entity and attribute.
func (s *shop) guards(t *testing.T) []string {
	t.Helper()
	out, err := s.Scan(t.Context(), &dynamodb.ScanInput{TableName: &s.Name, ConsistentRead: new(true)})
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, r := range out.Items {
		if r["_owner"] != nil {
			keys = append(keys, r["pk"].(*types.AttributeValueMemberS).Value)
		}
	}
	slices.Sort(keys)
	return keys
}

// A value is unique among all programs: guards are keyed by the first names.
func TestUniqueAcrossRenames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		users, crews, members := of[user](s), of[crew](s), of[member](s)
		if _, err := users.Create(t.Context(), user{ID: "1", Email: "ann", Team: "a"}); err != nil {
			t.Fatal(err)
		}
		_, err := members.Create(t.Context(), member{ID: "2", Email: "ann", Team: "a"})
		want(t, "a value that an old row has", err, repo.ErrNotUnique, "Email")
		must(members.Create(t.Context(), member{ID: "2", Email: "bob", Team: "a"}))
		_, err = users.Create(t.Context(), user{ID: "3", Email: "bob", Team: "a"})
		want(t, "a value that a new row has, for the old program", err, repo.ErrNotUnique, "Email")
		_, err = crews.Update(t.Context(), crew{ID: "2"}, crewEmail.Set("ann"))
		want(t, "swapped by the release between", err, repo.ErrNotUnique, "Email")
		if diff := cmp.Diff([]string{"$UNIQUE#User#mail#ann", "$UNIQUE#User#mail#bob"}, s.guards(t)); diff != "" {
			t.Errorf("guards: -want +got\n%s", diff)
		}

		m := must(members.Update(t.Context(), member{ID: "1"}, memberEmail.Set("cid")))
		if m.Email != "cid" || m.Version != 2 || m.Team != "a" {
			t.Errorf("%+v", m)
		}
		if r := s.stored(t, "MEMBER#1", "MEMBER"); len(formerIn(r)) > 0 || typeOf(r) != "Member" {
			t.Errorf("a row that was read first keeps the names %v, type %s", formerIn(r), typeOf(r))
		}
		must(users.Create(t.Context(), user{ID: "4", Email: "ann", Team: "a"})) // is free
		must(crews.Update(t.Context(), crew{ID: "1"}, crewEmail.Set("dan")))
		if err := members.Delete(t.Context(), member{ID: "1"}); err != nil {
			t.Fatal(err)
		}
		must(crews.Take(t.Context(), crew{ID: "2"}))
		if diff := cmp.Diff([]string{"$UNIQUE#User#mail#ann"}, s.guards(t)); diff != "" {
			t.Errorf("guards afterwards: -want +got\n%s", diff)
		}
		v := must(members.Get(t.Context(), member{ID: "4"}))
		v.Email = "eve"
		must(members.Put(t.Context(), v))
		if diff := cmp.Diff([]string{"$UNIQUE#User#mail#eve"}, s.guards(t)); diff != "" {
			t.Errorf("guards after a Put: -want +got\n%s", diff)
		}
	})
}

// Versions, immutable fields and times are found under both names.
func TestRolesUnderFormerNames(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		users, members := of[user](s), of[member](s)
		for _, c := range []struct {
			reason string
			do     func(member) (member, error)
			want   member
			err    error
			field  string
		}{
			{"an update that carries the version", func(m member) (member, error) {
				m.Version = 1
				return members.Update(t.Context(), m, memberPoints.Add(2))
			}, member{Points: 7, Version: 2}, nil, ""},
			{"one that carries another", func(m member) (member, error) {
				m.Version = 2
				return members.Update(t.Context(), m, memberPoints.Set(2))
			}, member{}, repo.ErrVersionConflict, "Version"},
			{"one that carries none", func(m member) (member, error) { return members.Update(t.Context(), m, memberPoints.Add(2)) }, member{Points: 7, Version: 2}, nil, ""},
			{"one of another attribute", func(m member) (member, error) { return members.Update(t.Context(), m, memberPoints.Set(1)) }, member{Points: 1, Version: 2}, nil, ""},
			{"an immutable field", func(m member) (member, error) { return members.Update(t.Context(), m, memberTeam.Set("b")) }, member{}, repo.ErrImmutable, "Team"},
			{"a Put with the version", func(m member) (member, error) {
				m.Version, m.Team, m.Email, m.Points = 1, "a", "ann"+m.ID, 9
				return members.Put(t.Context(), m)
			}, member{Points: 9, Version: 2}, nil, ""},
			{"with another", func(m member) (member, error) {
				m.Version, m.Team, m.Email = 3, "a", "ann"+m.ID
				return members.Put(t.Context(), m)
			}, member{}, repo.ErrVersionConflict, "Version"},
			{"with another value of an immutable field", func(m member) (member, error) {
				m.Version, m.Team, m.Email = 1, "b", "ann"+m.ID
				return members.Put(t.Context(), m)
			}, member{}, repo.ErrImmutable, "Team"},
			{"a Modify", func(m member) (member, error) {
				return members.Modify(t.Context(), m, func(m *member) error { m.Points *= 2; return nil })
			}, member{Points: 10, Version: 2}, nil, ""},
			{"a Modify of an immutable field", func(m member) (member, error) {
				return members.Modify(t.Context(), m, func(m *member) error { m.Team = "b"; return nil })
			}, member{}, repo.ErrImmutable, "Team"},
			{"a deletion with another version", func(m member) (member, error) {
				m.Version = 2
				return member{}, members.Delete(t.Context(), m)
			}, member{}, repo.ErrVersionConflict, "Version"},
		} {
			t.Run(c.reason, func(t *testing.T) {
				id := c.reason
				must(users.Create(t.Context(), user{ID: id, Email: "ann" + id, Team: "a", Points: 5}))
				got, err := c.do(member{ID: id})
				if c.err != nil {
					want(t, c.reason, err, c.err, c.field)
					if r := s.stored(t, "MEMBER#"+id, "MEMBER"); r["version"] != nil {
						t.Error("the row was written all the same")
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				c.want.ID, c.want.Email, c.want.Team, c.want.Changed = id, "ann"+id, "a", noon
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("-want +got\n%s", diff)
				}
				r := s.stored(t, "MEMBER#"+id, "MEMBER")
				for _, name := range []string{"rev", "score", "touched"} { // what every one of these writes names
					if r[name] != nil {
						t.Errorf("the name %s is left", name)
					}
				}
				if again := must(members.Get(t.Context(), member{ID: id})); again != got {
					t.Errorf("read again it is %+v", again)
				}
			})
		}
	})
}

// What a transaction cannot read it refuses, and says what to do.
func TestTransactionsCannotMove(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		users, members := of[user](s), of[member](s)
		must(users.Create(t.Context(), user{ID: "1", Email: "ann", Team: "a", Points: 5}))
		op := txn.Update(members, member{ID: "1", Version: 1}, memberPoints.Add(1))
		err := txn.New(s.Client).Add(op).Commit(t.Context())
		want(t, "a sum with what stands under a former name", err, repo.ErrConditionFailed, "Points")
		if found, ok, _ := repo.Stored(members, err); !ok || found.Points != 5 {
			t.Errorf("what stood in the way: %+v, %t", found, ok)
		}
		for _, op := range []txn.Operation{
			txn.Update(members, member{ID: "1", Version: 1}, memberPoints.Set(6)), // moves it
			txn.Update(members, member{ID: "1"}, memberPoints.Add(1)),
			txn.Check(members.If(memberPoints.Eq(7), memberTeam.Eq("a")), member{ID: "1", Version: 3}),
			txn.Delete(members.If(memberEmail.Eq("ann")), member{ID: "1", Version: 3}),
		} {
			if err := txn.New(s.Client).Add(op).Commit(t.Context()); err != nil {
				t.Errorf("%s: %v", op, err)
			}
		}
		if left := s.guards(t); len(left) > 0 {
			t.Errorf("guards %v are left", left)
		}
	})
}

// A Modify of one program and a write of the other between its read and its write: nothing is lost, though moving an attribute counts
// no version up.
func TestModifyBetweenPrograms(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		crews, members := of[crew](s), of[member](s)
		must(crews.Create(t.Context(), crew{ID: "1", Email: "ann", Team: "a", Points: 1}))
		tries := 0
		got := must(crews.Modify(t.Context(), crew{ID: "1"}, func(m *crew) error {
			if tries++; tries == 1 {
				r := s.stored(t, "MEMBER#1", "MEMBER") // as moving leaves it: another name, and the same version
				r["points"] = r["score"]
				delete(r, "score")
				s.store(t, r)
			}
			m.Points += 10
			return nil
		}))
		if got.Points != 11 || tries != 2 {
			t.Errorf("%d points after %d tries", got.Points, tries)
		}
		if m := must(members.Get(t.Context(), member{ID: "1"})); m.Points != 11 || m.Version != 2 {
			t.Errorf("the other program reads %+v", m)
		}
		must(members.Modify(t.Context(), member{ID: "1"}, func(m *member) error {
			if tries++; tries == 3 {
				must(crews.Update(t.Context(), crew{ID: "1"}, crewPoints.Add(100)))
			}
			m.Points *= 2
			return nil
		}))
		if m := must(crews.Get(t.Context(), crew{ID: "1"})); m.Points != 222 {
			t.Errorf("%d points", m.Points)
		}
	})
}

// between has something happen after the first request of an operation.
func (s *shop) between(operation string, do func()) *shop {
	out := *s
	done := false
	out.Table.Observe = func(_ context.Context, c repo.Call) {
		if c.Operation == operation && !done {
			done = true
			do()
		}
	}
	return &out
}

// The first program writes between a read of the new one, or a write that was refused, and what follows it.
func TestTheFirstProgramWritesBetween(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		must(of[user](s).Create(t.Context(), user{ID: "1", Email: "ann", Team: "a"}))
		members := of[member](s.between("GetItem", func() {
			r := s.stored(t, "MEMBER#1", "MEMBER")
			must(of[user](s).Update(t.Context(), user{ID: "1"}, userEmail.Set("bob")))
			r["mail"] = text("bob") // without counting the version
			s.store(t, r)
		}))
		if err := members.Delete(t.Context(), member{ID: "1"}); err != nil {
			t.Fatal(err)
		}
		if left := s.guards(t); len(left) > 0 {
			t.Errorf("guards %v are left", left)
		}

		must(of[purchase](s).Create(t.Context(), purchase{Customer: "c", ID: "1", Total: 5}))
		orders := of[order](s.between("UpdateItem", func() {
			must(of[purchase](s).Update(t.Context(), purchase{Customer: "c", ID: "1"}, purchaseTotal.Add(10)))
		}))
		if o := must(orders.Update(t.Context(), order{Customer: "c", ID: "1"}, orderTotal.Add(1))); o.Total != 16 {
			t.Errorf("the total is %d", o.Total)
		}
	})
}

// Both programs add to one number, which each of them keeps under another name.
func TestBothProgramsCount(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		crews, members := of[crew](s), of[member](s)
		must(crews.Create(t.Context(), crew{ID: "1", Email: "ann", Team: "a"}))
		var wg sync.WaitGroup
		errs := make(chan error, 100)
		for range 2 {
			wg.Go(func() {
				for range 15 {
					_, err := members.Update(t.Context(), member{ID: "1"}, memberPoints.Add(1))
					errs <- err
				}
			})
			wg.Go(func() {
				for range 15 {
					_, err := crews.Update(t.Context(), crew{ID: "1"}, crewPoints.Add(1))
					errs <- err
				}
			})
		}
		wg.Wait()
		close(errs)
		done := 0
		for err := range errs {
			if err == nil {
				done++
			} else if !errors.Is(err, repo.ErrConditionFailed) {
				t.Error(err)
			}
		}
		m := must(members.Get(t.Context(), member{ID: "1"}))
		if m.Points != done || m.Version != done+1 {
			t.Errorf("%d of 60 were done, and the sum is %d in version %d", done, m.Points, m.Version)
		}
		t.Logf("%d of 60 were done", done)
	})
}

// The first program goes on while the new one writes: it takes no row for its own that it could not read.
func TestTheFirstProgramMeetsNewRows(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		purchases, orders, users, members := of[purchase](s), of[order](s), of[user](s), of[member](s)
		must(orders.Create(t.Context(), order{Customer: "c", ID: "new", Status: "open", Total: 1}))
		must(purchases.Create(t.Context(), purchase{Customer: "c", ID: "old", Status: "open", Total: 2}))
		must(members.Create(t.Context(), member{ID: "1", Email: "ann", Team: "a"}))
		_, err := purchases.Get(t.Context(), purchase{Customer: "c", ID: "new"})
		want(t, "a row of the new program", err, repo.ErrWrongEntity, "")
		_, err = users.Update(t.Context(), user{ID: "1"}, userPoints.Add(1))
		want(t, "written to", err, repo.ErrWrongEntity, "")
		_, err = users.Create(t.Context(), user{ID: "1", Email: "eve", Team: "a"})
		want(t, "made anew", err, repo.ErrAlreadyExists, "")

		customer := expr.String(func(p *purchase) *string { return &p.Customer })
		found, err := repo.Collect(purchases.Query(customer.Eq("c")).All(t.Context()))
		if err != nil || len(found) != 1 || found[0].ID != "old" {
			t.Errorf("the first program finds %v, %v", found, err)
		}
		all, err := repo.Collect(of[order](s).Query(orderCustomer.Eq("c")).All(t.Context()))
		if err != nil || len(all) != 2 || all[0].Total != 1 || all[1].Total != 2 {
			t.Errorf("the new one finds %v, %v", all, err)
		}
	})
}

func want(t *testing.T, reason string, err, sentinel error, field string) {
	t.Helper()
	var ours *repo.Error
	if !errors.Is(err, sentinel) || !errors.As(err, &ours) || ours.Field != field {
		t.Errorf("%s: %v, want %v of field %q", reason, err, sentinel, field)
	}
}

// must is what a call returned, where it succeeded.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
