package native_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/schema"
)

// tooDeep are the reasons for which types that DDL nests may be none of a language; the others are that unions nest, and name what
// is in them.
var tooDeep = regexp.MustCompile(`exceeds the maximum of 256$|nests deeper than 1000 levels$|a type's name is longer than 4096 bytes$|` +
	`JSON schema is too large to convert$|AVRO: (Nested union: |Can't redefine: |Duplicate in union:)`)

// TestDepth nests types of each shape up to where DDL ends: a language takes them and gives them back, or refuses them for their depth.
func TestDepth(t *testing.T) {
	for _, shape := range []struct {
		open, close string
		levels      int
	}{
		{"ARRAY<", " NOT NULL>", 1}, {"ARRAY<", ">", 1}, {"STRUCT(f ", ")", 1}, {"STRUCT(f ", " NOT NULL)", 1}, {"MULTISET<", ">", 1},
		{"MAP<STRING NOT NULL, ", ">", 1}, {"MAP<INT, ", ">", 1}, {"ARRAY<STRUCT(f ", " NOT NULL) NOT NULL>", 2},
		{"ARRAY<STRUCT(f ", ")>", 2}, {"UNION(u STRUCT(f ", "), i INT)", 2}, {"UNION(u ", ", i INT)", 1},
	} {
		for _, n := range []int{100, 254, 255, 256, 257} {
			times := n / shape.levels
			script := "STRUCT R (f " + strings.Repeat(shape.open, times) + "INT" + strings.Repeat(shape.close, times) + ");\n"
			_, err := native.Parse(script)
			if taken := times*shape.levels <= 255; taken != (err == nil) {
				t.Errorf("%s, %d levels: %v", shape.open, n, err)
			}
			if err == nil {
				comesBack(t, fmt.Sprintf("%s, %d levels", shape.open, n), script)
			}
		}
	}
	var chain strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&chain, "STRUCT S%04d (f S%04d);\n", i, i+1)
	}
	comesBack(t, "a chain", chain.String()+"STRUCT S2500 (i INT);\n")
}

// comesBack holds that every language gives a script back, and nothing else for what comes back, or refuses it.
func comesBack(t *testing.T, what, script string) {
	t.Helper()
	for _, language := range languages {
		got, err := through(t, language, script, nil, nil)
		if err != nil {
			if !tooDeep.MatchString(err.Error()) {
				t.Errorf("%s, %s: %v", what, language, err)
			}
			continue
		}
		if again, err := through(t, language, got, nil, nil); again != got {
			t.Errorf("%s, %s: %v", what, language, err)
		}
	}
}

// TestDeepDocuments shows documents that nest as deep as their reader takes them.
func TestDeepDocuments(t *testing.T) {
	nest := func(n int, open, inside, end string) string {
		return strings.Repeat(open, n) + inside + strings.Repeat(end, n)
	}
	for _, n := range []int{100, 126, 127, 128, 129, 254, 255, 256, 257} {
		for language, text := range map[schema.Type]string{
			schema.Avro: nest(n, `{"type":"array","items":`, `"int"`, `}`),
			schema.JSON: nest(n, `{"type":"array","items":`, `true`, `}`),
			schema.Protobuf: "syntax = \"proto3\"; " + nest(n, "message M { repeated M m = 1; oneof u { M n = 2; } ",
				"message M { repeated int32 i = 1; }", "}"),
		} {
			s, err := parse(language, text, nil)
			if err != nil {
				continue
			}
			if _, err := (native.Source{Schema: s}).DDL(); err != nil {
				mustRefuse(t, err)
				if !strings.HasSuffix(err.Error(), "exceeds the maximum of 256") && !strings.HasPrefix(err.Error(), "Protobuf schema has more than") {
					t.Errorf("%s, %d levels: %v", language, n, err)
				}
			}
		}
	}
}
