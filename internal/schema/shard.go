package schema

import (
	"hash/fnv"
	"reflect"
	"strconv"
)

// MaxShards is how many buckets a partition can be spread over: each query of it asks all of them.
const MaxShards = 1000

// ShardOf is the bucket, from zero up, that a value is in. It depends on the value alone: what the verbs of other templates make of
// the field, and how its tags store it, makes no difference.
func (m *Member) ShardOf(v reflect.Value) (int, error) {
	text, err := m.Order(v)
	if err != nil {
		return 0, err
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // it never fails
	sum := h.Sum64()
	return int((sum ^ sum>>32) % uint64(m.Shard)), nil // the low bits alone know little of the high bits of a text
}

// AppendShard appends the text of a bucket to a key.
func (m *Member) AppendShard(dst []byte, bucket int) []byte {
	return appendDigits(dst, uint64(bucket), m.shardWidth())
}

func (m *Member) shardWidth() int { return len(strconv.Itoa(m.Shard - 1)) }
