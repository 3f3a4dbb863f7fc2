package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"os"

	"github.com/monotable/monotable/repo"
)

// Part is one line of the file, and one item of the table.
type Part struct {
	_ struct{} `entity:"Part" pk:"MAKER#{Maker}" sk:"PART#{Number}"`

	Maker  string `dynamodbav:"maker"`
	Number string `dynamodbav:"number"`
	Name   string `dynamodbav:"name"`
	Cents  int    `dynamodbav:"cents"`
}

var errPrice = errors.New("a part has a price")

// Validate is asked before a part is sent.
func (p Part) Validate() error {
	if p.Cents <= 0 {
		return errPrice
	}
	return nil
}

var table = repo.Table{Name: "parts"}

// parts are the lines of a file, from 0, that the callback wants. A line that is no part ends the sequence with an error.
func parts(file string, wants func(line int) bool) iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) {
		f, err := os.Open(file)
		if err != nil {
			yield(Part{}, err)
			return
		}
		defer func() { _ = f.Close() }() // it was only read
		lines := bufio.NewScanner(f)
		for n := 0; lines.Scan(); n++ {
			if !wants(n) {
				continue
			}
			var p Part
			if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
				yield(Part{}, &lineError{n + 1, err})
				return
			}
			if !yield(p, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(Part{}, err)
		}
	}
}

// lineError is a line that is no part.
type lineError struct {
	line  int // from 1
	cause error
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.cause) }
func (e *lineError) Unwrap() error { return e.cause }

// writeParts makes up a file of so many parts, three of which have no price.
func writeParts(file string, n int) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	for i := range n {
		p := Part{Maker: fmt.Sprintf("m%02d", i%20), Number: fmt.Sprintf("%06d", i), Name: fmt.Sprint("part ", i), Cents: 100 + i%900}
		if i%5000 == 1234 {
			p.Cents = 0
		}
		err = errors.Join(err, json.NewEncoder(out).Encode(p))
	}
	return errors.Join(err, out.Flush(), f.Close())
}
