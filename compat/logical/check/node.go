package check

import (
	"strings"

	"github.com/millrace/millrace/compat/logical/token"
)

// source is the text that an expression was read from and the expression's tokens.
type source struct {
	text   string
	tokens []token.Token
}

// span is the tokens that a node was read from: its place, and its text in messages.
type span struct {
	src      *source
	from, to int
}

func (s span) where() span { return s }

// String returns the tokens without what separates them, as Confluent's messages show an expression.
func (s span) String() string {
	if s.to-s.from == 1 {
		return s.src.tokens[s.from].Text
	}
	var b strings.Builder
	for _, t := range s.src.tokens[s.from:s.to] {
		b.WriteString(t.Text)
	}
	return b.String()
}

// node is an expression or a part of one.
type node interface {
	where() span
	String() string
	// children calls yield with every expression that the node holds, in the order of the text.
	children(yield func(node))
}

// The predicates, from the loosest binding to the tightest. Each yields a boolean; every other node is a value.
type (
	or struct {
		span
		args []node
	}
	and struct {
		span
		args []node
	}
	not struct {
		span
		arg node
	}
	// isNull is arg IS [NOT] NULL.
	isNull struct {
		span
		arg node
		not bool
	}
	compare struct {
		span
		op   string // as in SQL
		l, r node
	}
	between struct {
		span
		arg, low, high node
		not, symmetric bool
	}
	// in is arg [NOT] IN (list…) or, when list is nil, arg [NOT] IN target.
	in struct {
		span
		arg    node
		list   []node
		target node
		not    bool
	}
	like struct {
		span
		arg     node
		pattern string
		escape  *escape // nil: no ESCAPE
		not     bool
	}
)

// The values.
type (
	// chain is operands joined by operators of one precedence: + and -, or * / % and ||.
	chain struct {
		span
		args []node
		ops  []string // one less
		sum  bool     // + and -
	}
	sign struct {
		span
		minus bool
		arg   node
	}
	column struct {
		span
		name string
		path []step
	}
	paren struct {
		span
		arg  node
		path []step
	}
	literal struct {
		span
		kind  literalKind
		token token.Token // the literal, or the string that follows TIMESTAMP or INTERVAL
		minus bool        // of a number
		unit  string      // of an INTERVAL, as written
	}
	caseOf struct {
		span
		arg   node // nil: each when is a condition
		whens []when
		other node // nil: no ELSE
	}
	// call is a function with arguments, or one of the forms that SQL writes with keywords: name is then the keyword.
	call struct {
		span
		name    string // in upper case
		written string
		keyword bool
		args    []node
		typ     *castType // CAST, VARIANT_GET, TRY_VARIANT_GET
		part    string    // EXTRACT: the field, as written; TRIM: LEADING, TRAILING, BOTH or nothing
	}
)

type escape struct {
	span
	value string
}

type when struct {
	span
	cond, then node
}

// step is .field or [index] behind a value.
type step struct {
	span
	field string
	index node // nil: a field
}

// castType is the type of a CAST or RETURNING.
type castType struct{ span }

// text returns the type in upper case without blanks.
func (t *castType) text() string { return strings.ToUpper(t.String()) }

// head returns the text before the parameters.
func (t *castType) head() string {
	head, _, _ := strings.Cut(t.text(), "(")
	return head
}

type literalKind uint8

const (
	nullLiteral literalKind = iota
	boolLiteral
	intLiteral
	decimalLiteral
	doubleLiteral
	stringLiteral
	bytesLiteral
	timestampLiteral
	intervalLiteral
)

// number returns the digits of a number literal with its sign.
func (l *literal) number() string {
	if l.minus {
		return "-" + l.token.Text
	}
	return l.token.Text
}

func each(nodes []node, yield func(node)) {
	for _, n := range nodes {
		yield(n)
	}
}

func steps(path []step, yield func(node)) {
	for _, s := range path {
		if s.index != nil {
			yield(s.index)
		}
	}
}

func (n *or) children(yield func(node))      { each(n.args, yield) }
func (n *and) children(yield func(node))     { each(n.args, yield) }
func (n *not) children(yield func(node))     { yield(n.arg) }
func (n *isNull) children(yield func(node))  { yield(n.arg) }
func (n *compare) children(yield func(node)) { yield(n.l); yield(n.r) }
func (n *between) children(yield func(node)) { yield(n.arg); yield(n.low); yield(n.high) }
func (l *like) children(yield func(node))    { yield(l.arg) }
func (c *chain) children(yield func(node))   { each(c.args, yield) }
func (n *sign) children(yield func(node))    { yield(n.arg) }
func (n *column) children(yield func(node))  { steps(n.path, yield) }
func (l *literal) children(func(node))       {}
func (n *call) children(yield func(node))    { each(n.args, yield) }

func (n *in) children(yield func(node)) {
	yield(n.arg)
	each(n.list, yield)
	if n.target != nil {
		yield(n.target)
	}
}

func (n *paren) children(yield func(node)) {
	yield(n.arg)
	steps(n.path, yield)
}

func (n *caseOf) children(yield func(node)) {
	if n.arg != nil {
		yield(n.arg)
	}
	for _, w := range n.whens {
		yield(w.cond)
		yield(w.then)
	}
	if n.other != nil {
		yield(n.other)
	}
}

// isPredicate reports whether a node is a boolean by its operator.
func isPredicate(n node) bool {
	switch n.(type) {
	case *or, *and, *not, *isNull, *compare, *between, *in, *like:
		return true
	}
	return false
}

// isPrimary reports whether the CEL of a node is held together without parentheses: a column, a literal, a call, a CASE,
// something in parentheses, or NOT before one of them.
func isPrimary(n node) bool {
	switch n := n.(type) {
	case *column, *literal, *call, *caseOf, *paren:
		return true
	case *not:
		return isPrimary(n.arg)
	}
	return false
}

// bare returns a node without the parentheses around it that no path follows.
func bare(n node) node {
	for {
		p, ok := n.(*paren)
		if !ok || len(p.path) > 0 {
			return n
		}
		n = p.arg
	}
}

// asLiteral returns the literal that a node is, without parentheses and signs, and whether it is negated.
func asLiteral(n node) (l *literal, minus bool) {
	for {
		switch v := bare(n).(type) {
		case *literal:
			return v, minus
		case *sign:
			minus = minus != v.minus
			n = v.arg
		default:
			return nil, false
		}
	}
}

func isNullLiteral(n node) bool {
	l, _ := asLiteral(n)
	return l != nil && l.kind == nullLiteral
}
