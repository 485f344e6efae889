package check

import (
	"github.com/millrace/millrace/compat/logical/token"
)

// Expr is the expression of a CHECK constraint as it is written: nothing but its syntax is known to be right. It is immutable.
type Expr struct {
	root node
	src  *source
}

// Parse reads an expression and stops behind its last token, which leaves the closing parenthesis of CHECK ( … ) to the caller.
// An error is a *schema.SyntaxError, also for an expression that is nested too deep.
func Parse(c *token.Cursor) (*Expr, error) {
	p := &parser{Cursor: c, src: &source{text: c.Text()}}
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	return &Expr{root: root, src: p.src}, nil
}

// SQL returns the expression as it is written, with its white space and comments.
func (e *Expr) SQL() string {
	first, last := e.src.tokens[0], e.src.tokens[len(e.src.tokens)-1]
	return e.src.text[first.Offset:last.End()]
}

// parser reads by recursive descent, one method a level of precedence. It keeps the tokens that it goes behind.
type parser struct {
	*token.Cursor
	src *source
}

// Next hides the cursor's to keep the tokens.
func (p *parser) Next() token.Token {
	t := p.Cursor.Next()
	if t.Kind != token.EOF {
		p.src.tokens = append(p.src.tokens, t)
	}
	return t
}

// Accept hides the cursor's.
func (p *parser) Accept(word string) bool {
	if !p.Peek().Is(word) {
		return false
	}
	p.Next()
	return true
}

// Require hides the cursor's.
func (p *parser) Require(word string) error {
	if !p.Accept(word) {
		return p.Expected(word)
	}
	return nil
}

func (p *parser) take(k token.Kind, what string) (token.Token, error) {
	if p.Peek().Kind != k {
		return token.Token{}, p.Expected(what)
	}
	return p.Next(), nil
}

// name goes behind a name and returns it as written and as it counts.
func (p *parser) name() (written, name string, err error) {
	name, ok := p.Peek().Name()
	if !ok {
		return "", "", p.Expected("a name")
	}
	return p.Next().Text, name, nil
}

// acceptNot goes behind NOT and a word, or the word alone.
func (p *parser) acceptNot(word string) (not, ok bool) {
	if p.Accept(word) {
		return false, true
	}
	if p.Peek().Is("NOT") && p.PeekAt(1).Is(word) {
		p.Next()
		p.Next()
		return true, true
	}
	return false, false
}

func (p *parser) here() int { return len(p.src.tokens) }

func (p *parser) since(from int) span { return span{p.src, from, len(p.src.tokens)} }

// with returns the span from a node's first token to the last one read.
func (p *parser) with(first node) span { return p.since(first.where().from) }

// expression reads an expression with all levels of precedence.
func (p *parser) expression(depth int) (node, error) { return p.or(level{depth: depth}) }

// level is what the levels of one expression have in common.
type level struct {
	depth int
	noIn  bool // leave an IN behind a value alone: POSITION(a IN b)
}

func (p *parser) or(l level) (node, error) {
	if err := p.enter(l.depth); err != nil {
		return nil, err
	}
	return p.list(l, "OR", p.and, func(s span, args []node) node { return &or{s, args} })
}

func (p *parser) and(l level) (node, error) {
	return p.list(l, "AND", p.not, func(s span, args []node) node { return &and{s, args} })
}

// list reads operands that a word joins; a single one stands for itself.
func (p *parser) list(l level, word string, next func(level) (node, error), join func(span, []node) node) (node, error) {
	first, err := next(l)
	if err != nil || !p.Peek().Is(word) {
		return first, err
	}
	args := []node{first}
	for p.Accept(word) {
		arg, err := next(l)
		if err != nil {
			return nil, err
		}
		args = append(args, arg)
	}
	return join(p.with(first), args), nil
}

func (p *parser) not(l level) (node, error) {
	from := p.here()
	if !p.Accept("NOT") {
		return p.isNull(l)
	}
	l.depth++
	if err := p.enter(l.depth); err != nil {
		return nil, err
	}
	arg, err := p.not(l)
	if err != nil {
		return nil, err
	}
	return &not{p.since(from), arg}, nil
}

func (p *parser) isNull(l level) (node, error) {
	arg, err := p.compare(l)
	if err != nil || !p.Accept("IS") {
		return arg, err
	}
	not := p.Accept("NOT")
	if err := p.Require("NULL"); err != nil {
		return nil, err
	}
	return &isNull{p.with(arg), arg, not}, nil
}

func (p *parser) compare(l level) (node, error) {
	left, err := p.between(l)
	if err != nil {
		return nil, err
	}
	for _, op := range []string{"=", "<>", "!=", "<=", ">=", "<", ">"} {
		if p.Accept(op) {
			right, err := p.between(l)
			if err != nil {
				return nil, err
			}
			return &compare{p.with(left), op, left, right}, nil
		}
	}
	return left, nil
}

func (p *parser) between(l level) (node, error) {
	arg, err := p.in(l)
	if err != nil {
		return nil, err
	}
	not, ok := p.acceptNot("BETWEEN")
	if !ok {
		return arg, nil
	}
	n := &between{arg: arg, not: not, symmetric: p.Accept("SYMMETRIC")}
	if n.low, err = p.in(l); err != nil {
		return nil, err
	}
	if err := p.Require("AND"); err != nil {
		return nil, err
	}
	if n.high, err = p.in(l); err != nil {
		return nil, err
	}
	n.span = p.with(arg)
	return n, nil
}

func (p *parser) in(l level) (node, error) {
	arg, err := p.like(l, nil)
	if err != nil || l.noIn && p.Peek().Is("IN") {
		return arg, err
	}
	not, ok := p.acceptNot("IN")
	if !ok {
		return arg, nil
	}
	n := &in{arg: arg, not: not}
	if err := p.inTarget(l, n); err != nil {
		return nil, err
	}
	n.span = p.with(arg)
	return n, nil
}

// inTarget reads the list in parentheses, or the value, that is behind IN. A single element in parentheses is a list unless a
// value goes on behind it: (a)[1], (a) || b.
func (p *parser) inTarget(l level, n *in) (err error) {
	from := p.here()
	if !p.Accept("(") {
		l.depth++
		n.target, err = p.like(l, nil)
		return err
	}
	if n.list, err = p.arguments(l.depth + depthOfList); err != nil {
		return err
	}
	if err = p.Require(")"); err != nil || len(n.list) > 1 || !p.valueGoesOn() {
		return err
	}
	first := &paren{arg: n.list[0]}
	if first.path, err = p.path(l.depth); err != nil {
		return err
	}
	first.span = p.since(from)
	l.depth++
	n.list = nil
	n.target, err = p.like(l, first)
	return err
}

func (p *parser) valueGoesOn() bool {
	t := p.Peek()
	if t.Is("NOT") {
		return p.PeekAt(1).Is("LIKE")
	}
	for _, word := range []string{"[", ".", "+", "-", "*", "/", "%", "||", "LIKE"} {
		if t.Is(word) {
			return true
		}
	}
	return false
}

// like reads a value with or without LIKE. first is the value's first operand when it has been read.
func (p *parser) like(l level, first node) (node, error) {
	arg, err := p.chain(l, first, true)
	if err != nil {
		return nil, err
	}
	not, ok := p.acceptNot("LIKE")
	if !ok {
		return arg, nil
	}
	pattern, err := p.take(token.String, "a string")
	if err != nil {
		return nil, err
	}
	n := &like{arg: arg, pattern: pattern.Value, not: not}
	if from := p.here(); p.Accept("ESCAPE") {
		e, err := p.take(token.String, "a string")
		if err != nil {
			return nil, err
		}
		n.escape = &escape{p.since(from), e.Value}
	}
	n.span = p.with(arg)
	return n, nil
}

var (
	sums     = []string{"+", "-"}
	products = []string{"*", "/", "%", "||"}
)

// chain reads operands of + and -, or of the tighter * / % and ||.
func (p *parser) chain(l level, first node, sum bool) (node, error) {
	operators, operand := products, p.sign
	if sum {
		operators, operand = sums, func(l level, first node) (node, error) { return p.chain(l, first, false) }
	}
	left, err := operand(l, first)
	if err != nil {
		return nil, err
	}
	n := &chain{args: []node{left}, sum: sum}
	for {
		op, ok := p.acceptAny(operators)
		if !ok {
			break
		}
		arg, err := operand(l, nil)
		if err != nil {
			return nil, err
		}
		n.args, n.ops = append(n.args, arg), append(n.ops, op)
	}
	if len(n.ops) == 0 {
		return left, nil
	}
	n.span = p.with(left)
	return n, nil
}

func (p *parser) acceptAny(words []string) (string, bool) {
	for _, w := range words {
		if p.Accept(w) {
			return w, true
		}
	}
	return "", false
}

func (p *parser) sign(l level, first node) (node, error) {
	if first != nil {
		return first, nil
	}
	from := p.here()
	op, ok := p.acceptAny(sums)
	arg, err := p.primary(l.depth)
	if err != nil || !ok {
		return arg, err
	}
	return &sign{p.since(from), op == "-", arg}, nil
}
