package protobuf

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
	native "github.com/millrace/millrace/compat/protobuf"
)

// entryShape reports whether a list of m is a map: its name ends in Entry and it has two members, key, which may be a oneof, and
// value.
func entryShape(m *native.Message) bool {
	if !strings.HasSuffix(m.Name, entrySuffix) || len(m.Fields)+len(m.Oneofs) != 2 {
		return false
	}
	key, value := false, false
	for _, f := range m.Fields {
		key = key || f.Name == keyField
		value = value || f.Name == valueField
	}
	for _, o := range m.Oneofs {
		key = key || o.Name == keyField
	}
	return key && value
}

// mapType reads a map or, when it is marked, a multiset: elements with how often they are there.
func (r *reader) mapType(f *native.Field, null bool) (*logical.Type, error) {
	entry, err := r.message(f.Message)
	if err != nil {
		return nil, err
	}
	var key, value *logical.Type
	for _, e := range entry.Fields {
		if e.Name == keyField {
			key = e.Type
		} else {
			value = e.Type
		}
	}
	if v, _ := f.Meta.Param(flinkType); v != flinkMultiset {
		return &logical.Type{Kind: logical.Map, Nullable: null, Key: key, Elem: value}, nil
	}
	if value.Kind != logical.Int {
		word := value.Kind.String()
		if !value.Nullable {
			word += " NOT NULL"
		}
		return nil, logical.Errorf("Unexpected value type for a MULTISET type: %s", word)
	}
	return &logical.Type{Kind: logical.Multiset, Nullable: null, Elem: key}, nil
}
