package check

import (
	"github.com/millrace/millrace/compat/logical/token"
)

// forms read what is behind the keyword of a function that SQL writes in another way than f(a, b). depth is that of its
// arguments.
var forms map[string]func(p *parser, n *call, depth int) error

func init() {
	forms = map[string]func(p *parser, n *call, depth int) error{
		"CURRENT_TIMESTAMP": func(*parser, *call, int) error { return nil },
		"CAST":              inParens((*parser).cast),
		"EXTRACT":           inParens((*parser).extract),
		"SUBSTRING":         inParens((*parser).substring),
		"POSITION":          inParens((*parser).position),
		"TRIM":              inParens((*parser).trim),
		"VARIANT_GET":       inParens((*parser).variantGet),
		"TRY_VARIANT_GET":   inParens((*parser).variantGet),
	}
}

func inParens(read func(p *parser, n *call, depth int) error) func(p *parser, n *call, depth int) error {
	return func(p *parser, n *call, depth int) error {
		if err := p.Require("("); err != nil {
			return err
		}
		if err := read(p, n, depth); err != nil {
			return err
		}
		return p.Require(")")
	}
}

// argument reads one more argument.
func (p *parser) argument(n *call, l level) error {
	arg, err := p.or(l)
	n.args = append(n.args, arg)
	return err
}

// then reads an argument behind a word that must be next.
func (p *parser) then(n *call, word string, depth int) error {
	if err := p.Require(word); err != nil {
		return err
	}
	return p.argument(n, level{depth: depth})
}

func (p *parser) cast(n *call, depth int) error {
	if err := p.argument(n, level{depth: depth}); err != nil {
		return err
	}
	if err := p.Require("AS"); err != nil {
		return err
	}
	return p.castType(n)
}

func (p *parser) extract(n *call, depth int) (err error) {
	if n.part, _, err = p.name(); err != nil {
		return err
	}
	return p.then(n, "FROM", depth)
}

func (p *parser) substring(n *call, depth int) error {
	if err := p.argument(n, level{depth: depth}); err != nil {
		return err
	}
	from, length := "FROM", "FOR"
	if p.Peek().Is(",") {
		from, length = ",", ","
	}
	if err := p.then(n, from, depth); err != nil || !p.Peek().Is(length) {
		return err
	}
	return p.then(n, length, depth)
}

func (p *parser) position(n *call, depth int) error {
	if err := p.argument(n, level{depth: depth, noIn: true}); err != nil {
		return err
	}
	return p.then(n, "IN", depth)
}

func (p *parser) trim(n *call, depth int) error {
	if side, ok := p.acceptAny([]string{"BOTH", "LEADING", "TRAILING"}); ok {
		n.part = side
	}
	if err := p.argument(n, level{depth: depth}); err != nil || !p.Peek().Is("FROM") {
		return err
	}
	return p.then(n, "FROM", depth)
}

func (p *parser) variantGet(n *call, depth int) error {
	if err := p.argument(n, level{depth: depth}); err != nil {
		return err
	}
	if err := p.then(n, ",", depth); err != nil {
		return err
	}
	if n.name == "VARIANT_GET" && !p.Peek().Is("RETURNING") {
		return nil
	}
	if err := p.Require("RETURNING"); err != nil {
		return err
	}
	return p.castType(n)
}

// parameters are the most that a type has in parentheses.
var parameters = map[string]int{"BOOLEAN": 0, "TINYINT": 0, "SMALLINT": 0, "INTEGER": 0, "INT": 0, "BIGINT": 0, "FLOAT": 0,
	"REAL": 0, "DOUBLE": 0, "STRING": 0, "BYTES": 0, "DATE": 0, "DECIMAL": 2, "DEC": 2, "NUMERIC": 2, "CHARACTER": 1,
	"CHAR": 1, "VARCHAR": 1, "BINARY": 1, "VARBINARY": 1, "TIME": 1, "TIMESTAMP": 1, "TIMESTAMP_LTZ": 1}

// castType reads a type that is no collection.
func (p *parser) castType(n *call) error {
	from, t := p.here(), p.Peek()
	most, ok := parameters[t.Value]
	if t.Kind != token.Keyword || !ok {
		return p.Expected("a type")
	}
	p.Next()
	switch t.Value {
	case "DOUBLE":
		p.Accept("PRECISION")
	case "CHARACTER", "BINARY":
		p.Accept("VARYING")
	}
	if most > 0 && p.Accept("(") {
		for i := 0; i == 0 || i < most && p.Accept(","); i++ {
			p.Accept("-")
			if _, err := p.take(token.Int, "a number"); err != nil {
				return err
			}
		}
		if err := p.Require(")"); err != nil {
			return err
		}
	}
	if t.Value == "TIMESTAMP" {
		words := []string{"TIME", "ZONE"}
		switch {
		case p.Accept("WITH"):
			words = []string{"LOCAL", "TIME", "ZONE"}
		case !p.Accept("WITHOUT"):
			words = nil
		}
		for _, w := range words {
			if err := p.Require(w); err != nil {
				return err
			}
		}
	}
	n.typ = &castType{p.since(from)}
	return nil
}
