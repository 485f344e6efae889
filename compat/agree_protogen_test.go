package compat_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// protoFile is a file that is easy to change: the message Value, those it is made of, and an enum.
type protoFile struct {
	pkg      string
	messages []*protoMessage
	symbols  []string
}

type protoMessage struct {
	name   string
	fields []*protoField
}

type protoField struct {
	number int
	name   string
	label  string // "", "optional" or "repeated"
	typ    string
	oneof  string // "": outside
}

func (f *protoFile) clone() *protoFile {
	c := &protoFile{pkg: f.pkg, symbols: slices.Clone(f.symbols)}
	for _, m := range f.messages {
		n := &protoMessage{name: m.name}
		for _, field := range m.fields {
			of := *field
			n.fields = append(n.fields, &of)
		}
		c.messages = append(c.messages, n)
	}
	return c
}

func (f *protoFile) text() string {
	out := "syntax = \"proto3\";\npackage " + f.pkg + ";\n"
	for _, m := range f.messages {
		out += "message " + m.name + " {\n"
		oneofs := map[string]string{}
		for _, field := range m.fields {
			line := fmt.Sprintf("  %s %s %s = %d;\n", field.label, field.typ, field.name, field.number)
			if field.oneof == "" {
				out += line
			} else {
				oneofs[field.oneof] += line
			}
		}
		for _, name := range slices.Sorted(maps.Keys(oneofs)) {
			out += "  oneof " + name + " {\n" + oneofs[name] + "  }\n"
		}
		out += "}\n"
	}
	out += "enum Colour {\n"
	for i, s := range f.symbols {
		out += fmt.Sprintf("  %s = %d;\n", s, i)
	}
	return out + "}\n"
}

// protoGenerator makes files, the next version of a file, and messages.
type protoGenerator struct {
	*rand.Rand
	names int
}

func (g *protoGenerator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *protoGenerator) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

var protoScalars = []string{
	"int32", "int64", "uint32", "uint64", "bool", "sint32", "sint64", "fixed32", "sfixed32", "fixed64", "sfixed64", "float", "double", "string", "bytes", "Colour",
}

func (g *protoGenerator) file() *protoFile {
	g.names = 0
	f := &protoFile{pkg: "shop", symbols: []string{"RED", "GREEN", "BLUE"}}
	for i, name := range []string{"Value", "Line", "Address"} {
		m := &protoMessage{name: name}
		if i < 2 { // so that every message is reached
			m.fields = append(m.fields, &protoField{number: 10, name: g.name("f"), typ: []string{"Line", "Address"}[i]})
		}
		for n := range 2 + g.IntN(5) {
			m.fields = append(m.fields, g.field(n+1, i))
		}
		f.messages = append(f.messages, m)
	}
	return f
}

// field returns a field of the message at a level: messages have messages of the levels below them.
func (g *protoGenerator) field(number, level int) *protoField {
	f := &protoField{number: number, name: g.name("f"), typ: one(g.Rand, protoScalars...)}
	switch r := g.IntN(100); {
	case r < 25 && level == 0:
		f.typ = one(g.Rand, "Line", "Address")
	case r < 25 && level == 1:
		f.typ = "Address"
	case r < 35:
		f.typ = "map<" + one(g.Rand, "string", "int32", "int64") + ", " + f.typ + ">"
		return f
	case r < 50:
		f.oneof = one(g.Rand, "choice", "other") + fmt.Sprint(level)
		return f
	}
	f.label = one(g.Rand, "", "", "optional", "repeated")
	return f
}

// fill sets most fields of m.
func (g *protoGenerator) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case g.chance(15):
		case f.IsList():
			list := m.Mutable(f).List()
			for range 1 + g.IntN(3) {
				list.Append(g.value(f, list.NewElement(), depth))
			}
		case f.IsMap():
			entries := m.Mutable(f).Map()
			for range 1 + g.IntN(3) {
				entries.Set(g.value(f.MapKey(), protoreflect.Value{}, depth).MapKey(), g.value(f.MapValue(), entries.NewValue(), depth))
			}
		default:
			m.Set(f, g.value(f, m.NewField(f), depth))
		}
	}
}

// value returns a random value of a field; empty is an empty message where the field has messages. Bytes are UTF-8.
func (g *protoGenerator) value(f protoreflect.FieldDescriptor, empty protoreflect.Value, depth int) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(protoreflect.EnumNumber(1 + g.IntN(2)))
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		return protoreflect.ValueOfInt32(int32(g.Uint32() | 1))
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return protoreflect.ValueOfInt64(int64(g.Uint64() | 1))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return protoreflect.ValueOfUint32(g.Uint32() | 1)
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return protoreflect.ValueOfUint64(g.Uint64() | 1)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(float32(1+g.IntN(1000)) / 8)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(float64(1+g.IntN(1000)) / 16)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(one(g.Rand, "s", "é€😀", "text"))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(one(g.Rand, "b", "é")))
	}
	g.fill(empty.Message(), depth+1)
	return empty
}

// mutate returns the next version of f, which differs in one or two places, and what was done to it.
func (g *protoGenerator) mutate(f *protoFile) (*protoFile, []string) {
	next := f.clone()
	var done []string
	for wanted := 1 + g.IntN(2); len(done) < wanted; {
		level := g.IntN(len(next.messages))
		m := next.messages[level]
		if len(m.fields) == 0 {
			continue
		}
		c := one(g.Rand, protoChanges...)
		if c.apply(g, next, m, one(g.Rand, m.fields...), level) {
			done = append(done, c.name)
		}
	}
	return next, done
}

// protoChange changes a file at a message and one of its fields, and returns false when it does not apply.
type protoChange struct {
	name  string
	apply func(g *protoGenerator, file *protoFile, m *protoMessage, f *protoField, level int) bool
}

// protoKin are the scalars that are encoded alike and read as each other.
var protoKin = [][]string{
	{"int32", "int64", "uint32", "uint64", "bool", "Colour"}, {"sint32", "sint64"}, {"fixed32", "sfixed32"}, {"fixed64", "sfixed64"}, {"string", "bytes"},
}

var protoChanges = []protoChange{
	{"a field more", func(g *protoGenerator, _ *protoFile, m *protoMessage, _ *protoField, level int) bool {
		m.fields = append(m.fields, g.field(20+len(m.fields), level))
		return true
	}},
	{"a field less", func(_ *protoGenerator, _ *protoFile, m *protoMessage, f *protoField, _ int) bool {
		if len(m.fields) < 2 {
			return false
		}
		m.fields = slices.DeleteFunc(m.fields, func(o *protoField) bool { return o == f })
		return true
	}},
	{"another name", func(g *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, _ int) bool {
		f.name = g.name("renamed")
		return true
	}},
	{"another number", func(_ *protoGenerator, _ *protoFile, m *protoMessage, f *protoField, _ int) bool {
		f.number = 40 + len(m.fields) + f.number
		return true
	}},
	{"a type of the same kin", func(g *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, _ int) bool {
		for _, kin := range protoKin {
			if slices.Contains(kin, f.typ) {
				f.typ = one(g.Rand, kin...)
				return true
			}
		}
		return false
	}},
	{"another scalar", func(g *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, _ int) bool {
		f.typ = one(g.Rand, protoScalars...)
		return true
	}},
	{"another message", func(_ *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, level int) bool {
		switch {
		case level == 2 || strings.HasPrefix(f.typ, "map"):
			return false
		case level == 0 && f.typ == "Address":
			f.typ = "Line"
		default:
			f.typ = "Address"
		}
		return true
	}},
	{"another label", func(g *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, _ int) bool {
		if f.oneof != "" || strings.HasPrefix(f.typ, "map") {
			return false
		}
		f.label = one(g.Rand, "", "optional", "repeated")
		return true
	}},
	{"into a oneof", func(_ *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, level int) bool {
		if f.oneof != "" || strings.HasPrefix(f.typ, "map") {
			return false
		}
		f.label, f.oneof = "", fmt.Sprint("choice", level)
		return true
	}},
	{"out of a oneof", func(_ *protoGenerator, _ *protoFile, _ *protoMessage, f *protoField, _ int) bool {
		in := f.oneof != ""
		f.oneof = ""
		return in
	}},
	{"a symbol more", func(g *protoGenerator, file *protoFile, _ *protoMessage, _ *protoField, _ int) bool {
		file.symbols = append(file.symbols, g.name("C"))
		return true
	}},
	{"a symbol less", func(_ *protoGenerator, file *protoFile, _ *protoMessage, _ *protoField, _ int) bool {
		file.symbols = file.symbols[:max(1, len(file.symbols)-1)]
		return true
	}},
	{"messages in another order", func(_ *protoGenerator, file *protoFile, _ *protoMessage, _ *protoField, _ int) bool {
		slices.Reverse(file.messages)
		return true
	}},
	{"another package", func(_ *protoGenerator, file *protoFile, _ *protoMessage, _ *protoField, _ int) bool {
		file.pkg = "moved"
		return true
	}},
}
