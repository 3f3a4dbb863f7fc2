// Package repo reads and writes typed entities in a single DynamoDB table.
//
// An entity is a struct with tags: the SDK's own dynamodbav tags on its fields, and blank marker fields that declare its keys and
// indexes as templates of fields. A [Repository] is made once per entity and table:
//
//	type Order struct {
//		_ struct{} `entity:"Order" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
//		_ struct{} `index:"gsi1" pk:"STATUS#{Status}" sk:"{PlacedAt}#{ID}" when:"Status=open|shipped"`
//
//		ID         string    `dynamodbav:"id"`
//		CustomerID string    `dynamodbav:"customer_id"`
//		Status     string    `dynamodbav:"status"`
//		PlacedAt   time.Time `dynamodbav:"placed_at" repo:"required"`
//	}
//
//	var status = expr.String(func(o *Order) *string { return &o.Status })
//
//	orders, err := repo.New[Order](client, repo.Table{Name: "app", Indexes: []repo.Index{{Name: "gsi1"}}})
//	order, err := orders.Create(ctx, Order{CustomerID: "c1", ID: "o1", Status: "open", PlacedAt: time.Now()})
//	order, err = orders.If(status.Eq("open")).Update(ctx, order, status.Set("shipped"))
//	open, err := repo.Collect(orders.Query(status.Eq("open")).All(ctx))
//
// Three rules carry the package. A verb plans a request purely, from its arguments and a clock, and a thin call sends it: the
// pure halves are exported ([Repository.UpdateWrite], [Query.Input] and their like). What is wrong is said before anything is sent
// where it can be known: by the compiler, by [New], by the verb. And every request passes one sender, which watches what becomes
// of each attempt, so that no outcome is guessed.
//
// Values go in, and the item as stored comes out; the caller's value is never changed. On an error a verb returns the zero value.
// Errors answer errors.Is for the sentinels of this package and errors.As for [*Error]; their texts hold neither attribute values
// nor key text.
package repo
