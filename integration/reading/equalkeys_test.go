package reading

import (
	"fmt"
	"testing"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// dayNote is in one of two shards, and many have one sort key.
type dayNote struct {
	_ struct{} `entity:"DayNote" pk:"N#{ID}" sk:"N"`
	_ struct{} `index:"gsi1" pk:"DAY#{ID|shard=2}" sk:"{Day}"`

	ID  string `dynamodbav:"id"`
	Day string `dynamodbav:"day"`
}

// Pages over shards with many equal sort keys come to an end, and have every item once.
func TestPagesOfEqualKeys(t *testing.T) {
	for _, desc := range []bool{false, true} {
		for _, size := range []int{1, 2, 3} {
			ctx, c := t.Context(), repotest.NewClient()
			table := repo.Table{Name: "notes", Indexes: []repo.Index{{Name: "gsi1"}}}
			notes := repo.Must(repo.New[dayNote](c, table))
			if err := repo.CreateTable(ctx, c, table, notes); err != nil {
				t.Fatal(err)
			}
			const count = 80
			for i := range count {
				if _, err := notes.Create(ctx, dayNote{ID: fmt.Sprintf("%02d", i), Day: "2026-01-01"}); err != nil {
					t.Fatal(err)
				}
			}
			q := notes.Query().Index("gsi1").PageSize(size).Limit(5)
			if desc {
				q = q.Desc()
			}
			seen := map[string]int{}
			from, pages := repo.Cursor(""), 0
			for ; pages == 0 || from != "" && pages < 200; pages++ {
				page, err := q.Page(ctx, from)
				if err != nil {
					t.Fatal(err)
				}
				for _, n := range page.Items {
					seen[n.ID]++
				}
				from = page.Next
			}
			twice := 0
			for _, n := range seen {
				twice += n - 1
			}
			if from != "" || twice > 0 || len(seen) != count {
				t.Errorf("desc %v, size %d: %d of %d, %d more than once, after %d pages at the end: %v", desc, size, len(seen), count, twice, pages, from == "")
			}
		}
	}
}
