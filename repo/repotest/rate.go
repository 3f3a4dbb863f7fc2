package repotest

import (
	"time"

	"github.com/monotable/monotable/internal/memdb"
)

// A bucket holds the write units that a partition may still use.
type bucket struct {
	units float64
	since time.Time
}

// overRate takes units for the targets, and returns those whose partition has
// none left. What is over is not taken. A write larger than what is left may go
// into debt, as an item larger than the rate could never be written otherwise.
func (in *injected) overRate(e *Engine, c *memdb.Call, targets []int) []int {
	var over []int
	now := e.Now()
	for _, i := range targets {
		t := c.Targets[i]
		if !t.Write {
			continue
		}
		b := in.bucket(t.Table+"\x00"+t.Partition, now)
		if b.units <= 0 {
			over = append(over, i)
			continue
		}
		b.units -= float64(t.Units)
	}
	return over
}

// bucket returns a partition's bucket, filled up to now.
func (in *injected) bucket(key string, now time.Time) *bucket {
	b := in.buckets[key]
	if b == nil {
		b = &bucket{units: in.Fault.rate, since: now}
		in.buckets[key] = b
	}
	if passed := now.Sub(b.since).Seconds(); passed > 0 {
		b.units = min(b.units+passed*in.Fault.rate, in.Fault.rate)
		b.since = now
	}
	return b
}
