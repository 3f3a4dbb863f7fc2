package integration

import "testing"

// bulk is a large set of values of one entity, with what is asked of them.
type bulk[T any] struct {
	Data           []T
	RowCount       int               `json:"row_count"`
	KeyRules       map[string]string `json:"key_rules"`
	AccessPatterns []bulkPattern     `json:"access_patterns"`
}

type bulkPattern struct {
	ID     string
	Params struct {
		Year         int
		From, To     string
		RatingGt     float64 `json:"rating_gt"`
		Genre        string
		ResponseCode int
		Date         string
	}
	Expected struct {
		Count    int
		PerShard map[string]int `json:"per_shard"`
		First    [][2]any
	}
}

// readBulk reads a bulk set.
func readBulk[T any](t *testing.T, file string) *bulk[T] {
	t.Helper()
	b := &bulk[T]{}
	readDesign(t, file, b)
	if len(b.Data) == 0 || len(b.Data) != b.RowCount || len(b.AccessPatterns) == 0 {
		t.Fatalf("%s holds %d values of %d, and %d access patterns", file, len(b.Data), b.RowCount, len(b.AccessPatterns))
	}
	return b
}

// expectAnswers asks every access pattern of the set.
func (b *bulk[T]) expectAnswers(t *testing.T, asked map[string]func(*testing.T, bulkPattern)) {
	t.Helper()
	for _, p := range b.AccessPatterns {
		t.Run(p.ID, func(t *testing.T) {
			ask, there := asked[p.ID]
			if !there {
				t.Fatal("nothing answers this access pattern")
			}
			ask(t, p)
		})
	}
	if len(asked) != len(b.AccessPatterns) {
		t.Errorf("%d access patterns are answered, and the set has %d", len(asked), len(b.AccessPatterns))
	}
}
