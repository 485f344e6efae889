package ddl

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

func TestParseFaults(t *testing.T) {
	deep := strings.Repeat("ARRAY<", maxDepth) + "INT" + strings.Repeat(">", maxDepth)
	for _, c := range []struct{ name, text, want string }{
		{"nothing", "", "line 1, column 1: expected a statement, found the end"},
		{"white space", " \n\t", "line 2, column 2: expected a statement, found the end"},
		{"JSON", `{"type": "string"}`, "line 1, column 1: unexpected character '{'"},
		{"an Avro type's name", `"string"`, "line 1, column 1: unexpected character '\"'"},
		{"Protobuf", `syntax = "proto3";`, "line 1, column 10: unexpected character '\"'"},
		{"a word", "string", "line 1, column 1: expected NAMESPACE, USING, STRUCT, ENUM or TYPE, found string"},
		{"no semicolon behind the namespace", "NAMESPACE a.b TYPE INT", "line 1, column 15: expected ;, found TYPE"},
		{"namespace without a name", "NAMESPACE ;", "line 1, column 11: expected a name, found ;"},
		{"a name that ends in a dot", "NAMESPACE a.;", "line 1, column 13: expected a name, found ;"},
		{"namespace twice", "NAMESPACE a; NAMESPACE b;", "line 1, column 14: expected USING, STRUCT, ENUM or TYPE, found NAMESPACE"},
		{"USING without TYPE", "USING a FOR REF 'x';", "line 1, column 7: expected TYPE, found a"},
		{"USING without FOR", "USING TYPE a REF 'x';", "line 1, column 14: expected FOR, found REF"},
		{"the form of an earlier version", "USING TYPE a FOR 'x';", "line 1, column 18: expected TYPE or REF, found 'x'"},
		{"a reference that is no string", "USING TYPE a FOR REF x;", "line 1, column 22: expected a string, found x"},
		{"USING without an end", "USING TYPE a FOR REF 'x' TYPE a", "line 1, column 26: expected ;, found TYPE"},
		{"USING behind a declaration", "STRUCT A (x INT); USING TYPE a FOR REF 'x';",
			"line 1, column 19: expected STRUCT, ENUM or TYPE, found USING"},
		{"a declaration of another kind", "STRUCT A INT", "line 1, column 10: expected (, found INT"},
		{"a symbol that is a name", "ENUM A (B)", "line 1, column 9: expected a symbol in quotes, found B"},
		{"a reserved word as a field", "STRUCT A (in INT)", "line 1, column 11: expected a field's name, found in"},
		{"a field without a type", "STRUCT A (x, y INT)", "line 1, column 12: expected a type, found ,"},
		{"fields without a comma", "STRUCT A (x INT y INT)", "line 1, column 17: expected , or ), found y"},
		{"a comma at the end", "STRUCT A (x INT,\n)", "line 2, column 1: expected a field's name, found )"},
		{"an open list", "STRUCT A (x INT", "line 1, column 16: expected , or ), found the end"},
		{"declarations without a semicolon", "STRUCT A (x INT) ENUM B ('c')", "line 1, column 18: expected ; or TYPE, found ENUM"},
		{"two semicolons", "STRUCT A (x INT);;", "line 1, column 18: expected STRUCT, ENUM or TYPE, found ;"},
		{"TYPE twice", "TYPE INT; TYPE INT", "line 1, column 11: expected the end, found TYPE"},
		{"TYPE without a type", "TYPE", "line 1, column 5: expected a type, found the end"},
		{"NOT without NULL", "TYPE INT NOT", "line 1, column 13: expected NULL, found the end"},
		{"a parameter too many", "TYPE VARCHAR(1, 2)", "line 1, column 15: expected ), found ,"},
		{"a parameter of a type that has none", "TYPE INT(1)", "line 1, column 9: expected the end, found ("},
		{"a parameter of a STRING", "TYPE STRING(1)", "line 1, column 12: expected the end, found ("},
		{"a parameter that is no integer", "TYPE CHAR(1.5)", "line 1, column 11: expected an integer, found 1.5"},
		{"half a time zone", "TYPE TIMESTAMP WITHOUT ZONE", "line 1, column 24: expected TIME, found ZONE"},
		{"ARRAY without an element", "TYPE ARRAY", "line 1, column 11: expected <, found the end"},
		{"MAP with one type", "TYPE MAP<INT>", "line 1, column 13: expected ,, found >"},
		{"brackets of two kinds", "TYPE STRUCT<a INT)", "line 1, column 18: expected , or >, found )"},
		{"a branch without a type", "TYPE UNION(a)", "line 1, column 13: expected a type, found )"},
		{"a table constraint in an inline type", "TYPE STRUCT(a INT, CHECK (a > 0))",
			"line 1, column 20: expected a field's name, found CHECK"},
		{"a default that is a name", "STRUCT A (x INT DEFAULT y)", "line 1, column 25: expected a value, found y"},
		{"minus a string", "STRUCT A (x INT DEFAULT -'1')", "line 1, column 26: expected a number, found '1'"},
		{"clauses in the wrong order", "STRUCT A (x INT COMMENT 'c' DEFAULT 1)", "line 1, column 29: expected , or ), found DEFAULT"},
		{"a property without a value", "STRUCT A (x INT WITH('k'))", "line 1, column 25: expected =, found )"},
		{"a property that is a number", "STRUCT A (x INT WITH('k' = 1))", "line 1, column 28: expected a string, found 1"},
		{"no tags", "STRUCT A (x INT TAGS())", "line 1, column 22: expected a string, found )"},
		{"CONSTRAINT without CHECK", "STRUCT A (x INT CONSTRAINT c)", "line 1, column 29: expected CHECK, found )"},
		{"MESSAGE without a text", "STRUCT A (x INT CHECK (x > 0) MESSAGE)", "line 1, column 38: expected a string, found )"},
		{"an open constraint", "STRUCT A (x INT CHECK (x > 0", "line 1, column 29: expected ), found the end"},
		{"types nested too deep", "TYPE " + deep, "line 1, column 1548: types are nested more than 256 deep"},
		{"types nested too deep by what follows", "TYPE INT" + strings.Repeat(" ARRAY", maxDepth),
			"line 1, column 1551: types are nested more than 256 deep"},
		{"a name with too many parts", "TYPE a" + strings.Repeat(".a", logical.MaxParts), "line 1, column 6: the name has more than 256 parts"},
	} {
		_, err := Parse(c.text)
		var syntax *schema.SyntaxError
		if !errors.As(err, &syntax) || syntax.Meaning || err.Error() != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// TestParseSpellings holds that texts with the same meaning give the same schema.
func TestParseSpellings(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"type int", "TYPE INT;\n"},
		{"TYPE INT NULL;", "TYPE INT;\n"},
		{"TYPE INTEGER", "TYPE INT;\n"},
		{"TYPE REAL", "TYPE FLOAT;\n"},
		{"TYPE DOUBLE PRECISION NOT NULL", "TYPE DOUBLE NOT NULL;\n"},
		{"TYPE DEC", "TYPE DECIMAL(10);\n"},
		{"TYPE NUMERIC(5,3)", "TYPE DECIMAL(5, 3);\n"},
		{"TYPE DECIMAL(5)", "TYPE DECIMAL(5);\n"},
		{"TYPE CHARACTER", "TYPE CHAR(1);\n"},
		{"TYPE CHARACTER VARYING(7)", "TYPE VARCHAR(7);\n"},
		{"TYPE VARCHAR", "TYPE VARCHAR(1);\n"},
		{"TYPE VARCHAR(2147483647)", "TYPE STRING;\n"},
		{"TYPE VARCHAR(0)", "TYPE VARCHAR(0);\n"},
		{"TYPE BINARY", "TYPE BINARY(1);\n"},
		{"TYPE BINARY VARYING(7)", "TYPE VARBINARY(7);\n"},
		{"TYPE BYTES", "TYPE BYTES;\n"},
		{"TYPE TIME", "TYPE TIME(0);\n"},
		{"TYPE TIMESTAMP", "TYPE TIMESTAMP(6);\n"},
		{"TYPE TIMESTAMP(3) WITHOUT TIME ZONE", "TYPE TIMESTAMP(3);\n"},
		{"TYPE TIMESTAMP(3) WITH LOCAL TIME ZONE NOT NULL", "TYPE TIMESTAMP_LTZ(3) NOT NULL;\n"},
		{"TYPE TIMESTAMP_LTZ", "TYPE TIMESTAMP_LTZ(6);\n"},
		{"TYPE variant", "TYPE VARIANT;\n"},
		{"TYPE variant.x", "TYPE variant.x;\n"},
		{"TYPE map", "TYPE map;\n"},
		{"TYPE INT NOT NULL ARRAY NOT NULL MULTISET", "TYPE MULTISET<ARRAY<INT NOT NULL> NOT NULL>;\n"},
		{"TYPE ROW<a INT, b UNION<c INT, d MAP<INT,ARRAY<INT>>>>", "TYPE STRUCT(a INT, b UNION(c INT, d MAP<INT, ARRAY<INT>>));\n"},
		{"ROW A (x INT) TYPE A NOT NULL", "STRUCT A (x INT);\n"},
		{"STRUCT A (ts TIMESTAMP WITH ('k' = 'v'))", "STRUCT A (ts TIMESTAMP(6) WITH('k' = 'v'));\n"},
		{"STRUCT A (x INT 'short', `y` INT COMMENT 'it''s') 'all'", "STRUCT A (x INT COMMENT 'short', y INT COMMENT 'it''s') " +
			"COMMENT 'all';\n"},
		{"STRUCT A (x INT WITH('k' = '1', 'l' = '2', 'k' = '3'))", "STRUCT A (x INT WITH('k' = '3', 'l' = '2'));\n"},
		{"STRUCT A (tags TAGS TAGS('t'), enum ENUM, type TYPE, ref REF, zone INT)",
			"STRUCT A (\n  tags TAGS TAGS('t'),\n  enum ENUM,\n" +
				"  type TYPE,\n  ref REF,\n  zone INT\n);\n"},
		{"STRUCT A (s STRUCT(), u UNION()); STRUCT A.S (); ENUM E () TAGS('x')",
			"STRUCT A (s STRUCT(), u UNION());\nENUM E () TAGS('x');\nSTRUCT A.S ();\nTYPE A NOT NULL;\n"},
		{"TYPE ARRAY<ENUM('a' WITH('k' = 'v'), 'b') NOT NULL>", "TYPE ARRAY<ENUM('a' WITH('k' = 'v'), 'b') NOT NULL>;\n"},
		{"/* a */ENUM // b\nE ('A' 'first' WITH('k'='v'))", "ENUM E ('A' COMMENT 'first' WITH('k' = 'v'));\n"},
		{"NAMESPACE a.`b c`; TYPE INT", "NAMESPACE a.`b c`;\nTYPE INT;\n"},
		{"STRUCT A (\nx INT CONSTRAINT `c d` CHECK (x>0 -- 1\n/**/) MESSAGE 'm', CHECK ( (x) <\t9 ))",
			"STRUCT A (\n  x INT CONSTRAINT `c d` CHECK (x>0 -- 1) MESSAGE 'm',\n  CHECK ((x) <\t9)\n);\n"},
	} {
		if got := print(t, read(t, c.text)); got != c.want {
			t.Errorf("%s\n%s, want\n%s", c.text, got, c.want)
		}
	}
}
