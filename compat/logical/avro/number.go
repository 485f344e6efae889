package avro

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// maxDigits is how many digits a decimal may have: far more than any DECIMAL.
const maxDigits = 4096

// decimalText returns the number that the bytes of an unscaled value stand for: two's complement, the highest first.
func decimalText(b []byte, scale int) (logical.Number, bool) {
	if len(b) == 0 || len(b) > maxDigits/3 || scale < -maxDigits || scale > maxDigits {
		return "", false
	}
	n := new(big.Int).SetBytes(b)
	if b[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	if scale < 0 {
		n.Mul(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(-scale)), nil))
		scale = 0
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	text := n.Abs(n).String()
	if scale == 0 {
		return logical.Number(sign + text), true
	}
	if missing := scale + 1 - len(text); missing > 0 {
		text = strings.Repeat("0", missing) + text
	}
	return logical.Number(sign + text[:len(text)-scale] + "." + text[len(text)-scale:]), true
}

// decimalBytes returns the bytes of the unscaled value of a number at a scale; not ok where it has more digits behind the point.
func decimalBytes(text string, scale int) (b []byte, ok bool) {
	mantissa, exponent := text, 0
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(text[i+1:]); err != nil {
			return nil, false
		}
		mantissa = text[:i]
	}
	unsigned := strings.TrimLeft(mantissa, "+-")
	whole, behind, _ := strings.Cut(unsigned, ".")
	all := whole + behind
	shift := exponent - len(behind) + scale
	if len(mantissa)-len(unsigned) > 1 || all == "" || strings.Trim(all, "0123456789") != "" || len(all) > maxDigits ||
		shift < -maxDigits || shift > maxDigits {
		return nil, false
	}
	n, _ := new(big.Int).SetString(all, 10)
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		n.Mul(n, ten)
	} else {
		var rest big.Int
		if n.QuoRem(n, ten, &rest); rest.Sign() != 0 {
			return nil, false
		}
	}
	if mantissa[0] == '-' {
		n.Neg(n)
	}
	return complement(n), true
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
	b := new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(8*size))).Bytes()
	for len(b) < size {
		b = slices.Insert(b, 0, 0xff)
	}
	return b
}

// floating returns a number as Java prints a float (32 bits) or a double (64). What is no number is a text.
func floating(f float64, bits int) logical.Value {
	text := string(schema.AppendFloat(nil, f, bits))
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return text
	}
	return logical.Number(text)
}
