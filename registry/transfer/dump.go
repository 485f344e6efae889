package transfer

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

// Dump is what a registry holds. A scope is a subject, a context as :.name:, or "" for the registry.
type Dump struct {
	Contexts []string           // ".", ".name", …
	Versions []registry.Version // by subject and number, soft-deleted ones too
	Configs  map[string]registry.Config
	Modes    map[string]string
	// Associations are by resource, type and subject.
	Associations []*registry.Association
	Notes        []string // what the reader found odd

	associates bool // the registry of a Remote has associations, if none at present
	effective  bool // configs have the level that holds where none is set, as the API answers them
}

type key struct {
	subject string
	number  int
}

func (k key) String() string { return fmt.Sprintf("version %d of %q", k.number, k.subject) }

func keyOf(v *registry.Version) key { return key{v.Subject, v.Number} }

// sort brings the dump into the one order that it has in a file.
func (d *Dump) sort() {
	slices.Sort(d.Contexts)
	d.Contexts = slices.Compact(d.Contexts)
	slices.SortFunc(d.Versions, func(a, b registry.Version) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Number, b.Number))
	})
	intern(d.Versions)
	slices.SortFunc(d.Associations, compareAssociations)
}

// intern lets equal contents be one: topics by the thousand share a schema.
func intern(versions []registry.Version) {
	seen := make(map[registry.GUID]*registry.Content, len(versions))
	for i := range versions {
		v := &versions[i]
		if c := seen[v.GUID]; c == nil {
			seen[v.GUID] = v.Content
		} else if c.Type == v.Content.Type && c.Text == v.Content.Text {
			v.Content = c
		}
	}
}

// Subjects returns the names of the subjects, sorted.
func (d *Dump) Subjects() []string {
	var out []string
	for i := range d.Versions {
		out = append(out, d.Versions[i].Subject)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Only keeps the subjects that one of the patterns matches, in which * is any run of characters and ? any one, and the versions
// that those refer to. What is set for contexts and the registry stays out. It returns how many subjects are there for a
// reference alone.
func (d *Dump) Only(patterns []string) (out *Dump, referred int) {
	var alternatives []string
	for _, p := range patterns {
		alternatives = append(alternatives, strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(p)))
	}
	matches := regexp.MustCompile(`(?s)\A(?:` + strings.Join(alternatives, "|") + `)\z`).MatchString
	at := make(map[key]*registry.Version, len(d.Versions))
	for i := range d.Versions {
		at[keyOf(&d.Versions[i])] = &d.Versions[i]
	}
	chosen, wanted := map[string]bool{}, map[key]bool{}
	var visit func(v *registry.Version)
	visit = func(v *registry.Version) {
		if wanted[keyOf(v)] {
			return
		}
		wanted[keyOf(v)] = true
		for _, r := range v.Content.References {
			if to := at[target(v.Subject, r)]; to != nil {
				visit(to)
			}
		}
	}
	for i := range d.Versions {
		if v := &d.Versions[i]; matches(v.Subject) {
			chosen[v.Subject] = true
			visit(v)
		}
	}
	out = &Dump{Configs: map[string]registry.Config{}, Modes: map[string]string{}, Notes: d.Notes, effective: d.effective}
	others := map[string]bool{}
	for i := range d.Versions {
		v := &d.Versions[i]
		if wanted[keyOf(v)] {
			out.Versions = append(out.Versions, *v)
			out.Contexts = append(out.Contexts, registry.Qualify(v.Subject).Context)
			if !chosen[v.Subject] {
				others[v.Subject] = true
			}
		}
	}
	for scope, c := range d.Configs {
		if chosen[scope] || !isContext(scope) && matches(scope) {
			out.Configs[scope] = c
		}
	}
	for _, a := range d.Associations {
		if chosen[a.Subject] {
			out.Associations = append(out.Associations, a)
		}
	}
	for scope, m := range d.Modes {
		if chosen[scope] {
			out.Modes[scope] = m
		}
	}
	out.sort()
	return out, len(others)
}

func isContext(scope string) bool { return registry.Qualify(scope).Name == "" }

// target is the version that a reference of a subject's schema names.
func target(subject string, r schema.Reference) key {
	return key{within(registry.Qualify(subject).Context, r.Subject), r.Version}
}

// within returns the subject that a name stands for in a context.
func within(context, name string) string {
	if strings.HasPrefix(name, ":") {
		return registry.Qualify(name).String()
	}
	return registry.Qualified{Context: context, Name: name}.String()
}

// Move returns the dump with contexts under other names: from → to. References and aliases that name a subject with its context
// follow; the GUID of a schema with such a reference is another then.
func (d *Dump) Move(contexts map[string]string) (*Dump, error) {
	to := map[string]string{}
	for _, c := range d.Contexts {
		name := cmp.Or(contexts[c], c)
		if other, taken := to[name]; taken {
			return nil, fmt.Errorf("the contexts %s and %s would both become %s", other, c, name)
		}
		to[name] = c
	}
	for from := range contexts {
		if !slices.Contains(d.Contexts, from) {
			return nil, fmt.Errorf("there is no context %s to move: there are %s", from, strings.Join(d.Contexts, ", "))
		}
	}
	move := func(name string) registry.Qualified {
		q := registry.Qualify(name)
		q.Context = cmp.Or(contexts[q.Context], q.Context)
		return q
	}
	moves := func(r schema.Reference) bool {
		return strings.HasPrefix(r.Subject, ":") && contexts[registry.Qualify(r.Subject).Context] != ""
	}
	out := &Dump{Configs: map[string]registry.Config{}, Modes: map[string]string{}, Notes: d.Notes, effective: d.effective}
	for name := range to {
		out.Contexts = append(out.Contexts, name)
	}
	for _, v := range d.Versions {
		v.Subject = move(v.Subject).String()
		if slices.ContainsFunc(v.Content.References, moves) {
			c := *v.Content
			c.References = slices.Clone(c.References)
			for i, r := range c.References {
				if moves(r) {
					q := move(r.Subject)
					c.References[i].Subject = ":" + q.Context + ":" + q.Name // with its context in the default one too
				}
			}
			v.Content, v.GUID = &c, c.GUID()
		}
		out.Versions = append(out.Versions, v)
	}
	for scope, c := range d.Configs {
		if c.Alias != "" {
			c.Alias = move(c.Alias).String()
		}
		out.Configs[move(scope).String()] = c
	}
	for _, a := range d.Associations {
		moved := *a
		moved.Subject = move(a.Subject).String()
		out.Associations = append(out.Associations, &moved)
	}
	for scope, m := range d.Modes {
		out.Modes[move(scope).String()] = m
	}
	out.sort()
	return out, nil
}
