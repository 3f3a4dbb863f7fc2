package attempt

import (
	"bytes"
	"compress/gzip"
	"errors"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

const (
	inProgress = "TransactionInProgressException"
	maxAnswer  = 64 << 20 // no answer of DynamoDB is nearly so long: batches of 16 MB, with escapes
	maxKept    = 4 << 20  // larger buffers are not kept
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// receive reads an answer to its end and checks it. Afterwards its body can be read from memory.
func receive(resp *http.Response) error {
	buf := buffers.Get().(*bytes.Buffer)
	buf.Reset()
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	if n := resp.ContentLength; n > 0 && n < maxAnswer {
		buf.Grow(int(n) + bytes.MinRead)
	}
	whole := &body{buf: buf, limited: io.LimitedReader{R: resp.Body, N: maxAnswer + 1}}
	_, err := buf.ReadFrom(&whole.limited)
	if closing := resp.Body.Close(); closing != nil {
		err = errors.Join(err, closing)
	}
	if err == nil {
		whole.code, err = check(resp, buf.Bytes())
	}
	whole.reader.Reset(buf.Bytes())
	resp.Body = whole
	if err != nil {
		whole.release()
	}
	return err
}

// check says what is wrong with an answer, and with which code it refuses. A length of 0 is what an HTTP client leaves that does not
// know it: an answer without a body is damaged anyhow.
func check(resp *http.Response, raw []byte) (code string, err error) {
	if len(raw) > maxAnswer {
		return "", &Damaged{"it is longer than any answer of DynamoDB"}
	}
	if n := resp.ContentLength; n > 0 && n != int64(len(raw)) {
		return "", &Damaged{"it is cut"}
	}
	if text := resp.Header.Get("X-Amz-Crc32"); text != "" {
		want, err := strconv.ParseUint(text, 10, 32)
		if err != nil || uint32(want) != crc32.ChecksumIEEE(raw) {
			return "", &Damaged{"its checksum is wrong"}
		}
	}
	if !succeeded(resp) && (resp.StatusCode < 400 || resp.StatusCode >= 500) {
		return "", nil
	}
	if raw, err = unzipped(resp, raw); err != nil {
		return "", err
	}
	if !succeeded(resp) && !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		return "", nil // something other than DynamoDB refused it
	}
	return scanAnswer(raw)
}

// unzipped is an answer as the SDK will decode it.
func unzipped(resp *http.Response, raw []byte) ([]byte, error) {
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return raw, nil
	}
	zip, err := gzip.NewReader(bytes.NewReader(raw))
	if err == nil {
		raw, err = io.ReadAll(io.LimitReader(zip, maxAnswer+1))
	}
	switch {
	case err != nil:
		return nil, &Damaged{"it cannot be unzipped"}
	case len(raw) > maxAnswer:
		return nil, &Damaged{"it is longer than any answer of DynamoDB"}
	}
	return raw, nil
}

// pending tells a transaction that is still running from a refusal.
func pending(resp *http.Response) Outcome {
	b, ok := resp.Body.(*body)
	if ok && strings.HasSuffix(b.code, inProgress) || strings.Contains(resp.Header.Get("X-Amzn-ErrorType"), inProgress) {
		return Unknown
	}
	return NotApplied
}

// body is an answer in memory. Closing it gives the memory back.
type body struct {
	buf     *bytes.Buffer
	limited io.LimitedReader // of the network
	reader  bytes.Reader     // of the buffer
	code    string           // of an error
}

func (b *body) Read(p []byte) (int, error) {
	if b.buf == nil {
		return 0, io.EOF
	}
	return b.reader.Read(p)
}

// WriteTo spares the reader a buffer.
func (b *body) WriteTo(w io.Writer) (int64, error) {
	if b.buf == nil {
		return 0, nil
	}
	return b.reader.WriteTo(w)
}

// Close gives the buffer back. What was read from it was copied.
func (b *body) Close() error {
	b.release()
	return nil
}

func (b *body) release() {
	if b.buf != nil && b.buf.Cap() <= maxKept {
		buffers.Put(b.buf)
	}
	b.buf = nil
}
