//go:build !race

package codec_test

import (
	"reflect"
	"testing"
)

// TestAllocations pins how many allocations an item takes, which no noise disturbs. The race detector does: it makes
// pools forget.
func TestAllocations(t *testing.T) {
	o := sampleOrder()
	c, v := orderCodec(t), valueOf(&o)
	item, err := c.Encode(v, 0)
	if err != nil {
		t.Fatal(err)
	}
	numbers := make([]int, 1000)
	for i := range numbers {
		numbers[i] = 1000 + i
	}
	type mixed struct {
		List                []string
		A, B, C, D, E, F, G string
	}
	several := mixed{List: []string{"a", "b", "c"}}
	after := structCodec[mixed](t)
	list := valueCodec(t, reflect.TypeFor[[]int](), noTag)
	for _, tt := range []struct {
		reason string
		most   float64
		f      func() error
	}{
		{"encode: 63 in attributevalue", 22, func() error { _, err := c.Encode(v, 0); return err }},
		{"decode: 15 in attributevalue", 5, func() error {
			var out order
			return c.Decode(item, valueOf(&out))
		}},
		{"a list: members and digits are allocated together", 6, func() error { _, err := list.Encode(valueOf(&numbers)); return err }},
		{"strings behind a list share one allocation with those before it", 6, func() error { _, err := after.Encode(valueOf(&several), 0); return err }},
	} {
		t.Run(tt.reason, func(t *testing.T) {
			got := testing.AllocsPerRun(200, func() {
				if err := tt.f(); err != nil {
					t.Fatal(err)
				}
			})
			if got > tt.most {
				t.Errorf("%v allocations, want at most %v", got, tt.most)
			}
		})
	}
}
