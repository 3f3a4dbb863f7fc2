package batch_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

var errSource = errors.New("the file ends here")

// calls are the methods of a batch with the same inputs; what they read is thrown away.
func calls[T any](ctx context.Context, b *batch.Batch[T], list ...T) map[string]func() error {
	return map[string]func() error{
		"Put":       func() error { return b.Put(ctx, list...) },
		"PutSeq":    func() error { return b.PutSeq(ctx, each(list)) },
		"Delete":    func() error { return b.Delete(ctx, list...) },
		"DeleteSeq": func() error { return b.DeleteSeq(ctx, each(list)) },
		"Get":       func() error { _, err := b.Get(ctx, list...); return err },
		"GetSeq":    func() error { _, err := repo.Collect(b.GetSeq(ctx, each(list))); return err },
	}
}

func TestMisuseIsATypedError(t *testing.T) {
	s := newSite(t)
	for _, tc := range []struct {
		reason string
		batch  *batch.Batch[crate]
	}{
		{"no repository", batch.New[crate](nil, batch.Options{})},
		{"a batch that New did not make", &batch.Batch[crate]{}},
		{"no batch at all", nil},
		{"negative workers", batch.New(s.crates, batch.Options{Workers: -1})},
		{"more workers than anybody needs", batch.New(s.crates, batch.Options{Workers: math.MaxInt})},
		{"a budget that holds nothing", batch.New(s.crates, batch.Options{Bytes: 100})},
		{"a negative budget", batch.New(s.crates, batch.Options{Bytes: -1})},
		{"a budget that DynamoDB does not take", batch.New(s.crates, batch.Options{Bytes: 17 << 20})},
		{"negative attempts", batch.New(s.crates, batch.Options{Attempts: -1})},
		{"an unknown policy", batch.New(s.crates, batch.Options{Duplicates: 9})},
		{"a factory of nothing", batch.New(s.crates, batch.Options{Backoff: func() retry.Backoff { return nil }})},
		{"a factory that panics", batch.New(s.crates, batch.Options{Backoff: func() retry.Backoff { return retry.NewExponential(0) }})},
	} {
		for name, call := range calls(t.Context(), tc.batch, numbered(1), numbered(2)) {
			err := call()
			if !errors.Is(err, batch.ErrInvalid) {
				t.Errorf("%s: %s: %v, want batch.ErrInvalid", tc.reason, name, err)
				continue
			}
			inputs := 2
			if strings.HasSuffix(name, "Seq") {
				inputs = 0 // nothing was drawn
			}
			if e := balance(t, err, inputs); e.Unprocessed != inputs || e.Next != inputs {
				t.Errorf("%s: %s: %d unprocessed, next %d", tc.reason, name, e.Unprocessed, e.Next)
			}
		}
	}
	for _, call := range []func() error{
		func() error { return batch.New(s.crates, batch.Options{}).PutSeq(t.Context(), nil) },
		func() error { return batch.New(s.crates, batch.Options{}).DeleteSeq(t.Context(), nil) },
		func() error {
			_, err := repo.Collect(batch.New(s.crates, batch.Options{}).GetSeq(t.Context(), nil))
			return err
		},
		func() error {
			_, err := batch.WriteItems(t.Context(), nil, &dynamodb.BatchWriteItemInput{}, batch.Options{})
			return err
		},
		func() error {
			_, err := batch.GetItems(t.Context(), (*dynamodb.Client)(nil), &dynamodb.BatchGetItemInput{}, batch.Options{})
			return err
		},
		func() error {
			_, err := batch.WriteItems(t.Context(), s.client, &dynamodb.BatchWriteItemInput{}, batch.Options{Workers: -1})
			return err
		},
	} {
		if err := call(); !errors.Is(err, batch.ErrInvalid) {
			t.Errorf("%v, want batch.ErrInvalid", err)
		}
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestNothingIsASuccess(t *testing.T) {
	s := newSite(t)
	for name, call := range calls(t.Context(), batch.New(s.crates, batch.Options{Workers: 0, Backoff: nil})) {
		if err := call(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := batch.WriteItems(t.Context(), s.client, nil, batch.Options{}); err != nil {
		t.Error(err)
	}
	if _, err := batch.GetItems(t.Context(), s.client, &dynamodb.BatchGetItemInput{}, batch.Options{}); err != nil {
		t.Error(err)
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// What is wrong with one input is that input's, and the rest goes on.
func TestBadItemsAreRejectedOneByOne(t *testing.T) {
	large := numbered(3)
	large.Body = strings.Repeat("x", 401<<10)
	broken, poison := numbered(4), numbered(5)
	broken.Body, poison.Body = "broken", "poison"
	for _, tc := range []struct {
		reason  string
		bad     crate
		options batch.Options
		is      error
	}{
		{"a key without all its parts", crate{Dock: "1"}, batch.Options{}, repo.ErrIncompleteKey},
		{"a key that is none", crate{Dock: "1", ID: "\xff"}, batch.Options{}, repo.ErrInvalidKey},
		{"an item over 400 KB", large, batch.Options{}, repo.ErrTooLarge},
		{"an item over the budget", func() crate { c := numbered(3); c.Body = strings.Repeat("x", 2000); return c }(), batch.Options{Bytes: 1500}, repo.ErrTooLarge},
		{"a value that Validate refuses", broken, batch.Options{}, errBroken},
		{"an item that the service refuses", poison, batch.Options{}, nil},
	} {
		for _, seq := range []bool{false, true} {
			s := newSite(t)
			s.wire.answer = poisoned
			list := crates(60)
			list = append(list[:30:30], append([]crate{tc.bad}, list[31:]...)...)
			list[3], list[4], list[5] = numbered(60), numbered(61), numbered(62)
			b := batch.New(s.crates, tc.options)
			put := func() error { return b.Put(t.Context(), list...) }
			if seq {
				put = func() error { return b.PutSeq(t.Context(), each(list)) }
			}
			err := put()
			e := balance(t, err, 60)
			if e.Rejected != 1 || e.Written != 59 || e.Failures[0].Index != 30 || tc.is != nil && (!errors.Is(err, tc.is) || !errors.Is(e.Failures[0].Err, tc.is)) {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if n := len(s.stored(t)); n != 59 {
				t.Errorf("%s: %d stored, want 59", tc.reason, n)
			}
			var api *types.ProvisionedThroughputExceededException
			if errors.As(err, &api) {
				t.Errorf("%s: a throttle out of nowhere", tc.reason)
			}
		}
	}
}

// Naming the culprit takes no more requests than halving does.
func TestACulpritIsFoundByHalving(t *testing.T) {
	for at := range 25 {
		s := newSite(t)
		s.wire.answer = poisoned
		list := crates(25)
		list[at].Body = "poison"
		e := balance(t, batch.New(s.crates, batch.Options{}).Put(t.Context(), list...), 25)
		if len(e.Failures) != 1 || e.Failures[0].Index != at || e.Failures[0].State != batch.Rejected {
			t.Errorf("%v, want input %d rejected", e, at)
		}
		if n := len(s.wire.requests("")); n > 11 {
			t.Errorf("%d requests", n)
		}
	}
}

func TestDuplicatesRefuseTheCall(t *testing.T) {
	s := newSite(t)
	list := crates(300)
	list[200] = list[7]
	list[30].Body = "broken"
	for name, call := range calls(t.Context(), batch.New(s.crates, batch.Options{}), list...) {
		if name == "Get" || strings.HasSuffix(name, "Seq") {
			continue
		}
		err := call()
		e := balance(t, err, 300)
		rejected := 2
		if name == "Put" {
			rejected = 3
		}
		if !errors.Is(err, batch.ErrDuplicate) || e.Rejected != rejected || e.Unprocessed != 300-rejected {
			t.Errorf("%s: %v", name, err)
		}
		for _, f := range e.Failures {
			if duplicate := f.Index == 7 || f.Index == 200; duplicate != (f.State == batch.Rejected && errors.Is(f.Err, batch.ErrDuplicate)) {
				t.Errorf("%s: input %d is %v: %v", name, f.Index, f.State, f.Err)
			}
		}
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

func TestACancelledContextSendsNothing(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errSource)
	late, stop := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer stop()
	for want, ctx := range map[error]context.Context{context.Canceled: ctx, context.DeadlineExceeded: late} {
		for name, call := range calls(ctx, batch.New(s.crates, batch.Options{}), crates(60)...) {
			err := call()
			if !errors.Is(err, want) || errors.Is(want, context.Canceled) && !errors.Is(err, errSource) {
				t.Errorf("%s: %v, want %v", name, err, want)
			}
			if e := failed(t, err); e.Unprocessed != e.Total() || !strings.HasSuffix(name, "Seq") && e.Total() != 60 || e.Next > 60 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A request that the context ended before anything left is not ambiguous: it was not sent.
func TestCancelledBeforeSendingIsUnprocessed(t *testing.T) {
	s := newSite(t)
	ctx, cancel := context.WithCancel(t.Context())
	late := s.crates.With(func(o *dynamodb.Options) {
		o.HTTPSignerV4 = nil
		cancel() // between the options of the call and its first attempt
	})
	e := balance(t, batch.New(late, batch.Options{}).Put(ctx, crates(3)...), 3)
	if e.Unprocessed != 3 || !errors.Is(e, context.Canceled) {
		t.Errorf("%v", e)
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// A sequence that fails or panics half way: what was drawn is written, and Next is where it goes on.
func TestSequencesThatEndBadly(t *testing.T) {
	endings := map[string]func(func(crate, error) bool){
		"an error":        func(yield func(crate, error) bool) { yield(crate{}, errSource) },
		"a panic":         func(func(crate, error) bool) { panic(errSource) },
		"another panic":   func(func(crate, error) bool) { panic("secret-canary") },
		"error and items": func(yield func(crate, error) bool) { _ = yield(crate{}, errSource) && yield(numbered(99), nil) },
	}
	for name, end := range endings {
		var seq iter.Seq2[crate, error] = func(yield func(crate, error) bool) {
			for i := range 130 {
				if !yield(numbered(i), nil) {
					return
				}
			}
			end(yield)
		}
		s := newSite(t)
		b := batch.New(s.crates, batch.Options{})
		var got []crate
		for _, call := range []struct {
			name string
			do   func() error
		}{
			{"PutSeq", func() error { return b.PutSeq(t.Context(), seq) }},
			{"GetSeq", func() (err error) {
				for v, failure := range b.GetSeq(t.Context(), seq) {
					if err = failure; err == nil {
						got = append(got, v)
					}
				}
				return err
			}},
			{"DeleteSeq", func() error { return b.DeleteSeq(t.Context(), seq) }},
		} {
			err := call.do()
			var panicked *batch.PanicError
			if !errors.Is(err, errSource) && name != "another panic" || errors.As(err, &panicked) != strings.Contains(name, "panic") || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s of %s: %v", call.name, name, err)
			}
			if e := failed(t, err); len(e.Failures) != 0 || e.Written != 130 || e.Next != 130 {
				t.Errorf("%s of %s: %v, next %d", call.name, name, err, e.Next)
			}
			if n := len(s.stored(t)); call.name == "PutSeq" && n != 130 || call.name == "DeleteSeq" && n != 0 {
				t.Errorf("%s of %s: %d stored", call.name, name, n)
			}
		}
		if len(got) != 130 {
			t.Errorf("GetSeq of %s: %d read, want 130", name, len(got))
		}
	}
}

// A panic of the loop over a GetSeq is the loop's.
func TestThePanicOfALoopIsNotSwallowed(t *testing.T) {
	s := newSite(t)
	if err := batch.New(s.crates, batch.Options{}).Put(t.Context(), numbered(1)); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != "mine" {
			t.Errorf("recovered %v", p)
		}
	}()
	for range batch.New(s.crates, batch.Options{}).GetSeq(t.Context(), each(crates(2000))) {
		panic("mine")
	}
}

func TestAProgressThatPanicsEndsTheCall(t *testing.T) {
	s := newSite(t)
	b := batch.New(s.crates, batch.Options{Workers: 1, Progress: func(p batch.Progress) {
		if p.Requests == 2 {
			panic(errSource)
		}
	}})
	err := b.Put(t.Context(), crates(500)...)
	var panicked *batch.PanicError
	if e := balance(t, err, 500); !errors.As(err, &panicked) || !errors.Is(err, errSource) || e.Written < 50 || e.Written > 75 {
		t.Errorf("%v", err)
	}
}

type account struct {
	_       struct{} `entity:"Account" pk:"ACCOUNT#{ID}" sk:"ACCOUNT"`
	ID      string   `dynamodbav:"id"`
	Version int64    `dynamodbav:"version" repo:"version"`
}

type person struct {
	_     struct{} `entity:"Person" pk:"PERSON#{ID}" sk:"PERSON"`
	ID    string   `dynamodbav:"id"`
	Email string   `dynamodbav:"email" repo:"unique"`
}

type deed struct {
	_     struct{} `entity:"Deed" pk:"DEED#{ID}" sk:"DEED"`
	ID    string   `dynamodbav:"id"`
	Owner string   `dynamodbav:"owner" repo:"immutable"`
}

type twin struct {
	_  struct{} `entity:"Twin,overlaps=Crate" pk:"DOCK#{ID}" sk:"CRATE#{ID}"`
	ID string   `dynamodbav:"id"`
}

// Types and views whose writes need a condition are refused, with the verb to use instead; their reads are not.
func TestWritesThatNeedAConditionAreRefused(t *testing.T) {
	s := newSite(t)
	refused(t, s, "the type has a version", repo.Must(repo.New[account](s.client, yard)), account{ID: "1"})
	refused(t, s, "the type has a unique field", repo.Must(repo.New[person](s.client, yard)), person{ID: "1", Email: "canary"})
	refused(t, s, "the type has an immutable field", repo.Must(repo.New[deed](s.client, yard)), deed{ID: "1"})
	refused(t, s, "the type's keys overlap", repo.Must(repo.New[twin](s.client, yard)), twin{ID: "1"})
	round := expr.Number(func(c *crate) *int { return &c.Round })
	refused(t, s, "carry no conditions", s.crates.If(round.Eq(1)), numbered(1))
	refused(t, s, "are no transactions", s.crates.ExactlyOnce(), numbered(1))
	if _, err := batch.New(s.crates.If(round.Eq(1)), batch.Options{}).Get(t.Context(), numbered(1)); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Get through If: %v", err)
	}
}

func refused[T any](t *testing.T, s *site, why string, r *repo.Repository[T], v T) {
	t.Helper()
	s.wire.reset()
	for name, call := range calls(t.Context(), batch.New(r, batch.Options{}), v) {
		if strings.HasPrefix(name, "Get") {
			continue
		}
		err := call()
		verb := strings.TrimSuffix(name, "Seq")
		if !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(fmt.Sprint(err), why) || !strings.Contains(err.Error(), "use "+verb) && !strings.Contains(err.Error(), "use the verb") {
			t.Errorf("%s: %v, want a refusal for %q that names the verb to use", name, err, why)
		}
	}
	if n := len(s.wire.requests("")); n != 0 {
		t.Errorf("%d requests were sent", n)
	}
}
