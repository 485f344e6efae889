package policy

import "github.com/millrace/millrace/compat/logical"

// Compare returns every reason why tables of the targets that hold rows of writer's cannot be read as, or become, tables of
// reader; nil: there is none. The reasons are in the order of the reader's fields, those of a target together.
//
// A named type counts as compared with another once they have met, also while they are being compared: what is wrong inside is
// found once, at the first path that leads there. A reference to a type that is not there is compared by its name.
//
// Whether the targets can hold either schema is for Validate to say.
func Compare(t Target, writer, reader *logical.Schema) []Finding {
	if writer == nil || reader == nil {
		return nil
	}
	written, read := namesOf(writer), namesOf(reader)
	return t.each(func(one Target) []Finding {
		c := comparison{
			walk: walk{target: one}, written: written, read: read,
			names: make(map[[2]string]bool), structs: make(map[[2]*logical.Type]bool),
		}
		if one.iceberg() {
			c.rules = &iceberg{equal: make(map[[2]string]bool)}
		} else {
			c.rules = flink{}
		}
		c.compare(writer.Root, reader.Root, nil)
		return c.findings
	})
}

// rules are what a target makes of a pair of types of the same shape.
type rules interface {
	shape(t *logical.Type) shape
	structs(c *comparison, writer, reader []member, at *path)
	lists(c *comparison, writer, reader *logical.Type, at *path)
	maps(c *comparison, writer, reader *logical.Type, at *path)
	leaves(c *comparison, writer, reader *logical.Type, at *path)
}

// shape is how a target holds a value.
type shape uint8

const (
	leaf shape = iota
	structure
	list
	multiset // Flink only
	dictionary
)

// comparison is a walk over two schemas at once.
type comparison struct {
	walk
	rules         rules
	written, read names
	names         map[[2]string]bool        // pairs of references that have met
	structs       map[[2]*logical.Type]bool // pairs of bodies that have met: a root is met without a reference to it
}

// met records a pair and reports whether it was there.
func met[K comparable](pairs map[K]bool, pair K) bool {
	was := pairs[pair]
	pairs[pair] = true
	return was
}

func (c *comparison) compare(writer, reader *logical.Type, at *path) {
	if !c.enter(at) {
		return
	}
	defer c.leave()
	if isNamed(writer) && isNamed(reader) && met(c.names, [2]string{writer.Name, reader.Name}) {
		return
	}
	writer, reader = c.written.resolve(writer), c.read.resolve(reader)
	if writer == nil || reader == nil || isNamed(writer) || isNamed(reader) {
		if !sameName(writer, reader) {
			c.add(TypeMismatch, at, change(writer, reader))
		}
		return
	}
	s := c.rules.shape(writer)
	if s != c.rules.shape(reader) {
		c.add(TypeMismatch, at, change(writer, reader))
		return
	}
	switch s {
	case structure:
		if !met(c.structs, [2]*logical.Type{writer, reader}) {
			w, r := members(writer), members(reader)
			c.countMembers(w)
			c.countMembers(r)
			c.rules.structs(c, w, r, at)
		}
	case list, multiset:
		c.rules.lists(c, writer, reader, at)
	case dictionary:
		c.rules.maps(c, writer, reader, at)
	default:
		c.rules.leaves(c, writer, reader, at)
	}
}

func isNamed(t *logical.Type) bool { return t != nil && t.Kind == logical.Named }

// sameName reports whether two types of which one is unknown are the same as far as can be told.
func sameName(a, b *logical.Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == logical.Named && b.Kind == logical.Named && a.Name == b.Name
}

// finder returns what finds a member by its name; i is where it may be.
func finder(in []member) func(name string, i int) (member, bool) {
	var byName map[string]int
	return func(name string, i int) (member, bool) {
		if i < len(in) && in[i].name == name {
			return in[i], true
		}
		if byName == nil {
			byName = make(map[string]int, len(in))
			for i, m := range in {
				byName[m.name] = i
			}
		}
		if i, ok := byName[name]; ok {
			return in[i], true
		}
		return member{}, false
	}
}
