package repo_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"pgregory.net/rapid"

	"github.com/monotable/monotable/repo/repotest"
)

// The test of the state machine: faults that a library like this one has had, planted between it and the engine, are each found.

type document = map[string]any

// planted is a fault: a change of what the library sends.
type planted struct {
	reason    string
	operation string // DynamoDB's
	change    func(in document)
}

var plantedFaults = []planted{
	{"a Create that clobbers", "PutItem", always},
	{"an update that ignores its conditions", "UpdateItem", always},
	{"a Delete that ignores its conditions", "DeleteItem", always},
	{"a version that counts twice", "UpdateItem", func(in document) { doubleAdd(in, "version") }},
	{"a version that is not counted", "UpdateItem", func(in document) { rename(in, "version", "ghost") }},
	{"a sort key of an index that an update forgets", "UpdateItem", func(in document) { rename(in, "gsi1sk", "ghost") }},
	{"a partition key of an index that an update forgets", "UpdateItem", func(in document) { rename(in, "gsi2pk", "ghost") }},
	{"half a key of an index", "PutItem", func(in document) { delete(in["Item"].(document), "gsi1sk") }},
	{"key text without escapes", "PutItem", func(in document) { retext(in, "gsi1pk", "$23", "#") }},
	{"key text without nanoseconds", "PutItem", func(in document) { retext(in, "gsi1sk", ".000000000Z", "Z") }},
	{"key text without the bias of negative numbers", "PutItem", func(in document) { retext(in, "gsi1sk", "-9999999999999999999", "-1") }},
	{"attributes that T does not know are lost", "UpdateItem", func(in document) {
		if text := in["UpdateExpression"].(string); strings.Contains(text, "REMOVE ") {
			in["UpdateExpression"] = strings.Replace(text, "REMOVE ", "REMOVE legacy, ", 1)
		} else {
			in["UpdateExpression"] = text + " REMOVE legacy"
		}
	}},
	{"if_not_exists that overwrites", "UpdateItem", func(in document) {
		in["UpdateExpression"] = ifNotExists.ReplaceAllString(in["UpdateExpression"].(string), "$1")
	}},
	{"a guard that is not made", "TransactWriteItems", func(in document) { without(in, "Put") }},
	{"a guard that is not dropped", "TransactWriteItems", func(in document) { without(in, "Delete") }},
	{"a guard that does not look for another owner", "TransactWriteItems", func(in document) {
		for _, op := range in["TransactItems"].([]any) {
			if put, ok := op.(document)["Put"].(document); ok && isGuard(put["Item"]) {
				always(put)
			}
		}
	}},
	{"a type that is another's", "PutItem", func(in document) { in["Item"].(document)["_type"] = document{"S": "Ghost"} }},
}

var ifNotExists = regexp.MustCompile(`if_not_exists *\(#\d+, (:\d+)\)`)

func TestStateMachineFindsFaults(t *testing.T) {
	for _, fault := range plantedFaults {
		t.Run(fault.reason, func(t *testing.T) {
			t.Parallel()
			for seed := range 10 {
				if unmasked(fault, seed, 490) {
					t.Logf("found within %d steps", 490*(seed+1))
					return
				}
			}
			t.Error("not found in 4,900 steps")
		})
	}
	if unmasked(planted{operation: "none"}, 1, 490) {
		t.Error("a fault was found where none was planted")
	}
}

// unmasked runs the machine over a faulty transport, and reports whether it failed.
func unmasked(fault planted, seed, steps int) bool {
	return rapid.Custom(func(t *rapid.T) (failed bool) {
		defer func() {
			if stop := recover(); stop != nil && fmt.Sprintf("%T", stop) != "rapid.stopTest" {
				panic(stop)
			} else {
				failed = stop != nil
			}
		}()
		c := repotest.New().Client()
		inner := c.Options().HTTPClient
		faulty := dynamodb.New(c.Options(), func(o *dynamodb.Options) { o.HTTPClient = tampering{inner, fault} })
		newMachine(t, faulty, &machineTallies{}).run(t, steps)
		return false
	}).Example(seed)
}

// tampering changes requests on their way.
type tampering struct {
	inner dynamodb.HTTPClient
	fault planted
}

func (c tampering) Do(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+c.fault.operation) {
		return c.inner.Do(r)
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var in document
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	c.fault.change(in)
	if raw, err = json.Marshal(in); err != nil {
		return nil, err
	}
	r = r.Clone(r.Context())
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	return c.inner.Do(r)
}

// always makes a condition hold whatever the item is.
func always(in document) {
	if text, ok := in["ConditionExpression"].(string); ok {
		in["ConditionExpression"] = "(" + text + ") OR attribute_exists(#0) OR attribute_not_exists(#0)"
	}
}

func rename(in document, from, to string) {
	names, _ := in["ExpressionAttributeNames"].(document)
	for placeholder, name := range names {
		if name == from {
			names[placeholder] = to
		}
	}
}

// doubleAdd has the ADD of an attribute add two.
func doubleAdd(in document, attr string) {
	names, _ := in["ExpressionAttributeNames"].(document)
	for placeholder, name := range names {
		add := regexp.MustCompile(`ADD [^A-Z]*` + placeholder + ` (:\d+)`).FindStringSubmatch(in["UpdateExpression"].(string))
		if name == attr && add != nil {
			in["ExpressionAttributeValues"].(document)[add[1]] = document{"N": "2"}
		}
	}
}

func retext(in document, attr, from, to string) {
	if v, ok := in["Item"].(document)[attr].(document); ok {
		v["S"] = strings.ReplaceAll(v["S"].(string), from, to)
	}
}

func isGuard(key any) bool {
	sk, _ := key.(document)["sk"].(document)
	return sk["S"] == "$UNIQUE"
}

// without leaves the first operation of a kind out that is on a guard.
func without(in document, kind string) {
	ops := in["TransactItems"].([]any)
	for i, op := range ops {
		body, ok := op.(document)[kind].(document)
		if ok && (kind == "Put" && isGuard(body["Item"]) || kind == "Delete" && isGuard(body["Key"])) && len(ops) > 1 {
			in["TransactItems"] = append(ops[:i:i], ops[i+1:]...)
			return
		}
	}
}
