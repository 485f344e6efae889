package schemas

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	validator "github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/millrace/millrace/compat/jsonschema"
)

// Bounds of examples in JSON Schema.
const (
	maxJSONSchema = 64 << 10 // bytes of a schema that has examples
	maxCandidates = 200      // instances that are tried for one
	maxLengthened = 200      // characters, items or properties of one
)

// validators is a schema as a validator and as a tree; the zero value is one that refers to others or is too large.
type validators struct {
	schema *validator.Schema
	tree   any
}

// json tries instances that suit the finding at tokens until the writer's schema takes one that the reader's refuses. That both
// are asked keeps the guesses honest.
func (x *examples) json(reader, writer *jsonschema.Schema, tokens []string) (string, bool) {
	r, w := x.validator(reader), x.validator(writer)
	if r.schema == nil || w.schema == nil {
		return "", false
	}
	g := &jsonGuess{reader: r.tree, writer: w.tree, steps: maxExampleSteps}
	instances := g.follow(r.tree, w.tree, tokens, 0)
	for _, v := range instances[:min(len(instances), maxCandidates)] {
		if room := maxExample; !small(v, &room) {
			continue
		}
		text, err := json.Marshal(v)
		if err != nil {
			continue
		}
		instance, err := decodeJSON(text)
		if err == nil && affordable(w.tree, instance) && affordable(r.tree, instance) && w.schema.Validate(instance) == nil && refuses(r.schema, instance) {
			return string(text), true
		}
	}
	return "", false
}

func refuses(s *validator.Schema, instance any) bool {
	var invalid *validator.ValidationError
	return errors.As(s.Validate(instance), &invalid)
}

func decodeJSON(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	err = d.Decode(&v)
	return v, err
}

var errElsewhere = errors.New("other documents are not loaded")

// validator returns s compiled, once.
func (x *examples) validator(s *jsonschema.Schema) validators {
	if v, ok := x.validators[s]; ok {
		return v
	}
	var v validators
	if text := s.Canonical(); len(text) <= maxJSONSchema {
		c := validator.NewCompiler()
		c.Draft = validator.Draft7
		c.LoadURL = func(string) (io.ReadCloser, error) { return nil, errElsewhere }
		if c.AddResource("mem:schema", strings.NewReader(text)) == nil {
			if compiled, err := c.Compile("mem:schema"); err == nil {
				v.schema = compiled
				if err := json.Unmarshal([]byte(text), &v.tree); err != nil {
					v = validators{}
				}
			}
		}
	}
	if x.validators == nil {
		x.validators = map[*jsonschema.Schema]validators{}
	}
	x.validators[s] = v
	return v
}

// jsonGuess makes instances from two trees.
type jsonGuess struct {
	reader, writer any
	steps          int // left
}

// deref follows references inside the document root.
func deref(root, s any) map[string]any {
	for range maxExampleDepth {
		m, _ := s.(map[string]any)
		if m["$ref"] == nil {
			return m
		}
		target, ok := referred(root, m["$ref"])
		if !ok {
			return nil
		}
		s = target
	}
	return nil
}

func (g *jsonGuess) ofReader(s any) map[string]any { return deref(g.reader, s) }
func (g *jsonGuess) ofWriter(s any) map[string]any { return deref(g.writer, s) }

// anything are values of every type.
func anything() []any {
	return []any{"", 0, nil, true, []any{}, map[string]any{}, 0.5, "a"}
}

// follow returns instances of the writer's schema w that what is at tokens in the reader's r may refuse.
func (g *jsonGuess) follow(rs, ws any, tokens []string, depth int) []any {
	if depth > maxExampleDepth {
		return nil
	}
	r, w := g.ofReader(rs), g.ofWriter(ws)
	if len(tokens) == 0 || len(tokens) == 1 && tokens[0] != "items" && tokens[0] != "additionalProperties" {
		return g.values(r, w, depth)
	}
	inside := func(rs, ws any, rest []string) []any {
		switch {
		case ws == nil:
			return anything()
		case rs == nil:
			return g.values(nil, g.ofWriter(ws), depth+1)
		}
		return g.follow(rs, ws, rest, depth+1)
	}
	var out []any
	switch tokens[0] {
	case "properties", "patternProperties":
		rp, _ := r[tokens[0]].(map[string]any)
		wp, _ := w[tokens[0]].(map[string]any)
		for _, v := range inside(rp[tokens[1]], wp[tokens[1]], tokens[2:]) {
			if o, ok := g.minimal(w, depth+1).(map[string]any); ok {
				o[tokens[1]] = v
				out = append(out, o)
			}
		}
		out = append(out, g.minimal(w, depth))
	case "items", "additionalProperties":
		for _, v := range inside(r[tokens[0]], w[tokens[0]], tokens[1:]) {
			if tokens[0] == "items" {
				out = append(out, []any{v})
			} else if o, ok := g.minimal(w, depth+1).(map[string]any); ok {
				o["x"] = v
				out = append(out, o)
			}
		}
	default:
		return g.values(r, w, depth)
	}
	return out
}

// values returns instances of w at and beyond the bounds of r.
func (g *jsonGuess) values(r, w map[string]any, depth int) []any {
	smallest := g.minimal(w, depth)
	out := []any{smallest}
	if constant, ok := w["const"]; ok {
		return []any{constant}
	}
	values, _ := w["enum"].([]any)
	out = append(out, values...)
	for _, keyword := range []string{"oneOf", "anyOf", "allOf"} {
		branches, _ := w[keyword].([]any)
		for _, b := range branches[:min(len(branches), 16)] {
			out = append(out, g.minimal(g.ofWriter(b), depth+1))
		}
	}
	for _, s := range []map[string]any{r, w} {
		for _, keyword := range []string{"maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum"} {
			if n, ok := s[keyword].(float64); ok {
				out = append(out, n+1, n-1, n, n+0.5)
			}
		}
	}
	if n, ok := r["multipleOf"].(float64); ok {
		out = append(out, n+1, n/2)
	}
	if n, ok := w["multipleOf"].(float64); ok {
		out = append(out, n)
	}
	count := func(keyword string, more int) (int, bool) {
		n, ok := r[keyword].(float64)
		if !ok || n < 0 || n >= maxLengthened {
			return 0, false
		}
		return int(n) + more, int(n)+more >= 0
	}
	item := g.minimal(g.ofWriter(w["items"]), depth+1)
	for _, side := range []struct {
		keyword string
		more    int
	}{{"max", 1}, {"min", -1}} {
		if n, ok := count(side.keyword+"Length", side.more); ok {
			out = append(out, strings.Repeat("a", n))
		}
		if n, ok := count(side.keyword+"Items", side.more); ok {
			out = append(out, slices.Repeat([]any{item}, n))
		}
	}
	out = append(out, []any{item}, []any{item, item})
	if o, ok := smallest.(map[string]any); ok {
		more := maps.Clone(o)
		more["x"] = ""
		out = append(out, more)
		if n, ok := count("maxProperties", 1); ok {
			more = maps.Clone(o)
			for i := range n {
				more["x"+itoa(i)] = ""
			}
			out = append(out, more)
		}
	}
	return append(out, anything()...)
}

// minimal returns a small instance of w, which nobody promises to be valid.
func (g *jsonGuess) minimal(w map[string]any, depth int) any {
	if g.steps--; g.steps < 0 || depth > maxExampleDepth || w == nil {
		return nil
	}
	if constant, ok := w["const"]; ok {
		return constant
	}
	if values, ok := w["enum"].([]any); ok && len(values) > 0 {
		return values[0]
	}
	kind, _ := w["type"].(string)
	if kinds, ok := w["type"].([]any); ok && len(kinds) > 0 {
		kind, _ = kinds[0].(string)
	}
	length := func(keyword string) int {
		n, _ := w[keyword].(float64)
		return int(min(max(n, 0), maxLengthened))
	}
	switch _, properties := w["properties"]; {
	case kind == "object" || kind == "" && (properties || w["required"] != nil):
		return g.object(w, depth)
	case kind == "array":
		return slices.Repeat([]any{g.minimal(g.ofWriter(w["items"]), depth+1)}, length("minItems"))
	case kind == "string":
		return strings.Repeat("a", length("minLength"))
	case kind == "integer" || kind == "number":
		for _, keyword := range []string{"minimum", "maximum"} {
			if n, ok := w[keyword].(float64); ok {
				return n
			}
		}
		return 0
	case kind == "boolean":
		return true
	}
	for _, keyword := range []string{"oneOf", "anyOf", "allOf"} {
		if branches, _ := w[keyword].([]any); len(branches) > 0 {
			return g.minimal(g.ofWriter(branches[0]), depth+1)
		}
	}
	return nil
}

// object returns an object of w with what it requires.
func (g *jsonGuess) object(w map[string]any, depth int) map[string]any {
	out := map[string]any{}
	required, _ := w["required"].([]any)
	properties, _ := w["properties"].(map[string]any)
	for _, name := range required[:min(len(required), maxLengthened)] {
		if name, ok := name.(string); ok {
			out[name] = g.minimal(g.ofWriter(properties[name]), depth+1)
		}
	}
	return out
}
