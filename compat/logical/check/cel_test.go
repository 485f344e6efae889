package check

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/token"
	"github.com/millrace/millrace/compat/schema"
)

var update = flag.Bool("update", false, "write what the translator says into testdata")

func kind(k logical.Kind) *logical.Type { return &logical.Type{Kind: k, Nullable: true} }

func list(of *logical.Type) *logical.Type {
	return &logical.Type{Kind: logical.Array, Nullable: true, Elem: of}
}

func mapOf(key, value *logical.Type) *logical.Type {
	return &logical.Type{Kind: logical.Map, Nullable: true, Key: key, Elem: value}
}

// address is the named type that the columns home and homes have; that of there is unknown.
var address = &logical.Type{Kind: logical.Struct, Fields: []logical.Field{
	{Name: "zip", Type: kind(logical.Int)}, {Name: "city", Type: &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded}},
	{Name: "labels", Type: mapOf(kind(logical.Varchar), kind(logical.Varchar))}, {Name: "since", Type: kind(logical.Timestamp)},
	{Name: "in", Type: kind(logical.Int)}, {Name: "next", Type: &logical.Type{Kind: logical.Named, Name: "Address", Nullable: true}},
}}

func named(name string) *logical.Type { return &logical.Type{Kind: logical.Named, Name: name} }

var columns = []logical.Field{
	{Name: "n", Type: kind(logical.Int)}, {Name: "m", Type: kind(logical.BigInt)},
	{Name: "must", Type: &logical.Type{Kind: logical.Int}},
	{Name: "f", Type: kind(logical.Float)}, {Name: "d", Type: kind(logical.Double)},
	{Name: "price", Type: kind(logical.Decimal)}, {Name: "tax", Type: kind(logical.Decimal)},
	{Name: "s", Type: kind(logical.Varchar)}, {Name: "code", Type: kind(logical.Char)}, {Name: "raw", Type: kind(logical.Varbinary)},
	{Name: "ok", Type: kind(logical.Boolean)},
	{Name: "day", Type: kind(logical.Date)}, {Name: "at", Type: kind(logical.TimestampLTZ)},
	{Name: "due", Type: kind(logical.Timestamp)},
	{Name: "tags", Type: list(kind(logical.Varchar))}, {Name: "counts", Type: list(kind(logical.Int))},
	{Name: "prices", Type: list(kind(logical.Decimal))}, {Name: "times", Type: list(kind(logical.Timestamp))},
	{Name: "bag", Type: &logical.Type{Kind: logical.Multiset, Nullable: true, Elem: kind(logical.Decimal)}},
	{Name: "grid", Type: list(list(kind(logical.Int)))}, {Name: "ages", Type: mapOf(kind(logical.Varchar), kind(logical.Int))},
	{Name: "home", Type: named("Address")}, {Name: "homes", Type: list(named("Address"))}, {Name: "there", Type: named("Elsewhere")},
	{Name: "color", Type: kind(logical.Enum)}, {Name: "v", Type: kind(logical.Variant)}, {Name: "as", Type: kind(logical.Int)},
	{Name: "type", Type: kind(logical.Varchar)},
}

func lookup(name string) *logical.Type {
	if name == "Address" {
		return address
	}
	return nil
}

// scopeOf returns the scope of a test and its expression: "column n: n > 0" is in that of the column n.
func scopeOf(sql string) (Scope, string) {
	if rest, ok := strings.CutPrefix(sql, "column "); ok {
		name, expr, _ := strings.Cut(rest, ": ")
		for _, f := range columns {
			if f.Name == name {
				return Column(name, f.Type, lookup), expr
			}
		}
	}
	return Table(columns, lookup), sql
}

func parse(sql string) (*Expr, error) {
	c, err := token.NewCursor(sql)
	if err != nil {
		return nil, err
	}
	e, err := Parse(c)
	if err == nil && c.Peek().Kind != token.EOF {
		err = c.Expected("the end")
	}
	return e, err
}

func translate(sql string) (string, error) {
	s, sql := scopeOf(sql)
	e, err := parse(sql)
	if err != nil {
		return "", err
	}
	return e.CEL(s)
}

// golden compares what answer says to the expressions of a file, which stand in it with the answer indented below.
func golden(t *testing.T, file string, answer func(sql string) string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := string(b)
	var got strings.Builder
	for line := range strings.Lines(want) {
		if strings.HasPrefix(line, "    ") {
			continue
		}
		got.WriteString(line)
		if sql := strings.TrimSpace(line); sql != "" && sql[0] != '#' {
			got.WriteString("    " + strings.ReplaceAll(answer(sql), "\n", "\n    ") + "\n")
		}
	}
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

func TestCEL(t *testing.T) {
	golden(t, "testdata/cel.txt", func(sql string) string {
		cel, err := translate(sql)
		if err != nil {
			t.Errorf("%s: %v", sql, err)
		}
		return cel
	})
}

func TestRefused(t *testing.T) {
	golden(t, "testdata/refused.txt", func(sql string) string {
		cel, err := translate(sql)
		var e *schema.SyntaxError
		if !errors.As(err, &e) || cel != "" || !e.Meaning {
			t.Errorf("%s: %q, %v", sql, cel, err)
			return ""
		}
		return e.Words
	})
}

func TestNoExpression(t *testing.T) {
	golden(t, "testdata/faults.txt", func(sql string) string {
		_, err := parse(sql)
		var e *schema.SyntaxError
		if !errors.As(err, &e) || e.Meaning {
			t.Errorf("%s: %v", sql, err)
			return ""
		}
		return err.Error()
	})
}
