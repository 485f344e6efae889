package jsonschema

import (
	"strconv"
	"strings"

	native "github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// From reads a schema as Logical Types. resolved are the texts of its references, and of theirs, by the name of the reference. A
// schema that has no logical type, as one with a tuple or with if, is a *logical.Error with Confluent's words.
//
// A reference to a definition has its name; any other one gets a name Ref1, Ref2, … and an Import. Two definitions of one name,
// in two documents, are taken for the first of them.
func From(s *native.Schema, resolved map[string]string) (*logical.Schema, error) {
	root, definitions, err := s.Tree(resolved)
	if err != nil {
		return nil, err
	}
	size := len(s.Canonical())
	for _, text := range resolved {
		size += len(text)
	}
	r := &reader{most: min(maxSteps, leastSteps+2*size), index: map[string]int{}, external: map[string]bool{}, byURI: map[string]string{}, next: 1}
	if err := r.definitions(definitions); err != nil {
		return nil, err
	}
	t, err := r.convert(root, false, 0)
	if err != nil {
		return nil, err
	}
	out := &logical.Schema{Root: t, Namespace: root.Text(property.Namespace), Named: r.named, External: r.externals,
		Imports: r.imports, References: s.References(), Resolved: resolved}
	if t.Kind == logical.Struct || t.Kind == logical.Enum {
		if title := root.Text(kwTitle); logical.CheckTypeName(title) == nil { // else it is no name but a sentence
			out.Name = title
		}
	}
	r.setDefaults()
	return out, nil
}

// reader is one reading of a schema.
type reader struct {
	named     []logical.Definition // in the order in which they were met
	index     map[string]int       // into named
	externals []string
	external  map[string]bool
	imports   []logical.Import
	byURI     map[string]string // names of imports
	next      int               // number of the next one
	defaults  []fieldDefault

	chain, nodes, steps int
	most                int // of steps
}

// count bounds the work of a reading, which references make a power of the document's length.
func (r *reader) count(n int) error {
	if r.steps += n; r.steps > r.most || r.nodes > maxNodes {
		return logical.Errorf("JSON schema is too large to convert")
	}
	return nil
}

// definitions reads the definitions of a document. One that has no logical type fails only where it is used, and leaves nothing.
func (r *reader) definitions(list []native.Definition) error {
	for _, d := range list {
		if isImport(d.Schema) {
			r.imported(d.Name, d.Schema.Ref())
		}
	}
	for _, d := range list {
		before := *r
		if err := r.definition(d); err != nil {
			if tooLarge := r.count(0); tooLarge != nil {
				return tooLarge
			}
			r.undo(before)
		}
	}
	return nil
}

// definition reads a definition; its name comes after those that it is the first to refer to.
func (r *reader) definition(d native.Definition) error {
	if isImport(d.Schema) {
		if _, known := r.index[d.Name]; known {
			return nil
		}
		return r.name(d.Name, d.Schema)
	}
	t, err := r.convert(d.Schema, false, 0)
	if err != nil {
		return err
	}
	i, known := r.index[d.Name]
	if !known {
		i = len(r.named)
		r.index[d.Name] = i
		r.named = append(r.named, logical.Definition{Name: d.Name})
	}
	r.named[i].Type = t
	return nil
}

// isImport reports whether a definition only stands for a reference to something else.
func isImport(n native.Node) bool {
	mark, _ := n.Rule(property.LogicalRef)
	yes, _ := mark.(bool)
	return yes && n.Class() == native.Reference
}

// undo forgets what was met since before.
func (r *reader) undo(before reader) {
	for _, d := range r.named[len(before.named):] {
		delete(r.index, d.Name)
	}
	for _, e := range r.externals[len(before.externals):] {
		delete(r.external, e)
	}
	for _, i := range r.imports[len(before.imports):] {
		delete(r.byURI, i.URI)
	}
	r.named, r.externals, r.imports = before.named, before.externals, before.imports
	r.next, r.defaults, r.chain = before.next, before.defaults, before.chain
}

// name reads the body of a named type. While that is read, the name stands for a STRUCT without fields.
func (r *reader) name(name string, body native.Node) error {
	if isImport(body) {
		target, ok := body.Target()
		if !ok {
			return nil
		}
		body = target
	}
	i := len(r.named)
	r.index[name] = i
	r.named = append(r.named, logical.Definition{Name: name, Type: &logical.Type{Kind: logical.Struct}})
	t, err := r.convert(body, false, 0)
	if err != nil {
		return err
	}
	r.named[i].Type = t
	return nil
}

func (r *reader) addExternal(name string) {
	if !r.external[name] {
		r.external[name] = true
		r.externals = append(r.externals, name)
	}
}

// imported notes the name of a definition that stands for a reference.
func (r *reader) imported(name, uri string) {
	if _, ok := r.byURI[uri]; !ok {
		r.byURI[uri] = name
		if digits, ok := strings.CutPrefix(name, "Ref"); ok {
			if n, err := strconv.Atoi(digits); err == nil && n >= r.next && n < maxNodes {
				r.next = n + 1
			}
		}
	}
	r.imports = append(r.imports, logical.Import{Name: name, URI: uri})
	r.addExternal(name)
}

// synthetic returns the name that stands for a reference to what is no definition.
func (r *reader) synthetic(uri string) string {
	if name, ok := r.byURI[uri]; ok {
		return name
	}
	for {
		name := "Ref" + strconv.Itoa(r.next)
		r.next++
		if _, known := r.index[name]; !known {
			r.byURI[uri] = name
			r.imports = append(r.imports, logical.Import{Name: name, URI: uri})
			r.addExternal(name)
			return name
		}
	}
}

// reference reads a reference as the name of what it refers to, whose body is read when it is met first. One that is not written
// as a place in the same document has its body in another.
func (r *reader) reference(n native.Node, nullable bool) (*logical.Type, error) {
	ref := n.Ref()
	name, defined := definitionName(ref)
	if !defined {
		name = r.synthetic(ref)
	}
	target, found := n.Target()
	_, known := r.index[name]
	if !known && found {
		if err := r.name(name, target); err != nil {
			return nil, err
		}
	}
	if !known && (!found || target.External() && !strings.HasPrefix(ref, "#")) {
		r.addExternal(name)
	}
	return &logical.Type{Kind: logical.Named, Name: name, Nullable: nullable}, nil
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~", "%25", "%")

// definitionName returns the name of the definition that a reference refers to; false when it refers to something else, or into
// one.
func definitionName(ref string) (string, bool) {
	for _, place := range [...]string{"/$defs/", "/definitions/"} {
		if _, name, ok := strings.Cut(ref, place); ok {
			return unescape.Replace(name), name != "" && !strings.Contains(name, "/")
		}
	}
	return "", false
}
