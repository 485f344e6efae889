package property

import "github.com/millrace/millrace/compat/logical"

// TagList returns the value of Tags; nil when there are none.
func TagList(tags []string) logical.Value {
	if len(tags) == 0 {
		return nil
	}
	list := make([]logical.Value, len(tags))
	for i, t := range tags {
		list[i] = t
	}
	return list
}

// ReadTags returns the tags that a value of Tags lists, of what is no text its JSON.
func ReadTags(v logical.Value) []string {
	list, _ := v.([]logical.Value)
	var out []string
	for _, e := range list {
		out = append(out, logical.Text(e))
	}
	return out
}

// ParamObject returns the value of Params, without the properties of one language; nil when there are none.
func ParamObject(params logical.Params) logical.Value {
	var out logical.Object
	for _, p := range params {
		if !OfOneLanguage(p.Key) {
			out = append(out, logical.Member{Name: p.Key, Value: p.Value})
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// ReadParams returns the properties that a value of Params has, without those of one language.
func ReadParams(v logical.Value) logical.Params {
	object, _ := v.(logical.Object)
	var out logical.Params
	for _, m := range object {
		if !OfOneLanguage(m.Name) {
			out = append(out, logical.Param{Key: m.Name, Value: m.Value})
		}
	}
	return out
}

// RuleList returns the value of Rules; nil when there are none.
func RuleList(rules []logical.Rule) logical.Value {
	if len(rules) == 0 {
		return nil
	}
	list := make([]logical.Value, len(rules))
	for i, r := range rules {
		var o logical.Object
		if r.Name != "" {
			o = append(o, logical.Member{Name: "name", Value: r.Name})
		}
		if r.Doc != "" {
			o = append(o, logical.Member{Name: "doc", Value: r.Doc})
		}
		list[i] = append(o, logical.Member{Name: "expr", Value: r.Expr}, logical.Member{Name: "sql", Value: r.SQL})
	}
	return list
}

// ReadRules returns the CHECK constraints that a value of Rules lists. One without an expression in both forms is passed over: a
// later edition may write others.
func ReadRules(v logical.Value) []logical.Rule {
	list, _ := v.([]logical.Value)
	var out []logical.Rule
	for _, e := range list {
		object, _ := e.(logical.Object)
		text := func(name string) string {
			v, _ := object.Get(name)
			if v == nil {
				return ""
			}
			return logical.Text(v)
		}
		only := func(name string) string {
			v, _ := object.Get(name)
			s, _ := v.(string)
			return s
		}
		rule := logical.Rule{Name: only("name"), Doc: only("doc"), Expr: text("expr"), SQL: text("sql")}
		if rule.Expr != "" && rule.SQL != "" {
			out = append(out, rule)
		}
	}
	return out
}

// BranchHints returns the value of Union for a UNION.
func BranchHints(t *logical.Type) logical.Value {
	list := make([]logical.Value, len(t.Branches))
	for i, b := range t.Branches {
		list[i] = hintOf(b.Name, b.Doc, b.Params)
	}
	return list
}

// SymbolHints returns the value of Enum for an ENUM; nil when there is nothing to say of a symbol but its name.
func SymbolHints(t *logical.Type) logical.Value {
	list := make([]logical.Value, len(t.Values))
	said := false
	for i, v := range t.Values {
		hint := hintOf(v.Symbol, v.Doc, v.Params)
		said = said || len(hint) > 1
		list[i] = hint
	}
	if !said {
		return nil
	}
	return list
}

func hintOf(name, doc string, params logical.Params) logical.Object {
	out := logical.Object{{Name: "name", Value: name}}
	if doc != "" {
		out = append(out, logical.Member{Name: "doc", Value: doc})
	}
	if own := ParamObject(params); own != nil {
		out = append(out, logical.Member{Name: "params", Value: own})
	}
	return out
}

// Hint is what a value of Union or Enum says of a branch or symbol.
type Hint struct {
	Name   string
	Named  bool // Name is said, which may be ""
	Doc    string
	Params logical.Params
}

// Hints are the first of a UNION or ENUM.
type Hints []Hint

// At returns the hint of a position; one that says nothing when there is none.
func (h Hints) At(i int) Hint {
	if i < len(h) {
		return h[i]
	}
	return Hint{}
}

// ReadHints returns the first n hints of a value of Union or Enum, whose name is prop. A member that is null counts as absent.
func ReadHints(prop string, v logical.Value, n int) (Hints, error) {
	list, ok := v.([]logical.Value)
	if !ok {
		return nil, logical.Errorf("%s property must be an array of objects", prop)
	}
	out := make(Hints, min(n, len(list)))
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
				h.Name, is = m.Value.(string)
				h.Named = true
			case "doc":
				h.Doc, is = m.Value.(string)
			case "params":
				_, is = m.Value.(logical.Object)
				h.Params = ReadParams(m.Value)
			}
			if !is {
				return nil, logical.Errorf("%s property has a malformed %s: %s", prop, m.Name, logical.Text(m.Value))
			}
		}
	}
	return out, nil
}
