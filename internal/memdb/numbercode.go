package memdb

// A number is stored in a code whose bytes sort as the numbers do, so that one
// code serves as value, as key and for comparing. It ends itself: no code is a
// prefix of another one.
//
//	sign      1 negative, 2 zero, 3 positive
//	exponent  one byte, biased
//	digits    pairs, each as 1 + its value, the last one filled up with 0
//	end       0
//
// Everything after the sign is complemented in a negative number.
const (
	codeNegative = 1
	codeZero     = 2
	codePositive = 3
	expBias      = -minExp
)

func (d decimal) appendCode(dst []byte) []byte {
	if len(d.digits) == 0 {
		return append(dst, codeZero)
	}
	var flip byte
	sign := byte(codePositive)
	if d.neg {
		sign, flip = codeNegative, 0xff
	}
	dst = append(dst, sign, byte(d.exp+expBias)^flip)
	for i := 0; i < len(d.digits); i += 2 {
		pair := d.digits[i] * 10
		if i+1 < len(d.digits) {
			pair += d.digits[i+1]
		}
		dst = append(dst, (pair+1)^flip)
	}
	return append(dst, flip)
}

// decodeNumber reads what appendCode wrote.
func decodeNumber(code string) decimal {
	if code[0] == codeZero {
		return decimal{}
	}
	d := decimal{neg: code[0] == codeNegative, digits: make([]byte, 0, 2*len(code))}
	var flip byte
	if d.neg {
		flip = 0xff
	}
	d.exp = int(code[1]^flip) - expBias
	for i := 2; code[i] != flip; i++ {
		pair := (code[i] ^ flip) - 1
		d.digits = append(d.digits, pair/10, pair%10)
	}
	if n := len(d.digits); d.digits[n-1] == 0 {
		d.digits = d.digits[:n-1]
	}
	return d
}

// numberSize is what a number counts for in an item's size: a byte, a byte for
// every two significant digits, and one for a negative sign.
func numberSize(code string) int {
	if code[0] == codeZero {
		return 1
	}
	n := len(code) - 3 // sign, exponent and end
	if code[0] == codeNegative {
		n++
	}
	return n + 1
}
