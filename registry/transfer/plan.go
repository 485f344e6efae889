package transfer

import (
	"fmt"
	"slices"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/registry"
)

// plan is what brings a target from what it has to what is wanted.
type plan struct {
	contexts     []string // to declare; empty for a Remote, whose contexts come with their first subject
	register     []*registry.Version
	remove       []*registry.Version // to delete softly, those of register that are deleted too
	configs      []string            // scopes whose config is another, an alias last
	modes        []string            // scopes whose mode is another
	associations []*registry.Association
	present      int // versions that are there

	conflicts []string
	left      []string // what cannot be done
}

func (p *plan) empty() bool {
	return len(p.contexts)+len(p.register)+len(p.remove)+len(p.configs)+len(p.modes)+len(p.associations) == 0
}

type idKey struct {
	context string
	id      int
}

// compare plans. Texts count by their GUID, which covers references, metadata and rules too, and by their type. log
// says that the target is a log.
func compare(want, have *Dump, log bool) *plan {
	p := &plan{}
	at := make(map[key]*registry.Version, len(have.Versions))
	ids := make(map[idKey]*registry.Version, len(have.Versions)+len(want.Versions))
	other := func(a, b *registry.Version) bool { return a.GUID != b.GUID || a.Content.Type != b.Content.Type }
	for i := range have.Versions {
		v := &have.Versions[i]
		at[keyOf(v)] = v
		ids[idKey{registry.Qualify(v.Subject).Context, v.ID}] = v
	}
	for i := range want.Versions {
		v := &want.Versions[i]
		id := idKey{registry.Qualify(v.Subject).Context, v.ID}
		switch there, same := ids[id], at[keyOf(v)]; {
		case same != nil && other(same, v):
			p.conflicts = append(p.conflicts, fmt.Sprintf("%s is another schema (id %d, guid %s; wanted id %d, guid %s)", keyOf(v), same.ID, same.GUID, v.ID, v.GUID))
		case same != nil && same.ID != v.ID:
			p.conflicts = append(p.conflicts, fmt.Sprintf("%s has id %d, wanted %d", keyOf(v), same.ID, v.ID))
		case there != nil && other(there, v):
			p.conflicts = append(p.conflicts, fmt.Sprintf("id %d, wanted for %s, stands for another schema: %s", v.ID, keyOf(v), keyOf(there)))
		case same == nil || same.Deleted && !v.Deleted:
			p.register = append(p.register, v)
			if v.Deleted {
				p.remove = append(p.remove, v)
			}
		case v.Deleted && !same.Deleted:
			p.remove = append(p.remove, v)
		default:
			p.present++
		}
		if ids[id] == nil {
			ids[id] = v
		}
	}
	for _, c := range want.Contexts {
		if log && !slices.Contains(have.Contexts, c) {
			p.contexts = append(p.contexts, c)
		}
	}
	p.settings(want, have)
	p.associate(want, have)
	return p
}

func (p *plan) settings(want, have *Dump) {
	var aliases []string
	for scope, c := range want.Configs {
		if old, ok := have.Configs[scope]; ok {
			if c.CompatibilityLevel == "" && have.effective && old.CompatibilityLevel == have.level(scope) {
				old.CompatibilityLevel = ""
			}
			if configText(old) == configText(c) {
				continue
			}
		}
		if c.Alias != "" {
			aliases = append(aliases, scope)
		} else {
			p.configs = append(p.configs, scope)
		}
	}
	slices.Sort(p.configs)
	slices.Sort(aliases)
	p.configs = append(p.configs, aliases...)
	for scope, m := range want.Modes {
		if have.Modes[scope] != m {
			p.modes = append(p.modes, scope)
		}
	}
	slices.Sort(p.modes)
}

// level is the compatibility level that a scope inherits.
func (d *Dump) level(scope string) compat.Level {
	for _, wider := range wider(scope) {
		if l := d.Configs[wider].CompatibilityLevel; l != "" {
			return l
		}
	}
	return registry.DefaultLevel
}

// mode is the mode that holds for a scope.
func (d *Dump) mode(scope string) string {
	for _, s := range append([]string{scope}, wider(scope)...) {
		if m := d.Modes[s]; m != "" {
			return m
		}
	}
	return registry.ReadWrite
}

// wider are the scopes that a scope inherits from, the nearest first.
func wider(scope string) []string {
	switch {
	case scope == globalScope:
		return nil
	case isContext(scope):
		return []string{globalScope}
	}
	return []string{contextScope(registry.Qualify(scope).Context), globalScope}
}

func contextScope(context string) string { return registry.Qualified{Context: context}.String() }

func configText(c registry.Config) string { return string(c.AppendJSON(nil, "compatibilityLevel")) }

// waves sorts versions so that each comes after those that it refers to and after the earlier ones of its subject: those of a
// wave need only what earlier waves have.
func waves(versions []*registry.Version) [][]*registry.Version {
	at := make(map[key]*registry.Version, len(versions))
	before := make(map[key]*registry.Version, len(versions)) // the subject's version before
	last := map[string]*registry.Version{}
	for _, v := range versions { // by subject and number
		at[keyOf(v)] = v
		if prev := last[v.Subject]; prev != nil {
			before[keyOf(v)] = prev
		}
		last[v.Subject] = v
	}
	const open = -1
	depth := make(map[*registry.Version]int, len(versions))
	var find func(v *registry.Version) int
	find = func(v *registry.Version) int {
		if d, ok := depth[v]; ok {
			return max(d, 0) // one that is open: a circle, which nothing puts into an order
		}
		depth[v] = open
		d := 0
		for _, r := range v.Content.References {
			if to := at[target(v.Subject, r)]; to != nil {
				d = max(d, find(to)+1)
			}
		}
		if prev := before[keyOf(v)]; prev != nil {
			d = max(d, find(prev)+1)
		}
		depth[v] = d
		return d
	}
	var out [][]*registry.Version
	for _, v := range versions {
		d := find(v)
		for len(out) <= d {
			out = append(out, nil)
		}
		out[d] = append(out[d], v)
	}
	return slices.DeleteFunc(out, func(w []*registry.Version) bool { return len(w) == 0 })
}
