package protobuf

import "strings"

type typeKind uint8

const (
	scalarType typeKind = iota // with enums
	messageType
	mapType
)

// fieldType is what counts of a field's type.
type fieldType struct {
	kind       typeKind
	written    string
	group      string // of a scalar: a name for those with the same encoding
	key, value *fieldType
	name       string // of a message: below its package
	scope      *scope // of a message that is known
}

// groups are the scalars that are read as others of the group.
var groups = map[string]string{
	"int32": "varint", "int64": "varint", "uint32": "varint", "uint64": "varint", "bool": "varint",
	"sint32": "zigzag", "sint64": "zigzag", "string": "string", "bytes": "string",
	"fixed32": "fixed32", "sfixed32": "fixed32", "fixed64": "fixed64", "sfixed64": "fixed64",
	"float": "float", "double": "double",
}

func (s *Schema) typeOf(at *scope, typ string) *fieldType {
	if g := groups[typ]; g != "" {
		return &fieldType{written: typ, group: g}
	}
	if key, value, ok := mapTypes(typ); ok {
		return &fieldType{kind: mapType, written: typ, key: s.typeOf(at, key), value: s.typeOf(at, value)}
	}
	t := at.resolve(typ)
	if t == nil {
		return &fieldType{kind: messageType, written: typ, name: strings.TrimPrefix(typ, ".")}
	}
	if t.enum != nil {
		return &fieldType{written: typ, group: "varint"}
	}
	name := strings.TrimPrefix(t.full(), ".")
	if t.source.file.pkg != "" {
		name = strings.TrimPrefix(name, t.source.file.pkg+".")
	}
	return &fieldType{kind: messageType, written: typ, name: name, scope: t}
}
