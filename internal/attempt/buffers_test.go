package attempt_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/monotable/monotable/internal/attempt"
)

// echoing answers with the text that the request's key has, many times over, as data or as the item of an error.
func echoing(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut(string(raw), `"pk":{"S":"`)
	text, _, _ = strings.Cut(text, `"`)
	value := fmt.Sprintf(`{"a":{"S":%q},"b":{"SS":[%q]},"m":{"M":{%q:{"S":%q}}}}`, text+text, text, text, text)
	if strings.HasSuffix(text, "7") {
		return answering(400, `{"__type":"x#ConditionalCheckFailedException","message":"`+text+`","Item":`+value+`}`)(r)
	}
	return answering(200, `{"Attributes":`+value+`}`)(r)
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(r *http.Request) (*http.Response, error) { return d(r) }

// What a call returns stays as it is while other calls use the buffers that it used.
func TestAnswersKeepNoBuffer(t *testing.T) {
	c := client(doer(echoing), quick())
	texts := make([]string, 40)
	got := make([]map[string]types.AttributeValue, len(texts))
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < len(texts); i += 4 {
				texts[i] = strings.Repeat(fmt.Sprint(i%10), 50+i) + fmt.Sprint(i)
				out, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String("t"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: texts[i]}}}, attempt.New(true).Option)
				if err == nil {
					got[i] = out.Attributes
					continue
				}
				var failed *types.ConditionalCheckFailedException
				if asFailed(err, &failed) {
					got[i] = failed.Item
				}
			}
		})
	}
	wg.Wait()
	for i, text := range texts {
		a, _ := got[i]["a"].(*types.AttributeValueMemberS)
		b, _ := got[i]["b"].(*types.AttributeValueMemberSS)
		m, _ := got[i]["m"].(*types.AttributeValueMemberM)
		if a == nil || b == nil || m == nil || a.Value != text+text || b.Value[0] != text {
			t.Fatalf("answer %d is not what was sent: %v", i, got[i])
		}
		if s, _ := m.Value[text].(*types.AttributeValueMemberS); s == nil || s.Value != text {
			t.Fatalf("answer %d: the map is not what was sent", i)
		}
	}
}

// A body that was closed gives nothing more, least of all what another answer put in its buffer, and closing it twice gives the
// buffer back once.
func TestClosedBodies(t *testing.T) {
	var o dynamodb.Options
	n := &network{replies: []reply{answering(200, `{"Item":{}}`), answering(200, `{"Items":[],"Count":0}`)}}
	o.HTTPClient = n
	attempt.New(true).Option(&o)
	open := func() *http.Response {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := o.HTTPClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	first := open()
	head := make([]byte, 3)
	if _, err := io.ReadFull(first.Body, head); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := first.Body.Close(); err != nil {
			t.Fatal(err)
		}
	}
	second, third := open(), open()
	if n, err := first.Body.Read(make([]byte, 100)); n != 0 || err != io.EOF {
		t.Errorf("a closed body gives %d bytes, %v", n, err)
	}
	if n, err := first.Body.(io.WriterTo).WriteTo(io.Discard); n != 0 || err != nil {
		t.Errorf("a closed body writes %d bytes, %v", n, err)
	}
	for _, resp := range []*http.Response{second, third} {
		var b bytes.Buffer
		if _, err := b.ReadFrom(resp.Body); err != nil || b.String() != `{"Items":[],"Count":0}` {
			t.Errorf("%q, %v: two answers share a buffer", b.String(), err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
