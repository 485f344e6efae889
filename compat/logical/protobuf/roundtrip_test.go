package protobuf

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// refused are the reasons for which a random tree may have no Protobuf form: it is in several packages, its enums share a symbol, a
// type is nested in an enum, or its root is none.
var refused = regexp.MustCompile(`^(Proto requires all named types to share|` +
	`Failed to translate .* is already defined|Failed to translate .*: Could not resolve type: |` +
	`Top-level schema must be STRUCT, got |.* not supported on a wrapped root )`)

// TestRandomTreesComeBack holds that writing a tree loses what docs/logical-types.md says, and no more.
func TestRandomTreesComeBack(t *testing.T) {
	written := 0
	for seed := range uint64(3000) {
		s := logicaltest.Random(rand.New(rand.NewPCG(seed, 1)), 30)
		logicaltest.Resolve(s, schema.Protobuf)
		before := described(s)
		d, err := To(s, "Fallback")
		if described(s) != before {
			t.Fatalf("seed %d: the tree has changed\n%s\n%s", seed, before, described(s))
		}
		if err != nil {
			var fault *logical.Error
			if !errors.As(err, &fault) || !refused.MatchString(fault.Msg) {
				t.Fatalf("seed %d: %v\n%s", seed, err, before)
			}
			continue
		}
		want := (&loss{s}).schema()
		got, err := From(mustParse(t, d.Text, s.Resolved), s.Resolved)
		if err != nil {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, before, d.Text)
		}
		if promoted(s, got) {
			continue
		}
		if described(got) != want {
			t.Fatalf("seed %d\n%s\n%s\ngot\n%s\nwant\n%s", seed, before, d.Text, described(got), want)
		}
		// What came back once loses nothing more.
		again := mustWrite(t, got, "Fallback")
		if back := mustRead(t, again, s.Resolved); described(back) != described(got) {
			t.Fatalf("seed %d\n%s\n%s", seed, before, gocmp.Diff(described(got), described(back)))
		}
		written++
	}
	if written < 500 {
		t.Errorf("only %d trees were written", written)
	}
}

// promoted reports whether a reader has found a message that was made for a field to contain itself, in which case it is a named
// type from then on.
func promoted(s, back *logical.Schema) bool {
	return slices.ContainsFunc(back.Named, func(d logical.Definition) bool {
		if s.Lookup(d.Name) != nil || s.IsExternal(d.Name) || d.Name == back.Root.Name {
			return false
		}
		return strings.HasSuffix(d.Name, rowSuffix)
	})
}

// loss makes of a tree what is left of it in Protobuf.
type loss struct{ from *logical.Schema }

func (l *loss) schema() string {
	s := l.from
	out := &logical.Schema{Namespace: s.Namespace}
	root := s.Root
	if _, leaf := wrappers[root.Kind]; leaf {
		out.Root = &logical.Type{Kind: root.Kind, Nullable: true}
		switch root.Kind {
		case logical.TinyInt, logical.SmallInt:
			out.Root.Kind = logical.Int
		case logical.Varchar, logical.Varbinary:
			out.Root.Length = logical.Unbounded
		}
		return described(out)
	}
	if root.Kind == logical.Union { // only one whose branches are named can be written
		root = root.Branches[0].Type
	}
	switch body := s.Lookup(root.Name); {
	case root.Kind == logical.Named && body == nil:
		out.Root = &logical.Type{Kind: logical.Named, Name: root.Name}
		return described(out)
	case root.Kind == logical.Named:
		out.Root = &logical.Type{Kind: logical.Named, Name: root.Name}
	default:
		name := cmp.Or(s.Name, "Fallback")
		if s.Namespace != "" {
			name = s.Namespace + "." + name
		}
		out.Named = []logical.Definition{{Name: name, Type: l.body(s.Root)}}
		out.Root = &logical.Type{Kind: logical.Named, Name: name}
	}
	// The messages of the top level come first, the root before them, then the enums, then what is nested.
	for _, d := range l.order(root) {
		out.Named = append(out.Named, logical.Definition{Name: d.Name, Type: l.body(d.Type)})
	}
	for _, name := range s.External {
		out.Named = append(out.Named, logical.Definition{Name: name, Type: &logical.Type{
			Kind: logical.Struct, Fields: []logical.Field{{Name: "x", Type: &logical.Type{Kind: logical.Int}}},
		}})
		out.External = append(out.External, name)
	}
	out.External = l.used(out)
	slices.SortStableFunc(out.Named, func(a, b logical.Definition) int {
		return slices.Index(out.External, a.Name) - slices.Index(out.External, b.Name)
	})
	out.Named = slices.DeleteFunc(out.Named, func(d logical.Definition) bool {
		return s.IsExternal(d.Name) && !slices.Contains(out.External, d.Name)
	})
	out.Unwrap()
	return described(out)
}

// used returns the external types in the order in which a reader meets them.
func (l *loss) used(s *logical.Schema) []string {
	var out []string
	for _, d := range s.Named {
		d.Type.References(func(name string) {
			if l.from.IsExternal(name) && !slices.Contains(out, name) {
				out = append(out, name)
			}
		})
	}
	return out
}

func (l *loss) order(root *logical.Type) []logical.Definition {
	var messages, enums, nested []logical.Definition
	for _, d := range l.from.Named {
		switch {
		case l.from.Parent(d.Name) != "":
		case d.Type.Kind == logical.Enum:
			enums = append(enums, d)
		case root.Kind == logical.Named && root.Name == d.Name:
			messages = append([]logical.Definition{d}, messages...)
		default:
			messages = append(messages, d)
		}
	}
	var inside func(name string)
	inside = func(name string) {
		for _, kind := range []logical.Kind{logical.Struct, logical.Enum} {
			for _, d := range l.from.Named {
				if l.from.Parent(d.Name) == name && d.Type.Kind == kind {
					nested = append(nested, d)
					if kind == logical.Struct {
						inside(d.Name)
					}
				}
			}
		}
	}
	for _, d := range messages {
		inside(d.Name)
	}
	return slices.Concat(messages, enums, nested)
}

// body is a STRUCT or an ENUM as it comes back.
func (l *loss) body(t *logical.Type) *logical.Type {
	out := *t
	out.Nullable = false
	if t.Kind != logical.Struct {
		return &out
	}
	out.Fields = nil
	number, plain := 1, true
	var unions []logical.Field
	for _, f := range t.Fields {
		if f.Type.Kind == logical.Union {
			u := l.typ(f.Type, 0)
			unions = append(unions, logical.Field{Name: f.Name, Type: u})
			for i := range u.Branches {
				u.Branches[i].Params = u.Branches[i].Params.With("protobuf.field.number", strconv.Itoa(number))
				number++
			}
			continue
		}
		f.Params = f.Params.With("protobuf.field.number", strconv.Itoa(number))
		number++
		plain = plain && len(unions) == 0
		f.Type = l.field(f.Type)
		if f.Default.Value == nil {
			f.Default = logical.Default{}
		}
		if !f.Default.Has && !f.Type.Nullable {
			switch f.Type.Kind {
			case logical.Array:
				f.Default = logical.Default{Has: true, Value: []logical.Value{}, Derived: true}
			case logical.Map, logical.Multiset:
				f.Default = logical.Default{Has: true, Value: logical.Object{}, Derived: true}
			}
		}
		out.Fields = append(out.Fields, f)
	}
	// Normalising puts the oneofs in the order of their names.
	if byName := func(a, b logical.Field) int { return cmp.Compare(a.Name, b.Name) }; !slices.IsSortedFunc(unions, byName) {
		slices.SortFunc(unions, byName)
		plain = false
	}
	out.Fields = append(out.Fields, unions...)
	if plain { // the numbers say nothing
		for i := range out.Fields {
			out.Fields[i].Params = without(out.Fields[i].Params)
			if u := out.Fields[i].Type; u.Kind == logical.Union {
				for j := range u.Branches {
					u.Branches[j].Params = without(u.Branches[j].Params)
				}
			}
		}
	}
	return &out
}

func without(p logical.Params) logical.Params {
	return slices.DeleteFunc(slices.Clone(p), func(e logical.Param) bool { return e.Key == "protobuf.field.number" })
}

// field is the type of a field as it comes back: a message may always be absent.
func (l *loss) field(t *logical.Type) *logical.Type {
	out := l.typ(t, 1)
	if t.Kind == logical.Named && !l.isEnum(t.Name) {
		out.Nullable = true
	}
	return out
}

func (l *loss) isEnum(name string) bool {
	body := l.from.Lookup(name)
	return body != nil && body.Kind == logical.Enum
}

// typ is a type as it comes back. A UNION's branches have numbers from first on; 0: none.
func (l *loss) typ(t *logical.Type, first int) *logical.Type {
	out := *t
	switch t.Kind {
	case logical.Struct:
		out = *l.body(t)
		out.Nullable = t.Nullable
	case logical.Array:
		if out.Elem = l.typ(t.Elem, 1); t.Elem.Nullable || t.Elem.Kind == logical.Array || t.Elem.Kind == logical.Map || t.Elem.Kind == logical.Multiset {
			out.Elem = l.field(t.Elem)
		}
	case logical.Multiset:
		out.Elem = l.key(t.Elem)
	case logical.Map:
		out.Key, out.Elem = l.key(t.Key), l.field(t.Elem)
		if t.Elem.Kind == logical.Union { // a map's value cannot be one
			out = logical.Type{Kind: logical.Array, Nullable: t.Nullable, Elem: l.body(&logical.Type{
				Kind: logical.Struct, Fields: []logical.Field{{Name: "key", Type: t.Key}, {Name: "value", Type: t.Elem}},
			})}
		}
	case logical.Union:
		out.Nullable, out.Branches = true, nil
		for i, b := range t.Branches {
			b.Type = l.field(b.Type)
			b.Type.Nullable = true
			if first > 0 {
				b.Params = b.Params.With("protobuf.field.number", strconv.Itoa(first+i))
			}
			out.Branches = append(out.Branches, b)
		}
	}
	return &out
}

// key is the key of a map as it comes back.
func (l *loss) key(t *logical.Type) *logical.Type { return l.field(t) }
