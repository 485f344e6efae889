package check

var (
	operators        = map[string]string{"=": "==", "<>": "!="}
	decimalOperators = map[string]string{"=": "decimals.eq", "<>": "!decimals.eq", "!=": "!decimals.eq", "<": "decimals.lt",
		"<=": "decimals.le", ">": "decimals.gt", ">=": "decimals.ge"}
)

func (e *emitter) compare(n *compare, s *Scope) {
	number := e.commonNumber(s, n.l, n.r)
	f := formOf(number)
	if f == asDecimal {
		e.call2(decimalOperators[n.op], func() { e.value(n.l, s, f) }, func() { e.value(n.r, s, f) })
		return
	}
	op, ok := operators[n.op]
	if !ok {
		op = n.op
	}
	operand := func(n node) {
		_, isBetween := n.(*between)
		_, isIn := n.(*in)
		switch {
		case number != noClass:
			e.value(n, s, f)
		case isBetween || isIn: // they bind tighter than a comparison in SQL, not in CEL
			e.text("(")
			e.plain(n, s)
			e.text(")")
		case e.isTemporal(n, s):
			e.value(n, s, asTime)
		default:
			e.plain(n, s)
		}
	}
	operand(n.l)
	e.text(" ", op, " ")
	operand(n.r)
}

func (e *emitter) between(n *between, s *Scope) {
	f, operand := formOf(e.commonNumber(s, n.arg, n.low, n.high)), (*emitter).value
	if f == plain {
		operand = (*emitter).wrapped
		if e.isTemporal(n.arg, s) || e.isTemporal(n.low, s) || e.isTemporal(n.high, s) {
			f, operand = asTime, (*emitter).value
		}
	}
	atMost := func(a, b node) {
		if f == asDecimal {
			e.call2("decimals.le", func() { e.value(a, s, f) }, func() { e.value(b, s, f) })
			return
		}
		operand(e, a, s, f)
		e.text(" <= ")
		operand(e, b, s, f)
	}
	inside := func(low, high node) {
		atMost(low, n.arg)
		e.text(" && ")
		atMost(n.arg, high)
	}
	e.negated(n.not, func() {
		if !n.symmetric {
			inside(n.low, n.high)
			return
		}
		e.text("(")
		atMost(n.low, n.high)
		e.text(" ? (")
		inside(n.low, n.high)
		e.text(") : (")
		inside(n.high, n.low)
		e.text("))")
	})
}

// negated writes !(…) around what write writes, or that alone.
func (e *emitter) negated(not bool, write func()) {
	if not {
		e.text("!(")
		defer e.text(")")
	}
	write()
}

func (e *emitter) in(n *in, s *Scope) {
	f := plain
	if n.list != nil {
		f = formOf(e.commonNumber(s, append([]node{n.arg}, n.list...)...))
	} else if e.hasDecimal(n.arg, s) {
		e.fail(n.errorf("IN against a list-typed operand is not supported for DECIMAL; use an explicit value list, e.g. amount " +
			"IN (1.0, 2.5, 9.99)."))
	}
	if f == plain && (e.isTemporal(n.arg, s) || e.anyTemporal(n.list, s)) {
		f = asTime
	}
	e.negated(n.not, func() {
		if f == asDecimal { // which CEL's in does not compare
			e.inDecimals(n, s)
			return
		}
		e.value(n.arg, s, f)
		e.text(" in ")
		if n.list == nil {
			e.value(n.target, s, f)
			return
		}
		e.text("[")
		e.join(n.list, ", ", s, f)
		e.text("]")
	})
}

func (e *emitter) inDecimals(n *in, s *Scope) {
	arg := e.capture(func() { e.value(n.arg, s, asDecimal) })
	e.text("(")
	for i, element := range n.list {
		if i > 0 {
			e.text(" || ")
		}
		e.call2("decimals.eq", func() { e.text(arg) }, func() { e.value(element, s, asDecimal) })
	}
	e.text(")")
}

func (e *emitter) anyTemporal(nodes []node, s *Scope) bool {
	for _, n := range nodes {
		if e.isTemporal(n, s) {
			return true
		}
	}
	return false
}

// hasDecimal reports whether an operand of a value is a DECIMAL.
func (e *emitter) hasDecimal(n node, s *Scope) bool {
	c, ok := n.(*chain)
	if !ok {
		return !isPredicate(n) && classOf(e.typeOf(n, s)) == decimalClass
	}
	for _, arg := range c.args {
		if e.hasDecimal(arg, s) {
			return true
		}
	}
	return false
}

func (e *emitter) like(n *like, s *Scope) {
	escape, err := n.escapeRune()
	if err != nil {
		e.fail(err)
	}
	e.negated(n.not, func() {
		e.wrapped(n.arg, s, plain)
		e.text(".matches('", celPattern.Replace(regex(n.pattern, escape)), "')")
	})
}

// nullTest writes IS [NOT] NULL of a value whose CEL is given. A field may be absent as well, which has() tells; dyn() keeps a
// checker that knows types without null from refusing the comparison.
func (e *emitter) nullTest(n node, cel string, s *Scope, not bool) {
	switch field := isField(n, s); {
	case field && not:
		e.text("(has(", cel, ") && dyn(", cel, ") != null)")
	case field:
		e.text("(!has(", cel, ") || dyn(", cel, ") == null)")
	case not:
		e.text("dyn(", cel, ") != null")
	default:
		e.text("dyn(", cel, ") == null")
	}
}

// isField reports whether the CEL of a value ends in .field, through fields only, as has() takes it.
func isField(n node, s *Scope) bool {
	switch n := n.(type) {
	case *column:
		isColumn := s.isColumn(n.name) && !s.single()
		return (isColumn || len(n.path) > 0) && !(isColumn && isReserved(n.name)) && onlyFields(n.path)
	case *paren:
		return isField(n.arg, s) && onlyFields(n.path)
	}
	return false
}

func onlyFields(path []step) bool {
	for _, step := range path {
		if step.index != nil || isReserved(step.field) {
			return false
		}
	}
	return true
}
