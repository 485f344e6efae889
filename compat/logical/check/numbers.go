package check

import (
	"slices"

	"github.com/millrace/millrace/compat/logical"
)

// number writes a value that is no predicate as a DECIMAL or double.
func (e *emitter) number(n node, s *Scope, f form) {
	want := doubleClass
	if f == asDecimal {
		want = decimalClass
	}
	var t *logical.Type
	switch n := n.(type) {
	case *chain:
		e.arithmetic(n, s, f)
		return
	case *sign:
		e.negative(n, s, f)
		return
	case *literal:
		if e.numberLiteral(n, f) {
			return
		}
	case *column:
		t = e.columnType(n, s)
	case *call:
		t = e.resultType(n, s)
	case *caseOf:
		t = e.typeOf(n, s)
	case *paren:
		switch {
		case len(n.path) > 0:
		case f == asDouble:
			e.text("(")
			e.value(n.arg, s, f)
			e.text(")")
			return
		case classOf(e.typeOf(n.arg, s)) == decimalClass:
			e.value(n.arg, s, f) // as an argument of a call it needs no parentheses
			return
		}
	}
	if classOf(t) == want {
		e.plain(n, s)
		return
	}
	e.text(f.function(), "(")
	e.plain(n, s)
	e.text(")")
}

// numberLiteral writes a number, of a DECIMAL every digit.
func (e *emitter) numberLiteral(n *literal, f form) bool {
	switch n.kind {
	case intLiteral, decimalLiteral, doubleLiteral:
	default:
		return false
	}
	switch {
	case f == asDecimal:
		e.text(`decimal("`, n.number(), `")`)
	case n.kind == intLiteral:
		e.text(n.number(), ".0")
	default:
		e.text(float(n.number()))
	}
	return true
}

func (e *emitter) negative(n *sign, s *Scope, f form) {
	switch {
	case !n.minus:
		e.value(n.arg, s, f)
	case f == asDecimal:
		e.text("decimals.neg(")
		e.value(n.arg, s, f)
		e.text(")")
	default:
		e.text("-")
		e.value(n.arg, s, f)
	}
}

var decimalFunctions = map[string]string{"+": "decimals.add", "-": "decimals.sub", "*": "decimals.mul", "/": "decimals.div",
	"%": "decimals.mod"}

// arithmetic writes operators: those of double are CEL's, those of DECIMAL calls, the first operator innermost.
func (e *emitter) arithmetic(n *chain, s *Scope, f form) {
	if f == asDouble {
		if n.has("%") {
			e.fail(n.errorf("Operator '%%' (modulo) is not supported on DOUBLE operands; use integer or decimal operands."))
		}
		e.chain(n, s, f)
		return
	}
	if n.has("||") {
		e.fail(n.errorf("Operator '||' (string concat) is not supported on DECIMAL operands."))
	}
	for _, op := range slices.Backward(n.ops) {
		e.text(decimalFunctions[op], "(")
	}
	for i, arg := range n.args {
		if i > 0 {
			e.text(", ")
		}
		e.value(arg, s, f)
		if i > 0 {
			e.text(")")
		}
	}
}

// time writes a value that is no predicate with its timestamps normalized.
func (e *emitter) time(n node, s *Scope) {
	switch n := n.(type) {
	case *chain:
		e.chain(n, s, asTime)
	case *sign:
		if n.minus {
			e.text("-")
		}
		e.value(n.arg, s, asTime)
	case *column:
		if !isInstant(e.columnType(n, s)) {
			e.plain(n, s)
			return
		}
		e.text("timestamp(")
		e.plain(n, s)
		e.text(")")
	case *paren:
		if len(n.path) > 0 {
			e.plain(n, s)
			return
		}
		e.text("(")
		e.value(n.arg, s, asTime)
		e.text(")")
	default:
		e.plain(n, s)
	}
}
