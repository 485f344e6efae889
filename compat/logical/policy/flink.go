package policy

import "github.com/millrace/millrace/compat/logical"

// flink are the rules for a Flink SQL table. Columns are known by name; only what a reader asks for counts.
type flink struct{}

func (flink) shape(t *logical.Type) shape {
	switch t.Kind {
	case logical.Struct, logical.Union:
		return structure
	case logical.Array:
		return list
	case logical.Multiset:
		return multiset
	case logical.Map:
		return dictionary
	}
	return leaf
}

func (flink) structs(c *comparison, writer, reader []member, at *path) {
	find := finder(writer)
	for i, r := range reader {
		here := at.member(r.name)
		w, ok := find(r.name, i)
		if !ok {
			if !r.nullable && !r.defaulted() {
				c.add(RequiredFieldAdded, here, "column is required by the reader's schema but missing from the writer's schema, "+
					"so rows written under the writer's schema have no value for it")
			}
			continue
		}
		switch {
		case r.nullable:
		case w.nullable:
			// A default does not help: it stands for a column that is absent, not for one that holds NULL.
			c.add(NullableToNonNullable, here, "column is nullable in the writer's schema but NOT NULL in the reader's schema; "+
				"rows written under the writer's schema may hold nulls")
		case w.defaulted() && !r.defaulted():
			c.add(NonNullableDefaultRemoved, here, "NOT NULL column has a non-null default in the writer's schema but not in the "+
				"reader's schema; rows that omitted the column have no value to read")
		}
		c.compare(w.typ, r.typ, here)
	}
}

func (f flink) lists(c *comparison, writer, reader *logical.Type, at *path) {
	f.inside(c, writer.Elem, reader.Elem, at.element())
}

// maps compares the key as any other value: Flink gives it no identity of its own.
func (f flink) maps(c *comparison, writer, reader *logical.Type, at *path) {
	f.inside(c, writer.Key, reader.Key, at.key())
	f.inside(c, writer.Elem, reader.Elem, at.value())
}

// inside compares what a collection holds.
func (flink) inside(c *comparison, writer, reader *logical.Type, at *path) {
	if writer != nil && reader != nil && writer.Nullable && !reader.Nullable {
		c.add(NullableToNonNullable, at, "container child is nullable in the writer's schema but NOT NULL in the reader's "+
			"schema; collections written under the writer's schema may hold nulls")
	}
	c.compare(writer, reader, at)
}

// leaves asks for a cast that Flink makes by itself, and then for what its table of casts does not look at: lengths, precisions
// and scales.
func (flink) leaves(c *comparison, writer, reader *logical.Type, at *path) {
	from, to := flinkKind(writer), flinkKind(reader)
	refuse := func(why string) { c.add(UnsupportedTypeChange, at, change(writer, reader)+why) }
	if !castable(from, to) {
		refuse("")
		return
	}
	switch to {
	case logical.Char, logical.Binary:
		// The length is the width of what is stored: a longer one pads every old value.
		if reader.Length != writer.Length {
			refuse(" (a fixed-length type cannot change length)")
		}
	case logical.Varchar, logical.Varbinary:
		if flinkLength(reader) < flinkLength(writer) {
			refuse(" (length may not shrink)")
		}
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		if reader.Precision != writer.Precision {
			refuse(" (precision selects the unit of the stored value and cannot change)")
		}
	case logical.Decimal:
		switch digits := integerDigits[from]; {
		case from == logical.Decimal:
			if scale(reader) != scale(writer) || reader.Precision < writer.Precision {
				refuse(" (decimal scale must be unchanged and precision may not shrink)")
			}
		case reader.Precision-scale(reader) < digits:
			refuse(" (target cannot represent the full range of the source)")
		}
	}
}

// flinkKind returns the type that Flink has for a leaf: an ENUM is a STRING there, so that symbols may come and go.
func flinkKind(t *logical.Type) logical.Kind {
	if t.Kind == logical.Enum {
		return logical.Varchar
	}
	return t.Kind
}

// flinkLength returns the length of the type that Flink has for a leaf. A VARCHAR or VARBINARY without a length is unbounded.
func flinkLength(t *logical.Type) int {
	switch t.Kind {
	case logical.Enum:
		return logical.Unbounded
	case logical.Varchar, logical.Varbinary:
		if t.Length <= 0 {
			return logical.Unbounded
		}
	}
	return t.Length
}
