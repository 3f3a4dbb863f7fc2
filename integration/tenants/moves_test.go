package tenants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	streams "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// move is what is tried of one exported function or method.
type move[T any] struct {
	nothing string // why there is nothing to try
	refused bool   // out of scope whatever is asked for
	names   bool   // the tenant is named in what it is given, and must be ours
	reads   bool   // by the way of the attack
	lax     bool   // where it is refused, the reason may be another one
	do      func(*attack[T]) error
}

// attack is what moves are made with: identifiers of the attacker's choice, through a view of our tenant.
type attack[T any] struct {
	kind[T]
	ctx         context.Context
	client      repo.Client
	view, free  *repo.Repository[T]
	tenant_     string // that is named; "" where none is
	id_, value_ string
	v, w        T // examples
	way         way[T]
	stolen      repo.Cursor // of another tenant's query of the same way
	conflict    error       // of another tenant's Create
	canceled    txn.Reason  // of another tenant's transaction
	tell        func(...any)
}

// conds are the conditions of the way.
func (a *attack[T]) conds() []expr.Cond[T] {
	var out []expr.Cond[T]
	if a.tenant_ != "" {
		out = append(out, a.tenant.Eq(a.tenant_))
	}
	if a.way.folder {
		if c, ok := any(docFolder.Eq(a.value_)).(expr.Cond[T]); ok {
			out = append(out, c)
		}
	}
	if a.way.second {
		out = append(out, a.second.Eq(a.value_))
	}
	if a.way.id {
		out = append(out, a.id.Ge(a.id_))
	}
	return out
}

func (a *attack[T]) query() repo.Query[T] {
	q := a.view.Query(a.conds()...)
	if a.way.index != "" {
		q = q.Index(a.way.index)
	}
	if a.way.hydrate {
		q = q.Hydrate()
	}
	return q
}

func (a *attack[T]) partition() repo.Partition[T] {
	p := a.view.Partition(a.v)
	if a.way.index != "" {
		p = a.view.IndexPartition(a.way.index, a.v)
	}
	if a.way.hydrate {
		p = p.Hydrate()
	}
	return p
}

// all runs through items, and tells them.
func all[T, V any](a *attack[T], items iter.Seq2[V, error]) error {
	for v, err := range items {
		if a.tell(v, err); err != nil {
			return err
		}
	}
	return nil
}

func (a *attack[T]) pinned() *repo.Repository[T] { return a.view.If(a.second.Eq(a.value_)) }

// item is a stored item of the tenant that is named, with a secret in it where that is not ours.
func (a *attack[T]) item() (map[string]types.AttributeValue, error) {
	v, note := a.v, "a note"
	if a.tenant_ == "" {
		v = a.make(ours, a.id_, a.value_)
	} else if a.tenant_ != ours {
		note = secret
	}
	item, err := a.free.Encode(v)
	if err == nil {
		item["note"] = &types.AttributeValueMemberS{Value: note}
	}
	return item, err
}

func (a *attack[T]) withItem(do func(map[string]types.AttributeValue) error) error {
	item, err := a.item()
	if err != nil {
		return unmade{err}
	}
	return do(item)
}

// unmade is an attack that could not be made.
type unmade struct{ error }

func (a *attack[T]) decoder() *repo.Decoder {
	d, err := repo.NewDecoder(a.view)
	if err != nil {
		panic(err)
	}
	return d
}

func (a *attack[T]) commit(ops ...txn.Operation) error {
	t := txn.New(a.client).Add(ops...)
	in, err := t.Input()
	a.tell(t.String(), t.Len(), t.Operations(), err)
	if err == nil && in == nil {
		return errors.New("no input")
	}
	return t.Commit(a.ctx)
}

func (a *attack[T]) changes() []expr.Update[T] {
	return []expr.Update[T]{a.note.Set("n" + a.id_), a.second.Set(a.value_ + "2")}
}

func (a *attack[T]) batch() *batch.Batch[T] { return batch.New(a.view, batch.Options{Workers: 1}) }

func values[T any](list ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range list {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// returned tells what a verb returns.
func returned[T, V any](a *attack[T], v V, err error) error {
	a.tell(v, err)
	return err
}

// written looks at a planned write.
func written[T any](a *attack[T], w *repo.Write, err error) error {
	if err != nil {
		return err
	}
	a.tell(w.String(), w.GoString(), w.Verb(), w.Entity(), w.Repeatable(), w.Operations(), w.Size())
	if w.Key() == "" || len(w.TransactItems()) == 0 {
		return errors.New("an empty write")
	}
	for _, in := range []any{w.PutItemInput(), w.UpdateItemInput(), w.DeleteItemInput(), w.ConditionCheck()} {
		a.tell(reflect.ValueOf(in).IsNil())
	}
	tx, err := repo.NewTransaction(w)
	if err != nil {
		return err
	}
	a.tell(tx.String(), tx.GoString(), tx.Len(), tx.Size())
	if tx.LeaveForeign(nil) || len(tx.Codes(nil)) != len(tx.Explain(nil)) {
		return errors.New("a transaction that nobody canceled was explained")
	}
	_, _, err = a.view.Sender().TransactWriteItems(a.ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: tx.Items(), ClientRequestToken: aws.String(fmt.Sprintf("%p", w)),
	})
	if canceled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		a.tell(tx.LeaveForeign(canceled), tx.Codes(canceled))
		for _, e := range tx.Explain(canceled) {
			a.tell(e)
		}
	}
	return err
}

// moves has everything that is exported.
func moves[T any]() map[string]move[T] {
	type A = *attack[T]
	names := func(do func(A) error) move[T] { return move[T]{names: true, do: do} }
	reads := func(do func(A) error) move[T] { return move[T]{names: true, reads: true, do: do} }
	refused := func(do func(A) error) move[T] { return move[T]{refused: true, do: do} }
	none := func(why string) move[T] { return move[T]{nothing: why} }
	const (
		text     = "it says what it was made of, and sends nothing; the other moves read it"
		settings = "a plain value of the program's own"
		made     = "it looks at a write that was planned already, which is where it was refused; the moves of the planning methods use it"
		raw      = "it sends the program's own requests as they are: scopes are for identifiers, and IAM is for programs"
		admin    = "it is about tables, not items"
	)
	queried := func(do func(repo.Query[T]) repo.Query[T]) move[T] {
		return reads(func(a A) error { return all(a, do(a.query()).All(a.ctx)) })
	}
	scanned := func(do func(repo.Scan[T]) repo.Scan[T]) move[T] {
		return refused(func(a A) error { return all(a, do(a.view.Scan()).All(a.ctx)) })
	}
	collected := func(do func(A, repo.Partition[T]) repo.Partition[T]) move[T] {
		return reads(func(a A) error { return all(a, do(a, a.partition()).Items(a.ctx, a.view, a.free)) })
	}
	decoded := func(do func(repo.DecoderScan) repo.DecoderScan) move[T] {
		return refused(func(a A) error { return all(a, do(a.decoder().Scan()).All(a.ctx)) })
	}
	lax := func(m move[T]) move[T] { m.lax = true; return m }

	return map[string]move[T]{
		"repo.Repository.BatchWritable": none("it is about the type"),
		"repo.Repository.Entity":        none("it is the name of the type"),
		"repo.Repository.KeyAttributes": none("they are the table's"),
		"repo.Repository.Sender":        none(raw),
		"repo.Repository.ItemKey":       none("it makes a text of what it is given"),
		"repo.Repository.CheckWrite": names(func(a A) error {
			w, err := a.pinned().CheckWrite(a.v)
			return written(a, w, err)
		}),
		"repo.Repository.Consistent": names(func(a A) error {
			v, err := a.view.Consistent().Get(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.Create": names(func(a A) error {
			v, err := a.view.Create(a.ctx, a.v)
			if stored, ok, err2 := repo.Stored(a.view, err); ok || err2 != nil {
				a.tell(stored, err2)
			}
			return returned(a, v, err)
		}),
		"repo.Repository.CreateWrite": names(func(a A) error {
			w, err := a.view.CreateWrite(a.v)
			return written(a, w, err)
		}),
		"repo.Repository.Decode": names(func(a A) error {
			return a.withItem(func(item map[string]types.AttributeValue) error {
				v, err := a.view.Decode(item)
				return returned(a, v, err)
			})
		}),
		"repo.Repository.DecodeRead": names(func(a A) error {
			return a.withItem(func(item map[string]types.AttributeValue) error {
				v, ok, err := a.view.DecodeRead(item)
				a.tell(ok)
				return returned(a, v, err)
			})
		}),
		"repo.Repository.Delete": names(func(a A) error { return a.view.Delete(a.ctx, a.v) }),
		"repo.Repository.DeleteWrite": names(func(a A) error {
			w, err := a.pinned().DeleteWrite(a.v)
			return written(a, w, err)
		}),
		"repo.Repository.Encode": names(func(a A) error {
			item, err := a.view.Encode(a.v)
			if err != nil {
				return err
			}
			v, err := a.view.Decode(item)
			return returned(a, v, err)
		}),
		"repo.Repository.ExactlyOnce": names(func(a A) error {
			v, err := a.view.ExactlyOnce().Update(a.ctx, a.v, a.note.Set("once"))
			if err := returned(a, v, err); err != nil {
				return err
			}
			v, err = a.view.ExactlyOnce().Take(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.Get": names(func(a A) error {
			v, err := a.view.Get(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.GetInput": names(func(a A) error {
			in, err := a.view.GetInput(a.v)
			if err == nil {
				_, err = a.view.Sender().Client().GetItem(a.ctx, in)
			}
			return err
		}),
		"repo.Repository.If": names(func(a A) error { // the condition names the tenant, the example does not
			view := a.view.If(a.tenant.Eq(a.tenantOr(ours)), a.second.Eq(a.value_))
			v, err := view.Update(a.ctx, a.make("", a.id_, a.value_), a.note.Set("if"))
			if err := returned(a, v, err); err != nil {
				return err
			}
			return view.Delete(a.ctx, a.make("", a.id_, a.value_))
		}),
		"repo.Repository.IndexPartition": reads(func(a A) error {
			return all(a, a.partition().Items(a.ctx, a.view))
		}),
		"repo.Repository.Modify": names(func(a A) error {
			v, err := a.view.Modify(a.ctx, a.v, func(v *T) error {
				a.tell(*v)
				other := a.make(a.tenantOr(ours), a.id_, a.value_+"3")
				*v = other
				return nil
			})
			return returned(a, v, err)
		}),
		"repo.Repository.Partition": reads(func(a A) error {
			var list []T
			err := a.partition().Load(a.ctx, repo.Many(a.view, &list))
			return returned(a, list, err)
		}),
		"repo.Repository.Put": names(func(a A) error {
			v, err := a.view.Put(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.PutWrite": names(func(a A) error {
			w, err := a.pinned().PutWrite(a.v)
			return written(a, w, err)
		}),
		"repo.Repository.Query": reads(func(a A) error { return all(a, a.query().All(a.ctx)) }),
		"repo.Repository.Reindex": refused(func(a A) error {
			report, err := a.view.Reindex(a.ctx, repo.ReindexOptions{})
			return returned(a, report, err)
		}),
		"repo.Repository.Scan": scanned(func(s repo.Scan[T]) repo.Scan[T] { return s }),
		"repo.Repository.Scope": refused(func(a A) error { // a scope of the scope takes the next fields, and no other tenant
			other := a.tenantOr("b")
			if other == ours {
				other = "b"
			}
			v, err := a.view.Scope(a.tenant.Eq(other)).Get(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.Take": names(func(a A) error {
			v, err := a.view.Take(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.Update": names(func(a A) error {
			v, err := a.view.Update(a.ctx, a.v, a.changes()...)
			return returned(a, v, err)
		}),
		"repo.Repository.UpdateWrite": names(func(a A) error {
			w, err := a.pinned().UpdateWrite(a.v, a.changes()...)
			return written(a, w, err)
		}),
		"repo.Repository.Upsert": names(func(a A) error {
			v, err := a.view.Upsert(a.ctx, a.v, a.changes()...)
			return returned(a, v, err)
		}),
		"repo.Repository.UpsertWrite": names(func(a A) error {
			w, err := a.view.UpsertWrite(a.v, a.changes()...)
			return written(a, w, err)
		}),
		"repo.Repository.With": names(func(a A) error {
			v, err := a.view.With(func(*dynamodb.Options) {}).Get(a.ctx, a.v)
			return returned(a, v, err)
		}),
		"repo.Repository.WithExpired": names(func(a A) error {
			v, err := a.view.WithExpired().Get(a.ctx, a.v)
			return returned(a, v, err)
		}),

		"repo.Query.All":        queried(func(q repo.Query[T]) repo.Query[T] { return q }),
		"repo.Query.Consistent": lax(queried(func(q repo.Query[T]) repo.Query[T] { return q.Consistent() })),
		"repo.Query.Count": reads(func(a A) error {
			n, err := a.query().Count(a.ctx)
			if err != nil {
				return err
			}
			list, err := repo.Collect(a.query().All(a.ctx))
			if len(list) != n {
				return fmt.Errorf("%w: %d are counted, and %d are there", errRevealed, n, len(list))
			}
			return returned(a, list, err)
		}),
		"repo.Query.CursorAt": reads(func(a A) error {
			at, err := a.query().CursorAt(a.v)
			if err != nil {
				return err
			}
			page, err := a.query().Page(a.ctx, at)
			return returned(a, page, err)
		}),
		"repo.Query.Desc": queried(func(q repo.Query[T]) repo.Query[T] { return q.Desc() }),
		"repo.Query.Explain": reads(func(a A) error {
			plan, err := a.query().Explain()
			a.tell(plan.String(), plan)
			return err
		}),
		"repo.Query.Filter": reads(func(a A) error {
			conds := []expr.Cond[T]{expr.Or(a.note.Contains("e"), a.note.Eq(a.id_))}
			if a.table.Name != "natural" && a.way.index != "multi" {
				conds = append(conds, expr.Or(a.tenant.Ne(ours), a.tenant.Eq(a.tenantOr("b")), a.tenant.Exists()))
			}
			return all(a, a.query().Filter(conds[len(conds)-1:]...).All(a.ctx))
		}),
		"repo.Query.First": reads(func(a A) error {
			v, err := a.query().First(a.ctx)
			return returned(a, v, err)
		}),
		"repo.Query.Hydrate": queried(func(q repo.Query[T]) repo.Query[T] { return q.Hydrate() }),
		"repo.Query.Index":   queried(func(q repo.Query[T]) repo.Query[T] { return q }),
		"repo.Query.Input": lax(reads(func(a A) error {
			in, err := a.query().Input()
			if err == nil && in != nil {
				_, err = a.view.Sender().Client().Query(a.ctx, in)
			}
			return err
		})),
		"repo.Query.Inputs": reads(func(a A) error {
			inputs, err := a.query().Inputs()
			for _, in := range inputs {
				if _, err := a.view.Sender().Client().Query(a.ctx, in); err != nil {
					return err
				}
			}
			return err
		}),
		"repo.Query.Limit": queried(func(q repo.Query[T]) repo.Query[T] { return q.Limit(1) }),
		"repo.Query.Page": reads(func(a A) error {
			if a.stolen != "" {
				if page, err := a.query().Limit(1).Page(a.ctx, a.stolen); err == nil && len(page.Items)+len(page.Next) > 0 {
					return fmt.Errorf("%w: another tenant's cursor was taken", errRevealed)
				}
			}
			for at := repo.Cursor(""); ; {
				page, err := a.query().Limit(1).Page(a.ctx, at)
				if err := returned(a, page, err); err != nil || page.Next == "" {
					return err
				}
				at = page.Next
			}
		}),
		"repo.Query.PageSize": queried(func(q repo.Query[T]) repo.Query[T] { return q.PageSize(1) }),

		"repo.Scan.All": scanned(func(s repo.Scan[T]) repo.Scan[T] { return s }),
		"repo.Scan.Count": refused(func(a A) error {
			n, err := a.view.Scan().Count(a.ctx)
			return returned(a, n, err)
		}),
		"repo.Scan.Filter":  refused(func(a A) error { return all(a, a.view.Scan().Filter(a.note.Eq(a.id_)).All(a.ctx)) }),
		"repo.Scan.Hydrate": scanned(func(s repo.Scan[T]) repo.Scan[T] { return s.Hydrate() }),
		"repo.Scan.Index":   refused(func(a A) error { return all(a, a.view.Scan().Index("led").All(a.ctx)) }),
		"repo.Scan.Input": refused(func(a A) error {
			in, err := a.view.Scan().Input()
			return returned(a, in, err)
		}),
		"repo.Scan.Inputs": refused(func(a A) error {
			in, err := a.view.Scan().Segments(3).Inputs()
			return returned(a, in, err)
		}),
		"repo.Scan.Limit": scanned(func(s repo.Scan[T]) repo.Scan[T] { return s.Limit(1) }),
		"repo.Scan.Page": refused(func(a A) error {
			if page, err := a.view.Scan().Page(a.ctx, a.stolen); err == nil {
				return fmt.Errorf("a page of %d items", len(page.Items))
			}
			page, err := a.view.Scan().Segments(2).Page(a.ctx, "")
			return returned(a, page, err)
		}),
		"repo.Scan.PageSize": scanned(func(s repo.Scan[T]) repo.Scan[T] { return s.PageSize(1) }),
		"repo.Scan.Segments": refused(func(a A) error {
			if n, err := a.view.Scan().Segments(2).Count(a.ctx); err == nil {
				return fmt.Errorf("%d were counted", n)
			}
			return all(a, a.view.Scan().Segments(2).All(a.ctx))
		}),

		"repo.Partition.Consistent": lax(collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.Consistent() })),
		"repo.Partition.Desc":       collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.Desc() }),
		"repo.Partition.Filter":     collected(func(a A, p repo.Partition[T]) repo.Partition[T] { return p.Filter(a.note.Ne(a.id_)) }),
		"repo.Partition.Hydrate":    collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.Hydrate() }),
		"repo.Partition.Items":      collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p }),
		"repo.Partition.Limit":      collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.Limit(1) }),
		"repo.Partition.Load": reads(func(a A) error {
			var one T
			var ok bool
			var rest []map[string]types.AttributeValue
			err := a.partition().Load(a.ctx, repo.One(a.view, &one).Found(&ok), repo.Rest(&rest))
			a.tell(one, ok)
			for _, row := range rest {
				a.tell(row["note"])
			}
			return err
		}),
		"repo.Partition.PageSize": collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.PageSize(1) }),
		"repo.Partition.Unknown":  collected(func(_ A, p repo.Partition[T]) repo.Partition[T] { return p.Unknown() }),
		"repo.Partition.Where":    lax(collected(func(a A, p repo.Partition[T]) repo.Partition[T] { return p.Where(a.id.Ge(a.id_)) })),

		"repo.Decoder.Decode": names(func(a A) error {
			return a.withItem(func(item map[string]types.AttributeValue) error {
				v, err := a.decoder().Decode(item)
				return returned(a, v, err)
			})
		}),
		"repo.Decoder.LambdaEvent": names(func(a A) error {
			return a.withItem(func(item map[string]types.AttributeValue) error {
				plain := map[string]map[string]string{}
				for name, v := range item {
					if s, ok := v.(*types.AttributeValueMemberS); ok {
						plain[name] = map[string]string{"S": s.Value}
					}
				}
				event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"eventName": "INSERT", "dynamodb": map[string]any{
					"Keys": plain, "NewImage": plain, "OldImage": plain, "SequenceNumber": "1"}}}})
				if err != nil {
					return err
				}
				return all(a, a.decoder().LambdaEvent(event))
			})
		}),
		"repo.Decoder.Scan": decoded(func(s repo.DecoderScan) repo.DecoderScan { return s }),
		"repo.Decoder.StreamRecord": names(func(a A) error {
			return a.withItem(func(item map[string]types.AttributeValue) error {
				image := map[string]streams.AttributeValue{}
				for name, v := range item {
					if s, ok := v.(*types.AttributeValueMemberS); ok {
						image[name] = &streams.AttributeValueMemberS{Value: s.Value}
					}
				}
				c, err := a.decoder().StreamRecord(streams.Record{EventName: streams.OperationTypeModify, Dynamodb: &streams.StreamRecord{
					Keys: image, NewImage: image, OldImage: image}})
				for _, row := range []map[string]types.AttributeValue{c.Keys, c.OldImage, c.NewImage} {
					for _, v := range row {
						a.tell(v)
					}
				}
				return returned(a, c, err)
			})
		}),
		"repo.DecoderScan.All":   decoded(func(s repo.DecoderScan) repo.DecoderScan { return s }),
		"repo.DecoderScan.Limit": decoded(func(s repo.DecoderScan) repo.DecoderScan { return s.Limit(1) }),
		"repo.DecoderScan.Page": refused(func(a A) error {
			page, err := a.decoder().Scan().Page(a.ctx, "")
			return returned(a, page, err)
		}),
		"repo.DecoderScan.PageSize": decoded(func(s repo.DecoderScan) repo.DecoderScan { return s.PageSize(1) }),
		"repo.DecoderScan.Segments": decoded(func(s repo.DecoderScan) repo.DecoderScan { return s.Segments(2) }),
		"repo.DecoderScan.Unknown":  decoded(func(s repo.DecoderScan) repo.DecoderScan { return s.Unknown() }),

		"repo.OneLoader.Found": reads(func(a A) error {
			var one T
			var ok bool
			err := a.partition().Load(a.ctx, repo.One(a.view, &one).Found(&ok))
			return returned(a, one, err)
		}),
		"repo.One": reads(func(a A) error {
			var one T
			err := a.partition().Load(a.ctx, repo.One(a.free, &one))
			return returned(a, one, err)
		}),
		"repo.Many": refused(func(a A) error { // the collection is everybody's, the member ours
			var list []T
			err := a.free.Partition(a.make("b", "x1", "x1")).Load(a.ctx, repo.Many(a.view, &list))
			return returned(a, list, err)
		}),
		"repo.Rest": reads(func(a A) error {
			var list []T
			var rest []map[string]types.AttributeValue
			err := a.partition().Load(a.ctx, repo.Many(a.free, &list), repo.Rest(&rest))
			for _, row := range rest {
				a.tell(row["note"])
			}
			return returned(a, list, err)
		}),
		"repo.Stored": {do: func(a A) error {
			v, ok, err := repo.Stored(a.view, a.conflict)
			a.tell(v)
			if ok {
				return fmt.Errorf("%w: another tenant's item was stored", errRevealed)
			}
			return err
		}},
		"repo.Collect": reads(func(a A) error {
			list, err := repo.Collect(a.query().All(a.ctx))
			return returned(a, list, err)
		}),
		"repo.NewTransaction":   none("it takes writes that were planned; the moves of the planning methods use it"),
		"repo.NewDecoder":       none("it is what the moves of Decoder are made with"),
		"repo.NewSender":        none(raw),
		"repo.New":              none("it makes a repository of everything"),
		"repo.Must":             none("it passes a repository on"),
		"repo.Check":            none("it is about types"),
		"repo.CreateTable":      none(admin),
		"repo.CreateTableInput": none(admin),
		"repo.CreateIndexInput": none(admin),
		"repo.VerifyTable":      none(admin),

		"repo.Write.ConditionCheck": none(made), "repo.Write.DeleteItemInput": none(made), "repo.Write.Entity": none(made),
		"repo.Write.GoString": none(made), "repo.Write.Key": none(made), "repo.Write.Operations": none(made),
		"repo.Write.PutItemInput": none(made), "repo.Write.Repeatable": none(made), "repo.Write.Size": none(made),
		"repo.Write.String": none(made), "repo.Write.TransactItems": none(made), "repo.Write.UpdateItemInput": none(made),
		"repo.Write.Verb":        none(made),
		"repo.Transaction.Codes": none(made), "repo.Transaction.Explain": none(made), "repo.Transaction.GoString": none(made),
		"repo.Transaction.Items": none(made), "repo.Transaction.LeaveForeign": none(made), "repo.Transaction.Len": none(made),
		"repo.Transaction.Size": none(made), "repo.Transaction.String": none(made),
		"repo.Sender.BatchGetItem": none(raw), "repo.Sender.BatchWriteItem": none(raw), "repo.Sender.Client": none(raw),
		"repo.Sender.TransactGetItems": none(raw), "repo.Sender.TransactWriteItems": none(raw), "repo.Sender.With": none(raw),
		"repo.Plan.String": none(text), "repo.Error.Error": none(text), "repo.Error.Unwrap": none(text), "repo.PositionError.Error": none(text),
		"repo.PositionError.Unwrap": none(text), "repo.SchemaError.Error": none(text), "repo.ChangeKind.String": none(text),
		"repo.ReindexProblem.String": none(text), "repo.ReindexProblem.GoString": none(text),
		"repo.Table.String": none(settings), "repo.Table.GoString": none(settings),

		"batch.New": names(func(a A) error { return batch.New(a.view.Consistent(), batch.Options{}).Put(a.ctx, a.v) }),
		"batch.Batch.Put": names(func(a A) error {
			return batch.New(a.view, batch.Options{Duplicates: batch.LastWins}).Put(a.ctx, a.v, a.v)
		}),
		"batch.Batch.PutSeq": names(func(a A) error { return a.batch().PutSeq(a.ctx, values(a.v, a.v)) }),
		"batch.Batch.Delete": names(func(a A) error { return a.batch().Delete(a.ctx, a.v) }),
		"batch.Batch.DeleteSeq": names(func(a A) error {
			return a.batch().DeleteSeq(a.ctx, values(a.v))
		}),
		"batch.Batch.Get": names(func(a A) error {
			list, err := a.batch().Get(a.ctx, a.v, a.v)
			return returned(a, list, err)
		}),
		"batch.Batch.GetSeq":      names(func(a A) error { return all(a, a.batch().GetSeq(a.ctx, values(a.v))) }),
		"batch.GetItems":          none(raw),
		"batch.WriteItems":        none(raw),
		"batch.Error.Cause":       none(text),
		"batch.Error.Error":       none(text),
		"batch.Error.Total":       none(text),
		"batch.Error.Unwrap":      none(text),
		"batch.PanicError.Error":  none(text),
		"batch.PanicError.Unwrap": none(text),
		"batch.State.String":      none(text),

		"txn.Check":  names(func(a A) error { return a.commit(txn.Check(a.pinned(), a.v)) }),
		"txn.Create": names(func(a A) error { return a.commit(txn.Create(a.view, a.v)) }),
		"txn.Delete": names(func(a A) error { return a.commit(txn.Delete(a.pinned(), a.v)) }),
		"txn.Put":    names(func(a A) error { return a.commit(txn.Put(a.pinned(), a.v)) }),
		"txn.Update": names(func(a A) error { return a.commit(txn.Update(a.pinned(), a.v, a.changes()...)) }),
		"txn.Upsert": names(func(a A) error { return a.commit(txn.Upsert(a.view, a.v, a.changes()...)) }),
		"txn.Get": names(func(a A) error {
			var v T
			err := txn.Read(a.ctx, a.client, txn.Get(a.view, a.v, &v))
			return returned(a, v, err)
		}),
		"txn.Reading.Found": names(func(a A) error {
			var v T
			var ok bool
			g := txn.Get(a.view, a.v, &v).Found(&ok)
			a.tell(g.String(), g.GoString())
			err := txn.Read(a.ctx, a.client, g)
			a.tell(ok)
			return returned(a, v, err)
		}),
		"txn.Read": names(func(a A) error { // one of ours beside it
			var v, w T
			var ok, ok2 bool
			err := txn.Read(a.ctx, a.client, txn.Get(a.view, a.w, &w).Found(&ok), txn.Get(a.view, a.v, &v).Found(&ok2))
			a.tell(v, w)
			return err
		}),
		"txn.Stored": {do: func(a A) error {
			v, ok, err := txn.Stored(a.view, a.canceled)
			a.tell(v)
			if ok {
				return fmt.Errorf("%w: another tenant's item was stored", errRevealed)
			}
			return err
		}},
		"txn.New": names(func(a A) error { // with one of ours before it
			return a.commit(txn.Update(a.view, a.w, a.note.Set("first")), txn.Update(a.pinned(), a.v, a.changes()...))
		}),
		"txn.Txn.Add": names(func(a A) error {
			return txn.New(a.client).Add(txn.Check(a.view, a.w)).Add(txn.Create(a.view, a.v)).Commit(a.ctx)
		}),
		"txn.Txn.Commit": names(func(a A) error {
			t := txn.New(a.client).Add(txn.Create(a.view, a.v))
			err := t.Commit(a.ctx)
			a.tell(t.Commit(a.ctx))
			if canceled, ok := errors.AsType[*txn.CanceledError](err); ok {
				for _, reason := range canceled.Reasons {
					stored, _, err := txn.Stored(a.view, reason)
					a.tell(stored, err, reason.Err)
				}
			}
			return err
		}),
		"txn.Txn.Input": names(func(a A) error {
			in, err := txn.New(a.client).Add(txn.Create(a.view, a.v)).Input()
			if err == nil {
				in.ClientRequestToken = aws.String(fmt.Sprintf("%p", in))
				_, _, err = a.view.Sender().TransactWriteItems(a.ctx, in)
			}
			return err
		}),
		"txn.Txn.Len":        none(text),
		"txn.Txn.Operations": none(text),
		"txn.Txn.String":     none(text),
		"txn.Txn.Token": names(func(a A) error {
			return txn.New(a.client).Add(txn.Create(a.view, a.v)).Token("token " + a.id_).Commit(a.ctx)
		}),
		"txn.Operation.String":     none(text),
		"txn.Reading.String":       none(text),
		"txn.Reading.GoString":     none(text),
		"txn.Error.Error":          none(text),
		"txn.Error.Unwrap":         none(text),
		"txn.CanceledError.Error":  none(text),
		"txn.CanceledError.Unwrap": none(text),
	}
}

// errRevealed is an attack that succeeded.
var errRevealed = errors.New("another tenant's item was reached")

func (a *attack[T]) tenantOr(other string) string {
	if a.tenant_ == "" {
		return other
	}
	return a.tenant_
}

// exportedTypes are the types whose methods are listed, by package and name.
func exportedTypes[T any]() map[string]reflect.Type {
	return map[string]reflect.Type{
		"repo.Repository": reflect.TypeFor[repo.Repository[T]](), "repo.Query": reflect.TypeFor[repo.Query[T]](),
		"repo.Scan": reflect.TypeFor[repo.Scan[T]](), "repo.Partition": reflect.TypeFor[repo.Partition[T]](),
		"repo.Decoder": reflect.TypeFor[repo.Decoder](), "repo.DecoderScan": reflect.TypeFor[repo.DecoderScan](),
		"repo.OneLoader": reflect.TypeFor[repo.OneLoader[T]](), "repo.ManyLoader": reflect.TypeFor[repo.ManyLoader[T]](),
		"repo.RestLoader": reflect.TypeFor[repo.RestLoader](), "repo.Write": reflect.TypeFor[repo.Write](),
		"repo.Transaction": reflect.TypeFor[repo.Transaction](), "repo.Sender": reflect.TypeFor[repo.Sender](),
		"repo.Plan": reflect.TypeFor[repo.Plan](), "repo.Candidate": reflect.TypeFor[repo.Candidate](), "repo.Page": reflect.TypeFor[repo.Page[T]](),
		"repo.Cursor": reflect.TypeFor[repo.Cursor](), "repo.Error": reflect.TypeFor[repo.Error](),
		"repo.PositionError": reflect.TypeFor[repo.PositionError](), "repo.SchemaError": reflect.TypeFor[repo.SchemaError](),
		"repo.Call": reflect.TypeFor[repo.Call](), "repo.Change": reflect.TypeFor[repo.Change](), "repo.ChangeKind": reflect.TypeFor[repo.ChangeKind](),
		"repo.UnknownRow": reflect.TypeFor[repo.UnknownRow](), "repo.Table": reflect.TypeFor[repo.Table](), "repo.Index": reflect.TypeFor[repo.Index](),
		"repo.Key": reflect.TypeFor[repo.Key](), "repo.ReindexOptions": reflect.TypeFor[repo.ReindexOptions](),
		"repo.ReindexProblem": reflect.TypeFor[repo.ReindexProblem](), "repo.ReindexProgress": reflect.TypeFor[repo.ReindexProgress](),
		"repo.ReindexReport": reflect.TypeFor[repo.ReindexReport](),
		"repo.Client":        nil, "repo.AdminClient": nil, "repo.Member": nil, "repo.Loader": nil, // interfaces

		"batch.Batch": reflect.TypeFor[batch.Batch[T]](), "batch.Error": reflect.TypeFor[batch.Error](), "batch.Failure": reflect.TypeFor[batch.Failure](),
		"batch.Options": reflect.TypeFor[batch.Options](), "batch.PanicError": reflect.TypeFor[batch.PanicError](),
		"batch.Progress": reflect.TypeFor[batch.Progress](), "batch.State": reflect.TypeFor[batch.State](),
		"batch.Duplicates": reflect.TypeFor[batch.Duplicates](),

		"txn.Txn": reflect.TypeFor[txn.Txn](), "txn.Operation": reflect.TypeFor[txn.Operation](), "txn.Reading": reflect.TypeFor[txn.Reading](),
		"txn.Reason": reflect.TypeFor[txn.Reason](), "txn.Error": reflect.TypeFor[txn.Error](), "txn.CanceledError": reflect.TypeFor[txn.CanceledError](),
	}
}

// methods lists what the types export.
func methods[T any]() (out []string) {
	for name, typ := range exportedTypes[T]() {
		if typ == nil {
			continue
		}
		for m := range reflect.PointerTo(typ).Methods() {
			out = append(out, name+"."+m.Name)
		}
	}
	slices.Sort(out)
	return out
}
