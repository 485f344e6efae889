package jsonschema

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// What a schema says is the same after it was written and read, and so is its text.
func TestLogicalToJSONAndBack(t *testing.T) {
	for seed := range uint64(500) {
		s := (&maker{rand.New(rand.NewPCG(seed, 1)), nil}).schema()
		text := write(t, s)
		back := read(t, text, nil)
		slices.SortFunc(back.Named, func(a, b logical.Definition) int { return compareJava(a.Name, b.Name) })
		if got, want := showSchema(back), showSchema(s); got != want {
			t.Fatalf("seed %d\n got %s\nwant %s\ntext %s", seed, got, want, text)
		}
		if again := write(t, back); again != text {
			t.Fatalf("seed %d\n got %s\nwant %s", seed, again, text)
		}
	}
}

// maker makes trees that JSON Schema can say.
type maker struct {
	*rand.Rand
	names []string // of named types
}

func (m *maker) schema() *logical.Schema {
	for range m.IntN(4) {
		name := []string{"", "ns.", "Out."}[m.IntN(3)] + fmt.Sprintf("T%d", m.IntN(9))
		if !slices.Contains(m.names, name) {
			m.names = append(m.names, name)
		}
	}
	slices.SortFunc(m.names, compareJava) // as the text has them
	s := &logical.Schema{Root: m.typ(3), Namespace: []string{"", "a.b"}[m.IntN(2)]}
	for _, name := range m.names {
		s.Named = append(s.Named, logical.Definition{Name: name, Type: m.body(2)})
	}
	if s.Root.Kind == logical.Struct || s.Root.Kind == logical.Enum {
		s.Name = "Root"
	}
	m.defaults(s, s.Root)
	for _, d := range s.Named {
		m.defaults(s, d.Type)
	}
	return s
}

func (m *maker) typ(depth int) *logical.Type {
	t := m.body(depth)
	t.Nullable = m.IntN(2) == 0
	return t
}

func (m *maker) body(depth int) *logical.Type {
	kinds := []logical.Kind{logical.Array, logical.Multiset, logical.Map, logical.Struct, logical.Struct, logical.Union}
	if depth == 0 || m.IntN(3) == 0 {
		kinds = nil
		for k := logical.Boolean; k <= logical.Variant; k++ {
			kinds = append(kinds, k)
		}
		kinds = append(kinds, logical.Enum)
		if m.names != nil {
			kinds = append(kinds, logical.Named)
		}
	}
	t := of(kinds[m.IntN(len(kinds))])
	switch t.Kind {
	case logical.Char, logical.Binary:
		t.Length = 1 + m.IntN(9)
	case logical.Varchar, logical.Varbinary:
		t.Length = []int{logical.Unbounded, 1 + m.IntN(9)}[m.IntN(2)]
	case logical.Decimal:
		t.Precision, t.Scale = 1+m.IntN(38), m.IntN(9)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		t.Precision = m.IntN(10)
	case logical.Named:
		t.Name = m.names[m.IntN(len(m.names))]
	case logical.Array, logical.Multiset:
		t.Elem = m.typ(depth - 1)
		if t.Kind == logical.Multiset && (t.Elem.Kind == logical.Varchar || t.Elem.Kind == logical.Char) {
			t.Elem.Nullable = false // the name of a property
		}
	case logical.Map:
		t.Key, t.Elem = m.typ(depth-1), m.typ(depth-1)
		if t.Key.Kind == logical.Varchar || t.Key.Kind == logical.Char {
			t.Key.Nullable = false
		}
	case logical.Enum:
		for i := range 1 + m.IntN(3) {
			t.Values = append(t.Values, logical.EnumValue{Symbol: fmt.Sprintf("S%d", i), Doc: m.doc(), Params: m.params()})
		}
		t.Doc, t.Tags, t.Params = m.doc(), m.tags(), m.params()
	case logical.Union:
		for i := range 2 + m.IntN(2) {
			b := m.body(depth - 1)
			b.Nullable = true // a reader cannot tell
			t.Branches = append(t.Branches, logical.Branch{Name: fmt.Sprintf("b%d", i), Type: b, Doc: m.doc(), Params: m.params()})
		}
	case logical.Struct:
		m.fields(t, depth)
	}
	return t
}

func (m *maker) fields(t *logical.Type, depth int) {
	t.Doc, t.Tags, t.Params, t.Rules = m.doc(), m.tags(), m.params(), m.rules()
	for i := range m.IntN(4) {
		f := logical.Field{Name: fmt.Sprintf("%cf", 'z'-i), Type: m.typ(depth - 1), Doc: m.doc(), Tags: m.tags(), Params: m.params(), Rules: m.rules()}
		if inline := f.Type; !inline.Nullable && (inline.Kind == logical.Struct || inline.Kind == logical.Enum) {
			f.Doc, f.Tags, f.Params = inline.Doc, inline.Tags, inline.Params // they are one in JSON
			f.Rules = inline.Rules
		}
		t.Fields = append(t.Fields, f)
	}
}

func (m *maker) doc() string { return []string{"", "", "say \"it\"\n%d"}[m.IntN(3)] }

func (m *maker) tags() []string { return [][]string{nil, nil, {"PII", "x"}}[m.IntN(3)] }

func (m *maker) params() logical.Params {
	return []logical.Params{nil, nil, {{Key: "k", Value: "v"}}}[m.IntN(3)]
}

func (m *maker) rules() []logical.Rule {
	return [][]logical.Rule{nil, nil, {{Name: "n", Expr: "this.a > 1", SQL: "a > 1"}, {Doc: "d", Expr: "e", SQL: "s"}}}[m.IntN(3)]
}

// defaults gives some fields a default.
func (m *maker) defaults(s *logical.Schema, t *logical.Type) {
	if t == nil {
		return
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		m.defaults(s, f.Type)
		typ := valueType(s.Lookup, f.Type)
		if typ == nil || m.IntN(2) == 0 {
			continue
		}
		if v := map[logical.Kind]logical.Value{
			logical.Boolean: true, logical.TinyInt: logical.Number("-7"), logical.BigInt: logical.Number("123456789012"),
			logical.Float: logical.Number("1.5"), logical.Double: logical.Number("2.5E10"), logical.Decimal: logical.Number("1.50"),
			logical.Varchar: "x", logical.Binary: []byte{1, 2}, logical.Enum: "S0", logical.Date: "2026-04-17", logical.Time: "18:00",
			logical.Timestamp: "2026-04-17T18:00", logical.TimestampLTZ: "2026-04-17T18:00:00Z",
		}[typ.Kind]; v != nil {
			f.Default = logical.Default{Has: true, Value: v}
		}
	}
	for i := range t.Branches {
		m.defaults(s, t.Branches[i].Type)
	}
	m.defaults(s, t.Key)
	m.defaults(s, t.Elem)
}

// What was written once says the same thing when it is read and written again.
func TestJSONToLogicalAndBack(t *testing.T) {
	ext := map[string]string{"ext.Outer": `{"type":"object","properties":{"label":{"type":"string"},"in":{"$ref":"ext.In"}},"$defs":{"Inner":{"type":"object","properties":{"value":{"type":"integer"}}}}}`,
		"ext.In": `{"type":"object","properties":{"v":{"type":"string"}}}`}
	for _, text := range []string{
		`{"type":"object","title":"Order","properties":{"id":{"type":"integer","connect.type":"int32"},"at":{"type":"string","format":"date-time"}},"required":["id"]}`,
		`{"type":"object","properties":{"outer":{"$ref":"ext.Outer"},"inner":{"$ref":"ext.Outer#/$defs/Inner"}}}`,
		`{"properties":{"whole":{"$ref":"ext.Outer"},"sub":{"$ref":"ext.Outer#/properties/label"},"local":{"$ref":"#/$defs/Local"}},"$defs":{"Local":{"type":"object","properties":{"x":{"type":"integer"}}}}}`,
		`{"$ref":"#/$defs/Tree","$defs":{"Tree":{"type":"object","properties":{"left":{"oneOf":[{"type":"null"},{"$ref":"#/$defs/Tree"}]}}}}}`,
		`{"properties":{"self":{"$ref":"#"},"p":{"$ref":"#/properties/q"},"q":{"type":"string","default":"x"}}}`,
		`{"oneOf":[{"type":"object","properties":{"k":{"const":"a"}}},{"type":"object","properties":{"k":{"const":"b"}}}]}`,
		`{"enum":["a",null]}`,
	} {
		first := read(t, text, ext)
		written := write(t, first)
		second := read(t, written, ext)
		if got := write(t, second); got != written {
			t.Errorf("%s\nfirst  %s\nsecond %s", text, written, got)
		}
		if a, b := showSchema(&logical.Schema{Root: first.Root}), showSchema(&logical.Schema{Root: second.Root}); a != b {
			t.Errorf("%s\nfirst  %s\nsecond %s", text, a, b)
		}
	}
}

// References make a power of a document's length out of it.
func TestHostile(t *testing.T) {
	chain := &strings.Builder{}
	for i := range 5000 {
		fmt.Fprintf(chain, `"C%d":{"$ref":"#/definitions/C%d"},`, i, i+1)
	}
	var wide strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&wide, `"p%d":{"type":"string"},`, i)
	}
	base := `"B":{"properties":{` + strings.TrimSuffix(wide.String(), ",") + `}}`
	users := strings.TrimSuffix(strings.Repeat(`{"allOf":[{"$ref":"#/definitions/B"}]},`, 2000), ",")
	values := strings.TrimSuffix(strings.Repeat(`1,`, 20000), ",")
	for name, text := range map[string]string{
		"values":  `{"oneOf":[` + users + `],"definitions":{"B":{"properties":{"a":{"enum":[` + values + `]}}}}}`,
		"chain":   `{"$ref":"#/definitions/C0","definitions":{` + chain.String() + `"C5000":{}}}`,
		"product": `{"oneOf":[` + users + `],"definitions":{` + base + `}}`,
		"cycle":   `{"allOf":[{"$ref":"#/definitions/A"}],"definitions":{"A":{"allOf":[{"$ref":"#/definitions/B"}]},"B":{"allOf":[{"$ref":"#/definitions/A"}]}}}`,
	} {
		s, err := native.Parse(schema.Document{Text: text}, nil, schema.Options{})
		if err != nil {
			t.Fatalf("%s: %s", name, err)
		}
		if _, err := From(s, nil); err == nil {
			t.Errorf("%s: want an error", name)
		}
	}
}
