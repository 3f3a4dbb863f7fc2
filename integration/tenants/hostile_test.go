package tenants

import (
	"math/rand/v2"
	"strings"
)

// ours is the tenant whose repositories are attacked with; the others are what must not be reached. Their names begin as ours does,
// are the same but for case, or are what ours becomes where somebody forgets to escape.
const ours = "a"

var others = []string{"b", "ab", "a#", "a#USER#x1", "a$", "a$23", "A", "a*", "a\x00", "*", "TENANT#a", "$UNIQUE"}

// known are identifiers and addresses that items of all tenants have.
var known = []string{"x1", "x2", "x1#", "b"}

const secret = "sEcReT"

var fragments = []string{
	"", "a", "b", "x1", "x2", "#", "##", "$", "$$", "$23", "$24", "%23", "\\", "/", "../", "*", "?", "TENANT#", "TENANT#b", "TENANT#b#",
	"#USER#", "USER#x1", "DOC#x1", "#MAIL#", "#STATE#", "$UNIQUE", "#$UNIQUE#", "TENANT#b#$UNIQUE#User#mail#x1", "a#", "ab", "A",
	"\x00", "\x01", "\t", "\n", "\r", "\x1f", " ", "!", "\"", "'", "\x7f", "\u0080", "ä", "\u2028", "\U0010ffff", "\ufffd", "~",
	"\xff", "\xc3\x28", "#b", "b#", "b\x00", "{Tenant}", "${aws:PrincipalTag/tenant}", ":0", "#0", "tenant", "pk", "_type", "null", "0", "-1",
}

// hostile makes so many identifiers: the known ones, all fragments, and what they make together. The same every time.
func hostile(n int) []string {
	out := append([]string{}, known...)
	out = append(out, fragments...)
	for c := range 0x25 {
		out = append(out, string(rune(c)), "x1"+string(rune(c)), string(rune(c))+"TENANT#b")
	}
	out = append(out, strings.Repeat("b", 900), strings.Repeat("#", 700), strings.Repeat("b", 3000))
	r := rand.New(rand.NewPCG(1, 2))
	for len(out) < n {
		var b strings.Builder
		for range 1 + r.IntN(5) {
			if r.IntN(4) == 0 {
				b.WriteByte(byte(r.IntN(128)))
			} else {
				b.WriteString(fragments[r.IntN(len(fragments))])
			}
		}
		out = append(out, b.String())
	}
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:n]
}
