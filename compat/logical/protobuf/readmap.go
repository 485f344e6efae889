package protobuf

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
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
		key = key || f.Name == property.EntryKey
		value = value || f.Name == property.EntryValue
	}
	for _, o := range m.Oneofs {
		key = key || o.Name == property.EntryKey
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
		if e.Name == property.EntryKey {
			key = e.Type
		} else {
			value = e.Type
		}
	}
	if v, _ := f.Meta.Param(property.FlinkType); v != property.FlinkMultiset {
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
