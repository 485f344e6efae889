package json_test

import "math/big"

// newInt returns a number's two's complement form, as BigInteger.toByteArray gives it.
func newInt(digits string) ([]byte, bool) {
	n, ok := new(big.Int).SetString(digits, 10)
	if !ok {
		return nil, false
	}
	size := n.BitLen()/8 + 1
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), uint(size)*8))
	}
	return n.FillBytes(make([]byte, size)), true
}
