package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

const lines = 12_000

func madeUp(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "parts.jsonl")
	if err := writeParts(file, lines); err != nil {
		t.Fatal(err)
	}
	return file
}

func stored(t *testing.T, c *dynamodb.Client) int {
	t.Helper()
	n, err := repo.Must(repo.New[Part](c, table)).Scan().Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestTheWholeFile(t *testing.T) {
	engine := repotest.New()
	var out bytes.Buffer
	j := job{file: madeUp(t), workers: 8, out: &out}
	if err := j.run(t.Context(), engine.Client()); err != nil {
		t.Fatal(err)
	}
	_, end, _ := strings.Cut(out.String(), "\n")
	want := `11997 written, 0 unprocessed, 3 rejected, 0 ambiguous
line 1235: repo: Put Part: invalid value: its Validate refused the value (errors.As and errors.Is reach its error)
line 6235: repo: Put Part: invalid value: its Validate refused the value (errors.As and errors.Is reach its error)
line 11235: repo: Put Part: invalid value: its Validate refused the value (errors.As and errors.Is reach its error)
`
	if end != want {
		t.Errorf("it says\n%s", out.String())
	}
	if n, requests := stored(t, engine.Client()), engine.Requests("BatchWriteItem"); n != lines-3 || requests != 480 {
		t.Errorf("%d stored with %d requests, want %d and 480", n, requests, lines-3)
	}
}

// interrupter is an output that interrupts the run after some lines of progress.
type interrupter struct {
	bytes.Buffer
	after  int
	cancel context.CancelFunc
}

func (i *interrupter) Write(p []byte) (int, error) {
	if i.after--; i.after == 0 {
		i.cancel()
	}
	return i.Buffer.Write(p)
}

func TestInterruptedAgainAndAgain(t *testing.T) {
	engine := repotest.New(repotest.WithFaults(
		repotest.Rule{Operation: "BatchWriteItem", Chance: 0.02, Fault: repotest.Unprocessed()},
		repotest.Rule{Operation: "BatchWriteItem", Every: 50, Fault: repotest.LoseResponse()},
	))
	file := madeUp(t)
	runs := 0
	for {
		ctx, cancel := context.WithCancel(t.Context())
		out := &interrupter{after: 100, cancel: cancel}
		err := job{file: file, left: file + ".left", workers: 8, out: out}.run(ctx, engine.Client())
		cancel()
		runs++
		if err == nil {
			break
		}
		if !errors.Is(err, errInterrupted) || !strings.Contains(out.String(), "the rest is in") {
			t.Fatalf("run %d: %v\n%s", runs, err, out)
		}
		if runs > 20 {
			t.Fatal("it comes to no end")
		}
	}
	requests := engine.Requests("BatchWriteItem")
	engine.Heal()
	t.Logf("%d runs, %d requests", runs, requests)
	if n := stored(t, engine.Client()); n != lines-3 || runs < 4 || requests > 600 {
		t.Errorf("%d stored after %d runs with %d requests", n, runs, requests)
	}
	if _, err := os.Stat(file + ".left"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is left: %v", err)
	}
}

func TestALineThatIsNoPart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "parts.jsonl")
	good := `{"Maker":"m","Number":"1","Name":"n","Cents":1}` + "\n"
	if err := os.WriteFile(file, []byte(good+"{\n"+strings.Replace(good, `"1"`, `"2"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	engine := repotest.New()
	j := job{file: file, left: file + ".left", workers: 1, out: &bytes.Buffer{}}
	if err := j.run(t.Context(), engine.Client()); err == nil || !strings.HasPrefix(err.Error(), "line 2:") {
		t.Errorf("%v", err)
	}
	if l, err := readLeft(j.left); err != nil || l.Next != 1 || len(l.Again) != 0 || stored(t, engine.Client()) != 1 {
		t.Errorf("left is %+v, %v", l, err)
	}
	if err := os.WriteFile(file, []byte(good+strings.Replace(good, `"1"`, `"2"`, 1)), 0o600); err != nil { // mended
		t.Fatal(err)
	}
	if err := j.run(t.Context(), engine.Client()); err != nil || stored(t, engine.Client()) != 2 {
		t.Errorf("%v", err)
	}
}

// The lines of a run that began with something left are counted right.
func TestLinesOfWhatIsLeft(t *testing.T) {
	l := left{Again: []int{3, 8}, Next: 20}
	var wanted []int
	for line := range 23 {
		if l.wants(line) {
			wanted = append(wanted, line)
		}
	}
	var counted []int
	for input := range wanted {
		counted = append(counted, l.line(input))
	}
	if want := []int{3, 8, 20, 21, 22}; !slices.Equal(wanted, want) || !slices.Equal(counted, want) {
		t.Errorf("wanted %v, counted %v, want %v", wanted, counted, want)
	}
}
