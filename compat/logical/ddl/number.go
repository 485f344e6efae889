package ddl

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

func floatBits(k logical.Kind) int {
	if k == logical.Float {
		return 32
	}
	return 64
}

// floatNumber returns a float as Java prints it.
func floatNumber(f float64, k logical.Kind) logical.Number {
	return logical.Number(schema.AppendFloat(nil, f, floatBits(k)))
}

// maxExponent bounds the exponent of a DECIMAL's default: beyond it a few characters would be a value of gigabytes.
const maxExponent = 10_000

// decimal is a number as Java's BigDecimal has it: digits × 10^-scale.
type decimal struct {
	negative bool
	digits   string // without leading zeros; "0" for zero
	scale    int
}

// parseDecimal reads what the constructor of BigDecimal reads.
func parseDecimal(s string) (d decimal, ok bool) {
	switch {
	case strings.HasPrefix(s, "-"):
		d.negative = true
		s = s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		exp, err := strconv.ParseInt(s[i+1:], 10, 32)
		if err != nil {
			return d, false
		}
		d.scale = -int(exp)
		s = s[:i]
	}
	whole, fraction, _ := strings.Cut(s, ".")
	d.digits = whole + fraction
	d.scale += len(fraction)
	if d.digits == "" || strings.Trim(d.digits, "0123456789") != "" {
		return d, false
	}
	if d.digits = strings.TrimLeft(d.digits, "0"); d.digits == "" {
		d.digits, d.negative = "0", false
	}
	return d, true
}

// intDigits returns how many digits stand before the point. It is negative where zeros stand behind it.
func (d decimal) intDigits() int {
	if d.digits == "0" {
		return 1 - max(d.scale, 0)
	}
	return len(d.digits) - d.scale
}

// String returns what BigDecimal.toString does: with an exponent where the scale is negative or the number very small.
func (d decimal) String() string {
	adjusted := len(d.digits) - 1 - d.scale
	if d.scale >= 0 && adjusted >= -6 {
		return d.plain()
	}
	text := d.digits[:1]
	if len(d.digits) > 1 {
		text += "." + d.digits[1:]
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

// plain returns what BigDecimal.toPlainString does.
func (d decimal) plain() string {
	digits := d.digits
	switch {
	case d.scale <= 0:
		if digits != "0" {
			digits += strings.Repeat("0", -d.scale)
		}
		return d.sign() + digits
	case len(digits) <= d.scale:
		digits = strings.Repeat("0", d.scale-len(digits)+1) + digits
	}
	point := len(digits) - d.scale
	return d.sign() + digits[:point] + "." + digits[point:]
}

func (d decimal) sign() string {
	if d.negative {
		return "-"
	}
	return ""
}
