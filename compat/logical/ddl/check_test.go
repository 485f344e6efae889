package ddl

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
)

// rulesOf returns the rules of a type and of its fields, by the field's name.
func rulesOf(t *logical.Type) map[string][]logical.Rule {
	out := map[string][]logical.Rule{}
	if len(t.Rules) > 0 {
		out[""] = t.Rules
	}
	for _, f := range t.Fields {
		if len(f.Rules) > 0 {
			out[f.Name] = f.Rules
		}
	}
	return out
}

func TestChecksBecomeRules(t *testing.T) {
	s := read(t, `
		NAMESPACE shop;
		STRUCT Address (zip INT CHECK (zip  >= 1 /* never 0 */), labels MAP<STRING, STRING>);
		STRUCT Purchase (
			id STRING NOT NULL CONSTRAINT id_form CHECK (MATCHES(id, '^[A-Z]+$')) MESSAGE 'it''s no id'
				CHECK (LENGTH(id) < 9) COMMENT 'an id',
			CONSTRAINT span CHECK (first_at
				<= last_at),
			first_at TIMESTAMP_LTZ, last_at TIMESTAMP_LTZ,
			home Address NOT NULL CHECK (home.labels['kind'] = 'home'),
			part STRUCT<a INT CHECK (a IN (1, 2)), b INT>,
			CHECK (home.zip > part.b) MESSAGE 'no'
		);
		TYPE Purchase`)
	purchase := s.Root
	want := map[string][]logical.Rule{
		"": {{Name: "span", Expr: "timestamp(this.first_at) <= timestamp(this.last_at)", SQL: "first_at\n\t\t\t\t<= last_at"},
			{Doc: "no", Expr: "this.home.zip > this.part.b", SQL: "home.zip > part.b"}},
		"id": {{Name: "id_form", Doc: "it's no id", Expr: "this.matches('^[A-Z]+$')", SQL: "MATCHES(id, '^[A-Z]+$')"},
			{Expr: "size(this) < 9", SQL: "LENGTH(id) < 9"}},
		"home": {{Expr: "this.labels['kind'] == 'home'", SQL: "home.labels['kind'] = 'home'"}},
	}
	if diff := cmp.Diff(want, rulesOf(purchase)); diff != "" {
		t.Error(diff)
	}
	part := map[string][]logical.Rule{"a": {{Expr: "this in [1, 2]", SQL: "a IN (1, 2)"}}}
	if diff := cmp.Diff(part, rulesOf(purchase.Fields[4].Type)); diff != "" {
		t.Error(diff)
	}
	zip := map[string][]logical.Rule{"zip": {{Expr: "this >= 1", SQL: "zip  >= 1"}}}
	if diff := cmp.Diff(zip, rulesOf(s.Lookup("shop.Address"))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(s, read(t, print(t, s))); diff != "" {
		t.Error(diff)
	}
}

func TestChecksSeeWhatIsDeclaredBehindThem(t *testing.T) {
	s := read(t, "STRUCT T (u U CHECK (u.z > 1), next T, CHECK (next.u.z < u.z)); STRUCT U (z INT); TYPE T")
	want := map[string][]logical.Rule{"u": {{Expr: "this.z > 1", SQL: "u.z > 1"}},
		"": {{Expr: "this.next.u.z < this.u.z", SQL: "next.u.z < u.z"}}}
	if diff := cmp.Diff(want, rulesOf(s.Lookup("T"))); diff != "" {
		t.Error(diff)
	}
}

func TestChecksThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"STRUCT T (a INT CHECK (a > b), b INT)":                     "line 1, column 28: Unknown column in CHECK: 'b'. Allowed columns: a.",
		"STRUCT T (a INT,\n CHECK (c > 1))":                         "line 2, column 9: Unknown column in CHECK: 'c'. Allowed columns: a.",
		"STRUCT T (a INT, CHECK (a >))":                             "line 1, column 28: expected an expression, found )",
		"STRUCT T (a INT CHECK ())":                                 "line 1, column 24: expected an expression, found )",
		"STRUCT T (a INT CHECK (a > 1 AND (a < 2)":                  "line 1, column 41: expected ), found the end",
		"STRUCT T (a U, CHECK (a.y > 1)); STRUCT U (z INT); TYPE T": "line 1, column 24: Unknown field 'y' on STRUCT 'a'.",
		"STRUCT T (next T CHECK (next.b > 1), a INT)":               "line 1, column 29: Unknown field 'b' on STRUCT 'next'.",
		"STRUCT T (a INT NOT NULL, CHECK (a > 1 AND a IS NOT NULL))": "line 1, column 44: IS NULL on 'a' is dead code — every step in the column reference is declared NOT NULL, so the " +
			"value can never be null. Drop the IS NULL test, or apply it to a nullable column.",
		"STRUCT T (a INT CHECK (a > 1) CONSTRAINT CHECK (a > 2))": "line 1, column 42: expected the constraint's name, found CHECK",
		"STRUCT T (a STRUCT<b INT, CHECK (b > 1)>)":               "line 1, column 27: expected a field's name, found CHECK",
	} {
		script, err := Parse(text)
		if err == nil {
			_, err = script.Schema()
		}
		if err == nil || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", text, err, want)
		}
	}
}
