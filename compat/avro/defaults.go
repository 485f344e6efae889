package avro

import (
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

// checkDefault holds that f's default suits its type. round is 0 while the document is being read, when a placeholder takes any
// object, and otherwise the resolve round, in which a record that is still waiting for its fields takes none.
func (p *parser) checkDefault(f *Field, round int) error {
	if !p.strict || f.Default == nil {
		return nil
	}
	c := defaultCheck{p: p, round: round}
	ok := c.valid(f.Type, f.Default)
	switch {
	case c.unset:
		return p.fail(f.off, "Schema fields not set yet")
	case p.budget <= 0:
		return p.fail(f.off, "default values are too large to check against their types")
	case !ok:
		return p.fail(f.Default.off, "Invalid default for field %s: %s not a %s", f.Name, clip(f.Default.String()), clip(text(f.Type)))
	}
	return nil
}

type defaultCheck struct {
	p     *parser
	round int
	unset bool // a record without its fields was met
}

func (c *defaultCheck) valid(t *Type, v *Value) bool {
	if c.p.budget--; c.p.budget <= 0 || c.unset {
		return false
	}
	switch t.Kind {
	case String, Bytes, Enum, Fixed:
		return v.kind == jsonString
	case Int:
		_, ok := v.int32()
		return ok
	case Long:
		_, ok := v.int64()
		return ok
	case Float, Double:
		return v.kind == jsonInt || v.kind == jsonFloat
	case Boolean:
		return v.kind == jsonBool
	case Null:
		return v.kind == jsonNull
	case Array:
		return v.kind == jsonArray && !slices.ContainsFunc(v.elems, func(e Value) bool { return !c.valid(t.Elem, &e) })
	case Map:
		return v.kind == jsonObject && !slices.ContainsFunc(v.members, func(m member) bool { return !c.valid(t.Elem, &m.value) })
	case Union:
		return slices.ContainsFunc(t.Branches, func(b *Type) bool { return c.valid(b, v) })
	}
	if v.kind != jsonObject {
		return false
	}
	if c.round > 0 && t.round != c.round {
		c.unset = true
		return false
	}
	c.p.budget -= len(t.Fields) / 8
	given := v.lookup()
	for _, f := range t.Fields {
		if given := given(f.Name); given != nil {
			if !c.valid(f.Type, given) {
				return false
			}
		} else if f.Default == nil {
			return false // and a default of its own was checked when the field was made
		}
	}
	return true
}

// parseDouble reads a number as Java does, or returns Java's words about what is none.
func parseDouble(s string) (f float64, fault string) {
	f, ok := schema.ParseFloat(s, 64)
	switch {
	case ok:
	case strings.TrimFunc(s, func(c rune) bool { return c <= ' ' }) == "":
		return 0, "empty String"
	default:
		return 0, `For input string: "` + clip(strings.TrimFunc(s, func(c rune) bool { return c <= ' ' })) + `"`
	}
	return f, ""
}
