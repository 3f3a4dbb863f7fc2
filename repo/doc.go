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
//
// # Tags
//
// Blank marker fields declare the entity and its place in the table:
//
//	entity:"Order" pk:"…" sk:"…"              its name and primary key; entity:"A,overlaps=B" where keys of both may meet
//	index:"gsi1" pk:"…" sk:"…" when:"F=a|b"   an index and which items are in it; an item with an empty field is not
//	hash:"A,B" range:"C"                      in place of pk and sk: fields whose own attributes are the key
//
// In a template {Field} or {Nested.Field} stands for the text of a field. Verbs behind a bar change it: pad=8, desc, plain of numbers;
// fold, raw of strings; day, month, hour, unix, desc of times; or=NONE where the field is empty; shard=16 for one of as many buckets. Text
// of fields sorts as their values do, and cannot reach into the next segment; the format is in internal/schema/text.go.
//
// Fields have the SDK's dynamodbav tags, and roles, several of them separated by commas:
//
//	repo:"required"                           never written empty
//	repo:"version"                            counted up with every write, checked where the caller carries one; version,optional
//	                                          takes items that have none yet
//	repo:"created" repo:"updated"             times that the library sets
//	repo:"ttl"                                when the item expires, in seconds (dynamodbav:",unixtime")
//	repo:"unique" repo:"unique=Tenant+Email"  no two items share the value; unique,fold whatever the case of its letters
//	repo:"immutable"                          never changes once written
//	repo:"type"                               the field that is the discriminator
//	repo:"was=old_name"                       what the attribute was called before
//
// # Renames
//
// An entity, and the attribute of a field, can have former names, the last one first where there are several:
//
//	type Order struct {
//		_      struct{} `entity:"Order,was=Purchase" pk:"CUSTOMER#{CustomerID}" sk:"ORDER#{ID}"`
//		Status string   `dynamodbav:"status" repo:"was=state,was=st"`
//	}
//
// Rows are read under all names. Where a row has several of one attribute the name now counts, then the former ones in their order.
// Conditions and filters mean whichever counts, but for expr.RawCond, which is sent as it is. What is written has the names now, and the
// former ones go in the same request: Put replaces the item, Modify brings all of it up to date where it writes, Update and Upsert do
// what they name, and [Repository.Reindex] does the rest. A change that depends on the stored value, such as Add or a path within the
// attribute, cannot be made of a value under another name: such a write is conditional on there being none. Update and Upsert then
// move the attribute first and try again, which costs two requests more, once for an item, and is seen by streams as a change; the
// version is not counted up for it, and it may be done although a condition of If fails afterwards. In a transaction nothing can be
// moved: there it is [ErrConditionFailed], naming the field.
//
// Guards of unique values are keyed by the first names, that of the entity and that of the attribute, so that a value which is taken
// stays so. Attributes that are keys themselves (hash, range) and the discriminator cannot be renamed, nor can fields of nested structs.
// A field for the discriminator shows the name that the row has. An index with a Project list must hold every name. DynamoDB deletes
// expired items by one attribute of a table: those under a former name of a ttl are hidden, and deleted once they have the name now.
//
// A program that does not know the new names cannot read what is written under them: an item of a renamed entity is of another entity
// to it, which it neither shows nor changes, and a renamed attribute looks absent. Where the old program goes on beside the new one,
// two releases are needed, each of which reads what the other writes. The first one keeps the old names and knows the new ones; its
// own name stands last, for it is the first name:
//
//	_      struct{} `entity:"Purchase,was=Order,was=Purchase" ...`
//	Status string   `dynamodbav:"st" repo:"was=status,was=st"`
//
// When it runs everywhere, the second one has the new names, as above; it can be rolled back to the first. When that runs everywhere,
// Reindex rewrites what is left, and the former names of attributes can go. Of an entity, and of a unique attribute, the first name
// stays for as long as there are guards.
package repo
