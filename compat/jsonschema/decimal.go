package jsonschema

import (
	"math"
	"math/big"
	"strconv"
	"strings"
)

// decimal is a number of any size: 0.digits × 10^exp, where digits neither starts nor ends with a zero. Zero has no digits.
type decimal struct {
	neg    bool
	digits string
	exp    int
}

// parseDecimal reads a JSON number; false when its exponent does not fit.
func parseDecimal(text string) (decimal, bool) {
	var d decimal
	text, d.neg = strings.CutPrefix(text, "-")
	mantissa, exp := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exp = text[:i], text[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	if exp != "" {
		n, err := strconv.ParseInt(exp, 10, 32)
		if err != nil || n > math.MaxInt32-2*maxNumber || n < math.MinInt32+2*maxNumber {
			return decimal{}, false
		}
		d.exp = int(n)
	}
	all := whole + fraction
	d.exp += len(whole)
	d.digits = strings.TrimLeft(all, "0")
	d.exp -= len(all) - len(d.digits)
	d.digits = strings.TrimRight(d.digits, "0")
	if d.digits == "" {
		return decimal{}, true
	}
	return d, true
}

func (d decimal) sign() int {
	switch {
	case d.digits == "":
		return 0
	case d.neg:
		return -1
	}
	return 1
}

// cmp compares without computing powers, whatever the exponents are.
func (d decimal) cmp(o decimal) int {
	s := d.sign()
	switch {
	case s != o.sign():
		return s - o.sign()
	case d.exp < o.exp:
		return -s
	case d.exp > o.exp:
		return s
	}
	return s * strings.Compare(d.digits, o.digits)
}

// divides reports whether o is a whole multiple of d.
func (d decimal) divides(o decimal) bool {
	if d.digits == "" || o.digits == "" {
		return o.digits == ""
	}
	a, b := o.unscaled(), d.unscaled()
	shift := (o.exp - len(o.digits)) - (d.exp - len(d.digits)) // of a against b, in powers of ten
	if shift < 0 {
		if -shift > len(o.digits) {
			return false // a multiple would have to be larger
		}
		b.Mul(b, pow10(-shift))
		return new(big.Int).Rem(a, b).Sign() == 0
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(shift)), b)
	return a.Mul(a, power).Rem(a, b).Sign() == 0
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func (d decimal) unscaled() *big.Int {
	n, _ := new(big.Int).SetString(d.digits, 10)
	return n
}

// append writes d as Java's BigDecimal.toString does without trailing zeros.
// https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/math/BigDecimal.html#toString()
func (d decimal) append(dst []byte) []byte {
	if d.digits == "" {
		return append(dst, '0')
	}
	if d.neg {
		dst = append(dst, '-')
	}
	n := len(d.digits)
	adjusted := d.exp - 1
	switch {
	case d.exp > n || adjusted < -6:
		dst = append(dst, d.digits[0])
		if n > 1 {
			dst = append(append(dst, '.'), d.digits[1:]...)
		}
		dst = append(dst, 'E')
		if adjusted > 0 {
			dst = append(dst, '+')
		}
		return strconv.AppendInt(dst, int64(adjusted), 10)
	case d.exp <= 0:
		dst = append(dst, "0."...)
		for range -d.exp {
			dst = append(dst, '0')
		}
		return append(dst, d.digits...)
	case d.exp == n:
		return append(dst, d.digits...)
	}
	dst = append(dst, d.digits[:d.exp]...)
	return append(append(dst, '.'), d.digits[d.exp:]...)
}
