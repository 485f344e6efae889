package ddl

import (
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

// maxDepth is how many types may stand in each other in a type. Confluent's parser takes a few thousand before its stack is full.
const maxDepth = logical.MaxDepth + 1

// primitives are the types that a keyword begins, with how many numbers may follow it in parentheses.
var primitives = map[string]struct {
	kind   logical.Kind
	params int
}{
	"BOOLEAN": {logical.Boolean, 0}, "TINYINT": {logical.TinyInt, 0}, "SMALLINT": {logical.SmallInt, 0}, "INT": {logical.Int, 0},
	"INTEGER": {logical.Int, 0}, "BIGINT": {logical.BigInt, 0}, "FLOAT": {logical.Float, 0}, "REAL": {logical.Float, 0},
	"DOUBLE": {logical.Double, 0}, "DECIMAL": {logical.Decimal, 2}, "DEC": {logical.Decimal, 2}, "NUMERIC": {logical.Decimal, 2},
	"CHARACTER": {logical.Char, 1}, "CHAR": {logical.Char, 1}, "VARCHAR": {logical.Varchar, 1}, "STRING": {logical.Varchar, 0},
	"BINARY": {logical.Binary, 1}, "VARBINARY": {logical.Varbinary, 1}, "BYTES": {logical.Varbinary, 0}, "DATE": {logical.Date, 0},
	"TIME": {logical.Time, 1}, "TIMESTAMP": {logical.Timestamp, 1}, "TIMESTAMP_LTZ": {logical.TimestampLTZ, 1},
}

// typeExpr reads a type with what follows it: nullability and the collections written behind their element.
func (p *parser) typeExpr() (*typeExpr, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.tooDeep()
	}
	defer func() { p.depth-- }()
	t, err := p.baseType()
	if err != nil {
		return nil, err
	}
	for {
		if p.Accept("NOT") {
			if err := p.Require("NULL"); err != nil {
				return nil, err
			}
			t.notNull = true
		} else {
			p.Accept("NULL")
		}
		if t.depth++; p.depth-1+t.depth > maxDepth {
			return nil, p.tooDeep()
		}
		switch {
		case p.Accept("ARRAY"):
			t = &typeExpr{kind: logical.Array, elem: t, offset: t.offset, depth: t.depth}
		case p.Accept("MULTISET"):
			t = &typeExpr{kind: logical.Multiset, elem: t, offset: t.offset, depth: t.depth}
		default:
			return t, nil
		}
	}
}

func (p *parser) tooDeep() error {
	return p.Errorf("types are nested more than %d deep", logical.MaxDepth)
}

// baseType reads a type without what follows it. Its depth is that of the types inside.
func (p *parser) baseType() (*typeExpr, error) {
	first := p.Peek()
	t := &typeExpr{offset: first.Offset}
	var err error
	inside := func() *typeExpr {
		if err != nil {
			return nil
		}
		var e *typeExpr
		if e, err = p.typeExpr(); err == nil {
			t.depth = max(t.depth, e.depth)
		}
		return e
	}
	switch {
	case first.Kind == token.Keyword && primitives[first.Value].kind != 0:
		return t, p.primitive(t)
	case first.Is("VARIANT") && !p.PeekAt(1).Is("."):
		p.Next()
		t.kind = logical.Variant
		return t, nil
	case p.Accept("STRUCT"), p.Accept("ROW"):
		t.kind = logical.Struct
		err = p.bracketed(func() error {
			f, err := p.field()
			if err == nil {
				t.fields, t.depth = append(t.fields, f), max(t.depth, f.typ.depth)
			}
			return err
		})
	case first.Is("ENUM") && p.PeekAt(1).Is("("):
		p.Next()
		p.Next()
		if t.kind = logical.Enum; !p.Accept(")") {
			t.values, err = p.symbols()
		}
	case p.Accept("UNION"):
		t.kind = logical.Union
		err = p.bracketed(func() error {
			b, err := p.branch()
			if err == nil {
				t.branches, t.depth = append(t.branches, b), max(t.depth, b.typ.depth)
			}
			return err
		})
	case first.Is("MAP") && p.PeekAt(1).Is("<"):
		p.Next()
		p.Next()
		t.kind, t.key = logical.Map, inside()
		if err == nil {
			err = p.Require(",")
		}
		t.elem = inside()
		if err == nil {
			err = p.Require(">")
		}
	case p.Accept("ARRAY"), p.Accept("MULTISET"):
		if t.kind = logical.Array; first.Is("MULTISET") {
			t.kind = logical.Multiset
		}
		err = p.Require("<")
		t.elem = inside()
		if err == nil {
			err = p.Require(">")
		}
	default:
		if _, ok := first.Name(); !ok {
			return nil, p.Expected("a type")
		}
		t.kind = logical.Named
		t.name, err = p.qualifiedName()
	}
	return t, err
}

// bracketed reads a list in angle brackets or in parentheses, where it may be empty.
func (p *parser) bracketed(item func() error) error {
	switch {
	case p.Accept("<"):
		return p.list(">", item)
	case p.Accept("("):
		if p.Accept(")") {
			return nil
		}
		return p.list(")", item)
	}
	return p.Expected("( or <")
}

// primitive reads a type that is a keyword with its parameters.
func (p *parser) primitive(t *typeExpr) error {
	word := p.Next().Value
	rule := primitives[word]
	t.kind = rule.kind
	switch word {
	case "STRING", "BYTES":
		t.unbound = true
	case "DOUBLE":
		p.Accept("PRECISION")
	case "CHARACTER":
		if p.Accept("VARYING") {
			t.kind = logical.Varchar
		}
	case "BINARY":
		if p.Accept("VARYING") {
			t.kind = logical.Varbinary
		}
	}
	if rule.params > 0 && p.Accept("(") {
		for {
			n, err := p.signedInt()
			if err != nil {
				return err
			}
			t.params = append(t.params, *n)
			if len(t.params) == rule.params || !p.Accept(",") {
				break
			}
		}
		if err := p.Require(")"); err != nil {
			return err
		}
	}
	if word != "TIMESTAMP" {
		return nil
	}
	switch {
	case p.Accept("WITHOUT"):
		return p.timeZone()
	case p.AcceptAll("WITH", "LOCAL"): // another WITH is the field's properties
		t.kind = logical.TimestampLTZ
		return p.timeZone()
	}
	return nil
}

func (p *parser) timeZone() error {
	if err := p.Require("TIME"); err != nil {
		return err
	}
	return p.Require("ZONE")
}

func (p *parser) signedInt() (*literal, error) {
	l := &literal{kind: intLiteral, offset: p.Peek().Offset}
	if p.Accept("-") {
		l.text = "-"
	}
	t, err := p.Take(token.Int, "an integer")
	l.text += t.Text
	return l, err
}

// literal reads a value. TIMESTAMP '…' and INTERVAL '…' unit are strings.
func (p *parser) literal() (*literal, error) {
	l := &literal{offset: p.Peek().Offset}
	if p.Accept("-") {
		l.text = "-"
	}
	t := p.Peek()
	switch {
	case t.Kind == token.Int:
		l.kind = intLiteral
	case t.Kind == token.Decimal:
		l.kind = decimalLiteral
	case t.Kind == token.Double:
		l.kind = doubleLiteral
	case l.text != "":
		return nil, p.Expected("a number")
	case t.Kind == token.String:
		l.kind, l.value = stringLiteral, t.Value
	case t.Kind == token.Bytes:
		l.kind, l.value = bytesLiteral, t.Value
	case t.Is("NULL"):
		l.kind = nullLiteral
	case t.Is("TRUE"), t.Is("FALSE"):
		l.kind = boolLiteral
	case t.Is("TIMESTAMP"), t.Is("INTERVAL"):
		return l, p.typedString(l)
	default:
		return nil, p.Expected("a value")
	}
	l.text += p.Next().Text
	return l, nil
}

func (p *parser) typedString(l *literal) error {
	word := p.Next()
	s, err := p.Take(token.String, "a string")
	if err != nil {
		return err
	}
	l.kind, l.value, l.text = stringLiteral, s.Value, word.Text+s.Text
	if word.Is("INTERVAL") {
		unit := p.Peek().Text
		_, err = p.identifier("a unit")
		l.text += unit
	}
	return err
}
