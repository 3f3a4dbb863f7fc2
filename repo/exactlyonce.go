package repo

// ExactlyOnce is the repository whose writes go out as transactions of one operation, under a token of their own: however many
// answers are lost, a write is applied once, and what cannot be found out within the call is [ErrOutcomeUnknown]. It is for updates
// that must not count twice, such as Add without a condition. It costs twice the write units, and an Update reads the item
// afterwards, since a transaction returns none. See "Amazon DynamoDB Transactions: How it works" in the AWS documentation.
func (r *Repository[T]) ExactlyOnce() *Repository[T] {
	derived := *r
	derived.core.view.exactlyOnce = true
	return &derived
}
