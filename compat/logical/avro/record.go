package avro

import (
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// record converts the fields of a record and what is said of it.
func (r *reader) record(t *native.Type, depth int) (*logical.Type, error) {
	out := described(&logical.Type{Kind: logical.Struct, Rules: rulesOf(t.Props), Fields: make([]logical.Field, len(t.Fields))}, t)
	for i, f := range t.Fields {
		if err := r.field(f, &out.Fields[i], depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *reader) field(f *native.Field, out *logical.Field, depth int) error {
	if err := checkName(f.Name, "Field"); err != nil {
		return err
	}
	outer := r.hints
	r.hints = nil
	if v, ok := propOf(f.Props, property.Union); ok {
		r.hints = &v
	}
	r.path = append(r.path, f.Name)
	typ, err := r.read(f.Type, false, depth)
	r.path = r.path[:len(r.path)-1]
	r.hints = outer
	if err != nil {
		return err
	}
	*out = logical.Field{Name: f.Name, Type: typ, Tags: tagsOf(f.Props), Params: paramsOf(f.Props, f.Aliases),
		Rules: rulesOf(f.Props)}
	if f.Doc != nil {
		out.Doc = *f.Doc
	}
	out.Default, err = defaultOf(f, typ)
	return err
}

// enum converts the symbols of an enum and what is said of it.
func enum(t *native.Type) (*logical.Type, error) {
	out := described(&logical.Type{Kind: logical.Enum, Values: make([]logical.EnumValue, len(t.Symbols))}, t)
	var hints []hint
	if v, ok := propOf(t.Props, property.Enum); ok {
		var err error
		if hints, err = hintList(v, property.Enum, len(t.Symbols)); err != nil {
			return nil, err
		}
	}
	for i, symbol := range t.Symbols {
		if err := checkName(symbol, "Enum symbol"); err != nil {
			return nil, err
		}
		out.Values[i].Symbol = symbol
		if i < len(hints) {
			out.Values[i].Doc, out.Values[i].Params = hints[i].doc, hints[i].params
		}
	}
	return out, nil
}

// described adds the doc, tags and properties of a named type.
func described(out *logical.Type, t *native.Type) *logical.Type {
	if t.Doc != nil {
		out.Doc = *t.Doc
	}
	out.Tags = tagsOf(t.Props)
	aliases := make([]string, len(t.Aliases))
	for i, a := range t.Aliases {
		if aliases[i] = a.Full(); a.Space == "" && t.Name.Space != "" {
			aliases[i] = "." + a.Short
		}
	}
	out.Params = paramsOf(t.Props, aliases)
	return out
}

func tagsOf(props []native.Prop) []string {
	v, _ := propOf(props, property.Tags)
	list, _ := v.([]logical.Value)
	var out []string
	for _, e := range list {
		out = append(out, textOf(e))
	}
	return out
}

// paramsOf returns the properties that a type or field lists, and its aliases.
func paramsOf(props []native.Prop, aliases []string) logical.Params {
	v, _ := propOf(props, property.Params)
	object, _ := v.(logical.Object)
	out := ownParams(object)
	if len(aliases) > 0 {
		out = append(out, logical.Param{Key: property.AvroAliases, Value: strings.Join(aliases, ",")})
	}
	return out
}

// ownParams returns the members of an object that are no property of one schema language.
func ownParams(object logical.Object) logical.Params {
	var out logical.Params
	for _, m := range object {
		if !property.OfOneLanguage(m.Name) {
			out = append(out, logical.Param{Key: m.Name, Value: m.Value})
		}
	}
	return out
}

// rulesOf returns the CHECK constraints of a type or field. What is none is passed over: a later edition may write others.
func rulesOf(props []native.Prop) []logical.Rule {
	v, _ := propOf(props, property.Rules)
	list, _ := v.([]logical.Value)
	var out []logical.Rule
	for _, e := range list {
		object, _ := e.(logical.Object)
		expr, sql := ruleText(object, "expr"), ruleText(object, "sql")
		if expr == "" || sql == "" {
			continue
		}
		name, _ := member(object, "name")
		doc, _ := member(object, "doc")
		rule := logical.Rule{Expr: expr, SQL: sql}
		rule.Name, _ = name.(string)
		rule.Doc, _ = doc.(string)
		out = append(out, rule)
	}
	return out
}

func ruleText(o logical.Object, name string) string {
	v, ok := member(o, name)
	if !ok || v == nil {
		return ""
	}
	return textOf(v)
}

// hint is what confluent:union says of a branch, or confluent:enum of a symbol.
type hint struct {
	name   string
	named  bool
	doc    string
	params logical.Params
}

// hintsOf returns the first n hints of a union.
func hintsOf(v *logical.Value, n int) ([]hint, error) {
	if v == nil {
		return nil, nil
	}
	return hintList(*v, property.Union, n)
}

// hintList returns the first n hints of a property, by their position.
func hintList(v logical.Value, prop string, n int) ([]hint, error) {
	list, ok := v.([]logical.Value)
	if !ok {
		return nil, logical.Errorf("%s property must be an array of objects", prop)
	}
	out := make([]hint, min(n, len(list)))
	for i := range out {
		object, ok := list[i].(logical.Object)
		if !ok {
			return nil, logical.Errorf("%s property must be an array of objects", prop)
		}
		h := &out[i]
		for _, m := range object {
			if m.Value == nil {
				continue
			}
			is := true
			switch m.Name {
			case "name":
				h.name, is = m.Value.(string)
				h.named = true
			case "doc":
				h.doc, is = m.Value.(string)
			case "params":
				var params logical.Object
				params, is = m.Value.(logical.Object)
				h.params = ownParams(params)
			}
			if !is {
				return nil, logical.Errorf("%s property has a malformed %s: %s", prop, m.Name, textOf(m.Value))
			}
		}
	}
	return out, nil
}
