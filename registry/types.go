package registry

import (
	"maps"
	"slices"

	"github.com/millrace/millrace/compat/schema"
)

// Types returns the schema languages that the registry reads, sorted.
func (r *Registry) Types() []schema.Type { return slices.Sorted(maps.Keys(r.formats)) }

// WithQualifiedReferences returns v with the subjects of its references in their context. A version of the default context
// stays as it is.
func (v Version) WithQualifiedReferences() Version {
	ctx := Qualify(v.Subject).Context
	if ctx == DefaultContext || len(v.parts().References) == 0 {
		return v
	}
	v = v.WithContent()
	c := *v.Content
	c.References = slices.Clone(c.References)
	for i := range c.References {
		c.References[i].Subject = in(ctx, c.References[i].Subject)
	}
	v.Content = &c
	return v
}
