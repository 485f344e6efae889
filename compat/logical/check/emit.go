package check

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

const (
	// maxCEL is the longest CEL, in code points: Confluent's registry and clients refuse to read a longer one (CelOptions of
	// cel-java).
	maxCEL = 100_000
	// maxWork bounds the bytes that are written for one expression, with those that are written twice: GREATEST in GREATEST doubles.
	maxWork = 8 * maxCEL
)

// emitter writes CEL. Its first error ends it.
type emitter struct {
	*typer
	out  []byte
	work int
	root span
	err  error
	// byIndex is set when a field is written as an index: this["in"].
	byIndex bool
}

// form is how a value is written.
type form uint8

const (
	plain form = iota
	// asDecimal writes a DECIMAL: arithmetic as calls, other numbers inside decimal(…).
	asDecimal
	// asDouble writes a double: other numbers inside double(…).
	asDouble
	// asTime writes timestamp columns inside timestamp(…).
	asTime
)

func formOf(c class) form {
	switch c {
	case decimalClass:
		return asDecimal
	case doubleClass:
		return asDouble
	}
	return plain
}

func (e *emitter) text(parts ...string) {
	for _, s := range parts {
		if e.work += len(s); e.work > maxWork {
			e.fail(e.tooLong())
		}
		if e.err == nil {
			e.out = append(e.out, s...)
		}
	}
}

func (e *emitter) tooLong() error {
	return e.root.errorf("CHECK expression is too long: it has more than %d characters in CEL", maxCEL)
}

func (e *emitter) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// capture returns what write writes instead of writing it.
func (e *emitter) capture(write func()) string {
	from := len(e.out)
	write()
	s := string(e.out[from:])
	e.out = e.out[:from]
	return s
}

// value writes a node in a form.
func (e *emitter) value(n node, s *Scope, f form) {
	if e.err != nil {
		return
	}
	switch {
	case f == plain, f == asTime && isPredicate(n):
		e.plain(n, s)
	case isPredicate(n):
		e.text(f.function(), "((")
		e.plain(n, s)
		e.text("))")
	case f == asTime:
		e.time(n, s)
	default:
		e.number(n, s, f)
	}
}

func (f form) function() string {
	if f == asDecimal {
		return "decimal"
	}
	return "double"
}

// plain writes a node as it is.
func (e *emitter) plain(n node, s *Scope) {
	if e.err != nil {
		return
	}
	switch n := n.(type) {
	case *or:
		e.join(n.args, " || ", s, plain)
	case *and:
		e.join(n.args, " && ", s, plain)
	case *not:
		e.text("!")
		e.wrapped(n.arg, s, plain)
	case *isNull:
		e.nullTest(n.arg, e.capture(func() { e.plain(n.arg, s) }), s, n.not)
	case *compare:
		e.compare(n, s)
	case *between:
		e.between(n, s)
	case *in:
		e.in(n, s)
	case *like:
		e.like(n, s)
	case *chain:
		e.chain(n, s, plain)
	case *sign:
		if n.minus {
			e.text("-")
		}
		e.plain(n.arg, s)
	case *column:
		e.column(n, s)
	case *literal:
		e.literal(n)
	case *paren:
		e.text("(")
		e.plain(n.arg, s)
		e.text(")")
		if len(n.path) > 0 {
			e.path(e.typeOf(n.arg, s), n.path, s)
		}
	case *caseOf:
		e.caseOf(n, s)
	case *call:
		e.call(n, s)
	}
}

func (e *emitter) join(nodes []node, separator string, s *Scope, f form) {
	for i, n := range nodes {
		if i > 0 {
			e.text(separator)
		}
		e.value(n, s, f)
	}
}

// wrapped writes a node in parentheses unless it holds together without them.
func (e *emitter) wrapped(n node, s *Scope, f form) {
	if isPrimary(n) {
		e.value(n, s, f)
		return
	}
	e.text("(")
	e.value(n, s, f)
	e.text(")")
}

// chain writes operators that CEL has: || is +.
func (e *emitter) chain(n *chain, s *Scope, f form) {
	for i, arg := range n.args {
		if i > 0 {
			op := n.ops[i-1]
			if op == "||" {
				op = "+"
			}
			e.text(" ", op, " ")
		}
		e.value(arg, s, f)
	}
}

// column writes a column as this or this.name, and a variable as it is.
func (e *emitter) column(n *column, s *Scope) {
	switch {
	case !s.isColumn(n.name):
		e.text(n.name)
	case s.single():
		e.text("this")
	default:
		e.text("this")
		e.field(n.name)
	}
	e.path(s.typeOf(n.name), n.path, s)
}

func (e *emitter) field(name string) {
	if isReserved(name) {
		e.byIndex = true
		e.text(`["`, name, `"]`)
		return
	}
	e.text(".", name)
}

// path writes the steps behind a value of a type. An index counts from 0 in CEL, the key of a MAP is what it is.
func (e *emitter) path(t *logical.Type, path []step, s *Scope) {
	for _, step := range path {
		t = s.body(t)
		switch {
		case step.index == nil:
			e.field(step.field)
			if f := field(t, step.field); f != nil {
				t = f.Type
			} else {
				t = nil
			}
		case t != nil && t.Kind == logical.Map:
			e.text("[")
			e.plain(step.index, s)
			e.text("]")
			t = t.Elem
		default:
			e.text("[(")
			e.plain(step.index, s)
			e.text(") - 1]")
			t = element(t)
		}
	}
}

func (e *emitter) literal(n *literal) {
	switch n.kind {
	case nullLiteral:
		e.text("null")
	case boolLiteral:
		e.text(strings.ToLower(n.token.Text))
	case intLiteral, decimalLiteral, doubleLiteral:
		e.text(float(n.number()))
	case stringLiteral:
		e.text("'", celString.Replace(n.token.Value), "'")
	case bytesLiteral:
		b, err := n.bytes()
		if err != nil {
			e.fail(err)
		}
		e.text(b)
	case timestampLiteral:
		t, err := n.instant()
		if err != nil {
			e.fail(err)
		}
		e.text(`timestamp("`, t, `")`)
	case intervalLiteral:
		d, err := n.seconds()
		if err != nil {
			e.fail(err)
		}
		e.text(`duration("`, strconv.FormatInt(d, 10), `s")`)
	}
}

// caseOf writes a CASE as conditionals. Results that are numbers are converted to the widest of them.
func (e *emitter) caseOf(n *caseOf, s *Scope) {
	result := formOf(e.commonNumber(s, n.results()...))
	e.text("(")
	for i, w := range n.whens {
		if n.arg == nil {
			e.wrapped(w.cond, s, plain)
		} else {
			e.equal(n.arg, w.cond, s, (*emitter).wrapped)
		}
		e.text(" ? ")
		e.value(w.then, s, result)
		e.text(" : ")
		if i < len(n.whens)-1 {
			e.text("(")
		}
	}
	e.value(n.other, s, result)
	e.text(strings.Repeat(")", len(n.whens)))
}

// equal writes a test whether two values are equal, each as an operand of their common type. operand writes those that have none.
func (e *emitter) equal(a, b node, s *Scope, operand func(e *emitter, n node, s *Scope, f form)) {
	f := formOf(e.commonNumber(s, a, b))
	switch {
	case f == asDecimal:
		e.call2("decimals.eq", func() { e.value(a, s, f) }, func() { e.value(b, s, f) })
		return
	case f == plain && (e.isTemporal(a, s) || e.isTemporal(b, s)):
		f = asTime
	}
	if f != plain {
		operand = (*emitter).value
	}
	operand(e, a, s, f)
	e.text(" == ")
	operand(e, b, s, f)
}

// call2 writes a call with two arguments.
func (e *emitter) call2(function string, a, b func()) {
	e.text(function, "(")
	a()
	e.text(", ")
	b()
	e.text(")")
}
