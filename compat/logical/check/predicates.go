package check

import (
	"github.com/millrace/millrace/compat/logical"
)

// comparisons refuses a comparison with NULL, which SQL does not know the result of and CEL does; one of types that are never
// equal; and an order of types that have none.
func (v validator) comparisons(n node, s *Scope) error {
	c, ok := n.(*compare)
	if !ok {
		return nil
	}
	if isNullLiteral(c.l) || isNullLiteral(c.r) {
		return c.errorf("Comparison %s against NULL is always UNKNOWN in SQL but would emit an expression that fails for "+
			"non-null rows; use IS NULL or IS NOT NULL instead.", c.op)
	}
	l, r := v.typeOf(c.l, s), v.typeOf(c.r, s)
	switch c.op {
	case "=", "<>", "!=":
		if l != nil && r != nil && !comparable(l, r) {
			return c.errorf("Cannot compare %s with %s using %s — equality across types evaluates as always-false. Use explicit CAST "+
				"to align types, or IS NULL if testing for null.", l.Kind, r.Kind, c.op)
		}
		return nil
	}
	for _, t := range []*logical.Type{l, r} {
		if cl := classOf(t); t != nil && (cl == noClass || cl == boolClass) {
			return c.errorf("Cannot use relational operator %s on %s — only numeric, string, bytes, and date/time types are ordered. "+
				"Use = / <> for equality.", c.op, t.Kind)
		}
	}
	return nil
}

// patterns refuses an ESCAPE that is no single character and a pattern that ends with it.
func (v validator) patterns(n node, _ *Scope) error {
	l, ok := n.(*like)
	if !ok {
		return nil
	}
	esc, err := l.escapeRune()
	if err != nil {
		return err
	}
	pattern := []rune(l.pattern)
	for i := 0; i < len(pattern); i++ {
		if pattern[i] != esc {
			continue
		}
		if i++; i == len(pattern) {
			return l.errorf("LIKE pattern ends with the escape character ('%s') with no following character — this is an invalid "+
				"escape sequence per the SQL spec.", string(esc))
		}
	}
	return nil
}

// betweens refuses operands that are NULL, or may be by what they are: <= takes none.
func (v validator) betweens(n node, _ *Scope) error {
	b, ok := n.(*between)
	if !ok {
		return nil
	}
	for _, o := range []struct {
		n    node
		role string
	}{{b.low, "lower"}, {b.high, "upper"}} {
		if isNullLiteral(o.n) {
			return o.n.where().errorf("BETWEEN %s bound cannot be NULL — there is no `<=` overload taking null. Use IS NULL or "+
				"COALESCE to handle missing bounds explicitly.", o.role)
		}
	}
	for _, o := range []struct {
		n    node
		role string
	}{{b.arg, "subject"}, {b.low, "lower bound"}, {b.high, "upper bound"}} {
		if c, ok := bare(o.n).(*call); ok && (c.name == "NULLIF" || c.name == "TRY_VARIANT_GET") {
			return o.n.where().errorf("BETWEEN %s cannot be %s(...) — the function can return null, and there is no comparison "+
				"overload taking null. Use COALESCE to provide an explicit fallback value.", o.role, c.name)
		}
	}
	return nil
}

// lists refuses NULL and values of several classes in the list of an IN.
func (v validator) lists(n node, s *Scope) error {
	list, ok := n.(*in)
	if !ok {
		return nil
	}
	for _, e := range list.list {
		if isNullLiteral(e) {
			return e.where().errorf("IN list cannot contain NULL — use `x IS NULL OR x IN (...)` to test for null membership " +
				"separately.")
		}
	}
	var first *logical.Type
	for _, e := range list.list {
		t := v.typeOf(e, s)
		a, b := classOf(first), classOf(t)
		switch {
		case b == noClass || a == b || a.isNumber() && b.isNumber():
		case first == nil:
			first = t
		default:
			return e.where().errorf("IN list element type %s is not comparable with the earlier element type %s — heterogeneous list "+
				"literals would emit a `list<dyn>` that silently accepts mismatched membership tests. Make all elements share a category "+
				"(numeric, string, bytes, or date/time).", t.Kind, first.Kind)
		}
	}
	return nil
}

// nullTests refuses IS [NOT] NULL of what is never null.
func (v validator) nullTests(n node, s *Scope) error {
	is, ok := n.(*isNull)
	if !ok {
		return nil
	}
	switch arg := bare(is.arg).(type) {
	case *call:
		if isNeverNull(arg) {
			return is.errorf("IS NULL on %s(...) is dead code — the function always returns a non-null value, so the comparison is "+
				"unconditionally false. Drop the IS NULL test, or apply IS NULL to a column reference instead.", arg.name)
		}
	case *column:
		if len(arg.path) == 0 && s.isThis(arg.name) {
			return is.errorf("IS NULL on a column-level constraint never fires — the runtime skips evaluation when the column value " +
				"is null/missing, so `this` is guaranteed non-null at evaluation time. Use NOT NULL at the schema level for nullability " +
				"declarations, or move the test to a table-level CHECK where format-aware presence checks (has(this.x)) are available.")
		}
		if isNeverNullColumn(arg, s) {
			return is.errorf("IS NULL on '%s' is dead code — every step in the column reference is declared NOT NULL, so the value can "+
				"never be null. Drop the IS NULL test, or apply it to a nullable column.", arg)
		}
	}
	return nil
}

func isNeverNull(n *call) bool {
	if n.keyword {
		return n.name != "VARIANT_GET" && n.name != "TRY_VARIANT_GET"
	}
	switch n.name {
	case "LENGTH", "UPPER", "LOWER", "REPLACE", "GREATEST", "LEAST", "ABS", "SIGN", "FLOOR", "CEIL", "CEILING", "SQRT", "ROUND",
		"TRUNCATE", "TO_JSON", "TYPE_OF_VARIANT":
		return true
	}
	return isTest(n.name)
}

// isNeverNullColumn reports whether a column and each field on its path is NOT NULL. An element of a collection may be missing.
func isNeverNullColumn(c *column, s *Scope) bool {
	t := s.typeOf(c.name)
	for _, step := range c.path {
		if t == nil || t.Nullable || step.index != nil {
			return false
		}
		f := field(s.body(t), step.field)
		if f == nil {
			return false
		}
		t = f.Type
	}
	return t != nil && !t.Nullable && s.body(t) != nil
}
