package pgvalue

import (
	"regexp"
	"strings"

	"github.com/millrace/millrace/connect/record"
)

// Unchanged writes the placeholder that stands for an out-of-line value which an update left alone, and marks the cell.
// Arrays of text hold one element of it; where the type has no room for it the cell holds the type's zero.
func (c *Codec) Unchanged(b *record.Batch, cell uint32) {
	switch {
	case c.op == opHStore && !c.isMap:
		buf := appendJSON(append(b.Buf(), '{'), c.placeholder, false)
		buf = appendJSON(append(buf, ':'), c.placeholder, false)
		b.SetAppended(cell, append(buf, '}'))
	case c.op == opHStore:
		entry := b.Cells(2)
		b.SetRun(cell, entry, 1)
		b.SetBytes(entry, c.placeholder)
		b.CopyCell(entry+1, entry)
	case c.op == opBytea:
		c.setBinary(b, cell, c.placeholder)
	case c.op == opArray:
		first := b.Cells(1)
		b.SetRun(cell, first, 1)
		c.elem.Unchanged(b, first)
	case c.Schema.Kind == record.String, c.Schema.Kind == record.Bytes && c.Schema.Name == "":
		b.SetBytes(cell, c.placeholder)
	default:
		setLiteral(b, cell, zero(c.Schema))
	}
	b.SetUnchanged(cell)
}

// Missing writes what stands in `before` for a column that the replica identity leaves out: null, the column's default, or
// the zero of a type that may not be null.
func (c *Codec) Missing(b *record.Batch, cell uint32) {
	if c.missing == nil {
		b.SetNull(cell)
		return
	}
	setLiteral(b, cell, c.missing)
}

// quotedLiteral finds the text that Debezium takes for a default: up to the next quote, doubled or not.
var quotedLiteral = regexp.MustCompile(`'(.*?)'`)

// plainLiteral is a number or boolean, perhaps in parentheses or cast.
var plainLiteral = regexp.MustCompile(`^\(*(-?[0-9][0-9.]*(?:[eE][-+]?[0-9]+)?|true|false)\)*(?:::[a-z ()0-9,]+)?\)*$`)

// setDefault gives the schema the column's default, as far as it is a constant. A column that may not be null and whose
// default is computed gets its type's zero, as Debezium gives it.
func (c *Codec) setDefault(col Column) {
	if col.HasDefault && !col.Generated {
		if text, ok := constant(col.Default); ok {
			c.Schema.Default = c.literal(text)
		}
		if c.Schema.Default == nil && col.NotNull {
			c.Schema.Default = zero(c.Schema)
		}
	}
	if c.missing = c.Schema.Default; c.missing == nil && col.NotNull {
		c.missing = zero(c.Schema)
	}
}

func constant(expr string) (string, bool) {
	if strings.HasPrefix(strings.ToUpper(expr), "NULL") || strings.HasPrefix(expr, "nextval(") {
		return "", false
	}
	if m := plainLiteral.FindStringSubmatch(expr); m != nil {
		return m[1], true
	}
	if i := strings.IndexByte(expr, '('); i > 0 && i < strings.IndexByte(expr, '\'') {
		return "", false // a function of a literal
	}
	if m := quotedLiteral.FindStringSubmatch(expr); m != nil {
		return m[1], true
	}
	return "", false
}

// literal decodes text as a value of the type; nil when it is none.
func (c *Codec) literal(text string) *record.Literal {
	if c.op == opBool || c.op == opBit1 {
		switch text {
		case "true", "t", "1":
			return record.Lit(true)
		case "false", "f", "0":
			return record.Lit(false)
		}
		return nil
	}
	if c.op == opNumeric { // the text of a default may have fewer or more fraction digits than the type
		whole, frac, _ := strings.Cut(text, ".")
		if frac = strings.TrimRight(frac, "0"); len(frac) > c.scale {
			return nil
		}
		if text = whole; frac != "" {
			text += "." + frac
		}
	}
	if c.op == opNumericString && c.scale == 0 && strings.ContainsAny(text, "eE") {
		return nil
	}
	var b record.Batch
	cell := b.Cells(1)
	if err := c.Text(&b, cell, []byte(text)); err != nil {
		return nil
	}
	l := read(&b, c.Schema, cell)
	return &l
}

// read returns a cell's value as a literal.
func read(b *record.Batch, s *record.Schema, cell uint32) record.Literal {
	v := b.Cell(cell)
	if v.State == record.Null {
		return record.Literal{}
	}
	many := func(n int, schema func(i int) *record.Schema) record.Literal {
		out := make([]record.Literal, n)
		for i := range out {
			out[i] = read(b, schema(i), uint32(v.Bits)+uint32(i))
		}
		return record.Literal{V: out}
	}
	switch s.Kind {
	case record.Boolean:
		return record.Literal{V: v.Bits != 0}
	case record.Float32, record.Float64:
		return record.Literal{V: v.Float()}
	case record.String:
		return record.Literal{V: string(b.Text(v))}
	case record.Bytes:
		return record.Literal{V: append([]byte{}, b.Text(v)...)}
	case record.Array:
		return many(int(v.N), func(int) *record.Schema { return s.Elem })
	case record.Struct:
		return many(int(v.N), func(i int) *record.Schema { return s.Fields[i].Schema })
	case record.Map:
		return record.Literal{V: []record.Literal{}}
	default:
		return record.Literal{V: int64(v.Bits)}
	}
}

// zero is the value of a type that stands where null may not.
func zero(s *record.Schema) *record.Literal {
	switch s.Kind {
	case record.Boolean:
		return record.Lit(false)
	case record.Float32, record.Float64:
		return record.Lit(0.0)
	case record.String:
		switch s.Name {
		case dbzTime + "ZonedTimestamp":
			return record.Lit("1970-01-01T00:00:00.000000Z")
		case dbzTime + "ZonedTime":
			return record.Lit("00:00:00Z")
		}
		return record.Lit("")
	case record.Bytes:
		if s.Name == decimalName {
			return record.Lit([]byte{0})
		}
		return record.Lit([]byte{})
	case record.Array, record.Map:
		return record.Lit([]record.Literal{})
	case record.Struct:
		fields := make([]record.Literal, len(s.Fields))
		for i, f := range s.Fields {
			if !f.Schema.Optional {
				fields[i] = *zero(f.Schema)
			}
		}
		return record.Lit(fields)
	default:
		return record.Lit(int64(0))
	}
}

func setLiteral(b *record.Batch, cell uint32, l *record.Literal) {
	switch v := l.V.(type) {
	case nil:
		b.SetNull(cell)
	case bool:
		b.SetBool(cell, v)
	case int64:
		b.SetInt(cell, v)
	case float64:
		b.SetFloat(cell, v)
	case string:
		b.SetString(cell, v)
	case []byte:
		b.SetBytes(cell, v)
	case []record.Literal:
		first := b.Cells(len(v))
		b.SetRun(cell, first, len(v))
		for i := range v {
			setLiteral(b, first+uint32(i), &v[i])
		}
	}
}
