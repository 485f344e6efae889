package jsonschema

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// builder turns values into nodes, by the rules of the class tree that Confluent compares. A fault of a document is the first
// that was met; a lenient builder takes a keyword at fault for absent.
type builder struct {
	text    string // of the document that is built, for places
	lenient bool
	keep    bool // nodes keep what they were made of
	main    *document
	refs    map[string]*document // referenced documents by URI
	targets map[*value]*node
	pending []*value // targets that are not built yet
	fault   error
}

// build returns the node of a document's root and of everything that it refers to.
func (b *builder) build() (*node, error) {
	root := b.schema(b.main.root)
	for len(b.pending) > 0 && b.fault == nil {
		v := b.pending[len(b.pending)-1]
		b.pending = b.pending[:len(b.pending)-1]
		*b.targets[v] = *b.schema(v)
	}
	return root, b.fault
}

func (b *builder) fail(v *value, format string, args ...any) {
	if b.fault != nil || b.lenient {
		return
	}
	if v.doc != b.main {
		b.fault = errorAt("", 0, notSchema, "in a referenced schema: "+format, args...)
		return
	}
	b.fault = errorAt(b.text, v.off, notSchema, format, args...)
}

// want reports whether v, a keyword's value, is of a kind; an absent one is not.
func (b *builder) want(v *value, keyword string, kind valueKind) bool {
	if v == nil {
		return false
	}
	if v.kind != kind {
		b.fail(v, "%s must be %s, not %s", keyword, kind, v.kind)
		return false
	}
	return true
}

func (b *builder) isSchema(v *value, what string) bool {
	if v.kind == jsonObject || v.kind == jsonBool {
		return true
	}
	b.fail(v, "%s must be a schema, which is an object or a boolean, not %s", what, v.kind)
	return false
}

// sub returns the schema that a keyword holds; nil when it holds none.
func (b *builder) sub(o *value, keyword string) *node {
	v := o.get(keyword)
	if v == nil || !b.isSchema(v, keyword) {
		return nil
	}
	return b.schema(v)
}

func (b *builder) subs(o *value, keyword string) []*node {
	v := o.get(keyword)
	if !b.want(v, keyword, jsonArray) {
		return nil
	}
	nodes := make([]*node, 0, len(v.elems))
	for _, e := range v.elems {
		if b.isSchema(e, "each element of "+keyword) {
			nodes = append(nodes, b.schema(e))
		}
	}
	return nodes
}

func (b *builder) schema(v *value) *node {
	if v.kind == jsonBool {
		n := &node{class: nothing}
		if v.text == "true" {
			n.class = anything
		}
		b.made(n, v, false)
		return n
	}
	if v.kind != jsonObject {
		b.isSchema(v, "what is referred to")
		return &node{class: anything}
	}
	b.annotations(v)
	parts := b.parts(v)
	n := &node{class: anything}
	switch len(parts) {
	case 0:
	case 1:
		n = parts[0]
	default:
		for _, p := range parts {
			b.made(p, v, true)
		}
		n = b.combine(allOf, parts)
	}
	b.made(n, v, false)
	n.hasDefault = v.get("default") != nil && (n.class != referenceClass || v.doc.draft >= draft2019)
	connect, _ := v.str("connect.type")
	n.bytes = connect == "bytes"
	n.sum = v.sum
	return n
}

// made notes what a node was made of.
func (b *builder) made(n *node, v *value, part bool) {
	if b.keep {
		n.src, n.part = v, part
	}
}

// combine makes a combined node. Combined parts come before all others, but where nodes keep what they were made of.
func (b *builder) combine(c criterion, parts []*node) *node {
	parts = slices.Clone(parts)
	if b.keep {
		return &node{class: combinedClass, combined: &combined{c, parts}}
	}
	slices.SortStableFunc(parts, func(x, y *node) int {
		switch xc, yc := x.class == combinedClass, y.class == combinedClass; {
		case xc == yc:
			return 0
		case xc:
			return -1
		}
		return 1
	})
	return &node{class: combinedClass, combined: &combined{c, parts}}
}

// annotations checks the keywords that say nothing about values.
func (b *builder) annotations(v *value) {
	for _, k := range [...]string{v.doc.draft.idKeyword(), "title", "description"} {
		b.want(v.get(k), k, jsonString)
	}
	if v.doc.draft >= draft7 {
		b.want(v.get("readOnly"), "readOnly", jsonBool)
		b.want(v.get("writeOnly"), "writeOnly", jsonBool)
	}
}

// keywords are those of one type of values.
type keywords []string

var (
	stringKeywords   = keywords{"minLength", "maxLength", "pattern", "format"}
	numberKeywords   = keywords{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
	arrayKeywords    = keywords{"items", "additionalItems", "minItems", "maxItems", "uniqueItems"}
	arrayKeywords6   = append(arrayKeywords, "contains")
	arrayKeywords19  = append(arrayKeywords6, "minContains", "maxContains", "unevaluatedItems")
	arrayKeywords20  = append(arrayKeywords19, "prefixItems")
	objectKeywords   = keywords{"properties", "required", "minProperties", "maxProperties", "dependencies", "patternProperties", "additionalProperties"}
	objectKeywords6  = append(objectKeywords, "propertyNames")
	objectKeywords19 = append(objectKeywords6, "dependentRequired", "dependentSchemas", "unevaluatedProperties")
)

func (k keywords) anyIn(v *value) bool {
	return slices.ContainsFunc(k, func(name string) bool { return v.get(name) != nil })
}

func (d draft) arrayKeywords() keywords {
	return [...]keywords{arrayKeywords, arrayKeywords6, arrayKeywords6, arrayKeywords19, arrayKeywords20}[d]
}

func (d draft) objectKeywords() keywords {
	return [...]keywords{objectKeywords, objectKeywords6, objectKeywords6, objectKeywords19, objectKeywords19}[d]
}

// parts returns one node for each thing that a schema object asks for.
func (b *builder) parts(v *value) []*node {
	d := v.doc.draft
	var parts []*node
	for _, k := range [...]string{"$ref", "$dynamicRef", "$recursiveRef"} {
		if r := v.get(k); r != nil && (k == "$ref" || d >= draft2019) && b.want(r, k, jsonString) {
			parts = append(parts, b.reference(v, r))
			if d < draft2019 {
				return parts // what stands beside a reference does not count
			}
		}
	}
	if e := v.get("enum"); b.want(e, "enum", jsonArray) {
		n := &node{class: enumClass}
		for _, x := range e.elems {
			n.values.set(valueKey(x), struct{}{})
		}
		parts = append(parts, n)
	}
	for i, k := range [...]string{"allOf", "anyOf", "oneOf"} {
		if a := v.get(k); b.want(a, k, jsonArray) {
			parts = append(parts, b.combine(criterion(i), b.subs(v, k)))
		}
	}
	if n := b.sub(v, "not"); n != nil {
		parts = append(parts, &node{class: notClass, target: n})
	}
	if c := v.get("const"); c != nil && d != draft4 {
		n := &node{class: constClass}
		n.values.set(valueKey(c), struct{}{})
		parts = append(parts, n)
	}
	types := b.types(v, &parts)
	return b.untyped(v, types, parts)
}

// types appends the node of the keyword type and returns the types it names.
func (b *builder) types(v *value, parts *[]*node) (named map[string]bool) {
	t := v.get("type")
	if t == nil {
		return nil
	}
	named = map[string]bool{}
	switch t.kind {
	case jsonString:
		if n := b.typed(v, t, named); n != nil {
			*parts = append(*parts, n)
		}
	case jsonArray:
		var of []*node
		for _, e := range t.elems {
			if !b.want(e, "each element of type", jsonString) {
				continue
			}
			if n := b.typed(v, e, named); n != nil {
				b.made(n, v, true)
				of = append(of, n)
			}
		}
		*parts = append(*parts, b.combine(anyOf, of))
	default:
		b.fail(t, "type must be a string or an array of strings, not %s", t.kind)
	}
	return named
}

func (b *builder) typed(v, name *value, named map[string]bool) *node {
	again := named[name.text]
	named[name.text] = true
	switch name.text {
	case "null":
		return &node{class: nullType}
	case "boolean":
		return &node{class: booleanType}
	case "string":
		return b.string(v)
	case "integer", "number":
		n := b.number(v)
		n.num.integer = name.text == "integer"
		return n
	case "array", "object":
		if again {
			return nil // its schemas are built once: a list that repeats them would cost a power of its length
		}
		if name.text == "array" {
			return b.array(v)
		}
		return b.object(v)
	}
	b.fail(name, "unknown type %q: expected string, number, integer, boolean, null, array or object", name.text)
	return nil
}

// untyped appends a node for each group of keywords that belongs to a type which is not named.
func (b *builder) untyped(v *value, named map[string]bool, parts []*node) []*node {
	d := v.doc.draft
	if !named["array"] && d.arrayKeywords().anyIn(v) {
		parts = append(parts, b.array(v))
	}
	if !named["object"] && d.objectKeywords().anyIn(v) {
		parts = append(parts, b.object(v))
	}
	if !named["number"] && !named["integer"] && numberKeywords.anyIn(v) {
		parts = append(parts, b.number(v))
	}
	if !named["string"] && stringKeywords.anyIn(v) {
		parts = append(parts, b.string(v))
	}
	if d >= draft7 && (keywords{"if", "then", "else"}).anyIn(v) {
		for _, k := range [...]string{"if", "then", "else"} {
			b.sub(v, k) // checked, not compared
		}
		parts = append(parts, &node{class: conditionalClass})
	}
	return parts
}

func (b *builder) string(v *value) *node {
	s := &stringRules{minLength: b.count(v, "minLength"), maxLength: b.count(v, "maxLength")}
	if p := v.get("pattern"); b.want(p, "pattern", jsonString) {
		if _, err := compilePattern(p.text); err != nil {
			b.fail(p, "pattern is not a regular expression: %s", err)
		} else {
			s.pattern = &p.text
		}
	}
	b.want(v.get("format"), "format", jsonString)
	return &node{class: stringType, str: s}
}

func (b *builder) number(v *value) *node {
	n := &numberRules{minimum: b.bound(v, "minimum"), maximum: b.bound(v, "maximum"), multipleOf: b.bound(v, "multipleOf")}
	if n.multipleOf.set && n.multipleOf.n.sign() == 0 {
		b.fail(v.get("multipleOf"), "multipleOf must not be 0")
		n.multipleOf = limit{}
	}
	if v.doc.draft == draft4 {
		b.want(v.get("exclusiveMinimum"), "exclusiveMinimum", jsonBool)
		b.want(v.get("exclusiveMaximum"), "exclusiveMaximum", jsonBool)
	} else {
		n.exclusiveMinimum, n.exclusiveMaximum = b.bound(v, "exclusiveMinimum"), b.bound(v, "exclusiveMaximum")
	}
	return &node{class: numberType, num: n}
}

// bound reads a keyword whose value is a number.
func (b *builder) bound(v *value, keyword string) limit {
	n := v.get(keyword)
	if !b.want(n, keyword, jsonNumber) {
		return limit{}
	}
	d, _ := parseDecimal(n.text)
	return limit{true, d}
}

// count reads a keyword whose value is a 32 bit integer.
func (b *builder) count(v *value, keyword string) limit {
	n := v.get(keyword)
	if !b.want(n, keyword, jsonNumber) {
		return limit{}
	}
	if i, err := strconv.ParseInt(n.text, 10, 64); err != nil || i < math.MinInt32 || i > math.MaxInt32 {
		b.fail(n, "%s must be an integer of 32 bits", keyword)
		return limit{}
	}
	return b.bound(v, keyword)
}

// valueKey returns a text that is the same for equal values: members are sorted, numbers equal when their values are.
func valueKey(v *value) string {
	var b strings.Builder
	writeValueKey(&b, v)
	return b.String()
}
