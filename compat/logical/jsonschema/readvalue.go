package jsonschema

import (
	"encoding/json"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// value returns a JSON value as one of the tree.
func value(v any) logical.Value {
	switch v := v.(type) {
	case json.Number:
		return logical.Number(v)
	case []any:
		list := make([]logical.Value, len(v))
		for i, e := range v {
			list[i] = value(e)
		}
		return list
	case native.Members:
		o := make(logical.Object, len(v))
		for i, m := range v {
			o[i] = logical.Member{Name: m.Name, Value: value(m.Value)}
		}
		return o
	}
	return v
}

// keyword returns a keyword as a value of the tree; nil when it is not there.
func keyword(n native.Node, name string) logical.Value {
	v, _ := n.Keyword(name)
	return value(v)
}

// javaText returns a JSON value as Java's toString has it: a string as it is, anything else as JSON.
func javaText(v any) string { return logical.Text(value(v)) }

func tagsOf(n native.Node) []string         { return property.ReadTags(keyword(n, property.Tags)) }
func paramsOf(n native.Node) logical.Params { return property.ReadParams(keyword(n, property.Params)) }
func rulesOf(n native.Node) []logical.Rule  { return property.ReadRules(keyword(n, property.Rules)) }

// hintsOf reads what is said about the first members of a UNION or ENUM; nil when it is not there.
func hintsOf(n native.Node, name string, members int) (property.Hints, error) {
	v, ok := n.Keyword(name)
	if !ok {
		return nil, nil
	}
	return property.ReadHints(name, value(v), members)
}
