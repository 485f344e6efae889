package jsonschema

import (
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/millrace/millrace/compat/schema"
)

// appendValue writes v without white space, members in their order or sorted by name.
func appendValue(dst []byte, v *value, sorted bool) []byte {
	switch v.kind {
	case jsonNull:
		return append(dst, "null"...)
	case jsonBool:
		return append(dst, v.text...)
	case jsonNumber:
		return appendNumber(dst, v.text)
	case jsonString:
		return schema.AppendString(dst, v.text)
	case jsonArray:
		dst = append(dst, '[')
		for i, e := range v.elems {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, e, sorted)
		}
		return append(dst, ']')
	}
	members := v.members
	if sorted {
		members = slices.Clone(members)
		slices.SortFunc(members, func(a, b member) int { return compareUTF16(a.name, b.name) })
	}
	dst = append(dst, '{')
	for i, m := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(schema.AppendString(dst, m.name), ':')
		dst = appendValue(dst, m.value, sorted)
	}
	return append(dst, '}')
}

// appendNumber writes integers as they are and all other numbers as Java's BigDecimal without trailing zeros.
func appendNumber(dst []byte, text string) []byte {
	if !strings.ContainsAny(text, ".eE") {
		if text == "-0" {
			text = "0"
		}
		return append(dst, text...)
	}
	d, _ := parseDecimal(text)
	return d.append(dst)
}

// compareUTF16 orders strings as Java does.
func compareUTF16(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i] != b[i] {
			if a[i] < 0x80 && b[i] < 0x80 {
				return int(a[i]) - int(b[i])
			}
			return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		}
	}
	return len(a) - len(b)
}
