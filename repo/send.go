package repo

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
)

// defaultTimeout bounds a request whose context has no deadline. Five attempts of five seconds, eight more that meet conflicts, and
// the delays between them fit within.
const defaultTimeout = 90 * time.Second

// sending is what one request is sent with, beside its input.
type sending struct {
	ctx     context.Context
	table   *Table
	call    Call
	options []func(*dynamodb.Options)
	track   *attempt.Track
}

// send is the one place where requests leave the library: it sees to their deadline, their options, what becomes of each attempt,
// and to those who observe. The error is the SDK's; its text may hold values, so that callers wrap it.
func send[In, Out any](s sending, in *In, do func(context.Context, *In, ...func(*dynamodb.Options)) (*Out, error), consumed func(*Out) float64) (*Out, error) {
	ctx := s.ctx
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultTimeout)
		defer cancel()
	}
	begin := s.table.Now()
	out, err := do(ctx, in, append(s.options[:len(s.options):len(s.options)], s.track.Option)...)
	if err == nil && out == nil {
		err = errors.New("the client returned neither an answer nor an error")
	}
	if s.table.Observe != nil {
		s.call.Attempts, s.call.Duration, s.call.Err = s.track.Attempts(), s.table.Now().Sub(begin), err
		if err == nil {
			s.call.Capacity = consumed(out)
		}
		s.table.Observe(s.ctx, s.call)
	}
	return out, err
}

// units is the consumed capacity that an answer reports.
func units(reports ...*types.ConsumedCapacity) (n float64) {
	for _, c := range reports {
		if c != nil && c.CapacityUnits != nil {
			n += *c.CapacityUnits
		}
	}
	return n
}

func unitsOf(reports []types.ConsumedCapacity) (n float64) {
	for i := range reports {
		n += units(&reports[i])
	}
	return n
}

// reporting asks for consumed capacity where somebody observes, and only there.
func (t *Table) reporting() types.ReturnConsumedCapacity {
	if t.Observe == nil {
		return ""
	}
	return types.ReturnConsumedCapacityTotal
}

// isContext reports whether an error says that a context ended.
func isContext(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func contextText(err error) string {
	if errors.Is(err, context.Canceled) {
		return context.Canceled.Error()
	}
	return context.DeadlineExceeded.Error()
}
