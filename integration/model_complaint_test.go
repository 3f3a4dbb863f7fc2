package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The complaint management of the AWS samples: three indexes over attributes of the rows, two of them sparse.

type complaint struct {
	_ struct{} `entity:"Complaint" pk:"{ID}" sk:"metadata"`
	_ struct{} `index:"Customer_Complaint_GSI" hash:"CustomerID" range:"ID"`
	_ struct{} `index:"Escalations_GSI" hash:"EscalatedTo" range:"EscalatedAt"`

	ID          string `dynamodbav:"complaint_id"`
	CustomerID  string `dynamodbav:"customer_id"`
	State       string `dynamodbav:"current_state"`
	CreatedAt   string `dynamodbav:"creation_time"`
	Severity    string `dynamodbav:"severity"`
	Description string `dynamodbav:"complaint_description"`
	EscalatedTo string `dynamodbav:"escalated_to,omitempty"`
	EscalatedAt string `dynamodbav:"escalation_time,omitempty"`
}

type communication struct {
	_ struct{} `entity:"Communication" pk:"{Complaint}" sk:"comm#{Date}#{ID}"`
	_ struct{} `index:"Agents_Comments_GSI" hash:"AgentID" range:"Date"`

	Complaint   string   `dynamodbav:"complaint"`
	ID          string   `dynamodbav:"comm_id"`
	Date        string   `dynamodbav:"comm_date"`
	State       string   `dynamodbav:"complaint_state"`
	Text        string   `dynamodbav:"comm_text"`
	Attachments []string `dynamodbav:"attachments,stringset,omitempty"`
	AgentID     string   `dynamodbav:"agentID,omitempty"`
}

var (
	complaintCustomer      = expr.String(func(v *complaint) *string { return &v.CustomerID })
	complaintEscalatedTo   = expr.String(func(v *complaint) *string { return &v.EscalatedTo })
	complaintEscalatedAt   = expr.String(func(v *complaint) *string { return &v.EscalatedAt })
	complaintSeverity      = expr.String(func(v *complaint) *string { return &v.Severity })
	complaintState         = expr.String(func(v *complaint) *string { return &v.State })
	communicationComplaint = expr.String(func(v *communication) *string { return &v.Complaint })
	communicationAgent     = expr.String(func(v *communication) *string { return &v.AgentID })
	communicationState     = expr.String(func(v *communication) *string { return &v.State })
)

func TestModelComplaintManagement(t *testing.T) {
	m := readModel(t, "complaint-management.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "-",
			Indexes: []repo.Index{
				{Name: "Customer_Complaint_GSI", Hash: []string{"customer_id"}, Range: []string{"complaint_id"}},
				{Name: "Escalations_GSI", Hash: []string{"escalated_to"}, Range: []string{"escalation_time"}},
				{Name: "Agents_Comments_GSI", Hash: []string{"agentID"}, Range: []string{"comm_date"}},
			},
		})
		complaints, communications := open[complaint](t, s, table), open[communication](t, s, table)
		s.create(t, table, complaints, communications)
		m.load(t, s, table,
			loads(complaints, nil),
			loads(communications, func(v *communication, r row) { v.Complaint = r.text("PK") }),
		)

		m.expectAnswers(t, answers{
			"complaint":      byGet(complaints, complaint{ID: "Complaint123"}),
			"comms":          byQuery(communications, communications.Query(communicationComplaint.Eq("Complaint123"))),
			"of-customer":    byQuery(complaints, complaints.Query(complaintCustomer.Eq("custXYZ"))),
			"escalated":      byQuery(complaints, complaints.Query(complaintEscalatedTo.Eq("AgentB")).Index("Escalations_GSI")),
			"agent-history":  byQuery(communications, communications.Query(communicationAgent.Eq("AgentA"))),
			"severity-state": byScan(complaints, complaints.Scan().Filter(complaintSeverity.Eq("P2"), complaintState.Eq("resolved"))),
			"state-changes":  byFilter(s, communications, communications.Query(communicationComplaint.Eq("Complaint1444")).Filter(communicationState.Eq("assigned"))),
		})

		// A complaint enters the sparse index when it is escalated, and leaves it when it is taken back.
		escalated := complaints.Query(complaintEscalatedTo.Eq("AgentD")).Index("Escalations_GSI")
		raised, err := complaints.Update(t.Context(), complaint{ID: "Complaint0987"}, complaintEscalatedTo.Set("AgentD"), complaintEscalatedAt.Set("2023-06-12T09:00:00"))
		if err != nil {
			t.Fatal(err)
		}
		expectFound(t, escalated, raised)
		if _, err := complaints.Update(t.Context(), raised, complaintEscalatedTo.Remove(), complaintEscalatedAt.Remove()); err != nil {
			t.Fatal(err)
		}
		expectFound(t, escalated)
		m.expectStored(t, s, table)
		m.expectIndexed(t, s, table, nil)
	})
}
