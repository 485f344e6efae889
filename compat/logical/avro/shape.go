package avro

import (
	"slices"
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// nonNull returns the branches of a union that are not null.
func nonNull(t *native.Type) []*native.Type {
	var out []*native.Type
	for _, b := range t.Branches {
		if b.Kind != native.Null {
			out = append(out, b)
		}
	}
	return out
}

// isAnonymous says whether a record or enum is no type of its own but what a field holds.
func isAnonymous(t *native.Type) bool { return text(t.Props, property.LogicalAnonymous) == "true" }

// isVariant says whether a record is Confluent's encoding of a VARIANT, which a text may have without its logical type.
func isVariant(t *native.Type) bool {
	if t.Kind != native.Record || len(t.Fields) != 2 ||
		t.Name != (native.Name{Space: variantSpace, Short: variantName}) && text(t.Props, "logicalType") != "variant" {
		return false
	}
	metadata, value := t.Field("metadata"), t.Field("value")
	return metadata != nil && value != nil && metadata.Type.Kind == native.Bytes && value.Type.Kind == native.Bytes
}

// isEntries says whether an array holds the entries of a MAP: by its logical type, or by what Flink (a name) and Connect (a name
// or a property) write.
func isEntries(t *native.Type) bool {
	e := t.Elem
	if e.Kind != native.Record {
		return false
	}
	return text(t.Props, "logicalType") == "map" && len(e.Fields) == 2 ||
		e.Name == native.Name{Space: connectNamespace, Short: property.ConnectMapEntry} ||
		text(e.Props, property.ConnectInternalType) == property.ConnectMapEntry
}

// mapKey returns the key of an Avro map, which says its length where it has one.
func mapKey(t *native.Type) *logical.Type {
	key := &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded}
	if n, ok := int32Of(propOf(t.Props, property.LogicalKeyLength)); ok {
		key.Length = length(n)
		if text(t.Props, property.LogicalKeyType) == property.Char {
			key.Kind = logical.Char
		}
	}
	return key
}

// branchName returns the name that a branch has by its type.
func branchName(t *native.Type, full bool) string {
	switch t.Kind {
	case native.Record, native.Enum, native.Fixed:
		if full {
			return strings.ReplaceAll(t.Name.Full(), ".", "_")
		}
		return t.Name.Short
	}
	return t.Kind.String()
}

// propOf returns a property; nil when it is not there, or null.
func propOf(props []native.Prop, name string) logical.Value {
	for _, p := range props {
		if p.Name == name {
			return value(p.Value)
		}
	}
	return nil
}

func hasProp(props []native.Prop, name string) bool {
	return slices.ContainsFunc(props, func(p native.Prop) bool { return p.Name == name })
}

// text returns a property that is a string; "" otherwise. A type is asked for it at each of its uses: it costs nothing, however long
// the property is.
func text(props []native.Prop, name string) string {
	for _, p := range props {
		if p.Name == name {
			s, _ := p.Value.Text()
			return s
		}
	}
	return ""
}

func joined(path []string) string { return strings.Join(path, ".") }
