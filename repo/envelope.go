package repo

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const (
	plainCursor  = 1
	sealedCursor = 2
	cursorSum    = 12 // bytes of checksum
)

var cursorText = base64.RawURLEncoding.Strict()

// envelope is what a place travels in, outside the program, as text: encrypted where there are keys, and with a checksum where there
// are none. It is opened with the binding that it was made with, and no other.
type envelope struct {
	binding []byte
	keys    [][]byte // the first one seals, all of them open
}

func (v envelope) seal(place []byte) string {
	if len(v.keys) > 0 {
		return cursorText.EncodeToString(sealed(v.keys[0], v.binding, place))
	}
	out := append([]byte{plainCursor}, v.checksum(place)...)
	return cursorText.EncodeToString(append(out, place...))
}

// open finds the place in a text of no more characters than the longest can have.
func (v envelope) open(text string, longest int) ([]byte, error) {
	if len(text) > longest {
		return nil, invalidCursor("it is longer than any cursor of this library")
	}
	raw, err := cursorText.DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") { // which the decoder skips
		return nil, invalidCursor("it is damaged, or of another version of this library")
	}
	foreign := invalidCursor("it is damaged, or of another query: table, entity, index, direction and key conditions must be those that it was made with")
	switch {
	case len(v.keys) > 0:
		if place, ok := unsealed(v.keys, v.binding, raw); ok {
			return place, nil
		}
		return nil, foreign
	case len(raw) <= 1+cursorSum || raw[0] != plainCursor:
		return nil, invalidCursor("it is damaged, or of another version of this library")
	}
	sum, place := raw[1:1+cursorSum], raw[1+cursorSum:]
	if !bytes.Equal(sum, v.checksum(place)) {
		return nil, foreign
	}
	return place, nil
}

// checksum binds a place. It finds mistakes, not malice.
func (v envelope) checksum(place []byte) []byte {
	h := sha256.New()
	h.Write(v.binding)
	h.Write(place)
	return h.Sum(nil)[:cursorSum]
}

// A sealed cursor is the version, a salt, and the place as AES-256-GCM encrypts it, with the binding of its query as additional data.
// The key of each cursor is made from the table's and the salt, so that however many cursors a key seals, none shares both key and
// nonce with another: the salt and the nonce together are 24 random bytes.
const (
	cursorSalt  = 12
	cursorNonce = 12
)

// sealed encrypts a place.
func sealed(key, binding, place []byte) []byte {
	out := make([]byte, 1+cursorSalt+cursorNonce, 1+cursorSalt+cursorNonce+len(place)+16)
	out[0] = sealedCursor
	_, _ = rand.Read(out[1:]) // never fails: the runtime ends the program instead
	return cursorCipher(key, out[1:1+cursorSalt]).Seal(out, out[1+cursorSalt:], place, binding)
}

// unsealed decrypts a place with the key that sealed it, if that is among them.
func unsealed(keys [][]byte, binding, raw []byte) (place []byte, ok bool) {
	if len(raw) < 1+cursorSalt+cursorNonce || raw[0] != sealedCursor {
		return nil, false
	}
	salt, nonce, text := raw[1:1+cursorSalt], raw[1+cursorSalt:1+cursorSalt+cursorNonce], raw[1+cursorSalt+cursorNonce:]
	for _, key := range keys {
		if place, err := cursorCipher(key, salt).Open(nil, nonce, text, binding); err == nil {
			return place, true
		}
	}
	return nil, false
}

// cursorCipher is the cipher of one cursor. Neither step can fail: the key is the 32 bytes of a hash.
func cursorCipher(key, salt []byte) cipher.AEAD {
	h := hmac.New(sha256.New, key)
	h.Write(salt)
	block, _ := aes.NewCipher(h.Sum(nil))
	gcm, _ := cipher.NewGCM(block)
	return gcm
}
