package avro

import (
	"math/big"
	"slices"

	"github.com/millrace/millrace/compat/logical"
)

// maxUnscaled is how many bytes the unscaled value of a decimal may have: far more than any DECIMAL.
const maxUnscaled = 1024

// decimalNumber returns the number that the bytes of an unscaled value stand for: two's complement, the highest first.
func decimalNumber(b []byte, scale int) (logical.Number, bool) {
	if len(b) == 0 || len(b) > maxUnscaled {
		return "", false
	}
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	d, ok := logical.NewBigDecimal(n, scale)
	if !ok {
		return "", false
	}
	return d.Number(), true
}

// decimalBytes returns the bytes of the unscaled value of a number at a scale; not ok where it has more digits behind the point.
func decimalBytes(text string, scale int) (b []byte, ok bool) {
	d, ok := logical.ParseBigDecimal(text)
	if !ok {
		return nil, false
	}
	n, ok := d.Unscaled(scale)
	if !ok {
		return nil, false
	}
	b = complement(n)
	return b, len(b) <= maxUnscaled
}

// complement returns the shortest two's complement of n.
func complement(n *big.Int) []byte {
	if n.Sign() >= 0 {
		b := n.Bytes()
		if len(b) == 0 || b[0] >= 0x80 {
			b = slices.Insert(b, 0, 0)
		}
		return b
	}
	size := new(big.Int).Not(n).BitLen()/8 + 1
	return new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size))).Bytes() // the highest bit is set
}
