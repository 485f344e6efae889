package policy

import "github.com/millrace/millrace/compat/logical"

// cycles returns the named types that contain themselves, directly or through others: those of a strongly connected component
// of the references, by Tarjan's algorithm with a stack of its own. It takes time in proportion to the schema.
func cycles(s *logical.Schema, named names) map[string]bool {
	refers := func(name string) []string {
		var to []string
		named[name].References(func(n string) {
			if named[n] != nil {
				to = append(to, n)
			}
		})
		return to
	}
	type frame struct {
		name string
		to   []string
	}
	var (
		cyclic = make(map[string]bool)
		order  = make(map[string]int, len(named)) // when a type was first met, from 1
		low    = make(map[string]int, len(named)) // the earliest type of its component that it leads to
		open   = make(map[string]bool)            // types whose component is not complete
		stack  []string                           // the open types
		path   []frame
	)
	begin := func(name string) {
		order[name] = len(order) + 1
		low[name] = order[name]
		open[name] = true
		stack = append(stack, name)
		path = append(path, frame{name, refers(name)})
	}
	for _, d := range s.Named {
		if order[d.Name] != 0 || named[d.Name] == nil {
			continue
		}
		for begin(d.Name); len(path) > 0; {
			f := &path[len(path)-1]
			if len(f.to) > 0 {
				to := f.to[0]
				f.to = f.to[1:]
				switch {
				case order[to] == 0:
					begin(to)
				case open[to]:
					low[f.name] = min(low[f.name], order[to])
					cyclic[to] = cyclic[to] || to == f.name
				}
				continue
			}
			name := f.name
			path = path[:len(path)-1]
			if len(path) > 0 {
				up := path[len(path)-1].name
				low[up] = min(low[up], low[name])
			}
			if low[name] != order[name] {
				continue
			}
			alone := stack[len(stack)-1] == name
			for {
				last := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				delete(open, last)
				cyclic[last] = cyclic[last] || !alone
				if last == name {
					break
				}
			}
		}
	}
	return cyclic
}
