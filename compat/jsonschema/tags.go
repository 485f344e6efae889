package jsonschema

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// tagsKeyword lists the tags of a schema.
const tagsKeyword = "confluent:tags"

// Names in the path of an entity. Each schema on the way has the name of what it is, a kind: object, array, allof, a keyword
// that holds one schema, or the type of a simple value; any is one that says nothing. After object follows the name of a
// property and after allof, anyof and oneof a number from 0; after array, that of an item where each has its own schema.
const (
	objectName = "object"
	arrayName  = "array"
	anyName    = "any"
)

// The keywords that hold schemas, apart from properties and items: one schema, a list of them, or an object of them.
var (
	oneSchema = []string{
		"not", "if", "then", "else", "additionalProperties", "additionalItems", "contains", "propertyNames", "unevaluatedProperties",
		"unevaluatedItems",
	}
	listOfSchemas   = []string{"allOf", "anyOf", "oneOf"}
	objectOfSchemas = []string{"patternProperties", "dependentSchemas", "dependencies", "definitions", "$defs"}
)

// hasType reports whether the keyword type names a type.
func (v *value) hasType(name string) bool {
	t := v.get("type")
	if t == nil {
		return false
	}
	return t.kind == jsonString && t.text == name ||
		slices.ContainsFunc(t.elems, func(e *value) bool { return e.kind == jsonString && e.text == name })
}

// kinds returns the names that a path may have for the schema v, the first of them the one that Tags uses.
func (v *value) kinds() []string {
	var out []string
	if v.hasType(objectName) || v.get("properties") != nil {
		out = append(out, objectName)
	}
	if v.hasType(arrayName) || v.get("items") != nil || v.get("prefixItems") != nil {
		out = append(out, arrayName)
	}
	for _, k := range slices.Concat(listOfSchemas, oneSchema, objectOfSchemas) {
		if v.get(k) != nil {
			out = append(out, strings.ToLower(k))
		}
	}
	for _, k := range [...]string{"string", "number", "integer", "boolean", "null"} {
		if v.hasType(k) {
			out = append(out, k)
		}
	}
	if out == nil {
		out = []string{anyName}
	}
	return out
}

// step is the way from a schema to one right inside it: the kind and, where it has one, the name after that.
type step struct {
	kind, name string
	named      bool
}

func (s step) names() []string {
	if s.named {
		return []string{s.kind, s.name}
	}
	return []string{s.kind}
}

func (s step) from(at schema.TagNode) schema.TagNode {
	if at = at.Find(s.kind); s.named {
		at = at.Find(s.name)
	}
	return at
}

// inner calls each with the schemas right inside v that are objects. Those of kinds that are not wanted are passed over; a nil
// wanted wants all.
func (v *value) inner(wanted func(kind string) bool, each func(child *value, kind schema.EntityKind, s step)) {
	visit := func(child *value, kind schema.EntityKind, s step) {
		if child != nil && child.kind == jsonObject {
			each(child, kind, s)
		}
	}
	find := func(keyword, kind string) *value {
		if found := v.get(keyword); found != nil && (wanted == nil || wanted(kind)) {
			return found
		}
		return &value{}
	}
	for _, m := range find("properties", objectName).members {
		visit(m.value, schema.FieldEntity, step{objectName, m.name, true})
	}
	for _, k := range [...]string{"prefixItems", "items"} {
		items := find(k, arrayName)
		visit(items, schema.RecordEntity, step{kind: arrayName})
		for i, e := range items.elems {
			visit(e, schema.RecordEntity, step{arrayName, strconv.Itoa(i), true})
		}
	}
	for _, k := range listOfSchemas {
		kind := strings.ToLower(k)
		for i, e := range find(k, kind).elems {
			visit(e, schema.RecordEntity, step{kind, strconv.Itoa(i), true})
		}
	}
	for _, k := range oneSchema {
		kind := strings.ToLower(k)
		visit(find(k, kind), schema.RecordEntity, step{kind: kind})
	}
	for _, k := range objectOfSchemas {
		kind := strings.ToLower(k)
		for _, m := range find(k, kind).members {
			visit(m.value, schema.RecordEntity, step{kind, m.name, true})
		}
	}
}

// tags returns the tags that a schema lists; what is no list has none.
func (v *value) tags() []string {
	list := v.get(tagsKeyword)
	if list == nil || list.kind != jsonArray {
		return nil
	}
	var out []string
	for _, e := range list.elems {
		if e.kind == jsonString {
			out = append(out, e.text)
		} else {
			out = append(out, string(appendValue(nil, e, false)))
		}
	}
	return out
}

// Tags implements schema.Tagger. An entity is a property of an object, or any other schema: object.address.object.city is a
// property of a property, object.lines.array.object the schema of the items of one. References are not followed.
func (s *Schema) Tags() ([]schema.Tagged, error) {
	doc, err := readDocument(s.canonical, draft7)
	if err != nil {
		return nil, fmt.Errorf("reading the schema again: %w", err)
	}
	var list schema.TagList
	var path []string
	var walk func(v *value, kind schema.EntityKind)
	walk = func(v *value, kind schema.EntityKind) {
		n := len(path)
		if tags := v.tags(); len(tags) > 0 {
			if kind == schema.RecordEntity {
				path = append(path, v.kinds()[0])
			}
			list.Add(kind, tags, path...)
			path = path[:n]
		}
		v.inner(nil, func(child *value, kind schema.EntityKind, s step) {
			path = append(path, s.names()...)
			walk(child, kind)
			path = path[:n]
		})
	}
	if doc.root.kind == jsonObject {
		walk(doc.root, schema.RecordEntity)
	}
	return list.All()
}

// WithTags implements schema.Tagger. A path may lead through a $ref; what stands in another document cannot be edited.
func (s *Schema) WithTags(edits []schema.TagEdit) (string, error) {
	doc, err := readDocument(s.canonical, draft7)
	if err != nil {
		return "", fmt.Errorf("reading the schema again: %w", err)
	}
	plan := schema.PlanTags(edits)
	t := &tagger{b: builder{main: doc}, seen: map[tagStep]bool{}, schemas: map[*value]bool{}}
	if doc.root.kind == jsonObject {
		t.note(doc.root)
		t.edit(doc.root, plan.Root(), 1)
	}
	if t.steps >= maxTagSteps {
		return "", errTooManySteps
	}
	if err := plan.Missing(); err != nil {
		return "", err
	}
	return string(appendValue(nil, doc.root, false)), nil
}

// maxTagSteps bounds the schemas that are looked at for the paths of one call: references can lead to the same one from everywhere.
const maxTagSteps = 1_000_000

var errTooManySteps = errors.New("finding the schemas that the tags are for takes too many steps")

// tagger edits the tags of a document.
type tagger struct {
	b       builder
	schemas map[*value]bool // what is a schema of the document: a $ref may lead to something else
	seen    map[tagStep]bool
	steps   int
}

// tagStep is a schema at a place of the paths.
type tagStep struct {
	v  *value
	at schema.TagNode
}

func (t *tagger) note(v *value) {
	t.schemas[v] = true
	v.inner(nil, func(child *value, _ schema.EntityKind, _ step) { t.note(child) })
}

// edit goes on from the schema v, where the paths are at a name of its kinds, to the schemas inside it and, last, to the one that
// it refers to.
func (t *tagger) edit(v *value, at schema.TagNode, depth int) {
	here := tagStep{v, at}
	if !at.Leads() || t.seen[here] || depth > MaxDepth || t.steps >= maxTagSteps {
		return
	}
	t.seen[here] = true
	for _, k := range v.kinds() {
		v.setTags(at.Find(k).Apply(schema.RecordEntity, v.tags()))
	}
	v.inner(func(kind string) bool { return at.Find(kind).Leads() }, func(child *value, kind schema.EntityKind, s step) {
		t.steps++
		next := s.from(at)
		if kind == schema.FieldEntity {
			child.setTags(next.Apply(kind, child.tags()))
		}
		t.edit(child, next, depth+1)
	})
	if ref := v.get("$ref"); ref != nil && ref.kind == jsonString {
		if target := t.b.find(v, ref.text); t.schemas[target] {
			t.edit(target, at, depth+1)
		}
	}
}

// setTags puts tags into a schema, last where it had none, when they changed.
func (v *value) setTags(tags []string, changed bool) {
	if !changed {
		return
	}
	if len(tags) > 0 {
		list := &value{kind: jsonArray}
		for _, tag := range tags {
			list.elems = append(list.elems, &value{kind: jsonString, text: tag})
		}
		v.set(tagsKeyword, list)
		return
	}
	v.members = slices.DeleteFunc(v.members, func(m member) bool { return m.name == tagsKeyword })
	if v.index != nil {
		clear(v.index)
		for i := range v.members {
			v.index[v.members[i].name] = i
		}
	}
}
