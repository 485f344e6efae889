package config

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// endpoint reads {kind: {options}}.
func (r *pipelineReader) endpoint(to *Endpoint, whole *place, parts map[string]Part) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		fields := r.fields(n, path, 0)
		for i, f := range fields {
			part, ok := parts[f.name]
			if !ok {
				r.unknown(f, path, slices.Collect(maps.Keys(parts)))
				continue
			}
			if i > 0 && to.Kind != "" {
				r.fault(f.key, join(path, f.name), "is a second one: a pipeline has one %s; %s is there already", path, to.Kind)
				continue
			}
			to.Kind, to.Options = f.name, map[string]string{}
			*whole = place{join(path, f.name), f.key}
			prefix := ""
			if part.Class == "" {
				prefix = BrokerPrefix(f.name)
			}
			if v := r.visit(f.val, 1); v != nil && v.Kind == yaml.ScalarNode && v.Tag == "!!null" {
				continue // kind: without options
			}
			r.options(to, f.val, join(path, f.name), "", prefix, part.Spec)
		}
		if len(fields) == 0 && n.Kind == yaml.MappingNode {
			names := slices.Sorted(maps.Keys(parts))
			r.fault(n, path, "expects one of %s below it", strings.Join(names, ", "))
		}
	}
}

// options reads the keys of a Spec. Keys with a dot are written nested: tables: {include: […]}.
func (r *pipelineReader) options(to *Endpoint, n *yaml.Node, path, above, prefix string, spec Spec) {
	for _, f := range r.fields(n, path, strings.Count(path, ".")) {
		key := above + f.name
		if i := slices.IndexFunc(spec, func(o Option) bool { return o.Key == key }); i >= 0 {
			if s, ok := r.option(&spec[i], f.val, join(path, f.name)); ok {
				to.Options[spec[i].Name] = s
				r.at[prefix+spec[i].Name] = place{join(path, f.name), f.val}
			}
			continue
		}
		var names []string
		inner := false
		for i := range spec {
			rest, ok := strings.CutPrefix(spec[i].Key, above)
			if spec[i].Key == "" || !ok {
				continue
			}
			first, _, nested := strings.Cut(rest, ".")
			names = append(names, first)
			inner = inner || nested && first == f.name
		}
		if inner {
			r.options(to, f.val, join(path, f.name), key+".", prefix, spec)
			continue
		}
		slices.Sort(names)
		r.misplaced(f, path, slices.Compact(names), spec)
	}
}

// misplaced tells about a key that is none: one that is an option by its name in Connect gets the key it has here.
func (r *pipelineReader) misplaced(f field, path string, names []string, spec Spec) {
	for _, spelling := range []string{f.name, strings.ReplaceAll(f.name, "_", "."), "database." + strings.ReplaceAll(f.name, "_", ".")} {
		o, ok := spec.Option(spelling)
		switch {
		case !ok || o.pattern():
			continue
		case o.Key != "":
			r.fault(f.key, join(path, f.name), "is not a known key; did you mean %s?", o.Key)
		case o.Unsupported != "":
			r.fault(f.key, join(path, f.name), "is not supported by Millrace: %s", o.Unsupported)
		case o.NoEffect != "":
			r.fault(f.key, join(path, f.name), "has no effect in Millrace, so pipelines do not have it: %s", o.NoEffect)
		default:
			r.fault(f.key, join(path, f.name), "is not a key of pipelines; they set %s themselves", o.Name)
		}
		return
	}
	r.unknown(f, path, names)
}

var typeWords = map[Type]string{Int: "a whole number", Long: "a whole number", Double: "a number", Bool: "true or false", List: "a list"}

// option reads one value of the option's type.
func (r *pipelineReader) option(o *Option, n *yaml.Node, path string) (string, bool) {
	expects := typeWords[o.Type]
	if len(o.Enum) > 0 && o.Type == String {
		expects = "one of " + strings.Join(o.Enum, ", ")
	}
	if expects == "" {
		expects = "text"
	}
	depth := strings.Count(path, ".")
	if o.Type == List {
		items, ok := r.list(n, path, expects, depth)
		for i, item := range items {
			items[i] = r.references(n, path, item, nil)
		}
		return strings.Join(items, ","), ok
	}
	s, ok := r.text(n, path, expects, depth)
	if !ok {
		return "", false
	}
	s = r.references(n, path, s, nil)
	if !HasReference(s) {
		if _, wrong := o.normal(strings.TrimSpace(s)); wrong != "" {
			r.fault(n, path, "expects %s, not %s%s", expects, o.shown(s), didYouMean(strings.ToLower(s), o.Enum))
			return "", false
		}
	}
	return s, true
}

// fileRef is ${…} in a pipeline file: ${NAME}, ${NAME:-default}, ${file:PATH}, ${file:PATH:KEY}, ${env:NAME}; $${ stands
// for ${ itself.
var fileRef = regexp.MustCompile(`\$?\$\{([^}]*)\}`)

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// references turns the file's shorthand into config providers' references, which the rest of the program knows.
func (r *pipelineReader) references(n *yaml.Node, path, s string, keep []string) string {
	return fileRef.ReplaceAllStringFunc(s, func(ref string) string {
		if strings.HasPrefix(ref, "$$") {
			return ref[1:]
		}
		inner := ref[2 : len(ref)-1]
		name, def, hasDefault := strings.Cut(inner, ":-")
		provider, _, isProvider := strings.Cut(inner, ":")
		switch {
		case slices.Contains(keep, inner):
			return ref
		case envName.MatchString(name) && (hasDefault || !isProvider):
			if hasDefault {
				return "${env:" + name + ":-" + def + "}"
			}
			return "${env:" + name + "}"
		}
		if _, ok := r.lookup.provider(provider); !isProvider || !ok {
			r.fault(n, path, "%s is no reference: there are ${NAME}, ${NAME:-default}, ${file:PATH} and ${file:PATH:KEY}; write $${ for ${ itself", ref)
		}
		return ref
	})
}

// resolve returns s with its references replaced.
func (r *pipelineReader) resolve(n *yaml.Node, path, s string) (string, bool) {
	out, faults := r.lookup.Resolve(map[string]string{path: s})
	for _, f := range faults {
		r.fault(n, path, "%s", f.Msg)
	}
	return out[path], len(faults) == 0
}
