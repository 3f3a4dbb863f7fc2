package integration

import (
	"strings"
	"testing"

	"github.com/monotable/monotable/repo"
)

// Cursors lead through a query to its end, whatever its pages are like.
func TestPages(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range []struct {
			reason string
			query  repo.Query[reading]
			want   string
		}{
			{"the table, with foreign rows between", s.readings.Query(readingSensor.Eq("s1")), "a b c d e"},
			{"a range", s.readings.Query(readingSensor.Eq("s1"), readingAt.Gt(at("08:00:00"))), "b c d e"},
			{"an index, with foreign rows between", s.readings.Query(readingSite.Eq("oslo")), "a b c d f e"},
			{"an index whose rows tie", s.readings.Query(readingSite.Eq("oslo"), readingLevel.Eq(7)), "d f"},
			{"a filter", s.readings.Query(readingSensor.Eq("s1")).Filter(readingAlarm.Eq(false)), "a b d e"},
			{"nothing", s.readings.Query(readingSensor.Eq("s3")), ""},
			{"nothing can match", s.readings.Query(readingSensor.Eq("s1"), readingSensor.Eq("s2")), ""},
		} {
			t.Run(c.reason, func(t *testing.T) {
				forwards := strings.Fields(c.want)
				backwards := reversed(forwards)
				for size := 1; size <= len(forwards)+1; size++ {
					expectIDs(t, walk(t, c.query.Limit(size), size), forwards...)
					expectIDs(t, walk(t, c.query.Desc().Limit(size), size), backwards...)
					expectIDs(t, walk(t, c.query.PageSize(size), 0), forwards...)
					expectIDs(t, walk(t, c.query.Desc().PageSize(size), 0), backwards...)
					expectIDs(t, walk(t, c.query.Limit(size).PageSize(1), 0), forwards...) // short after 8 requests, where rows are left out
				}
				expectIDs(t, walk(t, c.query, 0), forwards...)
			})
		}
	})
}

// walk goes from page to page. With a limit no page is longer, and none is shorter but the last.
func walk(t *testing.T, q repo.Query[reading], limit int) (found []string) {
	t.Helper()
	short := false
	for cursor := repo.Cursor(""); ; {
		page, err := q.Page(t.Context(), cursor)
		if err != nil {
			t.Fatal(err)
		}
		if short || limit > 0 && len(page.Items) > limit {
			t.Errorf("a page of %d items, of %d, behind a short one: %v", len(page.Items), limit, short)
		}
		short = len(page.Items) < limit
		found = append(found, ids(page.Items)...)
		if cursor = page.Next; cursor == "" {
			return found
		}
		if len(found) > 2*len(readings) {
			t.Fatalf("the pages have no end: %v", found)
		}
	}
}

func reversed(in []string) (out []string) {
	for i := range in {
		out = append(out, in[len(in)-1-i])
	}
	return out
}

// A filter that nothing passes does not make a page read the whole partition: it returns short, and its cursor goes on.
func TestPageOfNothingIsNotTheEnd(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for i := range 20 {
			put(t, s.readings, reading{Sensor: "s9", At: at("08:00:00").AddDate(0, 0, i), Site: "rome", Level: int64(i), ID: "x"})
		}
		q := s.readings.Query(readingSensor.Eq("s9")).Filter(readingLevel.Eq(19)).PageSize(1)
		var page repo.Page[reading]
		var err error
		sent := s.sends(func() { page, err = q.Page(t.Context(), "") })
		expectError(t, err, nil)
		if sent != 8 || len(page.Items) != 0 || page.Next == "" {
			t.Errorf("%d requests, %d items, cursor %q; want 8, none, and a cursor", sent, len(page.Items), page.Next)
		}
		expectIDs(t, walk(t, q, 0), "x")
	})
}

func TestCursorsFitTheirQuery(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		other := uniqueTable(t, repo.Table{Indexes: s.table.Indexes})
		elsewhere := open[reading](t, s.server, other)
		s.create(t, other, elsewhere)

		made := s.readings.Query(readingSensor.Eq("s1"), readingAt.Ge(at("08:00:00"))).Limit(2)
		page, err := made.Page(t.Context(), "")
		expectError(t, err, nil)
		same := s.readings.Query(readingSensor.Eq("s1"), readingAt.Ge(at("08:00:00"))).Limit(1)
		next, err := same.Page(t.Context(), page.Next)
		expectError(t, err, nil)
		expectIDs(t, ids(next.Items), "c")

		damaged := []byte(page.Next)
		damaged[len(damaged)/2] ^= 1
		for _, c := range []struct {
			reason string
			query  repo.Query[reading]
			cursor repo.Cursor
		}{
			{"damaged", made, repo.Cursor(damaged)},
			{"cut", made, page.Next[:len(page.Next)-4]},
			{"no cursor at all", made, "next"},
			{"another direction", made.Desc(), page.Next},
			{"another partition", s.readings.Query(readingSensor.Eq("s2"), readingAt.Ge(at("08:00:00"))), page.Next},
			{"another bound", s.readings.Query(readingSensor.Eq("s1"), readingAt.Ge(at("08:00:01"))), page.Next},
			{"another operator", s.readings.Query(readingSensor.Eq("s1"), readingAt.Gt(at("08:00:00"))), page.Next},
			{"a condition less", s.readings.Query(readingSensor.Eq("s1")), page.Next},
			{"another index", s.readings.Query(readingSite.Eq("oslo")), page.Next},
			{"another table", elsewhere.Query(readingSensor.Eq("s1"), readingAt.Ge(at("08:00:00"))), page.Next},
		} {
			sent := s.sends(func() {
				got, err := c.query.Page(t.Context(), c.cursor)
				if expectError(t, err, repo.ErrInvalidCursor); len(got.Items) > 0 {
					t.Errorf("%s: found %v", c.reason, ids(got.Items))
				}
			})
			if sent != 0 {
				t.Errorf("%s: %d requests were sent", c.reason, sent)
			}
		}
		if _, err := s.readings.Scan().Page(t.Context(), page.Next); err == nil {
			t.Error("a scan takes the cursor of a query")
		}
	})
}
