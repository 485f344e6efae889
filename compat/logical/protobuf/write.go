package protobuf

import (
	"slices"
	"strconv"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// file makes the file whose first message is root. rootName is its name when it is a named type.
func (w *writer) file(root *logical.Type, rootName, rowName string) (string, error) {
	if err := w.checkNames(rootName, rowName); err != nil {
		return "", err
	}
	if err := w.references(); err != nil {
		return "", err
	}
	if root.Kind != logical.Struct {
		return "", logical.Errorf("Top-level schema must be STRUCT, got %s", root.Kind)
	}
	f := &fileDecl{pkg: w.schema.Namespace}
	if err := w.checkPackage(); err != nil {
		return "", err
	}
	var inRoot []string
	if rootName != "" {
		inRoot = w.nested[rootName]
	}
	m, err := w.message(root, rowName, inRoot)
	if err != nil {
		return "", err
	}
	f.messages = append(f.messages, m)
	for _, name := range w.local {
		if name == rootName || w.parent(name) != "" {
			continue
		}
		_, simple := logical.Split(name)
		switch t := w.bodies[name]; t.Kind {
		case logical.Struct:
			m, err := w.message(t, simple, w.nested[name])
			if err != nil {
				return "", err
			}
			f.messages = append(f.messages, m)
		case logical.Enum:
			e, err := w.enum(t, simple)
			if err != nil {
				return "", err
			}
			f.enums = append(f.enums, e)
		default:
			return "", logical.Errorf("Unsupported named type kind for proto: %s (%s)", t.Kind, name)
		}
	}
	f.imports = sortedKeys(w.imports)
	if err := f.check(); err != nil {
		return "", err
	}
	return f.print()
}

// references finds the types that the references declare.
func (w *writer) references() error {
	names := make([]string, 0, len(w.schema.Resolved))
	seen := make(map[string]bool, len(w.schema.Resolved))
	add := func(name string) {
		if _, known := w.schema.Resolved[name]; known && !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	for _, r := range w.schema.References {
		add(r.Name)
	}
	for _, name := range sortedKeys(w.schema.Resolved) {
		add(name)
	}
	for _, name := range names {
		s, err := native.Parse(schema.Document{Text: w.schema.Resolved[name]}, nil, schema.Options{Lenient: true})
		if err != nil {
			return untranslated("reference %s: %v", name, err)
		}
		f := s.Declared()
		if err := w.declare(name, f.Messages, f.Enums); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) declare(file string, messages []*native.Message, enums []*native.Enum) error {
	add := func(name string) error {
		if _, twice := w.externals[name]; twice {
			return logical.Errorf("Duplicate named type: %s", name)
		}
		w.externals[name] = file
		return nil
	}
	for _, m := range messages {
		if m.MapEntry {
			continue
		}
		if err := add(m.FullName); err != nil {
			return err
		}
		if err := w.declare(file, m.Messages, m.Enums); err != nil {
			return err
		}
	}
	for _, e := range enums {
		if err := add(e.FullName); err != nil {
			return err
		}
	}
	return nil
}

// take counts what the file has grown by.
func (w *writer) take(n int) error {
	if w.count += n; w.count > maxTypes {
		return logical.Errorf("Protobuf schema has more than %d fields, counting those of a type where it is used", maxTypes)
	}
	return nil
}

// message makes the message of a STRUCT. nested are the named types that are declared in it.
func (w *writer) message(t *logical.Type, name string, nested []string) (*messageDecl, error) {
	if w.depth++; w.depth > 2*logical.MaxDepth { // a type may need a wrapper
		return nil, logical.ErrTooDeep
	}
	defer func() { w.depth-- }()
	m := &messageDecl{name: name, meta: typeMeta(t)}
	numbers, err := reserve(t, name)
	if err != nil {
		return nil, err
	}
	if err := w.take(len(t.Fields)); err != nil {
		return nil, err
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Type.Kind == logical.Union {
			if err := w.oneof(m, f, numbers); err != nil {
				return nil, err
			}
			continue
		}
		n, err := numbers.of(f.Params)
		if err != nil {
			return nil, err
		}
		out, err := w.field(m, f.Type, f.Name, f.Doc, n)
		if err != nil {
			return nil, err
		}
		out.meta.tags, out.meta.rules = f.Tags, f.Rules
		out.meta.take(f.Params)
		if f.Default.Has && f.Default.Value != nil && !f.Default.Derived {
			text, err := writeDefault(f.Type, f.Default.Value)
			if err != nil {
				return nil, err
			}
			out.meta.mark(property.LogicalDefault, text)
		}
		m.fields = append(m.fields, out)
	}
	return m, w.declared(m, nested)
}

// oneof makes the oneof of a field that is a UNION. A list cannot be in one, so it is wrapped.
func (w *writer) oneof(m *messageDecl, f *logical.Field, numbers *numbers) error {
	o := &oneofDecl{name: f.Name}
	if err := w.take(len(f.Type.Branches)); err != nil {
		return err
	}
	for i := range f.Type.Branches {
		b := &f.Type.Branches[i]
		n, err := numbers.of(b.Params)
		if err != nil {
			return err
		}
		var out *fieldDecl
		if collection(b.Type) {
			out, err = w.wrap(m, nullable(b.Type, false), b.Name, b.Doc, n, repeatedSuffix)
		} else {
			out, err = w.field(m, b.Type, b.Name, b.Doc, n)
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(b.Params, func(p logical.Param) bool { return !property.OfOneLanguage(p.Key) }) {
			out.meta.mark(property.FlinkVersion, property.FlinkVersion1)
			out.meta.take(b.Params)
		}
		out.label = ""
		o.fields = append(o.fields, out)
	}
	m.oneofs = append(m.oneofs, o)
	return nil
}

// declared makes the named types that are nested in a message, after those that are made for its fields. A mark tells them from
// those, but not where a type contains itself, which tells it as well.
func (w *writer) declared(m *messageDecl, names []string) error {
	for _, name := range names {
		_, simple := logical.Split(name)
		switch t := w.bodies[name]; t.Kind {
		case logical.Struct:
			n, err := w.message(t, simple, w.nested[name])
			if err != nil {
				return err
			}
			if !w.cyclic[name] {
				n.meta.set(property.LogicalNamed, "true")
			}
			m.messages = append(m.messages, n)
		case logical.Enum:
			e, err := w.enum(t, simple)
			if err != nil {
				return err
			}
			e.meta.set(property.LogicalNamed, "true")
			m.enums = append(m.enums, e)
		default:
			return logical.Errorf("Unsupported nested type kind for proto: %s (%s)", t.Kind, name)
		}
	}
	return nil
}

// enum makes an enum. A value that says no number has the next one that none says.
func (w *writer) enum(t *logical.Type, name string) (*enumDecl, error) {
	if err := w.take(len(t.Values)); err != nil {
		return nil, err
	}
	e := &enumDecl{name: name, meta: typeMeta(t)}
	said := make([]int, len(t.Values))
	taken := map[int]bool{}
	for i, v := range t.Values {
		said[i] = -1
		if text, ok := v.Params.Get(property.ProtobufEnum); ok {
			n, err := strconv.ParseInt(logical.JavaText(text), 10, 32)
			if err != nil {
				return nil, logical.Errorf("Invalid %s '%s' of symbol '%s': it must be an integer", property.ProtobufEnum,
					logical.JavaText(text), v.Symbol)
			}
			said[i] = int(n)
			e.alias = e.alias || taken[int(n)]
			taken[int(n)] = true
		}
	}
	next := 0
	for i, v := range t.Values {
		out := valueDecl{name: v.Symbol, number: said[i], meta: meta{doc: v.Doc}}
		if _, ok := v.Params.Get(property.ProtobufEnum); !ok {
			for taken[next] {
				next++
			}
			out.number = next
			next++
		}
		out.meta.take(v.Params)
		e.values = append(e.values, out)
	}
	if len(e.values) > 0 && e.values[0].number != 0 {
		return nil, logical.Errorf("The first symbol of enum '%s' has the number %d; proto3 requires 0", name, e.values[0].number)
	}
	return e, nil
}

// typeMeta is what is said of a STRUCT or an ENUM.
func typeMeta(t *logical.Type) meta {
	m := meta{doc: t.Doc, tags: t.Tags, rules: t.Rules}
	m.take(t.Params)
	return m
}

// numbers gives the fields of a message their numbers: the one that a field says, or the next that none says.
type numbers struct {
	taken map[int]bool
	next  int
}

func reserve(t *logical.Type, name string) (*numbers, error) {
	n := &numbers{taken: map[int]bool{}, next: 1}
	add := func(p logical.Params) error {
		said, ok, err := saidNumber(p)
		switch {
		case err != nil || !ok:
			return err
		case n.taken[said]:
			return logical.Errorf("Duplicate %s %d in struct '%s'", property.ProtobufField, said, name)
		}
		n.taken[said] = true
		return nil
	}
	for _, f := range t.Fields {
		if f.Type.Kind != logical.Union {
			if err := add(f.Params); err != nil {
				return nil, err
			}
			continue
		}
		for _, b := range f.Type.Branches {
			if err := add(b.Params); err != nil {
				return nil, err
			}
		}
	}
	return n, nil
}

// maxNumber is the largest number of a field.
const maxNumber = 1<<29 - 1

func saidNumber(p logical.Params) (int, bool, error) {
	v, ok := p.Get(property.ProtobufField)
	if !ok {
		return 0, false, nil
	}
	n, err := strconv.ParseInt(logical.JavaText(v), 10, 32)
	if err != nil {
		return 0, false, logical.Errorf("Invalid %s '%s': it must be an integer", property.ProtobufField, logical.JavaText(v))
	}
	if n < 1 || n > maxNumber {
		return 0, false, untranslated("Field numbers must be positive integers and at most %d, got %d.", maxNumber, n)
	}
	return int(n), true, nil
}

func (n *numbers) of(p logical.Params) (int, error) {
	said, ok, err := saidNumber(p)
	if ok || err != nil {
		return said, err
	}
	for n.taken[n.next] {
		n.next++
	}
	n.next++
	return n.next - 1, nil
}
