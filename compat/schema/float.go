package schema

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// AppendFloat appends f as Double.toString (bits 64) or Float.toString (32) of Java 19 and later.
// https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html#toString(double)
func AppendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	if abs := math.Abs(f); abs == 0 || abs >= 1e-3 && abs < 1e7 {
		start := len(dst)
		dst = strconv.AppendFloat(dst, f, 'f', -1, bits)
		if !slices.Contains(dst[start:], '.') {
			dst = append(dst, ".0"...)
		}
		return dst
	}
	text := strconv.FormatFloat(f, 'e', -1, bits)
	mantissa, exp, _ := strings.Cut(text, "e")
	if !strings.Contains(mantissa, ".") {
		// Java takes the closest of the two-digit numbers where one digit is enough: 4.9E-324, not 5E-324.
		text = strconv.FormatFloat(f, 'e', 1, bits)
		if back, err := strconv.ParseFloat(text, bits); err == nil && back == f {
			mantissa, exp, _ = strings.Cut(text, "e")
		} else {
			mantissa += ".0"
		}
	}
	n, _ := strconv.Atoi(exp)
	return strconv.AppendInt(append(append(dst, mantissa...), 'E'), int64(n), 10)
}

// javaFloat is what Double.parseDouble reads once spaces are trimmed.
var javaFloat = regexp.MustCompile(`^[+-]?(NaN|Infinity|` +
	`((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|0[xX]([0-9a-fA-F]+\.?[0-9a-fA-F]*|\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?)$`)

// ParseFloat reads a number as Double.parseDouble (bits 64) or Float.parseFloat (32) of Java: what is out of range is infinite.
// It returns false for what is none.
// https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html#valueOf(java.lang.String)
func ParseFloat(s string, bits int) (float64, bool) {
	s = strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })
	if !javaFloat.MatchString(s) {
		return 0, false
	}
	if s[len(s)-1] != 'y' && s[len(s)-1] != 'N' { // Infinity and NaN
		s = strings.TrimRight(s, "fFdD")
	}
	s = strings.TrimPrefix(s, "+")
	if strings.HasSuffix(s, "NaN") {
		s = "NaN"
	}
	f, _ := strconv.ParseFloat(s, bits) // out of range is infinity, as in Java
	return f, true
}
