package policy

import "github.com/millrace/millrace/compat/logical"

// cycles returns the named types that contain themselves, directly or through others.
func cycles(s *logical.Schema, named names) map[string]bool {
	var all []string
	for _, d := range s.Named {
		if named[d.Name] != nil {
			all = append(all, d.Name)
		}
	}
	return logical.Cycles(all, func(name string) (to []string) {
		named[name].References(func(n string) {
			if named[n] != nil {
				to = append(to, n)
			}
		})
		return to
	})
}
