package main

import (
	"encoding/json"
	"errors"
	"os"
	"slices"

	"github.com/monotable/monotable/batch"
)

// left is what a run that ended early leaves to the next: lines of the file, from 0. The zero value is the whole file.
type left struct {
	Again []int // lines before Next that are not written for sure, in their order
	Next  int   // the first line that was never read
}

// done reports whether nothing is left; a run that drew nothing leaves the whole file, which is the same to the next one.
func (l left) done() bool { return l.Next == 0 && len(l.Again) == 0 }

// wants reports whether a line is to be loaded.
func (l left) wants(line int) bool {
	if line >= l.Next {
		return true
	}
	_, again := slices.BinarySearch(l.Again, line)
	return again
}

// line is the line of the file that an input was.
func (l left) line(input int) int {
	if input < len(l.Again) {
		return l.Again[input]
	}
	return l.Next + input - len(l.Again)
}

// after is what a run leaves that began with l. Ambiguous parts are written again: a part that is written twice is
// the same part. The file is done where all of it was drawn, and only what was rejected is not written.
func (l left) after(failed *batch.Error) left {
	switch {
	case failed.Cause() == nil && failed.Unprocessed+failed.Ambiguous == 0:
		return left{}
	case failed.Unlisted > 0: // more than the error lists: from the first one on, everything is written again
		return left{Next: l.line(failed.Failures[0].Index)}
	}
	out := left{Next: max(l.Next, l.line(failed.Next))}
	for _, f := range failed.Failures {
		if f.State != batch.Rejected {
			out.Again = append(out.Again, l.line(f.Index))
		}
	}
	if failed.Next < len(l.Again) {
		out.Again = append(out.Again, l.Again[failed.Next:]...)
	}
	return out
}

// readLeft reads what the last run left; nothing of it is the whole file.
func readLeft(file string) (l left, err error) {
	if file == "" {
		return l, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal(text, &l)
}

// writeLeft keeps what is left; where nothing is, there is no file.
func writeLeft(file string, l left) error {
	switch {
	case file == "":
		return nil
	case l.done():
		if err := os.Remove(file); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
