package schema

import (
	"strconv"
	"time"
)

// verbProblems are the cases of verbs that cannot stand where they do, or not together.
func verbProblems() []faulty {
	type pointed struct {
		_   struct{} `entity:"Order" pk:"{Seq|or=0}#{At|unix|or=0}#{ID|or=NONE}" sk:"{Raw|or=NONE}"`
		ID  [4]byte
		Seq *int64
		At  *time.Time
		Raw level8
	}
	return []faulty{
		{"an unknown verb that is nearly a new one", keyed("{At|days}#{ID|folded}#{ID|shards=2}")},
		{"verbs of times on other kinds", keyed("{ID|day}#{Seq|month}#{On|hour}#{Seq|unix}")},
		{"verbs of strings on other kinds", keyed("{At|fold}#{Seq|fold}")},
		{"verbs of numbers on times", keyed("{At|pad=10}#{At|day|plain}")},
		{"two ways to write a time", keyed("{At|day|month}#{At|unix|hour}#{At|month|hour|unix}")},
		{"seconds that are plain and more", keyed("{At|unix|plain|pad=10}#{At|unix|desc|plain}")},
		{"fold with desc", keyed("{ID|fold|desc}")},
		{"arguments of verbs that take none", keyed("{At|day=1}#{ID|fold=x}")},
		{"an or without a text", keyed("{ID|or}#{Name|or=}")},
		{"a text of or that a key would escape", keyed("{ID|or=NOT SET}#{Name|or=a#b}#{Status|fold|or=$}")},
		{"a text of or that ends its part", keyed("{ID|raw|or=not-set}-{Seq|plain}.{At|unix|plain|or=0.5}.{Name}")},
		{"a field that is never empty", keyed("{Seq|or=0}#{On|desc|or=NONE}#{Level|or=NONE}")},
		{"below a pointer it may be, an array and a number with a text of its own never are", of[pointed]()},
		{"buckets by the wrong number", keyed("{ID|shard}#{ID|shard=1}#{ID|shard=1001}#{ID|shard=x}")},
		{"a bucket and another verb", keyed("{ID|shard=16|raw}#{At|day|shard=16}")},
		{"a bucket and a text for an empty field", keyed("{ID|or=NONE|shard=16}")},
		{"two buckets", keyed("{ID|shard=16}#{Name|shard=2}")},
		{"buckets in sort keys", indexed(`index:"gsi1" pk:"A#{ID|shard=16}" sk:"{ID|shard=16}#{Name|shard=16}"`)},
		{"also in the table's", marked(`entity:"Order" pk:"ORDER#{ID}" sk:` + strconv.Quote("{Name|shard=2}"))},
		{"seconds before a dash", keyed("{At|unix}-{ID}")},
	}
}
