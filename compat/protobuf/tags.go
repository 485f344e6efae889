package protobuf

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// Tags are in the field tags of a custom option, messageMeta of a message and fieldMeta of a field, which metaFile declares.
const (
	metaFile      = "confluent/meta.proto"
	metaPackage   = "confluent"
	messageMeta   = "confluent.message_meta"
	fieldMeta     = "confluent.field_meta"
	enumMeta      = "confluent.enum_meta"
	enumValueMeta = "confluent.enum_value_meta"
	metaTags      = "tags"
)

// is reports whether o sets the option called name, or a field of it.
func (o *option) is(name string) bool { return o.paren && strings.TrimPrefix(o.name, ".") == name }

// isTags reports whether o sets the tags alone: (confluent.field_meta).tags.
func (o *option) isTags() bool { return o.value.kind == kindOption && o.value.sub.name == metaTags }

func isTagsEntry(e entry) bool { return e.key == metaTags }

// strings returns the texts of a value or of a list of them.
func (v value) strings() []string {
	switch v.kind {
	case kindString:
		return []string{v.text}
	case kindList:
		var out []string
		for _, e := range v.list {
			out = append(out, e.strings()...)
		}
		return out
	}
	return nil
}

// tagsOf returns the tags that the options set.
func tagsOf(list []option, name string) []string {
	var out []string
	for _, o := range list {
		switch {
		case !o.is(name):
		case o.isTags():
			out = append(out, o.value.sub.value.strings()...)
		case o.value.kind == kindMap:
			for _, e := range o.value.entries {
				if isTagsEntry(e) {
					out = append(out, e.value.strings()...)
				}
			}
		}
	}
	return out
}

// withTags returns the options with other tags, in the form that the option has: as a message, which is that of a new one, or field by
// field, for Protobuf refuses both together. A new one is written as spelled.
func withTags(list []option, name, spelled string, tags []string) []option {
	whole, single := -1, -1 // where the option is a message, and where the tags alone go
	var out []option
	for _, o := range list {
		switch {
		case !o.is(name):
		case o.isTags():
			if single < 0 {
				single, spelled = len(out), o.name
			}
			continue
		case o.value.kind == kindMap:
			had := slices.IndexFunc(o.value.entries, isTagsEntry)
			if o.value.entries = slices.DeleteFunc(slices.Clone(o.value.entries), isTagsEntry); whole < 0 && len(tags) > 0 {
				whole = len(out)
				if had < 0 {
					had = len(o.value.entries)
				}
				o.value.entries = slices.Insert(o.value.entries, had, entry{metaTags, tagList(tags)})
			} else if had >= 0 && len(o.value.entries) == 0 {
				continue
			}
		case o.value.kind == kindOption && single < 0:
			single, spelled = len(out)+1, o.name
		}
		out = append(out, o)
	}
	switch {
	case whole >= 0 || len(tags) == 0:
	case single >= 0:
		var each []option
		for _, t := range tags {
			each = append(each, option{name: spelled, paren: true, value: value{kind: kindOption, sub: &option{name: metaTags, value: value{kind: kindString, text: t}}}})
		}
		out = slices.Insert(out, single, each...)
	default:
		out = append(out, option{name: spelled, paren: true, value: value{kind: kindMap, entries: []entry{{metaTags, tagList(tags)}}}})
	}
	return out
}

func tagList(tags []string) value {
	list := value{kind: kindList}
	for _, t := range tags {
		list.list = append(list.list, value{kind: kindString, text: t})
	}
	return list
}

// Tags implements schema.Tagger. An entity is a message of the file by its full name, or a field by that and its own.
func (s *Schema) Tags() ([]schema.Tagged, error) {
	var list schema.TagList
	var path []string
	in := func(name string, do func()) {
		path = append(path, name)
		do()
		path = path[:len(path)-1]
	}
	fields := func(all []*field) {
		for _, f := range all {
			in(f.name, func() { list.Add(schema.FieldEntity, tagsOf(f.options, fieldMeta), path...) })
		}
	}
	groups := func(all []*group) {
		for _, g := range all {
			in(g.name, func() { fields(g.fields) })
		}
	}
	var messages func(all []*message)
	messages = func(all []*message) {
		for _, m := range all {
			in(m.name, func() {
				list.Add(schema.RecordEntity, tagsOf(m.options, messageMeta), path...)
				fields(m.fields)
				for _, o := range m.oneofs {
					fields(o.fields)
					groups(o.groups)
				}
				groups(m.groups)
				messages(m.messages)
			})
		}
	}
	f := s.sources.own.file
	if f.pkg == "" {
		messages(f.messages)
	} else {
		in(f.pkg, func() { messages(f.messages) })
	}
	return list.All()
}

// WithTags implements schema.Tagger. The path of a field in a oneof may have the name of the oneof before its own. A file that gets
// its first tags imports confluent/meta.proto from then on.
func (s *Schema) WithTags(edits []schema.TagEdit) (string, error) {
	f, fault := parseText(s.canonical) // a copy
	if fault != nil {
		return "", fmt.Errorf("reading the schema again: %w", fault)
	}
	plan := schema.PlanTags(edits)
	at := plan.Root()
	if f.pkg != "" {
		at = at.Find(f.pkg)
	}
	t := tagger{prefix: prefixIn(f.pkg)}
	t.messages(f.messages, at)
	if err := plan.Missing(); err != nil {
		return "", err
	}
	if t.added && !slices.Contains(slices.Concat(f.imports, f.public, f.weak), metaFile) {
		f.imports = append(f.imports, metaFile)
	}
	text, ok := f.print()
	if !ok {
		return "", tooMuch("the canonical text is longer than %d bytes", MaxText)
	}
	return text, nil
}

// prefixIn is what the names of Confluent's options need before them in a package: one inside a package called confluent would be
// taken for that.
func prefixIn(pkg string) string {
	if strings.Contains("."+pkg+".", ".confluent.") && !strings.HasPrefix(pkg+".", "confluent.") {
		return "."
	}
	return ""
}

// tagger edits the tags of a file.
type tagger struct {
	prefix string
	added  bool // something has tags that it had not
}

func (t *tagger) messages(all []*message, at schema.TagNode) {
	for _, m := range all {
		in := at.Find(m.name)
		if !in.Leads() {
			continue
		}
		t.edit(&m.options, messageMeta, in, schema.RecordEntity)
		t.fields(m.fields, in)
		for _, o := range m.oneofs {
			t.fields(o.fields, in)
			t.fields(o.fields, in.Find(o.name))
			t.groups(o.groups, in)
		}
		t.groups(m.groups, in)
		t.messages(m.messages, in)
	}
}

func (t *tagger) groups(all []*group, in schema.TagNode) {
	for _, g := range all {
		t.fields(g.fields, in.Find(g.name))
	}
}

func (t *tagger) fields(all []*field, in schema.TagNode) {
	for _, f := range all {
		t.edit(&f.options, fieldMeta, in.Find(f.name), schema.FieldEntity)
	}
}

func (t *tagger) edit(list *[]option, name string, at schema.TagNode, kind schema.EntityKind) {
	if tags, changed := at.Apply(kind, tagsOf(*list, name)); changed {
		*list = withTags(*list, name, t.prefix+name, tags)
		t.added = t.added || len(tags) > 0
	}
}
