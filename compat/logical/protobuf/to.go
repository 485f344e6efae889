package protobuf

import (
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// To writes a tree as a proto3 file, in the second edition of Confluent's converter: the normalised text that its registry
// stores. rowName is the name of a root that is a STRUCT itself and has none.
//
// The root is the first message. A UNION of local named types, as a script of several declarations has it, is a file with those
// messages. A root that is the type of a reference of the same name is a file that imports it publicly. A root that is a leaf is
// the well-known message that wraps it, where there is one. What Protobuf cannot say is a *logical.Error with Confluent's words,
// and so is what From could not read.
//
// What is lost is listed in docs/logical-types.md.
func To(s *logical.Schema, rowName string) (logical.Document, error) {
	if len(s.Imports) > 0 {
		var names []string
		for _, i := range s.Imports {
			names = append(names, i.Name)
		}
		return logical.Document{}, logical.Errorf("Cannot emit to Proto: LogicalType carries JSON-specific synthetic external imports "+
			"[%s]. Re-construct the LT against Proto-compatible externals.", strings.Join(names, ", "))
	}
	if s.Name != "" {
		rowName = s.Name
	}
	w := newWriter(s)
	root := s.Root
	if w.severalRoots() {
		root = root.Branches[0].Type
	}
	rootName := ""
	if root.Kind == logical.Named {
		body, known := w.bodies[root.Name]
		if _, referenced := s.Resolved[root.Name]; !known && referenced {
			return w.publicImport(root.Name)
		}
		if known && body.Kind == logical.Struct {
			rootName, root = root.Name, body
			_, rowName = logical.Split(rootName)
		}
	}
	if text, ok, err := w.leafRoot(root); ok || err != nil {
		return w.document(text, false, err)
	}
	text, err := w.file(root, rootName, rowName)
	return w.document(text, true, err)
}

// writer makes a Protobuf file of a tree.
type writer struct {
	schema    *logical.Schema
	bodies    map[string]*logical.Type // of the named types
	local     []string                 // those that the file declares, in order
	isLocal   map[string]bool
	nested    map[string][]string // of a local type, those that are nested in it
	cyclic    map[string]bool
	externals map[string]string // of a type that a reference declares, the reference
	imports   map[string]bool
	depth     int
	count     int
}

func newWriter(s *logical.Schema) *writer {
	w := &writer{
		schema: s, bodies: make(map[string]*logical.Type, len(s.Named)), isLocal: map[string]bool{}, nested: map[string][]string{},
		externals: map[string]string{}, imports: map[string]bool{},
	}
	outside := make(map[string]bool, len(s.External))
	for _, name := range s.External {
		outside[name] = true
	}
	for _, d := range s.Named {
		w.bodies[d.Name] = d.Type
		if !outside[d.Name] {
			w.local = append(w.local, d.Name)
			w.isLocal[d.Name] = true
		}
	}
	for _, name := range w.local {
		if in := w.parent(name); in != "" {
			w.nested[in] = append(w.nested[in], name)
		}
	}
	w.cyclic = logical.Cycles(w.local, func(name string) []string {
		var out []string
		w.bodies[name].References(func(to string) {
			if w.bodies[to] != nil {
				out = append(out, to)
			}
		})
		return out
	})
	return w
}

// parent returns the local type that one is nested in; "": none.
func (w *writer) parent(name string) string {
	return logical.Parent(name, func(n string) bool { return w.isLocal[n] })
}

// severalRoots reports whether the root is what a script of several declarations has: a UNION of named types.
func (w *writer) severalRoots() bool {
	root := w.schema.Root
	if root.Kind != logical.Union || root.Nullable || len(root.Branches) == 0 {
		return false
	}
	return !slices.ContainsFunc(root.Branches, func(b logical.Branch) bool {
		return b.Type.Kind != logical.Named || w.bodies[b.Type.Name] == nil
	})
}

// document reads a text back as the registry does, and returns what that stores.
func (w *writer) document(text string, normalize bool, err error) (logical.Document, error) {
	if err != nil {
		return logical.Document{}, err
	}
	refs := slices.DeleteFunc(slices.Clone(w.schema.References), func(r schema.Reference) bool {
		_, known := w.schema.Resolved[r.Name]
		return !known
	})
	s, err := native.Parse(schema.Document{Text: text, References: refs}, &resolver{texts: w.schema.Resolved}, schema.Options{})
	if err != nil {
		return logical.Document{}, untranslated("%v", err)
	}
	out := logical.Document{
		Type: schema.Protobuf, Text: s.Canonical(), References: slices.Clone(w.schema.References),
		Properties: map[string]string{property.Edition: property.SecondEdition},
	}
	if normalize {
		out.Text = s.Normalized()
	}
	_, err = From(s, w.schema.Resolved)
	return out, err
}

// untranslated is the fault of a tree that makes no Protobuf file, with the reason behind Confluent's words.
func untranslated(format string, args ...any) error {
	return logical.Errorf("Failed to translate the provided schema to a Protobuf descriptor: "+format, args...)
}

// resolver finds references by the texts of all that are reached.
type resolver struct {
	texts map[string]string
	told  bool
}

// Resolve returns the text of a reference. The first one refers to all others: which it uses is for its imports to say.
func (r *resolver) Resolve(ref schema.Reference) (schema.Document, error) {
	text, ok := r.texts[ref.Name]
	if !ok {
		return schema.Document{}, logical.Errorf("reference %s is not resolved", ref.Name)
	}
	d := schema.Document{Text: text}
	if !r.told {
		for _, name := range sortedKeys(r.texts) {
			d.References = append(d.References, schema.Reference{Name: name})
		}
		r.told = true
	}
	return d, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// publicImport returns the file that stands for a type of a reference.
func (w *writer) publicImport(name string) (logical.Document, error) {
	text := "syntax = \"proto3\";\n"
	if w.schema.Namespace != "" {
		text += "package " + w.schema.Namespace + ";\n"
	}
	return w.document(text+"import public "+quote(name)+";\n", false, w.checkPackage())
}

// wrappers are the well-known messages that a root which is a leaf becomes.
var wrappers = map[logical.Kind]string{
	logical.Boolean: "BoolValue", logical.TinyInt: "Int32Value", logical.SmallInt: "Int32Value", logical.Int: "Int32Value",
	logical.BigInt: "Int64Value", logical.Float: "FloatValue", logical.Double: "DoubleValue", logical.Varchar: "StringValue",
	logical.Varbinary: "BytesValue", logical.Variant: "Variant",
}

// leafRoot returns the file of the message that wraps a root, as Confluent stores it: the whole file that declares the message.
// The message comes first in it, where a reader looks for the root.
func (w *writer) leafRoot(t *logical.Type) (string, bool, error) {
	name, ok := wrappers[t.Kind]
	if !ok {
		return "", false, nil
	}
	refuse := func(what string) error {
		return logical.Errorf("%s not supported on a wrapped root (type %s). Wrap the value in a STRUCT instead.", what, t.Kind)
	}
	switch {
	case t.Doc != "" || len(t.Tags)+len(t.Params) > 0:
		return "", false, refuse("Schema-level doc/tags/params are")
	case len(w.schema.Named) > 0:
		return "", false, refuse("Local namedTypes are")
	case len(w.schema.Resolved) > 0:
		return "", false, refuse("External references are")
	}
	path := wrappersFile
	if t.Kind == logical.Variant {
		path = variantFile
	}
	text, _ := native.Builtin(path)
	s, err := native.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		return "", false, untranslated("%v", err)
	}
	text = s.Canonical()
	first := strings.Index(text, "\nmessage ") + 1
	begin := strings.Index(text, "message "+name+" {")
	end := begin + strings.Index(text[begin:], "\n}\n") + len("\n}\n")
	return text[:first] + text[begin:end] + text[first:begin] + text[end:], true, nil
}
