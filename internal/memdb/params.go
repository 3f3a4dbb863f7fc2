package memdb

import (
	"sort"
	"strings"
)

// params are what a request's expressions share: the names behind #n and the
// values behind :v, and which of them were used.
type params struct {
	names      map[string]string
	namesGiven bool
	values     attributes
	used       map[string]bool
}

func (r *reader) nameMap(p *params) {
	p.names, p.namesGiven = map[string]string{}, true
	r.entries("java.util.Map<java.lang.String, java.lang.String>", func(name string) {
		p.names[name] = "" // what a null leaves
		if !r.null() {
			p.names[name] = r.str()
		}
	})
}

// check refuses names and values that can't be right whatever the expressions
// are. expressions tells whether there is one that could use them.
func (p *params) check(names, values string, expressions bool) *Error {
	if p.namesGiven {
		if !expressions {
			return invalid("ExpressionAttributeNames can only be specified when using expressions" + names)
		}
		if err := p.checkNames(); err != nil {
			return err
		}
	}
	if p.values.given {
		if !expressions {
			return invalid("ExpressionAttributeValues can only be specified when using expressions" + values)
		}
		return p.checkValues()
	}
	return nil
}

const (
	maxNameLength  = 65535   // of an attribute's name
	maxPlaceholder = 255     // of the name or value that stands for another in an expression
	maxParams      = 2 << 20 // of all names and values together
	textLongName   = "Attribute name is too large, must be less than 65536 bytes"
)

func (p *params) checkNames() *Error {
	if len(p.names) == 0 {
		return invalid("ExpressionAttributeNames must not be empty")
	}
	for _, key := range sortedKeys(p.names) {
		if err := checkPlaceholder("ExpressionAttributeNames", key, '#'); err != nil {
			return err
		}
		const text = "ExpressionAttributeNames contains invalid value: "
		switch name := p.names[key]; {
		case name == "":
			return invalid(text + "Empty attribute name for key " + key)
		case len(name) > maxNameLength:
			return invalid(text + textLongName + " for key " + key)
		}
	}
	if p.namesSize() > maxParams {
		return invalid("ExpressionAttributeNames exceeds max size")
	}
	return nil
}

func (p *params) namesSize() int {
	size := 0
	for key, name := range p.names {
		size += len(key) + len(name)
	}
	return size
}

func (p *params) checkValues() *Error {
	if p.values.count == 0 {
		return invalid("ExpressionAttributeValues must not be empty")
	}
	for _, key := range p.values.names {
		if err := checkPlaceholder("ExpressionAttributeValues", key, ':'); err != nil {
			return err
		}
	}
	if bad := p.values.bad; bad != nil {
		return invalid("ExpressionAttributeValues contains invalid value: " + bad.Message + " for key " + p.values.badAt)
	}
	if p.namesSize()+p.values.item.size() > maxParams {
		return invalid("ExpressionAttributeValues exceeds max size")
	}
	return nil
}

func checkPlaceholder(member, key string, mark byte) *Error {
	switch text := member + " contains invalid key: "; {
	case len(key) > maxPlaceholder:
		return invalid(text + "The expression attribute map contains a key that is too long; size of key: " + itoa(len(key)))
	case len(key) < 2 || key[0] != mark || wordEnd(key, 1) != len(key):
		return invalid(text + `Syntax error; key: "` + key + `"`)
	}
	return nil
}

// finish refuses names and values that no expression used.
func (p *params) finish() *Error {
	var names, values []string
	for _, key := range sortedKeys(p.names) {
		if !p.used[key] {
			names = append(names, key)
		}
	}
	for _, key := range p.values.names {
		if !p.used[key] {
			values = append(values, key)
		}
	}
	if names != nil {
		return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {" + strings.Join(names, ", ") + "}")
	}
	if values != nil {
		sort.Strings(values)
		return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {" + strings.Join(values, ", ") + "}")
	}
	return nil
}

func (p *params) use(key string) {
	if p.used == nil {
		p.used = map[string]bool{}
	}
	p.used[key] = true
}

// resolvePath puts names in the place of aliases.
func (p *params) resolvePath(kind string, pa path) *Error {
	for i, s := range pa {
		if s.index >= 0 || s.name == "" || s.name[0] != '#' {
			continue
		}
		name, ok := p.names[s.name]
		if !ok {
			return invalidExpression(kind, "An expression attribute name used in the document path is not defined; attribute name: "+s.name)
		}
		p.use(s.name)
		pa[i].name = name
	}
	if len(pa) > maxPathDepth {
		return invalidExpression(kind, "The document path has too many nesting levels; nesting levels: "+itoa(len(pa)))
	}
	return nil
}

// resolve fills in the names and the values of a tree, in the order of the text.
func (p *params) resolve(kind string, e *expr) *Error {
	switch e.op {
	case opPath:
		return p.resolvePath(kind, e.path)
	case opValue:
		v, ok := p.values.get(e.name)
		if !ok {
			return invalidExpression(kind, "An expression attribute value used in expression is not defined; attribute value: "+e.name)
		}
		p.use(e.name)
		e.val = v
	}
	return nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
