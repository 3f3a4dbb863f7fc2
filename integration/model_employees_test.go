package integration

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The employees of the AWS labs: one index overloaded with four entities, one sparse, one composite, and no type attribute. Names
// and titles stand in its keys as they are, spaces included, so their fields are raw.

type employee struct {
	_ struct{} `entity:"Employee" pk:"e#{ID|plain}" sk:"root"`
	_ struct{} `index:"GSI_1" pk:"root" sk:"{Name|raw}"`
	_ struct{} `index:"GSI_2" pk:"{IsManager}" sk:"root"`
	_ struct{} `index:"GSI_3" pk:"state#{State|raw}" sk:"{City|raw}#{Dept|raw}"`

	ID               int    `dynamodbav:"employeeid" json:"employeeid"`
	Name             string `dynamodbav:"name" json:"name" repo:"required"`
	Title            string `dynamodbav:"title" json:"title"`
	Dept             string `dynamodbav:"dept" json:"dept" repo:"required"`
	City             string `dynamodbav:"city" json:"city" repo:"required"`
	State            string `dynamodbav:"state" json:"state" repo:"required"`
	CityDept         string `dynamodbav:"city_dept" json:"-"`
	BirthDate        string `dynamodbav:"dob" json:"dob"`
	HireDate         string `dynamodbav:"hire_date" json:"hire_date"`
	PreviousTitle    string `dynamodbav:"previous_title" json:"previous_title"`
	PreviousTitleEnd string `dynamodbav:"previous_title_end" json:"previous_title_end"`
	Lock             string `dynamodbav:"lock" json:"lock"`
	IsManager        string `dynamodbav:"is_manager,omitempty" json:"is_manager"`
}

type currentTitle struct {
	_ struct{} `entity:"CurrentTitle" pk:"e#{EmployeeID|plain}" sk:"current_title#{Title|raw}"`
	_ struct{} `index:"GSI_1" pk:"current_title#{Title|raw}" sk:"{Name|raw}"`

	EmployeeID int    `dynamodbav:"employeeid"`
	Title      string `dynamodbav:"title"`
	Name       string `dynamodbav:"name" repo:"required"`
	HireDate   string `dynamodbav:"hire_date"`
}

type previousTitle struct {
	_ struct{} `entity:"PreviousTitle" pk:"e#{EmployeeID|plain}" sk:"previous_title#{Title|raw}"`
	_ struct{} `index:"GSI_1" pk:"previous_title#{Title|raw}" sk:"{Name|raw}"`

	EmployeeID int    `dynamodbav:"employeeid"`
	Title      string `dynamodbav:"title"`
	Name       string `dynamodbav:"name" repo:"required"`
	HireDate   string `dynamodbav:"hire_date"`
}

type location struct {
	_ struct{} `entity:"Location" pk:"e#{EmployeeID|plain}" sk:"state#{State|raw}"`
	_ struct{} `index:"GSI_1" pk:"state#{State|raw}" sk:"{Name|raw}"`

	EmployeeID int    `dynamodbav:"employeeid"`
	State      string `dynamodbav:"state"`
	Name       string `dynamodbav:"name" repo:"required"`
	HireDate   string `dynamodbav:"hire_date"`
	CityDept   string `dynamodbav:"city_dept"`
}

var (
	employeeName    = expr.String(func(v *employee) *string { return &v.Name })
	employeeState   = expr.String(func(v *employee) *string { return &v.State })
	employeeCity    = expr.String(func(v *employee) *string { return &v.City })
	employeeDept    = expr.String(func(v *employee) *string { return &v.Dept })
	employeeManager = expr.String(func(v *employee) *string { return &v.IsManager })
	currentTitleIs  = expr.String(func(v *currentTitle) *string { return &v.Title })
	locationState   = expr.String(func(v *location) *string { return &v.State })
)

func TestModelEmployees(t *testing.T) {
	m := readModel(t, "employees-overloaded.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "-",
			Indexes: []repo.Index{
				{Name: "GSI_1", Hash: []string{"GSI_1_PK"}, Range: []string{"GSI_1_SK"}},
				{Name: "GSI_2", Hash: []string{"GSI_2_PK"}, Range: []string{"GSI_2_SK"}},
				{Name: "GSI_3", Hash: []string{"GSI_3_PK"}, Range: []string{"GSI_3_SK"}},
			},
		})
		employees, current := open[employee](t, s, table), open[currentTitle](t, s, table)
		previous, locations := open[previousTitle](t, s, table), open[location](t, s, table)
		s.create(t, table, employees, current, previous, locations)

		// One person of the source is four items, and those of all people are the rows of the source.
		sources := map[string]row{}
		for _, r := range m.Items {
			sources[strings.Join(m.keyOf(r), "\n")] = r
		}
		var people []employee
		if err := json.Unmarshal(m.DomainRows, &people); err != nil {
			t.Fatal(err)
		}
		var items []item
		take := func(encoded item, err error) {
			if err != nil {
				t.Fatal(err)
			}
			key := strings.Join(m.keyOf(encoded), "\n")
			source, there := sources[key]
			if !there {
				t.Fatalf("the source has no row %q, or it was made twice", key)
			}
			delete(sources, key)
			m.expectRow(t, encoded, source, nil)
			items = append(items, encoded)
		}
		for _, p := range people {
			p.CityDept = p.City + "#" + p.Dept
			take(employees.Encode(p))
			take(current.Encode(currentTitle{EmployeeID: p.ID, Title: p.Title, Name: p.Name, HireDate: p.HireDate}))
			take(previous.Encode(previousTitle{EmployeeID: p.ID, Title: p.PreviousTitle, Name: p.Name, HireDate: p.HireDate}))
			take(locations.Encode(location{EmployeeID: p.ID, State: p.State, Name: p.Name, HireDate: p.HireDate, CityDept: p.CityDept}))
		}
		if len(sources) > 0 || len(items) != len(m.Items) {
			t.Fatalf("%d of %d rows were made, %d are left", len(items), len(m.Items), len(sources))
		}
		s.load(t, table, items...)
		m.expectIndexed(t, s, table, nil)

		m.expectAnswers(t, answers{
			"by-state":            byQuery(locations, locations.Query(locationState.Eq("WA"))),
			"by-current-title":    byQuery(current, current.Query(currentTitleIs.Eq("Software Engineer"))),
			"by-name":             byQuery(employees, employees.Query(employeeName.Eq("Dale Marlin"))),
			"managers-filter":     byScan(employees, employees.Scan().Filter(employeeManager.Eq("1"))),
			"managers-sparse":     byScan(employees, employees.Scan().Index("GSI_2").PageSize(100)),
			"by-state-gsi3":       byQuery(employees, employees.Query(employeeState.Eq("TX"))),
			"by-city":             byQuery(employees, employees.Query(employeeState.Eq("TX"), employeeCity.Eq("Dallas"))),
			"by-city-dept":        byQuery(employees, employees.Query(employeeState.Eq("TX"), employeeCity.Eq("Dallas"), employeeDept.HasPrefix("Op"))),
			"employee-collection": byPartition(employees.Partition(employee{ID: 129}), "", kind(employees), kind(current), kind(previous), kind(locations)),
		})
	})
}
