package schema

import "strings"

// AppendString appends s as a JSON string as Jackson writes it into text: only quotes, backslashes and control characters are escaped.
func AppendString(dst []byte, s string) []byte {
	const upperHex = "0123456789ABCDEF"
	dst = append(dst, '"')
	clean := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[clean:i]...)
		clean = i + 1
		if j := strings.IndexByte("\"\\\b\f\n\r\t", c); j >= 0 {
			dst = append(dst, '\\', `"\bfnrt`[j])
		} else {
			dst = append(dst, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
		}
	}
	return append(append(dst, s[clean:]...), '"')
}
