package integration

import (
	"slices"
	"testing"

	"github.com/monotable/monotable/repo"
)

func TestScan(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range []struct {
			reason string
			scan   repo.Scan[reading]
			want   []string
		}{
			{"the table", s.readings.Scan(), []string{"a", "b", "c", "d", "e", "f", "g"}},
			{"the table, consistently", s.readings.Consistent().Scan(), []string{"a", "b", "c", "d", "e", "f", "g"}},
			{"a filter", s.readings.Scan().Filter(readingLevel.Gt(7)), []string{"e", "g"}},
			{"two filters", s.readings.Scan().Filter(readingLevel.Gt(7)).Filter(readingAlarm.Eq(true)), []string{"g"}},
			{"a full index", s.readings.Scan().Index("level"), []string{"a", "b", "c", "d", "e", "f", "g"}},
			{"an index that lacks what has no label", s.readings.Scan().Index("label"), []string{"a", "b", "c", "d", "f", "g"}},
			{"a sparse index", s.readings.Scan().Index("alarm"), []string{"c", "f", "g"}},
			{"a sparse index and a filter", s.readings.Scan().Index("alarm").Filter(readingSite.Eq("rome")), []string{"g"}},
		} {
			t.Run(c.reason, func(t *testing.T) {
				for _, scan := range []repo.Scan[reading]{c.scan, c.scan.PageSize(1), c.scan.PageSize(3)} {
					found, err := repo.Collect(scan.All(t.Context()))
					expectError(t, err, nil)
					expectWhole(t, withoutStray(found))
					expectIDs(t, scanned(found), c.want...)

					n, err := scan.Count(t.Context())
					if expectError(t, err, nil); n != len(found) {
						t.Errorf("counts %d, and finds %d", n, len(found))
					}

					var paged []reading
					for cursor := repo.Cursor(""); ; {
						page, err := scan.Page(t.Context(), cursor)
						if err != nil {
							t.Fatal(err)
						}
						paged = append(paged, page.Items...)
						if cursor = page.Next; cursor == "" {
							break
						}
					}
					expectIDs(t, scanned(paged), c.want...)
				}
				some, err := repo.Collect(c.scan.Limit(1).All(t.Context()))
				if expectError(t, err, nil); len(some) != 1 {
					t.Errorf("found %d with a limit of 1", len(some))
				}
			})
		}
	})
}

// scanned are the ids of what a scan finds, sorted, for a scan has no order.
func scanned(found []reading) []string {
	return slices.Sorted(slices.Values(ids(withoutStray(found))))
}

// withoutStray leaves out the one reading among the foreign rows that is one: a row of the right type, in a partition that no
// query asks for.
func withoutStray(found []reading) []reading {
	return slices.DeleteFunc(slices.Clone(found), func(r reading) bool { return r.Sensor == "" })
}

func TestScanRefused(t *testing.T) {
	onEveryStation(t, func(t *testing.T, s *station) {
		for _, c := range []struct {
			reason string
			scan   repo.Scan[reading]
			want   error
		}{
			{"an index that is none", s.readings.Scan().Index("lable"), repo.ErrNoIndex},
			{"no limit", s.readings.Scan().Limit(0), repo.ErrInvalidValue},
			{"no page", s.readings.Scan().PageSize(0), repo.ErrInvalidValue},
			{"no UTF-8", s.readings.Scan().Filter(readingID.Eq("\xff")), repo.ErrInvalidValue},
		} {
			sent := s.sends(func() {
				_, err := repo.Collect(c.scan.All(t.Context()))
				expectError(t, err, c.want)
				_, err = c.scan.Count(t.Context())
				expectError(t, err, c.want)
			})
			if sent != 0 {
				t.Errorf("%s: %d requests were sent", c.reason, sent)
			}
		}
	})
}
