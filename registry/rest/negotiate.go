package rest

import (
	"mime"
	"strconv"
	"strings"
)

// The media types, best first, which is also the order of the server's own preference.
const (
	typeV1   = "application/vnd.schemaregistry.v1+json"
	typeAny  = "application/vnd.schemaregistry+json"
	typeJSON = "application/json"
)

var produced = [...]struct {
	name string
	qs   float64
}{{typeV1, 1}, {typeAny, 0.9}, {typeJSON, 0.5}}

// negotiate returns the media type that an Accept header gets, or nothing where there is none for it: of the types that it
// admits the one that it names most exactly, then by its quality, then by ours.
func negotiate(accept []string) string {
	if len(accept) == 0 {
		return typeV1
	}
	if first, _, _ := strings.Cut(accept[0], ","); first == typeV1 || len(accept) == 1 && (accept[0] == "" || accept[0] == "*/*") {
		return typeV1 // without a quality nothing goes before it
	}
	best, found := "", false
	var exact int
	var quality, own float64
	for part := range strings.SplitSeq(strings.Join(accept, ","), ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		name, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil || q <= 0 {
				continue
			}
		}
		for _, t := range produced {
			e := 0
			switch name {
			case t.name:
				e = 2
			case "application/*":
				e = 1
			case "*/*":
			default:
				continue
			}
			if !found || q > quality || q == quality && (e > exact || e == exact && t.qs > own) {
				best, found, exact, quality, own = t.name, true, e, q, t.qs
			}
		}
	}
	return best
}

// consumes says whether a body of this Content-Type is read. A request without one is.
func consumes(contentType string) bool {
	if contentType == "" {
		return true
	}
	name, _, _ := mime.ParseMediaType(contentType)
	switch name {
	case typeV1, typeAny, typeJSON, "application/octet-stream", "*/*", "application/*":
		return true
	}
	return false
}
