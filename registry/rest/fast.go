package rest

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// serveFast answers the requests that there are by far the most of, as serializers ask them: GET /schemas/ids/{id}, alone or with
// the subject, and GET /subjects/{subject}/versions/{version} of a plain name. It answers as the long way would, or not at all:
// then the route is nil.
func (s *server) serveFast(w http.ResponseWriter, r *http.Request, who *access.Caller) (route *routeName) {
	if r.Method != http.MethodGet || len(r.Header["Content-Type"]) > 0 {
		return nil
	}
	typ := negotiate(r.Header["Accept"])
	if typ == "" {
		return nil
	}
	buf, _ := buffers.Get().(*[]byte)
	defer release(buf)
	if digits, byID := strings.CutPrefix(r.URL.Path, "/schemas/ids/"); byID {
		if s.fastByID(buf, digits, r.URL.RawQuery, who) {
			route = byIDRoute
		}
	} else if rest, of := strings.CutPrefix(r.URL.Path, "/subjects/"); of && r.URL.RawQuery == "" && r.URL.RawPath == "" && s.fastVersion(buf, rest, who) {
		route = versionRoute
	}
	if route != nil {
		writeBody(w, typ, *buf)
	}
	return route
}

// The routes that serveFast answers.
var byIDRoute, versionRoute = named("schemas", "ids", param), named("subjects", param, "versions", param)

// buffers hold answers while they are written.
var buffers = sync.Pool{New: func() any {
	b := make([]byte, 0, 8<<10)
	return &b
}}

func release(buf *[]byte) {
	if cap(*buf) <= mostPooled {
		buffers.Put(buf)
	}
}

// mostPooled is how large a buffer may be that is kept.
const mostPooled = 256 << 10

func (s *server) fastByID(buf *[]byte, digits, query string, who *access.Caller) bool {
	id, err := strconv.ParseInt(digits, 10, 32)
	if err != nil {
		return false
	}
	subject, ok := onlySubject(query)
	if !ok {
		return false
	}
	*buf, err = s.reg.AppendByID((*buf)[:0], subject, int(id))
	return err == nil && s.mayReadAnswer(who, subject, *buf) // the long way words what it is not
}

func (s *server) fastVersion(buf *[]byte, rest string, who *access.Caller) bool {
	subject, rest, _ := strings.Cut(rest, "/")
	number, ok := strings.CutPrefix(rest, "versions/")
	if !ok || !plainSegment(subject) || !plainSegment(number) {
		return false
	}
	n, err := registry.ParseVersion(number)
	if err != nil {
		return false
	}
	*buf, err = s.reg.AppendVersion((*buf)[:0], subject, n, false)
	return err == nil && s.mayReadAnswer(who, subject, *buf)
}

// plainSegment reports whether a segment of an unescaped path means itself.
func plainSegment(s string) bool {
	if s == "" || s == "." || s == ".." {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7F || c == '/' || c == ';' || c == '%' {
			return false
		}
	}
	return true
}

// onlySubject returns the subject of a query; false when the query asks for more.
func onlySubject(raw string) (subject string, ok bool) {
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		switch name, v, _ := strings.Cut(part, "="); {
		case name == "fetchMaxId" && v == "false":
		case name == "subject" && subject == "":
			var err error
			if subject, err = url.QueryUnescape(v); err != nil {
				return "", false
			}
		default:
			return "", false
		}
	}
	return subject, true
}

func writeBody(w http.ResponseWriter, typ string, body []byte) {
	h := w.Header()
	h["Content-Type"] = mediaTypes[typ]
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	_, _ = w.Write(body)
}

// mediaTypes are the header's values, made once.
var mediaTypes = map[string][]string{typeV1: {typeV1}, typeAny: {typeAny}, typeJSON: {typeJSON}}
