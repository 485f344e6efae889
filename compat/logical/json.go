package logical

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// AppendJSON appends a value as JSON. Bytes become text, a character for each, as Avro has them; a number that JSON has no form
// for becomes text as well, and what is not UTF-8 U+FFFD.
func AppendJSON(dst []byte, v Value) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case string:
		return appendString(dst, v)
	case []byte:
		chars := make([]rune, len(v))
		for i, c := range v {
			chars[i] = rune(c)
		}
		return appendString(dst, string(chars))
	case Number:
		if json.Valid([]byte(v)) {
			return append(dst, v...)
		}
		return appendString(dst, string(v))
	case []Value:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(dst, e)
		}
		return append(dst, ']')
	case Object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = AppendJSON(append(appendString(dst, m.Name), ':'), m.Value)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

func appendString(dst []byte, s string) []byte {
	return schema.AppendString(dst, strings.ToValidUTF8(s, "\uFFFD"))
}

// Text returns a value as text: a string as it is, anything else as JSON.
func Text(v Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(AppendJSON(nil, v))
}

// Get returns the value of a member; false when there is none.
func (o Object) Get(name string) (Value, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// JavaText returns a value as Java's String.valueOf prints the like of it: lists as [a, b], objects as {a=1, b=2}.
func JavaText(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case string:
		return v
	case Number:
		return string(v)
	case bool:
		return strconv.FormatBool(v)
	case []byte:
		return string(v)
	case []Value:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = JavaText(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case Object:
		parts := make([]string, len(v))
		for i, m := range v {
			parts[i] = m.Name + "=" + JavaText(m.Value)
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(v)
}
