package check

import (
	"strings"

	"github.com/millrace/millrace/compat/logical/token"
)

// primary reads an operand. depth is that of the expression around it.
func (p *parser) primary(depth int) (node, error) {
	if err := p.enter(depth); err != nil {
		return nil, err
	}
	from, t := p.here(), p.Peek()
	switch {
	case t.Is("("):
		return p.paren(depth)
	case t.Is("CASE"):
		return p.caseOf(depth)
	case t.Is("TIMESTAMP"), t.Is("INTERVAL") && p.PeekAt(1).Kind == token.String:
		return p.temporal()
	case t.Kind == token.Keyword && forms[t.Value] != nil:
		p.Next()
		n := &call{name: t.Value, written: t.Text, keyword: true}
		if err := forms[t.Value](p, n, depth+depthOfForm); err != nil {
			return nil, err
		}
		n.span = p.since(from)
		return n, nil
	}
	if kind, ok := literals(t, p.PeekAt(1)); ok {
		minus := p.Accept("-")
		t = p.Next()
		return &literal{span: p.since(from), kind: kind, token: t, minus: minus}, nil
	}
	written, name, err := p.name()
	if err != nil {
		return nil, p.Expected("an expression")
	}
	if p.Accept("(") {
		n := &call{name: strings.ToUpper(written), written: written}
		if !p.Peek().Is(")") {
			if n.args, err = p.arguments(depth + depthOfArgument); err != nil {
				return nil, err
			}
		}
		err = p.Require(")")
		n.span = p.since(from)
		return n, err
	}
	n := &column{name: name}
	n.path, err = p.path(depth)
	n.span = p.since(from)
	return n, err
}

// literals returns the kind of the literal that a token is or, being a minus, begins.
func literals(t, next token.Token) (literalKind, bool) {
	number := t
	if t.Is("-") {
		number = next
	}
	switch number.Kind {
	case token.Int:
		return intLiteral, true
	case token.Decimal:
		return decimalLiteral, true
	case token.Double:
		return doubleLiteral, true
	}
	switch {
	case t.Kind == token.String:
		return stringLiteral, true
	case t.Kind == token.Bytes:
		return bytesLiteral, true
	case t.Is("TRUE"), t.Is("FALSE"):
		return boolLiteral, true
	case t.Is("NULL"):
		return nullLiteral, true
	}
	return 0, false
}

// temporal reads TIMESTAMP '…' or INTERVAL '…' unit.
func (p *parser) temporal() (node, error) {
	from := p.here()
	n := &literal{kind: intervalLiteral}
	if p.Next().Value == "TIMESTAMP" {
		n.kind = timestampLiteral
	}
	var err error
	if n.token, err = p.take(token.String, "a string"); err != nil {
		return nil, err
	}
	if n.kind == intervalLiteral {
		if n.unit, _, err = p.name(); err != nil {
			return nil, err
		}
	}
	n.span = p.since(from)
	return n, nil
}

func (p *parser) paren(depth int) (node, error) {
	from := p.here()
	p.Next()
	arg, err := p.expression(depth + depthOfParen)
	if err != nil {
		return nil, err
	}
	if err := p.Require(")"); err != nil {
		return nil, err
	}
	n := &paren{arg: arg}
	n.path, err = p.path(depth)
	n.span = p.since(from)
	return n, err
}

// path reads the steps .field and [index] behind an operand.
func (p *parser) path(depth int) (path []step, err error) {
	for {
		from, s := p.here(), step{}
		switch {
		case p.Accept("."):
			if _, s.field, err = p.name(); err != nil {
				return nil, err
			}
		case p.Accept("["):
			if s.index, err = p.expression(depth + depthOfIndex); err != nil {
				return nil, err
			}
			if err := p.Require("]"); err != nil {
				return nil, err
			}
		default:
			return path, nil
		}
		s.span = p.since(from)
		path = append(path, s)
	}
}

func (p *parser) arguments(depth int) (args []node, err error) {
	for {
		arg, err := p.expression(depth)
		if err != nil {
			return nil, err
		}
		if args = append(args, arg); !p.Accept(",") {
			return args, nil
		}
	}
}

func (p *parser) caseOf(depth int) (node, error) {
	from := p.here()
	p.Next()
	n := &caseOf{}
	var err error
	if !p.Peek().Is("WHEN") {
		if n.arg, err = p.expression(depth + depthOfCase); err != nil {
			return nil, err
		}
	}
	for first := true; first || p.Peek().Is("WHEN"); first = false {
		at, w := p.here(), when{}
		if err := p.Require("WHEN"); err != nil {
			return nil, err
		}
		if w.cond, err = p.expression(depth + depthOfWhen); err != nil {
			return nil, err
		}
		if err := p.Require("THEN"); err != nil {
			return nil, err
		}
		if w.then, err = p.expression(depth + depthOfWhen); err != nil {
			return nil, err
		}
		w.span = p.since(at)
		n.whens = append(n.whens, w)
	}
	if p.Accept("ELSE") {
		if n.other, err = p.expression(depth + depthOfCase); err != nil {
			return nil, err
		}
	}
	err = p.Require("END")
	n.span = p.since(from)
	return n, err
}
