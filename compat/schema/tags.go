package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// EntityKind is what an Entity is, by the name that Confluent's API uses.
type EntityKind string

// The kinds of entities.
const (
	RecordEntity EntityKind = "sr_record" // a record, a message, a schema that is no property
	FieldEntity  EntityKind = "sr_field"  // a field, a property
)

// Entity is a place in a schema that can have tags. Its path is the names that lead to it, joined by dots; how it is made is said
// where a language's Schema has Tags. A dot before the first name does not count.
type Entity struct {
	Path string
	Kind EntityKind
}

// Tagged is an entity with its tags.
type Tagged struct {
	Entity
	Tags []string
}

// Tagger is a Schema whose text can hold tags.
type Tagger interface {
	// Tags returns the entities that have tags in the text, in its order.
	Tags() ([]Tagged, error)
	// WithTags returns the canonical text with other tags; it means the same to those who read and write data. An edit that has
	// nothing to do leaves its entity as it is. An entity that is not there is a *NoEntityError.
	WithTags(edits []TagEdit) (string, error)
}

// TagEdit is what is to become of one entity's tags: those that are added come last, those that are removed go after that.
type TagEdit struct {
	Entity
	Add, Remove []string
	IfThere     bool // an entity that the schema lacks is no fault
}

// NoEntityError says which entity a schema lacks.
type NoEntityError struct{ Entity }

// Error returns Confluent's words. A path that no schema can have is cut.
func (e *NoEntityError) Error() string {
	const most = 10_000
	path := e.Path
	if len(path) > most {
		path = strings.ToValidUTF8(path[:most], "") + "…"
	}
	return fmt.Sprintf("No matching path '%s' found in the schema", path)
}

// MostPaths is how many bytes the paths of a schema's tagged entities may have together: long names around many fields make more
// of them than there is text.
const MostPaths = 16 << 20

// TagList collects the tagged entities of a schema.
type TagList struct {
	list []Tagged
	size int
}

// Add notes an entity that has tags; one that has none is passed over. The path is made of the names.
func (l *TagList) Add(kind EntityKind, tags []string, names ...string) {
	if len(tags) == 0 || l.size > MostPaths {
		return
	}
	for _, n := range names {
		l.size += len(n) + 1
	}
	if l.size <= MostPaths {
		l.list = append(l.list, Tagged{Entity{strings.Join(names, "."), kind}, tags})
	}
}

// All returns what was added.
func (l *TagList) All() ([]Tagged, error) {
	if l.size > MostPaths {
		return nil, fmt.Errorf("listing tags: the paths of the tagged places are longer than %d bytes", MostPaths)
	}
	return l.list, nil
}

// TagPlan finds the edits of entities as a walk through a schema meets them.
type TagPlan struct {
	sorted []*plannedEdit // by path and kind
	given  []*plannedEdit // in the order they came in
}

type plannedEdit struct {
	TagEdit
	path string // without a dot before the first name
	done bool
}

// TagNode is where a walk is: the edits whose paths begin with the names so far. The zero one is where no path leads.
type TagNode struct {
	plan     *TagPlan
	from, to int // the edits, of plan.sorted, whose paths go on
	size     int // of what their paths have in common
	at, end  int // the edits whose paths end here
}

// PlanTags prepares edits. Those of the same entity become one.
func PlanTags(edits []TagEdit) *TagPlan {
	p := new(TagPlan)
	for _, e := range edits {
		e.Add, e.Remove = slices.Clip(e.Add), slices.Clip(e.Remove) // the caller's
		p.sorted = append(p.sorted, &plannedEdit{TagEdit: e, path: strings.TrimPrefix(e.Path, ".")})
	}
	p.given = slices.Clone(p.sorted)
	slices.SortStableFunc(p.sorted, func(a, b *plannedEdit) int {
		return cmp.Or(strings.Compare(a.path, b.path), strings.Compare(string(a.Kind), string(b.Kind)))
	})
	n := 0
	for _, e := range p.sorted {
		if n > 0 && p.sorted[n-1].path == e.path && p.sorted[n-1].Kind == e.Kind {
			one := p.sorted[n-1]
			one.Add, one.Remove, one.IfThere = append(one.Add, e.Add...), append(one.Remove, e.Remove...), one.IfThere && e.IfThere
			e.done = true
			continue
		}
		p.sorted[n] = e
		n++
	}
	p.sorted = p.sorted[:n]
	return p
}

// Root is where every path begins.
func (p *TagPlan) Root() TagNode { return TagNode{plan: p, to: len(p.sorted)} }

// Leads reports whether a path goes on at n or ends there.
func (n TagNode) Leads() bool { return n.from < n.to || n.at < n.end }

// Find returns where a name leads. It may have dots itself.
func (n TagNode) Find(name string) TagNode {
	if n.from >= n.to {
		return TagNode{}
	}
	all := n.plan.sorted[n.from:n.to]
	// first returns the first edit whose path is not before the name followed by after.
	first := func(after string) int {
		i, _ := slices.BinarySearchFunc(all, name, func(e *plannedEdit, name string) int {
			rest := e.path[n.size:]
			if c := strings.Compare(rest[:min(len(rest), len(name))], name); c != 0 {
				return c
			}
			return strings.Compare(rest[len(name):], after)
		})
		return n.from + i
	}
	out := TagNode{plan: n.plan, size: n.size + len(name) + 1, from: first("."), to: first("/"), at: first("")} // a slash follows the dot
	out.end = min(out.at, n.to)
	for out.end < n.to && n.plan.sorted[out.end].path[n.size:] == name {
		out.end++
	}
	return out
}

// Apply returns what the tags of the entity at n become; false when they stay as they are. Of several entities with one path it
// is the first that is asked for that an edit is meant for.
func (n TagNode) Apply(kind EntityKind, tags []string) ([]string, bool) {
	if n.at >= n.end {
		return tags, false
	}
	for _, e := range n.plan.sorted[n.at:n.end] {
		if e.Kind != kind || e.done {
			continue
		}
		e.done = true
		has, gone := map[string]bool{}, map[string]bool{}
		for _, t := range e.Remove {
			gone[t] = true
		}
		changed := false
		after := make([]string, 0, len(tags)+len(e.Add))
		for i, t := range slices.Concat(tags, e.Add) {
			changed = changed || (i < len(tags)) == gone[t] && !has[t]
			if !gone[t] && !has[t] {
				after = append(after, t)
			}
			has[t] = true
		}
		if !changed {
			return tags, false
		}
		return after, true
	}
	return tags, false
}

// Missing returns the first edit whose entity Apply was not asked for; nil when there is none.
func (p *TagPlan) Missing() error {
	for _, e := range p.given {
		if !e.done && !e.IfThere {
			return &NoEntityError{e.Entity}
		}
	}
	return nil
}
