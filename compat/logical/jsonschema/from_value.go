package jsonschema

import (
	"encoding/json"
	"strings"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	"github.com/millrace/millrace/compat/schema"
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

// javaText returns a JSON value as Java's toString has it: a string as it is, anything else as JSON.
func javaText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(appendJSON(nil, value(v)))
}

// shorten bounds what an error repeats.
func shorten(text string) string {
	const most = 1000
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// appendJSON writes a value as JSON.
func appendJSON(dst []byte, v logical.Value) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case logical.Number:
		return append(dst, v...)
	case string:
		return schema.AppendString(dst, strings.ToValidUTF8(v, "\uFFFD"))
	case []logical.Value:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e)
		}
		return append(dst, ']')
	case logical.Object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(schema.AppendString(dst, strings.ToValidUTF8(m.Name, "\uFFFD")), ':')
			dst = appendJSON(dst, m.Value)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// params returns a value as properties, without those that belong to a language of its own.
func params(v any) logical.Params {
	members, _ := v.(native.Members)
	var out logical.Params
	for _, m := range members {
		if !property.OfOneLanguage(m.Name) {
			out = append(out, logical.Param{Key: m.Name, Value: value(m.Value)})
		}
	}
	return out
}

func tagsOf(n native.Node) []string {
	v, _ := n.Keyword(property.Tags)
	list, _ := v.([]any)
	var out []string
	for _, e := range list {
		out = append(out, javaText(e))
	}
	return out
}

func paramsOf(n native.Node) logical.Params {
	v, _ := n.Keyword(property.Params)
	return params(v)
}

// rulesOf returns the CHECKs of a schema; one without an expression in both forms does not count.
func rulesOf(n native.Node) []logical.Rule {
	v, _ := n.Keyword(property.Rules)
	list, _ := v.([]any)
	var out []logical.Rule
	for _, e := range list {
		m, _ := e.(native.Members)
		get := func(name string) string {
			v, _ := m.Get(name)
			if v == nil {
				return ""
			}
			return javaText(v)
		}
		only := func(name string) string {
			v, _ := m.Get(name)
			s, _ := v.(string)
			return s
		}
		rule := logical.Rule{Name: only("name"), Doc: only("doc"), Expr: get("expr"), SQL: get("sql")}
		if rule.Expr != "" && rule.SQL != "" {
			out = append(out, rule)
		}
	}
	return out
}

// hint is what confluent:union or confluent:enum says about one member.
type hint struct {
	name, doc string
	params    logical.Params
}

// hintsOf reads a list of hints, by position; nil when there is none.
func hintsOf(n native.Node, name string) ([]hint, error) {
	v, ok := n.Keyword(name)
	if !ok {
		return nil, nil
	}
	list, ok := v.([]any)
	out := make([]hint, 0, len(list))
	for _, e := range list {
		m, isObject := e.(native.Members)
		ok = ok && isObject
		var h hint
		for _, f := range m {
			s, isText := f.Value.(string)
			_, isParams := f.Value.(native.Members)
			switch f.Name {
			case "name":
				h.name = s
				ok = ok && isText
			case "doc":
				h.doc = s
				ok = ok && isText
			case "params":
				h.params = params(f.Value)
				ok = ok && isParams
			}
		}
		out = append(out, h)
	}
	if !ok {
		return nil, logical.Errorf("%s must be a list of member objects: %s", name, shorten(javaText(v)))
	}
	return out, nil
}

func hintAt(hints []hint, i int) hint {
	if i < len(hints) {
		return hints[i]
	}
	return hint{}
}

// checkName refuses the name of a field, branch or symbol that no language could hold.
func checkName(name, role string) error {
	if name == "" {
		return logical.Errorf("%s name must not be empty", role)
	}
	if strings.ContainsFunc(name, javaSpace) {
		return logical.Errorf("%s name must not contain whitespace or control characters; got: '%s'", role, shorten(name))
	}
	return nil
}

// javaSpace is Character.isWhitespace or Character.isISOControl.
func javaSpace(r rune) bool {
	switch {
	case r <= ' ', r >= 0x7f && r <= 0x9f:
		return true
	case r == 0x1680, r >= 0x2000 && r <= 0x200a && r != 0x2007, r == 0x2028, r == 0x2029, r == 0x205f, r == 0x3000:
		return true
	}
	return false
}
