package repo

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
)

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
