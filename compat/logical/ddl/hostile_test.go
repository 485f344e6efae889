package ddl

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/logical"
)

// TestHostileSizes reads and prints long texts of what might cost more than its length.
func TestHostileSizes(t *testing.T) {
	const size = 1 << 17
	fill := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < size; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	deep := strings.Repeat("ARRAY<", maxDepth-2) + "INT" + strings.Repeat(">", maxDepth-2)
	long := strings.Repeat("a.", logical.MaxParts-1)
	for name, text := range map[string]string{
		"fields":                  "STRUCT A (" + fill("f%d INT,") + "z INT)",
		"types":                   fill("STRUCT A%d (x INT);"),
		"types in a chain":        fill("STRUCT A%[1]d (x A0%[1]d);") + "TYPE A0",
		"nested types":            "STRUCT A (x INT);" + fill("ENUM A.B%d ('x');"),
		"a cycle of all":          fill("STRUCT A%[1]d (x A%[1]d, y Z);") + "STRUCT Z (a A0)",
		"references":              "NAMESPACE n; STRUCT A (" + fill("f%[1]d a.b.T%[1]d,") + "z INT)",
		"references by a URI":     fill("USING TYPE U%d FOR REF 'u';") + "TYPE U0",
		"aliases":                 fill("USING TYPE U%d FOR TYPE u;") + "TYPE U0",
		"names of many parts":     "NAMESPACE n; STRUCT A (" + fill("f%d "+long+"z,") + "z INT)",
		"a very long name":        "NAMESPACE n; TYPE a" + strings.Repeat("z", size) + ".b",
		"a long namespace":        "NAMESPACE " + strings.Repeat("z", size) + "; STRUCT A (" + fill("f%[1]d T%[1]d,") + "z INT)",
		"a long alias":            "USING TYPE T FOR TYPE " + strings.Repeat("z", size) + "; STRUCT A (" + fill("f%d T,") + "z INT)",
		"constraints of columns":  "STRUCT A (" + fill("f%[1]d INT CHECK (f%[1]d > 0),") + "z INT)",
		"constraints of a column": "STRUCT A (z INT" + fill(" CHECK (z > %d)") + ")",
		"constraints of a table":  "STRUCT A (" + fill("f%[1]d INT, CHECK (f%[1]d > 0),") + "z INT)",
		"properties":              "STRUCT A (x INT) WITH(" + fill("'k%d' = 'v',") + "'k1' = 'w')",
		"deep types":              "STRUCT A (" + fill("f%d "+deep+",") + "z INT)",
		"deeper types":            "TYPE " + strings.Repeat("ARRAY<", size),
		"types behind types":      "TYPE INT" + strings.Repeat(" ARRAY", size),
		"parentheses":             "STRUCT A (x INT CHECK (" + strings.Repeat("(", size),
		"open strings":            strings.Repeat("'", size+1),
		"open comments":           strings.Repeat("/*/", size),
		"digits":                  "STRUCT A (x DECIMAL DEFAULT " + strings.Repeat("9", size) + ")",
		"digits of a fraction":    "STRUCT A (x DOUBLE DEFAULT 0." + strings.Repeat("9", size) + ")",
		"bytes":                   "STRUCT A (x BYTES DEFAULT X'" + strings.Repeat("00", size/2) + "')",
	} {
		start := time.Now()
		if script, err := Parse(text); err == nil {
			if s, err := script.Schema(); err == nil {
				print(t, s)
			}
		}
		took := time.Since(start)
		t.Logf("%s: %v", name, took)
		if took > 10*time.Second {
			t.Errorf("%s takes %v", name, took)
		}
	}
}
