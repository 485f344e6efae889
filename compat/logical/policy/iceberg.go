package policy

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// iceberg are the rules for an Iceberg table. They are stricter than Iceberg's own evolution
// (https://iceberg.apache.org/spec/#schema-evolution), which knows columns by their ids: here a column is its name. Distinctions
// that Iceberg does not make are none (its primitive types: https://iceberg.apache.org/spec/#primitive-types).
type iceberg struct {
	equal map[[2]string]bool // pairs of references that are the same as a key
}

// count is the value of the map that holds a MULTISET: an element's occurrences.
var count = &logical.Type{Kind: logical.Int}

func (*iceberg) shape(t *logical.Type) shape {
	switch t.Kind {
	case logical.Struct, logical.Union:
		return structure
	case logical.Array:
		return list
	case logical.Map, logical.Multiset:
		return dictionary
	}
	return leaf
}

func (ice *iceberg) structs(c *comparison, writer, reader []member, at *path) {
	find := finder(writer)
	kept := make(map[string]bool, len(reader))
	for i, r := range reader {
		kept[r.name] = true
		here := at.member(r.name)
		w, ok := find(r.name, i)
		if !ok {
			if !ice.addable(c, r) {
				c.add(RequiredFieldAdded, here, "field is required by the reader's schema but missing from the writer's schema, "+
					"so rows written under the writer's schema have no value for it"+ice.aboutDefaults(c))
			}
			continue
		}
		if w.nullable && !r.nullable && !ice.emptiable(c, r) {
			c.add(NullableToNonNullable, here, "field is nullable in the writer's schema but non-nullable in the reader's schema; "+
				"rows written under the writer's schema may hold nulls")
		}
		c.compare(w.typ, r.typ, here)
	}
	for _, w := range writer {
		if !kept[w.name] {
			c.add(FieldDeleted, at.member(w.name), "field present in the writer's schema is missing from the reader's schema")
		}
	}
}

func (*iceberg) aboutDefaults(c *comparison) string {
	if c.target == IcebergV3 {
		return "; a non-null column default would make it readable"
	}
	return "; format-version 2 cannot store a column default"
}

// addable reports whether rows without a member can be read with it. Version 3 keeps the default that it is added with
// (https://iceberg.apache.org/spec/#default-values), which a VARIANT cannot have.
func (ice *iceberg) addable(c *comparison, m member) bool {
	if m.nullable || ice.emptiable(c, m) {
		return true
	}
	return c.target == IcebergV3 && m.defaulted() && (m.typ == nil || m.typ.Kind != logical.Variant)
}

// emptiable reports whether a member is a collection with a default. Avro and Protobuf have no collection that is NULL, so a
// converter makes it NOT NULL and empty by default; to a query, a row without it is the same as one that holds an empty one.
func (ice *iceberg) emptiable(c *comparison, m member) bool {
	if !m.def.Has {
		return false
	}
	t := c.read.resolve(m.typ)
	if t == nil || t.Kind == logical.Named {
		return false
	}
	s := ice.shape(t)
	return s == list || s == dictionary
}

func (*iceberg) lists(c *comparison, writer, reader *logical.Type, at *path) {
	c.compare(writer.Elem, reader.Elem, at.element())
}

// maps lets no key change: it has an id of its own, and what is equal must stay so.
func (ice *iceberg) maps(c *comparison, writer, reader *logical.Type, at *path) {
	wk, wv := entry(writer)
	rk, rv := entry(reader)
	if !ice.same(c, wk, rk, at.key()) {
		c.add(MapKeyTypeMismatch, at, "map key type is "+render(wk)+" in the writer's schema and "+render(rk)+" in the reader's schema")
	}
	c.compare(wv, rv, at.value())
}

func entry(t *logical.Type) (key, value *logical.Type) {
	if t.Kind == logical.Multiset {
		return t.Elem, count
	}
	return t.Key, t.Elem
}

// leaves allows the type promotions of https://iceberg.apache.org/spec/#schema-evolution. Version 3's date to timestamp is not
// among them: the specification has it and no implementation does.
func (*iceberg) leaves(c *comparison, writer, reader *logical.Type, at *path) {
	from, to := icebergKind(writer), icebergKind(reader)
	refuse := func(why string) { c.add(UnsupportedTypeChange, at, change(writer, reader)+why) }
	switch {
	case from == to:
	case from == plain(logical.Int) && to == plain(logical.BigInt), from == plain(logical.Float) && to == plain(logical.Double):
		return
	default:
		refuse("")
		return
	}
	switch to.Kind {
	case logical.Decimal:
		if scale(reader) != scale(writer) || reader.Precision < writer.Precision {
			refuse(" (decimal scale must be unchanged and precision may not shrink)")
		}
	case logical.Binary:
		if reader.Length != writer.Length {
			refuse(" (fixed-length binary cannot change length)")
		}
	case logical.Varchar:
		if writer.Kind == logical.Enum && reader.Kind == logical.Enum {
			if gone := goneSymbols(writer, reader); gone != "" {
				c.add(EnumDeleted, at, "enum symbol(s) ["+gone+"] present in the writer's schema are missing from the reader's schema; "+
					"rows written under the writer's schema may already hold one of these values, which Iceberg has no default to fall back to")
			}
		}
	}
}

// goneSymbols returns the symbols of an ENUM that another does not have, with commas between.
func goneSymbols(writer, reader *logical.Type) string {
	has := make(map[string]bool, len(reader.Values))
	for _, v := range reader.Values {
		has[v.Symbol] = true
	}
	var gone []string
	for _, v := range writer.Values {
		if !has[v.Symbol] {
			gone = append(gone, v.Symbol)
		}
	}
	return strings.Join(gone, ", ")
}

// icebergType is a primitive type of Iceberg, by the smallest kind that it is the type of.
type icebergType struct {
	Kind logical.Kind
	Nano bool // timestamp_ns, timestamptz_ns
}

func plain(k logical.Kind) icebergType { return icebergType{Kind: k} }

// maxMicros is the largest precision of a timestamp that is stored in microseconds.
const maxMicros = 6

// icebergKind returns the type that Iceberg has for a leaf: int for the small integers, string for every text, fixed for BINARY,
// binary for VARBINARY, and no fraction of a second but micro- or nanoseconds.
func icebergKind(t *logical.Type) icebergType {
	switch t.Kind {
	case logical.TinyInt, logical.SmallInt:
		return plain(logical.Int)
	case logical.Char, logical.Enum:
		return plain(logical.Varchar)
	case logical.Timestamp, logical.TimestampLTZ:
		return icebergType{t.Kind, t.Precision > maxMicros}
	}
	return plain(t.Kind)
}

// same reports whether two types are the same to Iceberg, with names and order of a struct's members. References that have met
// are taken for the same: all pairs are to be the same, so that one that is not decides anyway.
func (ice *iceberg) same(c *comparison, writer, reader *logical.Type, at *path) bool {
	open := make(map[[2]string]bool)
	if !ice.sameTypes(c, writer, reader, at, open) {
		return false
	}
	for pair := range open {
		ice.equal[pair] = true
	}
	return true
}

func (ice *iceberg) sameTypes(c *comparison, writer, reader *logical.Type, at *path, open map[[2]string]bool) bool {
	if !c.enter(at) {
		return true
	}
	defer c.leave()
	if isNamed(writer) && isNamed(reader) {
		if pair := [2]string{writer.Name, reader.Name}; ice.equal[pair] || met(open, pair) {
			return true
		}
	}
	writer, reader = c.written.resolve(writer), c.read.resolve(reader)
	if writer == nil || reader == nil || isNamed(writer) || isNamed(reader) {
		return sameName(writer, reader)
	}
	s := ice.shape(writer)
	if s != ice.shape(reader) {
		return false
	}
	switch s {
	case structure:
		w, r := members(writer), members(reader)
		if c.count(len(w)); len(w) != len(r) {
			return false
		}
		for i := range w {
			if w[i].name != r[i].name || !ice.sameTypes(c, w[i].typ, r[i].typ, at, open) {
				return false
			}
		}
		return true
	case list:
		return ice.sameTypes(c, writer.Elem, reader.Elem, at, open)
	case dictionary:
		wk, wv := entry(writer)
		rk, rv := entry(reader)
		return ice.sameTypes(c, wk, rk, at, open) && ice.sameTypes(c, wv, rv, at, open)
	}
	kind := icebergKind(writer)
	switch {
	case kind != icebergKind(reader):
		return false
	case kind.Kind == logical.Decimal:
		return writer.Precision == reader.Precision && scale(writer) == scale(reader)
	case kind.Kind == logical.Binary:
		return writer.Length == reader.Length
	}
	return true
}
