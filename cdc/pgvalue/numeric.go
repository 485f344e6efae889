package pgvalue

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"

	"github.com/millrace/millrace/connect/record"
)

// special returns the double of NaN and the infinities, as the server spells them.
func special(src []byte) (float64, bool) {
	switch string(src) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

func (c *Codec) setSpecial(b *record.Batch, cell uint32, f float64) error {
	switch c.op {
	case opNumericDouble:
		b.SetFloat(cell, f)
	case opNumericString: // Debezium's words
		switch {
		case math.IsNaN(f):
			b.SetString(cell, "NAN")
		case f > 0:
			b.SetString(cell, "POSITIVE_INFINITY")
		default:
			b.SetString(cell, "NEGATIVE_INFINITY")
		}
	default:
		return &Error{Type: c.typ, What: "NaN and infinity have no place in a Decimal: set decimal.handling.mode to string or double", NoFit: true}
	}
	return nil
}

func (c *Codec) numericText(b *record.Batch, cell uint32, src []byte) error {
	if len(src) == 0 {
		return c.fail("empty")
	}
	if src[0] > '9' || len(src) > 1 && src[1] == 'I' {
		if f, ok := special(src); ok {
			return c.setSpecial(b, cell, f)
		}
	}
	switch c.op {
	case opNumericString:
		b.SetBytes(cell, src)
		return nil
	case opNumericDouble:
		f, err := strconv.ParseFloat(str(src), 64)
		if err != nil && !math.IsInf(f, 0) {
			return c.fail("not a number")
		}
		b.SetFloat(cell, f)
		return nil
	}
	neg := src[0] == '-'
	if neg {
		src = src[1:]
	}
	dot := len(src)
	for i, d := range src {
		if d == '.' && dot == len(src) {
			dot = i
		} else if d -= '0'; d > 9 {
			return c.fail("not a number")
		}
	}
	fraction := max(0, len(src)-dot-1)
	scale := c.scale
	if c.op == opNumericVariable {
		for fraction > 0 && src[len(src)-1] == '0' {
			src, fraction = src[:len(src)-1], fraction-1
		}
		scale = fraction
	}
	if digits := len(src) + scale - fraction; digits > 18 || fraction > scale {
		return c.bigNumeric(b, cell, neg, src, dot, scale)
	}
	var u int64
	for i, d := range src {
		if i != dot {
			u = u*10 + int64(d-'0')
		}
	}
	for ; fraction < scale; fraction++ {
		u *= 10
	}
	if neg {
		u = -u
	}
	c.setDecimal(b, cell, scale, u)
	return nil
}

// bigNumeric is numericText for numbers beyond int64 and for scales below the digits given.
func (c *Codec) bigNumeric(b *record.Batch, cell uint32, neg bool, src []byte, dot, scale int) error {
	digits := make([]byte, 0, len(src)+max(scale, 0))
	digits = append(digits, src[:dot]...)
	fraction := 0
	if dot < len(src) {
		digits, fraction = append(digits, src[dot+1:]...), len(src)-dot-1
	}
	for ; fraction < scale; fraction++ {
		digits = append(digits, '0')
	}
	for ; fraction > scale && len(digits) > 0; fraction-- { // a negative scale: the digits cut are zeros; of 0 there may be fewer
		if digits[len(digits)-1] != '0' {
			return c.fail("more digits than its scale has")
		}
		digits = digits[:len(digits)-1]
	}
	if len(digits) == 0 {
		digits = append(digits, '0')
	}
	u, ok := new(big.Int).SetString(string(digits), 10)
	if !ok {
		return c.fail("not a number")
	}
	if neg {
		u.Neg(u)
	}
	value := cell
	if c.op == opNumericVariable {
		value = variable(b, cell, scale)
	}
	b.SetBytes(value, twosComplement(u))
	return nil
}

// twosComplement returns u in as few big-endian bytes as hold it, as Java's BigInteger.toByteArray.
func twosComplement(u *big.Int) []byte {
	if u.Sign() >= 0 {
		m := u.Bytes()
		if len(m) == 0 || m[0] >= 0x80 {
			m = append([]byte{0}, m...)
		}
		return m
	}
	n := u.BitLen()/8 + 1
	m := new(big.Int).Add(u, new(big.Int).Lsh(big.NewInt(1), uint(n)*8)).FillBytes(make([]byte, n))
	for len(m) > 1 && m[0] == 0xff && m[1] >= 0x80 {
		m = m[1:]
	}
	return m
}

// variable makes cell a VariableScaleDecimal of a scale and returns the cell of its value.
func variable(b *record.Batch, cell uint32, scale int) uint32 {
	fields := b.Cells(2)
	b.SetRun(cell, fields, 2)
	b.SetInt(fields, int64(scale))
	return fields + 1
}

func (c *Codec) setDecimal(b *record.Batch, cell uint32, scale int, u int64) {
	if c.op == opNumericVariable {
		cell = variable(b, cell, scale)
	}
	b.SetAppended(cell, appendTwos(b.Buf(), u))
}

// appendTwos is twosComplement for an int64.
func appendTwos(dst []byte, u int64) []byte {
	n := 1
	for v := u >> 7; v != 0 && v != -1; v >>= 8 {
		n++
	}
	for n--; n >= 0; n-- {
		dst = append(dst, byte(u>>(8*n)))
	}
	return dst
}

// The sign word of numeric's binary form (numeric.c).
const (
	numericNegative = 0x4000
	numericNaN      = 0xC000
	numericPosInf   = 0xD000
	numericNegInf   = 0xF000
)

// numericBinary reads a count of base-10000 digits, the first one's weight, sign, display scale and the digits.
func (c *Codec) numericBinary(b *record.Batch, cell uint32, src []byte) error {
	if len(src) < 8 {
		return c.fail("too short")
	}
	n, weight := int(binary.BigEndian.Uint16(src)), int(int16(binary.BigEndian.Uint16(src[2:])))
	sign, dscale := binary.BigEndian.Uint16(src[4:]), int(binary.BigEndian.Uint16(src[6:]))
	digits := src[8:]
	if len(digits) != 2*n || dscale > 0x3fff {
		return c.fail("digits of another count than said")
	}
	switch sign {
	case numericNaN:
		return c.setSpecial(b, cell, math.NaN())
	case numericPosInf:
		return c.setSpecial(b, cell, math.Inf(1))
	case numericNegInf:
		return c.setSpecial(b, cell, math.Inf(-1))
	case 0, numericNegative:
	default:
		return c.fail("an unknown sign")
	}
	for i := range n {
		if binary.BigEndian.Uint16(digits[2*i:]) > 9999 {
			return c.fail("a digit above 9999")
		}
	}
	scale := c.scale
	if c.op == opNumericVariable {
		scale = dscale
	}
	groups := (scale + 3) / 4
	decimal := c.op == opNumeric || c.op == opNumericVariable
	if !decimal || scale < 0 || 4*(max(weight, -1)+1+groups) > 18 {
		return c.numericText(b, cell, appendNumeric(make([]byte, 0, 64), digits, weight, sign == numericNegative, dscale))
	}
	var u int64
	for p := max(weight, -1); p >= -groups; p-- {
		u *= 10000
		if i := weight - p; i >= 0 && i < n {
			u += int64(binary.BigEndian.Uint16(digits[2*i:]))
		}
	}
	for i := 4*groups - scale; i > 0; i-- {
		u /= 10
	}
	if c.op == opNumericVariable {
		for scale > 0 && u%10 == 0 {
			u, scale = u/10, scale-1
		}
	}
	if sign == numericNegative {
		u = -u
	}
	c.setDecimal(b, cell, scale, u)
	return nil
}

// appendNumeric writes the number as the server's text output does.
func appendNumeric(dst, digits []byte, weight int, neg bool, dscale int) []byte {
	at := func(p int) int {
		if i := weight - p; i >= 0 && 2*i < len(digits) {
			return int(binary.BigEndian.Uint16(digits[2*i:]))
		}
		return 0
	}
	if neg {
		dst = append(dst, '-')
	}
	if weight < 0 {
		dst = append(dst, '0')
	} else {
		dst = strconv.AppendInt(dst, int64(at(weight)), 10)
		for p := weight - 1; p >= 0; p-- {
			dst = appendPadded(dst, at(p), 4)
		}
	}
	if dscale > 0 {
		dst = append(dst, '.')
		end := len(dst) + dscale
		for p := -1; len(dst) < end; p-- {
			dst = appendPadded(dst, at(p), 4)
		}
		dst = dst[:end]
	}
	return dst
}

// appendPadded writes n with at least width digits.
func appendPadded(dst []byte, n, width int) []byte {
	var d [20]byte
	i := len(d)
	for ; n > 0 || width > 0; width-- {
		i--
		d[i] = byte('0' + n%10)
		n /= 10
	}
	return append(dst, d[i:]...)
}

func appendInt(dst []byte, n int64) []byte { return strconv.AppendInt(dst, n, 10) }

// parseMoney takes the digits of an amount with two fraction digits, whatever the locale puts between them.
func parseMoney(src []byte) (cents int64, ok bool) {
	neg := false
	var u uint64
	for _, d := range src {
		switch {
		case d == '-' || d == '(':
			neg = true
		case d >= '0' && d <= '9':
			if u > math.MaxInt64/10 {
				return 0, false
			}
			u, ok = u*10+uint64(d-'0'), true
		}
	}
	if neg {
		return -int64(u), ok && u <= 1<<63
	}
	return int64(u), ok && u <= math.MaxInt64
}

func (c *Codec) setMoney(b *record.Batch, cell uint32, cents int64) {
	if c.op != opMoney {
		u := uint64(cents)
		var buf [24]byte
		text := buf[:0]
		if cents < 0 {
			text, u = append(text, '-'), -u
		}
		text = strconv.AppendUint(text, u/100, 10)
		text = append(text, '.', byte('0'+u%100/10), byte('0'+u%10))
		if c.op == opMoneyString {
			b.SetBytes(cell, text)
			return
		}
		f, _ := strconv.ParseFloat(string(text), 64)
		b.SetFloat(cell, f)
		return
	}
	if c.scale > 2 {
		u := new(big.Int).Mul(big.NewInt(cents), new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(c.scale-2)), nil))
		b.SetBytes(cell, twosComplement(u))
		return
	}
	for s := 2; s > c.scale; s-- { // half away from zero, as Java's HALF_UP
		r := cents % 10
		cents /= 10
		if r >= 5 {
			cents++
		} else if r <= -5 {
			cents--
		}
	}
	b.SetAppended(cell, appendTwos(b.Buf(), cents))
}
