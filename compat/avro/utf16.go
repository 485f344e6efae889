package avro

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// compareUTF16 orders strings as Java does, by UTF-16 code units.
func compareUTF16(a, b string) int {
	ascii := func(s string) bool {
		return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
	}
	if ascii(a) || ascii(b) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}
