package integration

import (
	"fmt"
	"testing"

	"github.com/monotable/monotable/batch"
	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Users with four indexes. The design writes session counts into keys as they are, where 5 would come behind 25; here they are
// padded, so that ranges of them are ranges.

type analyticsUser struct {
	_ struct{} `entity:"USER" pk:"USER#{ID}" sk:"PROFILE"`
	_ struct{} `index:"StatusIndex" pk:"STATUS#{Status}" sk:"{LastActive}"`
	_ struct{} `index:"LocationIndex" pk:"COUNTRY#{Country}" sk:"CITY#{City}"`
	_ struct{} `index:"EngagementIndex" pk:"ENGAGEMENT#{Engagement}" sk:"{Sessions|pad=10}"`
	_ struct{} `index:"AgeGroupIndex" pk:"AGE_GROUP#{AgeGroup}" sk:"{SignupDate}"`

	ID            string `dynamodbav:"user_id"`
	Email         string `dynamodbav:"email" repo:"required"`
	Status        string `dynamodbav:"status" repo:"required"`
	LastActive    string `dynamodbav:"last_active" repo:"required"`
	Country       string `dynamodbav:"country" repo:"required"`
	City          string `dynamodbav:"city" repo:"required"`
	SignupDate    string `dynamodbav:"signup_date" repo:"required"`
	Engagement    string `dynamodbav:"engagement_level" repo:"required"`
	Sessions      int    `dynamodbav:"session_count"`
	AgeGroup      string `dynamodbav:"age_group" repo:"required"`
	TotalSessions *int   `dynamodbav:"total_sessions"`
	LastPurchase  string `dynamodbav:"last_purchase_date,omitempty"`
}

var (
	analyticsStatus     = expr.String(func(v *analyticsUser) *string { return &v.Status })
	analyticsLastActive = expr.String(func(v *analyticsUser) *string { return &v.LastActive })
	analyticsCountry    = expr.String(func(v *analyticsUser) *string { return &v.Country })
	analyticsCity       = expr.String(func(v *analyticsUser) *string { return &v.City })
	analyticsSignup     = expr.String(func(v *analyticsUser) *string { return &v.SignupDate })
	analyticsEngagement = expr.String(func(v *analyticsUser) *string { return &v.Engagement })
	analyticsSessions   = expr.Number(func(v *analyticsUser) *int { return &v.Sessions })
	analyticsAgeGroup   = expr.String(func(v *analyticsUser) *string { return &v.AgeGroup })
)

func TestModelMCPUserAnalytics(t *testing.T) {
	testMCP(t, "user_analytics", "user_analytics", func(t *testing.T, d *mcpDesign) {
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{
			{Name: "StatusIndex", Hash: []string{"status_pk"}, Range: []string{"last_active_sk"}},
			{Name: "LocationIndex", Hash: []string{"country_pk"}, Range: []string{"city_sk"}},
			{Name: "EngagementIndex", Hash: []string{"engagement_level_pk"}, Range: []string{"session_count_sk"}},
			{Name: "AgeGroupIndex", Hash: []string{"age_group_pk"}, Range: []string{"signup_date_sk"}},
		}})
		users := openMCP[analyticsUser](t, d, "User", table)
		users.keys = map[string]func(mcpRow) string{
			"session_count_sk": func(r mcpRow) string { return fmt.Sprintf("%010d", r.integer("session_count")) },
		}
		d.make(t, "UserAnalytics", table, users.repo)
		var more []mcpRow
		for n, city := range []string{"Seattle", "Seaside", "Portland", "Austin", "Boise", "Toledo"} {
			more = append(more, users.like(mcpRow{
				"user_id": fmt.Sprintf("user-%d", n), "city": city, "country": []string{"US", "CA"}[n/5], "session_count": []int{5, 100, 24, 26, 9, 7}[n],
				"last_active": fmt.Sprintf("2024-01-%02dT08:00:00Z", 17+n), "signup_date": fmt.Sprintf("2024-01-%02dT09:00:00Z", 16-2*n),
				"status": []string{"active", "active", "premium", "active", "inactive", "active"}[n],
			}))
		}
		users.load(t, more...)

		ctx := t.Context()
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := users.repo.Get(ctx, analyticsUser{ID: "user-98765"})
				users.expectOne(t, v, err, users.where(rowIs("user_id", "user-98765"))[0])
			},
			2: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsStatus.Eq("active")).All(ctx), users.where(rowIs("status", "active")).by("last_active"))
			},
			3: func(t *testing.T) {
				since := "2024-01-20T08:00:00Z"
				users.expect(t, users.repo.Query(analyticsStatus.Eq("active"), analyticsLastActive.Ge(since)).All(ctx),
					users.where(rowIs("status", "active"), rowFrom("last_active", since)).by("last_active"))
			},
			4: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsCountry.Eq("US"), analyticsCity.Eq("Portland")).All(ctx),
					users.where(rowIs("country", "US"), rowIs("city", "Portland")))
			},
			5: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsCountry.Eq("CA"), analyticsCity.HasPrefix("To")).All(ctx),
					users.where(rowIs("country", "CA"), rowPrefix("city", "To")).by("city"))
				n, err := users.repo.Query(analyticsCountry.Eq("US"), analyticsCity.HasPrefix("Sea")).Count(ctx)
				if want := len(users.where(rowIs("country", "US"), rowPrefix("city", "Sea"))); err != nil || n != want {
					t.Errorf("counted %d, %v, want %d", n, err, want)
				}
			},
			6: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsEngagement.Eq("high")).All(ctx), users.where(rowIs("engagement_level", "high")).by("session_count"))
			},
			7: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsEngagement.Eq("high"), analyticsSessions.Between(9, 26)).All(ctx),
					users.where(rowIs("engagement_level", "high"), rowFrom("session_count", 9), rowUntil("session_count", 26)).by("session_count"))
			},
			8: func(t *testing.T) {
				users.expect(t, users.repo.Query(analyticsAgeGroup.Eq("25-34")).All(ctx), users.where(rowIs("age_group", "25-34")).by("signup_date"))
			},
			9: func(t *testing.T) {
				since := "2024-01-10T09:00:00Z"
				users.expect(t, users.repo.Query(analyticsAgeGroup.Eq("25-34"), analyticsSignup.Ge(since)).All(ctx),
					users.where(rowIs("age_group", "25-34"), rowFrom("signup_date", since)).by("signup_date"))
			},
			10: func(t *testing.T) {
				from, to := "2024-01-10T00:00:00Z", "2024-01-15T10:00:00Z"
				users.expect(t, users.repo.Query(analyticsAgeGroup.Eq("25-34"), analyticsSignup.Between(from, to)).All(ctx),
					users.where(rowIs("age_group", "25-34"), rowFrom("signup_date", from), rowUntil("signup_date", to)).by("signup_date"))
			},
		})
		users.changes(t)

		var all []analyticsUser
		for _, r := range users.rows {
			all = append(all, users.value(r))
		}
		everyone := batch.New(users.repo, batch.Options{})
		found, err := everyone.Get(ctx, all...)
		if err != nil {
			t.Fatal(err)
		}
		users.expect(t, mcpValues(found), users.where())
		if err := everyone.Delete(ctx, all[:2]...); err != nil {
			t.Fatal(err)
		}
		two := users.where()[:2]
		users.gone(t, two[0])
		users.gone(t, two[1])
		if err := everyone.Put(ctx, all[:2]...); err != nil {
			t.Fatal(err)
		}
		users.expectStored(t, two[0])
		users.expectStored(t, two[1])
	})
}
