package jsonschema

import (
	"strconv"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

const (
	onlyNull = "JSON Schema enum/const must permit at least one non-null value: null alone has no column type"
	hidden   = "JSON Schema if/then/else and `not` are not supported: a property declared only under a condition has no column to " +
		"be read into, so its values would be silently dropped"
)

// values are those that an enum or const admits.
type values struct {
	list  []any
	about native.Node // what says something about them
	typed bool        // the type beside them decides whether they may be null
	null  bool        // and it does
}

// enum reads values as an ENUM: each is a symbol, by its text; null is none and makes it nullable. Of equal ones the first
// counts.
func enum(v values, nullable bool) (*logical.Type, error) {
	hints, err := hintsOf(v.about, property.Enum, len(v.list))
	if err != nil {
		return nil, err
	}
	t := &logical.Type{Kind: logical.Enum, Nullable: nullable || v.null, Doc: v.about.Text(kwDescription), Tags: tagsOf(v.about),
		Params: paramsOf(v.about)}
	seen := map[string]bool{}
	for i, e := range v.list {
		if e == nil {
			t.Nullable = t.Nullable || !v.typed
			continue
		}
		symbol := javaText(e)
		if seen[symbol] {
			continue
		}
		seen[symbol] = true
		if err := logical.CheckName(symbol, "Enum symbol"); err != nil {
			return nil, err
		}
		h := hints.At(i)
		t.Values = append(t.Values, logical.EnumValue{Symbol: symbol, Doc: h.Doc, Params: h.Params})
	}
	if t.Values == nil {
		return nil, logical.Errorf("%s", onlyNull)
	}
	return t, nil
}

// merged are the properties of the objects of an allOf.
type merged struct {
	list     []native.Definition
	index    map[string]int
	required map[string]bool
}

// simple is what an allOf stands for: one of its schemas, an object of all their properties, or values.
type simple struct {
	node   native.Node
	object *merged
	values *values
}

func (r *reader) allOf(n native.Node, nullable bool, depth int) (*logical.Type, error) {
	s, err := r.simplify(n)
	switch {
	case err != nil:
		return nil, err
	case s.object != nil:
		return r.fields(s.object.list, s.object.required, native.Node{}, nullable, depth)
	case s.values != nil:
		return enum(*s.values, nullable)
	}
	return r.convert(s.node, nullable, depth)
}

// simplify returns what an allOf stands for.
func (r *reader) simplify(n native.Node) (simple, error) {
	of := n.Of()
	last := map[native.Class]native.Node{}
	var inner *native.Node
	m := &merged{index: map[string]int{}, required: map[string]bool{}}
	if err := r.count(n.Weight()); err != nil {
		return simple{}, err
	}
	for i, s := range of {
		if err := r.count(s.Weight()); err != nil {
			return simple{}, err
		}
		switch c := s.Class(); c {
		case native.Conditional, native.Not:
			return simple{}, logical.Errorf("%s", hidden)
		case native.AllOf, native.AnyOf, native.OneOf:
			inner = &of[i]
		default:
			last[c] = s
		}
		if err := r.collect(s, m, map[native.Node]bool{}); err != nil {
			return simple{}, err
		}
	}
	if len(m.list) > 0 {
		return simple{object: m}, nil
	}
	if s, ok := stringValues(n, of); ok {
		return s, nil
	}
	if inner != nil {
		return simple{node: *inner}, nil
	}
	_, isConst := last[native.Const]
	_, isEnum := last[native.Enum]
	text, isText := last[native.String]
	number, isNumber := last[native.Number]
	boolean, isBoolean := last[native.Boolean]
	valued := isConst || isEnum
	switch {
	case valued && isText:
		return simple{node: text}, nil
	case isNumber && (valued || isText): // a string beside a number is its format
		return simple{node: number}, nil
	case valued && isBoolean:
		return simple{node: boolean}, nil
	}
	if len(of) == 2 {
		for i, o := range of {
			other := of[1-i]
			// Keywords of objects that stand beside another type say nothing.
			if o.Class() == native.Object && other.Class() != native.Object &&
				(!o.Typed("object") || !o.RequiresAny() && other.Class() == native.Array) {
				return simple{node: other}, nil
			}
		}
	}
	return simple{}, logical.Errorf("Unsupported criterion allOf for %s", n.JSON())
}

// collect adds the properties of an object, of what a reference leads to and of all of an allOf. Of two of a name the last
// counts.
func (r *reader) collect(n native.Node, m *merged, seen map[native.Node]bool) error {
	if seen[n] {
		return nil
	}
	seen[n] = true
	if err := r.count(1); err != nil {
		return err
	}
	switch n.Class() {
	case native.AllOf:
		for _, s := range n.Of() {
			if err := r.collect(s, m, seen); err != nil {
				return err
			}
		}
	case native.Object:
		properties := n.Properties()
		if err := r.count(len(properties)); err != nil {
			return err
		}
		for _, p := range properties {
			if i, ok := m.index[p.Name]; ok {
				m.list[i] = p
			} else {
				m.index[p.Name] = len(m.list)
				m.list = append(m.list, p)
			}
			m.required[p.Name] = n.Requires(p.Name)
		}
	case native.Reference:
		if t, ok := n.Target(); ok {
			return r.collect(t, m, seen)
		}
	}
	return nil
}

// stringValues reads an allOf of values and a string, which may be nullable, as the values; or as the string when that has a
// largest length, which values cannot keep.
func stringValues(n native.Node, of []native.Node) (simple, bool) {
	if len(of) != 2 {
		return simple{}, false
	}
	v, typ := of[0], of[1]
	if c := v.Class(); c != native.Enum && c != native.Const {
		v, typ = typ, v
	}
	if c := v.Class(); c != native.Enum && c != native.Const {
		return simple{}, false
	}
	text, null := stringMember(typ)
	if text == nil {
		return simple{}, false
	}
	if _, bounded := text.Limit("maxLength"); bounded {
		return simple{node: typ}, true
	}
	return simple{values: &values{list: v.Values(), about: n, typed: true, null: null}}, true
}

// stringMember returns the string of a string type or of a list of types that has null beside it.
func stringMember(n native.Node) (text *native.Node, null bool) {
	switch n.Class() {
	case native.String:
		return &n, false
	case native.AnyOf, native.OneOf:
		for _, s := range n.Of() {
			switch {
			case s.Class() == native.String && text == nil:
				text = &s
			case s.Class() == native.Null && !null:
				null = true
			default:
				return nil, false
			}
		}
	}
	if !null {
		return nil, false
	}
	return text, null
}

// union reads a choice: of null and one other, as that one; of more, as a UNION.
func (r *reader) union(n native.Node, nullable bool, depth int) (*logical.Type, error) {
	var of []native.Node
	for _, s := range n.Of() {
		if isNull(s) {
			nullable = true
		} else {
			of = append(of, s)
		}
	}
	if len(of) == 1 {
		return r.convert(of[0], nullable, depth)
	}
	hints, err := hintsOf(n, property.Union, len(of))
	if err != nil {
		return nil, err
	}
	names, err := r.branchNames(of, hints)
	if err != nil {
		return nil, err
	}
	t := &logical.Type{Kind: logical.Union, Nullable: nullable}
	seen := map[string]bool{}
	for i, s := range of {
		branch, err := r.convert(s, true, depth+1)
		if err != nil {
			return nil, err
		}
		if err := logical.CheckName(names[i], "Union branch"); err != nil {
			return nil, err
		}
		if seen[names[i]] {
			return nil, logical.Errorf("Duplicate union branch: %s", names[i])
		}
		seen[names[i]] = true
		h := hints.At(i)
		t.Branches = append(t.Branches, logical.Branch{Name: names[i], Type: branch, Doc: h.Doc, Params: h.Params})
	}
	return t, nil
}

// isNull reports whether a schema is null, or refers to one that is.
func isNull(n native.Node) bool {
	for range logical.MaxDepth {
		if n.Class() != native.Reference {
			break
		}
		t, ok := n.Target()
		if !ok {
			return false
		}
		n = t
	}
	return n.Class() == native.Null
}

// branchNames returns the names of branches: by their hints; else by their tags, where every branch has one and the names so come
// out distinct; else by their titles; else by their positions.
func (r *reader) branchNames(of []native.Node, hints property.Hints) ([]string, error) {
	tags, err := r.tags(of)
	if err != nil {
		return nil, err
	}
	byTag, byTitle := make([]string, len(of)), make([]string, len(of))
	seen := map[string]bool{}
	for i, s := range of {
		name := hints.At(i).Name
		if name == "" {
			name = branchPrefix + strconv.Itoa(i)
			if title, ok := s.Keyword(kwTitle); ok {
				if title, ok := title.(string); ok {
					name = title
				}
			}
		}
		byTitle[i], byTag[i] = name, hints.At(i).Name
		if tags != nil {
			if byTag[i] == "" {
				byTag[i] = tags[i]
			}
			seen[byTag[i]] = true
		}
	}
	if tags != nil && len(seen) == len(of) {
		return byTag, nil
	}
	return byTitle, nil
}
