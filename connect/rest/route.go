package rest

import (
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// route is a path with what can be done there. "*" stands for any segment.
type route struct {
	path    []string
	methods map[string]endpoint
}

// table lists the API: https://kafka.apache.org/43/documentation/#connect_rest
func (a *api) table() []route {
	at := func(path string, methods map[string]endpoint) route {
		segments, _ := split(path)
		return route{segments, methods}
	}
	return []route{
		at("/", map[string]endpoint{"GET": a.root}),
		at("/health", map[string]endpoint{"GET": a.health}),
		at("/connectors", map[string]endpoint{"GET": a.listConnectors, "POST": a.createConnector}),
		at("/connectors/*", map[string]endpoint{"GET": a.getConnector, "DELETE": a.deleteConnector}),
		at("/connectors/*/config", map[string]endpoint{"GET": a.getConfig, "PUT": a.putConfig, "PATCH": a.patchConfig}),
		at("/connectors/*/status", map[string]endpoint{"GET": a.getStatus}),
		at("/connectors/*/restart", map[string]endpoint{"POST": a.restart}),
		at("/connectors/*/pause", map[string]endpoint{"PUT": a.pause}),
		at("/connectors/*/resume", map[string]endpoint{"PUT": a.resume}),
		at("/connectors/*/stop", map[string]endpoint{"PUT": a.stop}),
		at("/connectors/*/tasks", map[string]endpoint{"GET": a.getTasks}),
		at("/connectors/*/tasks-config", map[string]endpoint{"GET": a.getTasksConfig}),
		at("/connectors/*/tasks/*/status", map[string]endpoint{"GET": a.getTaskStatus}),
		at("/connectors/*/tasks/*/restart", map[string]endpoint{"POST": a.restartTask}),
		at("/connectors/*/topics", map[string]endpoint{"GET": a.getTopics}),
		at("/connectors/*/topics/reset", map[string]endpoint{"PUT": a.resetTopics}),
		at("/connectors/*/offsets", map[string]endpoint{"GET": a.getOffsets, "PATCH": a.alterOffsets, "DELETE": a.resetOffsets}),
		at("/connector-plugins", map[string]endpoint{"GET": a.listPlugins}),
		at("/connector-plugins/*/config", map[string]endpoint{"GET": a.pluginConfig}),
		at("/connector-plugins/*/config/validate", map[string]endpoint{"PUT": a.validate}),
		at("/admin/loggers", map[string]endpoint{"GET": a.listLoggers}),
		at("/admin/loggers/*", map[string]endpoint{"GET": a.getLogger, "PUT": a.setLogger}),
	}
}

// find returns the route of a path and what the path has at the wildcards; nil: there is none.
func (a *api) find(segments []string) (*route, []string) {
next:
	for i := range a.routes {
		r := &a.routes[i]
		if len(r.path) != len(segments) {
			continue
		}
		var args []string
		for j, s := range r.path {
			switch {
			case s == "*":
				args = append(args, segments[j])
			case s != segments[j]:
				continue next
			}
		}
		return r, args
	}
	return nil, nil
}

// split returns the decoded segments of an escaped path. A slash at the end and matrix parameters do not count; a slash
// inside a segment comes as %2F.
func split(escaped string) ([]string, error) {
	rest := strings.TrimSuffix(strings.TrimPrefix(escaped, "/"), "/")
	if rest == "" && !strings.HasPrefix(escaped, "//") {
		return nil, nil
	}
	var segments []string
	for raw := range strings.SplitSeq(rest, "/") {
		raw, _, _ = strings.Cut(raw, ";")
		s, err := url.PathUnescape(raw)
		switch {
		case err != nil:
			return nil, badRequest("The path is not well-formed")
		case s == "":
			return nil, badRequest("The path has an empty segment")
		case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return nil, badRequest("The path has characters that are not allowed")
		}
		segments = append(segments, s)
	}
	return segments, nil
}

// accepts reports whether JSON is among what an Accept header admits.
func accepts(accept []string) bool {
	if len(accept) == 0 {
		return true
	}
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		name, params, err := mime.ParseMediaType(part)
		if err != nil || name != "application/json" && name != "application/*" && name != "*/*" {
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); err != nil || q > 0 {
			return true
		}
	}
	return false
}

// writeOptions tells what a path can do, as Jersey does.
func writeOptions(w http.ResponseWriter, r *route) int {
	methods := []string{"OPTIONS"}
	if r.methods["GET"] != nil {
		methods = append(methods, "HEAD")
	}
	methods = append(methods, slices.Sorted(maps.Keys(r.methods))...)
	w.Header().Set("Allow", strings.Join(methods, ","))
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(strings.Join(methods, ", ")))
	return http.StatusOK
}
