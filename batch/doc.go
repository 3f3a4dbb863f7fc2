// Package batch writes and reads many items fast, and says exactly what became of each.
//
//	orders := batch.New(repository, batch.Options{Workers: 16})
//	err := orders.Put(ctx, list...)
//
//	var failed *batch.Error
//	if errors.As(err, &failed) {
//		for _, f := range failed.Failures {
//			log.Println(f.Index, f.State, f.Err)
//		}
//	}
//
// Every input ends as exactly one of written, unprocessed, rejected and ambiguous, and a nil error means that all are written.
// Items that cannot be written are rejected one by one and the rest goes on. What the service leaves unprocessed is sent again, after
// delays that grow; what it throttles makes the workers fewer, until it does so no longer. Requests are as full as they can be.
//
// [Batch.Put], [Batch.Delete] and [Batch.Get] take lists; [Batch.PutSeq], [Batch.DeleteSeq] and [Batch.GetSeq] take sequences of any
// length at constant memory. [WriteItems] and [GetItems] are the same on requests of the SDK, for several tables and for puts and
// deletes together.
//
// A batch is no transaction: it is carried out item by item, in any order, and others see it half done. Its requests carry no conditions,
// so that types whose writes need one (a version, unique or immutable fields) are refused; package txn writes those.
package batch
