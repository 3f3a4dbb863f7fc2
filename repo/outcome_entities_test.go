package repo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// The entities of the outcome tests: a plain one, one with a version, one with a unique field, and one with all other roles.

type meter struct {
	_ struct{} `entity:"Meter" pk:"METER#{ID}" sk:"METER"`

	ID    string `dynamodbav:"id"`
	State string `dynamodbav:"state"`
	N     int    `dynamodbav:"n"`
}

type deed struct {
	_ struct{} `entity:"Deed" pk:"DEED#{ID}" sk:"DEED"`

	ID      string `dynamodbav:"id"`
	N       int    `dynamodbav:"n"`
	Version int64  `dynamodbav:"version" repo:"version"`
}

type patron struct {
	_ struct{} `entity:"Patron" pk:"PATRON#{ID}" sk:"PATRON"`

	ID    string `dynamodbav:"id"`
	Email string `dynamodbav:"email" repo:"unique"`
	N     int    `dynamodbav:"n"`
}

var (
	meterID    = expr.String(func(m *meter) *string { return &m.ID })
	meterState = expr.String(func(m *meter) *string { return &m.State })
	meterN     = expr.Number(func(m *meter) *int { return &m.N })
	deedN      = expr.Number(func(d *deed) *int { return &d.N })
	patronMail = expr.String(func(p *patron) *string { return &p.Email })
	patronN    = expr.Number(func(p *patron) *int { return &p.N })
)

// books are the repositories of one engine.
type books struct {
	engine  *repotest.Engine
	client  *dynamodb.Client
	meters  *repo.Repository[meter]
	deeds   *repo.Repository[deed]
	patrons *repo.Repository[patron]
}

// openBooks makes an engine with their table; the client may be wrapped by an option of its own.
func openBooks(t *testing.T, writeID string, options ...func(*dynamodb.Options)) books {
	t.Helper()
	engine := repotest.New()
	c := dynamodb.New(engine.Client().Options(), options...)
	table := repo.Table{Name: "books", WriteID: writeID}
	b := books{engine, c, repo.Must(repo.New[meter](c, table)), repo.Must(repo.New[deed](c, table)), repo.Must(repo.New[patron](c, table))}
	if err := repo.CreateTable(t.Context(), engine.Client(), table, b.meters, b.deeds, b.patrons); err != nil {
		t.Fatal(err)
	}
	return b
}

// rows are all rows of the table, read past every fault.
func (b books) rows(t *testing.T) []row {
	t.Helper()
	return tableRows(t, b.engine, "books")
}

func tableRows(t *testing.T, engine *repotest.Engine, table string) []row {
	t.Helper()
	engine.Heal()
	var out []row
	p := dynamodb.NewScanPaginator(engine.Client(), &dynamodb.ScanInput{TableName: aws.String(table)})
	for p.HasMorePages() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, page.Items...)
	}
	return out
}

// cell is an attribute as text; "" where it is not there.
func cell(r row, name string) string {
	switch v := r[name].(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	}
	return ""
}

// guardOwners are the partition keys of those that hold unique values, by value.
func guardOwners(t *testing.T, rows []row) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, r := range rows {
		value, is := strings.CutPrefix(cell(r, "pk"), "$UNIQUE#Patron#email#")
		if !is {
			continue
		}
		owner, _ := r["_owner"].(*types.AttributeValueMemberL)
		if owner == nil {
			t.Fatalf("a guard without an owner: %v", r)
		}
		out[value] = owner.Value[0].(*types.AttributeValueMemberS).Value
	}
	return out
}

// checkGuards compares guards and live values, one to one.
func checkGuards(t *testing.T, reason string, rows []row) {
	t.Helper()
	guards := guardOwners(t, rows)
	for _, r := range rows {
		if cell(r, "_type") != "Patron" {
			continue
		}
		if owner := guards[cell(r, "email")]; owner != cell(r, "pk") {
			t.Errorf("%s: the guard of a live value is owned by %q, not by %q", reason, owner, cell(r, "pk"))
		}
		delete(guards, cell(r, "email"))
	}
	if len(guards) > 0 {
		t.Errorf("%s: guards without a value: %v", reason, guards)
	}
}

// only drops a value.
func only[T any](_ T, err error) error { return err }

// sentinels of the package, those that a call may not answer to by mistake included.
var sentinels = []error{
	repo.ErrNotFound, repo.ErrAlreadyExists, repo.ErrConditionFailed, repo.ErrIncompleteKey, repo.ErrInvalidKey, repo.ErrInvalidValue, repo.ErrStaleIndex,
	repo.ErrImmutable, repo.ErrEmptyUpdate, repo.ErrTooLarge, repo.ErrWrongEntity, repo.ErrVersionConflict, repo.ErrNotUnique, repo.ErrConflict, repo.ErrOutcomeUnknown,
	errors.ErrUnsupported,
}

// errPlain stands for an error that is none of the sentinels.
var errPlain = errors.New("an error of the service")

// answersTo reports whether an error answers to one sentinel and to no other.
func answersTo(err, want error) bool {
	if want == nil || err == nil {
		return want == nil && err == nil
	}
	for _, s := range sentinels {
		if errors.Is(err, s) != errors.Is(want, s) {
			return false
		}
	}
	return true
}

// later is a context that outlasts every budget.
func later(t *testing.T) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), time.Hour)
}
