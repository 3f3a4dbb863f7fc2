package batch_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/sethvargo/go-retry"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// Reading is the entity of the examples: what a sensor measured.
type Reading struct {
	_ struct{} `entity:"Reading" pk:"SENSOR#{Sensor}" sk:"AT#{Minute|pad=6}"`

	Sensor  string  `dynamodbav:"sensor"`
	Minute  int     `dynamodbav:"minute"`
	Celsius float64 `dynamodbav:"celsius"`
}

// Validate refuses what no sensor measures.
func (r Reading) Validate() error {
	if r.Celsius < -273 {
		return errors.New("colder than cold")
	}
	return nil
}

var lab = repo.Table{Name: "lab"}

// exampleReadings is an empty table in memory.
func exampleReadings() (context.Context, *repotest.Engine, *repo.Repository[Reading]) {
	ctx, engine := context.Background(), repotest.New()
	readings := repo.Must(repo.New[Reading](engine.Client(), lab))
	if err := repo.CreateTable(ctx, engine.Client(), lab, readings); err != nil {
		panic(err)
	}
	return ctx, engine, readings
}

func measured(n int) []Reading {
	out := make([]Reading, n)
	for i := range out {
		out[i] = Reading{Sensor: "s1", Minute: i, Celsius: 20}
	}
	return out
}

// A thousand items in forty requests, and some of them read again.
func ExampleBatch() {
	ctx, engine, readings := exampleReadings()
	b := batch.New(readings, batch.Options{})
	fmt.Println(b.Put(ctx, measured(1000)...), engine.Requests("BatchWriteItem"))

	found, err := b.Get(ctx, Reading{Sensor: "s1", Minute: 7}, Reading{Sensor: "s1", Minute: 5000}, Reading{Sensor: "s1", Minute: 3})
	for _, r := range found {
		fmt.Println(r.Minute, r.Celsius)
	}
	fmt.Println(err)
	// Output:
	// <nil> 40
	// 7 20
	// 3 20
	// <nil>
}

// A sequence of any length is written at constant memory; here it comes from a loop, elsewhere from a file.
func ExampleBatch_PutSeq() {
	ctx, engine, readings := exampleReadings()
	day := func(yield func(Reading, error) bool) {
		for minute := range 24 * 60 {
			if !yield(Reading{Sensor: "s2", Minute: minute, Celsius: 21}, nil) {
				return
			}
		}
	}
	err := batch.New(readings, batch.Options{Workers: 4}).PutSeq(ctx, day)
	fmt.Println(err, engine.Requests("BatchWriteItem"))
	// Output: <nil> 58
}

// Items come in the order in which they were asked for. Leaving the loop stops the reading.
func ExampleBatch_GetSeq() {
	ctx, _, readings := exampleReadings()
	b := batch.New(readings, batch.Options{})
	if err := b.Put(ctx, measured(100)...); err != nil {
		fmt.Println(err)
	}
	everySecond := func(yield func(Reading, error) bool) {
		for minute := 0; yield(Reading{Sensor: "s1", Minute: minute}, nil); minute += 2 {
		}
	}
	for r, err := range b.GetSeq(ctx, everySecond) {
		if err != nil || r.Minute > 6 {
			break
		}
		fmt.Println(r.Minute)
	}
	// Output:
	// 0
	// 2
	// 4
	// 6
}

// What is not written is named, and the rest is written all the same.
func ExampleError() {
	ctx, _, readings := exampleReadings()
	list := measured(100)
	list[41].Celsius = -300
	list[42].Sensor = ""
	err := batch.New(readings, batch.Options{}).Put(ctx, list...)

	var failed *batch.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Written, "written,", failed.Rejected, "rejected")
	}
	fmt.Println(errors.Is(err, repo.ErrIncompleteKey))
	// Output:
	// 98 written, 2 rejected
	// true
}

// Each failure has the place of the input, what became of it, and why.
func ExampleFailure() {
	ctx, _, readings := exampleReadings()
	list := measured(3)
	list[1].Sensor = ""
	err := batch.New(readings, batch.Options{}).Put(ctx, list...)
	var failed *batch.Error
	if errors.As(err, &failed) {
		for _, f := range failed.Failures {
			fmt.Println(f.Index, f.State, f.Err)
		}
	}
	// Output: 1 rejected repo: Put Reading: field Sensor: incomplete key: the field is empty, and the primary key needs it
}

// What is unprocessed may be tried again. What is ambiguous may have been written already: trying again is right where the same
// item may be written twice.
func ExampleState() {
	ctx, engine, readings := exampleReadings()
	heal := engine.Inject(repotest.Rule{Operation: "BatchWriteItem", Fault: repotest.Unprocessed()})
	b := batch.New(readings, batch.Options{Attempts: 1})
	list := measured(30)
	err := b.Put(ctx, list...)
	heal() // later, when there is less to do

	var failed *batch.Error
	var again []Reading
	if errors.As(err, &failed) {
		for _, f := range failed.Failures {
			if f.State == batch.Unprocessed {
				again = append(again, list[f.Index])
			}
		}
	}
	fmt.Println(len(again), b.Put(ctx, again...))
	// Output: 30 <nil>
}

// The progress is called after each request.
func ExampleProgress() {
	ctx, _, readings := exampleReadings()
	err := batch.New(readings, batch.Options{Workers: 1, Progress: func(p batch.Progress) {
		fmt.Printf("%d of %d, %.0f units\n", p.Done, p.Total, p.Capacity)
	}}).Put(ctx, measured(60)...)
	fmt.Println(err)
	// Output:
	// 25 of 60, 25 units
	// 50 of 60, 50 units
	// 60 of 60, 60 units
	// <nil>
}

func ExampleOptions() {
	ctx, _, readings := exampleReadings()
	b := batch.New(readings, batch.Options{
		Workers:  32, // as many as the HTTP client keeps connections
		Backoff:  func() retry.Backoff { return retry.NewExponential(100 * time.Millisecond) },
		Attempts: 20,
		Bytes:    4 << 20,
	})
	fmt.Println(b.Put(ctx, measured(10)...))

	wrong := batch.New(readings, batch.Options{Workers: -1})
	fmt.Println(errors.Is(wrong.Put(ctx, measured(10)...), batch.ErrInvalid))
	// Output:
	// <nil>
	// true
}

// Two inputs with one key refuse the call, unless the last one is said to win.
func ExampleDuplicates() {
	ctx, _, readings := exampleReadings()
	twice := []Reading{{Sensor: "s1", Minute: 1, Celsius: 20}, {Sensor: "s1", Minute: 1, Celsius: 22}}
	fmt.Println(errors.Is(batch.New(readings, batch.Options{}).Put(ctx, twice...), batch.ErrDuplicate))
	fmt.Println(batch.New(readings, batch.Options{Duplicates: batch.LastWins}).Put(ctx, twice...))
	r, err := readings.Get(ctx, twice[0])
	fmt.Println(r.Celsius, err)
	// Output:
	// true
	// <nil>
	// 22 <nil>
}

// A sequence that panics ends the call; what was drawn before is written.
func ExamplePanicError() {
	ctx, _, readings := exampleReadings()
	broken := func(yield func(Reading, error) bool) {
		for _, r := range measured(40) {
			if !yield(r, nil) {
				return
			}
		}
		panic("the file is shorter than it says")
	}
	err := batch.New(readings, batch.Options{}).PutSeq(ctx, broken)
	var panicked *batch.PanicError
	if errors.As(err, &panicked) {
		fmt.Println(panicked.Value)
	}
	var failed *batch.Error
	if errors.As(err, &failed) {
		fmt.Println(failed.Written, "written; go on at", failed.Next)
	}
	// Output:
	// the file is shorter than it says
	// 40 written; go on at 40
}

// Puts and deletes together, in requests of the SDK.
func ExampleWriteItems() {
	ctx, engine, readings := exampleReadings()
	var requests []types.WriteRequest
	for i, r := range measured(60) {
		w, err := readings.PutWrite(r)
		if i%2 == 1 {
			w, err = readings.DeleteWrite(r)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		if in := w.PutItemInput(); in != nil {
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: in.Item}})
		} else {
			requests = append(requests, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: w.DeleteItemInput().Key}})
		}
	}
	in := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"lab": requests}}
	out, err := batch.WriteItems(ctx, engine.Client(), in, batch.Options{})
	fmt.Println(len(out.UnprocessedItems), err, engine.Requests("BatchWriteItem"))
	// Output: 0 <nil> 3
}

func ExampleGetItems() {
	ctx, engine, readings := exampleReadings()
	if err := batch.New(readings, batch.Options{}).Put(ctx, measured(150)...); err != nil {
		fmt.Println(err)
	}
	var keys []map[string]types.AttributeValue
	for _, r := range measured(150) {
		in, err := readings.GetInput(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		keys = append(keys, in.Key)
	}
	in := &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"lab": {Keys: keys}}}
	out, err := batch.GetItems(ctx, engine.Client(), in, batch.Options{Consistent: true})
	fmt.Println(len(out.Responses["lab"]), err)
	// Output: 150 <nil>
}
