package integration

import (
	"testing"
	"time"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// reading is the entity of the tests of queries: a time, a number, a text and a bool to range over, in the sort keys of the
// table and of three indexes.
type reading struct {
	_ struct{} `entity:"Reading" pk:"SENSOR#{Sensor}" sk:"AT#{At}"`
	_ struct{} `index:"level" pk:"SITE#{Site}" sk:"{Level}#{Sensor}"`
	_ struct{} `index:"label" pk:"SITE#{Site}" sk:"LABEL#{Label}"`
	_ struct{} `index:"alarm" pk:"ALARMS" sk:"{Alarm|desc}#{Level|desc}" when:"Alarm=true"`

	Sensor string    `dynamodbav:"sensor"`
	At     time.Time `dynamodbav:"at"`
	Site   string    `dynamodbav:"site" repo:"required"`
	Level  int64     `dynamodbav:"level"`
	Label  string    `dynamodbav:"label,omitempty"`
	Alarm  bool      `dynamodbav:"alarm"`
	ID     string    `dynamodbav:"id"` // how the tests call it
}

var (
	readingSensor = expr.String(func(r *reading) *string { return &r.Sensor })
	readingAt     = expr.Field(func(r *reading) *time.Time { return &r.At })
	readingSite   = expr.String(func(r *reading) *string { return &r.Site })
	readingLevel  = expr.Number(func(r *reading) *int64 { return &r.Level })
	readingLabel  = expr.String(func(r *reading) *string { return &r.Label })
	readingAlarm  = expr.Field(func(r *reading) *bool { return &r.Alarm })
	readingID     = expr.String(func(r *reading) *string { return &r.ID })
)

// at is a time of the day that all readings are from.
func at(clock string) time.Time {
	t, err := time.Parse("15:04:05.999999999", clock)
	if err != nil {
		panic(err)
	}
	return t.AddDate(2026, 2, 13)
}

// The readings: two sensors, and labels that are prefixes of each other, hold delimiters, or are absent.
var readings = []reading{
	{Sensor: "s1", At: at("08:00:00"), Site: "oslo", Level: -20, Label: "a", ID: "a"},
	{Sensor: "s1", At: at("09:00:00"), Site: "oslo", Level: -3, Label: "ab", ID: "b"},
	{Sensor: "s1", At: at("09:00:00.000000001"), Site: "oslo", Level: 0, Label: "a#b", Alarm: true, ID: "c"},
	{Sensor: "s1", At: at("10:00:00"), Site: "oslo", Level: 7, Label: "b", ID: "d"},
	{Sensor: "s1", At: at("11:00:00"), Site: "oslo", Level: 100, ID: "e"},
	{Sensor: "s2", At: at("09:00:00"), Site: "oslo", Level: 7, Label: "a$", Alarm: true, ID: "f"},
	{Sensor: "s2", At: at("10:00:00"), Site: "rome", Level: 40, Label: "é", Alarm: true, ID: "g"},
}

// station is a table of readings on one engine, with rows of others among them.
type station struct {
	*server
	table    repo.Table
	readings *repo.Repository[reading]
}

// foreign are rows in the partitions of the readings that are none, in the table and in every index.
var foreign = []item{
	{"pk": text("SENSOR#s1"), "sk": text("AT#2026-03-14T09:30:00.000000000Z"), "_type": text("Calibration"),
		"levelpk": text("SITE#oslo"), "levelsk": text("00000000000000000005#s9"), "labelpk": text("SITE#oslo"), "labelsk": text("LABEL#aa"), "level": text("not a number")},
	{"pk": text("SENSOR#s1"), "sk": text("CONFIG"), "levelpk": text("SITE#oslo"), "levelsk": text("00000000000000000006#s9")},
	{"pk": text("SITE#oslo"), "sk": text("PLAN"), "_type": text("Site"), "levelpk": text("SITE#oslo"), "levelsk": text("PLAN"),
		"alarmpk": text("ALARMS"), "alarmsk": text("-true#-9999999999999999994")},
	{"pk": text("SENSOR#s1x"), "sk": text("AT#2026-03-14T09:30:00.000000000Z"), "_type": text("Reading")},
}

func onEveryStation(t *testing.T, test func(*testing.T, *station)) {
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{Indexes: []repo.Index{{Name: "level"}, {Name: "label"}, {Name: "alarm"}}})
		st := &station{s, table, open[reading](t, s, table)}
		s.create(t, table, st.readings)
		put(t, st.readings, readings...)
		s.load(t, table, foreign...)
		test(t, st)
	})
}

// ids are what the tests call readings.
func ids(found []reading) (out []string) {
	for _, r := range found {
		out = append(out, r.ID)
	}
	return out
}
