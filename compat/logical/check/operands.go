package check

// concatenations refuses || of anything but strings and bytes: in CEL it is +, which would add numbers.
func (v validator) concatenations(n node, s *Scope) error {
	c, ok := n.(*chain)
	if !ok || !c.has("||") {
		return nil
	}
	for _, arg := range c.args {
		if t := v.operandType(arg, s); t != nil {
			if cl := classOf(t); cl != stringClass && cl != bytesClass {
				return arg.where().errorf("Operator || is string/bytes concatenation only — got %s. Use + for numeric addition.", t.Kind)
			}
		}
	}
	return nil
}

// has reports whether one of the operators joins operands.
func (c *chain) has(operators ...string) bool {
	for _, op := range c.ops {
		for _, o := range operators {
			if op == o {
				return true
			}
		}
	}
	return false
}

// arithmetic refuses + - * / % of anything but numbers, and times for + and -: in CEL + joins strings as well.
func (v validator) arithmetic(n node, s *Scope) error {
	c, ok := n.(*chain)
	if !ok {
		return nil
	}
	for _, arg := range c.args {
		switch {
		case c.sum:
			if t := v.typeOf(arg, s); t != nil {
				if cl := classOf(t); !cl.isNumber() && cl != timeClass {
					return arg.where().errorf("Operator +/- operand must be numeric (int/double/decimal) or a timestamp (± interval); got %s. "+
						"For string/bytes concatenation use ||.", t.Kind)
				}
			}
		case c.has("*", "/", "%"):
			if t := v.operandType(arg, s); t != nil && !classOf(t).isNumber() {
				return arg.where().errorf("Operator * / %% operand must be numeric (int/double/decimal); got %s.", t.Kind)
			}
		}
	}
	return nil
}

// cases refuses a CASE without ELSE, which CEL has no type for; a value that is compared with NULL or one of another class; and
// NULL as a result.
func (v validator) cases(n node, s *Scope) error {
	c, ok := n.(*caseOf)
	if !ok {
		return nil
	}
	if c.other == nil {
		return c.errorf("CASE expression is missing an ELSE branch — the generated conditional requires both branches to share " +
			"a type. Add an explicit `ELSE <default>` (or use COALESCE for nullable defaults).")
	}
	if c.arg != nil {
		for _, w := range c.whens {
			if isNullLiteral(w.cond) {
				return w.errorf("Simple CASE WHEN value cannot be NULL — SQL `subject = NULL` is always UNKNOWN but the emit produces " +
					"`subject == null`, which silently flips the branch's semantics. " +
					"Use the searched form: `CASE WHEN subject IS NULL THEN ...`.")
			}
		}
		if subject := v.typeOf(c.arg, s); classOf(subject) != noClass {
			for _, w := range c.whens {
				if t := v.typeOf(w.cond, s); t != nil && !comparable(subject, t) {
					return c.errorf("Simple CASE: subject type %s is incompatible with WHEN value type %s. The translator emits "+
						"`subject == value` per WHEN, which is rejected across categories.", subject.Kind, t.Kind)
				}
			}
		}
	}
	for _, r := range c.results() {
		if isNullLiteral(r) {
			return r.where().errorf("CASE branch result cannot be a literal NULL — the generated conditional branches must share a " +
				"type, and bare `null` doesn't unify with the other branch type. Use COALESCE or an explicit typed default.")
		}
	}
	return nil
}

// arguments refuses NULL where a function has no use for it, and a COALESCE whose first argument is never null.
func (v validator) arguments(n node, s *Scope) error {
	c, ok := n.(*call)
	if !ok || c.keyword {
		return nil
	}
	switch c.name {
	case "GREATEST", "LEAST", "COALESCE", "NULLIF":
	default:
		return nil
	}
	for _, arg := range c.args {
		if isNullLiteral(arg) {
			return arg.where().errorf("%s() cannot take a literal NULL — the emit applies operators that have no null overload "+
				"(or, for COALESCE, produces a conditional whose branches don't type-unify). Drop the NULL argument or use IS "+
				"NULL to test for null.",
				c.name)
		}
	}
	if c.name == "COALESCE" && len(c.args) > 0 {
		if col, ok := bare(c.args[0]).(*column); ok && len(col.path) == 0 && s.isThis(col.name) {
			return c.args[0].where().errorf("COALESCE() at column level with the bare column as first arg is dead code — the " +
				"runtime skips evaluation when the column value is null/missing, so `this` is guaranteed non-null and the " +
				"fallback args never run. Drop the COALESCE wrapping, or apply COALESCE to a nullable nested " +
				"field or move the test to a table-level CHECK.")
		}
	}
	return nil
}

// macroBodies refuses an EVERY, ANY or ONE whose test is none.
func (v validator) macroBodies(n node, s *Scope) error {
	c, ok := n.(*call)
	if !ok || !c.isMacro() || len(c.args) != 3 {
		return nil
	}
	body := v.body(c, s)
	if body == nil {
		body = s
	}
	if !v.isBoolean(c.args[2], body) {
		return c.args[2].where().errorf("%s() predicate body must yield a boolean, got: '%s'. Use a comparison, logical "+
			"operator, IS NULL, IN, BETWEEN, LIKE, or a boolean-returning function (CONTAINS, STARTS_WITH, IS_EMAIL, etc.).", c.name,
			c.args[2])
	}
	return nil
}
