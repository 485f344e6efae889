package rest

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// splitPath returns the decoded segments of an escaped path. A fault is the title of Jetty's page for it, and the URI that
// page names. A slash at the end does not count; a slash inside a segment comes as %2F.
func splitPath(escaped string) (segments []string, fault, uri string) {
	rest := strings.TrimSuffix(strings.TrimPrefix(escaped, "/"), "/")
	if strings.HasPrefix(rest, "/") || strings.Contains(rest, "//") {
		return nil, "Ambiguous URI empty segment", "/badURI"
	}
	if rest == "" {
		return nil, "", ""
	}
	for raw := range strings.SplitSeq(rest, "/") {
		raw, _, _ = strings.Cut(raw, ";") // a matrix parameter
		switch raw {
		case ".":
			continue
		case "..":
			if len(segments) > 0 {
				segments = segments[:len(segments)-1]
			}
			continue
		}
		s, err := url.PathUnescape(raw)
		if err != nil || strings.Contains(s, "\x00") {
			return nil, "Bad Request", "/badMessage"
		}
		if !utf8.ValidString(s) {
			return nil, "Bad UTF-8 encoding", "/badURI"
		}
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F }) {
			return nil, "Suspicious Path Character", "/badURI"
		}
		segments = append(segments, s)
	}
	return segments, "", ""
}

// writeJettyPage answers a path that never reaches the API, as Confluent's server does: a page, or nothing for the methods
// that Jetty does not explain itself to.
func writeJettyPage(w http.ResponseWriter, method, title, uri string) {
	h := w.Header()
	h.Set("Cache-Control", "must-revalidate,no-cache,no-store")
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
	default:
		if uri != "/badMessage" {
			h["Content-Type"] = nil
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	h.Set("Content-Type", "text/html;charset=iso-8859-1")
	w.WriteHeader(http.StatusBadRequest)
	_, _ = w.Write([]byte("<html>\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html;charset=ISO-8859-1\"/>\n<title>Error 400 " + title +
		"</title>\n</head>\n<body>\n<h2>HTTP ERROR 400 " + title + "</h2>\n<table>\n<tr><th>URI:</th><td>" + uri +
		"</td></tr>\n<tr><th>STATUS:</th><td>400</td></tr>\n<tr><th>MESSAGE:</th><td>" + title + "</td></tr>\n</table>\n\n</body>\n</html>\n"))
}

// inContext rewrites /contexts/{context}/… to the path that it stands for in that context: the subject gets its prefix, or the
// query does where the path has no subject. A context may come as .name, name or :.name:.
func inContext(segments []string, q url.Values) ([]string, error) {
	ctx := strings.Trim(segments[1], ":")
	if strings.Contains(ctx, ":") {
		return nil, &httpError{http.StatusBadRequest, "Context name cannot contain a colon: " + segments[1]}
	}
	if !strings.HasPrefix(ctx, ".") {
		ctx = "." + ctx
	}
	segments = append([]string(nil), segments[2:]...)
	if ctx == "." {
		return segments, nil
	}
	prefix := ":" + ctx + ":"
	before := func(param string) {
		if v := q.Get(param); !strings.HasPrefix(v, ":") {
			q.Set(param, prefix+v)
		}
	}
	at := -1 // of the subject
	root, _, _ := strings.Cut(segments[0], ":")
	switch {
	case root != "associations":
	case len(segments) > 1 && segments[1] == "subjects":
		at = 2
	default:
		before("context")
		return segments, nil
	}
	switch segments[0] {
	case "subjects", "config", "mode":
		at = 1
	case "compatibility":
		at = 2
	}
	switch {
	case at > 0 && at < len(segments):
		if !strings.HasPrefix(segments[at], ":") {
			segments[at] = prefix + segments[at]
		}
	case at == 1 && segments[0] != "subjects":
		segments = append(segments, prefix)
	case segments[0] == "subjects" || segments[0] == "schemas" && len(segments) == 1:
		before("subjectPrefix")
	default:
		before("subject")
	}
	return segments, nil
}
