package reindex

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/repo/client"
)

// The test as a whole: a table in a process of its own, with items of a program that knew no gsi2, no unique addresses and no
// versions. Writers go on, and the walker is a process that is killed twice and started again with the last token that it kept.

const (
	walkerVariable = "REINDEX_WALKER" // the endpoint; this process is the walker then
	folderVariable = "REINDEX_FOLDER" // of the walker's files
	walkers        = 8
)

// count is how many items there are.
func count() int {
	if os.Getenv("SOAK") != "" {
		return 100_000
	}
	return 5_000
}

// walked is what the walker says of itself: after each step, and at its end.
type walked struct {
	repo.ReindexProgress
	Requests map[string]int // by operation
	Heap     uint64         // the most bytes that were in use, looked at now and then
	Done     bool
}

// walkAlone is the walker. It keeps its token in a file, and the problems in another before a token counts them.
func walkAlone() {
	folder := os.Getenv(folderVariable)
	fatal := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, "walker:", err)
			os.Exit(1)
		}
	}
	c, err := client.New(context.Background(), os.Getenv(walkerVariable))
	fatal(err)
	said := walked{Requests: map[string]int{}}
	var mu sync.Mutex // of the guards' reads, which are observed where they come from
	table := people
	table.Observe = func(_ context.Context, call repo.Call) {
		mu.Lock()
		defer mu.Unlock()
		said.Requests[call.Operation]++
	}
	problems, err := os.OpenFile(filepath.Join(folder, "problems"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fatal(err)
	say := func(p repo.ReindexProgress) {
		mu.Lock()
		defer mu.Unlock()
		said.ReindexProgress = p
		out, err := json.Marshal(said)
		fatal(err)
		next := filepath.Join(folder, "next")
		fatal(os.WriteFile(next, out, 0o600))
		fatal(os.Rename(next, filepath.Join(folder, "said")))
	}
	steps := 0
	token, _ := os.ReadFile(filepath.Join(folder, "token"))
	report, err := repo.Must(repo.New[person](c, table)).Reindex(context.Background(), repo.ReindexOptions{
		Segments: walkers, Resume: string(token),
		Problem: func(p repo.ReindexProblem) {
			line := "invalid"
			if errors.Is(p.Err, repo.ErrNotUnique) {
				line = "duplicate"
			}
			_, err := fmt.Fprintln(problems, line, text(p.Key["sk"]))
			fatal(err)
		},
		Progress: func(p repo.ReindexProgress) {
			if steps++; steps%20 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				said.Heap = max(said.Heap, m.HeapAlloc)
			}
			next := filepath.Join(folder, "next")
			fatal(os.WriteFile(next, []byte(p.Resume), 0o600))
			fatal(os.Rename(next, filepath.Join(folder, "token")))
			say(p)
		},
	})
	fatal(err)
	said.Done = true
	say(report.ReindexProgress)
}

func TestReindexOfALiveTable(t *testing.T) {
	endpoint := startServer(t)
	c, err := client.New(t.Context(), endpoint)
	if err != nil {
		t.Fatal(err)
	}
	l := &live{T: t, client: c, folder: t.TempDir(), items: count(),
		persons: repo.Must(repo.New[person](c, people)), veterans: repo.Must(repo.New[veteran](c, people))}
	if err := repo.CreateTable(t.Context(), c, people, l.persons); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	l.load()
	t.Logf("%d items loaded in %v", l.items, time.Since(began).Round(time.Millisecond))

	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for _, write := range []func(context.Context){l.move, l.readdress, l.count, l.comeAndGo} {
		writers.Go(func() { write(ctx) })
	}
	began = time.Now()
	var sum walked
	for run := range 3 {
		said := l.walk(t, endpoint, run < 2)
		t.Logf("run %d: %+v", run, shown(said))
		sum.Read += said.Read
		sum.Written += said.Written
		if said.Heap > 64<<20 { // however many items there are
			t.Errorf("run %d had %d MB in use", run, said.Heap>>20)
		}
		if writes := said.Requests["UpdateItem"] + said.Requests["TransactWriteItems"]; said.Done && writes > said.Written+said.Written/5+50 {
			t.Errorf("%d requests that write, for %d items", writes, said.Written)
		}
	}
	took := time.Since(began)
	stop()
	writers.Wait()
	t.Logf("walked in %v beside %d acknowledged writes; %d read and %d written in all, as far as the runs that were killed said", took.Round(time.Millisecond), l.acknowledged(), sum.Read, sum.Written)
	l.verify()
	l.again()
}

func shown(w walked) walked {
	w.Resume = fmt.Sprint(len(w.Resume), " characters")
	return w
}

// startServer builds and starts the server.
func startServer(t *testing.T) (endpoint string) {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "memserver")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "github.com/monotable/monotable/integration/memserver").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server := exec.Command(binary, "-addr", "127.0.0.1:0")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line[strings.Index(line, "http://"):])
}

// live is a table that is in use.
type live struct {
	*testing.T
	client   *dynamodb.Client
	persons  *repo.Repository[person]
	veterans *repo.Repository[veteran]
	folder   string
	items    int

	mu        sync.Mutex
	cities    map[string]string // the last one that was acknowledged, by id
	addresses map[string]string
	hits      map[string]int
	new, gone map[string]bool
	writes    int
}

// Each writer has items of its own kind, by their numbers.
func (l *live) any(kind int) int { return rand.IntN(l.items/10)*10 + kind }

func example(i int) person { return person{Team: fmt.Sprint("t", i%97), ID: fmt.Sprintf("p%05d", i)} }

// kindOf says what an item of the table is before the walk.
func kindOf(i int) item {
	row := old(i)
	switch i % 10 {
	case 4: // every fiftieth shares its address with the one ten before
		if i%100 == 54 || i%100 == 44 {
			row["email"] = s(fmt.Sprintf("shared%05d@example.com", i/100))
		}
	case 5:
		row = with(row, item{"_type": nil, "gsi1sk": s("stale"), "status": s("left")})
	case 6:
		row = with(row, item{"gsi2pk": s("CITY#Oslo")})
	}
	if i%1000 == 7 {
		row["hits"] = s("many")
	}
	return row
}

func (l *live) load() {
	l.cities, l.addresses, l.hits = map[string]string{}, map[string]string{}, map[string]int{}
	l.new, l.gone = map[string]bool{}, map[string]bool{}
	var loading sync.WaitGroup
	for part := range 4 {
		loading.Go(func() {
			for first := part * 25; first < l.items; first += 100 {
				var writes []types.WriteRequest
				for i := first; i < min(first+25, l.items); i++ {
					writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: kindOf(i)}})
				}
				out, err := l.client.BatchWriteItem(l.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"people": writes}})
				if err != nil || len(out.UnprocessedItems) > 0 {
					l.Error("loading: ", err)
					return
				}
			}
		})
	}
	loading.Wait()
}

// done notes a write that was acknowledged. Items that have no version yet refuse the new writers, and those that the test ends are not
// counted either.
func (l *live) done(ctx context.Context, err error, note func()) {
	switch {
	case err == nil:
		l.mu.Lock()
		defer l.mu.Unlock()
		l.writes++
		note()
	case errors.Is(err, repo.ErrVersionConflict), errors.Is(err, repo.ErrNotFound), ctx.Err() != nil:
	default:
		l.Error(err)
	}
	time.Sleep(time.Duration(rand.IntN(2000)) * time.Microsecond)
}

func (l *live) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.writes
}

// move changes a member of the new index, where the walker has been already.
func (l *live) move(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		p := example(l.any(1))
		city := fmt.Sprint("City", n)
		_, err := l.persons.Modify(context.WithoutCancel(ctx), p, func(p *person) error {
			p.Home.City = city
			if p.Status = "active"; n%5 == 0 {
				p.Status = "left"
			}
			return nil
		})
		l.done(ctx, err, func() { l.cities[p.ID] = city })
	}
}

// readdress changes the unique address.
func (l *live) readdress(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		p := example(l.any(2))
		address := fmt.Sprintf("%s.%d@example.com", p.ID, n)
		_, err := l.persons.Update(context.WithoutCancel(ctx), p, personEmail.Set(address))
		l.done(ctx, err, func() { l.addresses[p.ID] = address })
	}
}

// count is a program that has not been replaced yet, and changes what no key is made of.
func (l *live) count(ctx context.Context) {
	for ctx.Err() == nil {
		p := example(l.any(3))
		_, err := l.veterans.Update(context.WithoutCancel(ctx), veteran{Team: p.Team, ID: p.ID}, veteranHits.Add(1))
		l.done(ctx, err, func() { l.hits[p.ID]++ })
	}
}

// comeAndGo makes items and deletes others.
func (l *live) comeAndGo(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		i := 100_000*10 + n
		p := example(i)
		p.Status, p.Name, p.Home, p.Email = "active", "New", home{City: "Oslo"}, p.ID+"@example.com"
		_, err := l.persons.Create(context.WithoutCancel(ctx), p)
		l.done(ctx, err, func() { l.new[p.ID] = true })
		leaver := example(l.any(8))
		err = l.persons.Delete(context.WithoutCancel(ctx), leaver)
		l.done(ctx, err, func() { l.gone[leaver.ID] = true })
	}
}

// walk runs the walker, and kills it at a random moment.
func (l *live) walk(t *testing.T, endpoint string, kill bool) (said walked) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	walker := exec.Command(self)
	walker.Env = append(os.Environ(), walkerVariable+"="+endpoint, folderVariable+"="+l.folder)
	walker.Stderr = os.Stderr
	_ = os.Remove(filepath.Join(l.folder, "said"))
	if err := walker.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- walker.Wait() }()
	enough := l.items/6 + rand.IntN(l.items/6)
	for {
		if raw, err := os.ReadFile(filepath.Join(l.folder, "said")); err == nil {
			if err := json.Unmarshal(raw, &said); err != nil {
				t.Fatal(err)
			}
		}
		if kill && said.Read >= enough {
			time.Sleep(time.Duration(rand.IntN(20_000)) * time.Microsecond)
			if err := walker.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := <-ended; err == nil {
				t.Error("the walker ended before it was killed")
			}
			return said
		}
		select {
		case err := <-ended:
			if err != nil || kill {
				t.Fatalf("the walker ended with %v", err)
			}
			raw, err := os.ReadFile(filepath.Join(l.folder, "said"))
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(raw, &said); err != nil || !said.Done {
				t.Fatalf("it said %s, %v", raw, err)
			}
			return said
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// reported lists the items that the walker reported, by their sort keys.
func (l *live) reported(kind string) map[string]bool {
	raw, err := os.ReadFile(filepath.Join(l.folder, "problems"))
	if err != nil {
		l.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		if of, sk, _ := strings.Cut(strings.TrimSpace(line), " "); of == kind {
			out[sk] = true
		}
	}
	return out
}

// verify looks at the raw rows of the table: whether all is right about them, and what the writers wrote is there.
func (l *live) verify() {
	l.Helper()
	duplicates, invalid := l.reported("duplicate"), l.reported("invalid")
	all := rows(l.T, l.client, "people")
	var persons []item
	byID := map[string]item{}
	for _, row := range all {
		if invalid[text(row["sk"])] {
			if text(row["hits"]) != "many" || row["version"] != nil || row["gsi2pk"] != nil {
				l.Errorf("%s was changed", text(row["sk"]))
			}
			byID[text(row["id"])] = row
			continue
		}
		persons = append(persons, row)
		if row["id"] != nil {
			byID[text(row["id"])] = row
		}
	}
	for i, problem := range wrong(persons, duplicates) {
		if i == 20 {
			l.Error("and more")
			break
		}
		l.Error(problem)
	}
	missing := func(id, what string) { l.Errorf("%s: a change of %s is lost", id, what) }
	for id, city := range l.cities {
		m, ok := byID[id]["home"].(*types.AttributeValueMemberM)
		if !ok || text(m.Value["city"]) != city || m.Value["floor"] == nil {
			missing(id, "the city")
		}
	}
	for id, address := range l.addresses {
		if text(byID[id]["email"]) != address {
			missing(id, "the address")
		}
	}
	for id, hits := range l.hits {
		if n, ok := byID[id]["hits"].(*types.AttributeValueMemberN); !ok || n.Value != fmt.Sprint(3+hits) {
			missing(id, "the hits")
		}
	}
	for id := range l.new {
		if byID[id] == nil {
			missing(id, "an item that is new")
		}
	}
	for id := range l.gone {
		if byID[id] != nil {
			missing(id, "an item that is gone")
		}
	}
	shared, broken := 0, 0
	for i := range l.items {
		before := kindOf(i)
		id := text(before["id"])
		if text(before["hits"]) == "many" {
			broken++
		} else if strings.HasPrefix(text(before["email"]), "shared") && i%100 == 54 {
			shared++
		}
		now := byID[id]
		if l.gone[id] {
			continue
		}
		if now == nil {
			l.Errorf("%s is lost", id)
			continue
		}
		if i%10 > 3 && i%10 != 8 && (text(now["updated"]) != text(before["updated"]) || now["unknown"] == nil) {
			l.Errorf("%s: what is none of the walker's business has changed", id)
		}
	}
	if len(duplicates) != shared || len(invalid) != broken {
		l.Errorf("%d values held twice are reported of %d, and %d broken items of %d", len(duplicates), shared, len(invalid), broken)
	}
	l.Logf("%d rows are right; %d values held twice, %d broken items, %d new, %d gone", len(all), shared, broken, len(l.new), len(l.gone))
}

// again walks once more, with nobody else about: everything is right already, so nothing is written.
func (l *live) again() {
	l.Helper()
	requests := map[string]int{}
	var mu sync.Mutex
	table := people
	table.Observe = func(_ context.Context, call repo.Call) {
		mu.Lock()
		defer mu.Unlock()
		requests[call.Operation]++
	}
	began := time.Now()
	report, err := repo.Must(repo.New[person](l.client, table)).Reindex(l.Context(), repo.ReindexOptions{Segments: walkers})
	if err != nil || report.Written != 0 || report.Resume != "" || report.Duplicates != len(l.reported("duplicate")) {
		l.Errorf("%+v, %v", report, err)
	}
	for _, op := range []string{"UpdateItem", "TransactWriteItems", "PutItem"} {
		if requests[op] > 0 {
			l.Errorf("%d requests of %s for what is right already", requests[op], op)
		}
	}
	l.Logf("again: %d read in %v with %v", report.Read, time.Since(began).Round(time.Millisecond), requests)
}
