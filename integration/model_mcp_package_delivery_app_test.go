package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Warehouses, couriers and shipments. Keys are the fields themselves, several of them in most indexes, which hold a part of the
// attributes; the sort key of warehouses is text, and a part of the key of an index too.

type packageRecipient struct {
	_ struct{} `entity:"RECIPIENT" hash:"ID"`

	ID        string `dynamodbav:"recipient_id"`
	Name      string `dynamodbav:"name"`
	Email     string `dynamodbav:"email"`
	Phone     string `dynamodbav:"phone"`
	City      string `dynamodbav:"city"`
	CreatedAt string `dynamodbav:"created_at"`
}

type packageCourier struct {
	_ struct{} `entity:"COURIER" hash:"ID"`

	ID        string `dynamodbav:"courier_id"`
	Name      string `dynamodbav:"name"`
	Email     string `dynamodbav:"email"`
	Phone     string `dynamodbav:"phone"`
	City      string `dynamodbav:"city"`
	Vehicle   string `dynamodbav:"vehicle_type"`
	CreatedAt string `dynamodbav:"created_at"`
}

type packageWarehouse struct {
	_ struct{} `entity:"PROFILE" hash:"ID" sk:"PROFILE"`
	_ struct{} `index:"WarehousesByCity" hash:"City" range:"Category,Rating"`
	_ struct{} `index:"WarehousesByName" hash:"City" range:"Name"`

	ID             string  `dynamodbav:"warehouse_id"`
	Name           string  `dynamodbav:"name" repo:"required"`
	Address        string  `dynamodbav:"address,omitempty"`
	City           string  `dynamodbav:"city" repo:"required"`
	Category       string  `dynamodbav:"category" repo:"required"`
	Rating         float64 `dynamodbav:"rating" repo:"required"`
	ProcessingTime int     `dynamodbav:"processing_time"`
	CreatedAt      string  `dynamodbav:"created_at,omitempty"`
}

type packageProduct struct {
	_ struct{} `entity:"MENU" hash:"WarehouseID" sk:"MENU#{Category}#{ID}"`
	_ struct{} `index:"ProductsByCategory"` // of city, category and the table's sort key

	WarehouseID string  `dynamodbav:"warehouse_id"`
	ID          string  `dynamodbav:"product_id"`
	Category    string  `dynamodbav:"category" repo:"required"`
	Description string  `dynamodbav:"description"`
	Price       float64 `dynamodbav:"price"`
	Available   bool    `dynamodbav:"available"`
	City        string  `dynamodbav:"city" repo:"required"`
}

type packageRating struct {
	_ struct{} `entity:"REVIEW" hash:"WarehouseID" sk:"REVIEW#{CreatedAt}#{ID}"`

	WarehouseID   string `dynamodbav:"warehouse_id"`
	ID            string `dynamodbav:"rating_id"`
	RecipientName string `dynamodbav:"recipient_name"`
	Feedback      string `dynamodbav:"feedback"`
	Score         int    `dynamodbav:"score"`
	CreatedAt     string `dynamodbav:"created_at"`
}

type packageShipment struct {
	_ struct{} `entity:"SHIPMENT" hash:"ID"`
	_ struct{} `index:"ShipmentsByRecipient" hash:"RecipientID" range:"Status,CreatedAt"`
	_ struct{} `index:"ShipmentsByWarehouse" hash:"WarehouseID" range:"Status,CreatedAt"`
	_ struct{} `index:"ShipmentsByCourier" hash:"CourierID" range:"Status,CreatedAt"`
	_ struct{} `index:"AvailableShipmentsByCity" hash:"AvailableCity" range:"CreatedAt"`
	_ struct{} `index:"CourierActiveDelivery" hash:"ActiveDelivery"`

	ID             string          `dynamodbav:"shipment_id"`
	RecipientID    string          `dynamodbav:"recipient_id,omitempty"`
	WarehouseID    string          `dynamodbav:"warehouse_id,omitempty"`
	WarehouseName  string          `dynamodbav:"warehouse_name,omitempty"`
	RecipientName  string          `dynamodbav:"recipient_name,omitempty"`
	Status         string          `dynamodbav:"status,omitempty"`
	Packages       []packageParcel `dynamodbav:"packages"`
	TotalWeight    *float64        `dynamodbav:"total_weight"`
	Destination    string          `dynamodbav:"destination_address,omitempty"`
	Origin         string          `dynamodbav:"origin_address,omitempty"`
	CreatedAt      string          `dynamodbav:"created_at,omitempty"`
	UpdatedAt      string          `dynamodbav:"updated_at,omitempty"`
	CourierID      string          `dynamodbav:"courier_id,omitempty"`
	AvailableCity  string          `dynamodbav:"available_city,omitempty"`
	ActiveDelivery string          `dynamodbav:"active_delivery,omitempty"`
}

type packageParcel struct {
	Name      string  `dynamodbav:"name"`
	ProductID string  `dynamodbav:"product_id"`
	Quantity  int     `dynamodbav:"qty"`
	Weight    float64 `dynamodbav:"weight"`
}

var (
	packageCity            = expr.String(func(v *packageWarehouse) *string { return &v.City })
	packageCategory        = expr.String(func(v *packageWarehouse) *string { return &v.Category })
	packageRatingOf        = expr.Number(func(v *packageWarehouse) *float64 { return &v.Rating })
	packageName            = expr.String(func(v *packageWarehouse) *string { return &v.Name })
	packageProcessing      = expr.Number(func(v *packageWarehouse) *int { return &v.ProcessingTime })
	packageProductPlace    = expr.String(func(v *packageProduct) *string { return &v.WarehouseID })
	packageProductCity     = expr.String(func(v *packageProduct) *string { return &v.City })
	packageProductCategory = expr.String(func(v *packageProduct) *string { return &v.Category })
	packageRatingPlace     = expr.String(func(v *packageRating) *string { return &v.WarehouseID })
	packageRatingCreated   = expr.String(func(v *packageRating) *string { return &v.CreatedAt })
	packageRecipientID     = expr.String(func(v *packageShipment) *string { return &v.RecipientID })
	packageWarehouseID     = expr.String(func(v *packageShipment) *string { return &v.WarehouseID })
	packageCourierID       = expr.String(func(v *packageShipment) *string { return &v.CourierID })
	packageStatus          = expr.String(func(v *packageShipment) *string { return &v.Status })
	packageAvailable       = expr.String(func(v *packageShipment) *string { return &v.AvailableCity })
	packageActive          = expr.String(func(v *packageShipment) *string { return &v.ActiveDelivery })
)

func TestModelMCPPackageDeliveryApp(t *testing.T) {
	testMCP(t, "package_delivery_app", "package_delivery", func(t *testing.T, d *mcpDesign) {
		untyped := func(hash, rng string, indexes ...repo.Index) repo.Table {
			return uniqueTable(t, repo.Table{Key: repo.Key{Hash: hash, Range: rng}, TypeAttribute: "-", Indexes: indexes})
		}
		recipientTable, courierTable := untyped("recipient_id", ""), untyped("courier_id", "")
		warehouseTable := untyped("warehouse_id", "sort_key",
			repo.Index{Name: "WarehousesByCity", Hash: []string{"city"}, Range: []string{"category", "rating"}, Project: []string{"name", "processing_time"}},
			repo.Index{Name: "WarehousesByName", Hash: []string{"city"}, Range: []string{"name"}, KeysOnly: true},
			repo.Index{Name: "ProductsByCategory", Hash: []string{"city"}, Range: []string{"category", "sort_key"}, Project: []string{"description", "price", "available"}})
		shipmentTable := untyped("shipment_id", "",
			repo.Index{Name: "ShipmentsByRecipient", Hash: []string{"recipient_id"}, Range: []string{"status", "created_at"}, Project: []string{"warehouse_name", "total_weight"}},
			repo.Index{Name: "ShipmentsByWarehouse", Hash: []string{"warehouse_id"}, Range: []string{"status", "created_at"}, Project: []string{"recipient_name", "total_weight"}},
			repo.Index{Name: "ShipmentsByCourier", Hash: []string{"courier_id"}, Range: []string{"status", "created_at"}, Project: []string{"warehouse_name", "total_weight"}},
			repo.Index{Name: "AvailableShipmentsByCity", Hash: []string{"available_city"}, Range: []string{"created_at"}, Project: []string{"warehouse_name", "origin_address", "destination_address"}},
			repo.Index{Name: "CourierActiveDelivery", Hash: []string{"active_delivery"}, Project: []string{"warehouse_name", "status", "destination_address", "origin_address"}})
		recipients, couriers := openMCP[packageRecipient](t, d, "Recipient", recipientTable), openMCP[packageCourier](t, d, "Courier", courierTable)
		warehouses, products := openMCP[packageWarehouse](t, d, "WarehouseProfile", warehouseTable), openMCP[packageProduct](t, d, "Product", warehouseTable)
		ratings, shipments := openMCP[packageRating](t, d, "Rating", warehouseTable), openMCP[packageShipment](t, d, "Shipment", shipmentTable)
		d.make(t, "Recipients", recipientTable, recipients.repo)
		d.make(t, "Couriers", courierTable, couriers.repo)
		d.make(t, "Warehouses", warehouseTable, warehouses.repo, products.repo, ratings.repo)
		d.make(t, "Shipments", shipmentTable, shipments.repo)
		recipients.load(t)
		couriers.load(t)
		warehouse := func(id, name string, rating float64, changes mcpRow) mcpRow {
			return warehouses.like(mcpRow{"warehouse_id": id, "name": name, "rating": rating}.with(changes))
		}
		warehouses.load(t,
			warehouse("wh_1", "Metropolis Depot", 10, nil), warehouse("wh_2", "Airport Store", 3.25, mcpRow{"address": nil}),
			warehouse("wh_3", "Metro South", 4.9, mcpRow{"category": "Books", "created_at": nil}), warehouse("wh_4", "Metro North", 5, mcpRow{"city": "Tacoma"}))
		product := func(id string, changes mcpRow) mcpRow {
			r := products.like(mcpRow{"product_id": id}.with(changes))
			return r.with(mcpRow{"sort_key": "MENU#" + r.text("category") + "#" + id})
		}
		products.load(t, product("prod_1", nil), product("prod_999", mcpRow{"available": false}), product("prod_2", mcpRow{"category": "Books"}),
			product("prod_3", mcpRow{"category": "Electric"}), product("prod_789", mcpRow{"warehouse_id": "wh_3", "city": "Tacoma"}))
		rating := func(id, created string) mcpRow {
			return ratings.like(mcpRow{"rating_id": id, "created_at": created, "sort_key": "REVIEW#" + created + "#" + id})
		}
		ratings.load(t, rating("rat_1", "2026-01-31T10:00:00Z"), rating("rat_2", "2026-02-01T10:00:00Z"), rating("rat_3", "2026-03-01T10:00:00Z"))
		shipment := func(id, status, created string, changes mcpRow) mcpRow {
			return shipments.like(mcpRow{"shipment_id": id, "status": status, "created_at": created}.with(changes))
		}
		shipments.load(t,
			shipment("shp_1", "PENDING", "2026-02-20T10:00:00Z", mcpRow{"courier_id": nil, "available_city": "Portland"}),
			shipment("shp_2", "DELIVERED", "2026-02-10T10:00:00Z", mcpRow{"total_weight": nil}),
			shipment("shp_3", "DELIVERED", "2026-02-21T10:00:00Z", mcpRow{"packages": nil, "active_delivery": "cour_7891"}),
			shipment("shp_4", "IN_TRANSIT", "2026-02-22T10:00:00Z", mcpRow{"recipient_id": "rcpt_1", "active_delivery": "cour_1"}),
			mcpRow{"shipment_id": "shp_5"}.plain())

		ctx := t.Context()
		inSeattle, electronics, metro := rowIs("city", "Seattle"), rowIs("category", "Electronics"), rowIs("warehouse_id", "wh_7891")
		delivered := rowIs("status", "DELIVERED")
		// Every shipment may lack what the indexes are of, so each is named.
		history := func(index string, field string, conds ...expr.Cond[packageShipment]) func(t *testing.T, rows ...func(mcpRow) bool) {
			return func(t *testing.T, rows ...func(mcpRow) bool) {
				t.Helper()
				q := shipments.repo.Query(conds...).Index(index)
				want := shipments.where(append(rows, rowHas(field), rowHas("status"), rowHas("created_at"))...).by("status", "created_at")
				shipments.expect(t, q.Hydrate().All(ctx), want)
				expectNotWhole(t, q, "Packages")
			}
		}
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				q := warehouses.repo.Query(packageCity.Eq("Seattle"), packageCategory.Eq("Electronics"))
				warehouses.expect(t, q.Hydrate().All(ctx), warehouses.where(inSeattle, electronics).by("rating"))
				expectNotWhole(t, q, "Address", "CreatedAt")
			},
			2: func(t *testing.T) {
				q := warehouses.repo.Query(packageCity.Eq("Seattle"), packageName.HasPrefix("Metro"))
				warehouses.expect(t, q.Hydrate().All(ctx), warehouses.where(inSeattle, rowPrefix("name", "Metro")).by("name"))
				expectNotWhole(t, q, "Category", "Rating", "ProcessingTime")
			},
			3: func(t *testing.T) {
				v, err := warehouses.repo.Get(ctx, packageWarehouse{ID: "wh_7891"})
				warehouses.expectOne(t, v, err, warehouses.where(metro)[0])
			},
			4: shipments.creates(shipment("shp_6", "CREATED", "2026-02-23T10:00:00Z", mcpRow{"courier_id": nil})),
			5: func(t *testing.T) {
				v, err := shipments.repo.Get(ctx, packageShipment{ID: "shp_7891"})
				shipments.expectOne(t, v, err, shipments.where(rowIs("shipment_id", "shp_7891"))[0])
			},
			6: func(t *testing.T) {
				history("ShipmentsByRecipient", "recipient_id", packageRecipientID.Eq("rcpt_7891"))(t, rowIs("recipient_id", "rcpt_7891"))
			},
			7: func(t *testing.T) {
				v, err := warehouses.repo.Update(ctx, packageWarehouse{ID: "wh_7891"}, packageName.Set("Metro Central"), packageProcessing.Set(31))
				warehouses.updated(t, warehouses.usage.Sample, mcpRow{"name": "Metro Central", "processing_time": 31}, v, err)
			},
			8: func(t *testing.T) {
				products.puts(product("prod_4", nil))(t)
				products.puts(product("prod_4", mcpRow{"price": 1.25}))(t)
			},
			9: products.deletes(product("prod_4", nil)),
			10: func(t *testing.T) {
				history("ShipmentsByWarehouse", "warehouse_id", packageWarehouseID.Eq("wh_7891"), packageStatus.Eq("PENDING"))(t, metro, rowIs("status", "PENDING"))
			},
			11: func(t *testing.T) {
				v, err := shipments.repo.Update(ctx, packageShipment{ID: "shp_6"}, packageStatus.Set("READY_FOR_PICKUP"))
				shipments.updated(t, shipments.where(rowIs("shipment_id", "shp_6"))[0], mcpRow{"status": "READY_FOR_PICKUP"}, v, err)
			},
			12: func(t *testing.T) {
				q := shipments.repo.Query(packageAvailable.Eq("Portland")).Index("AvailableShipmentsByCity")
				shipments.expect(t, q.Hydrate().All(ctx), shipments.where(rowIs("available_city", "Portland")).by("created_at"))
				expectNotWhole(t, q, "Status", "Packages")
			},
			13: func(t *testing.T) {
				v, err := shipments.repo.Update(ctx, packageShipment{ID: "shp_6"}, packageCourierID.Set("cour_5432"), packageActive.Set("cour_5432"))
				shipments.updated(t, shipments.where(rowIs("shipment_id", "shp_6"))[0], mcpRow{"courier_id": "cour_5432", "active_delivery": "cour_5432"}, v, err)
			},
			14: func(t *testing.T) {
				v, err := shipments.repo.Update(ctx, packageShipment{ID: "shp_6"}, packageStatus.Set("IN_TRANSIT"))
				shipments.updated(t, shipments.where(rowIs("shipment_id", "shp_6"))[0], mcpRow{"status": "IN_TRANSIT"}, v, err)
			},
			15: func(t *testing.T) {
				history("ShipmentsByCourier", "courier_id", packageCourierID.Eq("cour_7891"))(t, rowIs("courier_id", "cour_7891"))
			},
			16: recipients.creates(recipients.like(mcpRow{"recipient_id": "rcpt_1"})),
			17: warehouses.creates(warehouse("wh_5", "Metro East", 2, nil)),
			18: couriers.creates(couriers.like(mcpRow{"courier_id": "cour_1"})),
			19: ratings.creates(rating("rat_4", "2026-02-25T10:00:00Z")),
			20: func(t *testing.T) {
				ratings.expect(t, ratings.repo.Query(packageRatingPlace.Eq("wh_7891")).All(ctx), ratings.where(metro).by("created_at"))
				ratings.expect(t, ratings.repo.Query(packageRatingPlace.Eq("wh_7891"), packageRatingCreated.HasPrefix("2026-02")).All(ctx),
					ratings.where(metro, rowPrefix("created_at", "2026-02")).by("created_at"))
			},
			21: func(t *testing.T) {
				v, err := recipients.repo.Get(ctx, packageRecipient{ID: "rcpt_5432"})
				recipients.expectOne(t, v, err, recipients.where(rowIs("recipient_id", "rcpt_5432"))[0])
			},
			22: func(t *testing.T) {
				v, err := couriers.repo.Get(ctx, packageCourier{ID: "cour_5432"})
				couriers.expectOne(t, v, err, couriers.where(rowIs("courier_id", "cour_5432"))[0])
			},
			23: func(t *testing.T) {
				v, err := shipments.repo.Query(packageActive.Eq("cour_7891")).Index("CourierActiveDelivery").Hydrate().First(ctx)
				shipments.expectOne(t, v, err, shipments.where(rowIs("active_delivery", "cour_7891"))[0])
			},
			24: func(t *testing.T) {
				history("ShipmentsByRecipient", "recipient_id", packageRecipientID.Eq("rcpt_7891"), packageStatus.Eq("DELIVERED"))(t, rowIs("recipient_id", "rcpt_7891"), delivered)
			},
			25: func(t *testing.T) {
				history("ShipmentsByWarehouse", "warehouse_id", packageWarehouseID.Eq("wh_7891"), packageStatus.Eq("DELIVERED"))(t, metro, delivered)
			},
			26: func(t *testing.T) {
				history("ShipmentsByCourier", "courier_id", packageCourierID.Eq("cour_7891"), packageStatus.Eq("DELIVERED"))(t, rowIs("courier_id", "cour_7891"), delivered)
			},
			27: func(t *testing.T) {
				q := warehouses.repo.Query(packageCity.Eq("Seattle"), packageCategory.Eq("Electronics"), packageRatingOf.Ge(4.6))
				warehouses.expect(t, q.Hydrate().All(ctx), warehouses.where(inSeattle, electronics, rowFrom("rating", 4.6)).by("rating"))
			},
			28: func(t *testing.T) {
				q := products.repo.Query(packageProductCity.Eq("Seattle"), packageProductCategory.Eq("Electronics"))
				products.expect(t, q.Hydrate().All(ctx), products.where(inSeattle, electronics).by("sort_key"))
				expectNotWhole(t, q, "ID")
			},
			30: func(t *testing.T) {
				products.expect(t, products.repo.Query(packageProductPlace.Eq("wh_7891")).All(ctx), products.where(metro).by("category", "product_id"))
				products.expect(t, products.repo.Query(packageProductPlace.Eq("wh_7891"), packageProductCategory.HasPrefix("Elect")).All(ctx),
					products.where(metro, rowPrefix("category", "Elect")).by("category", "product_id"))
			},
		})
		recipients.changes(t)
		couriers.changes(t)
		warehouses.changes(t)
		products.changes(t)
		ratings.changes(t)
		shipments.changes(t)
	})
}
