package tenants

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/monotable/monotable/repo/repotest"
)

// The policy stands in the documentation of Repository.Scope and in the README. It is read from there, and matched as IAM does: by the
// names of actions, and by the condition on leading keys.

type policy struct {
	Statement []struct {
		Effect    string
		Action    []string
		Resource  []string
		Condition map[string]map[string]any
	}
}

// documented reads the policy.
func documented(t *testing.T) policy {
	t.Helper()
	var found []policy
	for file, clean := range map[string]func(string) string{
		"../../README.md":     func(s string) string { return s },
		"../../repo/scope.go": func(s string) string { return strings.ReplaceAll(s, "\n//\t", "\n") },
	} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text := clean(string(raw))
		at := strings.Index(text, "{\n  \"Version\": \"2012-10-17\"")
		var p policy
		if at < 0 {
			t.Fatalf("%s has no policy", file)
		}
		if err := json.NewDecoder(strings.NewReader(text[at:])).Decode(&p); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		found = append(found, p)
	}
	if !reflect.DeepEqual(found[0], found[1]) {
		t.Error("the policies of README.md and of repo/scope.go differ")
	}
	return found[0]
}

// native is the policy for keys that are attributes of their own.
func (p policy) native(t *testing.T) policy {
	t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var out policy
	if err := json.Unmarshal([]byte(strings.NewReplacer("TENANT#", "", "#*", "#$UNIQUE#*").Replace(string(text))), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// call is a request as a policy sees it.
type call struct {
	action  string
	leading []string
	tags    map[string]string // of whoever calls
}

// allows reports whether the policy allows a call.
func (p policy) allows(c call) bool {
	for _, s := range p.Statement {
		if s.Effect == "Allow" && slices.Contains(s.Action, "dynamodb:"+c.action) && c.fulfils(s.Condition) {
			return true
		}
	}
	return false
}

func (c call) fulfils(conditions map[string]map[string]any) bool {
	for operator, keys := range conditions {
		for key, want := range keys {
			ok := false
			switch operator {
			case "ForAllValues:StringLike": // true where there are no values
				ok = key == "dynamodb:LeadingKeys" && !slices.ContainsFunc(c.leading, func(v string) bool { return !c.like(want, v) })
			case "Null":
				present := key == "dynamodb:LeadingKeys" && len(c.leading) > 0
				if tag, isTag := strings.CutPrefix(key, "aws:PrincipalTag/"); isTag {
					_, present = c.tags[tag]
				}
				ok = want == "false" && present
			}
			if !ok {
				return false
			}
		}
	}
	return true
}

// like matches a value with any of several patterns, with the variables of the caller in them.
func (c call) like(patterns any, v string) bool {
	for _, p := range patterns.([]any) {
		pattern, whole := p.(string), true
		for {
			before, rest, found := strings.Cut(pattern, "${aws:PrincipalTag/")
			if !found {
				break
			}
			name, after, _ := strings.Cut(rest, "}")
			tag, ok := c.tags[name]
			pattern, whole = before+tag+after, whole && ok
		}
		if whole && wild([]rune(pattern), []rune(v)) {
			return true
		}
	}
	return false
}

// wild is StringLike: * is any text, ? any one character, and everything else itself.
func wild(pattern, v []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(v) == 0
	case pattern[0] == '*':
		for n := 0; n <= len(v); n++ {
			if wild(pattern[1:], v[n:]) {
				return true
			}
		}
		return false
	case len(v) == 0:
		return false
	}
	return (pattern[0] == '?' || pattern[0] == v[0]) && wild(pattern[1:], v[1:])
}

// policies are what requests of the suite are matched with: that for text keys, and that for keys in attributes of their own.
type policies struct{ text, native policy }

func policiesOf(t *testing.T) policies {
	t.Helper()
	p := documented(t)
	return policies{p, p.native(t)}
}

// allow reports whether our tenant may send a request. A transaction is allowed where all its operations are.
func (p policies) allow(e repotest.Event) bool {
	list, err := addressed(e.Operation, e.Request)
	if err != nil {
		return p.text.allows(call{action: e.Operation, tags: map[string]string{"tenant": ours}})
	}
	calls := map[string]*call{}
	for _, o := range list {
		if o.action == "" { // a start key is no leading key
			continue
		}
		kind := o.action
		if o.table == "natural" || o.index == "multi" {
			kind += " native"
		}
		c := calls[kind]
		if c == nil {
			c = &call{action: o.action, tags: map[string]string{"tenant": ours}}
			calls[kind] = c
		}
		key, _ := o.leading()
		c.leading = append(c.leading, key)
	}
	for kind, c := range calls {
		by := p.text
		if strings.HasSuffix(kind, " native") {
			by = p.native
		}
		if !by.allows(*c) {
			return false
		}
	}
	return len(calls) > 0
}

// What repositories without a scope send for another tenant, and for all of them, the policy refuses.
func TestPolicyRefusesOthers(t *testing.T) {
	s := newStore(t)
	p := policiesOf(t)
	refused := map[string]int{}
	s.watch.keep = func(e repotest.Event) {
		if p.allow(e) {
			t.Errorf("the policy allows %s %s", e.Operation, e.Request)
		}
		if list, err := addressed(e.Operation, e.Request); err == nil && !slices.ContainsFunc(list, func(o one) bool { return o.judge() != nil }) {
			t.Errorf("the watcher finds nothing wrong with %s %s", e.Operation, e.Request)
		}
		refused[e.Operation]++
	}
	trespass(t, s, users, "x1")
	trespass(t, s, docs, "x1")
	trespass(t, s, events, "x1")
	trespass(t, s, badges, "b x1")
	trespass(t, s, entries, "x1")
	t.Logf("refused: %v", refused)
	for _, operation := range []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"} {
		if refused[operation] == 0 {
			t.Errorf("no %s was sent", operation)
		}
	}
}

// trespass makes every move without a scope.
func trespass[T any](t *testing.T, s *store, k kind[T], value string) {
	t.Helper()
	all := free(s, k)
	list := moves[T]()
	for n, tenant := range []string{"b", "ab", "a#", "A", "a$"} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			m, ways := list[name], k.ways
			if m.do == nil || m.refused && n > 0 || name == "repo.Repository.Reindex" { // which repairs what is ours as well
				continue
			}
			if !m.reads {
				ways = ways[:1]
			}
			for _, w := range ways {
				s.engine.Restore(s.begun)
				_ = m.do(&attack[T]{kind: k, ctx: t.Context(), client: s.client, view: all, free: all, tenant_: tenant, id_: "x1",
					value_: value, v: k.make(tenant, "x1", value), w: k.make(tenant, "x2", value), way: w, tell: func(...any) {}})
			}
		}
	}
}

func TestPolicyMatcher(t *testing.T) {
	p := documented(t)
	for _, c := range []struct {
		reason string
		action string
		tenant string // "-" for no tag
		keys   []string
		want   bool
	}{
		{"the tenant's own partition", "GetItem", "a", []string{"TENANT#a"}, true},
		{"a longer key", "Query", "a", []string{"TENANT#a#STATE#open"}, true},
		{"a guard", "PutItem", "a", []string{"TENANT#a#$UNIQUE#User#mail#x"}, true},
		{"identifiers with what is a wildcard in patterns", "GetItem", "a", []string{"TENANT#a#*", "TENANT#a#?", "TENANT#a#a*b?c"}, true},
		{"an identifier with escapes and control bytes", "GetItem", "a", []string{"TENANT#a#$23b$00\u2028\n"}, true},
		{"all keys of a batch", "BatchGetItem", "a", []string{"TENANT#a", "TENANT#a#1"}, true},
		{"one of another tenant's among them", "BatchWriteItem", "a", []string{"TENANT#a", "TENANT#b", "TENANT#a"}, false},
		{"another tenant", "GetItem", "a", []string{"TENANT#b"}, false},
		{"a tenant whose name begins so", "GetItem", "a", []string{"TENANT#ab"}, false},
		{"and with an escape", "GetItem", "a", []string{"TENANT#a$23"}, false},
		{"upper case", "GetItem", "a", []string{"TENANT#A"}, false},
		{"the guard of a value that is unique among all", "PutItem", "a", []string{"$UNIQUE#Badge#code#x"}, false},
		{"an index of all tenants", "Query", "a", []string{"STATE#open#a"}, false},
		{"no leading key", "GetItem", "a", nil, false},
		{"a caller without a tag", "GetItem", "-", []string{"TENANT#"}, false},
		{"a caller without a tag and a key that quotes the variable", "GetItem", "-", []string{"TENANT#${aws:PrincipalTag/tenant}"}, false},
		{"a scan, which has no leading key", "Scan", "a", nil, false},
		{"a scan, whatever IAM says of its keys", "Scan", "a", []string{"TENANT#a"}, false},
		{"PartiQL", "PartiQLSelect", "a", []string{"TENANT#a"}, false},
		{"a tag that is a pattern matches others: the documentation warns of it", "GetItem", "*", []string{"TENANT#b"}, true},
		{"another one", "GetItem", "?", []string{"TENANT#b"}, true},
		{"a tag with a delimiter reaches into another tenant: the documentation warns of it", "GetItem", "a#x", []string{"TENANT#a#x"}, true},
		{"a tag that a key escapes finds nothing", "GetItem", "a b", []string{"TENANT#a$20b"}, false},
	} {
		tags := map[string]string{"tenant": c.tenant}
		if c.tenant == "-" {
			tags = nil
		}
		if got := p.allows(call{c.action, c.keys, tags}); got != c.want {
			t.Errorf("%s: allowed %v", c.reason, got)
		}
	}
}

// Without the check for Null a request without leading keys would be allowed, were its action: that is why it is there.
func TestPolicyNeedsNull(t *testing.T) {
	p := documented(t)
	delete(p.Statement[0].Condition, "Null")
	if !p.allows(call{"Query", nil, map[string]string{"tenant": ours}}) {
		t.Error("ForAllValues does not hold of no values")
	}
	for _, forbidden := range []string{"dynamodb:Scan", "dynamodb:*", "*", "dynamodb:PartiQLSelect"} {
		if slices.Contains(p.Statement[0].Action, forbidden) {
			t.Errorf("the policy allows %s", forbidden)
		}
	}
}
