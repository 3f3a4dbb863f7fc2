package repo

import (
	"reflect"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/ast"
	"github.com/monotable/monotable/internal/schema"
)

// WithExpired is the repository whose reads show items that have expired and that DynamoDB has not deleted yet, which may take it
// days. See "Using time to live (TTL) in DynamoDB" in the AWS documentation.
func (r *Repository[T]) WithExpired() *Repository[T] {
	derived := *r
	derived.core.view.expired = true
	return &derived
}

// expired is the condition that an item's time has come, and alive that it has not.
func (e *entity) expired(now time.Time) *ast.Cond {
	return ast.Compare(ast.OpLe, e.pathOf(e.TTL), seconds(now))
}

func (e *entity) alive(now time.Time) *ast.Cond {
	at := e.pathOf(e.TTL)
	return ast.Or(ast.NotExists(at), ast.Compare(ast.OpGt, at, seconds(now)))
}

func seconds(t time.Time) ast.Operand {
	return ast.Value(&types.AttributeValueMemberN{Value: strconv.FormatInt(t.Unix(), 10)})
}

// hides reports whether a row has expired, in a view that does not show such rows.
func (r *core) hides(row item) bool {
	return !r.view.expired && r.entity.isExpired(row)
}

// isExpired reports whether a row of the entity has expired.
func (e *entity) isExpired(row item) bool {
	if e.TTL == nil {
		return false
	}
	av, _ := e.attribute(row, e.TTL.Leaf())
	n, ok := av.(*types.AttributeValueMemberN)
	if !ok {
		return false
	}
	at, err := strconv.ParseInt(n.Value, 10, 64)
	return err == nil && at <= e.table.Now().Unix()
}

// hiding is the condition by which reads leave expired items out.
func (r *core) hiding() []*ast.Cond {
	if r.entity.TTL == nil || r.view.expired {
		return nil
	}
	return []*ast.Cond{r.entity.alive(r.entity.table.Now())}
}

// valuesOf finds the fields of a value.
func (e *entity) valuesOf(root reflect.Value) func(*schema.Ref) (reflect.Value, bool, error) {
	return func(ref *schema.Ref) (reflect.Value, bool, error) { return e.canonical(ref, root) }
}
