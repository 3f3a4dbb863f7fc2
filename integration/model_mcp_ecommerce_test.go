package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// A shop in three tables, each with several entities.

type commerceUser struct {
	_ struct{} `entity:"USER" pk:"USER#{ID}" sk:"PROFILE"`

	ID        string `dynamodbav:"user_id"`
	Email     string `dynamodbav:"email"`
	FirstName string `dynamodbav:"first_name"`
	LastName  string `dynamodbav:"last_name"`
	Phone     string `dynamodbav:"phone,omitempty"`
	CreatedAt string `dynamodbav:"created_at"`
	Status    string `dynamodbav:"status"`
}

type commerceAddress struct {
	_ struct{} `entity:"ADDRESS" pk:"USER#{UserID}" sk:"ADDRESS#{ID}"`

	UserID     string `dynamodbav:"user_id"`
	ID         string `dynamodbav:"address_id"`
	Type       string `dynamodbav:"address_type"`
	Street     string `dynamodbav:"street_address"`
	City       string `dynamodbav:"city"`
	State      string `dynamodbav:"state"`
	PostalCode string `dynamodbav:"postal_code"`
	Country    string `dynamodbav:"country"`
	Default    bool   `dynamodbav:"is_default"`
}

type commerceProduct struct {
	_ struct{} `entity:"PRODUCT" pk:"PRODUCT#{ID}" sk:"DETAILS"`

	ID          string         `dynamodbav:"product_id"`
	Name        string         `dynamodbav:"name"`
	Description string         `dynamodbav:"description"`
	Category    string         `dynamodbav:"category"`
	Brand       string         `dynamodbav:"brand"`
	Price       float64        `dynamodbav:"price"`
	Currency    string         `dynamodbav:"currency"`
	Stock       int            `dynamodbav:"stock_quantity"`
	SKU         string         `dynamodbav:"sku"`
	Weight      *float64       `dynamodbav:"weight"`
	Dimensions  map[string]any `dynamodbav:"dimensions"`
	CreatedAt   string         `dynamodbav:"created_at"`
	UpdatedAt   string         `dynamodbav:"updated_at"`
	Status      string         `dynamodbav:"status"`
}

type commerceCategory struct {
	_ struct{} `entity:"CATEGORY" pk:"CATEGORY#{Name}" sk:"PRODUCT#{ProductID}"`

	Name        string  `dynamodbav:"category_name"`
	ProductID   string  `dynamodbav:"product_id"`
	ProductName string  `dynamodbav:"product_name"`
	Price       float64 `dynamodbav:"price"`
	Stock       int     `dynamodbav:"stock_quantity"`
}

type commerceReview struct {
	_ struct{} `entity:"REVIEW" pk:"PRODUCT#{ProductID}" sk:"REVIEW#{ID}"`

	ProductID string `dynamodbav:"product_id"`
	ID        string `dynamodbav:"review_id"`
	UserID    string `dynamodbav:"user_id"`
	Rating    int    `dynamodbav:"rating"`
	Title     string `dynamodbav:"title"`
	Comment   string `dynamodbav:"comment,omitempty"`
	CreatedAt string `dynamodbav:"created_at"`
	Verified  bool   `dynamodbav:"verified_purchase"`
}

// The addresses of an order are objects, says the design, and texts, says its usage data.
type commerceOrder struct {
	_ struct{} `entity:"ORDER" pk:"ORDER#{ID}" sk:"DETAILS"`

	ID                string  `dynamodbav:"order_id"`
	UserID            string  `dynamodbav:"user_id"`
	Date              string  `dynamodbav:"order_date"`
	Status            string  `dynamodbav:"status"`
	Total             float64 `dynamodbav:"total_amount"`
	Currency          string  `dynamodbav:"currency"`
	ShippingAddress   any     `dynamodbav:"shipping_address"`
	BillingAddress    any     `dynamodbav:"billing_address"`
	PaymentMethod     string  `dynamodbav:"payment_method"`
	ShippingMethod    string  `dynamodbav:"shipping_method"`
	TrackingNumber    string  `dynamodbav:"tracking_number,omitempty"`
	EstimatedDelivery string  `dynamodbav:"estimated_delivery,omitempty"`
	CreatedAt         string  `dynamodbav:"created_at"`
	UpdatedAt         string  `dynamodbav:"updated_at"`
}

type commerceOrderItem struct {
	_ struct{} `entity:"ORDER_ITEM" pk:"ORDER#{OrderID}" sk:"ITEM#{ProductID}"`

	OrderID     string  `dynamodbav:"order_id"`
	ProductID   string  `dynamodbav:"product_id"`
	ProductName string  `dynamodbav:"product_name"`
	SKU         string  `dynamodbav:"sku"`
	Quantity    int     `dynamodbav:"quantity"`
	UnitPrice   float64 `dynamodbav:"unit_price"`
	TotalPrice  float64 `dynamodbav:"total_price"`
	Currency    string  `dynamodbav:"currency"`
}

type commerceHistory struct {
	_ struct{} `entity:"USER_ORDER" pk:"USER#{UserID}" sk:"ORDER#{Date}#{OrderID}"`

	UserID   string  `dynamodbav:"user_id"`
	OrderID  string  `dynamodbav:"order_id"`
	Date     string  `dynamodbav:"order_date"`
	Status   string  `dynamodbav:"status"`
	Total    float64 `dynamodbav:"total_amount"`
	Currency string  `dynamodbav:"currency"`
	Items    int     `dynamodbav:"item_count"`
}

var (
	commerceUserEmail       = expr.String(func(v *commerceUser) *string { return &v.Email })
	commerceAddressUser     = expr.String(func(v *commerceAddress) *string { return &v.UserID })
	commerceProductStock    = expr.Number(func(v *commerceProduct) *int { return &v.Stock })
	commerceCategoryName    = expr.String(func(v *commerceCategory) *string { return &v.Name })
	commerceCategoryProduct = expr.String(func(v *commerceCategory) *string { return &v.ProductID })
	commerceReviewProduct   = expr.String(func(v *commerceReview) *string { return &v.ProductID })
	commerceReviewID        = expr.String(func(v *commerceReview) *string { return &v.ID })
	commerceOrderStatus     = expr.String(func(v *commerceOrder) *string { return &v.Status })
	commerceOrderTracking   = expr.String(func(v *commerceOrder) *string { return &v.TrackingNumber })
	commerceItemOrder       = expr.String(func(v *commerceOrderItem) *string { return &v.OrderID })
	commerceHistoryUser     = expr.String(func(v *commerceHistory) *string { return &v.UserID })
	commerceHistoryDate     = expr.String(func(v *commerceHistory) *string { return &v.Date })
)

func TestModelMCPEcommerce(t *testing.T) {
	testMCP(t, "ecommerce", "ecommerce", func(t *testing.T, d *mcpDesign) {
		userTable, productTable, orderTable := uniqueTable(t, repo.Table{}), uniqueTable(t, repo.Table{}), uniqueTable(t, repo.Table{})
		users, addresses := openMCP[commerceUser](t, d, "User", userTable), openMCP[commerceAddress](t, d, "UserAddress", userTable)
		products, categories := openMCP[commerceProduct](t, d, "Product", productTable), openMCP[commerceCategory](t, d, "ProductCategory", productTable)
		reviews := openMCP[commerceReview](t, d, "ProductReview", productTable)
		orders, items := openMCP[commerceOrder](t, d, "Order", orderTable), openMCP[commerceOrderItem](t, d, "OrderItem", orderTable)
		history := openMCP[commerceHistory](t, d, "UserOrderHistory", orderTable)
		d.make(t, "UserTable", userTable, users.repo, addresses.repo)
		d.make(t, "ProductTable", productTable, products.repo, categories.repo, reviews.repo)
		d.make(t, "OrderTable", orderTable, orders.repo, items.repo, history.repo)
		users.load(t)
		addresses.load(t, addresses.like(mcpRow{"address_id": "addr-11111", "is_default": false}))
		products.load(t, products.like(mcpRow{"product_id": "prod-22222", "weight": 0.25, "dimensions": map[string]any{"height": 2, "unit": "cm"}}))
		categories.load(t, categories.like(mcpRow{"product_id": "prod-22222"}), categories.like(mcpRow{"product_id": "prod-00001"}), categories.like(mcpRow{"product_id": "prod-33333"}))
		reviews.load(t, reviews.like(mcpRow{"review_id": "review-10000"}), reviews.like(mcpRow{"review_id": "review-22333", "comment": nil, "rating": 2}), reviews.like(mcpRow{"review_id": "review-30000"}))
		orders.load(t, orders.like(mcpRow{"order_id": "order-44444", "shipping_address": map[string]any{"city": "Boston", "zip": "02101"}}))
		items.load(t, items.like(mcpRow{"product_id": "prod-22222", "quantity": 3}), items.like(mcpRow{"product_id": "prod-00001"}))
		history.load(t,
			history.like(mcpRow{"order_id": "order-1", "order_date": "2024-01-05"}),
			history.like(mcpRow{"order_id": "order-2", "order_date": "2024-02-01"}),
			history.like(mcpRow{"order_id": "order-3", "order_date": "2024-01-12"}))

		ctx := t.Context()
		ofUser, ofProduct, ofCategory := rowIs("user_id", "user-12345"), rowIs("product_id", "prod-11111"), rowIs("category_name", "Electronics")
		within := func(t *testing.T, from, to string) {
			history.expect(t, history.repo.Query(commerceHistoryUser.Eq("user-12345"), commerceHistoryDate.Between(from, to)).All(ctx),
				history.where(ofUser, rowFrom("order_date", from), rowUntil("order_date", to)).by("order_date"))
		}
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := users.repo.Get(ctx, commerceUser{ID: "user-12345"})
				users.expectOne(t, v, err, users.where(ofUser)[0])
			},
			2: users.creates(users.like(mcpRow{"user_id": "user-3", "phone": nil})),
			3: func(t *testing.T) {
				v, err := users.repo.Update(ctx, commerceUser{ID: "user-12345"}, commerceUserEmail.Set("john@example.com"))
				users.updated(t, users.usage.Sample, mcpRow{"email": "john@example.com"}, v, err)
			},
			4: func(t *testing.T) {
				addresses.expect(t, addresses.repo.Query(commerceAddressUser.Eq("user-12345")).All(ctx), addresses.where(ofUser).by("address_id"))
			},
			5: addresses.creates(addresses.like(mcpRow{"address_id": "addr-99999", "city": "Albany"})),
			6: func(t *testing.T) {
				v, err := products.repo.Get(ctx, commerceProduct{ID: "prod-22222"})
				products.expectOne(t, v, err, products.where(rowIs("product_id", "prod-22222"))[0])
			},
			7: products.creates(products.like(mcpRow{"product_id": "prod-33333", "price": 5})),
			8: func(t *testing.T) {
				v, err := products.repo.Update(ctx, commerceProduct{ID: "prod-11111"}, commerceProductStock.Set(49))
				products.updated(t, products.usage.Sample, mcpRow{"stock_quantity": 49}, v, err)
			},
			9: func(t *testing.T) {
				categories.expect(t, categories.repo.Query(commerceCategoryName.Eq("Electronics")).All(ctx), categories.where(ofCategory).by("product_id"))
			},
			10: categories.puts(categories.like(mcpRow{"product_id": "prod-44444"})),
			11: func(t *testing.T) {
				reviews.expect(t, reviews.repo.Query(commerceReviewProduct.Eq("prod-11111")).All(ctx), reviews.where(ofProduct).by("review_id"))
			},
			12: reviews.creates(reviews.like(mcpRow{"review_id": "review-40000"})),
			13: func(t *testing.T) {
				v, err := orders.repo.Get(ctx, commerceOrder{ID: "order-44444"})
				orders.expectOne(t, v, err, orders.where(rowIs("order_id", "order-44444"))[0])
			},
			14: orders.creates(orders.like(mcpRow{"order_id": "order-55555", "tracking_number": "1Z999", "estimated_delivery": "2024-01-25"})),
			15: func(t *testing.T) {
				v, err := orders.repo.Update(ctx, commerceOrder{ID: "order-33333"}, commerceOrderStatus.Set("shipped"), commerceOrderTracking.Set("1Z1"))
				orders.updated(t, orders.usage.Sample, mcpRow{"status": "shipped", "tracking_number": "1Z1"}, v, err)
			},
			16: func(t *testing.T) {
				items.expect(t, items.repo.Query(commerceItemOrder.Eq("order-33333")).All(ctx), items.where(rowIs("order_id", "order-33333")).by("product_id"))
			},
			17: items.creates(items.like(mcpRow{"product_id": "prod-33333"})),
			18: func(t *testing.T) {
				history.expect(t, history.repo.Query(commerceHistoryUser.Eq("user-12345")).All(ctx), history.where(ofUser).by("order_date"))
				history.expect(t, history.repo.Query(commerceHistoryUser.Eq("user-12345")).Desc().Limit(2).All(ctx), history.where(ofUser).by("order_date").reversed()[:2])
			},
			19: func(t *testing.T) { within(t, "2024-01-12", "2024-01-20") },
			20: history.creates(history.like(mcpRow{"order_id": "order-4", "order_date": "2024-01-21"})),
			21: func(t *testing.T) {
				history.expect(t, history.repo.Query(commerceHistoryUser.Eq("user-12345"), commerceHistoryDate.Ge("2024-01-20")).All(ctx),
					history.where(ofUser, rowFrom("order_date", "2024-01-20")).by("order_date"))
			},
			22: func(t *testing.T) { within(t, "2024-01-06", "2024-01-31") },
			23: func(t *testing.T) {
				reviews.expect(t, reviews.repo.Query(commerceReviewProduct.Eq("prod-11111"), commerceReviewID.HasPrefix("review-22")).All(ctx),
					reviews.where(ofProduct, rowPrefix("review_id", "review-22")).by("review_id"))
			},
			24: func(t *testing.T) {
				categories.expect(t, categories.repo.Query(commerceCategoryName.Eq("Electronics"), commerceCategoryProduct.Gt("prod-11111")).All(ctx),
					categories.where(ofCategory, rowAfter("product_id", "prod-11111")).by("product_id"))
			},
		})
		users.changes(t)
		addresses.changes(t)
		products.changes(t)
		categories.changes(t)
		reviews.changes(t)
		orders.changes(t)
		items.changes(t)
		history.changes(t)
	})
}
