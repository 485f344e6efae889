package protobuf

import (
	"strconv"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// decodeOptions makes options of an options message: the fields that are set, by number. What Protobuf sets itself, map_entry, is
// left out; so are extensions, which nobody here knows.
func decodeOptions(m proto.Message) []option {
	r := m.ProtoReflect()
	if !r.IsValid() {
		return nil
	}
	var out []option
	fields := r.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		if !r.Has(f) || f.Name() == "map_entry" || f.Name() == "uninterpreted_option" {
			continue
		}
		if v := r.Get(f); f.IsList() {
			for j := range v.List().Len() {
				out = append(out, option{name: string(f.Name()), value: decodeValue(f, v.List().Get(j))})
			}
		} else {
			out = append(out, option{name: string(f.Name()), value: decodeValue(f, v)})
		}
	}
	return out
}

func decodeValue(f protoreflect.FieldDescriptor, v protoreflect.Value) value {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return value{kind: kindBool, text: strconv.FormatBool(v.Bool())}
	case protoreflect.EnumKind:
		if c := f.Enum().Values().ByNumber(v.Enum()); c != nil {
			return value{kind: kindEnum, text: string(c.Name())}
		}
		return value{kind: kindNumber, text: number(int32(v.Enum()))}
	case protoreflect.StringKind, protoreflect.BytesKind:
		return value{kind: kindString, text: v.String()}
	case protoreflect.MessageKind, protoreflect.GroupKind:
		out := value{kind: kindMap}
		for _, o := range decodeOptions(v.Message().Interface()) {
			out.entries = append(out.entries, entry{o.name, o.value})
		}
		return out
	}
	return value{kind: kindNumber, text: v.String()}
}
