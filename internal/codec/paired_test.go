//go:build unix

package codec_test

import (
	"os"
	"reflect"
	"slices"
	"syscall"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// TestPairedRatios measures the codec against attributevalue in interleaved rounds, by CPU time, so that a noisy machine disturbs
// both alike. A build machine must not fail for its neighbours' sake, so it runs only when asked: MONOTABLE_MEASURE=1.
func TestPairedRatios(t *testing.T) {
	if os.Getenv("MONOTABLE_MEASURE") == "" {
		t.Skip("set MONOTABLE_MEASURE=1 to measure")
	}
	o := sampleOrder()
	c, v := orderCodec(t), reflect.ValueOf(&o).Elem()
	item, err := c.Encode(v, 0)
	if err != nil {
		t.Fatal(err)
	}
	encode := ratio(t, func() error { _, err := c.Encode(v, 0); return err }, func() error { _, err := attributevalue.MarshalMap(&o); return err })
	decode := ratio(t, func() error {
		var out order
		return c.Decode(item, reflect.ValueOf(&out).Elem())
	}, func() error {
		var out order
		return attributevalue.UnmarshalMap(item, &out)
	})
	t.Logf("CPU against attributevalue: encode %.2f, decode %.2f; at most 0.50 and 0.35", encode, decode)
	if encode > 0.50*neighbours || decode > 0.35*neighbours {
		t.Error("far above the targets")
	}
}

// neighbours is what others on the machine may add to a ratio: they disturb what allocates less the more.
const neighbours = 1.15

// ratio is the median of the ratios of the rounds.
func ratio(t *testing.T, ours, theirs func() error) float64 {
	var ratios []float64
	for range 15 {
		ratios = append(ratios, cpu(t, ours)/cpu(t, theirs))
	}
	slices.Sort(ratios)
	return ratios[len(ratios)/2]
}

func cpu(t *testing.T, f func() error) float64 {
	before := rusage(t)
	for range 20000 {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
	return float64(rusage(t) - before)
}

func rusage(t *testing.T) int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
