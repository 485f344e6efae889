package protobuf

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// The functions of this file make a compiler's descriptors into Confluent's: they put back what the text says in the place of
// what the compiler made of it.

// fieldKey tells the fields of a message apart, whose names or numbers alone may come twice.
type fieldKey struct {
	name   string
	number int32
}

func keyOf(p *descriptorpb.FieldDescriptorProto) fieldKey {
	return fieldKey{p.GetName(), p.GetNumber()}
}

func respellMessages(at *scope, messages []*message, protos []*descriptorpb.DescriptorProto) {
	byName := index(protos, (*descriptorpb.DescriptorProto).GetName)
	for _, m := range messages {
		p := byName[m.name]
		if p == nil {
			continue
		}
		c := at.within(m.name)
		nested := index(p.GetNestedType(), (*descriptorpb.DescriptorProto).GetName)
		fields := index(p.GetField(), keyOf)
		respellFields(c, m.fields, fields, nested)
		respellGroups(c, m.groups, nested)
		for _, o := range m.oneofs {
			respellFields(c, o.fields, fields, nested)
			for _, f := range o.fields {
				if fp := fields[fieldKey{f.name, f.tag}]; fp != nil {
					fp.Label = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()
				}
			}
			respellGroups(c, o.groups, nested)
		}
		respellExtends(c, m.extends, p.GetExtension())
		respellMessages(c, m.messages, p.GetNestedType())
	}
}

func respellGroups(at *scope, groups []*group, nested map[string]*descriptorpb.DescriptorProto) {
	for _, g := range groups {
		if p := nested[g.name]; p != nil {
			respellFields(at.within(g.name), g.fields, index(p.GetField(), keyOf), index(p.GetNestedType(), (*descriptorpb.DescriptorProto).GetName))
		}
	}
}

func respellExtends(at *scope, extends []*extend, protos []*descriptorpb.FieldDescriptorProto) {
	fields := index(protos, keyOf)
	for _, e := range extends {
		respellFields(at, e.fields, fields, nil)
		for _, f := range e.fields {
			if p := fields[fieldKey{f.name, f.tag}]; p != nil {
				p.Extendee = proto.String(e.name)
			}
		}
	}
}

func respellFields(at *scope, list []*field, protos map[fieldKey]*descriptorpb.FieldDescriptorProto, nested map[string]*descriptorpb.DescriptorProto) {
	for _, f := range list {
		p := protos[fieldKey{f.name, f.tag}]
		if p == nil {
			continue
		}
		p.JsonName = f.jsonName
		_, value, isMap := mapTypes(f.typ)
		if !isMap {
			if f.label == noLabel {
				p.Label = nil
			}
			respellType(at, f.typ, p)
			continue
		}
		name := lastName(p.GetTypeName())
		p.Type, p.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String(name)
		for _, ep := range nested[name].GetField() {
			ep.Label, ep.JsonName = nil, nil
			if ep.GetName() == "value" {
				respellType(at, value, ep)
			}
		}
	}
}

// respellType gives a field the type that the text names.
func respellType(at *scope, typ string, p *descriptorpb.FieldDescriptorProto) {
	if scalar(typ) {
		return
	}
	p.Type, p.TypeName = nil, proto.String(typ)
	steps := maxSteps
	switch t := at.resolve(typ, &steps); {
	case t == nil:
	case t.enum != nil:
		p.Type = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum()
	default:
		p.Type = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum()
	}
}
