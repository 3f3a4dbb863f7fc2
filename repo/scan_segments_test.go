package repo_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"go.uber.org/goleak"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/repotest"
)

// scannedTable is a table with 150 orders among 50 rows of other types.
type scannedTable struct {
	engine *repotest.Engine
	client *dynamodb.Client
	table  repo.Table
	household
}

func newScanned(t testing.TB, table repo.Table) *scannedTable {
	t.Helper()
	engine := repotest.New()
	c := engine.Client()
	s := &scannedTable{engine: engine, client: c, table: table, household: allMembers(c, table)}
	if err := repo.CreateTable(t.Context(), c, table, s.told()...); err != nil {
		t.Fatal(err)
	}
	for i := range 150 {
		o := anOrder()
		o.CustomerID, o.ID = fmt.Sprint("c", i%17), fmt.Sprintf("o%03d", i)
		_, err := s.orders.Put(t.Context(), o)
		if err == nil && i%5 == 0 {
			_, err = s.events.Put(t.Context(), event{Stream: fmt.Sprint("s", i), Kind: "k", At: placedAt, Name: "n", Path: "p"})
		}
		if err == nil && i%15 == 0 {
			_, err = s.subscribers.Create(t.Context(), subscriber{No: i, Email: fmt.Sprint("e", i)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// ids of orders, sorted.
func idsOf(list []order) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.ID)
	}
	slices.Sort(out)
	return out
}

func everyID() []string {
	var out []string
	for i := range 150 {
		out = append(out, fmt.Sprintf("o%03d", i))
	}
	return out
}

var lockedTable = repo.Table{Name: "app", Indexes: shopTable.Indexes, CursorKeys: [][]byte{make([]byte, 32)}}

func TestSegmentsReadEverythingOnce(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for reason, table := range map[string]repo.Table{"with types": shopTable, "without types": untypedTable, "encrypted cursors": lockedTable} {
		s := newScanned(t, table)
		for _, segments := range []int{1, 2, 3, 16, 64} {
			for _, size := range []int{1, 7, 1000} {
				at := fmt.Sprint(reason, ", segments ", segments, ", page size ", size)
				scan := s.orders.Scan().Segments(segments).PageSize(size)
				all, err := repo.Collect(scan.All(t.Context()))
				if got := idsOf(all); err != nil || !slices.Equal(got, everyID()) {
					t.Errorf("%s: All has %d, %v", at, len(got), err)
				}
				if n, err := scan.Count(t.Context()); n != 150 || err != nil {
					t.Errorf("%s: Count is %d, %v", at, n, err)
				}
				if got := idsOf(paged(t, scan)); !slices.Equal(got, everyID()) {
					t.Errorf("%s: pages have %d", at, len(got))
				}
				if got := idsOf(paged(t, scan.Limit(4))); !slices.Equal(got, everyID()) {
					t.Errorf("%s: pages of 4 have %d", at, len(got))
				}
			}
		}
		some, err := repo.Collect(s.orders.Scan().Segments(8).Limit(11).All(t.Context()))
		if len(some) != 11 || err != nil {
			t.Errorf("%s: a limit of 11 yields %d, %v", reason, len(some), err)
		}
		byIndex, err := repo.Collect(s.orders.Scan().Index("gsi1").Segments(4).PageSize(3).All(t.Context()))
		if got := idsOf(byIndex); err != nil || !slices.Equal(got, everyID()) {
			t.Errorf("%s: the index has %d, %v", reason, len(got), err)
		}
		if got := idsOf(paged(t, s.orders.Scan().Index("gsi1").Segments(4).PageSize(3))); !slices.Equal(got, everyID()) {
			t.Errorf("%s: pages of the index have %d", reason, len(got))
		}
	}
}

// paged reads page after page, each behind the cursor of the one before.
func paged(t testing.TB, scan repo.Scan[order]) (out []order) {
	t.Helper()
	pages := 0
	for cursor := repo.Cursor(""); ; pages++ {
		page, err := scan.Page(t.Context(), cursor)
		if err != nil || pages > 2000 {
			t.Fatalf("page %d: %v", pages, err)
		}
		out = append(out, page.Items...)
		if cursor = page.Next; cursor == "" {
			return out
		}
	}
}

func TestSegmentsRefused(t *testing.T) {
	s := newScanned(t, shopTable)
	page, err := s.orders.Scan().Segments(3).PageSize(5).Page(t.Context(), "")
	if err != nil || page.Next == "" {
		t.Fatal(err)
	}
	locked := newScanned(t, lockedTable)
	sealed, err := locked.orders.Scan().Segments(3).PageSize(5).Page(t.Context(), "")
	if err != nil || sealed.Next == "" {
		t.Fatal(err)
	}
	plain, err := s.orders.Scan().PageSize(5).Page(t.Context(), "")
	if err != nil || plain.Next == "" {
		t.Fatal(err)
	}
	forbidden := repo.Must(repo.New[order](nowhere{}, shopTable)) // whatever is sent is a panic
	forbiddenLocked := repo.Must(repo.New[order](nowhere{}, lockedTable))
	d := newDecoder(t, forbidden)
	ask := func(scan repo.Scan[order], c repo.Cursor) error {
		_, err := scan.Page(t.Context(), c)
		return err
	}
	for reason, c := range map[string]struct{ got, want error }{
		"no segments":                     {ask(forbidden.Scan().Segments(0), ""), repo.ErrInvalidValue},
		"less than none":                  {ask(forbidden.Scan().Segments(-1), ""), repo.ErrInvalidValue},
		"too many":                        {ask(forbidden.Scan().Segments(65), ""), repo.ErrInvalidValue},
		"a cursor of fewer":               {ask(forbidden.Scan().Segments(4), page.Next), repo.ErrInvalidCursor},
		"a cursor of none":                {ask(forbidden.Scan().Segments(3), plain.Next), repo.ErrInvalidCursor},
		"a cursor of several, for one":    {ask(forbidden.Scan(), page.Next), repo.ErrInvalidCursor},
		"a cursor of another index":       {ask(forbidden.Scan().Index("gsi1").Segments(3), page.Next), repo.ErrInvalidCursor},
		"a cursor of another entity":      {errorOf(repo.Must(repo.New[event](nowhere{}, shopTable)).Scan().Segments(3).Page(t.Context(), page.Next)), repo.ErrInvalidCursor},
		"a cursor of a decoder's members": {errorOf(d.Scan().Segments(3).Page(t.Context(), page.Next)), repo.ErrInvalidCursor},
		"a plain one where keys are set":  {ask(forbiddenLocked.Scan().Segments(3), page.Next), repo.ErrInvalidCursor},
		"an endless one":                  {ask(forbidden.Scan().Segments(2), repo.Cursor(make([]byte, 100_000))), repo.ErrInvalidCursor},
		"a conditional view":              {ask(forbidden.If(orderPaid.Eq(true)).Scan().Segments(2), ""), errors.ErrUnsupported},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", reason, c.got, c.want)
		}
		checkQuiet(t, reason, c.got)
	}
	for _, c := range []struct {
		scan   repo.Scan[order]
		cursor repo.Cursor
	}{{forbidden.Scan().Segments(3), page.Next}, {forbiddenLocked.Scan().Segments(3), sealed.Next}} {
		for i := range len(c.cursor) {
			damaged := []byte(c.cursor)
			damaged[i] = 'A' + (damaged[i]+1)%26
			if string(damaged) == string(c.cursor) {
				continue
			}
			if err := ask(c.scan, repo.Cursor(damaged)); !errors.Is(err, repo.ErrInvalidCursor) {
				t.Fatalf("damage at %d: %v", i, err)
			}
			if i == 0 {
				continue // without a cursor it begins, and sends
			}
			if err := ask(c.scan, c.cursor[:i]); !errors.Is(err, repo.ErrInvalidCursor) {
				t.Fatalf("cut at %d: %v", i, err)
			}
		}
	}
	if _, err := forbidden.Scan().Segments(2).Input(); !errors.Is(err, repo.ErrInvalidValue) {
		t.Errorf("Input: %v", err)
	}
	inputs, err := forbidden.Scan().Segments(2).Inputs()
	if err != nil || len(inputs) != 2 || aws.ToInt32(inputs[1].Segment) != 1 || aws.ToInt32(inputs[1].TotalSegments) != 2 {
		t.Errorf("Inputs: %v, %v", inputs, err)
	}
	if in, err := forbidden.Scan().Segments(1).Input(); err != nil || in.Segment != nil || in.TotalSegments != nil {
		t.Errorf("Input of one segment: %v, %v", in, err)
	}
}

func errorOf[T any](_ T, err error) error { return err }

// slow is a client whose every segment but the first hangs until its request is given up; the first may fail.
type slow struct {
	repo.Client
	fail    error
	hanging atomic.Int32
	given   atomic.Int32
}

func (c *slow) Scan(ctx context.Context, in *dynamodb.ScanInput, options ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if aws.ToInt32(in.Segment) == 0 {
		if len(in.ExclusiveStartKey) > 0 && c.fail != nil {
			return nil, c.fail
		}
		return c.Client.Scan(ctx, in, options...)
	}
	c.hanging.Add(1)
	<-ctx.Done()
	c.given.Add(1)
	return nil, ctx.Err()
}

// A break ends every request, and so does an error, the end of the context, and a panic of the loop: none is under way afterwards.
func TestSegmentsEndTogether(t *testing.T) {
	s := newScanned(t, shopTable)
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	check := func(reason string, c *slow) {
		t.Helper()
		if c.hanging.Load() != c.given.Load() {
			t.Errorf("%s: %d requests began, and %d ended", reason, c.hanging.Load(), c.given.Load())
		}
	}
	c := &slow{Client: s.client}
	scan := repo.Must(repo.New[order](c, shopTable)).Scan().Segments(4).PageSize(10)
	for _, err := range scan.All(t.Context()) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	check("a break", c)

	func() {
		defer func() { _ = recover() }()
		for range scan.All(t.Context()) {
			panic("in the loop")
		}
	}()
	check("a panic", c)

	some, err := repo.Collect(scan.Limit(2).All(t.Context()))
	if len(some) != 2 || err != nil {
		t.Errorf("a limit: %d, %v", len(some), err)
	}
	check("a limit", c)

	ctx, cancel := context.WithCancel(t.Context())
	failed, after := 0, 0
	for _, err := range scan.All(ctx) {
		switch {
		case failed > 0:
			after++
		case err != nil:
			failed++
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the end of the context: %v", err)
			}
		}
		cancel()
	}
	cancel()
	if check("the end of the context", c); failed != 1 || after != 0 {
		t.Errorf("the end of the context: %d errors, and %d things after them", failed, after)
	}

	c = &slow{Client: s.client, fail: errors.New(canary)}
	scan = repo.Must(repo.New[order](c, shopTable)).Scan().Segments(4).PageSize(10)
	_, err = repo.Collect(scan.All(t.Context()))
	if check("an error", c); !errors.Is(err, c.fail) {
		t.Errorf("an error: %v", err)
	}
	checkQuiet(t, "an error", err)
	if n, err := scan.Count(t.Context()); n != 0 || !errors.Is(err, c.fail) {
		t.Errorf("an error while counting: %d, %v", n, err)
	}
	check("an error while counting", c)
	c = &slow{Client: &slow{Client: s.client}, fail: errors.New(canary)}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	page, err := repo.Must(repo.New[order](c, shopTable)).Scan().Segments(4).Page(ctx, "")
	if check("a page", c); !errors.Is(err, context.Canceled) || page.Items != nil {
		t.Errorf("a page: %v, %v", page, err)
	}
}

func TestDecoderScan(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := newScanned(t, shopTable)
	stray := row{"pk": str("STRAY"), "sk": str("STRAY"), "_type": str("Stray")}
	if _, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.table.Name, Item: stray}); err != nil {
		t.Fatal(err)
	}
	d := newDecoder(t, s.orders, s.subscribers)
	for _, segments := range []int{1, 4} {
		for _, size := range []int{3, 1000} {
			scan := d.Scan().Segments(segments).PageSize(size)
			all, err := repo.Collect(scan.All(t.Context()))
			checkKinds(t, fmt.Sprint("All of ", segments), all, err, map[string]int{"repo_test.order": 150, "repo_test.subscriber": 10})
			all, err = repo.Collect(scan.Unknown().All(t.Context()))
			checkKinds(t, fmt.Sprint("unknown ones of ", segments), all, err, map[string]int{"repo_test.order": 150, "repo_test.subscriber": 10, "repo.UnknownRow": 31})
			var pages []any
			for cursor := repo.Cursor(""); ; {
				page, err := scan.Limit(4).Page(t.Context(), cursor)
				if err != nil || len(page.Items) > 4 {
					t.Fatal(len(page.Items), err)
				}
				pages = append(pages, page.Items...)
				if cursor = page.Next; cursor == "" {
					break
				}
			}
			checkKinds(t, fmt.Sprint("pages of ", segments), pages, nil, map[string]int{"repo_test.order": 150, "repo_test.subscriber": 10})
			if some, err := repo.Collect(scan.Limit(7).All(t.Context())); len(some) != 7 || err != nil {
				t.Errorf("a limit of 7 yields %d, %v", len(some), err)
			}
		}
	}
	// Nothing is read ahead without segments: a break after the first item leaves one request.
	before := s.engine.Requests("Scan")
	for range d.Scan().PageSize(1).All(t.Context()) {
		break
	}
	if n := s.engine.Requests("Scan") - before; n > 3 { // rows of other types may come first
		t.Errorf("%d requests for the first item", n)
	}
	// A bad row ends it.
	bad := encoded(t, s.orders, anOrder())
	bad["total"] = str(canary)
	if _, err := s.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &s.table.Name, Item: bad}); err != nil {
		t.Fatal(err)
	}
	for _, segments := range []int{1, 4} {
		_, err := repo.Collect(d.Scan().Segments(segments).All(t.Context()))
		if want := "repo: Scan Order: field Total: invalid value: cannot read a string (S) into int64"; err == nil || err.Error() != want {
			t.Errorf("a bad row: %v", err)
		}
	}
	for reason, c := range map[string]struct{ got, want error }{
		"no members":         {errorOf(repo.Collect((&repo.Decoder{}).Scan().All(t.Context()))), repo.ErrInvalidValue},
		"no limit":           {errorOf(d.Scan().Limit(0).Page(t.Context(), "")), repo.ErrInvalidValue},
		"no segments":        {errorOf(repo.Collect(d.Scan().Segments(0).All(t.Context()))), repo.ErrInvalidValue},
		"a conditional view": {errorOf(repo.Collect(newDecoder(t, s.events, s.orders.If(orderPaid.Eq(true))).Scan().All(t.Context()))), errors.ErrUnsupported},
		"a failing client":   {errorOf(repo.Collect(newDecoder(t, repo.Must(repo.New[order](&talkative{err: errors.ErrUnsupported}, shopTable))).Scan().All(t.Context()))), errors.ErrUnsupported},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: %v, want %v", reason, c.got, c.want)
		}
	}
}

func checkKinds(t *testing.T, reason string, all []any, err error, want map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, v := range all {
		got[fmt.Sprintf("%T", v)]++
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, %v, want %v", reason, got, err, want)
	}
}
