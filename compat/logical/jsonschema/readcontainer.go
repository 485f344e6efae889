package jsonschema

import (
	"slices"
	"strings"
	"unicode/utf16"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// array reads an array: a list of items or, where it says so, the entries of a map or multiset whose keys are not strings.
func (r *reader) array(n native.Node, nullable bool, depth int) (*logical.Type, error) {
	item, tuple, ok := n.Items()
	switch {
	case tuple:
		return nil, logical.Errorf("JSON tuples (i.e. arrays that contain items of different types) are not supported")
	case !ok:
		return nil, logical.Errorf("Array schema did not specify the items type")
	}
	connect, _, err := stringOf(n, property.ConnectType)
	if err != nil {
		return nil, err
	}
	if connect == property.ConnectMap && item.Class() == native.Object {
		key, hasKey := item.Property(property.EntryKey)
		val, hasValue := item.Property(property.EntryValue)
		if !hasKey || !hasValue {
			return nil, logical.Errorf("A map (connect.type: map) array's items must declare key and value")
		}
		k, err := r.convert(key, false, depth+1)
		if err != nil {
			return nil, err
		}
		v, err := r.convert(val, false, depth+1)
		if err != nil {
			return nil, err
		}
		return mapping(n, k, v, nullable)
	}
	elem, err := r.convert(item, false, depth+1)
	if err != nil {
		return nil, err
	}
	return &logical.Type{Kind: logical.Array, Nullable: nullable, Elem: elem}, nil
}

// object reads an object: fields or, where it says so, a map or multiset whose keys are strings.
func (r *reader) object(n native.Node, nullable bool, depth int) (*logical.Type, error) {
	connect, _, err := stringOf(n, property.ConnectType)
	if err != nil {
		return nil, err
	}
	if connect != property.ConnectMap {
		required := map[string]bool{}
		properties := n.Properties()
		for _, p := range properties {
			required[p.Name] = n.Requires(p.Name)
		}
		return r.fields(properties, required, n, nullable, depth)
	}
	additional, ok := n.Additional()
	if !ok {
		return nil, logical.Errorf("A map (connect.type: map) must declare its values with additionalProperties")
	}
	v, err := r.convert(additional, false, depth+1)
	if err != nil {
		return nil, err
	}
	key := &logical.Type{Kind: logical.Varchar, Length: logical.Unbounded}
	length, _ := n.Keyword(property.LogicalKeyLength)
	if i, ok := integer(length); ok {
		kind, _, err := stringOf(n, property.LogicalKeyType)
		if err != nil {
			return nil, err
		}
		if key.Length = i; i == -1 {
			key.Length = logical.DefaultLength
		}
		if kind == property.Char {
			key.Kind = logical.Char
		}
	}
	return mapping(n, key, v, nullable)
}

// mapping returns the MAP, or the MULTISET that n says it is.
func mapping(n native.Node, key, val *logical.Type, nullable bool) (*logical.Type, error) {
	if n.Text(property.FlinkType) != property.FlinkMultiset {
		return &logical.Type{Kind: logical.Map, Nullable: nullable, Key: key, Elem: val}, nil
	}
	if val.Kind != logical.Int {
		suffix := " NOT NULL"
		if val.Nullable {
			suffix = ""
		}
		return nil, logical.Errorf("Unexpected value type for a MULTISET type: %s%s", val.Kind, suffix)
	}
	return &logical.Type{Kind: logical.Multiset, Nullable: nullable, Elem: key}, nil
}

// fields reads properties as a STRUCT, those with a connect.index first, in its order, the others by their names. about is the
// object that has them; the zero Node when several have.
func (r *reader) fields(properties []native.Definition, required map[string]bool, about native.Node, nullable bool, depth int,
) (*logical.Type, error) {
	type indexed struct {
		native.Definition
		at  int
		has bool
	}
	list := make([]indexed, len(properties))
	for i, p := range properties {
		at, ok, err := integerOf(p.Schema, property.ConnectIndex)
		if err != nil && len(properties) > 1 {
			return nil, err
		}
		list[i] = indexed{p, at, ok}
	}
	slices.SortStableFunc(list, func(a, b indexed) int {
		switch {
		case a.has && b.has && a.at != b.at:
			return a.at - b.at
		case a.has != b.has && a.has:
			return -1
		case a.has != b.has:
			return 1
		}
		return compareJava(a.Name, b.Name)
	})
	t := &logical.Type{Kind: logical.Struct, Nullable: nullable}
	if about != (native.Node{}) {
		t.Doc, t.Tags, t.Params, t.Rules = about.Text(kwDescription), tagsOf(about), paramsOf(about), rulesOf(about)
	}
	for _, p := range list {
		if err := logical.CheckName(p.Name, "Field"); err != nil {
			return nil, err
		}
		f, err := r.convert(p.Schema, !required[p.Name], depth+1)
		if err != nil {
			return nil, err
		}
		t.Fields = append(t.Fields, logical.Field{Name: p.Name, Type: f, Doc: p.Schema.Text(kwDescription), Tags: tagsOf(p.Schema),
			Params: paramsOf(p.Schema), Rules: rulesOf(p.Schema)})
	}
	for i, p := range list {
		if raw := rawDefault(p.Schema); raw != nil {
			r.defaults = append(r.defaults, fieldDefault{&t.Fields[i], raw})
		}
	}
	return t, nil
}

// compareJava orders strings as Java does.
func compareJava(a, b string) int {
	high := func(r rune) bool { return r >= 0xd800 }
	if !strings.ContainsFunc(a, high) || !strings.ContainsFunc(b, high) {
		return strings.Compare(a, b)
	}
	return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
}
