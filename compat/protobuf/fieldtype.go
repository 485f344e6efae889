package protobuf

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
	scope      *scope // of a message that is known
}

// groups are the scalars that are read as others of the group.
var groups = map[string]string{
	"int32": "varint", "int64": "varint", "uint32": "varint", "uint64": "varint", "bool": "varint",
	"sint32": "zigzag", "sint64": "zigzag", "string": "string", "bytes": "string",
	"fixed32": "fixed32", "sfixed32": "fixed32", "fixed64": "fixed64", "sfixed64": "fixed64",
	"float": "float", "double": "double",
}

// resolveFields gives the fields of own and of the referenced files their types, and their messages the members.
func (s *sources) resolveFields() {
	for _, src := range s.all {
		if src == s.own || src.ref != nil {
			s.resolveMessages(s.scope(src), src.file.messages)
		}
	}
}

func (s *sources) resolveMessages(at *scope, messages []*message) {
	for _, m := range messages {
		c := at.within(m.name)
		for _, f := range m.fields {
			f.means = s.typeOf(c, f.typ)
		}
		for _, o := range m.oneofs {
			for _, f := range o.fields {
				f.means = s.typeOf(c, f.typ)
			}
		}
		m.members = membersOf(m)
		s.resolveMessages(c, m.messages)
	}
}

func (s *sources) typeOf(at *scope, typ string) *fieldType {
	if g := groups[typ]; g != "" {
		return &fieldType{written: typ, group: g}
	}
	if key, value, ok := mapTypes(typ); ok {
		return &fieldType{kind: mapType, written: typ, key: s.typeOf(at, key), value: s.typeOf(at, value)}
	}
	t := s.resolve(at, typ)
	if t == nil {
		return &fieldType{kind: messageType, written: typ}
	}
	if t.enum != nil {
		return &fieldType{written: typ, group: "varint"}
	}
	return &fieldType{kind: messageType, written: typ, scope: t}
}

// sameMessage reports whether two message types have one name: below their packages or, where nobody knows them, as written.
func (t *fieldType) sameMessage(o *fieldType) bool {
	if t.scope == nil || o.scope == nil {
		return t.scope == o.scope && t.written == o.written
	}
	return t.scope.sameName(o.scope)
}
