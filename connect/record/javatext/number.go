package javatext

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"math/bits"
	"strconv"
)

// AppendFloat writes f, a float of size bits, as Double.toString (64) or Float.toString (32) does.
func AppendFloat(dst []byte, f float64, size int) []byte {
	abs := math.Abs(f)
	switch {
	case f != f:
		return append(dst, "NaN"...)
	case abs > math.MaxFloat64:
		if f > 0 {
			return append(dst, "Infinity"...)
		}
		return append(dst, "-Infinity"...)
	case f == 0 || abs >= 1e-3 && abs < 1e7:
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, size)
		for _, c := range dst[start:] {
			if c == '.' {
				return dst
			}
		}
		return append(dst, ".0"...)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'e', -1, size)
	e := exponentAt(dst, start)
	if e-start == 1 || e-start == 2 && dst[start] == '-' { // one digit
		// Java takes the nearest number of two digits; next to the smallest floats that is another one.
		dst = strconv.AppendFloat(dst[:start], f, 'e', 1, size)
		e = exponentAt(dst, start)
	}
	// Here e stands at "e+08" or "e-123".
	dst[e] = 'E'
	from, to := e+2, e+1
	if dst[e+1] == '-' {
		to++
	}
	if dst[from] == '0' {
		from++
	}
	return append(dst[:to], dst[from:]...)
}

func exponentAt(dst []byte, start int) int {
	for i := start; ; i++ {
		if dst[i] == 'e' {
			return i
		}
	}
}

const (
	word      = 1e19 // the largest power of ten in a uint64
	wordWidth = 19
	maxWords  = 16 // of a number that is divided in place
)

var errNoDigits = errors.New("a Decimal of no bytes")

// AppendDecimal writes a big-endian two's complement number with scale fraction digits as BigDecimal.toString does.
// A number without bytes is an error.
func AppendDecimal(dst, raw []byte, scale int32) ([]byte, error) {
	if len(raw) == 0 {
		return dst, errNoDigits
	}
	if raw[0] >= 0x80 {
		dst = append(dst, '-')
	}
	start := len(dst)
	dst = appendMagnitude(dst, raw)
	digits := len(dst) - start
	if scale == 0 {
		return dst, nil
	}
	exponent := int64(digits-1) - int64(scale)
	if scale > 0 && exponent >= -6 {
		point := digits - int(scale) // digits before the point
		if point > 0 {
			dst = append(dst, 0)
			copy(dst[start+point+1:], dst[start+point:])
			dst[start+point] = '.'
			return dst, nil
		}
		pad := 2 - point
		dst = append(dst, "0.000000"[:pad]...)
		copy(dst[start+pad:], dst[start:start+digits])
		copy(dst[start:], "0.000000"[:pad])
		return dst, nil
	}
	if digits > 1 {
		dst = append(dst, 0)
		copy(dst[start+2:], dst[start+1:])
		dst[start+1] = '.'
	}
	if exponent != 0 {
		dst = append(dst, 'E')
		if exponent > 0 {
			dst = append(dst, '+')
		}
		dst = strconv.AppendInt(dst, exponent, 10)
	}
	return dst, nil
}

// appendMagnitude writes the digits of a two's complement number without its sign.
func appendMagnitude(dst, raw []byte) []byte {
	negative := raw[0] >= 0x80
	if len(raw) > 8*maxWords {
		n := new(big.Int).SetBytes(raw)
		if negative {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(raw))*8))
		}
		return n.Abs(n).Append(dst, 10)
	}
	var words [maxWords]uint64 // little-endian
	n := 0
	for end := len(raw); end > 0; end -= 8 {
		if end >= 8 {
			words[n] = binary.BigEndian.Uint64(raw[end-8:])
		} else {
			var w uint64
			if negative {
				w = math.MaxUint64
			}
			for _, c := range raw[:end] {
				w = w<<8 | uint64(c)
			}
			words[n] = w
		}
		n++
	}
	if negative {
		carry := uint64(1)
		for i := range n {
			words[i], carry = bits.Add64(^words[i], 0, carry)
		}
	}
	var groups [maxWords + 1]uint64 // digits, 19 each, least first
	count := 0
	for {
		for n > 0 && words[n-1] == 0 {
			n--
		}
		if n <= 1 && words[0] < word {
			break
		}
		var rest uint64
		for i := n - 1; i >= 0; i-- {
			words[i], rest = bits.Div64(rest, words[i], word)
		}
		groups[count] = rest
		count++
	}
	dst = strconv.AppendUint(dst, words[0], 10)
	for count--; count >= 0; count-- {
		var text [wordWidth]byte
		g := groups[count]
		for i := wordWidth - 1; i >= 0; i-- {
			text[i] = byte('0' + g%10)
			g /= 10
		}
		dst = append(dst, text[:]...)
	}
	return dst
}
