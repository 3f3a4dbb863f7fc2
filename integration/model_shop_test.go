package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The online shop of the AWS samples. Many of its ids are in keys alone; here each is a field, so that the tags can make the keys.

type shopCustomer struct {
	_ struct{} `entity:"customer" pk:"c#{ID}" sk:"c#{ID}"`

	ID    string `dynamodbav:"CustomerID"`
	Email string `dynamodbav:"Email"`
	Name  string `dynamodbav:"Name"`
}

type shopProduct struct {
	_ struct{} `entity:"product" pk:"p#{ID}" sk:"p#{ID}"`

	ID     string     `dynamodbav:"ProductID"`
	Price  int        `dynamodbav:"Price,string"`
	Detail shopDetail `dynamodbav:"Detail"`
}

type shopDetail struct {
	Name        string `dynamodbav:"Name"`
	Description string `dynamodbav:"Description"`
}

type shopAddress struct {
	Country string `dynamodbav:"Country"`
	County  string `dynamodbav:"County"`
	City    string `dynamodbav:"City"`
	Street  string `dynamodbav:"Street"`
	Number  string `dynamodbav:"Number"`
	ZipCode string `dynamodbav:"ZipCode"`
}

type shopWarehouse struct {
	_ struct{} `entity:"warehouse" pk:"w#{ID}" sk:"w#{ID}"`

	ID      string      `dynamodbav:"WarehouseID"`
	Address shopAddress `dynamodbav:"Address"`
}

type shopStock struct {
	_ struct{} `entity:"warehouseItem" pk:"p#{ProductID}" sk:"w#{WarehouseID}"`
	_ struct{} `index:"GSI2" pk:"w#{WarehouseID}" sk:"p#{ProductID}"`

	ProductID   string `dynamodbav:"ProductID"`
	WarehouseID string `dynamodbav:"WarehouseID"`
	Quantity    int    `dynamodbav:"Quantity,string"`
}

type shopOrder struct {
	_ struct{} `entity:"order" pk:"o#{ID}" sk:"c#{CustomerID}"`

	ID         string `dynamodbav:"OrderID"`
	CustomerID string `dynamodbav:"CustomerID"`
	Date       string `dynamodbav:"Date"`
}

type shopOrderItem struct {
	_ struct{} `entity:"orderItem" pk:"o#{OrderID}" sk:"p#{ProductID}"`
	_ struct{} `index:"GSI1" pk:"p#{ProductID}" sk:"{Date}"`
	_ struct{} `index:"GSI2" pk:"c#{CustomerID}" sk:"p#{Date}"`

	OrderID    string `dynamodbav:"OrderID"`
	ProductID  string `dynamodbav:"ProductID"`
	CustomerID string `dynamodbav:"CustomerID" repo:"required"`
	Date       string `dynamodbav:"Date" repo:"required"`
	Quantity   int    `dynamodbav:"Quantity,string"`
	Price      int    `dynamodbav:"Price,string"`
}

type shopInvoice struct {
	_ struct{} `entity:"invoice" pk:"o#{OrderID}" sk:"i#{ID}"`
	_ struct{} `index:"GSI1" pk:"i#{ID}" sk:"i#{ID}"`
	_ struct{} `index:"GSI2" pk:"c#{CustomerID}" sk:"i#{Date}"`

	OrderID    string       `dynamodbav:"OrderID"`
	ID         string       `dynamodbav:"InvoiceID"`
	CustomerID string       `dynamodbav:"CustomerID" repo:"required"`
	Date       string       `dynamodbav:"Date" repo:"required"`
	Amount     int          `dynamodbav:"Amount,string"`
	Detail     shopPayments `dynamodbav:"Detail"`
}

type shopPayments struct {
	Payments []struct {
		Type   string `dynamodbav:"Type"`
		Amount int    `dynamodbav:"Amount"`
		Data   string `dynamodbav:"Data"`
	} `dynamodbav:"Payments"`
}

type shopShipment struct {
	_ struct{} `entity:"shipment" pk:"o#{OrderID}" sk:"sh#{ID}"`
	_ struct{} `index:"GSI1" pk:"sh#{ID}" sk:"sh#{ID}"`
	_ struct{} `index:"GSI2" pk:"w#{WarehouseID}" sk:"sh#{ID}"`

	OrderID     string      `dynamodbav:"OrderID"`
	ID          string      `dynamodbav:"ShipmentID"`
	WarehouseID string      `dynamodbav:"WarehouseID" repo:"required"`
	Address     shopAddress `dynamodbav:"Address"`
	Type        string      `dynamodbav:"Type"`
	Date        string      `dynamodbav:"Date"`
}

type shopShipmentItem struct {
	_ struct{} `entity:"shipmentItem" pk:"o#{OrderID}" sk:"shp#{ID}"`
	_ struct{} `index:"GSI1" pk:"sh#{ShipmentID}" sk:"p#{ProductID}"`

	OrderID    string `dynamodbav:"OrderID"`
	ID         string `dynamodbav:"ShipmentItemID"`
	ShipmentID string `dynamodbav:"ShipmentID" repo:"required"`
	ProductID  string `dynamodbav:"ProductID" repo:"required"`
	Quantity   int    `dynamodbav:"Quantity,string"`
}

type shopPayment struct {
	_ struct{} `entity:"payment" pk:"o#{OrderID}" sk:"pmn#{ID}"`
	_ struct{} `index:"GSI1" pk:"i#{InvoiceID}" sk:"pmn#{ID}"`

	OrderID   string `dynamodbav:"OrderID"`
	ID        string `dynamodbav:"PaymentID"`
	InvoiceID string `dynamodbav:"InvoiceID" repo:"required"`
	Type      string `dynamodbav:"Type"`
	Amount    int    `dynamodbav:"Amount,string"`
	Date      string `dynamodbav:"Date"`
}

var (
	stockProduct      = expr.String(func(v *shopStock) *string { return &v.ProductID })
	stockWarehouse    = expr.String(func(v *shopStock) *string { return &v.WarehouseID })
	orderItemOrder    = expr.String(func(v *shopOrderItem) *string { return &v.OrderID })
	orderItemProduct  = expr.String(func(v *shopOrderItem) *string { return &v.ProductID })
	orderItemCustomer = expr.String(func(v *shopOrderItem) *string { return &v.CustomerID })
	orderItemDate     = expr.String(func(v *shopOrderItem) *string { return &v.Date })
	invoiceOrder      = expr.String(func(v *shopInvoice) *string { return &v.OrderID })
	invoiceID         = expr.String(func(v *shopInvoice) *string { return &v.ID })
	invoiceCustomer   = expr.String(func(v *shopInvoice) *string { return &v.CustomerID })
	invoiceDate       = expr.String(func(v *shopInvoice) *string { return &v.Date })
	shipmentOrder     = expr.String(func(v *shopShipment) *string { return &v.OrderID })
	shipmentWarehouse = expr.String(func(v *shopShipment) *string { return &v.WarehouseID })
)

func TestModelOnlineShop(t *testing.T) {
	m := readModel(t, "online-shop.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "EntityType",
			Indexes: []repo.Index{
				{Name: "GSI1", Hash: []string{"GSI1-PK"}, Range: []string{"GSI1-SK"}},
				{Name: "GSI2", Hash: []string{"GSI2-PK"}, Range: []string{"GSI2-SK"}},
			},
		})
		customers, products, warehouses := open[shopCustomer](t, s, table), open[shopProduct](t, s, table), open[shopWarehouse](t, s, table)
		stock, orders, orderItems := open[shopStock](t, s, table), open[shopOrder](t, s, table), open[shopOrderItem](t, s, table)
		invoices, shipments := open[shopInvoice](t, s, table), open[shopShipment](t, s, table)
		shipmentItems, payments := open[shopShipmentItem](t, s, table), open[shopPayment](t, s, table)
		s.create(t, table, customers, products, warehouses, stock, orders, orderItems, invoices, shipments, shipmentItems, payments)

		loading := &shopLoading{model: m, left: map[string]int{}}
		for _, r := range append(m.Items, m.ExtraItems...) {
			loading.left[r.text("EntityType")]++
		}
		loadShop(t, loading, "customer", customers, func(v *shopCustomer, r row) { v.ID = r.id("PK") })
		loadShop(t, loading, "product", products, func(v *shopProduct, r row) { v.ID = r.id("PK") })
		loadShop(t, loading, "warehouse", warehouses, func(v *shopWarehouse, r row) { v.ID = r.id("PK") })
		loadShop(t, loading, "warehouseItem", stock, func(v *shopStock, r row) { v.ProductID, v.WarehouseID = r.id("PK"), r.id("SK") })
		loadShop(t, loading, "order", orders, func(v *shopOrder, r row) { v.ID, v.CustomerID = r.id("PK"), r.id("SK") })
		loadShop(t, loading, "orderItem", orderItems, func(v *shopOrderItem, r row) {
			v.OrderID, v.ProductID, v.CustomerID, v.Date = r.id("PK"), r.id("SK"), r.id("GSI2-PK"), r.text("GSI1-SK")
		})
		loadShop(t, loading, "invoice", invoices, func(v *shopInvoice, r row) { v.OrderID, v.ID, v.CustomerID = r.id("PK"), r.id("SK"), r.id("GSI2-PK") })
		loadShop(t, loading, "shipment", shipments, func(v *shopShipment, r row) { v.OrderID, v.ID, v.WarehouseID = r.id("PK"), r.id("SK"), r.id("GSI2-PK") })
		loadShop(t, loading, "shipmentItem", shipmentItems, func(v *shopShipmentItem, r row) {
			v.OrderID, v.ID, v.ShipmentID, v.ProductID = r.id("PK"), r.id("SK"), r.id("GSI1-PK"), r.id("GSI1-SK")
		})
		loadShop(t, loading, "payment", payments, func(v *shopPayment, r row) { v.OrderID, v.ID, v.InvoiceID = r.id("PK"), r.id("SK"), r.id("GSI1-PK") })
		for entity, n := range loading.left {
			if n != 0 {
				t.Errorf("%d rows of %q were not loaded", n, entity)
			}
		}
		if loading.repaired != 1 {
			t.Errorf("%d rows got index keys that their source lacks, want 1", loading.repaired)
		}
		m.expectIndexed(t, s, table, map[string]int{"GSI2": loading.repaired})

		m.expectAnswers(t, answers{
			"customer":               byGet(customers, shopCustomer{ID: "12345"}),
			"product":                byGet(products, shopProduct{ID: "12345"}),
			"warehouse":              byGet(warehouses, shopWarehouse{ID: "12345"}),
			"inventory-of-product":   byQuery(stock, stock.Query(stockProduct.Eq("99887"))),
			"order-products":         byQuery(orderItems, orderItems.Query(orderItemOrder.Eq("12345"))),
			"order-invoice":          byQuery(invoices, invoices.Query(invoiceOrder.Eq("12345"))),
			"order-shipments":        byQuery(shipments, shipments.Query(shipmentOrder.Eq("12345"))),
			"orders-of-product":      byQuery(orderItems, orderItems.Query(orderItemProduct.Eq("99887"), orderItemDate.Between("2020-06-21T00:00:00", "2020-06-21T23:59:00"))),
			"invoice":                byQuery(invoices, invoices.Query(invoiceID.Eq("55443"))),
			"payments-of-invoice":    byQuery(invoices, invoices.Query(invoiceID.Eq("55443"))), // which holds them
			"shipments-of-warehouse": byQuery(shipments, shipments.Query(shipmentWarehouse.Eq("12345"))),
			"inventory-of-warehouse": byQuery(stock, stock.Query(stockWarehouse.Eq("12345"))),
			"invoices-of-customer":   byQuery(invoices, invoices.Query(invoiceCustomer.Eq("12345"), invoiceDate.Between("2020-06-15", "2020-06-30"))),
			"products-of-customer":   byQuery(orderItems, orderItems.Query(orderItemCustomer.Eq("12345"), orderItemDate.Between("2020-06-15", "2020-06-30"))),
			"order-all": byPartition(orders.Partition(shopOrder{ID: "12345"}), "",
				kind(orders), kind(orderItems), kind(invoices), kind(shipments), kind(shipmentItems), kind(payments)),
			"shipment-detail": byPartition(shipments.IndexPartition("GSI1", shopShipment{ID: "98765"}), "GSI1", kind(shipments), kind(shipmentItems)),
		})
	})
}

// shopLoading is what is left to load, by entity, and how many rows got index keys that their source lacks.
type shopLoading struct {
	model    *model
	left     map[string]int
	repaired int
}

// loadShop makes values of the rows of one entity, compares what they are encoded as with the rows, and stores them. Rows that are
// not in the answers are only compared.
func loadShop[T any](t *testing.T, l *shopLoading, entity string, r *repo.Repository[T], ids func(*T, row)) {
	t.Helper()
	for n, source := range append(l.model.Items, l.model.ExtraItems...) {
		if source.text("EntityType") != entity {
			continue
		}
		v, err := r.Decode(item(source))
		if err != nil {
			t.Fatal(err)
		}
		ids(&v, source)
		encoded, err := r.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		var but map[string]string
		if entity == "warehouseItem" && source["GSI2-PK"] == nil {
			but = map[string]string{"GSI2-PK": writtenValue(source["SK"]), "GSI2-SK": writtenValue(source["PK"])}
			l.repaired++
		}
		l.model.expectRow(t, encoded, source, but)
		if n < len(l.model.Items) {
			put(t, r, v)
		}
		l.left[entity]--
	}
}
