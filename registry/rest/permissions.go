package rest

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// routeName is a route as permissions, metrics and logs know it.
type routeName struct {
	needs map[string]needs // by method
	label string           // the path as people write it: /subjects/{subject}/versions
}

// routeNames are the names of routes, in their order.
var routeNames = func() []routeName {
	out := make([]routeName, len(routes))
	for i, r := range routes {
		out[i] = routeName{map[string]needs{}, "/" + strings.Join(labelled(r.path), "/")}
		for method := range r.methods {
			out[i].needs[method] = permissions[method+" /"+strings.Join(r.path, "/")]
		}
	}
	return out
}()

// named returns the name of a route by its path.
func named(path ...string) *routeName {
	for i := range routes {
		if slices.Equal(routes[i].path, path) {
			return &routeNames[i]
		}
	}
	panic("no route " + strings.Join(path, "/"))
}

// labelled names the parameters of a path by what stands before them.
func labelled(path []string) []string {
	out := slices.Clone(path)
	for i, s := range path {
		if s != param {
			continue
		}
		switch before := path[i-1]; before {
		case "resources":
			out[i] = "{resource}"
			if len(path) > i+1 {
				out[i] = "{namespace}"
			}
		case "config", "mode":
			out[i] = "{subject}"
		case param:
			out[i] = "{name}"
		default:
			out[i] = "{" + strings.TrimSuffix(before, "s") + "}"
		}
	}
	return out
}

// need is a verb on a subject, or on a context, that a request is refused without.
type need struct {
	verb    access.Verb
	subject string
}

// needs returns what a request needs before it is looked at any closer.
type needs func(c *call) []need

// permissions say what each method of each route needs, by method and path as routes have them. What depends on the body, or
// on what is found, is decided by the handler: that a listing has what the caller may read, that a reference is to what the
// caller may read, which subject stands for an id.
var permissions = map[string]needs{
	"GET /":  metadata,
	"POST /": metadata,

	"GET /schemas":                found,
	"GET /schemas/types":          metadata,
	"GET /schemas/ids/*":          found,
	"GET /schemas/ids/*/schema":   found,
	"GET /schemas/ids/*/subjects": found,
	"GET /schemas/ids/*/versions": found,
	"GET /schemas/guids/*":        found,
	"GET /schemas/guids/*/ids":    found,

	"GET /subjects":                           found,
	"POST /subjects/*":                        subject(access.Read),
	"DELETE /subjects/*":                      deletion,
	"GET /subjects/*/metadata":                subject(access.Read),
	"GET /subjects/*/versions":                subject(access.Read),
	"POST /subjects/*/versions":               registration,
	"GET /subjects/*/versions/*":              subject(access.Read),
	"DELETE /subjects/*/versions/*":           deletion,
	"GET /subjects/*/versions/*/schema":       subject(access.Read),
	"GET /subjects/*/versions/*/referencedby": subject(access.Read),
	"POST /subjects/*/versions/*/tags":        subject(access.Read, access.Register),

	"POST /compatibility/subjects/*/versions":   subject(access.Compatibility),
	"POST /compatibility/subjects/*/versions/*": subject(access.Compatibility),

	"GET /config":      subject(access.ConfigRead),
	"PUT /config":      subject(access.ConfigWrite),
	"DELETE /config":   subject(access.ConfigWrite),
	"GET /config/*":    subject(access.ConfigRead),
	"PUT /config/*":    subject(access.ConfigWrite),
	"DELETE /config/*": subject(access.ConfigWrite),
	"GET /mode":        subject(access.ModeRead),
	"PUT /mode":        subject(access.ModeWrite),
	"DELETE /mode":     subject(access.ModeWrite),
	"GET /mode/*":      subject(access.ModeRead),
	"PUT /mode/*":      subject(access.ModeWrite),
	"DELETE /mode/*":   subject(access.ModeWrite),

	"POST /associations":               found,
	"POST /associations:batchGet":      found,
	"POST /associations:batchMutate":   found,
	"GET /associations/subjects/*":     subject(access.AssociationRead),
	"GET /associations/resources/*":    found,
	"PUT /associations/resources/*":    found,
	"DELETE /associations/resources/*": found,
	"GET /associations/resources/*/*":  found,

	"GET /contexts":      found,
	"DELETE /contexts/*": contextOf(access.ContextDelete),

	"GET /v1/metadata/id":         metadata,
	"GET /v1/metadata/version":    metadata,
	"GET /v1/metadata/deployment": metadata,
}

// found is a request that is answered with what of it the caller may read.
func found(*call) []need { return nil }

func metadata(*call) []need { return []need{{access.Metadata, ""}} }

// subject needs verbs on the subject, or context, that is the path's first parameter; without one, on the default context.
func subject(verbs ...access.Verb) needs {
	return func(c *call) (out []need) {
		for _, v := range verbs {
			out = append(out, need{v, registry.Qualify(c.scope()).String()})
		}
		return out
	}
}

// contextOf needs a verb on the context that is the path's first parameter.
func contextOf(v access.Verb) needs {
	return func(c *call) []need { return []need{{v, prefixOf(strings.Trim(c.params[0], ":"))}} }
}

func deletion(c *call) []need {
	v := access.Delete
	if c.flag("permanent") {
		v = access.PermanentDelete
	}
	return []need{{v, registry.Qualify(c.params[0]).String()}}
}

func registration(c *call) []need {
	out := subject(access.Register)(c)
	if c.flag("force") {
		out = append(out, need{access.Import, out[0].subject})
	}
	return out
}

// prefixOf names a context as a subject without a name; the default one's is nothing.
func prefixOf(context string) string { return registry.Qualified{Context: context}.String() }
