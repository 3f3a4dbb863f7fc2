package integration

import (
	"testing"
	"testing/synctest"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// TestDamagedAnswers shows the library suffer what the SDK alone would not notice, or not always: each attempt of a read is
// refused until an answer is whole, and the call ends with an error where none is.
func TestDamagedAnswers(t *testing.T) {
	for _, fault := range []repotest.Fault{repotest.BadChecksum(), repotest.Truncate()} {
		synctest.Test(t, func(t *testing.T) { // for the delays between attempts
			engine := repotest.New()
			s := newServer(engine.Client())
			table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "gsi1"}, {Name: "gsi2"}}})
			orders := open[order](t, s, table)
			s.create(t, table, orders)
			put(t, orders, anOrder("1"))
			heal := engine.Inject(repotest.Rule{Operation: "GetItem", Times: 2, Fault: fault})
			defer heal()
			var err error
			if sent := s.sends(func() { _, err = orders.Get(t.Context(), keyOf("1")) }); sent != 3 || err != nil {
				t.Errorf("%v twice: %d attempts, %v, want 3", fault, sent, err)
			}
			heal = engine.Inject(repotest.Rule{Operation: "GetItem", Fault: fault})
			defer heal()
			if got, err := orders.Get(t.Context(), keyOf("1")); err == nil {
				t.Errorf("%v each time: %+v was taken", fault, got)
			}
		})
	}
}
