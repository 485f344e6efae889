package protobuf

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// CanRead returns every finding of Confluent's comparison that makes writer's data unreadable with s. Enums, services, options,
// groups and extensions are not looked at, nor are enum constants: Confluent takes a change of them for compatible.
func (s *Schema) CanRead(writer schema.Schema) []schema.Difference {
	w, ok := writer.(*Schema)
	if !ok {
		return []schema.Difference{schema.DifferentType}
	}
	if s == w {
		return nil
	}
	c := &comparison{reader: s, writer: w, open: map[pair]bool{}}
	rf, wf := s.sources.own.file, w.sources.own.file
	if rf.pkg != wf.pkg {
		c.add(PackageChanged, "#/", wf.pkg+" → "+rf.pkg)
	}
	c.messages("#", s.sources.scope(s.sources.own), w.sources.scope(w.sources.own), rf.messages, wf.messages)
	return c.found
}

type comparison struct {
	reader, writer *Schema
	found          []schema.Difference
	open           map[pair]bool // referenced messages that are compared already
	level          int
}

// pair is a message of the reader and one of the writer.
type pair struct{ reader, writer *message }

func (c *comparison) add(rule, path, detail string) {
	c.found = append(c.found, difference(rule, path, detail))
}

// union calls each for the keys of both maps in order.
func union[K cmp.Ordered, V any](r, w map[K]V, each func(key K, r, w V)) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(r)), maps.Keys(w))
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		each(k, r[k], w[k])
	}
}

func (c *comparison) messages(path string, rs, ws *scope, reader, writer []*message) {
	if len(reader)+len(writer) == 0 {
		return
	}
	byName := func(list []*message) map[string]*message {
		out := make(map[string]*message, len(list))
		for _, m := range list {
			out[m.name] = m
		}
		return out
	}
	union(byName(reader), byName(writer), func(name string, r, w *message) {
		at := path + "/" + name
		switch {
		case w == nil: // added
		case r == nil:
			c.add(MessageRemoved, at, name)
		default:
			c.message(at, rs.within(name), ws.within(name), r, w)
		}
	})
}

// members are the fields of a message by number.
type members struct {
	top    map[int32]*field // outside oneofs
	in     map[int32]*oneof // the oneof of a field inside one
	fields map[int32]*field // all
	oneofs map[string]*oneof
}

func membersOf(m *message) members {
	out := members{top: map[int32]*field{}, in: map[int32]*oneof{}, fields: map[int32]*field{}, oneofs: map[string]*oneof{}}
	for _, f := range m.fields {
		out.top[f.tag], out.fields[f.tag] = f, f
	}
	for _, o := range m.oneofs {
		out.oneofs[o.name] = o
		for _, f := range o.fields {
			out.in[f.tag], out.fields[f.tag] = o, f
		}
	}
	return out
}

func (c *comparison) message(path string, rs, ws *scope, reader, writer *message) {
	r, w := membersOf(reader), membersOf(writer)
	union(r.top, w.top, func(tag int32, rf, wf *field) {
		at := path + "/" + number(tag)
		switch {
		case rf == nil && r.in[tag] != nil: // moved into a oneof, which is looked at below
			c.field(path+"/"+r.in[tag].name+"/"+number(tag), rs, ws, r.fields[tag], wf)
		case wf == nil && w.in[tag] != nil: // moved out of a oneof
			c.field(at, rs, ws, rf, w.fields[tag])
		case rf == nil:
			if wf.label == required {
				c.add(RequiredFieldRemoved, at, wf.name)
			}
		case wf == nil:
			if rf.label == required {
				c.add(RequiredFieldAdded, at, rf.name)
			}
		default:
			c.field(at, rs, ws, rf, wf)
		}
	})
	union(r.oneofs, w.oneofs, func(name string, ro, wo *oneof) {
		at := path + "/" + name
		if ro != nil {
			c.joined(at, ro, w)
		}
		if wo != nil {
			c.left(at, rs, ws, wo, ro, r)
		}
	})
	c.messages(path, rs, ws, reader.messages, writer.messages)
}

// joined looks at where the members of a reader's oneof come from: fields that could be set together cannot be any more when
// they are in one oneof.
func (c *comparison) joined(path string, ro *oneof, w members) {
	outside := 0
	from := map[*oneof]bool{}
	var names []string
	for _, f := range ro.fields {
		if w.top[f.tag] != nil {
			outside++
			names = append(names, f.name)
		} else if o := w.in[f.tag]; o != nil {
			if from[o] = true; o.name != ro.name {
				names = append(names, f.name)
			}
		}
	}
	switch {
	case outside > 1:
		c.add(MultipleFieldsMovedToOneof, path, strings.Join(names, ", "))
	case min(outside, 1)+len(from) > 1:
		c.add(FieldMovedToExistingOneof, path, strings.Join(names, ", "))
	}
}

// left looks at what has become of the members of a writer's oneof. A oneof may go with all its members.
func (c *comparison) left(path string, rs, ws *scope, wo, ro *oneof, r members) {
	gone := ro == nil && !slices.ContainsFunc(wo.fields, func(f *field) bool { return r.fields[f.tag] != nil })
	for _, wf := range wo.fields {
		at := path + "/" + number(wf.tag)
		switch rf := r.fields[wf.tag]; {
		case gone || r.top[wf.tag] != nil:
		case rf == nil, ro != nil && r.in[wf.tag] != ro:
			c.add(OneofFieldRemoved, at, wf.name)
		default:
			c.field(at, rs, ws, rf, wf)
		}
	}
}

func (c *comparison) field(path string, rs, ws *scope, r, w *field) {
	rt, wt := c.reader.typeOf(rs, r.typ), c.writer.typeOf(ws, w.typ)
	c.types(path, rt, wt)
	if r.label != w.label && r.label != noLabel && w.label != noLabel && rt.kind == scalarType && wt.kind == scalarType &&
		rt.group != "string" && wt.group != "string" {
		c.add(FieldNumericLabelChanged, path, w.label.String()+" → "+r.label.String())
	}
}

func (c *comparison) types(path string, r, w *fieldType) {
	detail := w.written + " → " + r.written
	switch {
	case r.kind != w.kind:
		c.add(FieldKindChanged, path, detail)
	case r.kind == mapType:
		c.types(path, r.key, w.key)
		c.types(path, r.value, w.value)
	case r.kind == scalarType:
		if r.group != w.group {
			c.add(FieldScalarKindChanged, path, detail)
		}
	case r.name != w.name:
		c.add(FieldNamedTypeChanged, path, detail)
	default:
		c.referenced(path, r.scope, w.scope)
	}
}

// referenced compares messages of two versions of a referenced schema.
func (c *comparison) referenced(path string, r, w *scope) {
	if r == nil || w == nil || r.message == nil || w.message == nil {
		return
	}
	rr, wr := r.source.ref, w.source.ref
	if rr == nil || wr == nil || rr.Subject == wr.Subject && rr.Version == wr.Version {
		return
	}
	p := pair{r.message, w.message}
	if c.open[p] || c.level >= MaxDepth {
		return
	}
	c.open[p] = true
	c.level++
	c.message(path, r, w, r.message, w.message)
	c.level--
}
