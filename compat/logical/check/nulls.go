package check

// choice is an argument of COALESCE, GREATEST or LEAST.
type choice struct {
	n node
	// value is its CEL in the form that all of them have, plain without it: has() takes a field as it is.
	value, plain string
}

// choices writes arguments in their common form: that of the widest number, or of timestamps.
func (e *emitter) choices(args []node, s *Scope) ([]choice, class) {
	number := e.commonNumber(s, args...)
	f := formOf(number)
	if f == plain && e.anyTemporal(args, s) {
		f = asTime
	}
	out := make([]choice, len(args))
	for i, n := range args {
		c := choice{n: n, value: e.capture(func() { e.value(n, s, f) })}
		c.plain = c.value
		if f != plain && isField(n, s) {
			c.plain = e.capture(func() { e.plain(n, s) })
		}
		out[i] = c
	}
	return out, number
}

// coalesce writes the first argument that is not NULL.
func (e *emitter) coalesce(n *call, s *Scope) {
	if !e.expect(n, len(n.args) >= 2, "at least 2 arguments") {
		return
	}
	args, _ := e.choices(n.args, s)
	last := len(args) - 1
	for _, a := range args[:last] {
		e.text("(")
		e.nullTest(a.n, a.plain, s, true)
		e.text(" ? ", a.value, " : ")
	}
	e.text(args[last].value)
	for range args[:last] {
		e.text(")")
	}
}

// extreme writes GREATEST or LEAST, which skip NULL.
func (e *emitter) extreme(n *call, s *Scope) {
	if len(n.args) != 2 {
		e.fail(n.errorf("%[1]s() supports exactly 2 arguments in v1, got %[2]d. For more, nest calls: %[1]s(a, %[1]s(b, c))", n.name,
			len(n.args)))
		return
	}
	args, number := e.choices(n.args, s)
	a, b := args[0], args[1]
	function, op := "greatest", " > "
	if n.name == "LEAST" {
		function, op = "least", " < "
	}
	e.text("(")
	e.nullTest(a.n, a.plain, s, false)
	e.text(" ? ", b.value, " : (")
	e.nullTest(b.n, b.plain, s, false)
	e.text(" ? ", a.value, " : ")
	switch number {
	case noClass:
		e.text("(", a.value, op, b.value, " ? ", a.value, " : ", b.value, ")")
	case decimalClass:
		e.text("decimals.", function, "(", a.value, ", ", b.value, ")")
	default:
		e.text("math.", function, "(", a.value, ", ", b.value, ")")
	}
	e.text("))")
}

// nullIf writes NULL when the arguments are equal and the first one otherwise, neither with a type that the other would not have.
func (e *emitter) nullIf(n *call, s *Scope) {
	if !e.expect(n, len(n.args) == 2, "2 arguments") {
		return
	}
	e.text("(")
	e.equal(n.args[0], n.args[1], s, (*emitter).value)
	e.text(" ? dyn(null) : dyn(")
	f := plain
	if e.commonNumber(s, n.args...) == noClass && e.anyTemporal(n.args, s) {
		f = asTime
	}
	e.value(n.args[0], s, f)
	e.text("))")
}
