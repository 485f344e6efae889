package protobuf

import (
	"encoding/base64"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// parseAny reads a file as text or, when it is none, as a FileDescriptorProto in base64. The error is about the text.
func parseAny(text string) (*file, error) {
	f, err := parseText(text)
	if err == nil {
		return f, nil
	}
	if len(text) <= MaxText {
		if b, failed := base64.StdEncoding.DecodeString(text); failed == nil && !strings.ContainsAny(text, "\r\n") {
			var fd descriptorpb.FileDescriptorProto
			if proto.Unmarshal(b, &fd) == nil {
				return decode(&fd)
			}
		}
	}
	return nil, err
}

// decode makes a file of a descriptor.
func decode(fd *descriptorpb.FileDescriptorProto) (*file, error) {
	d := decoder{proto3: fd.GetSyntax() == "proto3"}
	f := &file{pkg: fd.GetPackage(), decoded: true}
	switch s := fd.GetSyntax(); s {
	case "proto2", "proto3", "":
		f.syntax = s
	default:
		return nil, tooMuch("unexpected syntax: %s", s)
	}
	for i, name := range fd.GetDependency() {
		switch {
		case contains(fd.GetPublicDependency(), i):
			f.public = append(f.public, name)
		case contains(fd.GetWeakDependency(), i):
			f.weak = append(f.weak, name)
		default:
			f.imports = append(f.imports, name)
		}
	}
	f.options = decodeOptions(fd.GetOptions())
	for _, m := range fd.GetMessageType() {
		f.messages = append(f.messages, d.message(m, 0))
	}
	for _, e := range fd.GetEnumType() {
		f.enums = append(f.enums, d.enum(e))
	}
	f.extends = d.extends(fd.GetExtension())
	for _, s := range fd.GetService() {
		f.services = append(f.services, d.service(s))
	}
	if d.tooDeep {
		return nil, tooMuch("messages nest deeper than %d levels", MaxDepth)
	}
	return f, nil
}

func contains(list []int32, i int) bool {
	for _, n := range list {
		if int(n) == i {
			return true
		}
	}
	return false
}

type decoder struct {
	proto3  bool
	tooDeep bool
}

func (d *decoder) message(p *descriptorpb.DescriptorProto, depth int) *message {
	m := &message{name: p.GetName(), options: decodeOptions(p.GetOptions())}
	if depth >= MaxDepth {
		d.tooDeep = true
		return m
	}
	entries, groups := map[string]*descriptorpb.DescriptorProto{}, map[string]*message{}
	for _, f := range p.GetField() {
		if f.GetType() == descriptorpb.FieldDescriptorProto_TYPE_GROUP {
			groups[lastName(f.GetTypeName())] = nil
		}
	}
	for _, n := range p.GetNestedType() {
		if n.GetOptions().GetMapEntry() && len(n.GetField()) == 2 {
			entries[n.GetName()] = n
			continue
		}
		nested := d.message(n, depth+1)
		if _, ok := groups[n.GetName()]; ok {
			groups[n.GetName()] = nested
			continue
		}
		m.messages = append(m.messages, nested)
	}
	for _, e := range p.GetEnumType() {
		m.enums = append(m.enums, d.enum(e))
	}
	for _, o := range p.GetOneofDecl() {
		m.oneofs = append(m.oneofs, &oneof{name: o.GetName(), options: decodeOptions(o.GetOptions())})
	}
	for _, f := range p.GetField() {
		out := d.field(f)
		name := lastName(f.GetTypeName())
		i := int(f.GetOneofIndex())
		inOneof := f.OneofIndex != nil && i >= 0 && i < len(m.oneofs) && !f.GetProto3Optional()
		if g := groups[name]; g != nil && f.GetType() == descriptorpb.FieldDescriptorProto_TYPE_GROUP {
			made := &group{label: out.label, name: name, tag: out.tag, fields: g.fields}
			if inOneof {
				made.label = noLabel
				m.oneofs[i].groups = append(m.oneofs[i].groups, made)
			} else {
				m.groups = append(m.groups, made)
			}
			continue
		}
		if e := entries[name]; e != nil && f.GetLabel() == descriptorpb.FieldDescriptorProto_LABEL_REPEATED {
			out.label, out.typ = noLabel, mapOf(typeName(e.GetField()[0]), typeName(e.GetField()[1]))
		}
		if inOneof {
			out.label = noLabel
			m.oneofs[i].fields = append(m.oneofs[i].fields, out)
		} else {
			m.fields = append(m.fields, out)
		}
	}
	for _, r := range p.GetExtensionRange() {
		m.extensions = append(m.extensions, extensions{ranges: ranges{{from: r.GetStart(), to: r.GetEnd() - 1}}, options: decodeOptions(r.GetOptions())})
	}
	m.extends = d.extends(p.GetExtension())
	var list ranges
	for _, r := range p.GetReservedRange() {
		list = append(list, span{from: r.GetStart(), to: r.GetEnd() - 1})
	}
	m.reserved = split(list, p.GetReservedName())
	return m
}

// lastName returns the last part of a dotted name.
func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }

// split makes a statement for each number or range and for each name.
func split(list ranges, names []string) []ranges {
	for _, n := range names {
		list = append(list, span{name: n, named: true})
	}
	var out []ranges
	for _, s := range list {
		out = append(out, ranges{s})
	}
	return out
}

func (d *decoder) enum(p *descriptorpb.EnumDescriptorProto) *enum {
	e := &enum{name: p.GetName(), options: decodeOptions(p.GetOptions())}
	for _, v := range p.GetValue() {
		e.constants = append(e.constants, constant{name: v.GetName(), tag: v.GetNumber(), options: decodeOptions(v.GetOptions())})
	}
	var list ranges
	for _, r := range p.GetReservedRange() {
		list = append(list, span{from: r.GetStart(), to: r.GetEnd()})
	}
	e.reserved = split(list, p.GetReservedName())
	return e
}

// typeName returns the type of a field as a file names it.
func typeName(f *descriptorpb.FieldDescriptorProto) string {
	if f.TypeName != nil {
		return f.GetTypeName()
	}
	return strings.ToLower(strings.TrimPrefix(f.GetType().String(), "TYPE_"))
}

func (d *decoder) field(p *descriptorpb.FieldDescriptorProto) *field {
	f := &field{name: p.GetName(), tag: p.GetNumber(), typ: typeName(p), options: decodeOptions(p.GetOptions())}
	switch p.GetLabel() {
	case descriptorpb.FieldDescriptorProto_LABEL_REPEATED:
		f.label = repeated
	case descriptorpb.FieldDescriptorProto_LABEL_REQUIRED:
		f.label = required
	default:
		if !d.proto3 || p.GetProto3Optional() {
			f.label = optional
		}
	}
	f.value = p.DefaultValue
	if p.GetJsonName() != jsonName(p.GetName()) {
		f.jsonName = p.JsonName
	}
	return f
}

func (d *decoder) extends(list []*descriptorpb.FieldDescriptorProto) []*extend {
	var out []*extend
	for _, p := range list {
		if n := len(out); n == 0 || out[n-1].name != p.GetExtendee() {
			out = append(out, &extend{name: p.GetExtendee()})
		}
		e := out[len(out)-1]
		e.fields = append(e.fields, d.field(p))
	}
	return out
}

func (d *decoder) service(p *descriptorpb.ServiceDescriptorProto) *service {
	s := &service{name: p.GetName(), options: decodeOptions(p.GetOptions())}
	for _, m := range p.GetMethod() {
		s.rpcs = append(s.rpcs, &rpc{
			name: m.GetName(), request: m.GetInputType(), response: m.GetOutputType(),
			streamsIn: m.GetClientStreaming(), streamsOut: m.GetServerStreaming(), options: decodeOptions(m.GetOptions()),
		})
	}
	return s
}

// jsonName is the name that a field has in JSON when it says nothing of it.
func jsonName(name string) string {
	var b strings.Builder
	upper := false
	for _, c := range []byte(name) {
		switch {
		case c == '_':
			upper = true
			continue
		case upper && c >= 'a' && c <= 'z':
			c -= 'a' - 'A'
		}
		upper = false
		b.WriteByte(c)
	}
	return b.String()
}
