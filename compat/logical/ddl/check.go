package ddl

import (
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/check"
)

// constraint is a CHECK constraint as it is written.
type constraint struct {
	name   string // "": none
	doc    string // of MESSAGE
	offset int
	expr   *check.Expr
}

func (p *parser) constraint() (c constraint, err error) {
	c.offset = p.Peek().Offset
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
	if c.expr, err = check.Parse(p.Cursor); err != nil {
		return c, err
	}
	if err := p.Require(")"); err != nil {
		return c, err
	}
	if p.Accept("MESSAGE") {
		c.doc, err = p.StringLiteral()
	}
	return c, err
}

// maxChecks bounds what a script's constraints may cost: each as much as there are fields that it sees, and checkCost besides,
// which leaves room for 8,192 that see one.
const (
	maxChecks = 1 << 20
	checkCost = 127
)

// tableRules returns the rules of a declaration for all its fields.
func (b *builder) tableRules(checks []constraint, fields []logical.Field) ([]logical.Rule, error) {
	if len(checks) == 0 {
		return nil, nil
	}
	return b.rules(checks, check.Table(fields, b.body), len(fields))
}

// columnRules returns the rules of a field for itself.
func (b *builder) columnRules(checks []constraint, f *logical.Field) ([]logical.Rule, error) {
	if len(checks) == 0 {
		return nil, nil
	}
	return b.rules(checks, check.Column(f.Name, f.Type, b.body), 1)
}

func (b *builder) body(name string) *logical.Type { return b.bodies[name] }

// rules returns rules whose CEL is written when all types are known. Confluent writes it at once, and refuses a constraint that
// looks into a type that is declared behind it; but a root is printed before the types that it refers to.
func (b *builder) rules(checks []constraint, scope check.Scope, fields int) ([]logical.Rule, error) {
	if b.checked += len(checks) * (checkCost + fields); b.checked > maxChecks {
		return nil, b.fault(checks[0].offset, "the script has too many constraints")
	}
	rules := make([]logical.Rule, len(checks))
	for i, c := range checks {
		rules[i] = logical.Rule{Name: c.name, Doc: c.doc, SQL: c.expr.SQL()}
		b.pending = append(b.pending, func() (err error) {
			rules[i].Expr, err = c.expr.CEL(scope)
			if b.typed += check.Cost(rules[i].Expr); err == nil && b.typed > 2*check.MaxCost {
				return b.fault(c.offset, "the script's constraints have too many comparisons")
			}
			return err
		})
	}
	return rules, nil
}

// checks writes the CEL of all rules.
func (b *builder) checks() error {
	for _, translate := range b.pending {
		if err := translate(); err != nil {
			return err
		}
	}
	return nil
}
