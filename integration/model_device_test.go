package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The device state log of the AWS design patterns. Its partition key is an attribute as it is, its sort key is made of two, has the
// delimiter in its very name, and is the sort key of a sparse index as well.

type deviceState struct {
	_ struct{} `entity:"DeviceStateLog" hash:"DeviceID" sk:"{State}#{Date}"`
	_ struct{} `index:"GSI1" hash:"Operator" range:"Date"`
	_ struct{} `index:"GSI2" hash:"EscalatedTo" sk:"{State}#{Date}"`

	DeviceID    string `dynamodbav:"DeviceID"`
	State       string `dynamodbav:"State"`
	Date        string `dynamodbav:"Date"`
	Operator    string `dynamodbav:"Operator"`
	EscalatedTo string `dynamodbav:"EscalatedTo,omitempty"`
}

var (
	deviceID          = expr.String(func(v *deviceState) *string { return &v.DeviceID })
	deviceStateIs     = expr.String(func(v *deviceState) *string { return &v.State })
	deviceDate        = expr.String(func(v *deviceState) *string { return &v.Date })
	deviceOperator    = expr.String(func(v *deviceState) *string { return &v.Operator })
	deviceEscalatedTo = expr.String(func(v *deviceState) *string { return &v.EscalatedTo })
)

func TestModelDeviceStateLog(t *testing.T) {
	m := readModel(t, "device-state-log.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "DeviceID", Range: "State#Date"}, TypeAttribute: "-",
			Indexes: []repo.Index{
				{Name: "GSI1", Hash: []string{"Operator"}, Range: []string{"Date"}},
				{Name: "GSI2", Hash: []string{"EscalatedTo"}, Range: []string{"State#Date"}},
			},
		})
		logs := open[deviceState](t, s, table)
		s.create(t, table, logs)
		m.load(t, s, table, loads(logs, nil))

		m.expectAnswers(t, answers{
			"state-newest":         byQuery(logs, logs.Query(deviceID.Eq("d#12345"), deviceStateIs.Eq("WARNING1")).Desc()),
			"state-by-filter":      byFilter(s, logs, logs.Query(deviceID.Eq("d#12345")).Filter(deviceStateIs.Eq("WARNING1")).Desc()),
			"operator-range":       byQuery(logs, logs.Query(deviceOperator.Eq("Liz"), deviceDate.Between("2020-04-20", "2020-04-25"))),
			"escalated":            byQuery(logs, logs.Query(deviceEscalatedTo.Eq("Sara"))),
			"escalated-state":      byQuery(logs, logs.Query(deviceEscalatedTo.Eq("Sara"), deviceStateIs.Eq("WARNING4"))),
			"escalated-state-date": byQuery(logs, logs.Query(deviceEscalatedTo.Eq("Sara"), deviceStateIs.Eq("WARNING4"), deviceDate.HasPrefix("2020-04-27"))),
		})

		// An escalation sets the one key attribute of the sparse index that the log lacks.
		log := deviceState{DeviceID: "d#54321", State: "WARNING3", Date: "2020-04-11T05:50:00"}
		raised, err := logs.If(deviceEscalatedTo.NotExists()).Update(t.Context(), log, deviceEscalatedTo.Set("Mara"))
		if err != nil {
			t.Fatal(err)
		}
		expectFound(t, logs.Query(deviceEscalatedTo.Eq("Mara")), raised)
		if _, err := logs.Update(t.Context(), log, deviceEscalatedTo.Remove()); err != nil {
			t.Fatal(err)
		}
		expectFound(t, logs.Query(deviceEscalatedTo.Eq("Mara")))
		m.expectStored(t, s, table)
		m.expectIndexed(t, s, table, nil)
	})
}
