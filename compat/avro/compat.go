package avro

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

// The rules, by the names of Java's SchemaIncompatibilityType.
const (
	NameMismatch              = "NAME_MISMATCH"
	FixedSizeMismatch         = "FIXED_SIZE_MISMATCH"
	MissingEnumSymbols        = "MISSING_ENUM_SYMBOLS"
	ReaderFieldMissingDefault = "READER_FIELD_MISSING_DEFAULT_VALUE"
	TypeMismatch              = "TYPE_MISMATCH"
	MissingUnionBranch        = "MISSING_UNION_BRANCH"

	// NotComparable is what keeps Java from an answer, such as a field whose aliases match two fields of the writer, or a pair
	// of schemas too large to compare.
	NotComparable = "NOT_COMPARABLE"
)

// Bounds of one comparison.
const (
	maxSteps    = 1_000_000 // pairs of types, fields and symbols
	maxNesting  = 4_000     // pairs inside each other
	maxFindings = 10_000    // more are left out
	maxInside   = 100_000   // findings inside unions that are kept for the case that their pair is met outside
	maxReasons  = 1_000     // findings inside findings
)

const tooLarge = "the schemas are too large to compare"

// CanRead returns everything that Apache Avro's SchemaCompatibility finds when data written with writer is read with s, in its
// order, with its repetitions. Logical types, docs and the order of fields are not compared.
func (s *Schema) CanRead(writer schema.Schema) []schema.Difference {
	w, ok := writer.(*Schema)
	if !ok {
		return []schema.Difference{schema.DifferentType}
	}
	c := comparison{judged: map[pair]*result{}, steps: maxSteps, left: maxFindings, inside: maxInside}
	r := c.judge("", s.root, w.root, sites{})
	if r.incompatible && len(r.findings) == 0 && c.stop == "" {
		c.stop = tooLarge
	}
	if c.stop != "" {
		return []schema.Difference{{
			Rule: NotComparable, Path: "/", Detail: c.stop,
			Message: escape("Unexpected exception during compatibility check: " + c.stop),
		}}
	}
	if len(r.findings) == 0 {
		return nil
	}
	room := maxReasons
	return s.differences(w, r.findings, &room)
}

// differences returns findings for others. Of those inside findings there are as many as there is room for.
func (s *Schema) differences(w *Schema, findings []finding, room *int) []schema.Difference {
	out := make([]schema.Difference, len(findings))
	for i, f := range findings {
		out[i] = f.difference()
		out[i].Reader, out[i].Writer = s.place(f.at.reader), w.place(f.at.writer)
		if len(f.inside) > 0 && len(f.inside) <= *room {
			*room -= len(f.inside)
			inside := schema.Reasons(s.differences(w, f.inside, room))
			out[i].Inside = &inside
		}
	}
	return out
}

type pair struct{ reader, writer *Type }

// result is the verdict on a pair. It may be incompatible without findings when too many were met before it.
type result struct {
	open         bool // the pair is being judged
	incompatible bool
	findings     []finding
}

func (r *result) merge(o *result) {
	r.incompatible = r.incompatible || o.incompatible
	if len(r.findings) == 0 {
		r.findings = slices.Clip(o.findings)
	} else {
		r.findings = append(r.findings, o.findings...)
	}
}

// comparison judges each pair of types once, and takes a pair that it is in the midst of for compatible. A pair that is met
// again reports the findings of the first time with their paths, which start where the first walk started: at the root or,
// inside a union, at the branch.
type comparison struct {
	judged map[pair]*result
	path   []string
	at     sites // of the pair being compared
	start  int   // where the path of the walk starts
	named  int   // pairs of named types that the walk is in, whose results are kept
	depth  int
	unions int    // how many branches deep the walk is
	steps  int    // left
	left   int    // findings
	inside int    // findings inside unions
	stop   string // why there is no answer
}

var (
	compatible = &result{}
	opened     = &result{open: true}
	refused    = &result{incompatible: true} // where only the verdict counts
)

// judge compares reader with writer, written at, at the path token, which is "" for the root of a walk.
func (c *comparison) judge(token string, reader, writer *Type, at sites) *result {
	if !c.spend(1) || c.depth == maxNesting {
		c.halt(tooLarge)
		return compatible
	}
	c.depth++
	c.path = append(c.path, token)
	outer := c.at
	c.at = at
	r := c.remembered(reader, writer)
	c.at = outer
	c.path = c.path[:len(c.path)-1]
	c.depth--
	return r
}

func (c *comparison) remembered(reader, writer *Type) *result {
	if !reader.Kind.named() && !writer.Kind.named() {
		return c.compare(reader, writer) // met in one place only
	}
	key := pair{reader, writer}
	if r := c.judged[key]; r != nil {
		switch {
		case r.open:
			return compatible
		case !c.afford(len(r.findings)):
			return &result{incompatible: r.incompatible}
		}
		return r
	}
	c.judged[key] = opened
	c.named++
	r := c.compare(reader, writer)
	c.named--
	c.judged[key] = r
	return r
}

// branch judges what is inside a union: only the verdict counts there, and the path starts anew.
func (c *comparison) branch(reader, writer *Type, at sites) bool {
	switch { // what most unions have in them needs no walk
	case reader.Kind == writer.Kind && reader.Kind.primitive():
		return c.spend(1)
	case reader.Kind == Union && writer.Kind.primitive():
		for _, b := range reader.Branches {
			if b.Kind == writer.Kind {
				return c.spend(1)
			}
		}
	case reader.Kind.primitive() && writer.Kind.primitive():
		return c.spend(1) && reader.Kind.promotes(writer.Kind)
	}
	start, named := c.start, c.named
	c.start, c.named = len(c.path), 0
	c.unions++
	r := c.judge("", reader, writer, at)
	c.unions--
	c.start, c.named = start, named
	return !r.incompatible
}

// spend takes steps and says whether the comparison goes on.
func (c *comparison) spend(steps int) bool {
	if c.steps -= steps; c.steps < 0 {
		c.halt(tooLarge)
	}
	return c.stop == ""
}

func (c *comparison) halt(reason string) {
	if c.stop == "" {
		c.stop = reason
	}
}

// afford takes room for findings and says whether there was enough.
func (c *comparison) afford(findings int) bool {
	room := &c.left
	if c.unions > 0 {
		room = &c.inside
	}
	if *room < findings {
		return false
	}
	*room -= findings
	return true
}

func (c *comparison) compare(reader, writer *Type) *result {
	if reader.Kind != writer.Kind {
		return c.promote(reader, writer)
	}
	switch reader.Kind {
	case Array:
		return c.judge("items", reader.Elem, writer.Elem, sites{reader.elem, writer.elem})
	case Map:
		return c.judge("values", reader.Elem, writer.Elem, sites{reader.elem, writer.elem})
	case Fixed:
		r := &result{}
		c.names(r, reader, writer)
		if reader.Size != writer.Size {
			c.find(r, sites{reader.place, writer.place}, FixedSizeMismatch, fmt.Sprintf("expected: %d, found: %d", writer.Size, reader.Size), "size")
		}
		return r
	case Enum:
		r := &result{}
		c.names(r, reader, writer)
		c.symbols(r, reader, writer)
		return r
	case Record:
		r := &result{}
		c.names(r, reader, writer)
		c.fields(r, reader, writer)
		return r
	case Union:
		r := compatible
		for i, b := range writer.Branches {
			at := sites{c.at.reader, writer.sites[i]}
			if !c.branch(reader, b, at) {
				if r == compatible {
					r = &result{}
				}
				c.find(r, at, MissingUnionBranch, "reader union lacking writer type: "+b.Kind.upper(), itoa(i))
				c.because(r, reader, b)
			}
		}
		return r
	}
	return compatible
}

// promote compares types of different kinds. https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
func (c *comparison) promote(reader, writer *Type) *result {
	if writer.Kind == Union { // every branch may come
		r := &result{}
		for i, b := range writer.Branches {
			r.merge(c.judge(itoa(i), reader, b, sites{c.at.reader, writer.sites[i]}))
		}
		return r
	}
	if reader.Kind == Union {
		for i, b := range reader.Branches {
			if c.branch(b, writer, sites{reader.sites[i], c.at.writer}) {
				return compatible
			}
		}
		r := &result{}
		c.find(r, c.at, MissingUnionBranch, "reader union lacking writer type: "+writer.Kind.upper())
		c.because(r, reader, writer)
		return r
	}
	if reader.Kind.promotes(writer.Kind) {
		return compatible
	}
	if c.unions > 0 && c.named == 0 {
		return refused
	}
	r := &result{}
	c.find(r, c.at, TypeMismatch, "reader type: "+reader.Kind.upper()+" not compatible with writer type: "+writer.Kind.upper())
	return r
}

func (k Kind) primitive() bool { return k >= String }

// promotes reports whether a primitive type of another kind is read as k.
func (k Kind) promotes(writer Kind) bool {
	switch k {
	case Long:
		return writer == Int
	case Float:
		return writer == Int || writer == Long
	case Double:
		return writer == Int || writer == Long || writer == Float
	case Bytes:
		return writer == String
	case String:
		return writer == Bytes
	}
	return false
}

// names compares without namespaces; an alias of the reader has to be the writer's full name.
func (c *comparison) names(r *result, reader, writer *Type) {
	if reader.Name.Short == writer.Name.Short {
		return
	}
	if !c.spend(len(reader.Aliases) / 8) {
		return
	}
	if slices.ContainsFunc(reader.Aliases, func(a Name) bool {
		// Java spells an alias without namespace of a type with one as ".Name", which is nobody's full name.
		return a == writer.Name && (a.Space != "" || reader.Name.Space == "")
	}) {
		return
	}
	c.find(r, sites{reader.place, writer.place}, NameMismatch, "expected: "+writer.Name.Full(), "name")
}

func (c *comparison) symbols(r *result, reader, writer *Type) {
	if !c.spend((len(reader.Symbols) + len(writer.Symbols)) / 8) {
		return
	}
	known := make(map[string]bool, len(reader.Symbols))
	for _, s := range reader.Symbols {
		known[s] = true
	}
	var missing []string
	for _, s := range writer.Symbols {
		if !known[s] {
			missing = append(missing, s)
		}
	}
	if len(missing) == 0 || reader.EnumDefault != nil {
		return
	}
	slices.SortFunc(missing, compareUTF16)
	c.find(r, sites{reader.place, writer.place}, MissingEnumSymbols, "["+strings.Join(missing, ", ")+"]", "symbols")
}

func (c *comparison) fields(r *result, reader, writer *Type) {
	c.path = append(c.path, "fields", "")
	for i, f := range reader.Fields {
		c.path[len(c.path)-1] = itoa(i)
		w := c.written(f, i, writer)
		switch {
		case !c.spend(1):
			return
		case w != nil:
			r.merge(c.judge("type", f.Type, w.Type, sites{f.site, w.site}))
		case f.Default != nil:
		case f.Type.Kind == Enum && f.Type.EnumDefault != nil: // Java then compares the enum with the record
			r.merge(c.judge("type", f.Type, writer, sites{f.site, writer.place}))
		default:
			c.find(r, sites{f.place, writer.place}, ReaderFieldMissingDefault, f.Name)
		}
	}
	c.path = c.path[:len(c.path)-2]
}

// written returns the writer's field that f reads, by its name or one of its aliases, or nil.
func (c *comparison) written(f *Field, pos int, writer *Type) *Field {
	found := writer.Field(f.Name)
	for _, a := range f.Aliases {
		w := writer.Field(a)
		if w == nil {
			continue
		}
		if found != nil {
			c.halt(fmt.Sprintf("Reader record field %s matches multiple fields in writer record schema %s", f.describe(pos), clip(text(writer))))
		}
		found = w
	}
	return found
}

// find adds a finding, written at, at the path of the pair being compared, with tail after it.
func (c *comparison) find(r *result, at sites, rule, detail string, tail ...string) {
	r.incompatible = true
	if c.unions > 0 && c.named == 0 {
		return // only the verdict counts
	}
	path := pointer(c.path[c.start+1:], tail)
	if c.afford(1 + (len(path)+len(detail))/1024) {
		r.findings = append(r.findings, finding{rule: rule, path: path, detail: detail, at: at})
	}
}

// because puts what was found between writer and the branch of its name inside the last finding, a MissingUnionBranch.
func (c *comparison) because(r *result, union, writer *Type) {
	if len(r.findings) == 0 || !writer.Kind.named() {
		return
	}
	for _, b := range union.Branches {
		if b.Kind != writer.Kind || b.Name.Short != writer.Name.Short {
			continue
		}
		if judged := c.judged[pair{b, writer}]; judged != nil {
			r.findings[len(r.findings)-1].inside = judged.findings
		}
		return
	}
}

// pointer joins path tokens as a JSON pointer.
func pointer(path, tail []string) string {
	var b strings.Builder
	for _, tokens := range [...][]string{path, tail} {
		for _, t := range tokens {
			b.WriteByte('/')
			if strings.ContainsAny(t, "~/") {
				t = strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1")
			}
			b.WriteString(t)
		}
	}
	if b.Len() == 0 {
		return "/" // Java's spelling of the root
	}
	return b.String()
}
