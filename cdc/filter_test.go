package cdc_test

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/cdc"
)

// TestPatterns holds lists to Debezium's rules: anchored, blind to case, commas between them.
func TestPatterns(t *testing.T) {
	for _, c := range []struct {
		name, include, exclude string
		pass, stop             []string
	}{
		{"nothing", "", "", []string{"a", ""}, nil},
		{"anchored", "public.orders", "", []string{"public.orders", "PUBLIC.Orders", "publicXorders"}, []string{"public.orders2", "xpublic.orders", "public"}},
		{"alternatives are anchored, too", "a|b", "", []string{"a", "b"}, []string{"ab", "xa", "bx"}},
		{"a list with blanks", " a.* , ,b ", "", []string{"a", "ab", "b"}, []string{"bb", " b"}},
		{"a comma in braces", "x{1,3},y", "", []string{"x", "xxx", "y"}, []string{"xxxx", "x,y"}},
		{"an escaped comma", `a\,b,c`, "", []string{"a,b", "c"}, []string{"a", "b"}},
		{"a quoted name", `public\.cust.*`, "", []string{"public.customers"}, []string{"publicXcustomers"}},
		{"exclude", "", "a,b.*", []string{"c", "ab"}, []string{"a", "b", "bc"}},
		{"a line end is part of the name", "a.b", "", nil, []string{"a.b\n", "\na.b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := cdc.ParsePatterns(c.include, c.exclude)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range c.pass {
				if !p.Match(s) {
					t.Errorf("%q is stopped", s)
				}
			}
			for _, s := range c.stop {
				if p.Match(s) {
					t.Errorf("%q passes", s)
				}
			}
		})
	}
	for _, c := range []struct{ include, exclude, want string }{
		{"a", "b", "exclude each other"},
		{"a(", "", `"a(" is not a regular expression`},
		{"", "ok,*", `"*" is not a regular expression`},
		{"a(?=b)", "", "is not a regular expression"}, // Java's look-ahead, which Go has not
	} {
		if _, err := cdc.ParsePatterns(c.include, c.exclude); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q and %q give %v", c.include, c.exclude, err)
		}
	}
}

func TestFilter(t *testing.T) {
	parse := func(include, exclude string) cdc.Patterns {
		p, err := cdc.ParsePatterns(include, exclude)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	f := cdc.Filter{Schemas: parse("public,app", ""), Tables: parse("", `public\.tmp.*`), Columns: parse("", `public\.orders\.secret`)}
	for _, c := range []struct {
		schema, table string
		want          bool
	}{{"public", "orders", true}, {"app", "tmp1", true}, {"public", "tmp1", false}, {"other", "orders", false}} {
		if f.Table(c.schema, c.table) != c.want {
			t.Errorf("%s.%s: want %v", c.schema, c.table, c.want)
		}
	}
	if f.Column("public", "orders", "secret") || !f.Column("public", "orders", "id") || !f.Column("app", "orders", "secret") {
		t.Error("a column's filter is wrong")
	}
}

// FuzzParsePatterns holds hostile lists to an answer.
func FuzzParsePatterns(f *testing.F) {
	f.Add("a,b{1,2}", "a")
	f.Add(`\,{,}`, "x")
	f.Add("((((((((((a{1000}){1000}", "a")
	f.Fuzz(func(t *testing.T, list, name string) {
		if p, err := cdc.ParsePatterns(list, ""); err == nil {
			p.Match(name)
		}
	})
}
