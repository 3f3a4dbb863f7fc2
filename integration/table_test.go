package integration

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
)

func TestCreateTable(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) { // which has made it already
		out, err := s.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &s.table.Name})
		if err != nil {
			t.Fatal(err)
		}
		if out.Table.TableStatus != types.TableStatusActive || len(out.Table.GlobalSecondaryIndexes) != 2 {
			t.Errorf("the table is %s, with %d indexes", out.Table.TableStatus, len(out.Table.GlobalSecondaryIndexes))
		}
		for _, x := range out.Table.GlobalSecondaryIndexes {
			if x.Projection.ProjectionType != types.ProjectionTypeAll {
				t.Errorf("index %s projects %s", *x.IndexName, x.Projection.ProjectionType)
			}
		}

		put(t, s.orders, anOrder("1"))
		if err := repo.CreateTable(t.Context(), s, s.table, s.customers, s.orders); err != nil {
			t.Errorf("a second time: %v", err)
		}
		if s.row(t, "1") == nil {
			t.Error("an item is gone from the table that was there")
		}
	})
}

// A live table that is not as declared is told so, by both functions, in every respect at once.
func TestTableDiffers(t *testing.T) {
	onEveryStore(t, func(t *testing.T, s *store) {
		for _, c := range []struct {
			reason  string
			declare func(*repo.Table)
			want    []string // words of the one error
		}{
			{"as it is", func(*repo.Table) {}, nil},
			{"fewer indexes than there are", func(d *repo.Table) { d.Indexes = nil }, nil},
			{"an index more", func(d *repo.Table) { d.Indexes = append(d.Indexes, repo.Index{Name: "gsi3"}) }, []string{"gsi3"}},
			{"other attributes of an index", func(d *repo.Table) {
				d.Indexes[1] = repo.Index{Name: "gsi2", Hash: []string{"h"}, Range: []string{"r"}}
			}, []string{"gsi2", "h (HASH)"}},
			{"another primary key, and an index more", func(d *repo.Table) {
				d.Key = repo.Key{Hash: "left", Range: "right"}
				d.Indexes = append(d.Indexes, repo.Index{Name: "gsi3"})
			}, []string{"primary key", "gsi3"}},
		} {
			declared := s.table
			declared.Indexes = append([]repo.Index(nil), s.table.Indexes...)
			c.declare(&declared)
			customers := open[customer](t, s.server, declared) // which needs no index
			for name, check := range map[string]func() error{
				"VerifyTable": func() error { return repo.VerifyTable(t.Context(), s, declared, customers) },
				"CreateTable": func() error { return repo.CreateTable(t.Context(), s, declared, customers) },
			} {
				err := check()
				var schema *repo.SchemaError
				if (len(c.want) > 0) != errors.As(err, &schema) {
					t.Errorf("%s: %s: got %v, want a SchemaError with %q", c.reason, name, err, c.want)
					continue
				}
				for _, word := range c.want {
					if !strings.Contains(err.Error(), word) {
						t.Errorf("%s: %s: %v does not say %q", c.reason, name, err, word)
					}
				}
			}
		}
	})
}

func TestVerifyMissingTable(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{})
		var missing *types.ResourceNotFoundException
		if err := repo.VerifyTable(t.Context(), s, table, open[customer](t, s, table)); !errors.As(err, &missing) {
			t.Errorf("got %v, want the SDK's error in it", err)
		}
	})
}
