package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
)

// job is one run of the command.
type job struct {
	file    string
	left    string // the file that keeps what is left; empty for none
	workers int
	out     io.Writer
}

// run loads the file, or what was left of it.
func (j job) run(ctx context.Context, c *dynamodb.Client) error {
	repository, err := repo.New[Part](c, table)
	if err != nil {
		return err
	}
	if err := repo.CreateTable(ctx, c, table, repository); err != nil {
		return err
	}
	todo, err := readLeft(j.left)
	if err != nil {
		return err
	}
	if todo.Next > 0 {
		j.print("going on at line %d, with %d earlier ones\n", todo.Next+1, len(todo.Again))
	}
	b := batch.New(repository, batch.Options{Workers: j.workers, Progress: j.progress})
	return j.report(todo, b.PutSeq(ctx, parts(j.file, todo.wants)))
}

// progress keeps one line up to date.
func (j job) progress(p batch.Progress) {
	j.print("\r%7d parts, %4d sent again, %6d KB, %7.0f units, %2d workers ", p.Done, p.Retried, p.Bytes>>10, p.Capacity, p.Workers)
}

// report prints the books, and keeps what is left.
func (j job) report(todo left, err error) error {
	j.print("\n")
	var failed *batch.Error
	if !errors.As(err, &failed) {
		j.print("all are written\n")
		return errors.Join(err, writeLeft(j.left, left{}))
	}
	j.print("%d written, %d unprocessed, %d rejected, %d ambiguous\n", failed.Written, failed.Unprocessed, failed.Rejected, failed.Ambiguous)
	for _, f := range failed.Failures {
		if f.State == batch.Rejected {
			j.print("line %d: %v\n", todo.line(f.Index)+1, f.Err)
		}
	}
	rest := todo.after(failed)
	if rest.done() && failed.Cause() == nil {
		return writeLeft(j.left, rest) // what was rejected was shown, and would be again
	}
	if j.left != "" {
		j.print("the rest is in %s; the same command goes on there\n", j.left)
	}
	var bad *lineError
	switch {
	case errors.Is(err, context.Canceled):
		err = errInterrupted
	case errors.As(err, &bad): // the batch's own text quotes nothing
		err = bad
	}
	return errors.Join(err, writeLeft(j.left, rest))
}

var errInterrupted = errors.New("interrupted")

func (j job) print(format string, args ...any) {
	_, _ = fmt.Fprintf(j.out, format, args...) // there is nobody to tell
}
