package protobuf

// Meta is what Confluent's annotations say of a declaration: (confluent.message_meta), field_meta, enum_meta or enum_value_meta.
type Meta struct {
	Doc    string
	Params []Param // each key once, with the value it has last
	Tags   []string
	Rules  []Rule
}

// Param is a property that an annotation gives.
type Param struct{ Key, Value string }

// Rule is a constraint that an annotation gives.
type Rule struct{ Name, Doc, Expr, SQL string }

// Param returns the value of a property; "" and false when there is none. m may be nil.
func (m *Meta) Param(key string) (string, bool) {
	if m != nil {
		for _, p := range m.Params {
			if p.Key == key {
				return p.Value, true
			}
		}
	}
	return "", false
}

// metaOf returns what the options called name say together; nil when there is none.
func metaOf(list []option, name string) *Meta {
	var m *Meta
	index := map[string]int{}
	for _, o := range list {
		if !o.is(name) {
			continue
		}
		if m == nil {
			m = &Meta{}
		}
		for _, e := range spread(o.value).entries {
			switch e.key {
			case "doc":
				m.Doc = e.value.plain()
			case metaTags:
				m.Tags = append(m.Tags, e.value.strings()...)
			case "params":
				for _, v := range e.value.each() {
					m.param(index, v.member("key"), v.member("value"))
				}
			case "rules":
				for _, v := range e.value.each() {
					m.Rules = append(m.Rules, Rule{v.member("name"), v.member("doc"), v.member("expr"), v.member("sql")})
				}
			}
		}
	}
	return m
}

func (m *Meta) param(index map[string]int, key, value string) {
	if i, ok := index[key]; ok {
		m.Params[i].Value = value
		return
	}
	index[key] = len(m.Params)
	m.Params = append(m.Params, Param{key, value})
}

// each returns the elements of a list, or the value that stands for a list of one.
func (v value) each() []value {
	if v.kind == kindList {
		return v.list
	}
	return []value{v}
}

// member returns the text of an entry of a message; "" when there is none.
func (v value) member(key string) string {
	text := ""
	for _, e := range spread(v).entries {
		if e.key == key {
			text = e.value.plain()
		}
	}
	return text
}
