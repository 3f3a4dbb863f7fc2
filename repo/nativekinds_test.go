package repo_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"github.com/monotable/monotable/expr"
)

// gauge is of the family too: keys that are fields of their own, alone and beside text, and texts that say less than their fields.
type gauge struct {
	_ struct{} `entity:"Gauge" pk:"GAUGE#{ID}" sk:"GAUGE"`
	_ struct{} `index:"mixed" hash:"Zone" sk:"{Grade|desc}#{Label}"`
	_ struct{} `index:"multi" hash:"Zone,Grade" range:"Level,Label"`
	_ struct{} `index:"gsi3" pk:"DAY#{At|day}" sk:"{Label|fold}#{Zone|or=none}"`

	ID    string    `dynamodbav:"id"`
	Zone  string    `dynamodbav:"g_zone,omitempty"`
	Grade int       `dynamodbav:"g_grade"`
	Label string    `dynamodbav:"g_label,omitempty"`
	Level int       `dynamodbav:"g_level,omitempty"`
	At    time.Time `dynamodbav:"at"`
}

var solid = rapid.SampledFrom([]string{"a", "a!", "a#b", "b", "B", "AB", "é"})

var gauges = kind[gauge]{
	name:  "gauge",
	blank: func(i int) gauge { return gauge{ID: fmt.Sprintf("g%d", i)} },
	keys: func(v *gauge) (primary, []keyOfIndex) {
		zone := "none"
		if v.Zone != "" {
			zone = segment(v.Zone)
		}
		return primary{"GAUGE#" + segment(v.ID), "GAUGE"}, []keyOfIndex{
			{"mixed", "its own", "mixedsk", v.Zone, number(int64(^v.Grade)) + "#" + segment(v.Label), v.Zone != "" && v.Label != ""},
			standard("gsi3", !v.At.IsZero() && v.Label != "", "DAY#"+v.At.UTC().Format("2006-01-02"), segment(fold(v.Label))+"#"+zone),
		}
	},
	keyed: []prop[gauge]{text("ID", expr.String(func(v *gauge) *string { return &v.ID }), func(v *gauge) *string { return &v.ID }, words)},
	props: []prop[gauge]{
		text("Zone", expr.String(func(v *gauge) *string { return &v.Zone }), func(v *gauge) *string { return &v.Zone }, solid).omitted(),
		counted("Grade", expr.Number(func(v *gauge) *int { return &v.Grade }), func(v *gauge) *int { return &v.Grade }, ints),
		text("Label", expr.String(func(v *gauge) *string { return &v.Label }), func(v *gauge) *string { return &v.Label }, solid).omitted(),
		counted("Level", expr.Number(func(v *gauge) *int { return &v.Level }), func(v *gauge) *int { return &v.Level }, ints).omitted(),
		timed("At", expr.Field(func(v *gauge) *time.Time { return &v.At }), func(v *gauge) *time.Time { return &v.At }, times),
	},
	paths: []access{
		{hash: []string{"ID"}, literal: "GAUGE"},
		{index: "mixed", hash: []string{"Zone"}, sort: []string{"Grade", "Label"}, present: []string{"Zone", "Label"}},
		{index: "gsi3", hash: []string{"At"}, sort: []string{"Label", "Zone"}, present: []string{"At", "Label"}, standIn: []string{"Zone"}},
	},
	open: opening[gauge],
}
