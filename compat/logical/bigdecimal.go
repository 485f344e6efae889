package logical

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// What a BigDecimal may have. Beyond it a few characters would be a value of gigabytes.
const (
	maxDigits = 4096
	maxScale  = 10_000 // digits behind the point, or zeros before it
)

// BigDecimal is a number as Java's BigDecimal has it: Digits × 10^-Scale.
type BigDecimal struct {
	Negative bool
	Digits   string // without leading zeros; "0" for zero
	Scale    int
}

// ParseBigDecimal reads what the constructor of BigDecimal reads; false for what is none or is out of bounds.
func ParseBigDecimal(s string) (d BigDecimal, ok bool) {
	switch {
	case strings.HasPrefix(s, "-"):
		d.Negative = true
		s = s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exp, err := strconv.ParseInt(s[i+1:], 10, 32)
		if err != nil {
			return d, false
		}
		d.Scale = -int(exp)
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.Digits = whole + fraction
	d.Scale += len(fraction)
	if d.Digits == "" || strings.Trim(d.Digits, "0123456789") != "" || len(d.Digits) > maxDigits ||
		d.Scale > maxScale || d.Scale < -maxScale {
		return d, false
	}
	if d.Digits = strings.TrimLeft(d.Digits, "0"); d.Digits == "" {
		d.Digits, d.Negative = "0", false
	}
	return d, true
}

// NewBigDecimal returns an unscaled value at a scale; false when it is out of bounds.
func NewBigDecimal(unscaled *big.Int, scale int) (BigDecimal, bool) {
	d := BigDecimal{Negative: unscaled.Sign() < 0, Scale: scale}
	if unscaled.BitLen() > 3*maxDigits || scale > maxScale || scale < -maxScale {
		return d, false
	}
	d.Digits = new(big.Int).Abs(unscaled).String()
	return d, true
}

// Unscaled returns the whole number that the number is at a scale; false where it has more digits behind the point, or where it
// would be out of bounds.
func (d BigDecimal) Unscaled(scale int) (*big.Int, bool) {
	shift := scale - d.Scale
	if shift > maxDigits || shift < -maxDigits {
		return nil, false
	}
	n, _ := new(big.Int).SetString(d.Digits, 10)
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(shift, -shift))), nil)
	if shift >= 0 {
		n.Mul(n, power)
	} else {
		var rest big.Int
		if n.QuoRem(n, power, &rest); rest.Sign() != 0 {
			return nil, false
		}
	}
	if d.Negative {
		n.Neg(n)
	}
	return n, n.BitLen() <= 3*maxDigits
}

// WholeDigits returns how many digits stand before the point. It is negative where zeros stand behind it.
func (d BigDecimal) WholeDigits() int {
	if d.Digits == "0" {
		return 1 - max(d.Scale, 0)
	}
	return len(d.Digits) - d.Scale
}

// Number returns the number as String does.
func (d BigDecimal) Number() Number { return Number(d.String()) }

// String returns what BigDecimal.toString does: with an exponent where the scale is negative or the number very small.
// https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/math/BigDecimal.html#toString()
func (d BigDecimal) String() string {
	adjusted := len(d.Digits) - 1 - d.Scale
	if d.Scale >= 0 && adjusted >= -6 {
		return d.Plain()
	}
	text := d.Digits[:1]
	if len(d.Digits) > 1 {
		text += "." + d.Digits[1:]
	}
	if adjusted != 0 {
		text += "E"
		if adjusted > 0 {
			text += "+"
		}
		text += strconv.Itoa(adjusted)
	}
	return d.sign() + text
}

// Plain returns what BigDecimal.toPlainString does.
func (d BigDecimal) Plain() string {
	digits := d.Digits
	switch {
	case d.Scale <= 0:
		if digits != "0" {
			digits += strings.Repeat("0", -d.Scale)
		}
		return d.sign() + digits
	case len(digits) <= d.Scale:
		digits = strings.Repeat("0", d.Scale-len(digits)+1) + digits
	}
	point := len(digits) - d.Scale
	return d.sign() + digits[:point] + "." + digits[point:]
}

func (d BigDecimal) sign() string {
	if d.Negative {
		return "-"
	}
	return ""
}

// IntegerBits returns the size of an integer type; 0 of any other.
func (k Kind) IntegerBits() int {
	switch k {
	case TinyInt:
		return 8
	case SmallInt:
		return 16
	case Int:
		return 32
	case BigInt:
		return 64
	}
	return 0
}

// FloatBits returns the size of a FLOAT or DOUBLE; 0 of any other.
func (k Kind) FloatBits() int {
	switch k {
	case Float:
		return 32
	case Double:
		return 64
	}
	return 0
}

// FloatNumber returns a value of a FLOAT or DOUBLE as Java prints it, also NaN, Infinity and -Infinity.
func FloatNumber(f float64, k Kind) Number { return Number(schema.AppendFloat(nil, f, k.FloatBits())) }
