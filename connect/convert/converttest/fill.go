package converttest

import (
	"fmt"

	"github.com/millrace/millrace/connect/record"
)

// List returns elements of an array, fields of a struct, or keys and values of a map by turns, for [Cell].
func List(v ...any) []record.Literal {
	out := make([]record.Literal, len(v))
	for i := range v {
		out[i] = record.Literal{V: v[i]}
	}
	return out
}

// Cell adds a value to b and returns its cell. v is as in [record.Literal]; fields that are constant are left out of the
// batch, and what stands for them in v is not looked at. It panics when v does not fit s.
func Cell(b *record.Batch, s *record.Schema, v any) uint32 {
	c := b.Cells(1)
	Set(b, c, s, v)
	return c
}

// Set is [Cell] for a cell that exists.
func Set(b *record.Batch, c uint32, s *record.Schema, v any) {
	switch v := v.(type) {
	case nil:
		b.SetNull(c)
	case bool:
		b.SetBool(c, v)
	case int64:
		b.SetInt(c, v)
	case int:
		b.SetInt(c, int64(v))
	case float64:
		b.SetFloat(c, v)
	case string:
		b.SetString(c, v)
	case []byte:
		b.SetBytes(c, v)
	case []record.Literal:
		first, n := b.Cells(len(v)), len(v)
		if s.Kind == record.Map {
			n /= 2
		}
		b.SetRun(c, first, n)
		for i := range v {
			inner := s.Elem
			switch {
			case s.Kind == record.Struct && s.Fields[i].Const != nil:
				continue
			case s.Kind == record.Struct:
				inner = s.Fields[i].Schema
			case s.Kind == record.Map && i%2 == 0:
				inner = s.Key
			}
			Set(b, first+uint32(i), inner, v[i].V)
		}
	default:
		panic(fmt.Sprintf("converttest: %T", v))
	}
}
