package transfer_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/transfer"
)

// TestOldRegistries reads registries that lack parts of the API, and puts what they have into one that has them.
func TestOldRegistries(t *testing.T) {
	for name, o := range olds {
		t.Run(name, func(t *testing.T) {
			f, url := front(t, func(h http.Handler, w http.ResponseWriter, r *http.Request) bool {
				if name == "a list without what is deleted" && r.URL.Path == "/schemas" {
					q := r.URL.Query()
					q.Del("deleted")
					r.URL.RawQuery = q.Encode()
				}
				return o.answer(h, w, r)
			})
			plain(t, url)
			want := dump(t, remote(t, url))
			switch {
			case strings.Contains(name, "without pages"):
				delete(want.Modes, "")
				delete(want.Modes, "copy-value")
			case strings.Contains(name, "without what is deleted"): // of a subject that has others
				want.Versions = remove(want, "gone-value", 4)
			}
			got := dump(t, remote(t, f.URL))
			same(t, file(t, got), file(t, want))
			onto := remote(t, registrytest.NewServer(t).URL)
			copied(t, got, onto, transfer.Options{})
			if !strings.Contains(name, "without pages") {
				same(t, file(t, dump(t, onto)), file(t, want))
			}
		})
	}
}

func remove(d *transfer.Dump, subject string, number int) (out []version) {
	for _, v := range d.Versions {
		if v.Subject != subject || v.Number != number {
			out = append(out, v)
		}
	}
	return out
}

// TestIntoAnOldRegistry has a target that cannot take a mode off.
func TestIntoAnOldRegistry(t *testing.T) {
	f, url := front(t, olds["6.1"].answer)
	s := registrytest.NewServer(t)
	plain(t, s.URL)
	want := dump(t, remote(t, s.URL))
	copied(t, want, remote(t, f.URL), transfer.Options{})
	same(t, file(t, dump(t, remote(t, url))), file(t, want))
}

func TestEverythingComesOver(t *testing.T) {
	s := sample(t)
	want := file(t, dump(t, remote(t, s.URL)))
	for _, part := range []string{`"PII"`, `"alias":"customers-value"`, `{"context":".a"}`, `"deleted":true`, `:.:customers-value`, `"domainRules"`, `"scope":":.a:","mode":"READONLY"`, `"compatibilityGroup":"major"`, `{"association":{"subject":"contract-value",`} {
		if !strings.Contains(want, part) {
			t.Errorf("the backup has no %s", part)
		}
	}
	to := registrytest.NewServer(t)
	copied(t, read(t, want), remote(t, to.URL), transfer.Options{})
	same(t, file(t, dump(t, remote(t, to.URL))), want)
	for _, path := range []string{"/schemas/ids/1", "/subjects/nickname/versions/latest", "/subjects/:.a:own/versions/1?referenceFormat=qualified", "/subjects/gone-value/versions?deletedAsNegative=true", "/contexts", "/mode", "/subjects/contract-value/versions/latest", "/schemas/types"} {
		if a, b := ask(t, "GET", s.URL+path, ""), ask(t, "GET", to.URL+path, ""); clocks.ReplaceAllString(a, "") != clocks.ReplaceAllString(b, "") {
			t.Errorf("%s: %s\n\twant %s", path, b, a)
		}
	}
}

var clocks = regexp.MustCompile(`"ts":\d+`)

// TestPages reads a list of several pages, also while it changes.
func TestPages(t *testing.T) {
	var asked, changed atomic.Int64
	f, url := front(t, func(_ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/schemas" {
			asked.Add(1)
		}
		return false
	})
	const n = 1200
	fill := &transfer.Dump{}
	for i := range n {
		fill.Versions = append(fill.Versions, avro(fmt.Sprintf("s%04d", i), 1, i+1, fmt.Sprintf(`{"type":"fixed","name":"F%d","size":1}`, i)))
	}
	copied(t, fill, remote(t, url), transfer.Options{SchemasOnly: true})
	asked.Store(0)
	if d := dump(t, remote(t, f.URL)); len(d.Versions) != n || asked.Load() > 3 {
		t.Errorf("%d versions with %d requests", len(d.Versions), asked.Load())
	}
	changing, _ := front(t, func(h http.Handler, w http.ResponseWriter, r *http.Request) bool {
		r.Host, r.RequestURI = "", ""
		f.Config.Handler.ServeHTTP(w, r)
		if r.URL.Path == "/schemas" && r.URL.Query().Get("offset") == "0" && changed.Add(1) == 1 {
			for _, q := range []string{"", "?permanent=true"} { // a page boundary moves
				req, _ := http.NewRequestWithContext(context.WithoutCancel(r.Context()), "DELETE", url+"/subjects/s0011"+q, http.NoBody)
				if resp, err := http.DefaultClient.Do(req); err == nil {
					resp.Body.Close()
				}
			}
		}
		return true
	})
	if d := dump(t, remote(t, changing.URL)); len(d.Versions) != n-1 {
		t.Errorf("%d versions of a list that changed meanwhile", len(d.Versions))
	}
}
