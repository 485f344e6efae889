package plain

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/record/javatext"
)

const connectData = "org.apache.kafka.connect.data."

// text is what toString gives of values of one schema.
type text struct {
	s     *record.Schema
	scale int32 // a Decimal's
	// inner is a struct's fields, an array's elements or a map's key and value.
	inner []*text
}

// compileText refuses what has no meaningful text: bytes, and the types that are java.util.Date, whose toString depends on
// the worker's time zone.
func compileText(s *record.Schema) (*text, error) { return textOf(s, "") }

func textOf(s *record.Schema, path string) (*text, error) {
	t := &text{s: s}
	add := func(s *record.Schema, path string) error {
		e, err := textOf(s, path)
		t.inner = append(t.inner, e)
		return err
	}
	switch {
	case s.Name == connectData+"Decimal" && s.Kind == record.Bytes:
		scale, _ := s.Param("scale")
		n, err := strconv.ParseInt(scale, 10, 32)
		if err != nil {
			return nil, &convert.SchemaError{Path: path, Msg: "a Decimal whose parameter scale is not a whole number"}
		}
		t.scale = int32(n)
	case s.Kind == record.Bytes, s.Name == connectData+"Date", s.Name == connectData+"Time", s.Name == connectData+"Timestamp":
		return nil, &convert.SchemaError{Path: path, Msg: fmt.Sprintf("StringConverter has no text for values of type %v %s", s.Kind, s.Name)}
	case s.Kind == record.Array:
		return t, add(s.Elem, path+"[]")
	case s.Kind == record.Map:
		if err := add(s.Key, path+"[key]"); err != nil {
			return nil, err
		}
		return t, add(s.Elem, path+"[]")
	case s.Kind == record.Struct:
		for i := range s.Fields {
			f := &s.Fields[i]
			if err := add(f.Schema, strings.TrimPrefix(path+"."+f.Name, ".")); err != nil && (f.Const == nil || f.Const.V != nil) {
				return nil, err
			}
		}
	case s.Kind < record.Boolean || s.Kind > record.Struct:
		return nil, &convert.SchemaError{Path: path, Msg: "a schema without a type"}
	}
	return t, nil
}

// Append appends the text of cell c. The error is a *convert.ValueError.
func (t *text) Append(dst []byte, b *record.Batch, c uint32) ([]byte, error) {
	if b.Cell(c).State == record.Null {
		return dst, &convert.ValueError{Msg: noNull}
	}
	return t.append(dst, b, b.Cell(c))
}

func (t *text) append(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	if c.State == record.Null {
		return append(dst, "null"...), nil
	}
	switch t.s.Kind {
	case record.Boolean:
		return strconv.AppendBool(dst, c.Bits != 0), nil
	case record.Float32:
		return javatext.AppendFloat(dst, c.Float(), 32), nil
	case record.Float64:
		return javatext.AppendFloat(dst, c.Float(), 64), nil
	case record.String:
		return append(dst, b.Text(c)...), nil
	case record.Bytes:
		dst, err := javatext.AppendDecimal(dst, b.Text(c), t.scale)
		if err != nil {
			return dst, &convert.ValueError{Msg: err.Error()}
		}
		return dst, nil
	case record.Array, record.Map:
		return t.many(dst, b, c)
	case record.Struct:
		return t.structure(dst, b, c)
	default:
		return strconv.AppendInt(dst, int64(c.Bits), 10), nil
	}
}

func (t *text) many(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	open, end, n := byte('['), byte(']'), int(c.N)
	if t.s.Kind == record.Map {
		open, end, n = '{', '}', 2*n
	}
	dst = append(dst, open)
	var err error
	for i, v := range b.Run(uint32(c.Bits), n) {
		switch inner := t.inner[i%len(t.inner)]; {
		case i > 0 && i%len(t.inner) == 0:
			dst, err = inner.append(append(dst, ", "...), b, v)
		case i > 0:
			dst, err = inner.append(append(dst, '='), b, v)
		default:
			dst, err = inner.append(dst, b, v)
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, end), nil
}

func (t *text) structure(dst []byte, b *record.Batch, c record.Cell) ([]byte, error) {
	dst = append(dst, "Struct{"...)
	first := true
	for i, v := range b.Run(uint32(c.Bits), int(c.N)) {
		f := &t.s.Fields[i]
		if f.Const == nil && v.State == record.Null || f.Const != nil && f.Const.V == nil {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(dst, f.Name...), '=')
		var err error
		if f.Const != nil {
			dst, err = t.inner[i].literal(dst, f.Const.V)
		} else {
			dst, err = t.inner[i].append(dst, b, v)
		}
		if err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// literal appends a constant. Constants of schemas are scalars.
func (t *text) literal(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		if t.s.Kind == record.Float32 {
			return javatext.AppendFloat(dst, v, 32), nil
		}
		return javatext.AppendFloat(dst, v, 64), nil
	case string:
		return append(dst, v...), nil
	case []byte:
		return javatext.AppendDecimal(dst, v, t.scale)
	}
	return dst, &convert.ValueError{Msg: fmt.Sprintf("a constant of type %T", v)}
}
