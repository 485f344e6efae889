package avro

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/record/javatext"
)

// literal writes a default as JSON: bytes as a string of one character each. field tells a field's default from the
// attribute connect.default; as a field's default, floats are written as doubles. It reports whether Avro has such a
// default for a field.
func (b *builder) literal(s *record.Schema, l *record.Literal, field bool, path string) bool {
	switch v := l.V.(type) {
	case nil:
		b.put("null")
		return true
	case bool:
		if s.Kind == record.Boolean {
			b.dst = strconv.AppendBool(b.dst, v)
			return true
		}
	case int64:
		if s.Kind >= record.Int8 && s.Kind <= record.Int64 {
			b.dst = strconv.AppendInt(b.dst, v, 10)
			return true
		}
	case float64:
		if s.Kind == record.Float32 || s.Kind == record.Float64 {
			return b.float(v, s.Kind == record.Float32 && !field)
		}
	case string:
		if s.Kind == record.String {
			b.quote(v)
			return true
		}
	case []byte:
		if s.Kind == record.Bytes {
			var latin strings.Builder
			for _, c := range v {
				latin.WriteRune(rune(c))
			}
			b.quote(latin.String())
			return true
		}
	case []record.Literal:
		switch {
		case s.Kind == record.Array:
			return b.list(len(v), func(i int) bool { return b.literal(s.Elem, &v[i], field, path+"[]") })
		case s.Kind == record.Map && len(v)%2 == 0:
			return b.entries(s, v, field, path)
		case s.Kind == record.Struct && len(v) == len(s.Fields):
			b.put("{")
			valid := true
			for i := range v {
				if i > 0 {
					b.put(",")
				}
				b.quote(b.o.fieldName(s.Fields[i].Name))
				b.put(":")
				valid = b.literal(s.Fields[i].Schema, &v[i], field, join(path, s.Fields[i].Name)) && valid
			}
			b.put("}")
			return valid
		}
	}
	b.fail(path, "a default of type %T for schema %s", l.V, s)
	return false
}

func (b *builder) float(f float64, single bool) bool {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		b.dst = append(javatext.AppendFloat(append(b.dst, '"'), f, 64), '"')
		return false
	}
	size := 64
	if single {
		size = 32
	}
	b.dst = javatext.AppendFloat(b.dst, f, size)
	return true
}

func (b *builder) list(n int, elem func(i int) bool) bool {
	b.put("[")
	valid := true
	for i := range n {
		if i > 0 {
			b.put(",")
		}
		valid = elem(i) && valid
	}
	b.put("]")
	return valid
}

// entries writes a map's default: an object, or pairs where keys are no strings, which is no default of a field.
func (b *builder) entries(s *record.Schema, v []record.Literal, field bool, path string) bool {
	if !b.o.stringKeys(s) {
		b.list(len(v)/2, func(i int) bool {
			b.put("[")
			b.literal(s.Key, &v[2*i], field, path+"[key]")
			b.put(",")
			b.literal(s.Elem, &v[2*i+1], field, path+"[]")
			b.put("]")
			return false
		})
		return len(v) == 0
	}
	b.put("{")
	valid := true
	for i := 0; i < len(v); i += 2 {
		if i > 0 {
			b.put(",")
		}
		key, _ := v[i].V.(string)
		b.quote(key)
		b.put(":")
		valid = b.literal(s.Elem, &v[i+1], field, path+"[]") && valid
	}
	b.put("}")
	return valid
}

// appendJSONString writes s as JSON, for a parser of our own: only what must be is escaped.
func appendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ':
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}

// jsonValue reads a default of a registered schema.
func jsonValue(text string) (any, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}
