// Package check reads the expressions of CHECK constraints in Logical-Type DDL and translates them to CEL, the language in which
// Confluent's clients evaluate them.
//
//	e, err := check.Parse(cursor)                          // a >= 1 AND tags[1] LIKE 'x%'; stops before the closing parenthesis
//	cel, err := e.CEL(check.Table(fields, schema.Lookup))  // this.a >= 1 && this.tags[(1) - 1].matches('^x.*$')
//
// A table-level constraint sees the fields of its struct, as this.field; a column-level one sees its column only, as this. The
// clients do not evaluate a column-level constraint for a value that is null.
//
// Translation has three steps. Expr.CEL first refuses what has no sound CEL, or another meaning there than in SQL (validate.go
// and the files after it): a comparison with NULL, an unknown column, a string plus a string. It then writes the CEL (emit.go
// …): SQL counts from 1 and CEL from 0, numbers of mixed types are converted to the widest of int, DECIMAL and double, and the
// operators of DECIMAL, which CEL has not, are the functions decimals.* that Confluent's clients define. At last the CEL is
// checked against the types of the columns (typecheck.go), which finds every fault that the first step leaves.
//
// The text is to the byte what Confluent's registry writes for the same expression: a client caches and compares it.
//
// Source: confluentinc/schema-registry, logical-types/, package type.logical.constraint, with its test CheckConstraintTest as of
// 2026-09, and schema-rules/, package rules.cel.builtin (both Apache License 2.0).
package check
