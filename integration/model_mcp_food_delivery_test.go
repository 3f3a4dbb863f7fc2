package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Deliveries of food, in three tables. Most of its access patterns filter.

type foodDelivery struct {
	_ struct{} `entity:"DELIVERY" pk:"CUSTOMER#{CustomerID}" sk:"DELIVERY#{OrderDate}#{ID}"`

	CustomerID          string   `dynamodbav:"customer_id"`
	ID                  string   `dynamodbav:"delivery_id"`
	OrderDate           string   `dynamodbav:"order_date"`
	RestaurantID        string   `dynamodbav:"restaurant_id"`
	DriverID            string   `dynamodbav:"driver_id,omitempty"`
	Status              string   `dynamodbav:"status"`
	Total               float64  `dynamodbav:"total"`
	Fee                 float64  `dynamodbav:"delivery_fee"`
	Tip                 *float64 `dynamodbav:"tip"`
	Items               []string `dynamodbav:"items"`
	SpecialInstructions string   `dynamodbav:"special_instructions,omitempty"`
	CancelledAt         string   `dynamodbav:"cancelled_at,omitempty"`
	EstimatedAt         string   `dynamodbav:"estimated_delivery_time,omitempty"`
	CreatedAt           string   `dynamodbav:"created_at"`
}

type foodEvent struct {
	_ struct{} `entity:"DELIVERY_EVENT" pk:"DELIVERY#{DeliveryID}" sk:"EVENT#{Timestamp}#{ID}"`

	DeliveryID  string `dynamodbav:"delivery_id"`
	ID          string `dynamodbav:"event_id"`
	Timestamp   string `dynamodbav:"event_timestamp"`
	Type        string `dynamodbav:"event_type"`
	Description string `dynamodbav:"description,omitempty"`
	Actor       string `dynamodbav:"actor"`
}

type foodRestaurant struct {
	_ struct{} `entity:"RESTAURANT" pk:"RESTAURANT#{ID}" sk:"PROFILE"`

	ID        string  `dynamodbav:"restaurant_id"`
	Name      string  `dynamodbav:"name"`
	Cuisine   string  `dynamodbav:"cuisine_type"`
	Rating    float64 `dynamodbav:"rating"`
	Active    bool    `dynamodbav:"is_active"`
	Address   string  `dynamodbav:"address"`
	CreatedAt string  `dynamodbav:"created_at"`
}

type foodDriver struct {
	_ struct{} `entity:"DRIVER" pk:"DRIVER#{ID}"`

	ID         string   `dynamodbav:"driver_id"`
	Name       string   `dynamodbav:"name"`
	Phone      string   `dynamodbav:"phone"`
	Vehicle    string   `dynamodbav:"vehicle_type"`
	Tags       []string `dynamodbav:"tags"`
	Rating     float64  `dynamodbav:"rating"`
	Deliveries int      `dynamodbav:"total_deliveries"`
	Available  bool     `dynamodbav:"is_available"`
	CreatedAt  string   `dynamodbav:"created_at"`
}

var (
	foodCustomer       = expr.String(func(v *foodDelivery) *string { return &v.CustomerID })
	foodStatus         = expr.String(func(v *foodDelivery) *string { return &v.Status })
	foodTotal          = expr.Number(func(v *foodDelivery) *float64 { return &v.Total })
	foodFee            = expr.Number(func(v *foodDelivery) *float64 { return &v.Fee })
	foodTip            = expr.Number(func(v *foodDelivery) *float64 { return v.Tip })
	foodItems          = expr.List(func(v *foodDelivery) *[]string { return &v.Items })
	foodInstructions   = expr.String(func(v *foodDelivery) *string { return &v.SpecialInstructions })
	foodCancelled      = expr.String(func(v *foodDelivery) *string { return &v.CancelledAt })
	foodEventDelivery  = expr.String(func(v *foodEvent) *string { return &v.DeliveryID })
	foodEventType      = expr.String(func(v *foodEvent) *string { return &v.Type })
	foodCuisine        = expr.String(func(v *foodRestaurant) *string { return &v.Cuisine })
	foodRating         = expr.Number(func(v *foodRestaurant) *float64 { return &v.Rating })
	foodActive         = expr.Field(func(v *foodRestaurant) *bool { return &v.Active })
	foodDriverName     = expr.String(func(v *foodDriver) *string { return &v.Name })
	foodDriverTags     = expr.List(func(v *foodDriver) *[]string { return &v.Tags })
	foodDriverRating   = expr.Number(func(v *foodDriver) *float64 { return &v.Rating })
	foodDriverCount    = expr.Number(func(v *foodDriver) *int { return &v.Deliveries })
	foodDriverReady    = expr.Field(func(v *foodDriver) *bool { return &v.Available })
	foodDeliveryKey    = foodDelivery{CustomerID: "cust-001", OrderDate: "2024-03-15", ID: "del-10001"}
	foodRestaurantByID = func(v foodRestaurant) string { return v.ID }
	foodDriverByID     = func(v foodDriver) string { return v.ID }
)

func TestModelMCPFoodDelivery(t *testing.T) {
	testMCP(t, "food_delivery", "food_delivery", func(t *testing.T, d *mcpDesign) {
		deliveryTable, restaurantTable := uniqueTable(t, repo.Table{}), uniqueTable(t, repo.Table{})
		driverTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "pk"}})
		deliveries, events := openMCP[foodDelivery](t, d, "Delivery", deliveryTable), openMCP[foodEvent](t, d, "DeliveryEvent", deliveryTable)
		restaurants, drivers := openMCP[foodRestaurant](t, d, "Restaurant", restaurantTable), openMCP[foodDriver](t, d, "Driver", driverTable)
		d.make(t, "DeliveryTable", deliveryTable, deliveries.repo, events.repo)
		d.make(t, "RestaurantTable", restaurantTable, restaurants.repo)
		d.make(t, "DriverTable", driverTable, drivers.repo)
		deliveries.load(t,
			deliveries.like(mcpRow{"delivery_id": "del-1", "order_date": "2024-03-01", "status": "CANCELLED", "cancelled_at": "2024-03-01T19:00:00Z", "total": 30}),
			deliveries.like(mcpRow{"delivery_id": "del-2", "order_date": "2024-03-20", "status": "PENDING", "delivery_fee": 10, "tip": nil, "total": 12, "items": []string{"Soup"}, "special_instructions": nil}),
			deliveries.like(mcpRow{"delivery_id": "del-3", "order_date": "2024-03-10", "status": "EN_ROUTE", "delivery_fee": 2.99, "tip": 5, "total": 24.99, "items": []string{"a", "b", "c", "d", "e", "f"}}),
			deliveries.like(mcpRow{"delivery_id": "del-4", "order_date": "2024-03-11", "status": "PREPARING", "delivery_fee": 3, "tip": 1, "total": 25, "items": []string{"a", "b", "c", "d"}}))
		events.load(t,
			events.like(mcpRow{"event_id": "evt-002", "event_timestamp": "2024-03-15T18:50:00Z", "event_type": "DRIVER_ASSIGNED"}),
			events.like(mcpRow{"event_id": "evt-003", "event_timestamp": "2024-03-15T18:46:00Z", "event_type": "ORDER_ACCEPTED", "description": nil}))
		restaurants.load(t,
			restaurants.like(mcpRow{"restaurant_id": "rest-1", "cuisine_type": "Northern Italian", "is_active": false, "rating": 5}),
			restaurants.like(mcpRow{"restaurant_id": "rest-2", "cuisine_type": "Mexican", "rating": 3.9}))
		drivers.load(t,
			drivers.like(mcpRow{"driver_id": "drv-1", "name": "Anna Bell", "tags": []string{"eco-friendly"}, "is_available": false}),
			drivers.like(mcpRow{"driver_id": "drv-2", "name": "Ben Axel", "tags": nil, "rating": 4.5, "total_deliveries": 500}),
			drivers.like(mcpRow{"driver_id": "drv-3", "name": "Andy Cole", "rating": 4.4, "total_deliveries": 499}))

		ctx := t.Context()
		of := rowIs("customer_id", "cust-001")
		filter, driver, restaurant := deliveries.usage.Filter, drivers.usage.Filter, restaurants.usage.Filter
		filtered := func(t *testing.T, filter []expr.Cond[foodDelivery], conds ...func(mcpRow) bool) {
			t.Helper()
			deliveries.expect(t, deliveries.repo.Query(foodCustomer.Eq("cust-001")).Filter(filter...).All(ctx), deliveries.where(append(conds, of)...).by("order_date", "delivery_id"))
		}
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := deliveries.repo.Get(ctx, foodDeliveryKey)
				deliveries.expectOne(t, v, err, deliveries.where(rowIs("delivery_id", "del-10001"))[0])
			},
			2: func(t *testing.T) {
				filtered(t, []expr.Cond[foodDelivery]{foodStatus.Ne(filter.text("excluded_status")), foodTotal.Ge(filter.number("min_total"))},
					rowNot(rowIs("status", filter["excluded_status"])), rowFrom("total", filter["min_total"]))
			},
			3: func(t *testing.T) {
				filtered(t, []expr.Cond[foodDelivery]{foodFee.Between(filter.number("min_fee"), filter.number("max_fee"))},
					rowFrom("delivery_fee", filter["min_fee"]), rowUntil("delivery_fee", filter["max_fee"]))
			},
			4: func(t *testing.T) {
				filtered(t, []expr.Cond[foodDelivery]{foodStatus.In(filter.text("status1"), filter.text("status2"), filter.text("status3"))},
					rowAny(rowIs("status", filter["status1"]), rowIs("status", filter["status2"]), rowIs("status", filter["status3"])))
			},
			5: func(t *testing.T) {
				filtered(t, []expr.Cond[foodDelivery]{foodInstructions.Exists(), foodCancelled.NotExists()}, rowHas("special_instructions"), rowNot(rowHas("cancelled_at")))
			},
			6: func(t *testing.T) {
				least := filter.integer("min_items")
				filtered(t, []expr.Cond[foodDelivery]{foodItems.Size().Gt(least)}, rowSize("items", func(n int) bool { return n > least }))
			},
			7: func(t *testing.T) {
				lo, hi := filter.integer("min_count"), filter.integer("max_count")
				filtered(t, []expr.Cond[foodDelivery]{foodItems.Size().Ge(lo), foodItems.Size().Le(hi)}, rowSize("items", func(n int) bool { return lo <= n && n <= hi }))
			},
			8: func(t *testing.T) {
				filtered(t, []expr.Cond[foodDelivery]{expr.Or(foodTotal.Ge(filter.number("min_total")), foodTip.Ge(filter.number("min_tip")))},
					rowAny(rowFrom("total", filter["min_total"]), rowFrom("tip", filter["min_tip"])))
			},
			9: deliveries.creates(deliveries.like(mcpRow{"delivery_id": "del-5", "tip": nil, "items": []string{}})),
			10: func(t *testing.T) {
				events.expect(t, events.repo.Query(foodEventDelivery.Eq("del-10001")).All(ctx), events.where(rowIs("delivery_id", "del-10001")).by("event_timestamp"))
			},
			11: func(t *testing.T) {
				prefix := events.usage.Filter.text("type_prefix")
				events.expect(t, events.repo.Query(foodEventDelivery.Eq("del-10001")).Filter(foodEventType.HasPrefix(prefix)).All(ctx),
					events.where(rowIs("delivery_id", "del-10001"), rowPrefix("event_type", prefix)).by("event_timestamp"))
			},
			12: func(t *testing.T) {
				v, err := restaurants.repo.Get(ctx, foodRestaurant{ID: "rest-501"})
				restaurants.expectOne(t, v, err, restaurants.where(rowIs("restaurant_id", "rest-501"))[0])
			},
			13: func(t *testing.T) {
				word := restaurant.text("cuisine_keyword")
				restaurants.expectScanned(t, restaurants.repo.Scan().Filter(foodCuisine.Contains(word)).All(ctx), foodRestaurantByID,
					restaurants.where(rowContains("cuisine_type", word)).by("restaurant_id"))
			},
			14: func(t *testing.T) {
				restaurants.expectScanned(t, restaurants.repo.Scan().Filter(foodRating.Ge(restaurant.number("min_rating")), foodActive.Eq(restaurant["active_status"].(bool))).All(ctx), foodRestaurantByID,
					restaurants.where(rowFrom("rating", restaurant["min_rating"]), rowIs("is_active", restaurant["active_status"])).by("restaurant_id"))
			},
			15: func(t *testing.T) {
				v, err := drivers.repo.Get(ctx, foodDriver{ID: "drv-202"})
				drivers.expectOne(t, v, err, drivers.where(rowIs("driver_id", "drv-202"))[0])
			},
			16: func(t *testing.T) {
				tag, prefix := driver.text("skill_tag"), driver.text("name_prefix")
				drivers.expectScanned(t, drivers.repo.Scan().Filter(foodDriverTags.Contains(tag), foodDriverName.HasPrefix(prefix)).All(ctx), foodDriverByID,
					drivers.where(rowContains("tags", tag), rowPrefix("name", prefix)).by("driver_id"))
			},
			17: func(t *testing.T) {
				available, least, rating := driver["available_flag"].(bool), driver.integer("min_deliveries"), driver.number("min_rating")
				drivers.expectScanned(t, drivers.repo.Scan().Filter(foodDriverReady.Eq(available), foodDriverCount.Ge(least), foodDriverRating.Ge(rating)).All(ctx), foodDriverByID,
					drivers.where(rowIs("is_available", available), rowFrom("total_deliveries", least), rowFrom("rating", rating)).by("driver_id"))
			},
		})
		deliveries.changes(t)
		events.changes(t)
		restaurants.changes(t)
		drivers.changes(t)
	})
}
