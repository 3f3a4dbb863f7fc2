package integration

import (
	"errors"
	"strings"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The chat rooms of the AWS samples. Comments are found in an index over attributes of their own. A comment's sort key is a bare
// time, and could be that of a room joined, so the two entities overlap, and new rows carry a type.

type chatRoom struct {
	_ struct{} `entity:"Room" pk:"Room:{Name}" sk:"meta"`

	Name      string `dynamodbav:"Name"`
	CreatedBy string `dynamodbav:"CreatedBy"`
}

type chatComment struct {
	_ struct{} `entity:"Comment,overlaps=JoinedRoom" pk:"User:{UserID}" sk:"{At}"`
	_ struct{} `index:"RoomID_Comment_IDX" hash:"RoomID" range:"CreatedAt"`

	UserID    string `dynamodbav:"UserID"`
	At        string `dynamodbav:"At"`
	RoomID    string `dynamodbav:"RoomID" repo:"required"`
	CreatedAt string `dynamodbav:"CreatedAt" repo:"required"`
	Comment   string `dynamodbav:"Comment"`
}

type chatJoined struct {
	_ struct{} `entity:"JoinedRoom,overlaps=Comment" pk:"User:{UserID}" sk:"Join:{Room}"`

	UserID string `dynamodbav:"UserID"`
	Room   string `dynamodbav:"Room"`
}

var (
	chatRoomCreatedBy    = expr.String(func(v *chatRoom) *string { return &v.CreatedBy })
	chatCommentUser      = expr.String(func(v *chatComment) *string { return &v.UserID })
	chatCommentRoom      = expr.String(func(v *chatComment) *string { return &v.RoomID })
	chatCommentCreatedAt = expr.String(func(v *chatComment) *string { return &v.CreatedAt })
	chatJoinedUser       = expr.String(func(v *chatJoined) *string { return &v.UserID })
)

func TestModelChat(t *testing.T) {
	m := readModel(t, "chat.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key:     repo.Key{Hash: "PK", Range: "SK"},
			Indexes: []repo.Index{{Name: "RoomID_Comment_IDX", Hash: []string{"RoomID"}, Range: []string{"CreatedAt"}}},
		})
		rooms, comments, joined := open[chatRoom](t, s, table), open[chatComment](t, s, table), open[chatJoined](t, s, table)
		s.create(t, table, rooms, comments, joined)
		m.load(t, s, table,
			loads(rooms, func(v *chatRoom, r row) { v.Name = strings.TrimPrefix(r.text("PK"), "Room:") }),
			loads(comments, func(v *chatComment, r row) {
				v.UserID, v.At = strings.TrimPrefix(r.text("PK"), "User:"), r.text("SK")
			}),
			loads(joined, nil),
		)

		music, art := comments.Query(chatCommentRoom.Eq("Music")), comments.Query(chatCommentRoom.Eq("Art"))
		m.expectAnswers(t, answers{
			"createChatRoom": byWrite("Put", func(t *testing.T) {
				want := chatRoom{Name: "Books", CreatedBy: "UserA"}
				if got, err := rooms.Create(t.Context(), want); err != nil || got != want {
					t.Errorf("created %+v, %v", got, err)
				}
				if _, err := rooms.Create(t.Context(), chatRoom{Name: "Books", CreatedBy: "UserB"}); !errors.Is(err, repo.ErrAlreadyExists) {
					t.Errorf("a second time: %v", err)
				}
				expectGet(t, rooms, want)
			}),
			"deleteChatRoom": byWrite("Delete", func(t *testing.T) {
				room := chatRoom{Name: "Games", CreatedBy: "UserB"}
				put(t, rooms, room)
				if err := rooms.If(chatRoomCreatedBy.Eq("UserA")).Delete(t.Context(), room); !errors.Is(err, repo.ErrConditionFailed) {
					t.Errorf("by another user: %v", err)
				}
				expectGet(t, rooms, room)
				if err := rooms.If(chatRoomCreatedBy.Eq("UserB")).Delete(t.Context(), room); err != nil {
					t.Error(err)
				}
				expectGone(t, rooms, room)
			}),
			"joinChatRoom": byWrite("Put", func(t *testing.T) {
				put(t, joined, chatJoined{UserID: "UserB", Room: "Music"}, chatJoined{UserID: "UserB", Room: "Art"})
				expectFound(t, joined.Query(chatJoinedUser.Eq("UserB")), chatJoined{UserID: "UserB", Room: "Art"}, chatJoined{UserID: "UserB", Room: "Music"})
				expectCount(t, comments.Query(chatCommentUser.Eq("UserB")), 1)
			}),
			"leaveChatRoom": byWrite("Delete", func(t *testing.T) {
				left, kept := chatJoined{UserID: "UserC", Room: "Music"}, chatJoined{UserID: "UserC", Room: "Movie"}
				put(t, joined, left, kept)
				if err := joined.Delete(t.Context(), left); err != nil {
					t.Error(err)
				}
				expectGone(t, joined, left)
				expectFound(t, joined.Query(chatJoinedUser.Eq("UserC")), kept)
			}),
			"addComments": byWrite("Put", func(t *testing.T) {
				first := chatComment{UserID: "UserD", At: "2023-04-02T08:00:00.001Z", RoomID: "Books", CreatedAt: "2023-04-02T08:00:00.001Z", Comment: "Read this!"}
				second := chatComment{UserID: "UserE", At: "2023-04-02T08:00:07.001Z", RoomID: "Books", CreatedAt: "2023-04-02T08:00:07.001Z", Comment: "I did."}
				put(t, comments, second, first)
				expectFound(t, comments.Query(chatCommentRoom.Eq("Books")), first, second)
			}),
			"getAllComments":    byQuery(comments, music),
			"getLatestComments": byQuery(comments, art.Desc().Limit(10)),
			"fromPosition":      byQuery(comments, comments.Query(chatCommentRoom.Eq("Music"), chatCommentCreatedAt.Gt("2023-04-01T12:00:00.001Z"))),
			"betweenPositions":  byQuery(comments, comments.Query(chatCommentRoom.Eq("Art"), chatCommentCreatedAt.Between("2023-04-01T12:00:00.000Z", "2023-04-01T13:00:00.000Z"))),
		})
	})
}
