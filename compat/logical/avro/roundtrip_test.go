package avro

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// What Confluent's writer made is the same document when it is read and written again.
func TestDocumentsReadAndWrittenAgain(t *testing.T) {
	for _, text := range []string{
		`"int"`, `["null","string"]`, `{"type":"array","items":["null",{"type":"map","values":"bytes"}]}`,
		`{"type":"enum","name":"E","namespace":"n","doc":"d","symbols":["A","B"],"confluent:enum":[{"name":"A","params":{"k":"v"}},{"doc":"x","name":"B"}],"aliases":["F"]}`,
		`{"type":"record","name":"L","namespace":"n","fields":[{"name":"next","type":["null","L"],"default":null}]}`,
		`{"type":"record","name":"R","namespace":"n","doc":"d","fields":[` +
			`{"name":"a","type":"int","doc":"x","default":1,"aliases":["b","c"],"confluent:params":{"k":"v"},"confluent:rules":[{"expr":"this > 0","sql":"a > 0"}],"confluent:tags":["T"]},` +
			`{"name":"t","type":["null",{"type":"record","name":"T","fields":[{"name":"c","type":{"type":"string","flink.maxLength":3,"flink.minLength":3,"flink.version":"1"}}],"aliases":["m.S"]}],"default":null},` +
			`{"name":"u","type":["T","null"]},{"name":"v","type":["null","string","T"],"confluent:union":[{"doc":"d","name":"s"},{"name":"t"}]},` +
			`{"name":"m","type":{"type":"array","items":{"type":"record","name":"R_m_Entry","fields":[{"name":"key","type":"int"},{"name":"value","type":["null","T"],"default":null}],"connect.internal.type":"MapEntry"},"logicalType":"map"}},` +
			`{"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":4,"scale":2},"default":"\u0001"},{"name":"b","type":{"type":"fixed","name":"R_b","size":2},"default":"AB"},` +
			`{"name":"i","type":{"type":"record","name":"R_i","fields":[],"logical.anonymous":"true"}}],` +
			`"confluent:params":{"k":"v"},"confluent:rules":[{"doc":"m","expr":"e","name":"n","sql":"s"}],"confluent:tags":["T"],"aliases":["Q"]}`,
	} {
		want := text
		if text[0] == '{' && strings.Contains(text, `"u","type":["T","null"]`) {
			want = strings.Replace(text, `["T","null"]`, `["null","T"]`, 1) // without a default null comes first
		}
		d, err := To(mustRead(t, text, nil, nil), "Row")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		equal(t, "written", d.Text, want)
	}
}

// words are what a random tree may be refused with.
var words = []string{"Logical type schema cannot be represented as AVRO: Nested union: ", "Logical type schema cannot be represented as AVRO: Duplicate in union:"}

// Random trees come back as what Avro keeps of them, or are refused because a union in them is none of Avro's.
func TestTreesComeBack(t *testing.T) {
	exact := 0
	kinds := make(map[logical.Kind]bool)
	for seed := range uint64(3000) {
		s := logicaltest.Random(rand.New(rand.NewPCG(seed, 7)), int(seed%40))
		logicaltest.Resolve(s, schema.Avro)
		d, err := To(s, "Row")
		if err != nil {
			msg := refusal(t, err)
			if !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(msg, w) }) {
				t.Errorf("seed %d: refused: %s", seed, msg)
			}
			continue
		}
		back := mustRead(t, d.Text, d.Properties, s.Resolved)
		again, err := To(back, "Row")
		if err != nil {
			t.Errorf("seed %d: %v\n%s", seed, err, d.Text)
			continue
		}
		if s.Namespace == "" {
			continue // a type of no namespace inside one of another takes that, as Confluent's normalization has it
		}
		if unnamed := isLost(s); !unnamed {
			equal(t, "written again", again.Text, d.Text)
		}
		exact++
		logicaltest.Visit(back, func(t *logical.Type) { kinds[t.Kind] = true })
		if got, want := show(back), show(kept(s)); got != want {
			t.Fatalf("seed %d:\n got %s\nwant %s\n     %s", seed, got, want, d.Text)
		}
	}
	t.Logf("%d trees", exact)
	if exact < 300 {
		t.Errorf("%d trees only", exact)
	}
	for k := logical.Boolean; k <= logical.Named; k++ {
		if !kinds[k] {
			t.Errorf("no %s came back", k)
		}
	}
}

// isLost says whether writing what was read is another document: the branches of a union that is not a field's own take the names
// of the field's.
func isLost(s *logical.Schema) bool {
	lost := false
	var walk func(t *logical.Type, own bool)
	walk = func(t *logical.Type, own bool) {
		if t == nil {
			return
		}
		lost = lost || t.Kind == logical.Union && (!own || len(t.Branches) == 1)
		walk(t.Key, false)
		walk(t.Elem, false)
		for _, f := range t.Fields {
			walk(f.Type, true)
		}
		for _, b := range t.Branches {
			walk(b.Type, false)
		}
	}
	walk(s.Root, true)
	for _, d := range s.Named {
		walk(d.Type, false)
	}
	return lost
}

// keeper makes of a tree what Avro keeps of it.
type keeper struct {
	from, to *logical.Schema
	done     map[string]bool
}

func kept(s *logical.Schema) *logical.Schema {
	k := &keeper{from: s, to: &logical.Schema{Namespace: s.Namespace, Name: s.Name}, done: make(map[string]bool)}
	var hints []logical.Branch
	if s.Root.Kind == logical.Union {
		hints = s.Root.Branches
	}
	k.to.Root = k.keep(s.Root, s.Root.Nullable, hints)
	k.to.Unwrap() // what kept the root a reference may be gone
	return k.to
}

func (k *keeper) keep(t *logical.Type, nullable bool, hints []logical.Branch) *logical.Type {
	out := *t
	out.Nullable, out.Params = nullable, sorted(t.Params)
	switch t.Kind {
	case logical.Enum:
		out.Values = slices.Clone(t.Values)
		for i := range out.Values {
			out.Values[i].Params = sorted(out.Values[i].Params)
		}
	case logical.Decimal:
		out.Scale = max(t.Scale, 0)
	case logical.Array, logical.Multiset:
		out.Elem = k.keep(t.Elem, t.Elem.Nullable, hints)
		if t.Kind == logical.Multiset && (t.Elem.Kind == logical.Varchar || t.Elem.Kind == logical.Char) {
			out.Elem.Nullable = false
		}
	case logical.Map:
		out.Key = k.keep(t.Key, t.Key.Nullable && t.Key.Kind != logical.Varchar, hints)
		out.Elem = k.keep(t.Elem, t.Elem.Nullable, hints)
	case logical.Struct:
		out.Fields = slices.Clone(t.Fields)
		for i := range out.Fields {
			f := &out.Fields[i]
			f.Params = sorted(f.Params)
			var own []logical.Branch
			if f.Type.Kind == logical.Union {
				own = slices.Clone(f.Type.Branches)
				for i := range own {
					own[i].Params = sorted(own[i].Params)
				}
			}
			f.Default = keptDefault(f)
			f.Type = k.keep(f.Type, f.Type.Nullable, own)
		}
	case logical.Union:
		return k.union(t, nullable, hints)
	case logical.Named:
		k.named(t.Name)
	}
	return &out
}

// sorted returns properties as normalization sorts them. Those of a root's branches are in the metadata, which it leaves alone.
func sorted(p logical.Params) logical.Params {
	p = slices.Clone(p)
	slices.SortFunc(p, func(a, b logical.Param) int { return strings.Compare(a.Key, b.Key) })
	return p
}

// keptDefault cuts off what is finer than Avro's unit of a TIME.
func keptDefault(f *logical.Field) logical.Default {
	out := f.Default
	if text, ok := out.Value.(string); ok && f.Type.Kind == logical.Time && f.Type.Precision > 6 {
		if n, ok := clockNumber(logical.Time, text, 6); ok {
			out.Value, _ = clockText(logical.Time, n, 6)
		}
	}
	return out
}

func (k *keeper) union(t *logical.Type, nullable bool, hints []logical.Branch) *logical.Type {
	if len(t.Branches) == 1 {
		return k.keep(t.Branches[0].Type, nullable, hints)
	}
	out := &logical.Type{Kind: logical.Union, Nullable: nullable}
	short := make(map[string]int)
	for _, b := range t.Branches {
		name, _ := branchNames(b.Type, b.Name)
		short[name]++
	}
	for i, b := range t.Branches {
		name, full := branchNames(b.Type, b.Name)
		if short[name] > 1 {
			name = full
		}
		kept := logical.Branch{Name: name, Type: k.keep(b.Type, false, hints)}
		if i < len(hints) {
			kept.Name, kept.Doc, kept.Params = hints[i].Name, hints[i].Doc, hints[i].Params
		}
		out.Branches = append(out.Branches, kept)
	}
	return out
}

// branchNames returns what a branch is called by its Avro type.
func branchNames(t *logical.Type, own string) (short, full string) {
	switch t.Kind {
	case logical.Named:
		_, short = logical.Split(t.Name)
		return short, strings.ReplaceAll(t.Name, ".", "_")
	case logical.Variant:
		return "Variant", "confluent_type_Variant"
	case logical.Struct, logical.Binary:
		return own, own
	case logical.Map, logical.Multiset:
		short = "array"
		if k := cmpKey(t); k == logical.Varchar || k == logical.Char {
			short = "map"
		}
	case logical.Array:
		short = "array"
	default:
		text, _ := scalarText(t)
		for _, k := range []native.Kind{native.String, native.Bytes, native.Int, native.Long, native.Float, native.Double, native.Boolean} {
			if strings.HasPrefix(strings.TrimPrefix(text, `{"type":`), `"`+k.String()+`"`) {
				short = k.String()
			}
		}
	}
	return short, short
}

func cmpKey(t *logical.Type) logical.Kind {
	if t.Kind == logical.Multiset {
		return t.Elem.Kind
	}
	return t.Key.Kind
}

// named keeps a definition at its first use.
func (k *keeper) named(name string) {
	if k.done[name] {
		return
	}
	k.done[name] = true
	at := len(k.to.Named)
	k.to.Named = append(k.to.Named, logical.Definition{Name: name})
	body := k.from.Lookup(name)
	if body == nil {
		k.to.External = append(k.to.External, name)
		body = &logical.Type{Kind: logical.Struct, Fields: []logical.Field{{Name: "x", Type: &logical.Type{Kind: logical.Int}}}}
	}
	kept := k.keep(body, false, nil)
	k.to.Named[at].Type = kept
}
