package check

import (
	"math"
	"strconv"

	"github.com/millrace/millrace/compat/logical"
)

// validator refuses what the check of the CEL cannot see. Its passes go over the whole expression one after the other, so that
// the refusal of several is always the same one, Confluent's.
type validator struct{ *typer }

// validate runs the passes.
func (v validator) validate(root node, s *Scope) error {
	if !v.isBoolean(root, s) {
		return root.where().errorf("CHECK expression must yield a boolean, got: '%s'. Use a comparison, logical operator, IS "+
			"NULL, IN, BETWEEN, LIKE, or a boolean-returning function (CONTAINS, STARTS_WITH, IS_EMAIL, EVERY, ANY, ONE, etc.).", root)
	}
	if err := v.columns(root, s); err != nil {
		return err
	}
	if err := numbersInRange(root); err != nil {
		return err
	}
	for _, pass := range []func(node, *Scope) error{v.patterns, v.comparisons, v.concatenations, v.arithmetic, v.cases, v.betweens,
		v.lists, v.arguments, v.nullTests, v.macroBodies} {
		if err := v.walk(root, s, pass); err != nil {
			return err
		}
	}
	return nil
}

// isMacro reports whether a call is EVERY, ANY or ONE, whose last argument is evaluated for every element of the first one.
func (n *call) isMacro() bool {
	return !n.keyword && (n.name == "EVERY" || n.name == "ANY" || n.name == "ONE")
}

// isVariable reports whether a macro's second argument can be a variable. Its text counts, whatever it was read as.
func isVariable(text string) bool {
	for i := range len(text) {
		switch c := text[i]; {
		case c == '_', 'a' <= c|0x20 && c|0x20 <= 'z', i > 0 && '0' <= c && c <= '9':
		default:
			return false
		}
	}
	return text != ""
}

// walk calls visit for every node, a node before what it holds, in the scope that it is read in.
func (v validator) walk(n node, s *Scope, visit func(node, *Scope) error) error {
	if err := visit(n, s); err != nil {
		return err
	}
	if c, ok := n.(*call); ok && c.isMacro() && len(c.args) == 3 {
		if err := v.walk(c.args[0], s, visit); err != nil {
			return err
		}
		if body := v.body(c, s); body != nil {
			return v.walk(c.args[2], body, visit)
		}
		return nil
	}
	return children(n, func(c node) error { return v.walk(c, s, visit) })
}

// children calls visit for what a node holds, until there is an error.
func children(n node, visit func(node) error) (err error) {
	n.children(func(c node) {
		if err == nil {
			err = visit(c)
		}
	})
	return err
}

// isBoolean reports whether an expression has a boolean for a value. A CASE may: the check of the CEL knows.
func (v validator) isBoolean(n node, s *Scope) bool {
	switch n := bare(n).(type) {
	case *sign:
		return v.isBoolean(n.arg, s)
	case *literal:
		return n.kind == boolLiteral
	case *column:
		return classOf(v.columnType(n, s)) == boolClass
	case *call:
		switch {
		case !n.keyword:
			return isTest(n.name)
		case n.name == "CAST":
			return n.typ.head() == "BOOLEAN"
		}
		return n.typ != nil && classOf(n.typ.logical()) == boolClass
	case *caseOf:
		return true
	}
	return isPredicate(bare(n))
}

// columns refuses names that are unknown and paths that their types do not have.
func (v validator) columns(n node, s *Scope) error {
	switch n := n.(type) {
	case *column:
		if !s.isKnown(n.name) {
			return n.errorf("Unknown column in CHECK: '%s'. Allowed columns: %s.", n.name, s.allowed())
		}
		if err := v.path(s.typeOf(n.name), n.path, n.name, s); err != nil {
			return err
		}
	case *paren:
		if len(n.path) == 0 {
			break
		}
		if err := v.path(v.typeOf(n.arg, s), n.path, "("+n.arg.String()+")", s); err != nil {
			return err
		}
	case *call:
		if !n.isMacro() {
			break
		}
		if len(n.args) != 3 {
			return n.errorf("%[1]s() expects 3 arguments (collection, iteration variable, predicate), got %[2]d. "+
				"Example: %[1]s(tags, t, LENGTH(t) > 0)", n.name, len(n.args))
		}
		if err := v.columns(n.args[0], s); err != nil {
			return err
		}
		if body := v.body(n, s); body != nil {
			return v.columns(n.args[2], body)
		}
		return nil
	}
	return children(n, func(c node) error { return v.columns(c, s) })
}

// path checks the steps behind a value of a type. What is unknown of a type is left to the check of the CEL.
func (v validator) path(t *logical.Type, path []step, so string, s *Scope) error {
	for _, step := range path {
		if t = s.body(t); t == nil {
			return nil
		}
		if step.index == nil {
			f := field(t, step.field)
			switch {
			case t.Kind != logical.Struct:
				return step.errorf("Cannot access field '%s' on '%s' (type %s) — only STRUCT/ROW supports field access.", step.field, so,
					t.Kind)
			case f == nil:
				return step.errorf("Unknown field '%s' on STRUCT '%s'.", step.field, so)
			}
			t, so = f.Type, so+"."+step.field
			continue
		}
		switch t.Kind {
		case logical.Array, logical.Multiset:
			if i, ok := intValue(step.index); ok && i <= 0 {
				return step.errorf("ARRAY/MULTISET indexing is 1-based in SQL; got literal %d for '%s[...]' which would translate to a "+
					"negative index (`[%d]`) and crash at runtime. Use a positive index.", i, so, i-1)
			}
		case logical.Map:
		default:
			return step.errorf("Cannot index '%s' (type %s) with [...] — only ARRAY, MULTISET, and MAP support index access.", so,
				t.Kind)
		}
		t, so = t.Elem, so+"[...]"
	}
	return nil
}

// intValue returns the number that an expression is when it is an integer literal of 64 bits.
func intValue(n node) (int64, bool) {
	l, minus := asLiteral(n)
	if l == nil || l.kind != intLiteral {
		return 0, false
	}
	i, err := strconv.ParseInt(l.number(), 10, 64)
	if minus {
		i = -i
	}
	return i, err == nil
}

// numbersInRange refuses literals that CEL has no number for. It sees the variables of macros as well.
func numbersInRange(n node) error {
	if l, ok := n.(*literal); ok {
		switch l.kind {
		case intLiteral:
			if _, err := strconv.ParseInt(l.number(), 10, 64); err != nil {
				return l.errorf("Integer literal %s is out of range for a 64-bit signed integer. Maximum: %d.", l.number(), int64(math.MaxInt64))
			}
		case doubleLiteral:
			if _, err := strconv.ParseFloat(l.number(), 64); err != nil {
				return l.errorf("Float literal %s is out of range (overflows to Infinity at runtime); constraint would be silently "+
					"always-false.", l.number())
			}
		}
		return nil
	}
	return children(n, numbersInRange)
}
