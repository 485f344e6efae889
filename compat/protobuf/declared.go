package protobuf

import (
	"slices"
	"strings"
)

// File is a file as it is declared, with the types of its fields found: what a converter to another schema language reads. It is
// not to be changed.
type File struct {
	Path      string // the name that others import it by; "": the schema's own
	Package   string
	Proto3    bool    // a file that does not say is proto2
	Reference bool    // it comes from a reference; else it is the schema's own or built in
	Imports   []*File // those that are known, the public ones last
	Public    []*File
	Messages  []*Message
	Enums     []*Enum
}

// Message is a message or a group.
type Message struct {
	Name, FullName string
	File           *File
	MapEntry       bool
	Meta           *Meta    // nil: none
	Fields         []*Field // those of no oneof, groups last
	Oneofs         []*Oneof
	Messages       []*Message // nested, the groups last; not the entries of map fields
	Enums          []*Enum
}

// Oneof is a oneof with at least one field.
type Oneof struct {
	Name   string
	Fields []*Field
}

// Field is a field of a message. Of Message and Enum at most one is set; neither is when the type is a scalar or nowhere.
type Field struct {
	Name     string
	Number   int32
	Optional bool // the text says optional; of the entry of a proto2 map, whose fields are: always
	Repeated bool // or a map, whose Message is its entry
	Group    bool
	Type     string // as written
	Scalar   bool
	Message  *Message
	Enum     *Enum
	Default  *string // proto2; a string's or bytes' without quotes
	Meta     *Meta   // nil: none
}

// Enum is an enum.
type Enum struct {
	Name, FullName string
	File           *File
	Meta           *Meta // nil: none
	Values         []EnumValue
}

// EnumValue is a constant of an Enum.
type EnumValue struct {
	Name   string
	Number int32
	Meta   *Meta // nil: none
}

// NameBytes returns how long the full names are, together, of the types that the schema and its imports declare: a package of some length
// stands in all of them.
func (s *Schema) NameBytes() (n int) {
	var add func(in int, messages []*message, enums []*enum)
	add = func(in int, messages []*message, enums []*enum) {
		for _, m := range messages {
			own := in + 1 + len(m.name)
			n += own
			for _, g := range m.everyGroup() {
				n += own + 1 + len(g.name)
			}
			add(own, m.messages, m.enums)
		}
		for _, e := range enums {
			n += in + 1 + len(e.name)
		}
	}
	for _, src := range s.sources.all {
		add(len(src.file.pkg), src.file.messages, src.file.enums)
	}
	return n
}

// Declared returns the schema's own file. The files that it imports are read as far as they are known.
func (s *Schema) Declared() *File {
	d := &declared{
		sources: s.sources, steps: 2 * maxSteps, files: map[*source]*File{},
		messages: map[*message]*Message{}, groups: map[*group]*Message{}, enums: map[*enum]*Enum{},
	}
	for _, src := range s.sources.all {
		d.declare(src)
	}
	for _, src := range s.sources.all {
		d.link(src)
	}
	return d.files[s.sources.own]
}

// declared makes Files: first the types of all, then the fields, which point to them.
type declared struct {
	sources  *sources
	steps    int
	files    map[*source]*File
	messages map[*message]*Message
	groups   map[*group]*Message
	enums    map[*enum]*Enum
}

func (d *declared) declare(src *source) {
	f := &File{Path: src.name, Package: src.file.pkg, Proto3: src.file.syntax == "proto3", Reference: src.ref != nil}
	d.files[src] = f
	f.Messages, f.Enums = d.types(f, f.Package, src.file.messages, src.file.enums)
}

func qualify(in, name string) string {
	if in == "" {
		return name
	}
	return in + "." + name
}

func (d *declared) types(f *File, in string, messages []*message, enums []*enum) (ms []*Message, es []*Enum) {
	for _, m := range messages {
		out := &Message{
			Name: m.name, FullName: qualify(in, m.name), File: f, MapEntry: m.mapEntry(), Meta: metaOf(m.options, messageMeta),
		}
		d.messages[m] = out
		out.Messages, out.Enums = d.types(f, out.FullName, m.messages, m.enums)
		for _, g := range m.everyGroup() {
			d.groups[g] = &Message{Name: g.name, FullName: qualify(out.FullName, g.name), File: f}
			out.Messages = append(out.Messages, d.groups[g])
		}
		ms = append(ms, out)
	}
	for _, e := range enums {
		out := &Enum{Name: e.name, FullName: qualify(in, e.name), File: f, Meta: metaOf(e.options, enumMeta)}
		for _, c := range e.constants {
			out.Values = append(out.Values, EnumValue{c.name, c.tag, metaOf(c.options, enumValueMeta)})
		}
		d.enums[e] = out
		es = append(es, out)
	}
	return ms, es
}

// everyGroup returns the groups of a message, then those of its oneofs.
func (m *message) everyGroup() []*group {
	out := slices.Clone(m.groups)
	for _, o := range m.oneofs {
		out = append(out, o.groups...)
	}
	return out
}

func (d *declared) link(src *source) {
	f := d.files[src]
	f.Public = d.known(src.file.public)
	f.Imports = slices.Concat(d.known(src.file.imports), d.known(src.file.weak), f.Public)
	d.fill(f, d.sources.scope(src), src.file.messages)
}

func (d *declared) known(paths []string) []*File {
	var out []*File
	for _, path := range paths {
		if src := d.sources.index[path]; src != nil {
			out = append(out, d.files[src])
		}
	}
	return out
}

func (d *declared) fill(f *File, at *scope, messages []*message) {
	for _, m := range messages {
		c, out := at.within(m.name), d.messages[m]
		out.Fields = slices.Concat(d.fields(f, c, m.fields), d.groupFields(f, c, m.groups))
		for _, o := range m.oneofs {
			if all := slices.Concat(d.fields(f, c, o.fields), d.groupFields(f, c, o.groups)); len(all) > 0 {
				out.Oneofs = append(out.Oneofs, &Oneof{o.name, all})
			}
		}
		d.fill(f, c, m.messages)
	}
}

func (d *declared) groupFields(f *File, at *scope, groups []*group) []*Field {
	var out []*Field
	for _, g := range groups {
		m := d.groups[g]
		m.Fields = d.fields(f, at.within(g.name), g.fields)
		out = append(out, &Field{
			Name: strings.ToLower(g.name), Number: g.tag, Optional: g.label == optional, Repeated: g.label == repeated,
			Group: true, Type: g.name, Message: m,
		})
	}
	return out
}

func (d *declared) fields(f *File, at *scope, list []*field) []*Field {
	var out []*Field
	for _, e := range list {
		p := &Field{
			Name: e.name, Number: e.tag, Optional: e.label == optional, Repeated: e.label == repeated, Type: e.typ,
			Default: e.value, Meta: metaOf(e.options, fieldMeta),
		}
		if key, value, ok := mapTypes(e.typ); ok {
			p.Repeated, p.Message = true, d.mapEntry(f, at, e.name, key, value)
		} else {
			d.point(p, at)
		}
		out = append(out, p)
	}
	return out
}

// mapEntry returns the message that a map field is a list of.
func (d *declared) mapEntry(f *File, at *scope, field, key, value string) *Message {
	name := jsonName("_"+field) + "Entry"
	in := strings.TrimPrefix(at.full(), ".")
	m := &Message{Name: name, FullName: qualify(in, name), File: f, MapEntry: true}
	m.Fields = []*Field{
		{Name: "key", Number: 1, Type: key, Optional: !f.Proto3},
		{Name: "value", Number: 2, Type: value, Optional: !f.Proto3},
	}
	for _, p := range m.Fields {
		d.point(p, at)
	}
	return m
}

// point finds the type of a field.
func (d *declared) point(p *Field, at *scope) {
	if p.Scalar = scalar(p.Type); p.Scalar {
		return
	}
	switch t := at.resolve(p.Type, &d.steps); {
	case t == nil:
	case t.enum != nil:
		p.Enum = d.enums[t.enum]
	case t.message != nil:
		p.Message = d.messages[t.message]
	default:
		p.Message = d.groups[t.group]
	}
}
