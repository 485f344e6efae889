package registry

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Unescaped reports whether a byte stands for itself in a JSON string. Beyond ASCII none does: AppendJSON looks at the character.
func Unescaped(c byte) bool { return unescaped[c] }

var unescaped = func() (t [256]bool) {
	for c := ' '; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// AppendJSON appends s as a JSON string as Jackson writes it into bytes: characters beyond the basic plane as two escapes,
// control characters with upper-case digits. What is no UTF-8 becomes U+FFFD.
func AppendJSON(dst []byte, s string) []byte {
	const hex = "0123456789ABCDEF"
	dst = append(slices.Grow(dst, len(s)+len(s)/4+2), '"')
	for i := 0; i < len(s); {
		from := i
		for i < len(s) && unescaped[s[i]] {
			i++
		}
		dst = append(dst, s[from:i]...)
		if i == len(s) {
			break
		}
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			switch {
			case r > 0xFFFF:
				hi, lo := utf16.EncodeRune(r)
				for _, u := range [...]rune{hi, lo} {
					dst = append(dst, '\\', 'u', hex[u>>12&15], hex[u>>8&15], hex[u>>4&15], hex[u&15])
				}
			case r == utf8.RuneError && n == 1:
				dst = append(dst, "\uFFFD"...)
			default:
				dst = append(dst, s[i:i+n]...)
			}
			i += n
			continue
		}
		i++
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, `\b`...)
		case '\f':
			dst = append(dst, `\f`...)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, '"')
}

// unquoteJSON returns the text of a string that AppendJSON wrote.
func unquoteJSON(b []byte) string {
	b = b[1 : len(b)-1]
	at := bytes.IndexByte(b, '\\')
	if at < 0 {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for at >= 0 {
		out = append(out, b[:at]...)
		c := b[at+1]
		b = b[at+2:]
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		}
		if c == 'u' {
			r := unit(b)
			b = b[4:]
			if utf16.IsSurrogate(r) {
				r = utf16.DecodeRune(r, unit(b[2:]))
				b = b[6:]
			}
			out = utf8.AppendRune(out, r)
		} else {
			out = append(out, c)
		}
		at = bytes.IndexByte(b, '\\')
	}
	return string(append(out, b...))
}

// unit reads the four digits of an escape.
func unit(b []byte) (r rune) {
	for _, c := range b[:4] {
		r <<= 4
		if c >= 'A' {
			r += rune(c - 'A' + 10)
		} else {
			r += rune(c - '0')
		}
	}
	return r
}

// object appends the members of one JSON object.
type object struct {
	b []byte
	n int
}

func newObject(b []byte) *object { return &object{b: append(b, '{')} }

// key starts a member; its value is appended to o.b next.
func (o *object) key(name string) *object {
	if o.n > 0 {
		o.b = append(o.b, ',')
	}
	o.n++
	o.b = append(AppendJSON(o.b, name), ':')
	return o
}

func (o *object) string(name, v string) { o.key(name).b = AppendJSON(o.b, v) }

func (o *object) nonEmpty(name, v string) {
	if v != "" {
		o.string(name, v)
	}
}

func (o *object) int(name string, v int64) { o.key(name).b = strconv.AppendInt(o.b, v, 10) }

func (o *object) bool(name string, v bool) { o.key(name).b = strconv.AppendBool(o.b, v) }

func (o *object) optBool(name string, v *bool) {
	if v != nil {
		o.bool(name, *v)
	}
}

func (o *object) end() []byte { return append(o.b, '}') }

func appendStrings(b []byte, list []string) []byte {
	b = append(b, '[')
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = AppendJSON(b, s)
	}
	return append(b, ']')
}
