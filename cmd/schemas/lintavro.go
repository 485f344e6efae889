package schemas

import (
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compat/avro"
)

// reserved are the words of widespread languages that generated code cannot have as names.
var reserved = [...]struct{ language, words string }{
	{"Java", "abstract assert boolean break byte case catch char class const continue default do double else enum extends " +
		"final finally float for goto if implements import instanceof int interface long native new package private " +
		"protected public return short static super switch synchronized this throw throws transient try void volatile " +
		"while true false null"},
	{"C#", "abstract as base bool break byte case catch char checked class const continue decimal default delegate do " +
		"double else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface " +
		"internal is lock long namespace new null object operator out override params private protected public readonly " +
		"ref return sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint " +
		"ulong unchecked unsafe ushort using virtual void volatile while"},
	{"Python", "False None True and as assert async await break class continue def del elif else except finally for from " +
		"global if import in is lambda nonlocal not or pass raise return try while with yield"},
}

// refusing has the languages that a name is reserved in.
var refusing = sync.OnceValue(func() map[string][]string {
	all := map[string][]string{}
	for _, r := range reserved {
		for w := range strings.FieldsSeq(r.words) {
			all[w] = append(all[w], r.language)
		}
	}
	return all
})

// named warns of a name that is reserved somewhere.
func (l *linter) named(name string, off int) {
	if languages := refusing()[name]; len(languages) > 0 {
		l.warn(off, "RESERVED_NAME", "", "the name %s is reserved in %s: generated code renames or refuses it", name, listed(languages))
	}
}

func (l *linter) avro(now, before *avro.Schema) {
	seen := map[*avro.Type]bool{}
	var walk func(t *avro.Type)
	walk = func(t *avro.Type) {
		off, own := t.Offset()
		if seen[t] || !own {
			return
		}
		seen[t] = true
		l.avroType(t, off)
		if t.Elem != nil {
			walk(t.Elem)
		}
		for _, b := range t.Branches {
			walk(b)
		}
		for _, f := range t.Fields {
			walk(f.Type)
		}
	}
	walk(now.Root())
	if before != nil {
		c := avroChanges{linter: l, seen: map[[2]*avro.Type]bool{}}
		c.walk(now.Root(), before.Root())
	}
}

func (l *linter) avroType(t *avro.Type, off int) {
	if t.Kind == avro.Enum && t.EnumDefault == nil && len(t.Symbols) > 0 {
		l.warn(off, "ENUM_WITHOUT_DEFAULT", `add "default": with one of the symbols, such as UNKNOWN`,
			"enum %s has no default symbol, so that readers with this schema fail on data with a symbol that is added later", t.Name.Full())
	}
	if name := logicalName(t); name != "" && t.Logical == nil {
		l.warn(off, "LOGICAL_TYPE_IGNORED", "", "the logical type %q is unknown or does not suit a %s as it is here: libraries take the bare %s without a word", name, t.Kind, t.Kind)
	}
	for _, n := range append([]string{t.Name.Short}, t.Symbols...) {
		l.named(n, off)
	}
	folded := map[string]string{}
	for _, f := range t.Fields {
		at, _ := f.Offset()
		l.named(f.Name, at)
		if other, ok := folded[strings.ToLower(f.Name)]; ok {
			l.warn(at, "NAMES_DIFFER_BY_CASE", "", "fields %s and %s differ by case only, and become one column in databases that are blind to it", other, f.Name)
		}
		folded[strings.ToLower(f.Name)] = f.Name
		nullable := slices.ContainsFunc(f.Type.Branches, func(b *avro.Type) bool { return b.Kind == avro.Null })
		if nullable && f.Default == nil {
			fix := `put "null" first and add "default": null`
			if f.Type.Branches[0].Kind == avro.Null {
				fix = `add "default": null`
			}
			l.warn(at, "NULLABLE_WITHOUT_DEFAULT", fix, "field %s may be null and has no default: it can neither be added at BACKWARD nor left out at FORWARD", f.Name)
		}
	}
}

// logicalName returns what a schema names as the logical type, well-formed or not.
func logicalName(t *avro.Type) string {
	for _, p := range t.Props {
		if p.Name == "logicalType" {
			return strings.Trim(p.Value.String(), `"`)
		}
	}
	return ""
}

// avroChanges finds what Avro's rules of resolution do not look at.
type avroChanges struct {
	*linter
	seen map[[2]*avro.Type]bool
}

func (c *avroChanges) walk(now, before *avro.Type) {
	off, own := now.Offset()
	pair := [2]*avro.Type{now, before}
	if !own || c.seen[pair] {
		return
	}
	c.seen[pair] = true
	if now.Kind == avro.Union || before.Kind == avro.Union {
		c.branches(now, before)
		return
	}
	c.logical(now, before, off)
	if now.Name.Short != "" && now.Name.Short == before.Name.Short && now.Name.Space != before.Name.Space {
		c.warn(off, "NAMESPACE_CHANGED", "go back to the old namespace, or keep the old full name in aliases",
			"%s was %s: registries compare names without namespaces, but unions, references and generated classes go by the full name", now.Name.Full(), before.Name.Full())
	}
	if now.Elem != nil && before.Elem != nil {
		c.walk(now.Elem, before.Elem)
	}
	for _, f := range now.Fields {
		if b := before.Field(f.Name); b != nil {
			c.walk(f.Type, b.Type)
			continue
		}
		for _, a := range f.Aliases {
			if b := before.Field(a); b != nil {
				c.walk(f.Type, b.Type)
			}
		}
	}
}

// branches walks those that are alike in kind and name.
func (c *avroChanges) branches(now, before *avro.Type) {
	of := func(t *avro.Type) []*avro.Type {
		if t.Kind == avro.Union {
			return t.Branches
		}
		return []*avro.Type{t}
	}
	for _, n := range of(now) {
		for _, b := range of(before) {
			if n.Kind == b.Kind && n.Name.Short == b.Name.Short {
				c.walk(n, b)
			}
		}
	}
}

func (c *avroChanges) logical(now, before *avro.Type, off int) {
	n, b := now.Logical, before.Logical
	switch {
	case n == nil && b == nil:
	case b == nil:
		c.warn(off, "LOGICAL_TYPE_CHANGED", "give the new meaning to a field of another name", "the type had no logical type and is now %s: old data is read as one", n.Name)
	case n == nil:
		c.warn(off, "LOGICAL_TYPE_CHANGED", "give the new meaning to a field of another name", "the logical type %s is gone: readers get the bare %s", b.Name, now.Kind)
	case n.Name != b.Name && strings.Contains(n.Name, "-m") && strings.Contains(b.Name, "-m"):
		c.warn(off, "TIME_UNIT_CHANGED", "give the new unit to a field of another name", "the unit was %s and is now %s: values are read in the wrong unit, without an error", b.Name, n.Name)
	case n.Name != b.Name:
		c.warn(off, "LOGICAL_TYPE_CHANGED", "give the new meaning to a field of another name", "the logical type was %s and is now %s", b.Name, n.Name)
	case n.Scale != b.Scale:
		c.warn(off, "DECIMAL_SCALE_CHANGED", "give the new scale to a field of another name", "the scale was %d and is now %d: old values are read %s", b.Scale, n.Scale, "with the decimal point in the wrong place")
	case n.Precision != b.Precision:
		c.warn(off, "DECIMAL_PRECISION_CHANGED", "", "the precision was %d and is now %d: values that are longer are refused or cut by readers and tables", b.Precision, n.Precision)
	}
}
