package memdb

import (
	"strconv"
	"strings"
)

// constraints collects what is wrong with the plain members of a request. The
// service checks all of them before anything else, and reports them together.
type constraints struct{ found []string }

func (c *constraints) add(value, member, rule string) {
	c.found = append(c.found, "Value "+value+" at '"+member+"' failed to satisfy constraint: "+rule)
}

func quote(s string) string { return "'" + s + "'" }

// present demands a member.
func (c *constraints) present(member string, given bool) {
	if !given {
		c.add("null", member, "Member must not be null")
	}
}

// oneOf allows a member to be missing or to have one of the values.
func (c *constraints) oneOf(member string, s *string, allowed ...string) {
	if s == nil {
		return
	}
	for _, a := range allowed {
		if *s == a {
			return
		}
	}
	c.add(quote(*s), member, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

// between bounds an optional number. A bound of the largest int is none.
func (c *constraints) between(member string, n *int64, low, high int64) {
	switch {
	case n == nil:
	case *n < low:
		c.add(quote(strconv.FormatInt(*n, 10)), member, "Member must have value greater than or equal to "+strconv.FormatInt(low, 10))
	case *n > high:
		c.add(quote(strconv.FormatInt(*n, 10)), member, "Member must have value less than or equal to "+strconv.FormatInt(high, 10))
	}
}

// length bounds a text or a list that is given.
func (c *constraints) length(member, shown string, n, low, high int) {
	switch {
	case n < low:
		c.add(quote(shown), member, "Member must have length greater than or equal to "+itoa(low))
	case n > high:
		c.add(quote(shown), member, "Member must have length less than or equal to "+itoa(high))
	}
}

func (c *constraints) err() *Error {
	switch len(c.found) {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: " + c.found[0])
	}
	return invalid(itoa(len(c.found)) + " validation errors detected: " + strings.Join(c.found, "; "))
}

func itoa(n int) string { return strconv.Itoa(n) }

const noBound = 1<<63 - 1

var (
	capacityLevels   = []string{"INDEXES", "TOTAL", "NONE"}
	metricLevels     = []string{"SIZE", "NONE"}
	returnValueNames = []string{"ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"}
	onFailureNames   = []string{"ALL_OLD", "NONE"}
	selectNames      = []string{"SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"}
)

const textBadName = "Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'"

// checkName refuses what can be no table's or index's name.
func checkName(name string) *Error {
	if len(name) < 3 || len(name) > 255 {
		return invalid(textBadName)
	}
	for i := range len(name) {
		if c := name[i]; !isLetter(c) && !isDigit(c) && strings.IndexByte("_-.", c) < 0 {
			return invalid(textBadName)
		}
	}
	return nil
}

// tableName takes the name out of what may be the table's ARN.
func tableName(given string) string {
	if strings.HasPrefix(given, "arn:") {
		if i := strings.Index(given, ":table/"); i >= 0 {
			return given[i+len(":table/"):]
		}
	}
	return given
}
