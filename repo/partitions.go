package repo

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/schema"
)

// maxBuckets bounds the time buckets that one query walks.
const maxBuckets = 1000

// partitions are the partitions that a query reads: one in most cases; all shards where the field that chooses one is not known;
// and one after another the buckets of a range of time. They are numbered bucket by bucket, the shards of each in a row.
type partitions struct {
	keys    []keyAttribute
	find    func(*schema.Ref) *constraint
	natives []types.AttributeValue // by key; nil for one that is text
	shards  int                    // that each bucket has; 0 where there is but one
	walked  *schema.Member         // the field whose buckets are walked; nil for none
	buckets []reflect.Value        // a time in each, in order of the key
	none    bool                   // the range holds no time at all
}

// count is the number of partitions, at least 1.
func (p *partitions) count() int { return max(1, p.shards) * max(1, len(p.buckets)) }

// perBucket is the number of partitions of each bucket, at least 1.
func (p *partitions) perBucket() int { return max(1, p.shards) }

// values are the attributes of the partition key of one partition.
func (p *partitions) values(i int) ([]types.AttributeValue, error) {
	out := make([]types.AttributeValue, len(p.keys))
	for n, k := range p.keys {
		if out[n] = p.natives[n]; out[n] != nil {
			continue
		}
		text, err := p.render(k.template, i)
		if err != nil {
			return nil, invalidKey(err)
		}
		if len(text) > maxPartitionKey {
			return nil, tooLong(k, maxPartitionKey)
		}
		out[n] = keyText(string(text))
	}
	return out, nil
}

// render makes the text of a partition key.
func (p *partitions) render(t *schema.Template, i int) (text []byte, err error) {
	for _, part := range t.Parts {
		m := part.Member
		switch k := p.constraintOf(m); {
		case m == nil:
			text = append(text, part.Literal...)
		case m == p.walked:
			text, err = m.AppendText(text, p.buckets[i/p.perBucket()])
		case k == nil || len(k.equal) == 0:
			text = m.AppendShard(text, i%p.perBucket())
		case !schema.Present(k.equal[0]):
			text = append(text, m.Or...)
		default:
			text, err = m.AppendText(text, k.equal[0])
		}
		if err != nil {
			return nil, err
		}
	}
	return text, nil
}

func (p *partitions) constraintOf(m *schema.Member) *constraint {
	if m == nil {
		return nil
	}
	return p.find(m.Ref)
}

// numberOf finds the partition that a row is in, by its own key; not ok where it is in none.
func (p *partitions) numberOf(row item) (n int, ok bool) {
	for i := range p.count() {
		if p.holds(i, row) {
			return i, true
		}
	}
	return 0, false
}

// holds reports whether a row is in a partition.
func (p *partitions) holds(i int, row item) bool {
	values, err := p.values(i)
	if err != nil {
		return false
	}
	for n, k := range p.keys {
		if !equalKeys(row[k.name], values[n]) {
			return false
		}
	}
	return true
}

// bindPartition finds the partitions: each field of the partition key must be bound by an equality, but for one that chooses a shard,
// and for a time that is cut to buckets, which a range bounds.
func (s *serving) bindPartition() (reason string, err error) {
	s.parts = partitions{keys: s.hash, find: s.find, natives: make([]types.AttributeValue, len(s.hash))}
	for n, key := range s.hash {
		for _, m := range key.template.Members() {
			if reason, err := s.bindHash(m); reason != "" || err != nil {
				return reason, err
			}
		}
		if key.native() {
			if s.parts.natives[n], err = s.nativeEqual(key, maxPartitionKey); err != nil {
				return "", err
			}
		}
	}
	if s.parts.none {
		s.empty = true
		return "", nil
	}
	_, err = s.parts.values(0)
	return "", err
}

// bindHash binds one field of the partition key.
func (s *serving) bindHash(m *schema.Member) (reason string, err error) {
	k := s.find(m.Ref)
	switch {
	case k != nil && len(k.equal) > 0:
		return s.equality(k, m)
	case m.Shard > 0:
		s.parts.shards = m.Shard
		return "", nil
	case k != nil && m.Bucketed() && s.parts.walked == nil && len(k.lower) > 0 && len(k.upper) > 0:
		return "", s.walk(k, m)
	case k != nil && m.Bucketed():
		return "needs both ends of a range on " + m.Ref.Path + " to know its buckets, or a value that it is equal to", nil
	}
	return "needs " + m.Ref.Path + " to be equal to a value", nil
}

// walk lists the buckets that a range of time touches.
func (s *serving) walk(k *constraint, m *schema.Member) error {
	r, err := s.rangeOf(m, k, "")
	if err != nil {
		return err
	}
	buckets, ok := r.Buckets(maxBuckets)
	if !ok {
		return &Error{Field: m.Ref.Path, kind: ErrInvalidValue, Reason: fmt.Sprintf("the range spans more than %d buckets, and each is a partition to read; ask for a shorter range", maxBuckets)}
	}
	if m.Desc {
		slices.Reverse(buckets)
	}
	s.parts.walked, s.parts.buckets, s.parts.none = m, buckets, len(buckets) == 0
	s.serve(k, r.Exact()) // where its ends are those of buckets
	return nil
}
