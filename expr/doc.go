// Package expr names the fields of an entity, and says conditions and updates about them.
//
// A path is made once, as a package-level variable, from a function that returns the address of a field. The compiler checks that
// the field exists and what may be compared with it:
//
//	var (
//		status = expr.String(func(o *Order) *Status { return &o.Status })
//		total  = expr.Number(func(o *Order) *int64 { return &o.Total })
//		city   = expr.String(func(o *Order) *string { return &o.Ship.City })
//		lines  = expr.List(func(o *Order) *[]Line { return &o.Lines })
//		sku    = expr.NestedString(lines.At(0), func(l *Line) *string { return &l.SKU })
//	)
//
//	orders.If(status.Eq("open"), total.Lt(100)).Update(ctx, order, status.Set("shipped"), total.Add(5))
//
// Names in the table and the encoding of values come from the field's dynamodbav tag, so a value is compared and stored as it is
// when the whole struct is written. What the tags leave out is absent: Set of such a value removes the attribute, and Eq of it
// matches absence.
//
// The type of a path follows the field: [String] for text, [Number] for numbers, [List], [Set] and [Map] for what holds elements,
// and [Field] for everything else, pointers included. A field behind a pointer to a struct is named like any other; the probe that
// the function is called with has every pointer filled. For what lies in a list element or a map value there are [Nested] and its
// siblings.
//
// # Failure
//
// A function that does not return the address of a field that is stored makes the constructor panic: paths are declarations, and
// a wrong one is a mistake in the program. Everything else, such as a value that cannot be stored or a condition that DynamoDB
// refuses, is an error of the call that the condition or update is given to, before anything is sent. Its text names the field,
// and never a value or a map key.
//
// # Concurrency
//
// Paths, conditions and updates are immutable. They keep nothing of the values that they are made from ([RawCond] apart), and are
// safe for concurrent use. Deriving two conditions from one changes neither it nor each other.
package expr
