package ast

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// writer hands one request to the SDK's expression package.
//
// The package reads dots and brackets in names as paths. So it is given markers in place of names, and the names are put into
// its map afterwards. A marker starts with a byte that is no UTF-8, which no name in a table can hold, the names of raw
// conditions included.
type writer struct {
	names    []string               // by the number of their marker
	prefixes []types.AttributeValue // binary ones, likewise: the package takes prefixes as Go strings only
}

const markerByte = "\xff"

// usualNames is how many names a request hardly exceeds.
const usualNames = 8

// markers are made in advance for as many names as most requests have.
var markers = func() (all [32]string) {
	for i := range all {
		all[i] = markerByte + strconv.Itoa(i)
	}
	return all
}()

func marker(i int) string {
	if i < len(markers) {
		return markers[i]
	}
	return markerByte + strconv.Itoa(i)
}

// number reads a marker.
func number(text string) (int, bool) {
	digits, ok := strings.CutPrefix(text, markerByte)
	if !ok {
		return 0, false
	}
	i, err := strconv.Atoi(digits)
	return i, err == nil
}

// name is the marker of a name.
func (w *writer) name(name string) string {
	for i, known := range w.names {
		if known == name {
			return marker(i)
		}
	}
	w.names = append(w.names, name)
	return marker(len(w.names) - 1)
}

// path is the path in the package's terms: markers, and list indexes behind them.
func (w *writer) path(p Path) expression.NameBuilder {
	if p.last.up == nil {
		return expression.NameNoDotSplit(w.name(p.last.name))
	}
	var b strings.Builder
	for i, s := range p.steps() {
		if s.kind == listIndex {
			b.WriteByte('[')
			b.WriteString(strconv.Itoa(s.index))
			b.WriteByte(']')
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(w.name(s.name))
	}
	return expression.Name(b.String())
}

// prefix is the text that stands for the operand of begins_with.
func (w *writer) prefix(av types.AttributeValue) string {
	if s, ok := av.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	w.prefixes = append(w.prefixes, av)
	return marker(len(w.prefixes) - 1)
}

// restoreNames puts the names in place of their markers.
func (w *writer) restoreNames(names map[string]string) map[string]string {
	for placeholder, text := range names {
		if i, ok := number(text); ok {
			names[placeholder] = w.names[i]
		}
	}
	return names
}

// restoreValues puts the binary prefixes in place of their markers.
func (w *writer) restoreValues(values map[string]types.AttributeValue) map[string]types.AttributeValue {
	if len(w.prefixes) == 0 {
		return values
	}
	for placeholder, value := range values {
		s, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			continue
		}
		if i, ok := number(s.Value); ok && i < len(w.prefixes) {
			values[placeholder] = w.prefixes[i]
		}
	}
	return values
}
