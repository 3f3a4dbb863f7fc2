package integration

import (
	"strconv"
	"strings"
	"testing"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The invoices and bills of the AWS labs: an adjacency list in both directions, with an index over the table's sort key alone. Its
// source is a list of puts, of which later ones replace earlier ones.

type ledgerInvoice struct {
	_ struct{} `entity:"Invoice" pk:"I#{ID|plain}" sk:"root"`
	_ struct{} `index:"GSI_1"`

	ID      int    `dynamodbav:"Invoice"`
	Date    string `dynamodbav:"InvoiceDate"`
	Balance string `dynamodbav:"InvoiceBalance"`
	Status  string `dynamodbav:"InvoiceStatus"`
	DueDate string `dynamodbav:"InvoiceDueDate"`
}

type ledgerCustomer struct {
	_ struct{} `entity:"InvoiceCustomer" pk:"I#{Invoice|plain}" sk:"C#{Customer|plain}"`
	_ struct{} `index:"GSI_1"`

	Invoice  int `dynamodbav:"Invoice"`
	Customer int `dynamodbav:"Customer"`
}

type ledgerBill struct {
	_ struct{} `entity:"InvoiceBill" pk:"I#{Invoice|plain}" sk:"B#{Bill|plain}"`
	_ struct{} `index:"GSI_1"`

	Invoice int    `dynamodbav:"Invoice"`
	Bill    int    `dynamodbav:"Bill"`
	Amount  string `dynamodbav:"BillAmount"`
	Balance string `dynamodbav:"BillBalance"`
}

type ledgerOfCustomer struct {
	_ struct{} `entity:"CustomerInvoice" pk:"C#{Customer|plain}" sk:"I#{Invoice|plain}"`
	_ struct{} `index:"GSI_1"`

	Customer int    `dynamodbav:"Customer"`
	Invoice  int    `dynamodbav:"Invoice"`
	Name     string `dynamodbav:"CustomerName"`
	State    string `dynamodbav:"State"`
}

type ledgerOfBill struct {
	_ struct{} `entity:"BillInvoice" pk:"B#{Bill|plain}" sk:"I#{Invoice|plain}"`
	_ struct{} `index:"GSI_1"`

	Bill    int    `dynamodbav:"Bill"`
	Invoice int    `dynamodbav:"Invoice"`
	DueDate string `dynamodbav:"BillDueDate"`
	Amount  string `dynamodbav:"BillAmount"`
}

var (
	ledgerCustomerIs = expr.Number(func(v *ledgerCustomer) *int { return &v.Customer })
	ledgerBillIs     = expr.Number(func(v *ledgerBill) *int { return &v.Bill })
)

func TestModelInvoiceAndBills(t *testing.T) {
	m := readModel(t, "invoice-and-bills.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "-",
			Indexes: []repo.Index{{Name: "GSI_1", Hash: []string{"SK"}}},
		})
		invoices, customersOf, billsOf := open[ledgerInvoice](t, s, table), open[ledgerCustomer](t, s, table), open[ledgerBill](t, s, table)
		byCustomer, byBill := open[ledgerOfCustomer](t, s, table), open[ledgerOfBill](t, s, table)
		s.create(t, table, invoices, customersOf, billsOf, byCustomer, byBill)
		expectVerified(t, s, table, invoices, customersOf, billsOf, byCustomer, byBill)

		id := func(text string) int {
			_, digits, _ := strings.Cut(text, "#")
			n, err := strconv.Atoi(digits)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		puts := 0
		puts += putRows(t, m, invoices, func(r []string) ledgerInvoice {
			return ledgerInvoice{ID: id(r[0]), Date: r[1], Balance: r[2], Status: r[3], DueDate: r[4]}
		})
		puts += putRows(t, m, customersOf, func(r []string) ledgerCustomer { return ledgerCustomer{Invoice: id(r[0]), Customer: id(r[9])} })
		puts += putRows(t, m, billsOf, func(r []string) ledgerBill {
			return ledgerBill{Invoice: id(r[0]), Bill: id(r[5]), Amount: r[7], Balance: r[8]}
		})
		puts += putRows(t, m, byCustomer, func(r []string) ledgerOfCustomer {
			return ledgerOfCustomer{Customer: id(r[9]), Invoice: id(r[0]), Name: r[10], State: r[11]}
		})
		puts += putRows(t, m, byBill, func(r []string) ledgerOfBill {
			return ledgerOfBill{Bill: id(r[5]), Invoice: id(r[0]), DueDate: r[6], Amount: r[7]}
		})
		if puts != m.RawPuts {
			t.Errorf("%d puts, want %d", puts, m.RawPuts)
		}
		m.expectStored(t, s, table)
		m.expectIndexed(t, s, table, nil)

		collection := invoices.Partition(ledgerInvoice{ID: 1420})
		m.expectAnswers(t, answers{
			"invoice":              byPartition(collection, "", kind(invoices), kind(customersOf), kind(billsOf)),
			"invoices-of-customer": byQuery(customersOf, customersOf.Query(ledgerCustomerIs.Eq(1249))),
			"invoices-of-bill":     byQuery(billsOf, billsOf.Query(ledgerBillIs.Eq(3392))),
			"all-invoice-roots":    byQuery(invoices, invoices.Query()),
		})

		// The same in one read, by kind.
		var root ledgerInvoice
		var customers []ledgerCustomer
		var bills []ledgerBill
		if err := collection.Load(t.Context(), repo.One(invoices, &root), repo.Many(customersOf, &customers), repo.Many(billsOf, &bills)); err != nil {
			t.Fatal(err)
		}
		if root.ID != 1420 || len(customers) != 1 || len(bills) != 2 || bills[0].Bill != 2485 || bills[1].Bill != 2823 {
			t.Errorf("loaded %+v, %+v, %+v", root, customers, bills)
		}
	})
}

// putRows stores what an entity makes of each source row, in order: the last one of a key stays.
func putRows[T any](t *testing.T, m *model, r *repo.Repository[T], value func([]string) T) (puts int) {
	t.Helper()
	err := batch.New(r, batch.Options{}).PutSeq(t.Context(), func(yield func(T, error) bool) {
		for _, source := range m.RawRows {
			puts++
			if !yield(value(source), nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return puts
}
