package json

import (
	"encoding/base64"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/millrace/millrace/connect/record/javatext"
)

// plain marks the bytes that stand for themselves within a string.
var plain = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

const upperHex = "0123456789ABCDEF"

// appendString writes s quoted and escaped as Jackson's UTF8JsonGenerator does.
func appendString(dst, s []byte) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if plain[c] {
			i++
			continue
		}
		if c < utf8.RuneSelf {
			dst = appendEscape(append(dst, s[start:i]...), c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRune(s[i:])
		switch {
		case size == 4:
			hi, lo := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(append(dst, s[start:i]...), uint16(hi)), uint16(lo))
			start = i + size
		case r == utf8.RuneError && size == 1:
			dst = utf8.AppendRune(append(dst, s[start:i]...), utf8.RuneError)
			start = i + size
		}
		i += size
	}
	return append(append(dst, s[start:]...), '"')
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\f':
		return append(dst, `\f`...)
	case '\r':
		return append(dst, `\r`...)
	default:
		return appendUnit(dst, uint16(c))
	}
}

// appendUnit writes a UTF-16 code unit as an escape.
func appendUnit(dst []byte, u uint16) []byte {
	return append(dst, '\\', 'u', upperHex[u>>12], upperHex[u>>8&15], upperHex[u>>4&15], upperHex[u&15])
}

func appendBase64(dst, b []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(append(dst, '"'), b), '"')
}

// appendFloat writes a float of size bits; what JSON has no number for is quoted.
func appendFloat(dst []byte, f float64, size int) []byte {
	if f-f != 0 {
		return append(javatext.AppendFloat(append(dst, '"'), f, size), '"')
	}
	return javatext.AppendFloat(dst, f, size)
}
