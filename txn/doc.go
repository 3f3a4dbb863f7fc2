// Package txn collects typed operations of several entities into one transaction, which DynamoDB carries out as a whole or not at all.
//
//	err := txn.New(client).Add(
//		txn.Create(orders, order),
//		txn.Update(products.If(stock.Ge(3)), Product{ID: "p1"}, stock.Sub(3)),
//		txn.Check(customers.If(active.Eq(true)), Customer{ID: "c1"}),
//	).Commit(ctx)
//
// Operations are made from repositories and their views, and keep every rule of the write path: index keys, versions, times, unique
// guards, Validate. They are planned and checked when they are made; what is wrong with one comes out of Commit or Input, with its
// position from 0, before anything is sent.
//
// [Read] reads several items as they are at one moment.
package txn
