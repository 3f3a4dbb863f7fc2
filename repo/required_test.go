package repo_test

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

type parcel struct {
	_ struct{} `entity:"Parcel" pk:"PARCEL#{ID}" sk:"PARCEL"`

	ID    string   `dynamodbav:"id"`
	Ship  *address `dynamodbav:"ship,omitempty" repo:"required"`
	Lines []line   `dynamodbav:"lines" repo:"required"`
	Code  string   `dynamodbav:"code" repo:"required"`
}

// A required field may change in parts; only the whole of it must not be emptied.
func TestRequiredFieldsInUpdates(t *testing.T) {
	parcels := repo.Must(repo.New[parcel](&calls{}, shopTable))
	ship := expr.Field(func(p *parcel) **address { return &p.Ship })
	zip := expr.String(func(p *parcel) *string { return &p.Ship.Zip })
	lines := expr.List(func(p *parcel) *[]line { return &p.Lines })
	code := expr.String(func(p *parcel) *string { return &p.Code })
	for _, c := range []struct {
		reason string
		change expr.Update[parcel]
		want   error
	}{
		{"a part is removed", zip.Remove(), nil},
		{"a part is set to what the tags leave out", zip.Set(""), nil},
		{"an element is removed", lines.At(0).Remove(), nil},
		{"an element is appended", lines.Append(line{}), nil},
		{"set", code.Set("x"), nil},
		{"set where there is none", code.SetIfNotExists("x"), nil},
		{"set empty", code.Set(""), repo.ErrInvalidValue},
		{"set empty where there is none", code.SetIfNotExists(""), repo.ErrInvalidValue},
		{"removed", code.Remove(), repo.ErrInvalidValue},
		{"a pointer set to nil", ship.Set(nil), repo.ErrInvalidValue},
		{"a struct removed", ship.Remove(), repo.ErrInvalidValue},
		{"a list set to nil", lines.Set(nil), repo.ErrInvalidValue},
		{"a list set to one without elements", lines.Set([]line{}), repo.ErrInvalidValue},
	} {
		if _, err := parcels.UpdateWrite(parcel{ID: "p"}, c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.reason, err, c.want)
		}
	}
}
