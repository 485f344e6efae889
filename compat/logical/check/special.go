package check

import (
	"strconv"
	"strings"
)

// form writes a function that SQL writes with keywords.
func (e *emitter) form(n *call, s *Scope) {
	switch n.name {
	case "CAST":
		e.cast(n, s)
	case "EXTRACT":
		e.extract(n, s)
	case "SUBSTRING":
		e.substring(n, s)
	case "POSITION":
		e.text("(")
		e.wrapped(n.args[1], s, plain)
		e.text(".indexOf(")
		e.plain(n.args[0], s)
		e.text(") + 1)")
	case "TRIM":
		e.trim(n, s)
	case "CURRENT_TIMESTAMP":
		e.text(now)
	case "VARIANT_GET":
		e.variantGet(n, s, "variants.as")
	case "TRY_VARIANT_GET":
		e.variantGet(n, s, "variants.tryAs")
	}
}

// conversions are the types of a CAST and their functions in CEL.
var conversions = map[string]string{"INT": "int", "INTEGER": "int", "TINYINT": "int", "SMALLINT": "int", "BIGINT": "int",
	"FLOAT": "double", "REAL": "double", "DOUBLE": "double", "DOUBLEPRECISION": "double", "DECIMAL": "decimal", "DEC": "decimal",
	"NUMERIC": "decimal", "STRING": "string", "VARCHAR": "string", "CHAR": "string", "CHARACTER": "string",
	"CHARACTERVARYING": "string", "BOOLEAN": "bool", "BYTES": "bytes", "BINARY": "bytes", "VARBINARY": "bytes",
	"BINARYVARYING": "bytes"}

func (e *emitter) cast(n *call, s *Scope) {
	arg, function := n.args[0], conversions[n.typ.head()]
	f := plain
	if classOf(e.typeOf(arg, s)) == decimalClass {
		f = asDecimal
	}
	switch {
	case function == "":
		e.fail(n.typ.errorf("CAST to type '%s' is not supported in CHECK. Supported types: INT/INTEGER/TINYINT/SMALLINT/BIGINT, "+
			"FLOAT/REAL/DOUBLE/DECIMAL, STRING/VARCHAR/CHAR, BOOLEAN, BYTES/BINARY/VARBINARY. Date/time casts are not supported in v1.",
			n.typ.text()))
	case function == "decimal":
		e.text("decimals.round(")
		if f == plain {
			e.text("decimal(")
		}
		e.value(arg, s, f)
		if f == plain {
			e.text(")")
		}
		e.text(", ", strconv.Itoa(n.typ.scale()), ")")
		return
	case f == asDecimal && function != "string" && function != "double":
		e.fail(n.errorf("CAST from DECIMAL to %s is not supported. From a DECIMAL source only CAST(... AS STRING), CAST(... AS "+
			"DOUBLE), and CAST(... AS DECIMAL(p,s)) are available.", n.typ.text()))
	}
	e.text(function, "(")
	e.value(arg, s, f)
	e.text(")")
}

// parts are the fields of EXTRACT and what follows the timestamp in CEL.
var parts = map[string]string{"YEAR": ".getFullYear()", "MONTH": ".getMonth() + 1)", "DAY": ".getDate()", "HOUR": ".getHours()",
	"MINUTE": ".getMinutes()", "SECOND": ".getSeconds()", "EPOCH": ")"}

func (e *emitter) extract(n *call, s *Scope) {
	part := strings.ToUpper(n.part)
	after, ok := parts[part]
	if !ok {
		e.fail(n.errorf("EXTRACT field '%s' is not supported. Supported fields: YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, "+
			"EPOCH.", n.part))
	}
	switch part {
	case "MONTH": // CEL's January is 0
		e.text("(")
	case "EPOCH":
		e.text("int(")
	}
	f := plain
	if e.isTemporal(n.args[0], s) {
		f = asTime
	}
	e.wrapped(n.args[0], s, f)
	e.text(after)
}

// substring writes SUBSTRING(s FROM i FOR n): from i-1 to i-1+n.
func (e *emitter) substring(n *call, s *Scope) {
	if i, ok := intValue(n.args[1]); ok && i <= 0 {
		e.fail(n.args[1].where().errorf("SUBSTRING start index must be ≥ 1 (SQL is 1-indexed); got %d. Postgres clamps "+
			"non-positive starts to 1, but the generated expression performs no clamping; rewrite the expression to use a "+
			"positive start.", i))
	}
	if len(n.args) > 2 {
		if i, ok := intValue(n.args[2]); ok && i < 0 {
			e.fail(n.args[2].where().errorf("SUBSTRING length must be ≥ 0; got %d. Postgres returns an empty string for negative "+
				"lengths, but the generated expression would throw at runtime; rewrite the expression to use a non-negative length.", i))
		}
	}
	e.wrapped(n.args[0], s, plain)
	e.text(".substring((")
	e.plain(n.args[1], s)
	e.text(") - 1")
	if len(n.args) > 2 {
		e.text(", (")
		e.plain(n.args[1], s)
		e.text(") - 1 + (")
		e.plain(n.args[2], s)
		e.text(")")
	}
	e.text(")")
}

func (e *emitter) trim(n *call, s *Scope) {
	switch {
	case n.part == "LEADING", n.part == "TRAILING":
		e.fail(n.errorf("TRIM %s is not supported. There is no directional trim; use TRIM(x) (whitespace, both ends).", n.part))
	case len(n.args) > 1:
		e.fail(n.errorf("TRIM with a character set is not supported. The generated trim() removes leading/trailing whitespace " +
			"only and has no chars overload. Use TRIM(x) (whitespace, both ends), or for character-set trimming, " +
			"use MATCHES(x, '<regex>') with an anchored pattern."))
	}
	e.wrapped(n.args[0], s, plain)
	e.text(".trim()")
}

// variantGet writes the value at a path of a VARIANT, as the type that RETURNING says or as a VARIANT.
func (e *emitter) variantGet(n *call, s *Scope, as string) {
	path := func() {
		e.call2("variants.path", func() { e.plain(n.args[0], s) }, func() { e.plain(n.args[1], s) })
	}
	if n.typ == nil {
		path()
		return
	}
	head := n.typ.head()
	label := conversions[head]
	switch {
	case head == "TIMESTAMP" || head == "TIMESTAMP_LTZ":
		label = "timestamp"
	case label == "bool":
		label = "boolean"
	case label == "":
		e.fail(n.typ.errorf("VARIANT_GET RETURNING type '%s' is not supported. Extractable types: INT/INTEGER/TINYINT/"+
			"SMALLINT/BIGINT, FLOAT/REAL/DOUBLE, DECIMAL, STRING/VARCHAR/CHAR, BOOLEAN, BYTES/BINARY/VARBINARY, TIMESTAMP.", n.typ.text()))
	}
	e.call2(as, path, func() { e.text(`"`, label, `"`) })
}
