package repo_test

import (
	"context"
	"slices"
	"testing"

	"github.com/monotable/monotable/repo/repotest"
)

// What the verbs cost that read first or write guards, in requests.
func TestRequestsOfAVerb(t *testing.T) {
	const get, put, up, del, tx = "GetItem", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"
	p := patron{ID: "p", Email: "a"}
	for _, c := range []struct {
		reason string
		call   func(context.Context, books) error
		want   []string
	}{
		{"Modify that changes something", func(ctx context.Context, b books) error {
			return only(b.deeds.Modify(ctx, deed{ID: "d"}, func(d *deed) error { d.N++; return nil }))
		}, []string{get, up}},
		{"Modify that changes nothing", func(ctx context.Context, b books) error {
			return only(b.deeds.Modify(ctx, deed{ID: "d"}, func(d *deed) error { return nil }))
		}, []string{get}},
		{"Modify without a version", func(ctx context.Context, b books) error {
			return only(b.meters.Modify(ctx, meter{ID: "m"}, func(m *meter) error { m.N++; return nil }))
		}, []string{get, up}},
		{"Modify of a unique field", func(ctx context.Context, b books) error {
			return only(b.patrons.Modify(ctx, p, func(p *patron) error { p.Email = "b"; return nil }))
		}, []string{get, tx}},
		{"Modify beside a unique field", func(ctx context.Context, b books) error {
			return only(b.patrons.Modify(ctx, p, func(p *patron) error { p.N++; return nil }))
		}, []string{get, up}},
		{"unique Create", func(ctx context.Context, b books) error {
			return only(b.patrons.Create(ctx, patron{ID: "n", Email: "n"}))
		}, []string{tx}},
		{"unique Update", func(ctx context.Context, b books) error { return only(b.patrons.Update(ctx, p, patronMail.Set("b"))) }, []string{get, tx}},
		{"unique Update beside the field", func(ctx context.Context, b books) error { return only(b.patrons.Update(ctx, p, patronN.Add(1))) }, []string{up}},
		{"unique Put that swaps", func(ctx context.Context, b books) error { return only(b.patrons.Put(ctx, patron{ID: "p", Email: "b"})) }, []string{get, tx}},
		{"unique Put that swaps nothing", func(ctx context.Context, b books) error {
			return only(b.patrons.Put(ctx, patron{ID: "p", Email: "a", N: 4}))
		}, []string{get, put}},
		{"unique Delete", func(ctx context.Context, b books) error { return b.patrons.Delete(ctx, p) }, []string{get, tx}},
		{"unique Delete of nothing", func(ctx context.Context, b books) error { return b.patrons.Delete(ctx, patron{ID: "x"}) }, []string{get}},
		{"Take", func(ctx context.Context, b books) error { return only(b.meters.Take(ctx, meter{ID: "m"})) }, []string{del}},
		{"Update, exactly once", func(ctx context.Context, b books) error {
			return only(b.meters.ExactlyOnce().Update(ctx, meter{ID: "m"}, meterN.Add(1)))
		}, []string{tx, get}},
		{"Put, exactly once", func(ctx context.Context, b books) error { return only(b.meters.ExactlyOnce().Put(ctx, meter{ID: "m"})) }, []string{tx}},
	} {
		b := openBooks(t, "")
		for _, err := range []error{only(b.meters.Create(t.Context(), meter{ID: "m"})), only(b.deeds.Create(t.Context(), deed{ID: "d"})), only(b.patrons.Create(t.Context(), p))} {
			if err != nil {
				t.Fatal(err)
			}
		}
		var sent []string
		stop := b.engine.Observe(func(e repotest.Event) { sent = append(sent, e.Operation) })
		err := c.call(t.Context(), b)
		stop()
		if err != nil || !slices.Equal(sent, c.want) {
			t.Errorf("%s: %v, sent %v and not %v", c.reason, err, sent, c.want)
		}
		checkGuards(t, c.reason, b.rows(t))
	}
}
