package tenants

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/monotable/monotable/repo/repotest"
)

// The requests are judged by their bodies alone: nothing of the library is used here.

// value is an attribute in a request.
type value map[string]any

func (v value) text() (string, bool) {
	s, ok := v["S"].(string)
	return s, ok
}

type row map[string]value

// request is what the judgements need of a body.
type request struct {
	TableName                 string
	IndexName                 string
	Key, Item                 row
	ExclusiveStartKey         row
	KeyConditionExpression    string
	UpdateExpression          string
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues row
	RequestItems              json.RawMessage
	TransactItems             []map[string]*request
}

// one is one item, or one collection, that a request addresses.
type one struct {
	action string // as a policy names it
	table  string
	index  string
	keys   row // the attributes of the partition key
	all    row // everything that the request says of the item
}

// leading is the value that the service compares with a policy: the first attribute of the partition key.
func (o one) leading() (string, bool) { return o.keys[hashOf(o.table, o.index)[0]].text() }

// hashOf lists the attributes of partition keys.
func hashOf(table, index string) []string {
	switch table + "/" + index {
	case "app/":
		return []string{"pk"}
	case "app/led":
		return []string{"ledpk"}
	case "app/open":
		return []string{"openpk"}
	case "app/other":
		return []string{"otherpk"}
	case "app/multi":
		return []string{"owner", "status"}
	case "natural/":
		return []string{"tenant"}
	case "natural/led":
		return []string{"tenant", "mail"}
	case "natural/open":
		return []string{"mail"}
	}
	panic("an unknown index: " + table + "/" + index)
}

var (
	equality = regexp.MustCompile(`(#\w+) = (:\w+)`)
)

// addressed lists what a request addresses.
func addressed(operation string, body []byte) ([]one, error) {
	var r request
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	switch operation {
	case "GetItem", "DeleteItem", "UpdateItem", "PutItem":
		return []one{r.one(operation)}, nil
	case "Query":
		o := one{action: "Query", table: r.TableName, index: r.IndexName, keys: row{}}
		for _, m := range equality.FindAllStringSubmatch(r.KeyConditionExpression, -1) {
			if name := r.ExpressionAttributeNames[m[1]]; slices.Contains(hashOf(o.table, o.index), name) {
				if o.keys[name] != nil {
					return nil, fmt.Errorf("two conditions on %s", name)
				}
				o.keys[name] = r.ExpressionAttributeValues[m[2]]
			}
		}
		out := []one{o}
		if start := r.ExclusiveStartKey; start != nil {
			out = append(out, one{table: r.TableName, index: r.IndexName, keys: start}, one{table: r.TableName, keys: start})
		}
		return out, nil
	case "BatchGetItem":
		var tables map[string]struct{ Keys []row }
		err := json.Unmarshal(r.RequestItems, &tables)
		var out []one
		for name, t := range tables {
			for _, key := range t.Keys {
				out = append(out, one{action: operation, table: name, keys: key})
			}
		}
		return out, err
	case "BatchWriteItem":
		var tables map[string][]struct {
			PutRequest    *struct{ Item row }
			DeleteRequest *struct{ Key row }
		}
		err := json.Unmarshal(r.RequestItems, &tables)
		var out []one
		for name, list := range tables {
			for _, w := range list {
				if w.PutRequest != nil {
					out = append(out, one{action: operation, table: name, keys: w.PutRequest.Item, all: w.PutRequest.Item})
				}
				if w.DeleteRequest != nil {
					out = append(out, one{action: operation, table: name, keys: w.DeleteRequest.Key})
				}
			}
		}
		return out, err
	case "TransactWriteItems", "TransactGetItems":
		actions := map[string]string{"Get": "GetItem", "Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
		var out []one
		for _, item := range r.TransactItems {
			for op, inner := range item {
				out = append(out, inner.one(actions[op]))
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("%s reaches the items of every tenant", operation)
}

func (r *request) one(action string) one {
	o := one{action: action, table: r.TableName, keys: r.Key, all: r.Item}
	if r.Item != nil {
		o.keys = r.Item
	}
	if r.UpdateExpression != "" {
		o.all = row{}
		for _, m := range equality.FindAllStringSubmatch(r.UpdateExpression, -1) {
			o.all[r.ExpressionAttributeNames[m[1]]] = r.ExpressionAttributeValues[m[2]]
		}
	}
	return o
}

// belongs reports whether a partition key is our tenant's: whole, or as far as the next delimiter.
func belongs(table, key string) bool {
	if table == "app" {
		key, ok := strings.CutPrefix(key, "TENANT#")
		return ok && (key == ours || strings.HasPrefix(key, ours+"#"))
	}
	return key == ours || strings.HasPrefix(key, ours+"#$UNIQUE#")
}

// judge says what is wrong with what a request addresses.
func (o one) judge() error {
	for _, name := range hashOf(o.table, o.index) {
		if _, ok := o.keys[name].text(); !ok {
			return fmt.Errorf("no value for %s of %s/%s", name, o.table, o.index)
		}
	}
	first, _ := o.leading()
	ok := belongs(o.table, first)
	if o.index == "multi" || o.index == "led" && o.table == "natural" {
		ok = first == ours // in an attribute of its own
	}
	if !ok {
		return fmt.Errorf("%s/%s is addressed at %q", o.table, o.index, first)
	}
	for name, held := range map[string]func(string) bool{ // what an item is put into
		"ledpk":   func(s string) bool { return belongs("app", s) },
		"otherpk": func(s string) bool { return strings.HasPrefix(s, "STATE#"+ours+"#") },
		"owner":   func(s string) bool { return s == ours },
		"tenant":  func(s string) bool { return s == ours || o.all["_owner"] != nil && belongs("natural", s) },
	} {
		if text, ok := o.all[name].text(); ok && !held(text) {
			return fmt.Errorf("the item gets %s %q", name, text)
		}
	}
	return nil
}

// watcher judges every request.
type watcher struct {
	mu       sync.Mutex
	off      bool
	requests int
	items    int
	actions  map[string]int
	guards   int
	sent     int // since the last call
	wrong    []string
	keep     func(repotest.Event)
}

func (w *watcher) see(e repotest.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.off {
		return
	}
	w.requests++
	w.sent++
	if w.keep != nil {
		w.keep(e)
	}
	list, err := addressed(e.Operation, e.Request)
	for _, o := range list {
		w.items++
		w.actions[o.action]++
		if key, _ := o.leading(); strings.Contains(key, "#$UNIQUE#") {
			w.guards++
		}
		if err == nil {
			err = o.judge()
		}
	}
	if err == nil && strings.Contains(string(e.Response), secret) {
		err = fmt.Errorf("another tenant's item is in the answer")
	}
	if err != nil {
		w.wrong = append(w.wrong, fmt.Sprintf("%s: %v\n  %s\n  %s", e.Operation, err, e.Request, e.Response))
	}
}

// quietly does something that nobody judges.
func (w *watcher) quietly(do func()) {
	w.set(true)
	defer w.set(false)
	do()
}

func (w *watcher) set(off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.off = off
}

// take is how many requests were sent since the last call, and what is wrong with them.
func (w *watcher) take() (int, []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sent, wrong := w.sent, w.wrong
	w.sent, w.wrong = 0, nil
	return sent, wrong
}
