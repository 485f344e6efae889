package ddl

import (
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
)

// check is a CHECK constraint as it is written.
type check struct {
	name string // "": none
	doc  string // of MESSAGE
	sql  string // the expression as it is written
}

func (p *parser) check() (c check, err error) {
	if p.Accept("CONSTRAINT") {
		n, err := p.identifier("the constraint's name")
		if err != nil {
			return c, err
		}
		c.name = n.text
	}
	if err := p.Require("CHECK"); err != nil {
		return c, err
	}
	if err := p.Require("("); err != nil {
		return c, err
	}
	start := p.Peek().Offset
	if err := p.expression(); err != nil {
		return c, err
	}
	c.sql = p.Text()[start:p.Last().End()]
	if err := p.Require(")"); err != nil {
		return c, err
	}
	if p.Accept("MESSAGE") {
		c.doc, err = p.StringLiteral()
	}
	return c, err
}

// expression goes behind an expression.
func (p *parser) expression() error {
	if p.Peek().Is(")") {
		return p.Expected("an expression")
	}
	for open := 0; ; p.Next() {
		switch t := p.Peek(); {
		case t.Is("("):
			open++
		case t.Is(")"):
			if open == 0 {
				return nil
			}
			open--
		case t.Kind == token.EOF:
			return p.Expected(")")
		}
	}
}

// tableRules returns the rules of a declaration for all its fields.
func (b *builder) tableRules(checks []check, _ []logical.Field) ([]logical.Rule, error) {
	return b.rules(checks)
}

// columnRules returns the rules of a field for itself.
func (b *builder) columnRules(checks []check, _ *logical.Field) ([]logical.Rule, error) {
	return b.rules(checks)
}

func (b *builder) rules(checks []check) ([]logical.Rule, error) {
	var rules []logical.Rule
	for _, c := range checks {
		rules = append(rules, logical.Rule{Name: c.name, Doc: c.doc, SQL: c.sql})
	}
	return rules, nil
}
