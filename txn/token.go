package txn

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
)

// callerToken makes a token of a caller's key. A token counts in a whole account and Region, so the names of the tables are part of it.
func callerToken(key string, tables []string, try int) string {
	h := sha256.New()
	for _, s := range append([]string{key}, tables...) {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	h.Write(binary.AppendUvarint(nil, uint64(try)))
	return base32.StdEncoding.EncodeToString(h.Sum(nil)[:20]) // 32 characters of 36
}
