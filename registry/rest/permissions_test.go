package rest

import (
	"net/http"
	"strings"
	"testing"
)

// TestEveryRouteNeedsSomething finds routes that nobody has given permissions, and permissions of no route.
func TestEveryRouteNeedsSomething(t *testing.T) {
	used := map[string]bool{}
	for i, r := range routes {
		for method := range r.methods {
			name := method + " /" + strings.Join(r.path, "/")
			used[name] = true
			if permissions[name] == nil || routeNames[i].needs[method] == nil {
				t.Errorf("%s has no permission: add it to permissions", name)
			}
		}
	}
	for name := range permissions {
		if !used[name] {
			t.Errorf("%s has a permission and is no route", name)
		}
	}
}

func TestRouteLabels(t *testing.T) {
	for path, want := range map[string]string{
		"/": "/", "/subjects/a%2Fb/versions/1/schema": "/subjects/{subject}/versions/{version}/schema", "/config/x": "/config/{subject}", "/schemas/ids/1": "/schemas/ids/{id}",
		"/contexts/c": "/contexts/{context}", "/schemas/guids/x/ids": "/schemas/guids/{guid}/ids", "/mode": "/mode",
	} {
		segments, _, _ := splitPath(path)
		c := call{}
		if c.find(segments); c.matched == nil || c.matched.label != want {
			t.Errorf("%s is %v, want %s", path, c.matched, want)
		}
	}
}

func TestRequestIDs(t *testing.T) {
	for id, want := range map[string]bool{"abc-1.2:3/4+5=@_": true, "": false, "a b": false, "a\nb": false, strings.Repeat("x", 129): false, strings.Repeat("x", 128): true, "ä": false} {
		w := &recorder{ResponseWriter: discard{http.Header{}}}
		echoRequestID(w, &http.Request{Header: http.Header{requestID: {id}}})
		if got := w.Header().Get(requestID) == id && id != ""; got != want {
			t.Errorf("%q is echoed: %v", id, got)
		}
	}
}

type discard struct{ h http.Header }

func (d discard) Header() http.Header         { return d.h }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

func TestSubjectAnswered(t *testing.T) {
	for body, want := range map[string]string{
		`{"subject":"a","version":1}`: "a", `{"subject":":.c:a b"}`: ":.c:a b", `{"subject":"a\"b"}`: "", `{"version":1,"subject":"a"}`: "", `{"subject":"a`: "", ``: "", `{"subject":"`: "",
	} {
		if got, ok := subjectAnswered([]byte(body)); got != want || ok != (want != "") {
			t.Errorf("%s: %q, %v", body, got, ok)
		}
	}
}
