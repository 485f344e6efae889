package avro

import (
	"encoding/json"
	"fmt"
	"math"

	compat "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// constant encodes a field that is the same in every row.
func (c *compiler) constant(dst []byte, s *record.Schema, t *compat.Type, l *record.Literal, path string) ([]byte, error) {
	if l.V == nil && hasDefault(s) && !c.o.KeepNulls {
		l = s.Default
	}
	return c.literal(dst, s, t, l, path)
}

// literal encodes a default or a constant of s as a value of t.
func (c *compiler) literal(dst []byte, s *record.Schema, t *compat.Type, l *record.Literal, path string) ([]byte, error) {
	inner := t
	if t.Kind == compat.Union {
		value, null := branchOf(s, t, c.o)
		branch := value
		if l.V == nil {
			branch = null
		}
		if branch < 0 || l.V == nil && !s.Optional {
			return nil, &convert.SchemaError{Path: path, Msg: noNull}
		}
		dst = appendInt(dst, int64(branch))
		if l.V == nil {
			return dst, nil
		}
		inner = t.Branches[value]
	}
	o, fits := opOf(s, inner, c.o)
	if !fits {
		return nil, mismatch(s, inner, path)
	}
	switch v := l.V.(type) {
	case nil:
		return nil, &convert.SchemaError{Path: path, Msg: noNull}
	case bool:
		if o == opBool {
			return append(dst, b2i(v)), nil
		}
	case int64:
		if o == opInt {
			return appendInt(dst, v), nil
		}
	case float64:
		switch o {
		case opFloat:
			return appendFloat(dst, v), nil
		case opDouble:
			return appendDouble(dst, v), nil
		}
	case string:
		if o == opString {
			return appendBytes(dst, []byte(v)), nil
		}
	case []byte:
		if o == opBytes {
			return appendBytes(dst, v), nil
		}
	case []record.Literal:
		switch {
		case o == opArray:
			return c.run(dst, len(v), func(dst []byte, i int) ([]byte, error) {
				return c.literal(dst, s.Elem, inner.Elem, &v[i], path+"[]")
			})
		case o == opMap && len(v)%2 == 0:
			return c.entries(dst, s, inner, v, path)
		case o == opStruct && len(v) == len(s.Fields):
			return c.fields(dst, s, inner, v, path)
		}
	}
	return nil, &convert.SchemaError{Path: path, Msg: fmt.Sprintf("a default or constant of type %T for schema %s", l.V, s)}
}

// run encodes n elements as one block and its end.
func (c *compiler) run(dst []byte, n int, elem func(dst []byte, i int) ([]byte, error)) ([]byte, error) {
	if n > 0 {
		dst = appendInt(dst, int64(n))
	}
	for i := range n {
		var err error
		if dst, err = elem(dst, i); err != nil {
			return nil, err
		}
	}
	return append(dst, 0), nil
}

func (c *compiler) entries(dst []byte, s *record.Schema, t *compat.Type, v []record.Literal, path string) ([]byte, error) {
	key, elem := &compat.Type{Kind: compat.String}, t.Elem
	keySchema := &record.Schema{Kind: record.String}
	if t.Kind == compat.Array {
		key, elem, keySchema = t.Elem.Fields[0].Type, t.Elem.Fields[1].Type, s.Key
	}
	return c.run(dst, len(v)/2, func(dst []byte, i int) ([]byte, error) {
		dst, err := c.literal(dst, keySchema, key, &v[2*i], path+"[key]")
		if err != nil {
			return nil, err
		}
		return c.literal(dst, s.Elem, elem, &v[2*i+1], path+"[]")
	})
}

func (c *compiler) fields(dst []byte, s *record.Schema, t *compat.Type, v []record.Literal, path string) ([]byte, error) {
	for _, f := range t.Fields {
		found := false
		for i := range s.Fields {
			if c.o.fieldName(s.Fields[i].Name) != f.Name {
				continue
			}
			found = true
			var err error
			if dst, err = c.constant(dst, s.Fields[i].Schema, f.Type, &v[i], join(path, f.Name)); err != nil {
				return nil, err
			}
		}
		if !found {
			return nil, &convert.SchemaError{Path: join(path, f.Name), Msg: "the registered schema has this field, and the default or constant has not"}
		}
	}
	return dst, nil
}

// appendDefault encodes the default of a field that only the registered schema has.
func appendDefault(dst []byte, t *compat.Type, text, path string) ([]byte, error) {
	v, err := jsonValue(text)
	if err == nil {
		var ok bool
		if dst, ok = appendJSON(dst, t, v, maxDefaultDepth); ok {
			return dst, nil
		}
	}
	return nil, &convert.SchemaError{Path: path, Msg: "the registered schema's default of this field cannot be written"}
}

// maxDefaultDepth bounds defaults, since a type may hold itself and have a default that does.
const maxDefaultDepth = 64

// appendJSON encodes a default of Avro's JSON form. Of a union, the first branch that fits is taken.
func appendJSON(dst []byte, t *compat.Type, v any, depth int) ([]byte, bool) {
	if depth--; depth < 0 {
		return nil, false
	}
	switch t.Kind {
	case compat.Union:
		for i, b := range t.Branches {
			if out, ok := appendJSON(appendInt(dst, int64(i)), b, v, depth); ok {
				return out, true
			}
		}
		return nil, false
	case compat.Null:
		return dst, v == nil
	case compat.Boolean:
		b, ok := v.(bool)
		return append(dst, b2i(b)), ok
	case compat.Int, compat.Long:
		n, ok := v.(json.Number)
		i, err := n.Int64()
		return appendInt(dst, i), ok && err == nil && (t.Kind == compat.Long || i == int64(int32(i)))
	case compat.Float, compat.Double:
		n, ok := v.(json.Number)
		f, err := n.Float64()
		if t.Kind == compat.Float {
			return appendFloat(dst, f), ok && err == nil && math.Abs(f) <= math.MaxFloat32
		}
		return appendDouble(dst, f), ok && err == nil
	case compat.String:
		s, ok := v.(string)
		return appendBytes(dst, []byte(s)), ok
	case compat.Bytes, compat.Fixed:
		return appendLatin(dst, t, v)
	case compat.Enum:
		for i, symbol := range t.Symbols {
			if v == symbol {
				return appendInt(dst, int64(i)), true
			}
		}
		return nil, false
	case compat.Array:
		elems, ok := v.([]any)
		return appendRun(dst, len(elems), ok, func(dst []byte, i int) ([]byte, bool) { return appendJSON(dst, t.Elem, elems[i], depth) })
	default:
		members, ok := v.(map[string]any)
		if t.Kind == compat.Map {
			return append(dst, 0), ok && len(members) == 0 // entries have no order that two workers would share
		}
		for _, f := range t.Fields {
			m, given := members[f.Name]
			if !given && f.Default != nil {
				var err error
				m, err = jsonValue(f.Default.String())
				given = err == nil
			}
			if ok = ok && given; !ok {
				return nil, false
			}
			if dst, ok = appendJSON(dst, f.Type, m, depth); !ok {
				return nil, false
			}
		}
		return dst, ok
	}
}

func appendRun(dst []byte, n int, ok bool, elem func(dst []byte, i int) ([]byte, bool)) ([]byte, bool) {
	if n > 0 {
		dst = appendInt(dst, int64(n))
	}
	for i := 0; ok && i < n; i++ {
		dst, ok = elem(dst, i)
	}
	return append(dst, 0), ok
}

// appendLatin encodes bytes that are written as a string of one character each.
func appendLatin(dst []byte, t *compat.Type, v any) ([]byte, bool) {
	s, ok := v.(string)
	var raw []byte
	for _, r := range s {
		ok = ok && r < 0x100
		raw = append(raw, byte(r))
	}
	if t.Kind == compat.Fixed {
		return append(dst, raw...), ok && len(raw) == t.Size
	}
	return appendBytes(dst, raw), ok
}

func b2i(b bool) byte {
	if b {
		return 1
	}
	return 0
}
