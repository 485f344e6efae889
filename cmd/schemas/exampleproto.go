package schemas

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/millrace/millrace/compat/protobuf"
)

// messages is a compiled file's; nil where a compiler refuses what a registry keeps.
type messages interface {
	ByName(protoreflect.Name) protoreflect.MessageDescriptor
}

// protobuf returns a message of the writer in Protobuf's JSON form, with what the finding at tokens is about in it.
// https://protobuf.dev/programming-guides/json/
func (x *examples) protobuf(writer *protobuf.Schema, rule string, tokens []string) (string, bool) {
	in, ok := x.messages[writer]
	if !ok {
		if file, err := writer.Descriptor(context.Background()); err == nil {
			in = file.Messages()
		}
		if x.messages == nil {
			x.messages = map[*protobuf.Schema]messages{}
		}
		x.messages[writer] = in
	}
	if in == nil || rule == protobuf.PackageChanged || rule == protobuf.RequiredFieldRemoved {
		return "", false
	}
	e := protoExample{steps: maxExampleSteps}
	var m protoreflect.MessageDescriptor
	for len(tokens) > 0 && !numbered(tokens[0]) {
		inner := in.ByName(protoreflect.Name(tokens[0]))
		if inner == nil {
			break
		}
		m, in, tokens = inner, inner.Messages(), tokens[1:]
	}
	if m == nil {
		return "", false
	}
	return e.message(m, tokens, 0)
}

func numbered(token string) bool { return token[0] >= '0' && token[0] <= '9' }

type protoExample struct{ steps int }

// message returns a message with the field that tokens lead to, after names of oneofs, and those that it requires. A number that
// it does not have is left out: what the reader requires.
func (e *protoExample) message(m protoreflect.MessageDescriptor, tokens []string, depth int) (string, bool) {
	if e.steps--; e.steps < 0 || depth > maxExampleDepth {
		return "", false
	}
	var set protoreflect.FieldDescriptor
	for len(tokens) > 0 && !numbered(tokens[0]) {
		tokens = tokens[1:]
	}
	if len(tokens) > 0 {
		n, err := strconv.ParseInt(tokens[0], 10, 32)
		if err != nil {
			return "", false
		}
		set, tokens = m.Fields().ByNumber(protoreflect.FieldNumber(n)), tokens[1:]
		if set == nil && len(tokens) > 0 {
			return "", false
		}
	}
	var members []string
	size := 0
	for i := range m.Fields().Len() {
		f := m.Fields().Get(i)
		if f != set && f.Cardinality() != protoreflect.Required {
			continue
		}
		var inside []string
		if f == set {
			inside = tokens
		}
		v, ok := e.field(f, inside, depth+1)
		if !ok {
			return "", false
		}
		members = append(members, quote(f.JSONName())+": "+v)
		if size += len(v); size > maxExample {
			return "", false
		}
	}
	return "{" + strings.Join(members, ", ") + "}", true
}

func (e *protoExample) field(f protoreflect.FieldDescriptor, tokens []string, depth int) (string, bool) {
	switch {
	case f.IsMap():
		key, ok := e.value(f.MapKey(), nil, depth)
		if !ok {
			return "", false
		}
		v, ok := e.value(f.MapValue(), tokens, depth)
		return "{" + quote(strings.Trim(key, `"`)) + ": " + v + "}", ok
	case f.IsList():
		v, ok := e.value(f, tokens, depth)
		return "[" + v + ", " + v + "]", ok
	}
	return e.value(f, tokens, depth)
}

// value returns a value other than the default one, which is not written.
func (e *protoExample) value(f protoreflect.FieldDescriptor, tokens []string, depth int) (string, bool) {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "true", true
	case protoreflect.StringKind:
		return `"a"`, true
	case protoreflect.BytesKind:
		return `"YQ=="`, true
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Uint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return `"1"`, true
	case protoreflect.EnumKind:
		values := f.Enum().Values()
		if f.Enum().FullName() == "google.protobuf.NullValue" || values.Len() == 0 {
			return "", false
		}
		return quote(string(values.Get(values.Len() - 1).Name())), true
	case protoreflect.MessageKind, protoreflect.GroupKind:
		if v, ok := wellKnown[f.Message().FullName()]; ok {
			return v, true
		}
		if slices.Contains(plainForms, f.Message().FullName()) {
			return "", false
		}
		return e.message(f.Message(), tokens, depth)
	}
	return "1", true
}

// wellKnown are messages whose JSON form is no object.
var wellKnown = map[protoreflect.FullName]string{
	"google.protobuf.Timestamp":   `"1970-01-01T00:00:01Z"`,
	"google.protobuf.Duration":    `"1s"`,
	"google.protobuf.FieldMask":   `"a"`,
	"google.protobuf.Value":       `1`,
	"google.protobuf.ListValue":   `[1]`,
	"google.protobuf.BoolValue":   `true`,
	"google.protobuf.StringValue": `"a"`,
	"google.protobuf.BytesValue":  `"YQ=="`,
	"google.protobuf.Int32Value":  `1`,
	"google.protobuf.UInt32Value": `1`,
	"google.protobuf.Int64Value":  `"1"`,
	"google.protobuf.UInt64Value": `"1"`,
	"google.protobuf.FloatValue":  `1`,
	"google.protobuf.DoubleValue": `1`,
}

// plainForms are messages whose JSON form has rules of its own.
var plainForms = []protoreflect.FullName{"google.protobuf.Any", "google.protobuf.Struct"}
