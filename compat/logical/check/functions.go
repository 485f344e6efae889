package check

import (
	"errors"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
)

// methods are the functions that CEL has as a method of their first argument, and the number of their arguments.
var methods = map[string]struct {
	name string
	args int
}{
	"UPPER": {"upperAscii", 1}, "LOWER": {"lowerAscii", 1}, "STARTS_WITH": {"startsWith", 2}, "ENDS_WITH": {"endsWith", 2},
	"CONTAINS": {"contains", 2}, "REPLACE": {"replace", 3}, "MATCHES": {"matches", 2}, "IS_EMAIL": {"isEmail", 1},
	"IS_HOSTNAME": {"isHostname", 1}, "IS_IPV4": {"isIpv4", 1}, "IS_IPV6": {"isIpv6", 1}, "IS_URI": {"isUri", 1},
	"IS_URI_REF": {"isUriRef", 1}, "IS_UUID": {"isUuid", 1},
}

// variants are the functions of one argument that clients define for VARIANT.
var variants = map[string]string{"PARSE_JSON": "variants.parseJson", "TRY_PARSE_JSON": "variants.tryParseJson",
	"TO_JSON": "variants.toJson", "TYPE_OF_VARIANT": "variants.type", "VARIANT_IS_NULL": "variants.isNull"}

// rounders are the functions of a number: decimals.* for a DECIMAL, math.* for the others.
var rounders = map[string]string{"ABS": "abs", "SIGN": "sign", "FLOOR": "floor", "CEIL": "ceil", "CEILING": "ceil",
	"SQRT": "sqrt", "ROUND": "round", "TRUNCATE": "trunc"}

var macros = map[string]string{"EVERY": "all", "ANY": "exists", "ONE": "exists_one"}

// call writes a function.
func (e *emitter) call(n *call, s *Scope) {
	if n.keyword {
		e.form(n, s)
		return
	}
	switch n.name {
	case "LENGTH":
		if e.expect(n, len(n.args) == 1, "exactly 1 argument") {
			e.text("size(")
			e.plain(n.args[0], s)
			e.text(")")
		}
		return
	case "COALESCE":
		e.coalesce(n, s)
		return
	case "NULLIF":
		e.nullIf(n, s)
		return
	case "GREATEST", "LEAST":
		e.extreme(n, s)
		return
	}
	if m, ok := methods[n.name]; ok {
		if n.name == "MATCHES" && len(n.args) == 2 {
			e.checkRegex(n.args[1])
		}
		if e.expect(n, len(n.args) == m.args, strconv.Itoa(m.args)+" argument(s)") {
			e.wrapped(n.args[0], s, plain)
			e.text(".", m.name, "(")
			e.join(n.args[1:], ", ", s, plain)
			e.text(")")
		}
	} else if f, ok := variants[n.name]; ok {
		if e.expect(n, len(n.args) == 1, "1 argument") {
			e.text(f, "(")
			e.plain(n.args[0], s)
			e.text(")")
		}
	} else if f, ok := rounders[n.name]; ok {
		e.rounder(n, f, s)
	} else if m, ok := macros[n.name]; ok {
		e.macro(n, m, s)
	} else {
		e.fail(n.errorf("Unknown function in CHECK: '%s'. Allowed functions: LENGTH, UPPER, LOWER, STARTS_WITH, ENDS_WITH, CONTAINS, "+
			"REPLACE, MATCHES, COALESCE, NULLIF, GREATEST, LEAST, EVERY, ANY, ONE, IS_EMAIL, IS_HOSTNAME, IS_IPV4, IS_IPV6, IS_URI, "+
			"IS_URI_REF, IS_UUID, ABS, SIGN, FLOOR, CEIL/CEILING, ROUND, TRUNCATE, SQRT, PARSE_JSON, TRY_PARSE_JSON, TO_JSON, "+
			"TYPE_OF_VARIANT, VARIANT_IS_NULL, plus the special-syntax forms CAST, EXTRACT, SUBSTRING, POSITION, TRIM, "+
			"CURRENT_TIMESTAMP, VARIANT_GET, TRY_VARIANT_GET.", n.written))
	}
}

// expect fails unless the number of arguments is right.
func (e *emitter) expect(n *call, right bool, arguments string) bool {
	if !right {
		e.fail(n.errorf("%s() expects %s, got %d", n.name, arguments, len(n.args)))
	}
	return right
}

// checkRegex refuses a regular expression that is no RE2, which CEL has. Go's are RE2 but for groups named (?<name>…).
func (e *emitter) checkRegex(arg node) {
	l, _ := asLiteral(arg)
	if l == nil || l.kind != stringLiteral {
		return
	}
	pattern, why := l.token.Value, ""
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	var fault *syntax.Error
	if errors.As(err, &fault) {
		why = fault.Code.String()
	} else if hasPerlName(parsed, pattern) {
		why = syntax.ErrInvalidPerlOp.String()
	}
	if why != "" {
		e.fail(arg.where().errorf("MATCHES() regex is invalid (RE2 syntax): %s in pattern '%s'. Note: matches() uses Google RE2 "+
			"syntax — "+
			`named groups (?<name>...), possessive quantifiers (*+, ++, ?+), and backreferences (\1) are not supported.`, why, pattern))
	}
}

// hasPerlName reports whether a group is named (?<name>…) rather than (?P<name>…).
func hasPerlName(re *syntax.Regexp, pattern string) bool {
	if re == nil || re.Op == syntax.OpCapture && re.Name != "" && !strings.Contains(pattern, "(?P<"+re.Name+">") {
		return re != nil
	}
	return slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return hasPerlName(sub, pattern) })
}

func (e *emitter) rounder(n *call, function string, s *Scope) {
	scaled := n.name == "ROUND" || n.name == "TRUNCATE"
	switch {
	case scaled && len(n.args) != 2 && !e.expect(n, len(n.args) == 1, "1 or 2 arguments"),
		!scaled && !e.expect(n, len(n.args) == 1, "exactly 1 argument"):
		return
	}
	if classOf(e.typeOf(n.args[0], s)) == decimalClass {
		e.text("decimals.", function, "(")
		e.value(n.args[0], s, asDecimal)
		for _, scale := range n.args[1:] {
			e.text(", ")
			e.plain(scale, s)
		}
		e.text(")")
		return
	}
	if len(n.args) == 2 {
		e.fail(n.errorf("%s() with a scale argument is only supported on DECIMAL operands; for INT/DOUBLE only the "+
			"single-argument form is available (math.%s has no scale parameter).", n.name, function))
	}
	e.text("math.", function, "(")
	e.plain(n.args[0], s)
	e.text(")")
}

// macro writes EVERY, ANY or ONE. The validator has seen that it has three arguments.
func (e *emitter) macro(n *call, method string, s *Scope) {
	if !e.expect(n, len(n.args) == 3, "3 arguments (list, iteration variable, predicate)") {
		return
	}
	variable, body := n.args[1].String(), e.body(n, s)
	at := n.args[1].where()
	switch {
	case body == nil:
		e.fail(at.errorf("Second argument to %[1]s() must be a simple identifier naming the iteration variable, got: '%[2]s'. "+
			"Example: %[1]s(tags, t, LENGTH(t) > 0)", n.name, variable))
		return
	case variable == now:
		e.fail(at.errorf("%s() iteration variable name '%s' shadows a runtime-injected variable; choose a different "+
			"name.", n.name, variable))
	case variable == "this":
		e.fail(at.errorf("%s() iteration variable name '%s' shadows the implicit row reference; choose a different "+
			"name.", n.name, variable))
	case isReserved(variable):
		e.fail(at.errorf("%s() iteration variable name '%s' is a reserved word; choose a different identifier (the macro "+
			"binding emits as a bare identifier).", n.name, variable))
	}
	e.wrapped(n.args[0], s, plain)
	e.text(".", method, "(", variable, ", ")
	e.plain(n.args[2], body)
	e.text(")")
}
