package policy

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// maxDecimal is the largest precision of a DECIMAL in Flink and of a decimal in Iceberg.
const maxDecimal = 38

// Validate returns every reason why tables of the targets cannot hold a schema, whatever was there before; nil: there is none.
// They are in the order of the fields, those of a target together. Only what the root leads to counts. What is wrong in a named
// type is found once, at the first path that leads there; that it contains itself, at every one.
func Validate(t Target, s *logical.Schema) []Finding {
	if s == nil {
		return nil
	}
	named := namesOf(s)
	cyclic := cycles(s, named)
	return t.each(func(one Target) []Finding {
		v := validation{walk: walk{target: one}, names: named, cyclic: cyclic, seen: make(map[string]bool)}
		v.check(s.Root, nil)
		return v.findings
	})
}

// validation is a walk over a schema.
type validation struct {
	walk
	names  names
	cyclic map[string]bool
	seen   map[string]bool // named types that were checked
}

func (v *validation) check(t *logical.Type, at *path) {
	if t == nil || !v.enter(at) {
		return
	}
	defer v.leave()
	switch t.Kind {
	case logical.Struct, logical.Union:
		v.members(t, at)
	case logical.Array, logical.Multiset:
		v.check(t.Elem, at.element())
	case logical.Map:
		v.check(t.Key, at.key())
		v.check(t.Elem, at.value())
	case logical.Named:
		v.named(t.Name, at)
	case logical.Decimal:
		v.decimal(t, at)
	case logical.Char, logical.Binary:
		v.length(t, 1, at)
	case logical.Varchar, logical.Varbinary:
		v.length(t, 0, at)
	case logical.Timestamp, logical.TimestampLTZ:
		if v.target == IcebergV2 && t.Precision > maxMicros {
			v.add(UnrepresentableType, at, render(t)+" needs Iceberg's nanosecond timestamp types, which arrived in format-version 3")
		}
	case logical.Variant:
		if v.target == IcebergV2 {
			v.add(UnrepresentableType, at, "VARIANT needs Iceberg's variant type, which arrived in format-version 3")
		}
	}
}

func (v *validation) members(t *logical.Type, at *path) {
	in := members(t)
	v.countMembers(in)
	if v.target.iceberg() {
		if len(in) == 0 {
			kind := "struct"
			if t.Kind == logical.Union {
				kind = "union"
			}
			v.add(EmptyStruct, at, "a "+kind+" must have at least one field")
		}
		v.collisions(in, at)
	}
	for _, m := range in {
		v.check(m.typ, at.member(m.name))
	}
}

// collisions finds names that differ in case only, the first two of each group: Iceberg looks names up without case.
func (v *validation) collisions(in []member, at *path) {
	first := make(map[string]string, len(in))
	told := make(map[string]bool)
	for _, m := range in {
		key := lower(m.name)
		other, taken := first[key]
		switch {
		case !taken:
			first[key] = m.name
		case !told[key]:
			told[key] = true
			v.add(FieldNameCaseCollision, at, "field names '"+other+"' and '"+m.name+"' differ only in case, which Iceberg's "+
				"case-insensitive name index cannot distinguish")
		}
	}
}

// lower is Java's toLowerCase as far as it differs from Go's without looking at the letters around: İ becomes two.
func lower(s string) string { return strings.ToLower(strings.ReplaceAll(s, "İ", "i̇")) }

func (v *validation) named(name string, at *path) {
	body := v.names[name]
	switch {
	case body == nil:
		v.add(UnresolvedTypeRef, at, "named type '"+name+"' is referenced but not defined")
	case v.cyclic[name]:
		v.add(CyclicType, at, "named type '"+name+"' refers to itself, and cannot be represented by a non-recursive type system")
	case !met(v.seen, name):
		v.check(body, at)
	}
}

func (v *validation) decimal(t *logical.Type, at *path) {
	if t.Precision < 1 || t.Precision > maxDecimal {
		v.add(PrecisionOutOfRange, at,
			fmt.Sprintf("DECIMAL precision %d is outside the supported range 1 to %d", t.Precision, maxDecimal))
	}
	if s := scale(t); s < 0 || s > t.Precision && t.Scale != logical.Unstated {
		v.add(ScaleOutOfRange, at, fmt.Sprintf("DECIMAL scale %d is outside the supported range 0 to the precision %d", s, t.Precision))
	}
}

// length checks a length. 0 is a VARCHAR's or VARBINARY's that says none.
func (v *validation) length(t *logical.Type, least int, at *path) {
	if t.Length < least {
		v.add(LengthOutOfRange, at, fmt.Sprintf("%s length %d is below the minimum of %d", t.Kind, t.Length, least))
	}
}
