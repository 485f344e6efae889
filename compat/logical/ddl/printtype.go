package ddl

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

func (p *printer) typ(t *logical.Type) {
	if p.left < 0 {
		return
	}
	switch t.Kind {
	case logical.Struct:
		p.put("STRUCT(")
		for i := range t.Fields {
			if i > 0 {
				p.put(", ")
			}
			p.field(&t.Fields[i])
		}
		p.put(")")
	case logical.Union:
		p.put("UNION(")
		for i, b := range t.Branches {
			if i > 0 {
				p.put(", ")
			}
			p.put(token.QuoteName(b.Name), " ")
			p.typ(b.Type)
			p.meta(b.Doc, nil, b.Params)
		}
		p.put(")")
	case logical.Array, logical.Multiset:
		p.put(t.Kind.String(), "<")
		p.typ(t.Elem)
		p.put(">")
	case logical.Map:
		p.put("MAP<")
		p.typ(t.Key)
		p.put(", ")
		p.typ(t.Elem)
		p.put(">")
	case logical.Enum:
		p.put("ENUM(")
		p.symbols(t)
		p.put(")")
	case logical.Named:
		p.put(qualified(p.display(t.Name)))
	default:
		p.put(primitiveText(t))
	}
	p.nullability(t)
}

func (p *printer) nullability(t *logical.Type) {
	if !t.Nullable {
		p.put(" NOT NULL")
	}
}

// primitiveText returns a type without parts, with its parameters.
func primitiveText(t *logical.Type) string {
	switch t.Kind {
	case logical.Varchar, logical.Varbinary:
		if t.Length == logical.Unbounded && t.Kind == logical.Varchar {
			return "STRING"
		} else if t.Length == logical.Unbounded {
			return "BYTES"
		}
		return fmt.Sprintf("%s(%d)", t.Kind, t.Length)
	case logical.Char, logical.Binary:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Length)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return fmt.Sprintf("%s(%d)", t.Kind, t.Precision)
	case logical.Decimal:
		if t.Scale == logical.Unstated {
			return fmt.Sprintf("DECIMAL(%d)", t.Precision)
		}
		return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision, t.Scale)
	}
	return t.Kind.String()
}

// value returns a default as it stands behind DEFAULT; "" for one that DDL cannot say: it is not of its type, as NaN of a DOUBLE
// and a text that is too long, or of a type that can have none but NULL.
func value(v logical.Value, t *logical.Type) string {
	if v == nil {
		return "NULL"
	}
	text := literalText(v, t)
	c, err := token.NewCursor(text)
	if err != nil {
		return ""
	}
	p := &parser{Cursor: c}
	l, err := p.literal()
	if err != nil || p.Peek().Kind != token.EOF {
		return ""
	}
	if _, err := (&builder{script: &Script{text: text}}).value(l, t); err != nil {
		return ""
	}
	return text
}

// literalText returns a value in the form of its type's literals.
func literalText(v logical.Value, t *logical.Type) string {
	switch t.Kind {
	case logical.Boolean:
		return strings.ToUpper(strconv.FormatBool(v == true))
	case logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt:
		return logical.JavaText(v)
	case logical.Float, logical.Double:
		s := logical.JavaText(v)
		if f, err := strconv.ParseFloat(s, t.Kind.FloatBits()); err == nil {
			return string(logical.FloatNumber(f, t.Kind))
		}
		return s
	case logical.Decimal:
		s := logical.JavaText(v)
		if d, ok := logical.ParseBigDecimal(s); ok {
			return d.String()
		}
		return s
	case logical.Binary, logical.Varbinary:
		b, ok := v.([]byte)
		if !ok {
			b = []byte(logical.JavaText(v))
		}
		return fmt.Sprintf("x'%X'", b)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return token.QuoteString(trimFraction(logical.JavaText(v), t.Precision))
	}
	return token.QuoteString(logical.JavaText(v))
}

// trimFraction takes zeros from the end of a time's fraction until it has no more digits than the precision, as a reader wants
// it.
func trimFraction(s string, precision int) string {
	body, zone := strings.TrimSuffix(s, "Z"), ""
	if body != s {
		zone = "Z"
	}
	for n := fractionDigits(body); n > precision && strings.HasSuffix(body, "0"); n-- {
		body = body[:len(body)-1]
	}
	return strings.TrimSuffix(body, ".") + zone
}
