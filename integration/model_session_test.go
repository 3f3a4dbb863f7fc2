package integration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
	"github.com/monotable/monotable/txn"
)

// The session store of the AWS samples, with an index that is the table turned round.

type session struct {
	_ struct{} `entity:"Session" pk:"suuid#{ID}" sk:"c#{CustomerID}"`
	_ struct{} `index:"GSI1_inverse"`

	ID          string `dynamodbav:"session_id"`
	CustomerID  string `dynamodbav:"customer_id"`
	LastLogin   string `dynamodbav:"last_login_time"`
	AccessToken string `dynamodbav:"access_token"`
	State       string `dynamodbav:"session_state"`
}

type childSession struct {
	_ struct{} `entity:"ChildSession" pk:"suuid#{SessionID}" sk:"child#suuid#{ID}"`
	_ struct{} `index:"GSI1_inverse"`

	SessionID   string `dynamodbav:"session_id"`
	ID          string `dynamodbav:"child_id"`
	AccessToken string `dynamodbav:"access_token"`
	State       string `dynamodbav:"session_state"`
}

var (
	sessionID       = expr.String(func(v *session) *string { return &v.ID })
	sessionCustomer = expr.String(func(v *session) *string { return &v.CustomerID })
	childSessionOf  = expr.String(func(v *childSession) *string { return &v.SessionID })
	childSessionID  = expr.String(func(v *childSession) *string { return &v.ID })
)

func TestModelSessionManagement(t *testing.T) {
	m := readModel(t, "session-management.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "-",
			Indexes: []repo.Index{{Name: "GSI1_inverse", Hash: []string{"SK"}, Range: []string{"PK"}}},
		})
		sessions, children := open[session](t, s, table), open[childSession](t, s, table)
		s.create(t, table, sessions, children)
		m.load(t, s, table,
			loads(sessions, func(v *session, r row) { v.ID, v.CustomerID = r.id("PK"), r.id("SK") }),
			loads(children, func(v *childSession, r row) {
				v.SessionID, v.ID = r.id("PK"), strings.TrimPrefix(r.id("SK"), "suuid#")
			}),
		)

		ofCustomer := sessions.Query(sessionCustomer.Eq("ABC"))
		m.expectAnswers(t, answers{
			"session":              byGet(sessions, session{ID: "c342etj3", CustomerID: "ABC"}),
			"children":             byQuery(children, children.Query(childSessionOf.Eq("c342etj3"))),
			"parent":               byQuery(children, children.Query(childSessionID.Eq("ert54fbgn"))),
			"last-login":           byQuery(sessions, ofCustomer.Limit(1)),
			"session-of-customer":  byQuery(sessions, sessions.Query(sessionCustomer.Eq("ABC"), sessionID.Eq("d0004tj2")).Index("GSI1_inverse")),
			"sessions-of-customer": byQuery(sessions, ofCustomer),
			"create-session": byWrite("Put", func(t *testing.T) {
				want := session{ID: "n001", CustomerID: "NEW", LastLogin: "2023-06-01T00:00:00", AccessToken: "t", State: "active"}
				if got, err := sessions.Create(t.Context(), want); err != nil || got != want {
					t.Errorf("created: %v %s", err, cmp.Diff(want, got))
				}
				expectGet(t, sessions, want)
				expectFound(t, sessions.Query(sessionCustomer.Eq("NEW")), want)
			}),
			"expire-session": byWrite("Delete", func(t *testing.T) {
				ended := session{ID: "n002", CustomerID: "OLD", LastLogin: "2023-06-01T00:00:00", AccessToken: "t", State: "closing"}
				put(t, sessions, ended)
				put(t, children, childSession{SessionID: "n002", ID: "1", AccessToken: "t1", State: "closing"}, childSession{SessionID: "n002", ID: "2", AccessToken: "t2", State: "closing"})
				tx := txn.New(s).Add(txn.Delete(sessions, ended))
				for child, err := range children.Query(childSessionOf.Eq("n002")).All(t.Context()) {
					if err != nil {
						t.Fatal(err)
					}
					tx = tx.Add(txn.Delete(children, child))
				}
				if err := tx.Commit(t.Context()); err != nil {
					t.Fatal(err)
				}
				expectGone(t, sessions, ended)
				expectFound(t, sessions.Query(sessionCustomer.Eq("OLD")))
				expectFound(t, children.Query(childSessionOf.Eq("n002")))
			}),
		})

		first, err := ofCustomer.First(t.Context())
		if want := "2023-05-12T11:30:00"; err != nil || first.LastLogin != want {
			t.Errorf("the customer logged in last at %q, %v, want %q", first.LastLogin, err, want)
		}
	})
}
