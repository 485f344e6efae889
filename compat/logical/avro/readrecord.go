package avro

import (
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// record converts the fields of a record and what is said of it.
func (r *reader) record(t *native.Type, depth int) (*logical.Type, error) {
	out := described(&logical.Type{Kind: logical.Struct, Rules: property.ReadRules(propOf(t.Props, property.Rules)),
		Fields: make([]logical.Field, len(t.Fields))}, t)
	for i, f := range t.Fields {
		if err := r.field(f, &out.Fields[i], depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *reader) field(f *native.Field, out *logical.Field, depth int) error {
	if err := logical.CheckName(f.Name, "Field"); err != nil {
		return err
	}
	outer := r.hints
	r.hints = nil
	if hasProp(f.Props, property.Union) {
		v := propOf(f.Props, property.Union)
		r.hints = &v
	}
	r.path = append(r.path, f.Name)
	typ, err := r.read(f.Type, false, depth)
	r.path = r.path[:len(r.path)-1]
	r.hints = outer
	if err != nil {
		return err
	}
	*out = logical.Field{Name: f.Name, Type: typ, Tags: property.ReadTags(propOf(f.Props, property.Tags)),
		Params: paramsOf(f.Props, f.Aliases), Rules: property.ReadRules(propOf(f.Props, property.Rules))}
	if f.Doc != nil {
		out.Doc = *f.Doc
	}
	out.Default, err = defaultOf(f, typ)
	return err
}

// enum converts the symbols of an enum and what is said of it.
func enum(t *native.Type) (*logical.Type, error) {
	out := described(&logical.Type{Kind: logical.Enum, Values: make([]logical.EnumValue, len(t.Symbols))}, t)
	var hints property.Hints
	if hasProp(t.Props, property.Enum) {
		var err error
		if hints, err = property.ReadHints(property.Enum, propOf(t.Props, property.Enum), len(t.Symbols)); err != nil {
			return nil, err
		}
	}
	for i, symbol := range t.Symbols {
		if err := logical.CheckName(symbol, "Enum symbol"); err != nil {
			return nil, err
		}
		h := hints.At(i)
		out.Values[i] = logical.EnumValue{Symbol: symbol, Doc: h.Doc, Params: h.Params}
	}
	return out, nil
}

// described adds the doc, tags and properties of a named type.
func described(out *logical.Type, t *native.Type) *logical.Type {
	if t.Doc != nil {
		out.Doc = *t.Doc
	}
	out.Tags = property.ReadTags(propOf(t.Props, property.Tags))
	aliases := make([]string, len(t.Aliases))
	for i, a := range t.Aliases {
		if aliases[i] = a.Full(); a.Space == "" && t.Name.Space != "" {
			aliases[i] = "." + a.Short
		}
	}
	out.Params = paramsOf(t.Props, aliases)
	return out
}

// paramsOf returns the properties that a type or field lists, and its aliases.
func paramsOf(props []native.Prop, aliases []string) logical.Params {
	out := property.ReadParams(propOf(props, property.Params))
	if len(aliases) > 0 {
		out = append(out, logical.Param{Key: property.AvroAliases, Value: strings.Join(aliases, ",")})
	}
	return out
}
