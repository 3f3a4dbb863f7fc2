package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Deals, brands and who watches them, in six tables. Keys are the fields themselves; some indexes hold a part of the attributes.

type dealsDeal struct {
	_ struct{} `entity:"DEAL" hash:"ID"`
	_ struct{} `index:"DealsByBrand" hash:"BrandID" range:"CreatedAt"`
	_ struct{} `index:"DealsByCategory" hash:"CategoryID" range:"CreatedAt"`

	ID           string  `dynamodbav:"deal_id"`
	Title        string  `dynamodbav:"title"`
	Description  string  `dynamodbav:"description"`
	Price        float64 `dynamodbav:"price"`
	BrandID      string  `dynamodbav:"brand_id" repo:"required"`
	BrandName    string  `dynamodbav:"brand_name"`
	CategoryID   string  `dynamodbav:"category_id" repo:"required"`
	CategoryName string  `dynamodbav:"category_name"`
	CreatedAt    string  `dynamodbav:"created_at" repo:"required"`
	Status       string  `dynamodbav:"status"`
}

type dealsUser struct {
	_ struct{} `entity:"USER" hash:"ID"`

	ID          string `dynamodbav:"user_id"`
	Username    string `dynamodbav:"username"`
	Email       string `dynamodbav:"email"`
	DisplayName string `dynamodbav:"display_name"`
	CreatedAt   string `dynamodbav:"created_at"`
	LastLogin   string `dynamodbav:"last_login,omitempty"`
}

type dealsBrand struct {
	_ struct{} `entity:"BRAND" hash:"ID"`

	ID          string `dynamodbav:"brand_id"`
	Name        string `dynamodbav:"brand_name"`
	Description string `dynamodbav:"description,omitempty"`
	LogoURL     string `dynamodbav:"logo_url,omitempty"`
	CreatedAt   string `dynamodbav:"created_at"`
}

type dealsWatch struct {
	_ struct{} `entity:"WATCH" hash:"UserID" range:"Key"`
	_ struct{} `index:"WatchesByBrand" hash:"BrandID" range:"UserID"`
	_ struct{} `index:"WatchesByCategory"` // its key is a field's attribute
	_ struct{} `index:"WatchesByType" hash:"Type" range:"CreatedAt"`

	UserID     string `dynamodbav:"user_id"`
	Key        string `dynamodbav:"watch_key"`
	Type       string `dynamodbav:"watch_type" repo:"required"`
	TargetID   string `dynamodbav:"target_id,omitempty"`
	TargetName string `dynamodbav:"target_name,omitempty"`
	BrandID    string `dynamodbav:"brand_id,omitempty"`
	CategoryID string `dynamodbav:"category_id,omitempty"`
	CreatedAt  string `dynamodbav:"created_at" repo:"required"`
}

type dealsActivity struct {
	_ struct{} `entity:"ACTIVITY" hash:"UserID" sk:"{Timestamp}#{ID}"`

	UserID    string         `dynamodbav:"user_id"`
	Timestamp string         `dynamodbav:"timestamp"`
	ID        string         `dynamodbav:"activity_id"`
	Type      string         `dynamodbav:"activity_type"`
	Details   map[string]any `dynamodbav:"details"`
}

type dealsTrending struct {
	_ struct{} `entity:"TRENDING" hash:"CategoryID" range:"Engagement"`
	_ struct{} `index:"TrendingByDiscount" hash:"BrandID" range:"Discount"`

	CategoryID string  `dynamodbav:"category_id"`
	Engagement int     `dynamodbav:"engagement_score"`
	DealID     string  `dynamodbav:"deal_id"`
	Title      string  `dynamodbav:"title"`
	BrandID    string  `dynamodbav:"brand_id" repo:"required"`
	Discount   float64 `dynamodbav:"discount_percentage" repo:"required"`
	Views      int     `dynamodbav:"views"`
	Clicks     int     `dynamodbav:"clicks"`
}

var (
	dealsDealBrand        = expr.String(func(v *dealsDeal) *string { return &v.BrandID })
	dealsDealCategory     = expr.String(func(v *dealsDeal) *string { return &v.CategoryID })
	dealsDealCreated      = expr.String(func(v *dealsDeal) *string { return &v.CreatedAt })
	dealsWatchUser        = expr.String(func(v *dealsWatch) *string { return &v.UserID })
	dealsWatchBrand       = expr.String(func(v *dealsWatch) *string { return &v.BrandID })
	dealsWatchCategory    = expr.String(func(v *dealsWatch) *string { return &v.CategoryID })
	dealsWatchType        = expr.String(func(v *dealsWatch) *string { return &v.Type })
	dealsActivityUser     = expr.String(func(v *dealsActivity) *string { return &v.UserID })
	dealsActivityTime     = expr.String(func(v *dealsActivity) *string { return &v.Timestamp })
	dealsTrendingCategory = expr.String(func(v *dealsTrending) *string { return &v.CategoryID })
	dealsTrendingScore    = expr.Number(func(v *dealsTrending) *int { return &v.Engagement })
	dealsTrendingBrand    = expr.String(func(v *dealsTrending) *string { return &v.BrandID })
	dealsTrendingDiscount = expr.Number(func(v *dealsTrending) *float64 { return &v.Discount })
)

func TestModelMCPDeals(t *testing.T) {
	testMCP(t, "deals", "deals", func(t *testing.T, d *mcpDesign) {
		dealTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "deal_id"}, TypeAttribute: "-", Indexes: []repo.Index{
			{Name: "DealsByBrand", Hash: []string{"brand_id"}, Range: []string{"created_at"}},
			{Name: "DealsByCategory", Hash: []string{"category_id"}, Range: []string{"created_at"}, Project: []string{"title", "price", "brand_name"}},
		}})
		userTable, brandTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "user_id"}}), uniqueTable(t, repo.Table{Key: repo.Key{Hash: "brand_id"}})
		watchTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "user_id", Range: "watch_key"}, TypeAttribute: "-", Indexes: []repo.Index{
			{Name: "WatchesByBrand", Hash: []string{"brand_id"}, Range: []string{"user_id"}, KeysOnly: true},
			{Name: "WatchesByCategory", Hash: []string{"category_id"}, Project: []string{"target_name", "created_at"}},
			{Name: "WatchesByType", Hash: []string{"watch_type"}, Range: []string{"created_at"}, Project: []string{"target_name"}},
		}})
		activityTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "user_id", Range: "sk"}})
		trendingTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "category_id", Range: "engagement_score"}, Indexes: []repo.Index{
			{Name: "TrendingByDiscount", Hash: []string{"brand_id"}, Range: []string{"discount_percentage"}},
		}})
		deals, users := openMCP[dealsDeal](t, d, "Deal", dealTable), openMCP[dealsUser](t, d, "User", userTable)
		brands, watches := openMCP[dealsBrand](t, d, "Brand", brandTable), openMCP[dealsWatch](t, d, "UserWatch", watchTable)
		activities, trending := openMCP[dealsActivity](t, d, "UserActivity", activityTable), openMCP[dealsTrending](t, d, "TrendingDeal", trendingTable)
		d.make(t, "Deals", dealTable, deals.repo)
		d.make(t, "Users", userTable, users.repo)
		d.make(t, "Brands", brandTable, brands.repo)
		d.make(t, "UserWatches", watchTable, watches.repo)
		d.make(t, "UserActivities", activityTable, activities.repo)
		d.make(t, "TrendingDeals", trendingTable, trending.repo)
		deals.load(t,
			deals.like(mcpRow{"deal_id": "deal-1", "created_at": "2024-01-10T10:00:00Z"}), deals.like(mcpRow{"deal_id": "deal-2", "created_at": "2024-01-20T10:00:00Z", "price": 10}),
			deals.like(mcpRow{"deal_id": "deal-3", "created_at": "2024-01-14T10:00:00Z", "category_id": "toys"}))
		users.load(t)
		brands.load(t)
		watches.load(t,
			watches.like(mcpRow{"watch_key": "watch-deal-1", "watch_type": "deal", "brand_id": nil, "category_id": nil, "target_name": nil}),
			watches.like(mcpRow{"user_id": "user-11111", "created_at": "2024-01-02T00:00:00Z"}), watches.like(mcpRow{"user_id": "user-99999", "created_at": "2024-01-30T00:00:00Z", "target_id": nil}))
		activities.load(t,
			activities.like(mcpRow{"timestamp": "2024-01-14T10:30:00Z"}), activities.like(mcpRow{"timestamp": "2024-01-16T10:30:00Z", "details": nil}),
			activities.like(mcpRow{"activity_id": "activity-2"}))
		trending.load(t, // scores and discounts that texts would put in another order
			trending.like(mcpRow{"engagement_score": 1000, "discount_percentage": 7.5}), trending.like(mcpRow{"engagement_score": 90, "discount_percentage": 100}),
			trending.like(mcpRow{"engagement_score": 40, "category_id": "toys", "discount_percentage": 12.25}))

		ctx := t.Context()
		ofUser, ofBrand, ofCategory := rowIs("user_id", "user-67890"), rowIs("brand_id", "brand-sony"), rowIs("category_id", "electronics")
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := deals.repo.Consistent().Get(ctx, dealsDeal{ID: "deal-12345"})
				deals.expectOne(t, v, err, deals.where(rowIs("deal_id", "deal-12345"))[0])
			},
			2: deals.creates(deals.like(mcpRow{"deal_id": "deal-4", "created_at": "2024-01-11T10:00:00Z"})),
			3: func(t *testing.T) {
				deals.expect(t, deals.repo.Query(dealsDealBrand.Eq("brand-sony")).All(ctx), deals.where(ofBrand).by("created_at"))
			},
			4: func(t *testing.T) {
				q := deals.repo.Query(dealsDealCategory.Eq("electronics"))
				deals.expect(t, q.Hydrate().All(ctx), deals.where(ofCategory).by("created_at"))
				expectNotWhole(t, q, "Description", "Status")
			},
			5: func(t *testing.T) {
				since := "2024-01-14T10:00:00Z"
				deals.expect(t, deals.repo.Query(dealsDealBrand.Eq("brand-sony"), dealsDealCreated.Ge(since)).All(ctx), deals.where(ofBrand, rowFrom("created_at", since)).by("created_at"))
			},
			6: func(t *testing.T) {
				v, err := users.repo.Get(ctx, dealsUser{ID: "user-67890"})
				users.expectOne(t, v, err, users.where(ofUser)[0])
			},
			7: users.creates(users.like(mcpRow{"user_id": "user-3", "last_login": nil})),
			8: func(t *testing.T) {
				v, err := brands.repo.Get(ctx, dealsBrand{ID: "brand-apple"})
				brands.expectOne(t, v, err, brands.where(rowIs("brand_id", "brand-apple"))[0])
			},
			9: brands.puts(brands.like(mcpRow{"brand_id": "brand-3", "description": nil})),
			10: func(t *testing.T) {
				watches.expect(t, watches.repo.Query(dealsWatchUser.Eq("user-67890")).All(ctx), watches.where(ofUser).by("watch_key"))
			},
			11: func(t *testing.T) {
				q := watches.repo.Query(dealsWatchBrand.Eq("brand-sony"))
				watches.expect(t, q.Hydrate().All(ctx), watches.where(ofBrand).by("user_id"))
				expectNotWhole(t, q, "Type", "TargetID", "TargetName", "CategoryID", "CreatedAt")
			},
			12: func(t *testing.T) {
				q := watches.repo.Query(dealsWatchCategory.Eq("electronics"))
				watches.expectScanned(t, q.Hydrate().All(ctx), func(v dealsWatch) string { return v.UserID }, watches.where(ofCategory).by("user_id"))
				expectNotWhole(t, q, "Type", "TargetID", "BrandID")
			},
			13: func(t *testing.T) {
				activities.expect(t, activities.repo.Query(dealsActivityUser.Eq("user-67890")).All(ctx), activities.where(ofUser).by("timestamp", "activity_id"))
			},
			14: func(t *testing.T) {
				since := "2024-01-15T10:30:00Z"
				activities.expect(t, activities.repo.Query(dealsActivityUser.Eq("user-67890"), dealsActivityTime.Ge(since)).All(ctx),
					activities.where(ofUser, rowFrom("timestamp", since)).by("timestamp", "activity_id"))
				activities.expect(t, activities.repo.Query(dealsActivityUser.Eq("user-67890"), dealsActivityTime.Gt(since)).All(ctx),
					activities.where(ofUser, rowAfter("timestamp", since)).by("timestamp", "activity_id"))
			},
			15: func(t *testing.T) {
				trending.expect(t, trending.repo.Query(dealsTrendingCategory.Eq("electronics")).Desc().All(ctx), trending.where(ofCategory).by("engagement_score").reversed())
			},
			16: func(t *testing.T) {
				trending.expect(t, trending.repo.Query(dealsTrendingCategory.Eq("electronics"), dealsTrendingScore.Ge(850)).All(ctx),
					trending.where(ofCategory, rowFrom("engagement_score", 850)).by("engagement_score"))
			},
			17: func(t *testing.T) {
				trending.expect(t, trending.repo.Query(dealsTrendingBrand.Eq("brand-sony"), dealsTrendingDiscount.Ge(12.25)).All(ctx),
					trending.where(ofBrand, rowFrom("discount_percentage", 12.25)).by("discount_percentage"))
			},
			18: func(t *testing.T) {
				q := watches.repo.Query(dealsWatchType.Eq("brand_category"))
				watches.expect(t, q.Hydrate().All(ctx), watches.where(rowIs("watch_type", "brand_category")).by("created_at"))
				expectNotWhole(t, q, "TargetID", "BrandID", "CategoryID")
			},
		})
		deals.changes(t)
		users.changes(t)
		brands.changes(t)
		watches.changes(t)
		activities.changes(t)
		trending.changes(t)
	})
}
