package memdb

// An update is a checked UpdateExpression.
type update struct {
	actions []action
	paths   []path
}

// An action changes what one path leads to.
type action struct {
	section byte // tokSet, tokRemove, tokAdd or tokDelete
	path    path
	operand *expr // nil for REMOVE
}

const updateKind = "UpdateExpression"

var sectionNames = map[byte]string{tokSet: "SET", tokRemove: "REMOVE", tokAdd: "ADD", tokDelete: "DELETE"}

func parseUpdate(text string, p *params) (*update, *Error) {
	ps := newParser(updateKind, text)
	u := &update{}
	sections := u.parse(ps)
	if err := ps.finish(); err != nil {
		return nil, err
	}
	if err := u.checkWords(); err != nil {
		return nil, err
	}
	seen := map[byte]bool{}
	for _, s := range sections {
		if seen[s] {
			return nil, invalidExpression(updateKind, `The "`+sectionNames[s]+`" section can only be used once in an update expression;`)
		}
		seen[s] = true
	}
	return u, u.check(p)
}

// parse reads the sections and returns which ones came.
func (u *update) parse(ps *parser) (sections []byte) {
	for ps.err == nil {
		section := ps.next().kind
		if sectionNames[section] == "" {
			if len(sections) == 0 {
				ps.syntax()
			}
			return sections
		}
		ps.advance()
		sections = append(sections, section)
		for {
			u.actions = append(u.actions, parseAction(ps, section))
			if !ps.accept(',') {
				break
			}
		}
	}
	return sections
}

func parseAction(ps *parser, section byte) action {
	a := action{section: section, path: ps.path()}
	switch section {
	case tokSet:
		if ps.next().text != "=" {
			ps.syntax()
		}
		ps.advance()
		a.operand = ps.sum()
	case tokAdd, tokDelete:
		a.operand = &expr{op: opValue, name: ps.expect(tokValue).text}
	}
	return a
}

// sum reads the right side of a SET.
func (p *parser) sum() *expr {
	left := p.sumOperand()
	if k := p.next().kind; p.err == nil && (k == '+' || k == '-') {
		p.advance()
		p.operators++
		return &expr{op: string(k), args: []*expr{left, p.sumOperand()}}
	}
	return left
}

func (p *parser) sumOperand() *expr {
	if p.err == nil && p.next().kind == '(' {
		return p.parentheses(p.sum)
	}
	return p.operand()
}

func (u *update) checkWords() *Error {
	for _, a := range u.actions {
		if err := checkPathWords(updateKind, a.path); err != nil {
			return err
		}
		if a.operand == nil {
			continue
		}
		if err := checkWords(updateKind, a.operand, asUpdateValue); err != nil {
			return err
		}
	}
	return nil
}

// check resolves names and values, then looks at paths, then at operands.
func (u *update) check(p *params) *Error {
	for _, a := range u.actions {
		if err := p.resolvePath(updateKind, a.path); err != nil {
			return err
		}
		if a.operand != nil {
			if err := resolveAll(p, a.operand); err != nil {
				return err
			}
		}
		u.paths = append(u.paths, a.path)
	}
	if err := checkPaths(updateKind, u.paths); err != nil {
		return err
	}
	for _, a := range u.actions {
		if a.section == tokAdd || a.section == tokDelete {
			if err := checkSetOperand(a.section, a.operand.val); err != nil {
				return err
			}
		}
	}
	for _, a := range u.actions {
		if a.section == tokSet {
			if err := checkSum(a.operand); err != nil {
				return err
			}
		}
	}
	return nil
}

// allPaths are those that the update changes and those that it reads.
func (u *update) allPaths() []path {
	out := append([]path(nil), u.paths...)
	for _, a := range u.actions {
		if a.operand != nil {
			a.operand.paths(func(p path) { out = append(out, p) })
		}
	}
	return out
}

func resolveAll(p *params, e *expr) *Error {
	if err := p.resolve(updateKind, e); err != nil {
		return err
	}
	for _, arg := range e.args {
		if err := resolveAll(p, arg); err != nil {
			return err
		}
	}
	return nil
}

// longNames are what the messages about ADD and DELETE call the types.
var longNames = map[byte]string{kindS: "STRING", kindN: "NUMBER", kindB: "BINARY", kindTrue: "BOOLEAN", kindFalse: "BOOLEAN",
	kindNull: "NULL", kindSS: "STRING_SET", kindNS: "NUMBER_SET", kindBS: "BINARY_SET", kindL: "LIST", kindM: "MAP"}

func checkSetOperand(section byte, v value) *Error {
	switch v.kind() {
	case kindSS, kindNS, kindBS:
		return nil
	case kindN:
		if section == tokAdd {
			return nil
		}
	}
	name := sectionNames[section]
	return invalidExpression(updateKind, "Incorrect operand type for operator or function; operator: "+name+
		", operand type: "+longNames[v.kind()]+", typeSet: ALLOWED_FOR_"+name+"_OPERAND")
}

// checkSum checks what the functions and operators of a SET take.
func checkSum(e *expr) *Error {
	for _, arg := range e.args {
		if err := checkSum(arg); err != nil {
			return err
		}
	}
	want := kindN
	switch e.op {
	case "if_not_exists", "list_append":
		if len(e.args) != 2 {
			return wrongArity(updateKind, e)
		}
		if e.op == "if_not_exists" {
			if e.args[0].op != opPath {
				return needsPath(updateKind, e.op)
			}
			return distinct(updateKind, e)
		}
		want = kindL
	case "+", "-":
	default:
		return nil
	}
	for _, arg := range e.args {
		if arg.op == opValue && arg.val.kind() != want {
			return invalidExpression(updateKind, "Incorrect operand type for operator or function; operator or function: "+e.op+", operand type: "+arg.val.typeName())
		}
	}
	return nil
}
