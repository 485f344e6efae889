package rest

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// header is one that every answer gets.
type header struct {
	name, value string
	replace     bool
}

// CheckHeaders returns what is wrong with the text of response.http.headers.config.
func CheckHeaders(text string) error {
	_, err := parseHeaders(text)
	return err
}

// parseHeaders reads response.http.headers.config: comma-separated "ACTION NAME: VALUE", where an entry in double quotes may
// have commas. Actions are add and set, and addDate and setDate, whose values are milliseconds since 1970.
func parseHeaders(text string) ([]header, error) {
	var hs []header
	for _, entry := range splitQuoted(text) {
		if entry == "" {
			continue
		}
		action, rest, _ := strings.Cut(entry, " ")
		name, value, found := strings.Cut(rest, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !found || !token(name) || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return nil, fmt.Errorf("response.http.headers.config: %q is not ACTION NAME: VALUE", entry)
		}
		h := header{name: name, value: value}
		switch action {
		case "add", "set":
		case "addDate", "setDate":
			ms, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("response.http.headers.config: the date %q is not a number of milliseconds", value)
			}
			h.value = time.UnixMilli(ms).UTC().Format(http.TimeFormat)
		default:
			return nil, fmt.Errorf("response.http.headers.config: the action %q is none of add, set, addDate, setDate", action)
		}
		h.replace = strings.HasPrefix(action, "set")
		hs = append(hs, h)
	}
	return hs, nil
}

// splitQuoted splits at commas outside double quotes, which it removes.
func splitQuoted(text string) []string {
	var entries []string
	var b strings.Builder
	quoted := false
	for _, r := range text {
		switch {
		case r == '"':
			quoted = !quoted
		case r == ',' && !quoted:
			entries = append(entries, strings.TrimSpace(b.String()))
			b.Reset()
		default:
			b.WriteRune(r)
		}
	}
	return append(entries, strings.TrimSpace(b.String()))
}

// token reports whether s may name a header: RFC 9110, section 5.6.2.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("!#$%&'*+-.^_`|~", r)
	})
}

func (a *api) setHeaders(h http.Header) {
	for _, e := range a.headers {
		if e.replace {
			h.Set(e.name, e.value)
		} else {
			h.Add(e.name, e.value)
		}
	}
}

// allowOrigin answers cross-origin requests as Jetty does in front of Connect.
func (a *api) allowOrigin(h http.Header, r *http.Request) {
	if a.o.AllowOrigin == "" {
		return
	}
	h.Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !a.allowed(origin) {
		return
	}
	h.Set("Access-Control-Allow-Origin", origin)
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return
	}
	methods := a.o.AllowMethods
	if len(methods) == 0 {
		methods = []string{"GET", "POST", "HEAD"}
	}
	h.Set("Access-Control-Allow-Methods", strings.Join(methods, ","))
	h.Set("Access-Control-Allow-Headers", "Content-Type")
	h.Set("Access-Control-Max-Age", "60")
}

func (a *api) allowed(origin string) bool {
	for o := range strings.SplitSeq(a.o.AllowOrigin, ",") {
		if o = strings.TrimSpace(o); o == "*" || strings.EqualFold(o, origin) {
			return true
		}
	}
	return false
}
