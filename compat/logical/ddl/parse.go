package ddl

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

// Parse reads the form of a script. A text that is no DDL, as one without any token, is a *schema.SyntaxError that says where and
// what was expected. Whether the script means anything is what Script.Schema says.
func Parse(text string) (*Script, error) {
	c, err := token.NewCursor(text)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return nil, c.Expected("a statement")
	}
	p := &parser{Cursor: c}
	s := &Script{text: text, start: c.Peek().Offset}
	if err := p.script(s); err != nil {
		return nil, err
	}
	return s, nil
}

// parser reads by recursive descent; each method is a rule of the grammar.
type parser struct {
	*token.Cursor
	depth int // of the types being read
}

func (p *parser) script(s *Script) error {
	if p.Peek().Is("NAMESPACE") {
		p.Next()
		n, err := p.qualifiedName()
		if err != nil {
			return err
		}
		if s.namespace = &n; p.Require(";") != nil {
			return p.Expected(";")
		}
	}
	for p.Peek().Is("USING") {
		u, err := p.using()
		if err != nil {
			return err
		}
		s.usings = append(s.usings, u)
		if err := p.Require(";"); err != nil {
			return err
		}
	}
	for p.declares() {
		d, err := p.decl()
		if err != nil {
			return err
		}
		s.decls = append(s.decls, d)
		if !p.Accept(";") {
			break
		}
	}
	if p.Peek().Is("TYPE") {
		s.rootStart = p.Next().Offset
		t, err := p.typeExpr()
		if err != nil {
			return err
		}
		s.root = t
		p.Accept(";")
	}
	if p.Peek().Kind == token.EOF {
		return nil
	}
	switch {
	case s.root != nil:
		return p.Expected("the end")
	case len(s.decls) > 0 && p.Last().Is(";"):
		return p.Expected("STRUCT, ENUM or TYPE")
	case len(s.decls) > 0:
		return p.Expected("; or TYPE")
	case s.namespace != nil || len(s.usings) > 0:
		return p.Expected("USING, STRUCT, ENUM or TYPE")
	}
	return p.Expected("NAMESPACE, USING, STRUCT, ENUM or TYPE")
}

func (p *parser) using() (u using, err error) {
	p.Next()
	if err := p.Require("TYPE"); err != nil {
		return u, err
	}
	if u.name, err = p.qualifiedName(); err != nil {
		return u, err
	}
	if err := p.Require("FOR"); err != nil {
		return u, err
	}
	switch {
	case p.Accept("TYPE"):
		target, err := p.qualifiedName()
		u.target = &target
		return u, err
	case p.Accept("REF"):
		u.uri, err = p.Take(token.String, "a string")
		return u, err
	}
	return u, p.Expected("TYPE or REF")
}

func (p *parser) declares() bool {
	t := p.Peek()
	return t.Is("STRUCT") || t.Is("ROW") || t.Is("ENUM")
}

func (p *parser) decl() (d decl, err error) {
	d.enum = p.Next().Is("ENUM")
	if d.name, err = p.qualifiedName(); err != nil {
		return d, err
	}
	if err := p.Require("("); err != nil {
		return d, err
	}
	p.depth++
	defer func() { p.depth-- }()
	switch {
	case p.Accept(")"):
	case d.enum:
		d.values, err = p.symbols()
	default:
		err = p.list(")", func() error {
			if t := p.Peek(); t.Is("CONSTRAINT") || t.Is("CHECK") {
				c, err := p.constraint()
				d.checks = append(d.checks, c)
				return err
			}
			f, err := p.field()
			d.fields = append(d.fields, f)
			return err
		})
	}
	if err != nil {
		return d, err
	}
	d.meta, err = p.meta(true)
	return d, err
}

// list reads one item or more, with commas between them, and the token that closes the list.
func (p *parser) list(end string, item func() error) error {
	for {
		if err := item(); err != nil {
			return err
		}
		if p.Accept(end) {
			return nil
		}
		if !p.Accept(",") {
			return p.Expected(", or " + end)
		}
	}
}

// symbols reads those of an ENUM, and the parenthesis that closes their list.
func (p *parser) symbols() (list []symbol, err error) {
	err = p.list(")", func() error {
		s, err := p.symbol()
		list = append(list, s)
		return err
	})
	return list, err
}

func (p *parser) symbol() (s symbol, err error) {
	t, err := p.Take(token.String, "a symbol in quotes")
	if err != nil {
		return s, err
	}
	s.name = name{t.Value, t.Offset}
	s.meta, err = p.meta(false)
	return s, err
}

func (p *parser) field() (f field, err error) {
	if f.name, err = p.identifier("a field's name"); err != nil {
		return f, err
	}
	if f.typ, err = p.typeExpr(); err != nil {
		return f, err
	}
	if p.Accept("DEFAULT") {
		if f.def, err = p.literal(); err != nil {
			return f, err
		}
	}
	for p.Peek().Is("CONSTRAINT") || p.Peek().Is("CHECK") {
		c, err := p.constraint()
		if err != nil {
			return f, err
		}
		f.checks = append(f.checks, c)
	}
	f.meta, err = p.meta(true)
	return f, err
}

func (p *parser) branch() (b branch, err error) {
	if b.name, err = p.identifier("a branch's name"); err != nil {
		return b, err
	}
	if b.typ, err = p.typeExpr(); err != nil {
		return b, err
	}
	b.meta, err = p.meta(false)
	return b, err
}

// meta reads what may follow a field, a branch, a symbol or a declaration.
func (p *parser) meta(tags bool) (m meta, err error) {
	if p.Accept("COMMENT") || p.Peek().Kind == token.String {
		if m.doc, err = p.StringLiteral(); err != nil {
			return m, err
		}
	}
	if tags && p.Accept("TAGS") {
		if err := p.Require("("); err != nil {
			return m, err
		}
		err = p.list(")", func() error {
			s, err := p.StringLiteral()
			m.tags = append(m.tags, s)
			return err
		})
		if err != nil {
			return m, err
		}
	}
	if p.Accept("WITH") {
		if err := p.Require("("); err != nil {
			return m, err
		}
		m.params, err = p.params()
	}
	return m, err
}

// params reads properties. The last of those with the same key counts, at the place of the first.
func (p *parser) params() (params logical.Params, err error) {
	at := make(map[string]int)
	err = p.list(")", func() error {
		key, err := p.StringLiteral()
		if err != nil {
			return err
		}
		if err := p.Require("="); err != nil {
			return err
		}
		value, err := p.StringLiteral()
		if i, ok := at[key]; ok {
			params[i].Value = value
			return err
		}
		at[key] = len(params)
		params = append(params, logical.Param{Key: key, Value: value})
		return err
	})
	return params, err
}

func (p *parser) identifier(what string) (name, error) {
	t := p.Peek()
	text, ok := t.Name()
	if !ok {
		return name{}, p.Expected(what)
	}
	p.Next()
	return name{text, t.Offset}, nil
}

func (p *parser) qualifiedName() (name, error) {
	n, err := p.identifier("a name")
	if err != nil {
		return n, err
	}
	parts := []string{n.text}
	for p.Accept(".") {
		part, err := p.identifier("a name")
		if err != nil {
			return n, err
		}
		if parts = append(parts, part.text); len(parts) > logical.MaxParts {
			return n, token.Errorf(p.Text(), n.offset, "the name has more than %d parts", logical.MaxParts)
		}
	}
	n.text = strings.Join(parts, ".")
	return n, nil
}
