package integration

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The films of the AWS documentation: a number and a text as they are for a key, and a scan of several pages.

type movie struct {
	_ struct{} `entity:"Movie" hash:"Year" range:"Title"`

	Year  int       `dynamodbav:"year" json:"year"`
	Title string    `dynamodbav:"title" json:"title"`
	Info  movieInfo `dynamodbav:"info" json:"info"`
}

type movieInfo struct {
	Directors   []string `dynamodbav:"directors,omitempty" json:"directors"`
	ReleaseDate string   `dynamodbav:"release_date,omitempty" json:"release_date"`
	Rating      float64  `dynamodbav:"rating,omitempty" json:"rating"`
	Genres      []string `dynamodbav:"genres,omitempty" json:"genres"`
	Image       string   `dynamodbav:"image_url,omitempty" json:"image_url"`
	Plot        string   `dynamodbav:"plot,omitempty" json:"plot"`
	Rank        int      `dynamodbav:"rank,omitempty" json:"rank"`
	RunningTime int      `dynamodbav:"running_time_secs,omitempty" json:"running_time_secs"`
	Actors      []string `dynamodbav:"actors,omitempty" json:"actors"`
}

var (
	movieYear   = expr.Number(func(v *movie) *int { return &v.Year })
	movieTitle  = expr.String(func(v *movie) *string { return &v.Title })
	movieRating = expr.Number(func(v *movie) *float64 { return &v.Info.Rating })
	movieGenres = expr.List(func(v *movie) *[]string { return &v.Info.Genres })
)

func TestModelMovies(t *testing.T) {
	set := readBulk[json.RawMessage](t, "bulk/movies.json")
	movies := make([]movie, len(set.Data))
	for i, text := range set.Data {
		if err := json.Unmarshal(text, &movies[i]); err != nil {
			t.Fatal(err)
		}
	}
	// those are the films that fulfil a condition, by key.
	those := func(holds func(movie) bool) []movie {
		out := slices.DeleteFunc(slices.Clone(movies), func(v movie) bool { return !holds(v) })
		slices.SortFunc(out, func(a, b movie) int { return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Title, b.Title)) })
		return out
	}
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "year", Range: "title"}, TypeAttribute: "-"})
		r := open[movie](t, s, table)
		s.create(t, table, r)
		expectVerified(t, s, table, r)
		if err := batch.New(r, batch.Options{Workers: 2}).Put(t.Context(), movies...); err != nil {
			t.Fatal(err)
		}
		expectMovies(t, s, table, set.Data)

		expect := func(t *testing.T, p bulkPattern, found iter.Seq2[movie, error], count func() (int, error), want []movie) {
			t.Helper()
			got, err := repo.Collect(found)
			if err != nil {
				t.Fatal(err)
			}
			if len(want) != p.Expected.Count {
				t.Errorf("the set has %d such films, and the answer says %d", len(want), p.Expected.Count)
			}
			if diff := gocmp.Diff(want, got); diff != "" {
				t.Errorf("found %d films, want %d: -want +found\n%s", len(got), len(want), diff)
			}
			if n, err := count(); err != nil || n != p.Expected.Count {
				t.Errorf("counted %d films, %v, want %d", n, err, p.Expected.Count)
			}
		}
		expectQuery := func(t *testing.T, p bulkPattern, q repo.Query[movie], holds func(movie) bool) {
			t.Helper()
			count := func() (int, error) { return q.Count(t.Context()) }
			want := those(func(v movie) bool { return v.Year == p.Params.Year && holds(v) })
			expect(t, p, q.All(t.Context()), count, want)
			slices.Reverse(want)
			expect(t, p, q.Desc().PageSize(50).All(t.Context()), count, want)
		}
		set.expectAnswers(t, map[string]func(*testing.T, bulkPattern){
			"year": func(t *testing.T, p bulkPattern) {
				expectQuery(t, p, r.Query(movieYear.Eq(p.Params.Year)), func(movie) bool { return true })
			},
			"year-title-prefix": func(t *testing.T, p bulkPattern) {
				from, to := p.Params.From, p.Params.To
				expectQuery(t, p, r.Query(movieYear.Eq(p.Params.Year), movieTitle.Between(from, to)), func(v movie) bool { return from <= v.Title && v.Title <= to })
			},
			"year-filter": func(t *testing.T, p bulkPattern) {
				expectQuery(t, p, r.Query(movieYear.Eq(p.Params.Year)).Filter(movieRating.Gt(p.Params.RatingGt)), func(v movie) bool { return v.Info.Rating > p.Params.RatingGt })
			},
			"genre": func(t *testing.T, p bulkPattern) {
				expectQuery(t, p, r.Query(movieYear.Eq(p.Params.Year)).Filter(movieGenres.Contains(p.Params.Genre)), func(v movie) bool { return slices.Contains(v.Info.Genres, p.Params.Genre) })
			},
			"scan": func(t *testing.T, p bulkPattern) {
				for _, scan := range []repo.Scan[movie]{r.Scan(), r.Scan().Segments(4)} {
					got, err := repo.Collect(scan.All(t.Context()))
					if err != nil {
						t.Fatal(err)
					}
					slices.SortFunc(got, func(a, b movie) int { return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Title, b.Title)) })
					all := func(yield func(movie, error) bool) {
						for _, v := range got {
							if !yield(v, nil) {
								return
							}
						}
					}
					expect(t, p, all, func() (int, error) { return scan.Count(t.Context()) }, those(func(movie) bool { return true }))
				}
			},
		})

		// A film of the set by its key.
		for _, want := range those(func(v movie) bool { return v.Title == "Rush" }) {
			expectGet(t, r, movie{Year: want.Year, Title: want.Title, Info: want.Info})
		}
	})
}

// expectMovies reads the table without the library, and compares it with the set: what is stored is what the set says, and no more.
func expectMovies(t *testing.T, s *server, table repo.Table, set []json.RawMessage) {
	t.Helper()
	type key struct {
		year  float64
		title string
	}
	found := map[key]map[string]any{}
	for pages := dynamodb.NewScanPaginator(s, &dynamodb.ScanInput{TableName: &table.Name}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range page.Items {
			var v map[string]any
			if err := attributevalue.UnmarshalMap(it, &v); err != nil {
				t.Fatal(err)
			}
			found[key{v["year"].(float64), v["title"].(string)}] = v
		}
	}
	if len(found) != len(set) {
		t.Errorf("the table holds %d films, want %d", len(found), len(set))
	}
	for _, text := range set {
		var want map[string]any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatal(err)
		}
		k := key{want["year"].(float64), want["title"].(string)}
		if diff := gocmp.Diff(want, found[k]); diff != "" {
			t.Errorf("film %v: -set +stored\n%s", k, diff)
		}
	}
}
