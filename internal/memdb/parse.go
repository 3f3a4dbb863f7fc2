package memdb

// An expr is a node of an expression's tree.
type expr struct {
	op   string  // "AND", "=", "BETWEEN", "+", a function's name, opPath or opValue
	call bool    // op is a function's name
	args []*expr // operands in order
	path path    // of opPath
	name string  // of opValue: ":x"
	val  value   // of opValue, once resolved
}

const (
	opPath  = "path"
	opValue = "value"
)

// isOperand tells an operand from a condition. A call may be either.
func (e *expr) isOperand() bool { return e.op == opPath || e.op == opValue }

func invalidExpression(kind, message string) *Error {
	return invalid("Invalid " + kind + ": " + message)
}

// A parser turns the text of one expression into a tree. It checks syntax alone.
type parser struct {
	kind      string // UpdateExpression and so on
	text      string
	tokens    []token
	pos       int
	err       *Error
	redundant bool // two pairs of parentheses around one thing
	operators int
}

func newParser(kind, text string) *parser {
	p := &parser{kind: kind, text: text}
	switch {
	case text == "":
		p.err = invalidExpression(kind, "The expression can not be empty;")
	case len(text) > maxExpression:
		p.err = invalidExpression(kind, "Expression size has exceeded the maximum allowed size; expression size: "+itoa(len(text)))
	}
	if p.err != nil {
		text = ""
	}
	p.tokens = lex(text)
	return p
}

const (
	maxExpression = 4096
	maxOperators  = 300
	maxInOperands = 100
	maxPathDepth  = 32
)

func (p *parser) next() token { return p.tokens[p.pos] }

// accept reads a token of the kind, if one is next.
func (p *parser) accept(kind byte) bool {
	if p.tokens[p.pos].kind != kind || p.err != nil {
		return false
	}
	p.advance()
	return true
}

func (p *parser) advance() token {
	t := p.tokens[p.pos]
	if t.kind != tokEnd {
		p.pos++
	}
	return t
}

func (p *parser) expect(kind byte) token {
	if p.tokens[p.pos].kind != kind {
		p.syntax()
		return token{}
	}
	return p.advance()
}

// syntax reports the next token as one that can't stand there, with the text
// from the token before it to the one after it.
func (p *parser) syntax() {
	if p.err != nil {
		return
	}
	t := p.tokens[p.pos]
	from, to := t.pos, t.end
	if p.pos > 0 {
		from = p.tokens[p.pos-1].pos
	} else if t.kind == tokEnd {
		from = 0
	}
	if p.pos+1 < len(p.tokens) {
		to = p.tokens[p.pos+1].end
	}
	p.err = invalidExpression(p.kind, `Syntax error; token: "`+t.text+`", near: "`+p.text[from:to]+`"`)
}

// finish makes sure that all was read, and reports what can be seen only now.
func (p *parser) finish() *Error {
	if p.err == nil && p.next().kind != tokEnd {
		p.syntax()
	}
	switch {
	case p.err != nil:
	case p.redundant:
		p.err = invalidExpression(p.kind, "The expression has redundant parentheses;")
	case p.operators > maxOperators:
		p.err = invalidExpression(p.kind, "The expression contains too many operators; operator count: "+itoa(p.operators))
	}
	return p.err
}

// or reads a condition. Between parentheses a lone operand is let through, and
// the caller decides.
func (p *parser) or(inParens bool) *expr {
	left := p.and(inParens)
	for p.accept(tokOr) {
		p.operators++
		left = &expr{op: "OR", args: []*expr{left, p.and(false)}}
	}
	return left
}

func (p *parser) and(inParens bool) *expr {
	left := p.not(inParens)
	for p.accept(tokAnd) {
		p.operators++
		left = &expr{op: "AND", args: []*expr{left, p.not(false)}}
	}
	return left
}

func (p *parser) not(inParens bool) *expr {
	nots := 0
	for p.accept(tokNot) {
		p.operators++
		nots++
	}
	e := p.condition(inParens && nots == 0)
	for range nots {
		e = &expr{op: "NOT", args: []*expr{e}}
	}
	return e
}

// condition reads a comparison, a call or something in parentheses.
func (p *parser) condition(inParens bool) *expr {
	if p.err != nil {
		return &expr{}
	}
	var left *expr
	if p.next().kind == '(' {
		left = p.parentheses(func() *expr { return p.or(true) })
		if !left.isOperand() && !left.call {
			return left
		}
	} else {
		left = p.operand()
	}
	switch t := p.next(); t.kind {
	case tokCompare:
		p.advance()
		p.operators++
		return &expr{op: t.text, args: []*expr{left, p.operand()}}
	case tokBetween:
		return p.between(left)
	case tokIn:
		return p.in(left)
	case ')':
		if inParens {
			return left
		}
	}
	if left.isOperand() {
		p.syntax()
	}
	return left
}

// parentheses reads what stands between them.
func (p *parser) parentheses(inner func() *expr) *expr {
	open := p.pos
	p.expect('(')
	e := inner()
	closed := p.pos
	p.expect(')')
	if p.err == nil && p.tokens[open+1].kind == '(' && p.tokens[closed-1].kind == ')' && p.matches(open+1, closed-1) {
		p.redundant = true
	}
	return e
}

// matches tells whether the parenthesis at open is the one closed at end.
func (p *parser) matches(open, end int) bool {
	depth := 0
	for i := open; i <= end; i++ {
		switch p.tokens[i].kind {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 {
			return i == end
		}
	}
	return false
}

func (p *parser) between(left *expr) *expr {
	p.expect(tokBetween)
	p.operators++
	low := p.operand()
	p.expect(tokAnd)
	return &expr{op: "BETWEEN", args: []*expr{left, low, p.operand()}}
}

func (p *parser) in(left *expr) *expr {
	p.expect(tokIn)
	p.operators++
	p.expect('(')
	return &expr{op: "IN", args: append([]*expr{left}, p.operands()...)}
}

// operands reads operands up to the closing parenthesis.
func (p *parser) operands() []*expr {
	list := []*expr{p.operand()}
	for p.accept(',') {
		list = append(list, p.operand())
	}
	p.expect(')')
	return list
}

// operand reads a path, a value, a call, or one of them in parentheses.
func (p *parser) operand() *expr {
	if p.err != nil {
		return &expr{}
	}
	switch t := p.next(); t.kind {
	case '(':
		return p.parentheses(p.operand)
	case tokValue:
		p.advance()
		return &expr{op: opValue, name: t.text}
	case tokIdent:
		if p.tokens[p.pos+1].kind == '(' {
			p.pos += 2
			p.operators++
			return &expr{op: t.text, call: true, args: p.operands()}
		}
		fallthrough
	case tokName:
		return &expr{op: opPath, path: p.path()}
	}
	p.syntax()
	return &expr{}
}

// path reads a document path.
func (p *parser) path() path {
	out := path{{name: p.pathName(), index: -1}}
	for p.err == nil {
		switch {
		case p.accept('.'):
			out = append(out, step{name: p.pathName(), index: -1})
		case p.accept('['):
			out = append(out, step{name: p.expect(tokNumber).text, index: 0})
			p.expect(']')
		default:
			return out
		}
	}
	return out
}

func (p *parser) pathName() string {
	if k := p.next().kind; k != tokIdent && k != tokName {
		p.syntax()
		return ""
	}
	return p.advance().text
}
