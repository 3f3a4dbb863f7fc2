package integration

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// A social network. Its partition key is the user id itself; what a row is says the literal that its sort key begins with.

type mediaProfile struct {
	_ struct{} `entity:"PROFILE" hash:"UserID" sk:"PROFILE"`

	UserID    string `dynamodbav:"user_id"`
	Username  string `dynamodbav:"username"`
	Email     string `dynamodbav:"email"`
	Timestamp int    `dynamodbav:"timestamp"`
}

type mediaPost struct {
	_ struct{} `entity:"POST" hash:"UserID" sk:"POST#{ID}"`

	UserID    string   `dynamodbav:"user_id"`
	ID        string   `dynamodbav:"post_id"`
	Username  string   `dynamodbav:"username"`
	Content   string   `dynamodbav:"content"`
	MediaURLs []string `dynamodbav:"media_urls"`
	Timestamp int      `dynamodbav:"timestamp"`
}

type mediaComment struct {
	_ struct{} `entity:"COMMENT" hash:"UserID" sk:"COMMENT#{PostID}#{ID}"`

	UserID    string `dynamodbav:"user_id"`
	PostID    string `dynamodbav:"post_id"`
	ID        string `dynamodbav:"comment_id"`
	Username  string `dynamodbav:"username"`
	Content   string `dynamodbav:"content"`
	Timestamp int    `dynamodbav:"timestamp"`
}

type mediaLike struct {
	_ struct{} `entity:"LIKE" hash:"UserID" sk:"LIKE#{PostID}#{LikerID}"`

	UserID    string `dynamodbav:"user_id"`
	PostID    string `dynamodbav:"post_id"`
	LikerID   string `dynamodbav:"liker_user_id"`
	Username  string `dynamodbav:"username"`
	Timestamp int    `dynamodbav:"timestamp"`
}

type mediaFollow struct {
	_ struct{} `entity:"FOLLOW" hash:"UserID" sk:"FOLLOW#{FollowerID}"`

	UserID     string `dynamodbav:"user_id"`
	FollowerID string `dynamodbav:"follower_id"`
	Username   string `dynamodbav:"username"`
	Timestamp  int    `dynamodbav:"timestamp"`
}

var (
	mediaPostUser       = expr.String(func(v *mediaPost) *string { return &v.UserID })
	mediaPostID         = expr.String(func(v *mediaPost) *string { return &v.ID })
	mediaCommentUser    = expr.String(func(v *mediaComment) *string { return &v.UserID })
	mediaCommentPost    = expr.String(func(v *mediaComment) *string { return &v.PostID })
	mediaCommentID      = expr.String(func(v *mediaComment) *string { return &v.ID })
	mediaLikeUser       = expr.String(func(v *mediaLike) *string { return &v.UserID })
	mediaLikePost       = expr.String(func(v *mediaLike) *string { return &v.PostID })
	mediaLikeLiker      = expr.String(func(v *mediaLike) *string { return &v.LikerID })
	mediaFollowUser     = expr.String(func(v *mediaFollow) *string { return &v.UserID })
	mediaFollowFollower = expr.String(func(v *mediaFollow) *string { return &v.FollowerID })
)

func TestModelMCPSocialMediaApp(t *testing.T) {
	testMCP(t, "social_media_app", "social_media", func(t *testing.T, d *mcpDesign) {
		table := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "user_id", Range: "sort_key"}, TypeAttribute: "-"})
		profiles, posts := openMCP[mediaProfile](t, d, "UserProfile", table), openMCP[mediaPost](t, d, "Post", table)
		comments, likes := openMCP[mediaComment](t, d, "Comment", table), openMCP[mediaLike](t, d, "Like", table)
		follows := openMCP[mediaFollow](t, d, "Follow", table)
		d.make(t, "SocialMedia", table, profiles.repo, posts.repo, comments.repo, likes.repo, follows.repo)
		profiles.load(t)
		posts.load(t, posts.like(mcpRow{"post_id": "post-10001"}), posts.like(mcpRow{"post_id": "post-67999", "media_urls": nil}), posts.like(mcpRow{"post_id": "post-7"}))
		comments.load(t,
			comments.like(mcpRow{"comment_id": "comment-00001"}), comments.like(mcpRow{"comment_id": "comment-22222"}),
			comments.like(mcpRow{"comment_id": "comment-33333"}), comments.like(mcpRow{"post_id": "post-10001"}), comments.like(mcpRow{"post_id": "post-67890x"}))
		likes.load(t,
			likes.like(mcpRow{"liker_user_id": "user-11111"}), likes.like(mcpRow{"liker_user_id": "user-77777"}),
			likes.like(mcpRow{"liker_user_id": "user-88888"}), likes.like(mcpRow{"post_id": "post-7"}))
		follows.load(t, follows.like(mcpRow{"follower_id": "user-00001"}), follows.like(mcpRow{"user_id": "user-2"}))

		ctx := t.Context()
		ofUser, ofPost := rowIs("user_id", "user-12345"), rowIs("post_id", "post-67890")
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := profiles.repo.Get(ctx, mediaProfile{UserID: "user-12345"})
				profiles.expectOne(t, v, err, profiles.where(ofUser)[0])
			},
			2: posts.creates(posts.like(mcpRow{"post_id": "post-99999", "content": "A new one"})),
			3: posts.deletes(posts.like(mcpRow{"post_id": "post-99999"})),
			4: func(t *testing.T) {
				posts.expect(t, posts.repo.Query(mediaPostUser.Eq("user-12345")).All(ctx), posts.where(ofUser).by("post_id"))
			},
			5: func(t *testing.T) {
				comments.expect(t, comments.repo.Query(mediaCommentUser.Eq("user-12345"), mediaCommentPost.Eq("post-67890")).All(ctx),
					comments.where(ofUser, ofPost).by("comment_id"))
			},
			6: func(t *testing.T) {
				var profile mediaProfile
				var theirs []mediaPost
				part := profiles.repo.Partition(mediaProfile{UserID: "user-12345"})
				if err := part.Load(ctx, repo.One(profiles.repo, &profile), repo.Many(posts.repo, &theirs)); err != nil {
					t.Fatal(err)
				}
				profiles.expectOne(t, profile, nil, profiles.where(ofUser)[0])
				posts.expect(t, mcpValues(theirs), posts.where(ofUser).by("post_id"))

				var inOrder []string
				for v, err := range part.Items(ctx, profiles.repo, posts.repo) {
					if err != nil {
						t.Fatal(err)
					}
					switch v := v.(type) {
					case mediaProfile:
						inOrder = append(inOrder, "the profile")
					case mediaPost:
						inOrder = append(inOrder, v.ID)
					default:
						t.Errorf("a %T was yielded", v)
					}
				}
				var want []string
				for _, r := range posts.where(ofUser).by("post_id") {
					want = append(want, r.text("post_id"))
				}
				if diff := cmp.Diff(append(want, "the profile"), inOrder); diff != "" {
					t.Errorf("in order of the sort keys: -expected +found\n%s", diff)
				}
			},
			7:  likes.creates(likes.like(mcpRow{"liker_user_id": "user-99999"})),
			8:  likes.deletes(likes.like(mcpRow{"liker_user_id": "user-99999"})),
			9:  comments.creates(comments.like(mcpRow{"comment_id": "comment-44444"})),
			10: follows.creates(follows.like(mcpRow{"follower_id": "user-99999"})),
			11: follows.deletes(follows.like(mcpRow{"follower_id": "user-99999"})),
			12: func(t *testing.T) {
				likes.expect(t, likes.repo.Query(mediaLikeUser.Eq("user-12345"), mediaLikePost.Eq("post-67890")).All(ctx), likes.where(ofUser, ofPost).by("liker_user_id"))
			},
			13: func(t *testing.T) {
				follows.expectScanned(t, follows.repo.Scan().Filter(mediaFollowFollower.Eq("user-67890")).All(ctx), func(v mediaFollow) string { return v.UserID }, follows.where(rowIs("follower_id", "user-67890")).by("user_id"))
			},
			14: func(t *testing.T) {
				follows.expect(t, follows.repo.Query(mediaFollowUser.Eq("user-12345")).All(ctx), follows.where(ofUser).by("follower_id"))
			},
			15: func(t *testing.T) {
				posts.expect(t, posts.repo.Query(mediaPostUser.Eq("user-12345"), mediaPostID.HasPrefix("post-6")).All(ctx),
					posts.where(ofUser, rowPrefix("post_id", "post-6")).by("post_id"))
			},
			16: func(t *testing.T) {
				from, to := "comment-1", "comment-22222"
				comments.expect(t, comments.repo.Query(mediaCommentUser.Eq("user-12345"), mediaCommentPost.Eq("post-67890"), mediaCommentID.Between(from, to)).All(ctx),
					comments.where(ofUser, ofPost, rowFrom("comment_id", from), rowUntil("comment_id", to)).by("comment_id"))
			},
			17: func(t *testing.T) {
				likes.expect(t, likes.repo.Query(mediaLikeUser.Eq("user-12345"), mediaLikePost.Eq("post-67890"), mediaLikeLiker.Gt("user-67890")).All(ctx),
					likes.where(ofUser, ofPost, rowAfter("liker_user_id", "user-67890")).by("liker_user_id"))
			},
		})
		profiles.changes(t)
		posts.changes(t)
		comments.changes(t)
		likes.changes(t)
		follows.changes(t)
	})
}
