package ddl

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
)

// root takes the type of the TYPE statement. Without one the root is the first declared type that no other refers to and that is
// not nested, and it is NOT NULL.
func (b *builder) root() error {
	if b.script.root != nil {
		t, err := b.typ(b.script.root)
		if err != nil {
			return err
		}
		b.out.Root = t
		return b.checkNestedRoot(t)
	}
	if len(b.order) == 0 {
		return b.fault(b.script.start, "No type to register. Add a 'STRUCT <name> (...)' or 'ENUM <name> (...)' declaration (which "+
			"the script will auto-register) or a trailing 'TYPE <typeExpr>' statement.")
	}
	uses := make(map[string][]string, len(b.order))
	used := make(map[string]bool)
	for _, n := range b.order {
		seen := make(map[string]bool)
		b.bodies[n].References(func(to string) {
			if to != n && b.bodies[to] != nil && !seen[to] {
				seen[to], used[to] = true, true
				uses[n] = append(uses[n], to)
			}
		})
	}
	for _, n := range b.order {
		if !used[n] && b.parent(n) == "" {
			b.out.Root = &logical.Type{Kind: logical.Named, Name: n}
			return nil
		}
	}
	return b.fault(b.script.start, "Cannot infer the type to register: dependency cycle among defined types: %s. Add an explicit "+
		"trailing 'TYPE <name>' statement.", strings.Join(cycle(b.order, uses), " -> "))
}

// checkNestedRoot refuses a root that is nested in another type.
func (b *builder) checkNestedRoot(t *logical.Type) error {
	if t.Kind != logical.Named || b.parent(t.Name) == "" {
		return nil
	}
	top := t.Name
	for parent := top; parent != ""; parent = b.parent(top) {
		top = parent
	}
	return b.fault(b.script.rootStart, "Cannot register nested type '%s' as the root; register '%s' instead.", t.Name, top)
}

// cycle returns the first cycle that a search from the names in their order comes upon, its first name again at its end. "?"
// stands for none.
func cycle(names []string, uses map[string][]string) []string {
	type step struct {
		name string
		next int // index into its uses
	}
	visited := make(map[string]bool)
	for _, start := range names {
		if visited[start] {
			continue
		}
		path, place := []step{{name: start}}, map[string]int{start: 0}
		for visited[start] = true; len(path) > 0; {
			top := &path[len(path)-1]
			if top.next == len(uses[top.name]) {
				delete(place, top.name)
				path = path[:len(path)-1]
				continue
			}
			to := uses[top.name][top.next]
			top.next++
			if at, ok := place[to]; ok {
				var found []string
				for _, s := range path[at:] {
					found = append(found, s.name)
				}
				return append(found, to)
			}
			if !visited[to] {
				visited[to] = true
				place[to] = len(path)
				path = append(path, step{name: to})
			}
		}
	}
	return []string{"?"}
}
