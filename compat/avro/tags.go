package avro

import (
	"fmt"

	"github.com/millrace/millrace/compat/schema"
)

// tagsProp is the property of a record or a field that lists its tags.
const tagsProp = "confluent:tags"

// tags returns the tags that a value of tagsProp lists; what is no list has none.
func (v *Value) tags() []string {
	if v == nil || v.kind != jsonArray {
		return nil
	}
	var out []string
	for i := range v.elems {
		if s, ok := v.elems[i].str(); ok {
			out = append(out, s)
		} else {
			out = append(out, v.elems[i].String())
		}
	}
	return out
}

// Tags implements schema.Tagger. An entity is a record by its full name, or a field by that and its own; those of referenced
// documents are among them.
func (s *Schema) Tags() ([]schema.Tagged, error) {
	var list schema.TagList
	seen := map[*Type]bool{}
	var walk func(t *Type)
	walk = func(t *Type) {
		switch t.Kind {
		case Array, Map:
			walk(t.Elem)
		case Union:
			for _, b := range t.Branches {
				walk(b)
			}
		case Record:
			if seen[t] {
				return
			}
			seen[t] = true
			name := t.Name.Full()
			list.Add(schema.RecordEntity, prop(t.Props, tagsProp).tags(), name)
			for _, f := range t.Fields {
				list.Add(schema.FieldEntity, prop(f.Props, tagsProp).tags(), name, f.Name)
				walk(f.Type)
			}
		}
	}
	walk(s.root)
	return list.All()
}

// WithTags implements schema.Tagger. A path may leave out the namespace: it means the record of that name which is nearest to the
// root. What stands in another document cannot be edited.
func (s *Schema) WithTags(edits []schema.TagEdit) (string, error) {
	doc, _, err := readJSON(s.canonical)
	if err != nil {
		return "", fmt.Errorf("reading the schema again: %w", err)
	}
	plan := schema.PlanTags(edits)
	editTags(doc, plan.Root())
	if err := plan.Missing(); err != nil {
		return "", err
	}
	after, err := parse(schema.Document{Text: doc.String(), References: s.refs}, s.imports, s.lenient)
	if err != nil {
		return "", fmt.Errorf("reading the schema with its new tags: %w", err)
	}
	return after.canonical, nil
}

// editTags goes through the records of a canonical document, those nearest to its root first.
func editTags(doc *Value, at schema.TagNode) {
	type node struct {
		v     *Value
		space string
	}
	for queue := []node{{doc, ""}}; len(queue) > 0; {
		n := queue[0]
		queue = queue[1:]
		switch n.v.kind {
		case jsonArray:
			for i := range n.v.elems {
				queue = append(queue, node{&n.v.elems[i], n.space})
			}
			continue
		case jsonObject:
		default:
			continue // a name
		}
		if space, ok := n.v.get("namespace").str(); ok {
			n.space = space
		}
		fields := n.v.get("fields")
		if kind, _ := n.v.get("type").str(); fields == nil || kind != "record" && kind != "error" {
			for _, k := range [...]string{"items", "values"} {
				if inner := n.v.get(k); inner != nil && kind == map[string]string{"items": "array", "values": "map"}[k] {
					queue = append(queue, node{inner, n.space})
				}
			}
			continue
		}
		short, _ := n.v.get("name").str()
		names := [...]schema.TagNode{at.Find(Name{n.space, short}.Full()), at.Find(short)}
		for _, r := range names {
			n.v.setTags(r.Apply(schema.RecordEntity, n.v.get(tagsProp).tags()))
		}
		for i := range fields.elems {
			f := &fields.elems[i]
			name, _ := f.get("name").str()
			for _, r := range names {
				f.setTags(r.Find(name).Apply(schema.FieldEntity, f.get(tagsProp).tags()))
			}
			if t := f.get("type"); t != nil {
				queue = append(queue, node{t, n.space})
			}
		}
	}
}

// setTags puts tags into an object, last where it had none, when they changed.
func (v *Value) setTags(tags []string, changed bool) {
	if !changed {
		return
	}
	if len(tags) == 0 {
		for i := range v.members {
			if v.members[i].name == tagsProp {
				v.members = append(v.members[:i:i], v.members[i+1:]...)
				return
			}
		}
		return
	}
	list := Value{kind: jsonArray}
	for _, t := range tags {
		list.elems = append(list.elems, Value{kind: jsonString, text: t})
	}
	if old := v.get(tagsProp); old != nil {
		*old = list
		return
	}
	v.members = append(v.members, member{tagsProp, list})
}
