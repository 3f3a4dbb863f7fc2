package repotest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Two items, read and written conditionally, alone and together.
type op struct {
	kind     string // read, put, swap (of one item, if it is old), both (if both are old), pair (read both)
	key      int
	old, new int
}

type answer struct {
	ok   bool // of a swap
	a, b int
}

type state [2]int

var model = porcupine.Model{
	Init: func() any { return state{-1, -1} },
	Step: func(s, in, out any) (bool, any) {
		st, o, got := s.(state), in.(op), out.(answer)
		switch o.kind {
		case "read":
			return got.a == st[o.key], st
		case "pair":
			return got.a == st[0] && got.b == st[1], st
		case "put":
			st[o.key] = o.new
			return true, st
		case "swap":
			if can := st[o.key] == o.old; can != got.ok {
				return false, st
			} else if can {
				st[o.key] = o.new
			}
			return true, st
		default: // both
			if can := st[0] == o.old && st[1] == o.old; can != got.ok {
				return false, st
			} else if can {
				st[0], st[1] = o.new, o.new
			}
			return true, st
		}
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v -> %+v", in, out) },
}

// TestLinearizable checks 10,000 operations in histories short enough to check.
func TestLinearizable(t *testing.T) {
	histories, callers, each := 125, 8, 10
	if testing.Short() {
		histories = 10
	}
	_, c := harness(t)
	for h := range histories {
		history := record(t, c, fmt.Sprint("h", h, "-"), callers, each)
		if res := porcupine.CheckOperationsTimeout(model, history, 30*time.Second); res != porcupine.Ok {
			t.Fatalf("history %d is %v", h, res)
		}
	}
}

func record(t *testing.T, c *dynamodb.Client, prefix string, callers, each int) []porcupine.Operation {
	t.Helper()
	var mu sync.Mutex
	var history []porcupine.Operation
	var wg sync.WaitGroup
	start := time.Now()
	for w := range callers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), uint64(len(prefix))))
			for range each {
				in := randomOp(rnd)
				from := time.Since(start)
				out, err := perform(t, c, prefix, in)
				to := time.Since(start)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				history = append(history, porcupine.Operation{ClientId: w, Input: in, Output: out, Call: int64(from), Return: int64(to)})
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return history
}

func randomOp(rnd *rand.Rand) op {
	kinds := []string{"read", "pair", "put", "swap", "swap", "both", "both"}
	return op{kind: kinds[rnd.IntN(len(kinds))], key: rnd.IntN(2), old: rnd.IntN(3), new: rnd.IntN(3)}
}

func perform(t *testing.T, c *dynamodb.Client, prefix string, o op) (answer, error) {
	names := [2]string{prefix + "0", prefix + "1"}
	switch o.kind {
	case "read":
		n, err := get(t.Context(), c, "tab", names[o.key], true)
		return answer{a: n}, err
	case "pair":
		return readPair(t, c, names)
	case "put":
		return answer{}, put(t.Context(), c, "tab", names[o.key], o.new)
	case "swap":
		_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("tab"), Key: keyOf(names[o.key]),
			UpdateExpression: aws.String("SET n = :new"), ConditionExpression: aws.String("n = :old"),
			ExpressionAttributeValues: item{":old": num(o.old), ":new": num(o.new)},
		})
		if _, failed := errors.AsType[*types.ConditionalCheckFailedException](err); failed {
			return answer{}, nil
		}
		return answer{ok: true}, err
	}
	var list []types.TransactWriteItem
	for _, pk := range names {
		list = append(list, types.TransactWriteItem{Update: &types.Update{
			TableName: aws.String("tab"), Key: keyOf(pk),
			UpdateExpression: aws.String("SET n = :new"), ConditionExpression: aws.String("n = :old"),
			ExpressionAttributeValues: item{":old": num(o.old), ":new": num(o.new)},
		}})
	}
	_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: list})
	if _, failed := errors.AsType[*types.TransactionCanceledException](err); failed {
		return answer{}, nil
	}
	return answer{ok: true}, err
}

func readPair(t *testing.T, c *dynamodb.Client, names [2]string) (answer, error) {
	var list []types.TransactGetItem
	for _, pk := range names {
		list = append(list, types.TransactGetItem{Get: &types.Get{TableName: aws.String("tab"), Key: keyOf(pk)}})
	}
	out, err := c.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: list})
	if err != nil {
		return answer{}, err
	}
	n := [2]int{-1, -1}
	for i, r := range out.Responses {
		if v, ok := r.Item["n"].(*types.AttributeValueMemberN); ok {
			if _, err := fmt.Sscan(v.Value, &n[i]); err != nil {
				return answer{}, err
			}
		}
	}
	return answer{a: n[0], b: n[1]}, nil
}
