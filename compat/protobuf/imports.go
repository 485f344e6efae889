package protobuf

import (
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// maxImports bounds the files that a schema reaches through its references.
const maxImports = 10_000

var (
	errNoFile     = errors.New("there is no such file")
	errNoResolver = errors.New("the schema has references, and no resolver was given for them")
)

// source is a file with the name that others import it by.
type source struct {
	name string // empty: the schema itself
	text string
	file *file
	ref  *schema.Reference // how the schema refers to it; nil when it is built in
}

// place is where a mark of the file is, for those who show the text; a descriptor has none.
func (s *source) place(m mark) schema.Place {
	p := schema.Place{Reference: s.name, Offset: m.pos}
	if s.file.decoded {
		p.Offset = 0
	}
	return p
}

// maxSteps bounds the work of finding types: names that are looked at, a second or two.
const maxSteps = 50_000_000

// sources are the files that a schema sees, each after those that it imports, and the scope of their types.
type sources struct {
	own   *source
	all   []*source // own is the last
	index map[string]*source
	root  *scope
	fits  bool // no name is longer than maxName
	steps int  // left of maxSteps; not used once the schema is parsed
}

// references returns the files behind refs by name, depth first.
func references(refs []schema.Reference, from schema.Resolver) (map[string]*source, error) {
	found := map[string]*source{}
	var walk func(refs []schema.Reference, depth int) error
	walk = func(refs []schema.Reference, depth int) error {
		for _, r := range refs {
			if found[r.Name] != nil {
				continue
			}
			if from == nil {
				return fmt.Errorf("resolving reference %q: %w", r.Name, errNoResolver)
			}
			if depth > MaxDepth || len(found) >= maxImports {
				return fmt.Errorf("resolving reference %q: the schema reaches more than %d files or levels", r.Name, MaxDepth)
			}
			src := &source{name: r.Name, ref: &r}
			found[r.Name] = src // before those that it refers to, which may refer back to it
			d, err := from.Resolve(r)
			if err != nil {
				return fmt.Errorf("resolving reference %q: %w", r.Name, err)
			}
			if err := walk(d.References, depth+1); err != nil {
				return err
			}
			if src.file, err = parseAny(d.Text); err != nil {
				return fmt.Errorf("parsing reference %q: %w", r.Name, err)
			}
			src.text = d.Text
		}
		return nil
	}
	return found, walk(refs, 1)
}

// newSources collects what own imports of the files found and of those built in. An import of neither is passed over: Confluent
// misses it only when a type of it is used.
func newSources(own *source, found map[string]*source) *sources {
	s := &sources{own: own, index: map[string]*source{}, root: &scope{}, steps: maxSteps, fits: true}
	s.add(own, found)
	for _, src := range s.all {
		s.fits = s.root.declare(src) && s.fits
	}
	return s
}

func (s *sources) add(src *source, found map[string]*source) {
	for _, name := range slices.Concat(src.file.imports, src.file.public, src.file.weak) {
		if _, seen := s.index[name]; seen {
			continue
		}
		next := found[name]
		if next == nil {
			f := builtinFile(name)
			if f == nil {
				continue
			}
			next = &source{name: name, file: f}
		}
		s.index[name] = next
		s.add(next, found)
	}
	s.all = append(s.all, src)
}

// resolve returns the type that a name means in a scope; nil when there is none.
func (s *sources) resolve(at *scope, name string) *scope { return at.resolve(name, &s.steps) }

// scope returns the scope of a file's package.
func (s *sources) scope(src *source) *scope { return s.root.within(src.file.pkg) }
