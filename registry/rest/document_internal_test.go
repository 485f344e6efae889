package rest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestDocumentHasEveryRoute compares the routes with the description of the API, both ways.
func TestDocumentHasEveryRoute(t *testing.T) {
	root, err := describe()
	if err != nil {
		t.Fatal(err)
	}
	described := map[string]bool{}
	ids := map[string]bool{}
	for path, item := range root["paths"].(map[string]any) {
		segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
		for i, s := range segments {
			if strings.HasPrefix(s, "{") {
				segments[i] = param
			}
		}
		for method, o := range item.(map[string]any) {
			if method == "parameters" {
				continue
			}
			described[strings.ToUpper(method)+" /"+strings.Join(segments, "/")] = true
			id, _ := o.(map[string]any)["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s: the operationId %q is none of its own", method, path, id)
			}
			ids[id] = true
		}
	}
	for _, r := range routes {
		for _, method := range slices.Sorted(maps.Keys(r.methods)) {
			at := method + " /" + strings.Join(r.path, "/")
			if !described[at] {
				t.Errorf("openapi.yaml lacks %s", at)
			}
			delete(described, at)
		}
	}
	for at := range described {
		t.Errorf("openapi.yaml has %s, which is no route", at)
	}
}
