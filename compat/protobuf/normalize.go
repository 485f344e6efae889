package protobuf

import (
	"cmp"
	"slices"
	"strings"
)

// normalize returns the canonical text of the file with everything in an order of its own, except messages and enums, whose
// order the message indexes of records count on. A text that would be longer than MaxText stays as it is.
func (s *Schema) normalize() string {
	f, err := parseText(s.canonical) // a copy
	if err != nil {
		return s.canonical
	}
	own := &source{text: s.canonical, file: f}
	found := make(map[string]*source, len(s.sources.all))
	for name, src := range s.sources.index {
		found[name] = src
	}
	in := newSources(own, found)
	at := in.scope(own)
	in.foldMaps(at, f.messages)
	size := 0
	f.uses(at, func(at *scope, typ string, _ mark) string {
		if scalar(typ) || size > MaxText {
			return typ
		}
		if t := in.resolve(at, typ); t != nil {
			size += t.size
			return t.full()
		}
		return typ
	})
	f.sort()
	text, ok := f.print()
	if !ok || size > MaxText {
		return s.canonical
	}
	return text
}

// foldMaps writes map fields that are spelled out as messages of map entries as maps.
func (s *sources) foldMaps(at *scope, messages []*message) {
	for _, m := range messages {
		c := at.within(m.name)
		folded := map[*message]bool{}
		for _, f := range m.fields {
			t := s.resolve(c, f.typ)
			if t == nil || t.message == nil || t.parent != c || f.label != repeated || !t.message.mapEntry() {
				continue
			}
			folded[t.message] = true
			f.label, f.typ = noLabel, mapOf(t.message.fields[0].typ, t.message.fields[1].typ)
		}
		m.messages = slices.DeleteFunc(m.messages, func(n *message) bool { return folded[n] })
		s.foldMaps(c, m.messages)
	}
}

// mapEntry reports whether m is what a map field stands for.
func (m *message) mapEntry() bool {
	return len(m.fields) == 2 && m.fields[0].tag == 1 && m.fields[1].tag == 2 &&
		slices.ContainsFunc(m.options, func(o option) bool { return o.name == "map_entry" && !o.paren && o.value.text == "true" })
}

func (f *file) sort() {
	if f.syntax == "proto2" {
		f.syntax = ""
	}
	for _, list := range []*[]string{&f.imports, &f.public, &f.weak} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	f.options = sortOptions(f.options)
	sortTypes(f.messages, f.enums)
	sortExtends(f.extends)
	slices.SortStableFunc(f.services, func(a, b *service) int { return cmp.Compare(a.name, b.name) })
	for _, s := range f.services {
		s.options = sortOptions(s.options)
		slices.SortStableFunc(s.rpcs, func(a, b *rpc) int { return cmp.Compare(a.name, b.name) })
		for _, r := range s.rpcs {
			r.options = sortOptions(r.options)
		}
	}
}

func sortTypes(messages []*message, enums []*enum) {
	for _, m := range messages {
		m.options = sortOptions(m.options)
		m.reserved = sortRanges(m.reserved)
		sortFields(m.fields)
		slices.SortStableFunc(m.oneofs, func(a, b *oneof) int { return cmp.Compare(a.name, b.name) })
		for _, o := range m.oneofs {
			o.options = sortOptions(o.options)
			sortFields(o.fields)
			sortGroups(o.groups)
		}
		sortGroups(m.groups)
		m.extensions = sortExtensions(m.extensions)
		sortExtends(m.extends)
		sortTypes(m.messages, m.enums)
	}
	for _, e := range enums {
		e.options = sortOptions(e.options)
		e.reserved = sortRanges(e.reserved)
		slices.SortStableFunc(e.constants, func(a, b constant) int { return cmp.Compare(a.tag, b.tag) })
		for i := range e.constants {
			e.constants[i].options = sortOptions(e.constants[i].options)
		}
	}
}

func sortFields(list []*field) {
	slices.SortStableFunc(list, func(a, b *field) int { return cmp.Compare(a.tag, b.tag) })
	for _, f := range list {
		f.options = sortOptions(f.options)
	}
}

func sortGroups(list []*group) {
	slices.SortStableFunc(list, func(a, b *group) int { return cmp.Compare(a.tag, b.tag) })
	for _, g := range list {
		sortFields(g.fields)
	}
}

func sortExtends(list []*extend) {
	for _, e := range list {
		sortFields(e.fields)
	}
	slices.SortStableFunc(list, func(a, b *extend) int { return cmp.Compare(a.name, b.name) })
}

func compareSpans(a, b span) int {
	if a.named != b.named {
		if b.named {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), strings.Compare(a.name, b.name))
}

// sortRanges gives each number, range and name a statement of its own, numbers first.
func sortRanges(list []ranges) []ranges {
	all := slices.Concat(list...)
	slices.SortStableFunc(all, compareSpans)
	var out []ranges
	for _, s := range slices.Compact(all) {
		out = append(out, ranges{s})
	}
	return out
}

func sortExtensions(list []extensions) []extensions {
	var out []extensions
	for _, e := range list {
		for _, s := range e.ranges {
			out = append(out, extensions{ranges{s}, sortOptions(e.options)})
		}
	}
	slices.SortStableFunc(out, func(a, b extensions) int { return compareSpans(a.ranges[0], b.ranges[0]) })
	return out
}

// sortOptions returns options by name. Those that set fields of the same message become one.
func sortOptions(list []option) []option {
	type key struct {
		name  string
		paren bool
	}
	var out []option
	messages := map[key]int{}
	for _, o := range list {
		o.value = spread(o.value)
		k := key{o.name, o.paren}
		if i, ok := messages[k]; ok && o.value.kind == kindMap {
			out[i].value.entries = append(out[i].value.entries, o.value.entries...)
			continue
		}
		if o.value.kind == kindMap {
			messages[k] = len(out)
		}
		out = append(out, o)
	}
	for i := range out {
		out[i].value = sortValue(out[i].value)
	}
	slices.SortStableFunc(out, func(a, b option) int { return strings.Compare(a.name, b.name) })
	return out
}

// spread makes the value of a message's field a message with that field.
func spread(v value) value {
	for v.kind == kindOption {
		names := strings.Split(v.sub.name, ".")
		inner := v.sub.value
		if len(names) > MaxDepth {
			return value{kind: kindMap, entries: []entry{{v.sub.name, inner}}}
		}
		for _, name := range slices.Backward(names) {
			inner = value{kind: kindMap, entries: []entry{{name, inner}}}
		}
		v = inner
	}
	return v
}

// sortValue returns v with its entries by key. Messages under the same key become one; of other values the last stays.
func sortValue(v value) value {
	switch v = spread(v); v.kind {
	case kindMap:
		out := value{kind: kindMap}
		at := map[string]int{}
		for _, e := range v.entries {
			e.value = spread(e.value)
			i, ok := at[e.key]
			switch {
			case !ok:
				at[e.key] = len(out.entries)
				e.value.entries = slices.Clip(e.value.entries)
				out.entries = append(out.entries, e)
			case out.entries[i].value.kind == kindMap && e.value.kind == kindMap:
				out.entries[i].value.entries = append(out.entries[i].value.entries, e.value.entries...)
			default:
				out.entries[i].value = e.value
			}
		}
		for i := range out.entries {
			out.entries[i].value = sortValue(out.entries[i].value)
		}
		slices.SortStableFunc(out.entries, func(a, b entry) int { return strings.Compare(a.key, b.key) })
		return out
	case kindList:
		out := value{kind: kindList}
		for _, e := range v.list {
			out.list = append(out.list, sortValue(e))
		}
		return out
	}
	return v
}
