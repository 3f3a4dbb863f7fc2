package memdb

import (
	"strings"
	"unicode/utf8"
)

// A token is one word of an expression.
type token struct {
	kind     byte
	text     string
	pos, end int
}

// Kinds of token. Punctuation has kind '(' and so on, a comparator kind '='.
const (
	tokEnd     = byte(0)
	tokIdent   = 'i'
	tokName    = '#'
	tokValue   = ':'
	tokNumber  = '9'
	tokCompare = '='
	tokUnknown = '?'
	tokAnd     = 'A'
	tokOr      = 'O'
	tokNot     = 'N'
	tokIn      = 'I'
	tokBetween = 'B'
	tokSet     = 'S'
	tokRemove  = 'R'
	tokAdd     = 'D'
	tokDelete  = 'X'
)

// keywords are keywords in every kind of expression.
func keyword(text string) byte {
	if len(text) > 7 {
		return tokIdent
	}
	switch strings.ToUpper(text) {
	case "AND":
		return tokAnd
	case "OR":
		return tokOr
	case "NOT":
		return tokNot
	case "IN":
		return tokIn
	case "BETWEEN":
		return tokBetween
	case "SET":
		return tokSet
	case "REMOVE":
		return tokRemove
	case "ADD":
		return tokAdd
	case "DELETE":
		return tokDelete
	}
	return tokIdent
}

// lex splits an expression into tokens; the last one is the end.
func lex(text string) []token {
	tokens := make([]token, 0, len(text)/3+2)
	for pos := 0; pos < len(text); {
		c := text[pos]
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			pos++
			continue
		}
		t := lexOne(text, pos)
		tokens = append(tokens, t)
		pos = t.end
	}
	return append(tokens, token{kind: tokEnd, text: "<EOF>", pos: len(text), end: len(text)})
}

func lexOne(text string, pos int) token {
	word := func(kind byte, end int) token {
		return token{kind: kind, text: text[pos:end], pos: pos, end: end}
	}
	switch c := text[pos]; {
	case isLetter(c):
		t := word(tokIdent, wordEnd(text, pos+1))
		t.kind = keyword(t.text)
		return t
	case isDigit(c):
		end := pos + 1
		for end < len(text) && isDigit(text[end]) {
			end++
		}
		return word(tokNumber, end)
	case c == '#' || c == ':':
		if end := wordEnd(text, pos+1); end > pos+1 {
			return word(c, end)
		}
		return word(tokUnknown, pos+1)
	case c == '<' && strings.HasPrefix(text[pos+1:], ">"), (c == '<' || c == '>') && strings.HasPrefix(text[pos+1:], "="):
		return word(tokCompare, pos+2)
	case c == '<' || c == '>' || c == '=':
		return word(tokCompare, pos+1)
	case strings.IndexByte("()[].,+-", c) >= 0:
		return word(c, pos+1)
	}
	_, n := utf8.DecodeRuneInString(text[pos:])
	return word(tokUnknown, pos+n)
}

func wordEnd(text string, pos int) int {
	for pos < len(text) && (isLetter(text[pos]) || isDigit(text[pos]) || text[pos] == '_') {
		pos++
	}
	return pos
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
