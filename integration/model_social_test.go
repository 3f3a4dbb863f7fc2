package integration

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// The social network of the AWS samples. Its partition keys name relations behind the id, two sort keys hold quotation marks,
// attribute names end in the delimiter, and most rows are nothing but their keys.

type socialInfo struct {
	_ struct{} `entity:"UserInfo" pk:"u#{UserID}" sk:"\"info\""`

	UserID  string `dynamodbav:"user_id"`
	Name    string `dynamodbav:"name"`
	Content string `dynamodbav:"content"`
	Image   string `dynamodbav:"imageUrl"`
	Etc     string `dynamodbav:"etc"`
}

type socialCounts struct {
	_ struct{} `entity:"UserCounts" pk:"u#{UserID}" sk:"\"count\""`

	UserID    string `dynamodbav:"user_id"`
	Followers int64  `dynamodbav:"follower#"`
	Following int64  `dynamodbav:"following#"`
	Posts     int64  `dynamodbav:"post#"`
}

type socialFollower struct {
	_ struct{} `entity:"Follower" pk:"u#{UserID}#follower" sk:"u#{FollowerID}"`

	UserID     string `dynamodbav:"user_id"`
	FollowerID string `dynamodbav:"follower_id"`
}

type socialFollowing struct {
	_ struct{} `entity:"Following" pk:"u#{UserID}#following" sk:"u#{FollowedID}"`

	UserID     string `dynamodbav:"user_id"`
	FollowedID string `dynamodbav:"followed_id"`
}

type socialPost struct {
	_ struct{} `entity:"Post" pk:"u#{UserID}#post" sk:"p#{ID}"`

	UserID    string `dynamodbav:"user_id"`
	ID        string `dynamodbav:"post_id"`
	Content   string `dynamodbav:"content"`
	Image     string `dynamodbav:"imageUrl"`
	Timestamp string `dynamodbav:"timestamp"`
}

type socialLike struct {
	_ struct{} `entity:"Like" pk:"p#{PostID}#likelist" sk:"u#{UserID}"`

	PostID string `dynamodbav:"post_id"`
	UserID string `dynamodbav:"user_id"`
}

type socialLikeCount struct {
	_ struct{} `entity:"LikeCount" pk:"p#{PostID}#likecount" sk:"\"count\""`

	PostID string `dynamodbav:"post_id"`
	Likes  int64  `dynamodbav:"etc,string"`
}

type socialTimeline struct {
	_ struct{} `entity:"TimelineEntry" pk:"u#{UserID}#timeline" sk:"p#{PostID}#u#{AuthorID}"`

	UserID    string    `dynamodbav:"user_id"`
	PostID    string    `dynamodbav:"post_id"`
	AuthorID  string    `dynamodbav:"author_id"`
	ExpiresAt time.Time `dynamodbav:"ttl,unixtime,omitempty" repo:"ttl"`
}

var (
	socialFollowers   = expr.Number(func(v *socialCounts) *int64 { return &v.Followers })
	socialFollowerOf  = expr.String(func(v *socialFollower) *string { return &v.UserID })
	socialFollowingOf = expr.String(func(v *socialFollowing) *string { return &v.UserID })
	socialPostOf      = expr.String(func(v *socialPost) *string { return &v.UserID })
	socialLikeOf      = expr.String(func(v *socialLike) *string { return &v.PostID })
	socialTimelineOf  = expr.String(func(v *socialTimeline) *string { return &v.UserID })
)

func TestModelSocialNetwork(t *testing.T) {
	m := readModel(t, "social-network.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "-"})
		infos, counts := open[socialInfo](t, s, table), open[socialCounts](t, s, table)
		followers, following := open[socialFollower](t, s, table), open[socialFollowing](t, s, table)
		posts, likes, likeCounts := open[socialPost](t, s, table), open[socialLike](t, s, table), open[socialLikeCount](t, s, table)
		timelines := open[socialTimeline](t, s, table)
		s.create(t, table, infos, counts, followers, following, posts, likes, likeCounts, timelines)

		// owner is the id in a partition key, between its letter and its relation.
		owner := func(r row) string {
			id, _, _ := strings.Cut(r.id("PK"), "#")
			return id
		}
		m.load(t, s, table,
			loads(infos, func(v *socialInfo, r row) { v.UserID = owner(r) }),
			loads(counts, func(v *socialCounts, r row) { v.UserID = owner(r) }),
			loads(followers, func(v *socialFollower, r row) { v.UserID, v.FollowerID = owner(r), r.id("SK") }),
			loads(following, func(v *socialFollowing, r row) { v.UserID, v.FollowedID = owner(r), r.id("SK") }),
			loads(posts, func(v *socialPost, r row) { v.UserID, v.ID = owner(r), r.id("SK") }),
			loads(likes, func(v *socialLike, r row) { v.PostID, v.UserID = owner(r), r.id("SK") }),
			loads(likeCounts, func(v *socialLikeCount, r row) { v.PostID = owner(r) }),
			loads(timelines, func(v *socialTimeline, r row) {
				v.UserID = owner(r)
				v.PostID, v.AuthorID, _ = strings.Cut(r.id("SK"), "#u#")
			}),
		)

		// What the timeline holds expired in 2019: it is there for those alone who ask for it.
		expectCount(t, timelines.Query(socialTimelineOf.Eq("12345")), 0)
		expired := timelines.WithExpired()
		m.expectAnswers(t, answers{
			"user":      byPartition(infos.Partition(socialInfo{UserID: "12345"}), "", kind(infos), kind(counts)),
			"followers": byQuery(followers, followers.Query(socialFollowerOf.Eq("12345"))),
			"following": byQuery(following, following.Query(socialFollowingOf.Eq("12345"))),
			"posts":     byQuery(posts, posts.Query(socialPostOf.Eq("12345"))),
			"likes":     byQuery(likes, likes.Query(socialLikeOf.Eq("12345"))),
			"likecount": byGet(likeCounts, socialLikeCount{PostID: "12345"}),
			"timeline":  byQuery(expired, expired.Query(socialTimelineOf.Eq("12345"))),
		})

		// A user is followed, and counted, at once; not a second time.
		follow := func() error {
			return txn.New(s).Add(
				txn.Create(followers, socialFollower{UserID: "12345", FollowerID: "99999"}),
				txn.Update(counts, socialCounts{UserID: "12345"}, socialFollowers.Add(1)),
			).Commit(t.Context())
		}
		expectGet(t, counts, socialCounts{UserID: "12345", Followers: 3000000000, Following: 971, Posts: 4945})
		if err := follow(); err != nil {
			t.Fatal(err)
		}
		if err := follow(); !errors.Is(err, repo.ErrAlreadyExists) {
			t.Errorf("followed twice: %v", err)
		}
		expectGet(t, counts, socialCounts{UserID: "12345", Followers: 3000000001, Following: 971, Posts: 4945})
		expectCount(t, followers.Query(socialFollowerOf.Eq("12345")), 4)
	})
}
