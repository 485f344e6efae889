package jsonschema

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// TestEverit reads random schemas beside everit-json-schema: test/parity/everit/run starts it.
func TestEverit(t *testing.T) {
	oracle := strings.Fields(os.Getenv("EVERIT_ORACLE"))
	if len(oracle) == 0 {
		t.Skip("no oracle: run test/parity/everit/run")
	}
	n, err := strconv.Atoi(os.Getenv("EVERIT_N"))
	if err != nil {
		t.Fatal(err)
	}
	seed, err := strconv.ParseUint(os.Getenv("EVERIT_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	g := generator{rand.New(rand.NewPCG(seed, 0))}
	texts := make([]string, n)
	for i := range texts {
		texts[i] = g.document()
	}
	cmd := exec.CommandContext(t.Context(), oracle[0], oracle[1:]...)
	cmd.Stdin, cmd.Stderr = strings.NewReader(strings.Join(texts, "\n")), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(strings.NewReader(string(out)))
	lines.Buffer(nil, 1<<24)
	accepted, refused := 0, 0
	for _, text := range texts {
		if !lines.Scan() {
			t.Fatalf("the oracle gave up: %v", lines.Err())
		}
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
		theirs := lines.Text()
		switch {
		case err != nil && strings.HasPrefix(theirs, "ERROR"):
			refused++
		case err != nil:
			t.Errorf("%s\n\trefused: %v\n\teverit:  %s", text, err, theirs)
		case tree(s.root, 0) != theirs:
			t.Errorf("%s\n\tours:   %s\n\teverit: %s", text, tree(s.root, 0), theirs)
		default:
			accepted++
		}
	}
	t.Logf("seed %d: %d schemas read as the same tree, %d refused by both", seed, accepted, refused)
}

// generator makes random schemas of the drafts that everit reads.
type generator struct{ *rand.Rand }

func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) document() string {
	s := g.object(4)
	s["definitions"] = map[string]any{"a": g.schema(2)}
	if g.chance(30) {
		s["$schema"] = pick(g, "http://json-schema.org/draft-04/schema#", "http://json-schema.org/draft-06/schema#", "https://json-schema.org/draft-07/schema")
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// fault is a value that few keywords take.
func (g generator) fault() any {
	return pick[any](g, nil, 1, 1.5, "x", []any{}, map[string]any{}, true, false, []any{1}, []any{"a"}, -1, 12345678901)
}

func (g generator) schema(depth int) any {
	if depth <= 0 || g.chance(12) {
		return pick[any](g, true, false, map[string]any{}, map[string]any{"type": "string"}, map[string]any{"type": "integer"},
			map[string]any{"$ref": "#/definitions/a"}, map[string]any{"$ref": "#"}, map[string]any{"$ref": "#/properties/p"})
	}
	return g.object(depth)
}

func (g generator) schemas(depth, most int) []any {
	out := []any{}
	for range g.IntN(most + 1) {
		out = append(out, g.schema(depth))
	}
	return out
}

func (g generator) object(depth int) map[string]any {
	s := map[string]any{}
	if g.chance(60) {
		s["type"] = pick[any](g, "string", "integer", "number", "boolean", "null", "array", "object", []any{"string", "null"}, []any{"object", "array"}, []any{"integer", "string"}, []any{})
	}
	for range g.IntN(5) {
		keyword := pick(g, generated...)
		s[keyword] = g.value(keyword, depth-1)
	}
	for k := range s {
		if g.chance(2) {
			s[k] = g.fault()
		}
	}
	return s
}

var generated = []string{
	"minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "properties", "required",
	"minProperties", "maxProperties", "additionalProperties", "patternProperties", "dependencies", "propertyNames", "items", "additionalItems", "minItems",
	"uniqueItems", "contains", "enum", "const", "allOf", "anyOf", "oneOf", "not", "if", "then", "title", "default", "readOnly", "unevaluatedProperties", "$ref",
}

// value makes a keyword's value.
func (g generator) value(keyword string, depth int) any {
	switch keyword {
	case "minLength", "maxLength", "minProperties", "maxProperties", "minItems":
		return g.IntN(7) - 1
	case "pattern":
		return pick(g, randomPatterns...)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf":
		return pick[any](g, 0, 1, -3, 2.5, 1e3, 0.001)
	case "properties":
		return map[string]any{pick(g, "p", "q", "long name", "$id", "id"): g.schema(depth), pick(g, "p", "r"): g.schema(depth)}
	case "required":
		return pick(g, []any{}, []any{"p"}, []any{"q", "p", "q"})
	case "patternProperties":
		return map[string]any{pick(g, "^x", "(", "b$"): g.schema(depth)}
	case "dependencies":
		return map[string]any{"p": pick[any](g, []any{"q", "q"}, g.schema(depth)), "q": pick[any](g, []any{}, g.schema(depth))}
	case "items":
		return pick[any](g, g.schema(depth), g.schemas(depth, 2))
	case "uniqueItems", "readOnly":
		return g.chance(50)
	case "enum":
		return pick(g, []any{1, "a"}, []any{})
	case "allOf", "anyOf", "oneOf":
		return g.schemas(depth, 3)
	case "title", "format":
		return "x"
	case "const", "default":
		return g.fault()
	case "$ref":
		if g.chance(70) {
			return "#/definitions/a"
		}
		return pick(g, "#", "#/nowhere", "#/definitions/a/items")
	}
	return g.schema(depth)
}

var randomPatterns = []string{
	"^a", "[a-z]+", "a{2,3}", `\d++`, "(?<=a)b", `\Qa.b\E`, "[a&&[b]]", "]", "}", `(?<n>x)\k<n>`, `\p{Alpha}`, "(?i)a", `\1`, `\z`, "$^", `\pL`, "[\\w-.]", "(?>a)b",
	`\x41`, "a{1001}", `^[^@]+@[^@]+$`, "^(?!x)[A-Z]+$", `[\p{L}&&[^a]]+`, `\p{IsAlphabetic}+`, `\p{javaLowerCase}`, `\h+\R`, `\P{L}`, `\X`, "(?x) a #c", "x{2}{3}", "(|a)",
	"(", "{", "x{", "a{,3}", "*", "a**", "a+*", "a|*", "[", "[b-a]", `\y`, "(?P<n>x)", "(?#c)", `\p{Nonesuch}`, `\`, "a{2,1}", "(?<1n>a)", "a)",
}

// tree prints a node as test/parity/everit/Oracle.java does everit's.
func tree(n *node, depth int) string {
	switch {
	case n == nil:
		return "-"
	case depth > 5:
		return "…"
	}
	next := func(n *node) string { return tree(n, depth+1) }
	mark := ""
	if n.hasDefault {
		mark = "="
	}
	switch n.class {
	case referenceClass:
		return "Ref(" + next(n.target) + ")"
	case notClass:
		return mark + "Not(" + next(n.target) + ")"
	case combinedClass:
		parts := treesOf(n.combined.of, next)
		slices.Sort(parts)
		return mark + [...]string{"allOf", "anyOf", "oneOf"}[n.combined.criterion] + list(parts)
	case stringType:
		pattern := "-"
		if n.str.pattern != nil {
			pattern = *n.str.pattern
		}
		return mark + fmt.Sprintf("String{%s %s %s}", shown(n.str.minLength), shown(n.str.maxLength), pattern)
	case numberType:
		r := n.num
		return mark + fmt.Sprintf("Number{%t %s %s %s %s %s}", r.integer, shown(r.minimum), shown(r.maximum), shown(r.exclusiveMinimum), shown(r.exclusiveMaximum), shown(r.multipleOf))
	case arrayType:
		a := n.array
		return mark + fmt.Sprintf("Array{%s %s %t %s %s %s %t}", next(a.all), list(treesOf(a.items, next)), !a.additional.closed, next(a.additional.schema), shown(a.minItems), shown(a.maxItems), a.unique)
	case objectType:
		return mark + objectTree(n.object, next)
	}
	return mark + map[class]string{anything: "Any", nothing: "False", nullType: "Null", booleanType: "Boolean", enumClass: "Enum", constClass: "Const", conditionalClass: "Conditional"}[n.class]
}

func objectTree(o *objectRules, next func(*node) string) string {
	named := func(t table[*node]) []string {
		var out []string
		for _, name := range t.names {
			out = append(out, name+":"+next(t.m[name]))
		}
		return out
	}
	dependencies := named(o.dependentSchemas)
	for _, name := range o.dependentNames.names {
		dependencies = append(dependencies, name+list(slices.Sorted(slices.Values(o.dependentNames.m[name]))))
	}
	var patterns []string
	for _, p := range o.patterns {
		patterns = append(patterns, p.pattern.text+":"+next(p.schema))
	}
	properties := named(o.properties)
	slices.Sort(properties)
	slices.Sort(dependencies)
	slices.Sort(patterns)
	return fmt.Sprintf("Object{%s %t %s %s %s %s %s %s}", list(properties), !o.additional.closed, next(o.additional.schema), list(slices.Sorted(slices.Values(o.required.names))),
		list(dependencies), list(patterns), shown(o.minProperties), shown(o.maxProperties))
}

func treesOf(nodes []*node, next func(*node) string) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, next(n))
	}
	return out
}

func list(parts []string) string { return "[" + strings.Join(parts, ", ") + "]" }

func shown(l limit) string {
	if !l.set {
		return "-"
	}
	return string(l.n.append(nil))
}
