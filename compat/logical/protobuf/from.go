package protobuf

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
)

// From reads a schema. resolved are the texts of its references and of theirs by name, the path that is imported; they become the
// tree's. A schema that has no logical form is a *logical.Error: one that no message begins, whose types are nowhere, or one that
// holds a type which contains itself and is neither its own nor a reference's (google.protobuf.Struct).
//
// The root is the first message. A file that declares nothing and imports others publicly stands for the first type that those
// export. Where the first message has one of the names that stand for a logical type (google.protobuf.Int32Value), the root is
// that.
func From(s *native.Schema, resolved map[string]string) (*logical.Schema, error) {
	if n := s.NameBytes(); n > maxNames {
		return nil, logical.Errorf("Protobuf schema has types whose names are %d bytes long together: more than %d", n, maxNames)
	}
	file := s.Declared()
	out := &logical.Schema{Namespace: file.Package, References: s.References(), Resolved: resolved}
	if len(file.Messages)+len(file.Enums) == 0 && len(file.Public) > 0 {
		name := exported(file, map[*native.File]bool{})
		if name == "" {
			return nil, logical.Errorf("ProtobufSchema has no root descriptor")
		}
		out.Root = &logical.Type{Kind: logical.Named, Name: name}
		return out, nil
	}
	if len(file.Messages) == 0 {
		return nil, logical.Errorf("ProtobufSchema has no root descriptor")
	}
	root := file.Messages[0]
	if t := unwrapped(root.FullName); t != nil {
		out.Root = t
		return out, nil
	}
	r := newReader(file, s)
	if err := r.file(file); err != nil {
		return nil, err
	}
	out.Root = &logical.Type{Kind: logical.Named, Name: root.FullName}
	out.Named, out.External = r.named, r.external
	out.Unwrap()
	return out, nil
}

// exported returns the name of the first type that a file or those that it imports publicly declare; "": none.
func exported(f *native.File, seen map[*native.File]bool) string {
	switch {
	case len(f.Messages) > 0:
		return f.Messages[0].FullName
	case len(f.Enums) > 0:
		return f.Enums[0].FullName
	case seen[f]:
		return ""
	}
	seen[f] = true
	for _, next := range f.Public {
		if name := exported(next, seen); name != "" {
			return name
		}
	}
	return ""
}

// reader makes logical types of messages.
type reader struct {
	named []logical.Definition
	index map[string]int // of named, by name

	external   []string              // in the order that they are met
	referenced map[*native.File]bool // those whose types are external
	references map[string]bool       // the names of the references
	cyclic     map[*native.Message]bool
	made       map[*native.Message]bool // wrappers and maps' entries, by the fields that hold them, and what is nested in them

	bodies  map[*native.Message]*body // of messages that are not named
	open    map[string]bool           // those that are being read
	path    []string                  // the fields that lead to where the reader is
	depth   int                       // types around where the reader is
	wraps   int                       // wrappers around where the reader is
	deepest int                       // the largest depth since a body began
	chain   int                       // external types that are being read inside each other
	count   int                       // fields, branches and symbols of the named type that is being read
	total   int                       // those of all
}

// body is a message that has been read.
type body struct {
	typ    *logical.Type
	height int // types that hold others in it, one inside the other
	count  int
}

func newReader(file *native.File, s *native.Schema) *reader {
	r := &reader{
		index: map[string]int{}, referenced: map[*native.File]bool{}, references: map[string]bool{},
		bodies: map[*native.Message]*body{}, open: map[string]bool{},
	}
	for _, ref := range s.References() {
		r.references[ref.Name] = true
	}
	seen := map[*native.File]bool{file: true}
	for files := []*native.File{file}; len(files) > 0; files = files[1:] {
		for _, f := range files[0].Imports {
			if seen[f] {
				continue
			}
			seen[f] = true
			files = append(files, f)
			if f.Reference {
				r.refer(f, map[*native.File]bool{})
			}
		}
	}
	messages := every(file.Messages)
	r.cyclic = logical.Cycles(messages, held)
	r.made = map[*native.Message]bool{}
	for _, m := range messages {
		for _, f := range fieldsOf(m) {
			if f.Message != nil && !r.made[f.Message] && (wrapped(f) || f.Repeated && !f.Group && entryShape(f.Message)) {
				r.made[f.Message] = true
				for _, inside := range every(f.Message.Messages) {
					r.made[inside] = true
				}
			}
		}
	}
	return r
}

// every returns messages and those that are nested in them.
func every(list []*native.Message) []*native.Message {
	out := slices.Clone(list)
	for i := 0; i < len(out); i++ {
		out = append(out, out[i].Messages...)
	}
	return out
}

// refer takes the types of a file for external. A file of enums alone has none, one that declares nothing those that it exports.
func (r *reader) refer(f *native.File, seen map[*native.File]bool) {
	switch {
	case len(f.Messages) > 0:
		r.referenced[f] = true
	case len(f.Enums) == 0 && !seen[f]:
		seen[f] = true
		for _, next := range f.Public {
			r.refer(next, seen)
		}
	}
}

// held returns the messages that a message's fields hold.
func held(m *native.Message) []*native.Message {
	var out []*native.Message
	for _, f := range fieldsOf(m) {
		if f.Message != nil {
			out = append(out, f.Message)
		}
	}
	return out
}

// fieldsOf returns the fields of a message, also those of its oneofs.
func fieldsOf(m *native.Message) []*native.Field {
	out := slices.Clone(m.Fields)
	for _, o := range m.Oneofs {
		out = append(out, o.Fields...)
	}
	return out
}

// file reads the types of the schema's own file.
func (r *reader) file(f *native.File) error {
	for _, m := range f.Messages {
		r.put(m.FullName, nil)
	}
	for _, e := range f.Enums {
		r.put(e.FullName, nil)
	}
	for _, m := range f.Messages {
		r.announce(m)
	}
	for _, m := range f.Messages {
		if err := r.define(m); err != nil {
			return err
		}
	}
	for _, e := range f.Enums {
		t, err := r.enum(e)
		if err != nil {
			return err
		}
		r.put(e.FullName, t)
	}
	for _, m := range f.Messages {
		if err := r.nested(m); err != nil {
			return err
		}
	}
	return nil
}

// put gives a named type its body, and its place when it has none.
func (r *reader) put(name string, t *logical.Type) {
	i, known := r.index[name]
	if !known {
		i = len(r.named)
		r.index[name] = i
		r.named = append(r.named, logical.Definition{Name: name})
	}
	r.named[i].Type = t
}

// announce gives the named types inside a message their places.
func (r *reader) announce(m *native.Message) {
	for _, n := range m.Messages {
		if n.MapEntry {
			continue
		}
		if r.isNamed(n) {
			r.put(n.FullName, nil)
		}
		r.announce(n)
	}
	for _, e := range m.Enums {
		if marked(e.Meta) {
			r.put(e.FullName, nil)
		}
	}
}

// nested reads the named types inside a message.
func (r *reader) nested(m *native.Message) error {
	for _, n := range m.Messages {
		if n.MapEntry {
			continue
		}
		if r.isNamed(n) {
			if err := r.define(n); err != nil {
				return err
			}
		}
		if err := r.nested(n); err != nil {
			return err
		}
	}
	for _, e := range m.Enums {
		if marked(e.Meta) {
			t, err := r.enum(e)
			if err != nil {
				return err
			}
			r.put(e.FullName, t)
		}
	}
	return nil
}

// isNamed reports whether a nested message is a named type: it is marked, or it contains itself and is not there for a field alone.
func (r *reader) isNamed(m *native.Message) bool { return marked(m.Meta) || r.cyclic[m] && !r.made[m] }

func marked(m *native.Meta) bool {
	v, _ := m.Param(property.LogicalNamed)
	return v == "true"
}

// define reads the body of a named message.
func (r *reader) define(m *native.Message) error {
	depth, deepest, wraps, count := r.depth, r.deepest, r.wraps, r.count
	r.depth, r.wraps = 0, 0
	t, err := r.message(m)
	r.depth, r.deepest, r.wraps, r.count = depth, deepest, wraps, count
	if err != nil {
		return err
	}
	r.put(m.FullName, t)
	return nil
}

// outside reports whether a type comes from a reference, by its file and name.
func (r *reader) outside(f *native.File, name string) bool {
	return r.referenced[f] || f.Reference && r.references[name]
}

// take counts what the tree has grown by.
func (r *reader) take(n int) error {
	r.count += n
	if r.total += n; r.total > maxTypes {
		return logical.Errorf("Protobuf schema has more than %d fields, counting those of a message where it is used", maxTypes)
	}
	return nil
}

// cyclicError is the fault of a message that contains itself and is not named.
func (r *reader) cyclicError() error {
	return logical.Errorf("Cyclic schemas are not supported.\nFound a cycle in the field: %s", strings.Join(r.path, "."))
}
