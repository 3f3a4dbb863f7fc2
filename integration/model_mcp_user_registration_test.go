package integration

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// Users, and who has which address, in two tables with a partition key alone, written and read together.

type registeredUser struct {
	_ struct{} `entity:"USER" pk:"USER#{ID}"`

	ID        string `dynamodbav:"user_id"`
	Email     string `dynamodbav:"email" repo:"required"`
	FullName  string `dynamodbav:"full_name" repo:"required"`
	CreatedAt string `dynamodbav:"created_at" repo:"required"`
}

type registeredEmail struct {
	_ struct{} `entity:"EMAIL_LOOKUP" pk:"EMAIL#{Email}"`

	Email  string `dynamodbav:"email"`
	UserID string `dynamodbav:"user_id" repo:"required"`
}

var (
	registeredUserEmail = expr.String(func(v *registeredUser) *string { return &v.Email })
	registeredEmailUser = expr.String(func(v *registeredEmail) *string { return &v.UserID })
)

func TestModelMCPUserRegistration(t *testing.T) {
	testMCP(t, "user_registration", "user_registration", func(t *testing.T, d *mcpDesign) {
		usersTable, emailsTable := uniqueTable(t, repo.Table{Key: repo.Key{Hash: "pk"}}), uniqueTable(t, repo.Table{Key: repo.Key{Hash: "pk"}})
		users, emails := openMCP[registeredUser](t, d, "User", usersTable), openMCP[registeredEmail](t, d, "EmailLookup", emailsTable)
		d.make(t, "Users", usersTable, users.repo)
		d.make(t, "EmailLookup", emailsTable, emails.repo)
		users.load(t)
		emails.load(t)

		carol := users.like(mcpRow{"user_id": "user-carol-2024", "email": "carol.white@example.com", "full_name": "Carol White"})
		carols := emails.like(mcpRow{"user_id": "user-carol-2024", "email": "carol.white@example.com"})
		d.expectAnswers(t, map[int]func(*testing.T){
			100: func(t *testing.T) {
				register := func(user, email mcpRow) error {
					return txn.New(d.server).Add(txn.Create(users.repo, users.value(user)), txn.Create(emails.repo, emails.value(email))).Commit(t.Context())
				}
				if err := register(carol, carols); err != nil {
					t.Fatal(err)
				}
				users.rows, emails.rows = append(users.rows, carol), append(emails.rows, carols)
				users.expectStored(t, carol)
				emails.expectStored(t, carols)

				other := carol.with(mcpRow{"user_id": "user-other-2024"})
				var canceled *txn.CanceledError
				if err := register(other, carols); !errors.As(err, &canceled) || !errors.Is(canceled.Reasons[1].Err, repo.ErrAlreadyExists) || canceled.Reasons[0].Err != nil {
					t.Errorf("an address that is taken: %v, want ErrAlreadyExists of operation 1 alone", err)
				}
				if users.stored(t, other) != nil {
					t.Error("the user was stored without the address")
				}
			},
			101: func(t *testing.T) {
				remove := func() error {
					return txn.New(d.server).Add(
						txn.Delete(users.repo.If(registeredUserEmail.Exists()), users.value(carol)),
						txn.Delete(emails.repo.If(registeredEmailUser.Exists()), emails.value(carols)),
					).Commit(t.Context())
				}
				if err := remove(); err != nil {
					t.Fatal(err)
				}
				users.gone(t, carol)
				emails.gone(t, carols)
				if err := remove(); !errors.Is(err, repo.ErrConditionFailed) {
					t.Errorf("deleted a second time: %v, want ErrConditionFailed", err)
				}
			},
			102: func(t *testing.T) {
				want := users.where(rowIs("full_name", "Alice Johnson"))[0]
				wantEmail := emails.where(rowIs("user_id", want["user_id"]))[0]
				user, email := registeredUser{ID: want.text("user_id")}, registeredEmail{Email: want.text("email")}
				if err := txn.Read(t.Context(), d.server, txn.Get(users.repo, user, &user), txn.Get(emails.repo, email, &email)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(users.value(want), user); diff != "" {
					t.Errorf("-expected +found\n%s", diff)
				}
				if diff := cmp.Diff(emails.value(wantEmail), email); diff != "" {
					t.Errorf("-expected +found\n%s", diff)
				}
			},
		})
		users.changes(t)
		emails.changes(t)
	})
}
