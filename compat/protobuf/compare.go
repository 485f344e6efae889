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
	c := &comparison{open: map[pair]bool{}, reader: s.sources.own, writer: w.sources.own}
	rf, wf := s.sources.own.file, w.sources.own.file
	root := &trail{name: "#"}
	if rf.pkg != wf.pkg {
		c.add(PackageChanged, root.to(""), wf.pkg+" → "+rf.pkg, rf.pkgAt, wf.pkgAt)
	}
	c.messages(root, mark{}, mark{}, rf.messages, wf.messages)
	return c.found
}

type comparison struct {
	reader, writer *source // the files that are compared now
	found          []schema.Difference
	size           int           // of the findings, in bytes
	open           map[pair]bool // referenced messages that are compared already
	level          int
}

// maxFindings bounds the size of all findings: those beyond are not listed.
const maxFindings = 16 << 20

// trail is a place in both files, made a text only for a finding.
type trail struct {
	parent *trail
	name   string
	field  bool // the place of a field, which its number names
	tag    int32
}

func (p *trail) to(name string) *trail { return &trail{parent: p, name: name} }

func (p *trail) toTag(tag int32) *trail { return &trail{parent: p, field: true, tag: tag} }

func (p *trail) String() string {
	var names []string
	for ; p != nil; p = p.parent {
		if p.field {
			names = append(names, number(p.tag))
		} else {
			names = append(names, p.name)
		}
	}
	slices.Reverse(names)
	return strings.Join(names, "/")
}

// pair is a message of the reader and one of the writer.
type pair struct{ reader, writer *message }

// add adds a finding that is about a place in either file.
func (c *comparison) add(rule string, at *trail, detail string, reader, writer mark) {
	if c.size > maxFindings {
		return
	}
	d := difference(rule, at.String(), detail)
	d.Reader, d.Writer = c.reader.place(reader), c.writer.place(writer)
	c.size += len(d.Path) + len(d.Detail) + len(d.Message)
	c.found = append(c.found, d)
}

// union calls each for the keys of both maps in order.
func union[K cmp.Ordered, V any](r, w map[K]V, each func(key K, r, w V)) {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(r)), maps.Keys(w))
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		each(k, r[k], w[k])
	}
}

func (c *comparison) messages(of *trail, rat, wat mark, reader, writer []*message) {
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
		at := of.to(name)
		switch {
		case w == nil: // added
		case r == nil:
			c.add(MessageRemoved, at, name, rat, w.at)
		default:
			c.message(at, r, w)
		}
	})
}

// members are the fields of a message by number.
type members struct {
	top    map[int32]*field // outside oneofs
	in     map[int32]*oneof // the oneof of a field inside one
	fields map[int32]*field // all
	oneofs map[string]*oneof
	member map[member]*field
}

// member is a place in a oneof.
type member struct {
	oneof string
	tag   int32
}

func membersOf(m *message) *members {
	out := &members{top: map[int32]*field{}, in: map[int32]*oneof{}, fields: map[int32]*field{}, oneofs: map[string]*oneof{}, member: map[member]*field{}}
	for _, f := range m.fields {
		out.top[f.tag], out.fields[f.tag] = f, f
	}
	for _, o := range m.oneofs {
		out.oneofs[o.name] = o
		for _, f := range o.fields {
			out.in[f.tag], out.fields[f.tag], out.member[member{o.name, f.tag}] = o, f, f
		}
	}
	return out
}

func (c *comparison) message(of *trail, reader, writer *message) {
	r, w := reader.members, writer.members
	union(r.top, w.top, func(tag int32, rf, wf *field) {
		at := of.toTag(tag)
		switch {
		case rf == nil && r.in[tag] != nil: // moved into a oneof, which is looked at below
			c.field(of.to(r.in[tag].name).toTag(tag), r.fields[tag], wf)
		case wf == nil && w.in[tag] != nil: // moved out of a oneof
			c.field(at, rf, w.fields[tag])
		case rf == nil:
			if wf.label == required {
				c.add(RequiredFieldRemoved, at, wf.name, reader.at, wf.at)
			}
		case wf == nil:
			if rf.label == required {
				c.add(RequiredFieldAdded, at, rf.name, rf.at, writer.at)
			}
		default:
			c.field(at, rf, wf)
		}
	})
	union(r.oneofs, w.oneofs, func(name string, ro, wo *oneof) {
		at := of.to(name)
		if ro != nil {
			c.joined(at, ro, w, oneofAt(wo, writer))
		}
		if wo != nil {
			c.left(at, wo, ro, r, w, oneofAt(ro, reader))
		}
	})
	c.messages(of, reader.at, writer.at, reader.messages, writer.messages)
}

// oneofAt is where a oneof is or, when there is none, the message that lacks it.
func oneofAt(o *oneof, m *message) mark {
	if o != nil {
		return o.at
	}
	return m.at
}

// joined looks at where the members of a reader's oneof come from: fields that could be set together cannot be any more when
// they are in one oneof.
func (c *comparison) joined(at *trail, ro *oneof, w *members, wat mark) {
	outside := 0
	from := map[string]bool{}
	var names []string
	for _, f := range ro.fields {
		if w.member[member{ro.name, f.tag}] != nil {
			from[ro.name] = true
			continue
		}
		if w.top[f.tag] != nil {
			outside++
		} else if o := w.in[f.tag]; o != nil {
			from[o.name] = true
		} else {
			continue // new
		}
		names = append(names, f.name)
	}
	switch {
	case outside > 1:
		c.add(MultipleFieldsMovedToOneof, at, strings.Join(names, ", "), ro.at, wat)
	case min(outside, 1)+len(from) > 1:
		c.add(FieldMovedToExistingOneof, at, strings.Join(names, ", "), ro.at, wat)
	}
}

// left looks at what has become of the members of a writer's oneof. A oneof may go with all its members.
func (c *comparison) left(of *trail, wo, ro *oneof, r, w *members, rat mark) {
	gone := ro == nil && !slices.ContainsFunc(wo.fields, func(f *field) bool { return r.fields[f.tag] != nil })
	for _, wf := range wo.fields {
		at := of.toTag(wf.tag)
		switch rf := r.fields[wf.tag]; {
		case w.member[member{wo.name, wf.tag}] != wf: // its number comes again, and the last field counts
		case r.member[member{wo.name, wf.tag}] != nil:
			c.field(at, r.member[member{wo.name, wf.tag}], wf)
		case gone || r.top[wf.tag] != nil: // with its oneof, or out of it
		case rf == nil, ro != nil:
			c.add(OneofFieldRemoved, at, wf.name, rat, wf.at)
		default: // in a oneof of another name
			c.field(at, rf, wf)
		}
	}
}

func (c *comparison) field(at *trail, r, w *field) {
	rt, wt := r.means, w.means
	c.types(at, rt, wt, r.at, w.at)
	if r.label != w.label && r.label != noLabel && w.label != noLabel && rt.kind == scalarType && wt.kind == scalarType &&
		rt.group != "string" && wt.group != "string" {
		c.add(FieldNumericLabelChanged, at, w.label.String()+" → "+r.label.String(), r.at, w.at)
	}
}

func (c *comparison) types(at *trail, r, w *fieldType, rat, wat mark) {
	switch {
	case r.kind != w.kind:
		c.add(FieldKindChanged, at, w.written+" → "+r.written, rat, wat)
	case r.kind == mapType:
		c.types(at, r.key, w.key, rat, wat)
		c.types(at, r.value, w.value, rat, wat)
	case r.kind == scalarType:
		if r.group != w.group {
			c.add(FieldScalarKindChanged, at, w.written+" → "+r.written, rat, wat)
		}
	case !r.sameMessage(w):
		c.add(FieldNamedTypeChanged, at, w.written+" → "+r.written, rat, wat)
	default:
		c.referenced(at, r.scope, w.scope)
	}
}

// referenced compares messages of two versions of a referenced schema.
func (c *comparison) referenced(at *trail, r, w *scope) {
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
	reader, writer := c.reader, c.writer
	c.reader, c.writer = r.source, w.source
	c.message(at, r.message, w.message)
	c.reader, c.writer = reader, writer
	c.level--
}
