package integration

import (
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// The flights and fares of the AWS labs. Fares and flights stand in one partition in order of their dates, and only their type tells
// them apart; so it is with what a passenger has booked, and with the seats of a flight.

type flightFare struct {
	_ struct{} `entity:"fare" pk:"{Origin}" sk:"{Dest}#{Start}#{Class}"`
	_ struct{} `index:"GSI1" pk:"{Dest}" sk:"{Origin}#{Start}"`

	Origin string `dynamodbav:"origin"`
	Dest   string `dynamodbav:"dest"`
	Start  string `dynamodbav:"start"`
	End    string `dynamodbav:"end"`
	Class  string `dynamodbav:"class"`
}

type flight struct {
	_ struct{} `entity:"flight,overlaps=assignment" pk:"{Origin}" sk:"{Dest}#{Depart}#{Number}#{SegmentID}"`
	_ struct{} `index:"GSI1" pk:"{Dest}" sk:"{Origin}#{Arrive}"`
	_ struct{} `index:"GSI2" pk:"{Number}" sk:"{SegmentID}"`

	Origin    string `dynamodbav:"origin"`
	Dest      string `dynamodbav:"dest"`
	Depart    string `dynamodbav:"depart"`
	Arrive    string `dynamodbav:"arrive" repo:"required"`
	Number    string `dynamodbav:"number"`
	SegmentID string `dynamodbav:"segId"`
	Class     string `dynamodbav:"class"`
	Segments  string `dynamodbav:"segments,omitempty"`
	IsSegment string `dynamodbav:"isSegment,omitempty"`
}

type flightBooking struct {
	_ struct{} `entity:"booking" pk:"{Passenger|raw}" sk:"{Depart}#{Flight}"`

	Passenger string `dynamodbav:"passenger"`
	Flight    string `dynamodbav:"flight"`
	Depart    string `dynamodbav:"depart"`
	Arrive    string `dynamodbav:"arrive"`
	Origin    string `dynamodbav:"origin"`
	Dest      string `dynamodbav:"dest"`
	Segments  string `dynamodbav:"segments"`
}

type flightSeat struct {
	_ struct{} `entity:"assignment,overlaps=flight" pk:"{Passenger|raw}" sk:"{Depart}#{Flight}#{SegmentID}#{Seat}"`
	_ struct{} `index:"GSI2" pk:"{Flight}" sk:"{SegmentID}#{Seat}"`

	Passenger string `dynamodbav:"passenger"`
	Flight    string `dynamodbav:"flight"`
	SegmentID string `dynamodbav:"segId"`
	Seat      string `dynamodbav:"seat"`
	Depart    string `dynamodbav:"depart"`
	Arrive    string `dynamodbav:"arrive"`
	Origin    string `dynamodbav:"origin"`
	Dest      string `dynamodbav:"dest"`
	Requests  string `dynamodbav:"SSR"`
}

var (
	flightOrigin  = expr.String(func(v *flight) *string { return &v.Origin })
	flightDest    = expr.String(func(v *flight) *string { return &v.Dest })
	flightDepart  = expr.String(func(v *flight) *string { return &v.Depart })
	flightSegment = expr.String(func(v *flight) *string { return &v.SegmentID })
)

func TestModelFlightsFares(t *testing.T) {
	m := readModel(t, "flights-fares.json")
	onEveryEngine(t, func(t *testing.T, s *server) {
		table := uniqueTable(t, repo.Table{
			Key: repo.Key{Hash: "PK", Range: "SK"}, TypeAttribute: "type",
			Indexes: []repo.Index{
				{Name: "GSI1", Hash: []string{"GSI1PK"}, Range: []string{"GSI1SK"}},
				{Name: "GSI2", Hash: []string{"GSI2PK"}, Range: []string{"GSI2SK"}},
			},
		})
		fares, flights := open[flightFare](t, s, table), open[flight](t, s, table)
		bookings, seats := open[flightBooking](t, s, table), open[flightSeat](t, s, table)
		s.create(t, table, fares, flights, bookings, seats)
		m.load(t, s, table,
			loads(fares, nil),
			loads(flights, nil),
			loads(bookings, func(v *flightBooking, r row) { v.Passenger = r.text("PK") }),
			loads(seats, func(v *flightSeat, r row) { v.Passenger = r.text("PK") }),
		)

		onRoute := flights.Partition(flight{Origin: "SFO"}).Where(flightDest.Eq("JFK"), flightDepart.HasPrefix("2021-08-01"))
		arriving := flights.IndexPartition("GSI1", flight{Dest: "SFO"}).Where(flightOrigin.Eq("JFK"))
		manifest := flights.IndexPartition("GSI2", flight{Number: "150"})
		itinerary := bookings.Partition(flightBooking{Passenger: "Smith, Jon"}).Desc()
		m.expectAnswers(t, answers{
			"route":              byPartition(onRoute, "", kind(fares), kind(flights)),
			"route-flights-only": byFilter(s, flights, flights.Query(flightOrigin.Eq("SFO"), flightDest.Eq("JFK"), flightDepart.HasPrefix("2021-08-01"))),
			"arrivals":           byPartition(arriving, "GSI1", kind(fares), kind(flights)),
			"manifest":           byPartition(manifest, "GSI2", kind(flights), kind(seats)),
			"manifest-segment":   byPartition(manifest.Where(flightSegment.Eq("2")), "GSI2", kind(flights), kind(seats)),
			"itinerary":          byPartition(itinerary, "", kind(bookings), kind(seats)),
		})
	})
}
