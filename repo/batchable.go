package repo

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// BatchWritable reports whether package batch may write the entity: nil, or an [*Error] that answers errors.Is for
// errors.ErrUnsupported and names the verb to use instead. Requests of a batch carry no conditions, so that what the library
// guarantees by one is refused: versions, unique and immutable fields, overlapping entities, and the views If and ExactlyOnce. The
// verb is what the error says was tried. It sends nothing, and is safe for concurrent use.
func (r *Repository[T]) BatchWritable(verb string) error {
	reason := r.core.view.batchReason()
	if reason == "" {
		reason = r.core.entity.batchReason(verb)
	}
	if reason == "" {
		return nil
	}
	return &Error{Op: verb, Entity: r.core.entity.Name, kind: errors.ErrUnsupported, Reason: reason}
}

func (v view) batchReason() string {
	switch {
	case len(v.conds) > 0:
		return "requests of a batch carry no conditions; use the verb of the conditional view for each item, or package txn"
	case v.exactlyOnce:
		return "requests of a batch are no transactions; use the verb of the view for each item, or package txn"
	}
	return ""
}

func (e *entity) batchReason(verb string) string {
	single := "; use " + verb + " of the repository for each item, or txn." + verb
	switch {
	case e.Version != nil:
		return "the type has a version, and requests of a batch cannot check it" + single
	case len(e.Unique) > 0:
		return "the type has a unique field, and requests of a batch cannot write its guards" + single
	case len(e.Immutable) > 0:
		return "the type has an immutable field, and requests of a batch cannot check it" + single
	case len(e.Overlaps) > 0:
		return "the type's keys overlap with those of another entity, and requests of a batch cannot tell them apart" + single
	}
	return ""
}

// KeyAttributes are the names of the attributes of the table's primary key, partition key first.
func (r *Repository[T]) KeyAttributes() []string { return r.core.entity.table.keyAttributes() }

// With is the sender with further options of the SDK, behind those that it has.
func (s Sender) With(options ...func(*dynamodb.Options)) Sender {
	s.options = append(s.options[:len(s.options):len(s.options)], options...)
	return s
}
