package renames

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// sparse has an index that does not hold every name.
func sparse(s *shop, hold ...string) *repo.Repository[order] {
	t := s.Table
	t.Indexes = []repo.Index{{Name: "gsi1", Project: hold}}
	return repo.Must(repo.New[order](s.Client, t))
}

// An index that holds an attribute under one name only would show rows that lack it.
func TestIndexesHoldEveryName(t *testing.T) {
	s := newShop(t, repotest.NewClient(), "renames")
	all := []string{"_type", "customer", "id", "status", "total", "limit", "tags", "lines", "ship", "note", "placed", "until"}
	was := []string{"number", "state", "st", "sum", "labels", "rows", "address", "made", "expires"}
	for _, c := range []struct {
		reason string
		hold   []string
		lacks  string // a field; "" for nothing
	}{
		{"all names", append(slices.Clone(all), was...), ""},
		{"without a former one", append(slices.Clone(all), was[:len(was)-3]...), "Ship"},
		{"without the name now", append(slices.Clone(all[:4]), was...), "Total"},
	} {
		q := sparse(s, c.hold...).Query(orderCustomer.Eq("c"), orderStatus.Eq("open"))
		switch _, err := q.Input(); {
		case c.lacks == "":
			if err != nil {
				t.Errorf("%s: %v", c.reason, err)
			}
		case !errors.Is(err, repo.ErrNoIndex) || !strings.Contains(err.Error(), c.lacks):
			t.Errorf("%s: %v", c.reason, err)
		}
		if _, err := q.Hydrate().Input(); err != nil {
			t.Errorf("%s, hydrated: %v", c.reason, err)
		}
	}
	held := []string{"_type", "until", "expires", "total"}
	_, err := sparse(s, held...).Query(orderCustomer.Eq("c"), orderStatus.Eq("open")).Filter(orderTotal.Eq(1)).Hydrate().Input()
	want(t, "a filter by what the index holds under one name", err, repo.ErrNoIndex, "Total")
}

// Rows of all programs in collections, scans, decoders and streams.
func TestReadingManyTypes(t *testing.T) {
	onEveryEngine(t, func(t *testing.T, s *shop) {
		orders, members := of[order](s), of[member](s)
		old := must(of[purchase](s).Create(t.Context(), purchase{Customer: "c", ID: "1", Status: "open", Total: 7}))
		must(of[purchase](s).Create(t.Context(), purchase{Customer: "c", ID: "2", Status: "held", Until: noon.Add(-time.Second)}))
		must(orders.Create(t.Context(), order{Customer: "c", ID: "3", Status: "open", Total: 9}))
		must(of[user](s).Create(t.Context(), user{ID: "1", Email: "ann", Team: "a"}))

		var found []order
		if err := orders.Partition(order{Customer: "c"}).Filter(orderStatus.Eq("open")).Load(t.Context(), repo.Many(orders, &found)); err != nil {
			t.Fatal(err)
		}
		if len(found) != 2 || found[0].Total != 7 || found[1].Total != 9 {
			t.Errorf("the collection has %+v", found)
		}
		for reason, n := range map[string]func() (int, error){
			"query": func() (int, error) { return orders.Query(orderCustomer.Eq("c")).Count(t.Context()) },
			"scan":  func() (int, error) { return orders.Scan().Count(t.Context()) },
			"scan by a condition": func() (int, error) {
				return orders.Scan().Filter(orderTotal.Ge(7), orderStatus.Eq("open")).Count(t.Context())
			},
		} {
			if got, err := n(); err != nil || got != 2 {
				t.Errorf("%s: %d, %v: what has expired under a former name is hidden", reason, got, err)
			}
		}
		if n, err := orders.WithExpired().Query(orderCustomer.Eq("c")).Count(t.Context()); err != nil || n != 3 {
			t.Errorf("with what has expired: %d, %v", n, err)
		}
		_, err := orders.Get(t.Context(), order{Customer: "c", ID: "2"})
		want(t, "an item that has expired under a former name", err, repo.ErrNotFound, "")

		d, err := repo.NewDecoder(orders, members)
		if err != nil {
			t.Fatal(err)
		}
		raw := s.stored(t, "CUSTOMER#c", "ORDER#1")
		v, err := d.Decode(raw)
		if got, ok := v.(order); err != nil || !ok || got.Total != 7 || !got.Placed.Equal(old.Placed) {
			t.Errorf("decoded: %+v, %v", v, err)
		}
		if v, err := d.Decode(s.stored(t, "MEMBER#1", "MEMBER")); err != nil || v.(member).Email != "ann" {
			t.Errorf("decoded: %+v, %v", v, err)
		}
		if v, err := orders.Decode(raw); err != nil || v.Total != 7 {
			t.Errorf("decoded: %+v, %v", v, err)
		}
		page, err := orders.Query(orderCustomer.Eq("c")).Limit(1).Page(t.Context(), "")
		if err != nil || page.Next == "" {
			t.Fatal(err)
		}
		between, err := of[bridge](s).Query(bridgeCustomer.Eq("c")).Limit(1).Page(t.Context(), page.Next)
		if err != nil || len(between.Items) != 1 || between.Items[0].ID != "3" {
			t.Errorf("a cursor of one program in another: %+v, %v", between.Items, err)
		}
	})
}

// A move whose answer is lost is found to be done, and the write goes on; one that cannot be done ends the call.
func TestMovingIsSafeToRepeat(t *testing.T) {
	for _, c := range []struct {
		reason string
		fault  repotest.Fault
	}{
		{"an answer is lost", repotest.LoseResponse()},
		{"a request is lost", repotest.LoseRequest()},
		{"DynamoDB fails", repotest.InternalError()},
	} {
		t.Run(c.reason, func(t *testing.T) {
			engine := repotest.New()
			s := newShop(t, engine.Client(), "renames")
			must(of[purchase](s).Create(t.Context(), purchase{Customer: "c", ID: "1", Total: 5}))
			faulty := repotest.Rule{Operation: "UpdateItem", Nth: 2, Fault: c.fault} // the first is the write
			engine.Inject(faulty)
			got, err := of[order](s).Update(t.Context(), order{Customer: "c", ID: "1"}, orderTotal.Add(1))
			if err != nil || got.Total != 6 {
				t.Errorf("%+v, %v", got, err)
			}
			if r := s.stored(t, "CUSTOMER#c", "ORDER#1"); r["sum"] != nil {
				t.Error("the former name is left")
			}
		})
	}
}

// What is wrong with former names in a table.
type (
	clashing struct {
		_     struct{} `entity:"Clashing" pk:"CLASH#{ID}" sk:"CLASH"`
		_     struct{} `index:"byNo"`
		ID    string   `dynamodbav:"id" repo:"was=pk"`
		Sort  string   `dynamodbav:"sort" repo:"was=SK,was=gsi1pk"`
		Type  string   `dynamodbav:"type" repo:"was=_type"`
		Owner string   `dynamodbav:"owner" repo:"was=_owner"`
		Mark  string   `dynamodbav:"mark" repo:"was=_write"`
		No    int      `dynamodbav:"no" repo:"was=number"`
	}
)

func TestFormerNamesClash(t *testing.T) {
	table := repo.Table{Name: "app", WriteID: "_write", Indexes: []repo.Index{{Name: "gsi1"}, {Name: "byNo", Hash: []string{"no"}, Range: []string{"pk"}}}}
	_, err := repo.New[clashing](nowhere{}, table)
	var wrong *repo.SchemaError
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	for i := range wrong.Problems {
		wrong.Problems[i] = strings.TrimPrefix(wrong.Problems[i], "renames.clashing.")
	}
	if diff := cmp.Diff([]string{
		`ID: was=pk is the table's partition key, which every write would remove; remove was`,
		`Sort: was=SK differs only in case from "sk", the table's sort key; remove was`,
		`Sort: was=gsi1pk is a key of index gsi1, which every write would remove; remove was`,
		`Type: was=_type is the type attribute, which every write would remove; remove was`,
		`Owner: was=_owner is the owner of a unique guard, which every write would remove; remove was`,
		`Mark: was=_write is the write id, which every write would remove; remove was`,
		`No: the attribute is a key of index byNo, and rows under another name would not be there; remove was`,
	}, wrong.Problems); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}

	table.WriteID = ""
	err = repo.Check(repo.Must(repo.New[order](nowhere{}, repo.Table{Name: "app", Indexes: table.Indexes[:1]})), repo.Must(repo.New[purchase](nowhere{}, repo.Table{Name: "app", Indexes: table.Indexes[:1]})))
	if err == nil || !strings.Contains(err.Error(), "rows named Purchase are read by it and by Order") {
		t.Errorf("two declarations of one entity as members: %v", err)
	}
}
