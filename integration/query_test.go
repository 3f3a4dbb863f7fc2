package integration

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Every operator, on the table and on the indexes: what is found, in order, and where.
func TestQuery(t *testing.T) {
	type conds = []expr.Cond[reading]
	s1, s2, oslo := readingSensor.Eq("s1"), readingSensor.Eq("s2"), readingSite.Eq("oslo")
	nine := at("09:00:00")
	cases := []struct {
		reason string
		conds  conds
		accept string // the index that is named, for its sparseness is accepted
		index  string
		want   string
	}{
		{"a partition", conds{s1}, "", "", "a b c d e"},
		{"another", conds{s2}, "", "", "f g"},
		{"one without rows", conds{readingSensor.Eq("s3")}, "", "", ""},
		{"a partition whose name begins like another's", conds{readingSensor.Eq("s")}, "", "", ""},
		{"a time", conds{s1, readingAt.Eq(nine)}, "", "", "b"},
		{"before", conds{s1, readingAt.Lt(nine)}, "", "", "a"},
		{"until", conds{s1, readingAt.Le(nine)}, "", "", "a b"},
		{"after, by a nanosecond", conds{s1, readingAt.Gt(nine)}, "", "", "c d e"},
		{"from", conds{s1, readingAt.Ge(nine)}, "", "", "b c d e"},
		{"between", conds{s1, readingAt.Between(nine, at("10:00:00"))}, "", "", "b c d"},
		{"two ends", conds{s1, readingAt.Gt(nine), readingAt.Lt(at("11:00:00"))}, "", "", "c d"},
		{"And is a list", conds{expr.And(s1, expr.And(readingAt.Gt(nine), readingAt.Lt(at("11:00:00"))))}, "", "", "c d"},
		{"the other way round is nothing", conds{s1, readingAt.Between(at("10:00:00"), nine)}, "", "", ""},
		{"a contradiction is nothing", conds{s1, readingAt.Eq(nine), readingAt.Gt(nine)}, "", "", ""},
		{"two values at once are nothing", conds{s1, s2}, "", "", ""},

		{"an index, in order of numbers", conds{oslo}, "", "level", "a b c d f e"},
		{"a number, and who is second", conds{oslo, readingLevel.Eq(7)}, "", "level", "d f"},
		{"a number, and the second", conds{oslo, readingLevel.Eq(7), readingSensor.Eq("s2")}, "", "level", "f"},
		{"a number, and a prefix of the second", conds{oslo, readingLevel.Eq(7), readingSensor.HasPrefix("s")}, "", "level", "d f"},
		{"a number, and a range of the second", conds{oslo, readingLevel.Eq(7), readingSensor.Gt("s1")}, "", "level", "f"},
		{"less than zero", conds{oslo, readingLevel.Lt(0)}, "", "level", "a b"},
		{"zero and less", conds{oslo, readingLevel.Le(0)}, "", "level", "a b c"},
		{"more than a number that is there twice", conds{oslo, readingLevel.Gt(7)}, "", "level", "e"},
		{"from it", conds{oslo, readingLevel.Ge(7)}, "", "level", "d f e"},
		{"across zero", conds{oslo, readingLevel.Between(-3, 7)}, "", "level", "b c d f"},
		{"below all numbers", conds{oslo, readingLevel.Lt(-1 << 63)}, "", "level", ""},

		{"a text", conds{oslo, readingLabel.Eq("a")}, "", "label", "a"},
		{"a text with a delimiter", conds{oslo, readingLabel.Eq("a#b")}, "", "label", "c"},
		{"a prefix", conds{oslo, readingLabel.HasPrefix("a")}, "", "label", "a c f b"},
		{"a prefix with a delimiter", conds{oslo, readingLabel.HasPrefix("a#")}, "", "label", "c"},
		{"an escape that is a prefix", conds{oslo, readingLabel.HasPrefix("a$")}, "", "label", "f"},
		{"less than a text", conds{oslo, readingLabel.Lt("ab")}, "label", "label", "a c f"},
		{"a text or less", conds{oslo, readingLabel.Le("ab"), readingLabel.Gt("a")}, "", "label", "c f b"},
		{"more than a text", conds{oslo, readingLabel.Gt("a")}, "", "label", "c f b d"},
		{"between texts", conds{oslo, readingLabel.Between("a#", "ab")}, "", "label", "c f b"},
		{"not ASCII", conds{readingSite.Eq("rome"), readingLabel.Gt("z")}, "", "label", "g"},
		{"everything, as far as it has a label", conds{oslo}, "label", "label", "a c f b d"},

		{"only alarms are in the index", conds{readingAlarm.Eq(true)}, "", "alarm", "g f c"},
		{"reversed, from", conds{readingAlarm.Eq(true), readingLevel.Ge(7)}, "", "alarm", "g f"},
		{"reversed, less", conds{readingAlarm.Eq(true), readingLevel.Lt(40)}, "", "alarm", "f c"},
		{"a partition without fields is bound", nil, "alarm", "alarm", "g f c"},
	}
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range cases {
			t.Run(c.reason, func(t *testing.T) {
				q := s.readings.Query(c.conds...)
				if c.accept != "" {
					q = q.Index(c.accept)
				}
				plan, err := q.Explain()
				if err != nil {
					t.Fatal(err)
				}
				if plan.Index != c.index {
					t.Errorf("reads %q, want %q\n%v", plan.Index, c.index, plan)
				}
				expectReadings(t, s, q, c.want, plan.Empty)
			})
		}
	})
}

// expectReadings compares what a query finds, asked in every way that there is.
func expectReadings(t *testing.T, s *station, q repo.Query[reading], want string, empty bool) {
	t.Helper()
	expected := strings.Fields(want)
	var found []reading
	sent := s.sends(func() {
		var err error
		if found, err = repo.Collect(q.All(t.Context())); err != nil {
			t.Fatal(err)
		}
	})
	expectIDs(t, ids(found), expected...)
	if empty && sent != 0 || !empty && sent != 1 {
		t.Errorf("%d requests were sent, and that nothing can match is known: %v", sent, empty)
	}
	expectWhole(t, found)

	backwards, err := repo.Collect(q.Desc().All(t.Context()))
	expectError(t, err, nil)
	slices.Reverse(backwards)
	expectIDs(t, ids(backwards), expected...)

	n, err := q.Count(t.Context())
	if expectError(t, err, nil); n != len(expected) {
		t.Errorf("counts %d, want %d", n, len(expected))
	}

	one, err := q.First(t.Context())
	switch {
	case len(expected) == 0:
		expectError(t, err, repo.ErrNotFound)
	case err != nil || one.ID != expected[0]:
		t.Errorf("the first is %q (%v), want %q", one.ID, err, expected[0])
	}
	if len(expected) > 0 {
		last, err := q.Desc().First(t.Context())
		if err != nil || last.ID != expected[len(expected)-1] {
			t.Errorf("the last is %q (%v), want %q", last.ID, err, expected[len(expected)-1])
		}
	}

	for n := 1; n <= len(expected)+1; n++ {
		for _, bounded := range []repo.Query[reading]{q.Limit(n), q.Limit(n).PageSize(1), q.Limit(n).PageSize(2)} {
			some, err := repo.Collect(bounded.All(t.Context()))
			expectError(t, err, nil)
			expectIDs(t, ids(some), expected[:min(n, len(expected))]...)
		}
	}
}

// expectWhole compares readings with what was stored, field by field.
func expectWhole(t *testing.T, found []reading) {
	t.Helper()
	for _, r := range found {
		i := slices.IndexFunc(readings, func(stored reading) bool { return stored.ID == r.ID })
		if i < 0 {
			t.Errorf("found a reading that was not stored: %+v", r)
		} else if diff := cmp.Diff(readings[i], r); diff != "" {
			t.Errorf("-stored +found\n%s", diff)
		}
	}
}

// What no index serves is refused, and nothing is sent.
func TestQueryRefused(t *testing.T) {
	type conds = []expr.Cond[reading]
	s1, oslo := readingSensor.Eq("s1"), readingSite.Eq("oslo")
	cases := []struct {
		reason string
		ask    func(*repo.Repository[reading]) repo.Query[reading]
		want   error
	}{
		{"no partition", asking(conds{readingAt.Eq(at("09:00:00"))}), repo.ErrNoIndex},
		{"a range of the partition", asking(conds{readingSensor.Gt("s1")}), repo.ErrNoIndex},
		{"a field that is in no key", asking(conds{s1, readingID.Eq("a")}), repo.ErrNoIndex},
		{"a field that is in another key", asking(conds{s1, readingLabel.Eq("a")}), repo.ErrNoIndex},
		{"a gap in the sort key", asking(conds{oslo, readingSensor.Eq("s1")}), repo.ErrNoIndex},
		{"an operator that no key knows", asking(conds{s1, readingAt.Ne(at("09:00:00"))}), repo.ErrNoIndex},
		{"either of two", asking(conds{expr.Or(s1, readingSensor.Eq("s2"))}), repo.ErrNoIndex},
		{"only a sparse index would serve it", asking(nil), repo.ErrNoIndex},
		{"an index that is none", func(r *repo.Repository[reading]) repo.Query[reading] { return r.Query(oslo).Index("lable") }, repo.ErrNoIndex},
		{"the index named does not serve it", func(r *repo.Repository[reading]) repo.Query[reading] { return r.Query(s1).Index("level") }, repo.ErrNoIndex},
		{"an empty part of the primary key", asking(conds{readingSensor.Eq("")}), repo.ErrIncompleteKey},
		{"no UTF-8", asking(conds{readingSensor.Eq("\xff")}), repo.ErrInvalidKey},
		{"no limit", func(r *repo.Repository[reading]) repo.Query[reading] { return r.Query(s1).Limit(0) }, repo.ErrInvalidValue},
		{"no page", func(r *repo.Repository[reading]) repo.Query[reading] { return r.Query(s1).PageSize(-1) }, repo.ErrInvalidValue},
	}
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range cases {
			q := c.ask(s.readings)
			sent := s.sends(func() {
				found, err := repo.Collect(q.All(t.Context()))
				if !errors.Is(err, c.want) || len(found) > 0 {
					t.Errorf("%s: All: %v, want %v", c.reason, err, c.want)
				}
				if _, err := q.Count(t.Context()); !errors.Is(err, c.want) {
					t.Errorf("%s: Count: %v, want %v", c.reason, err, c.want)
				}
				if _, err := q.Page(t.Context(), ""); !errors.Is(err, c.want) {
					t.Errorf("%s: Page: %v, want %v", c.reason, err, c.want)
				}
			})
			if sent != 0 {
				t.Errorf("%s: %d requests were sent", c.reason, sent)
			}
		}
	})
}

func asking(conds []expr.Cond[reading]) func(*repo.Repository[reading]) repo.Query[reading] {
	return func(r *repo.Repository[reading]) repo.Query[reading] { return r.Query(conds...) }
}

// A filter drops items after they were read, in every way to ask.
func TestFilter(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range []struct {
			reason string
			query  repo.Query[reading]
			want   string
		}{
			{"some", s.readings.Query(readingSensor.Eq("s1")).Filter(readingLevel.Ge(0)), "c d e"},
			{"several filters add up", s.readings.Query(readingSensor.Eq("s1")).Filter(readingLevel.Ge(0)).Filter(readingAlarm.Eq(false)), "d e"},
			{"absence", s.readings.Query(readingSensor.Eq("s1")).Filter(readingLabel.NotExists()), "e"},
			{"all", s.readings.Query(readingSensor.Eq("s1")).Filter(readingID.Eq("z")), ""},
			{"on an index", s.readings.Query(readingSite.Eq("oslo"), readingLevel.Ge(0)).Filter(readingAlarm.Eq(true)), "c f"},
		} {
			t.Run(c.reason, func(t *testing.T) {
				plan, err := c.query.Explain()
				if expectError(t, err, nil); plan.Filter == "" {
					t.Errorf("the plan shows no filter: %v", plan)
				}
				expectReadings(t, s, c.query, c.want, false)
			})
		}
	})
}

// An iterator asks for a page when it is needed, stops at a break, and begins again when it is ranged over again.
func TestAllIsLazy(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		all := s.readings.Query(readingSensor.Eq("s2")).PageSize(1).All(t.Context())
		for _, turn := range []string{"first", "second"} {
			sent := s.sends(func() {
				for r, err := range all {
					if expectError(t, err, nil); r.ID != "f" {
						t.Errorf("the %s time it begins with %q", turn, r.ID)
					}
					break
				}
			})
			if sent != 1 {
				t.Errorf("the %s time: %d requests until the break, want 1", turn, sent)
			}
		}
	})
}

// Every request reads as many rows as PageSize says, foreign ones included; behind the last row, DynamoDB has to be asked once more.
func TestPageSizeOfEveryRequest(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range []struct {
			reason string
			run    func() error
			want   int64
		}{
			{"5 readings and a foreign row, one by one", func() error {
				_, err := repo.Collect(s.readings.Query(readingSensor.Eq("s1")).PageSize(1).All(t.Context()))
				return err
			}, 7},
			{"by four", func() error {
				_, err := s.readings.Query(readingSensor.Eq("s1")).PageSize(4).Count(t.Context())
				return err
			}, 2},
			{"until the limit", func() error {
				_, err := repo.Collect(s.readings.Query(readingSensor.Eq("s1")).PageSize(1).Limit(2).All(t.Context()))
				return err
			}, 2},
			{"the whole table, one by one", func() error {
				_, err := repo.Collect(s.readings.Scan().PageSize(1).All(t.Context()))
				return err
			}, int64(len(readings)+len(foreign)) + 1},
		} {
			var err error
			if sent := s.sends(func() { err = c.run() }); sent != c.want || err != nil {
				t.Errorf("%s: %d requests, want %d; error %v", c.reason, sent, c.want, err)
			}
		}
	})
}
