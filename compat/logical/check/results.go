package check

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// resultType returns the type of what a function returns, or nil.
func (t *typer) resultType(n *call, s *Scope) *logical.Type {
	first := func() *logical.Type {
		if len(n.args) == 0 {
			return nil
		}
		return t.typeOf(n.args[0], s)
	}
	if n.keyword {
		switch n.name {
		case "CAST":
			return n.typ.logical()
		case "VARIANT_GET", "TRY_VARIANT_GET":
			if n.typ == nil {
				return variantType
			}
			return n.typ.logical()
		case "EXTRACT", "POSITION":
			return bigIntType
		case "CURRENT_TIMESTAMP":
			return instantType
		}
		return stringType // SUBSTRING, TRIM
	}
	switch n.name {
	case "LENGTH":
		return bigIntType
	case "UPPER", "LOWER", "REPLACE", "TO_JSON", "TYPE_OF_VARIANT":
		return stringType
	case "PARSE_JSON", "TRY_PARSE_JSON":
		return variantType
	case "GREATEST", "LEAST", "COALESCE":
		return t.join(n.args, s, false)
	case "NULLIF":
		for _, arg := range n.args {
			if typ := t.typeOf(arg, s); typ != nil {
				return typ
			}
		}
	case "ABS", "FLOOR", "CEIL", "CEILING", "ROUND", "TRUNCATE":
		return first()
	case "SQRT":
		if typ := first(); classOf(typ) == decimalClass || len(n.args) == 0 {
			return typ
		}
		return doubleType
	case "SIGN":
		if typ := first(); classOf(typ) != decimalClass {
			return typ
		}
		return bigIntType
	}
	if isTest(n.name) {
		return boolType
	}
	return nil
}

// isTest reports whether a function returns a boolean.
func isTest(name string) bool {
	switch name {
	case "STARTS_WITH", "ENDS_WITH", "CONTAINS", "MATCHES", "IS_EMAIL", "IS_HOSTNAME", "IS_IPV4", "IS_IPV6", "IS_URI", "IS_URI_REF",
		"IS_UUID", "EVERY", "ANY", "ONE", "VARIANT_IS_NULL":
		return true
	}
	return false
}

// logical returns the type that a CAST or RETURNING gives, or nil.
func (t *castType) logical() *logical.Type {
	text := t.text()
	for _, c := range []struct {
		prefixes string
		typ      *logical.Type
	}{
		{"INT BIGINT SMALLINT TINYINT", bigIntType},
		{"FLOAT REAL DOUBLE", doubleType},
		{"STRING VARCHAR CHAR", stringType},
		{"BYTES BINARY VARBINARY", bytesType},
		{"BOOLEAN", boolType},
		{"DEC NUMERIC", decimalType},
		{"TIMESTAMP", instantType},
	} {
		for prefix := range strings.FieldsSeq(c.prefixes) {
			if strings.HasPrefix(text, prefix) {
				return c.typ
			}
		}
	}
	return nil
}

// scale returns the second parameter of DECIMAL(p, s); 0 when there is none, or when one is no int.
func (t *castType) scale() int {
	_, params, _ := strings.Cut(strings.TrimSuffix(t.text(), ")"), "(")
	precision, scale, ok := strings.Cut(params, ",")
	if _, err := strconv.ParseInt(precision, 10, 32); err != nil || !ok {
		return 0
	}
	n, err := strconv.ParseInt(scale, 10, 32)
	if err != nil {
		return 0
	}
	return int(n)
}
