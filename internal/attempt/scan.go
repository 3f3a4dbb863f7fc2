package attempt

// The SDK takes an attribute of unknown type for the one before it, and a null for nothing; it does not notice what stands behind
// the end of a JSON document. So an answer is scanned before the SDK sees it: its syntax, and the form of every attribute value.

const maxDepth = 100 // of JSON: 32 levels of attributes, two or three of JSON each

// scanner walks a JSON document once. The first mistake ends the walk.
type scanner struct {
	in   []byte
	at   int
	bad  string
	code string
}

// scanAnswer checks the answer of any of the ten operations, or the body of an error, whose code it returns.
func scanAnswer(raw []byte) (code string, err error) {
	s := &scanner{in: raw}
	s.space()
	s.object(0, s.member)
	s.space()
	if s.bad == "" && s.at != len(s.in) {
		s.fail("something follows its end")
	}
	if s.bad != "" {
		return "", &Damaged{s.bad}
	}
	return s.code, nil
}

// member checks one member of the answer; those that hold attributes are known by name.
func (s *scanner) member(name []byte, depth int) {
	switch string(name) {
	case "__type", "code", "Code":
		if s.peek() == '"' {
			s.code = string(s.text())
			return
		}
		s.value(depth)
	case "Item", "Attributes", "LastEvaluatedKey":
		s.attributes(depth)
	case "Items":
		s.array(depth, s.attributes)
	case "Responses":
		s.responses(depth)
	case "CancellationReasons":
		s.nullable(depth, func(depth int) { s.array(depth, func(depth int) { s.nullable(depth, s.holder) }) })
	case "UnprocessedKeys":
		s.object(depth, func(_ []byte, depth int) { s.object(depth, s.keysMember) })
	case "UnprocessedItems":
		s.object(depth, func(_ []byte, depth int) { s.array(depth, s.writeRequest) })
	default:
		s.value(depth)
	}
}

// responses are lists of items by table, or a list of holders of an item.
func (s *scanner) responses(depth int) {
	if s.peek() == '[' {
		s.array(depth, s.holder)
		return
	}
	s.object(depth, func(_ []byte, depth int) { s.array(depth, s.attributes) })
}

// holder is an object with an item in it.
func (s *scanner) holder(depth int) {
	s.object(depth, func(name []byte, depth int) {
		if string(name) == "Item" || string(name) == "Key" {
			s.attributes(depth)
		} else {
			s.value(depth)
		}
	})
}

func (s *scanner) writeRequest(depth int) {
	s.object(depth, func(_ []byte, depth int) { s.holder(depth) })
}

func (s *scanner) keysMember(name []byte, depth int) {
	if string(name) == "Keys" {
		s.array(depth, s.attributes)
	} else {
		s.value(depth)
	}
}

// nullable is a value that may be null: what says why a transaction was canceled. Anywhere else the SDK would take a null for
// nothing, and that for "not found".
func (s *scanner) nullable(depth int, then func(int)) {
	if s.peek() == 'n' {
		s.word("null")
		return
	}
	then(depth)
}

// attributes is a map from names to attribute values.
func (s *scanner) attributes(depth int) {
	s.object(depth, func(_ []byte, depth int) { s.attribute(depth) })
}

// attribute is an object with exactly one member, named for its type.
func (s *scanner) attribute(depth int) {
	if s.peek() != '{' {
		s.fail("an attribute has no type")
		return
	}
	members := 0
	s.object(depth, func(name []byte, depth int) {
		members++
		s.typed(string(name), depth)
	})
	if members != 1 {
		s.fail("an attribute has not exactly one type")
	}
}

func (s *scanner) typed(kind string, depth int) {
	text := func(int) { s.text() }
	switch kind {
	case "S", "N", "B":
		s.text()
	case "SS", "NS", "BS":
		s.array(depth, text)
	case "L":
		s.array(depth, s.attribute)
	case "M":
		s.attributes(depth)
	case "BOOL", "NULL":
		switch s.peek() {
		case 't':
			s.word("true")
		case 'f':
			s.word("false")
		default:
			s.fail("an attribute's value does not fit its type")
		}
	default:
		s.fail("an attribute is of an unknown type")
	}
}
