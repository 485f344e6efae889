package converttest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/millrace/millrace/connect/record"
)

// Random returns a struct schema of random fields, nested a few levels, and n rows of it. Names are Avro's, strings are
// UTF-8, floats are finite and maps have at most one entry, so that decoders which lose their order can be compared with.
// Scalars have defaults and constants at times.
func Random(r *rand.Rand, n int) (*record.Schema, [][]record.Literal) {
	g := &generator{r: r}
	s := g.record(3)
	s.Optional = false
	rows := make([][]record.Literal, n)
	for i := range rows {
		rows[i] = g.fields(s)
	}
	return s, rows
}

type generator struct {
	r     *rand.Rand
	names int
}

func (g *generator) record(depth int) *record.Schema {
	g.names++
	s := &record.Schema{Kind: record.Struct, Optional: g.r.IntN(2) == 0, Name: fmt.Sprintf("test.ns%d.R%d", g.names%3, g.names), Version: g.r.IntN(3)}
	for i := range 1 + g.r.IntN(6) {
		f := record.Field{Name: fmt.Sprintf("f%d", i), Schema: g.schema(depth - 1)}
		if f.Schema.Kind <= record.Bytes && g.r.IntN(5) == 0 {
			f.Const = record.Lit(g.value(f.Schema))
		}
		s.Fields = append(s.Fields, f)
	}
	return s
}

func (g *generator) schema(depth int) *record.Schema {
	kinds := record.Struct
	if depth == 0 {
		kinds = record.Bytes
	}
	s := &record.Schema{Kind: record.Boolean + record.Kind(g.r.IntN(int(kinds))), Optional: g.r.IntN(2) == 0}
	switch s.Kind {
	case record.Struct:
		return g.record(depth)
	case record.Array:
		s.Elem = g.schema(depth - 1)
	case record.Map:
		s.Key, s.Elem = &record.Schema{Kind: record.String}, g.schema(depth-1)
		if g.r.IntN(3) == 0 {
			g.names++
			s.Key, s.Name = &record.Schema{Kind: record.Int32, Optional: g.r.IntN(2) == 0}, fmt.Sprintf("test.M%d", g.names)
		}
	default:
		if g.r.IntN(4) == 0 {
			d := *s
			d.Optional = false
			s.Default = record.Lit(g.value(&d))
		}
	}
	return s
}

func (g *generator) fields(s *record.Schema) []record.Literal {
	out := make([]record.Literal, len(s.Fields))
	for i, f := range s.Fields {
		out[i].V = g.value(f.Schema)
	}
	return out
}

func (g *generator) value(s *record.Schema) any {
	if s.Optional && g.r.IntN(3) == 0 {
		return nil
	}
	whole := func(bits int) int64 { return int64(g.r.Uint64()) >> (64 - 1 - g.r.IntN(bits)) }
	switch s.Kind {
	case record.Boolean:
		return g.r.IntN(2) == 0
	case record.Int8:
		return whole(8)
	case record.Int16:
		return whole(16)
	case record.Int32:
		return whole(32)
	case record.Int64:
		return whole(64)
	case record.Float32:
		if f := math.Float32frombits(g.r.Uint32()); f-f == 0 {
			return float64(f)
		}
		return 0.5
	case record.Float64:
		if f := math.Float64frombits(g.r.Uint64()); f-f == 0 {
			return f
		}
		return 0.5
	case record.String:
		return g.text()
	case record.Bytes:
		b := make([]byte, g.r.IntN(20))
		for i := range b {
			b[i] = byte(g.r.Uint32())
		}
		return b
	case record.Array:
		out := make([]record.Literal, g.r.IntN(4))
		for i := range out {
			out[i].V = g.value(s.Elem)
		}
		return out
	case record.Map:
		if g.r.IntN(3) == 0 {
			return []record.Literal{}
		}
		return List(g.value(s.Key), g.value(s.Elem))
	default:
		return g.fields(s)
	}
}

func (g *generator) text() string {
	alphabet := []rune("ab cß\"\\/\t\n\x00\x1f\x7fü€\u2028😀")
	out := make([]rune, g.r.IntN(100)>>g.r.IntN(7))
	for i := range out {
		out[i] = alphabet[g.r.IntN(len(alphabet))]
	}
	return string(out)
}

// Expected returns what a decoder sees of a row: constants in their place and, in fields, defaults in the place of nulls.
func Expected(s *record.Schema, row []record.Literal) []record.Literal {
	out := make([]record.Literal, len(row))
	for i, f := range s.Fields {
		v := row[i].V
		if f.Const != nil {
			v = f.Const.V
		}
		if v == nil && f.Schema.Default != nil {
			v = f.Schema.Default.V
		}
		out[i].V = expected(f.Schema, v)
	}
	return out
}

func expected(s *record.Schema, v any) any {
	l, ok := v.([]record.Literal)
	switch {
	case !ok:
		return v
	case s.Kind == record.Struct:
		return Expected(s, l)
	}
	out := make([]record.Literal, len(l))
	for i := range l {
		inner := s.Elem
		if s.Kind == record.Map && i%2 == 0 {
			inner = s.Key
		}
		out[i].V = expected(inner, l[i].V)
	}
	return out
}
