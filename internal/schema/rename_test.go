package schema

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type renamed struct {
	_    struct{} `entity:"Order,was=Purchase,overlaps=Note,was=Sale" pk:"O#{ID}" sk:"O"`
	ID   string   `dynamodbav:"id" repo:"was=number"`
	Mail string   `dynamodbav:"email" repo:"was=mail,unique,was=address"`
	Note string   `dynamodbav:"note" repo:"was=Note"`
}

// back is what runs beside the old program and the new one: it writes the old names, and knows both.
type back struct {
	_    struct{} `entity:"Sale,was=Order,was=Sale" pk:"O#{ID}" sk:"O"`
	ID   string   `dynamodbav:"id"`
	Mail string   `dynamodbav:"address" repo:"was=email,was=address"`
	Text string   `dynamodbav:"text" repo:"was=note"`
}

func TestRenames(t *testing.T) {
	type names struct {
		Field string
		Was   []string
		First string
	}
	for _, c := range []struct {
		reason string
		typ    any
		want   names
		fields []names
	}{
		{"several names, the last one the oldest, among other options", renamed{}, names{"Order", []string{"Purchase", "Sale"}, "Sale"}, []names{
			{"ID", []string{"number"}, "number"}, {"Mail", []string{"mail", "address"}, "address"},
			{"Note", []string{"Note"}, "Note"}, // in another case than now
		}},
		{"the first name is back", back{}, names{"Sale", []string{"Order"}, "Sale"}, []names{
			{"Mail", []string{"email"}, "address"}, {"Text", []string{"note"}, "note"},
		}},
		{"none", struct {
			_  struct{} `entity:"Order" pk:"O#{ID}" sk:"O"`
			ID string
		}{}, names{"Order", nil, "Order"}, nil},
	} {
		e, err := EntityOf(reflect.TypeOf(c.typ))
		if err != nil {
			t.Fatalf("%s: %v", c.reason, err)
		}
		if diff := cmp.Diff(c.want, names{e.Name, e.Was, e.First}); diff != "" {
			t.Errorf("%s: the entity: -want +got\n%s", c.reason, diff)
		}
		var fields []names
		for _, r := range e.Renames {
			fields = append(fields, names{r.Ref.Path, r.Was, r.First})
		}
		if diff := cmp.Diff(c.fields, fields); diff != "" {
			t.Errorf("%s: the fields: -want +got\n%s", c.reason, diff)
		}
	}
}
