package repo

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
)

type forged struct {
	_ struct{} `entity:"Forged" pk:"TENANT#{Tenant}" sk:"ROW#{ID}"`
	_ struct{} `index:"gsi1" pk:"KIND#{Kind}" sk:"K#{ID}"`

	Tenant string `dynamodbav:"tenant"`
	ID     string `dynamodbav:"id"`
	Kind   string `dynamodbav:"kind" repo:"required"`
}

// silent is a client that must not be used.
type silent struct{ Client }

// A cursor is readable, and who reads one can make others with a checksum that fits. None leads out of the query.
func TestForgedCursorsStayWithinTheQuery(t *testing.T) {
	tenant := expr.String(func(f *forged) *string { return &f.Tenant })
	id := expr.String(func(f *forged) *string { return &f.ID })
	kind := expr.String(func(f *forged) *string { return &f.Kind })
	r := Must(New[forged](silent{}, Table{Name: "forged", Indexes: []Index{{Name: "gsi1"}}}))
	s := func(text string) *types.AttributeValueMemberS { return &types.AttributeValueMemberS{Value: text} }
	for _, c := range []struct {
		reason string
		q      Query[forged]
		start  item
	}{
		{"another tenant", r.Query(tenant.Eq("a")), item{"pk": s("TENANT#b"), "sk": s("ROW#1")}},
		{"another entity of the tenant", r.Query(tenant.Eq("a")), item{"pk": s("TENANT#a"), "sk": s("SECRET#1")}},
		{"before the prefix", r.Query(tenant.Eq("a")), item{"pk": s("TENANT#a"), "sk": s("A")}},
		{"below a range", r.Query(tenant.Eq("a"), id.Ge("m")), item{"pk": s("TENANT#a"), "sk": s("ROW#a")}},
		{"above a range", r.Query(tenant.Eq("a"), id.Le("m")), item{"pk": s("TENANT#a"), "sk": s("ROW#z")}},
		{"another item than the one", r.Query(tenant.Eq("a"), id.Eq("m")), item{"pk": s("TENANT#a"), "sk": s("ROW#z")}},
		{"outside a prefix", r.Query(tenant.Eq("a"), id.HasPrefix("m")), item{"pk": s("TENANT#a"), "sk": s("ROW#n")}},
		{"another partition of the index", r.Query(kind.Eq("k")), item{"pk": s("TENANT#a"), "sk": s("ROW#1"), "gsi1pk": s("KIND#l"), "gsi1sk": s("K#1")}},
		{"another part of the index", r.Query(kind.Eq("k")), item{"pk": s("TENANT#a"), "sk": s("ROW#1"), "gsi1pk": s("KIND#k"), "gsi1sk": s("L#1")}},
		{"a key that is not there", r.Query(kind.Eq("k")), item{"pk": s("TENANT#a"), "sk": s("ROW#1")}},
	} {
		read, err := c.q.query.reading()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.q.Page(context.Background(), read.seal(position{start: c.start})); !errors.Is(err, ErrInvalidCursor) {
			t.Errorf("%s: %v", c.reason, err)
		}
	}
}
