package policy

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

const all = Flink | IcebergV2 | IcebergV3

// A schema under test is built from types, which are NOT NULL unless null says otherwise.

func of(k logical.Kind) *logical.Type { return &logical.Type{Kind: k} }

func sized(k logical.Kind, length int) *logical.Type { return &logical.Type{Kind: k, Length: length} }

func timed(k logical.Kind, precision int) *logical.Type {
	return &logical.Type{Kind: k, Precision: precision}
}

func dec(precision, scale int) *logical.Type {
	return &logical.Type{Kind: logical.Decimal, Precision: precision, Scale: scale}
}

func text() *logical.Type           { return sized(logical.Varchar, logical.Unbounded) }
func ref(name string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: name} }
func null(t *logical.Type) *logical.Type {
	n := *t
	n.Nullable = true
	return &n
}

func array(elem *logical.Type) *logical.Type { return &logical.Type{Kind: logical.Array, Elem: elem} }
func bag(elem *logical.Type) *logical.Type   { return &logical.Type{Kind: logical.Multiset, Elem: elem} }
func dict(key, value *logical.Type) *logical.Type {
	return &logical.Type{Kind: logical.Map, Key: key, Elem: value}
}

func enum(symbols ...string) *logical.Type {
	t := of(logical.Enum)
	for _, s := range symbols {
		t.Values = append(t.Values, logical.EnumValue{Symbol: s})
	}
	return t
}

func row(fields ...logical.Field) *logical.Type {
	return &logical.Type{Kind: logical.Struct, Fields: fields}
}

func union(fields ...logical.Field) *logical.Type {
	t := of(logical.Union)
	for _, f := range fields {
		t.Branches = append(t.Branches, logical.Branch{Name: f.Name, Type: f.Type})
	}
	return t
}

func f(name string, t *logical.Type) logical.Field { return logical.Field{Name: name, Type: t} }

func def(name string, t *logical.Type, v logical.Value) logical.Field {
	return logical.Field{Name: name, Type: t, Default: logical.Default{Has: true, Value: v}}
}

func doc(root *logical.Type, named ...logical.Definition) *logical.Schema {
	return &logical.Schema{Root: root, Named: named}
}

func table(fields ...logical.Field) *logical.Schema { return doc(row(fields...)) }

// col is a table of one column c.
func col(t *logical.Type) *logical.Schema { return table(f("c", t)) }

func named(name string, t *logical.Type) logical.Definition {
	return logical.Definition{Name: name, Type: t}
}

// told returns findings as rule, path and targets, a line each.
func told(findings []Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s %s (%s)\n", f.Rule, f.Path, f.Target)
	}
	return b.String()
}

func lines(of ...string) string {
	if len(of) == 0 {
		return ""
	}
	return strings.Join(of, "\n") + "\n"
}

// describe returns the findings a line each, "" when there are none.
func describe(findings []Finding) string {
	lines := make([]string, len(findings))
	for i, f := range findings {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
