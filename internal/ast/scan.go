package ast

import (
	"fmt"
	"regexp"
	"strings"
)

// token is one word of an expression: a placeholder (with what leads on from it), an operator, a function, or punctuation.
var token = regexp.MustCompile(`^(?:#\d+(?:\[\d+\])*(?:\.#\d+(?:\[\d+\])*)*|:\d+|<>|<=|>=|[=<>+\-(),]|[A-Za-z_]+)`)

// words are the functions and operators that are written as words; those that count say so.
var words = map[string]int{
	"AND": 1, "OR": 1, "NOT": 1, "BETWEEN": 1, "IN": 1, "size": 1, "contains": 1, "begins_with": 1,
	"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 1, "if_not_exists": 1, "list_append": 1,
	"SET": 0, "REMOVE": 0, "ADD": 0, "DELETE": 0,
}

// scan counts the operators and functions of a condition's text, as DynamoDB does, and refuses a text that holds anything but
// placeholders, list indexes, operators and functions.
func scan(text string) (operators int, err error) {
	between := 0
	for rest := strings.TrimLeft(text, " \n"); rest != ""; rest = strings.TrimLeft(rest, " \n") {
		word := token.FindString(rest)
		if word == "" {
			return 0, fmt.Errorf("the text holds more than placeholders")
		}
		rest = rest[len(word):]
		switch {
		case strings.ContainsAny(word[:1], "#:(),"):
		case strings.ContainsAny(word[:1], "=<>+-"):
			operators++
		case word == "AND" && between > 0:
			between--
		default:
			n, known := words[word]
			if !known {
				return 0, fmt.Errorf("the text holds more than placeholders")
			}
			if word == "BETWEEN" {
				between++
			}
			operators += n
		}
	}
	return operators, nil
}
