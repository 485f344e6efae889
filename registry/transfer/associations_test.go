package transfer_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/transfer"
)

// owned fills a registry with topics that have subjects of their own.
func owned(t *testing.T, url string) {
	t.Helper()
	for i, name := range []string{"t", "u"} {
		ask(t, "POST", url+"/associations", fmt.Sprintf(`{"resourceName":%q,"resourceNamespace":"ns%d","resourceId":"%s-id","associations":[
			{"associationType":"key","schema":{"schema":"\"int\""}},{"associationType":"value","schema":{"schema":%q}}]}`, name, i, name, record("T")))
		register(t, url, fmt.Sprintf(":.ns%d:%s-value", i, name), record("T", "more"), "")
	}
	register(t, url, "plain", `"string"`, "")
	ask(t, "POST", url+"/associations", `{"resourceName":"w","resourceNamespace":"ns0","resourceId":"w-id","associations":[{"associationType":"value","subject":"plain"}]}`)
	ask(t, "PUT", url+"/config/:.ns0:t-value", `{"compatibility":"FULL"}`)
	ask(t, "PUT", url+"/mode/:.ns1:", `{"mode":"READONLY"}`)
}

// TestStrongAssociations brings them over the API, after the schemas of their subjects.
func TestStrongAssociations(t *testing.T) {
	l := memlog.New()
	_, s := registrytest.NewRegistry(t, l)
	owned(t, s.URL)
	d := dump(t, remote(t, s.URL))
	want := file(t, d)
	if !strings.Contains(want, `"subject":":.ns0:t-value"`) || strings.Count(want, `"STRONG"`) != 4 || strings.Count(want, `"WEAK"`) != 1 {
		t.Fatalf("the backup: %s", want)
	}
	to := registrytest.NewServer(t)
	empty := file(t, dump(t, remote(t, to.URL)))
	if r := copied(t, d, remote(t, to.URL), transfer.Options{DryRun: true}); r.Associations != 5 || len(r.Left) != 0 {
		t.Errorf("a dry run: %+v", r)
	}
	same(t, file(t, dump(t, remote(t, to.URL))), empty)
	if r := copied(t, d, remote(t, to.URL), transfer.Options{}); r.Associations != 5 || len(r.Left) != 0 {
		t.Errorf("%+v", r)
	}
	same(t, file(t, dump(t, remote(t, to.URL))), want) // modes are back, too
	if r := copied(t, d, remote(t, to.URL), transfer.Options{}); r.Associations+r.Registered+r.Configs+r.Modes != 0 {
		t.Errorf("the second time: %+v", r)
	}
	for request, code := range map[string]string{
		`POST /subjects/:.ns0:refers/versions {"schema":"[\"null\",\"T\"]","references":[{"name":"T","subject":"t-value","version":1}]}`: "42205",
		`DELETE /subjects/:.ns0:t-value/versions/1 `: "409",
	} {
		method, rest, _ := strings.Cut(request, " ")
		path, body, _ := strings.Cut(rest, " ")
		if got := answer(t, method, to.URL+path, body); !strings.Contains(got, code) {
			t.Errorf("%s: %s, want %s", request, got, code)
		}
	}
	// The topic's own subject goes on, and what it has become comes over later.
	register(t, s.URL, ":.ns0:t-value", record("T", "more", "most"), "")
	copied(t, dump(t, remote(t, s.URL)), remote(t, to.URL), transfer.Options{})
	same(t, file(t, dump(t, remote(t, to.URL))), file(t, dump(t, remote(t, s.URL))))

	whole := dump(t, store(t, l))
	log := store(t, memlog.New())
	if r := copied(t, whole, log, transfer.Options{}); r.Associations != 5 || len(r.Left) != 0 {
		t.Errorf("a store: %+v", r)
	}
	same(t, file(t, dump(t, log)), file(t, whole))
}

// answer makes a request and returns its answer, whatever it is.
func answer(t *testing.T, method, url, body string) string {
	t.Helper()
	b := new(strings.Builder)
	if err := request(t, method, url, body).Write(b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestAssociationsThatAreLeft has targets that lack requests, and associations that no request makes: each is told, in a dry run
// too, and all else comes over.
func TestAssociationsThatAreLeft(t *testing.T) {
	s := registrytest.NewServer(t)
	owned(t, s.URL)
	no := func(status int, in ...string) func(http.Handler, http.ResponseWriter, *http.Request) bool {
		return func(_ http.Handler, w http.ResponseWriter, r *http.Request) bool {
			for _, at := range in {
				if strings.HasPrefix(r.Method+" "+r.URL.Path, at) {
					w.WriteHeader(status)
					fmt.Fprintf(w, `{"error_code":%d,"message":"HTTP %d"}`, status, status)
					return true
				}
			}
			return false
		}
	}
	all := func(http.Handler, http.ResponseWriter, *http.Request) bool { return false }
	for name, c := range map[string]struct {
		target func(http.Handler, http.ResponseWriter, *http.Request) bool
		change func(d *transfer.Dump) *transfer.Dump
		left   int
		says   string
	}{
		"no upsert, 405":  {no(405, "PUT /associations/"), nil, 4, `":.ns0:t-key" with the key of topic t is STRONG, and the registry has no request that makes it`},
		"no upsert, 404":  {no(404, "PUT /associations/"), nil, 4, `has no request that makes it`},
		"no associations": {no(404, "GET /associations", "PUT /associations", "POST /associations"), nil, 5, `"plain" with the value of topic w cannot be made, as the registry has no associations`},
		"frozen as none can be": {all, func(d *transfer.Dump) *transfer.Dump {
			for _, a := range d.Associations {
				a.Frozen = !a.Frozen
			}
			return d
		}, 5, "is STRONG with frozen=false, which the API does not make"},
		"no id": {all, func(d *transfer.Dump) *transfer.Dump {
			d.Associations[0].ResourceID = ""
			return d
		}, 1, "has no id of its resource"},
		"moved": {all, func(d *transfer.Dump) *transfer.Dump {
			d, err := d.Move(map[string]string{".ns0": ".other"})
			if err != nil {
				t.Fatal(err)
			}
			return d
		}, 2, `the API makes for the subject ":.ns0:t-key" alone`},
		"referred to": {all, func(d *transfer.Dump) *transfer.Dump {
			v := avro("refers", 1, 99, `["null","T"]`)
			v.Content.References = []schema.Reference{{Name: "T", Subject: ":.ns0:t-value", Version: 1}}
			v.GUID = v.Content.GUID()
			d.Versions = append(d.Versions, v)
			return d
		}, 1, `while schemas refer to the subject, as version 1 of "refers" does`},
	} {
		t.Run(name, func(t *testing.T) {
			d := dump(t, remote(t, s.URL))
			if c.change != nil {
				d = c.change(d)
			}
			f, url := front(t, c.target)
			dry := copied(t, d, remote(t, f.URL), transfer.Options{DryRun: true})
			done := copied(t, d, remote(t, f.URL), transfer.Options{})
			for _, r := range []*transfer.Report{dry, done} {
				if len(r.Left) != c.left || r.Associations != 5-c.left || !strings.Contains(strings.Join(r.Left, "\n"), c.says) {
					t.Errorf("%+v, want %d with %s", r, c.left, c.says)
				}
			}
			got := dump(t, remote(t, url))
			if len(got.Associations) != 5-c.left || len(got.Versions) != len(d.Versions) || got.Modes[":.ns1:"] != "READONLY" {
				t.Errorf("there are %d associations, %d versions, modes %v", len(got.Associations), len(got.Versions), got.Modes)
			}
		})
	}
}

// TestRefusedAssociations has a target that refuses some: the error names each, and all else is there, modes as before.
func TestRefusedAssociations(t *testing.T) {
	s := registrytest.NewServer(t)
	owned(t, s.URL)
	d := dump(t, remote(t, s.URL))
	f, url := front(t, func(_ http.Handler, w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/associations/resources/t-id" && r.Method == "PUT" {
			w.WriteHeader(http.StatusUnprocessableEntity)
			fmt.Fprint(w, `{"error_code":42212,"message":"not here"}`)
			return true
		}
		return false
	})
	_, err := transfer.Copy(t.Context(), d, remote(t, f.URL), transfer.Options{})
	if !errors.As(err, new(*transfer.RefusedError)) || strings.Count(err.Error(), "not here") != 2 || !strings.Contains(err.Error(), `":.ns0:t-key" with the key of topic t (STRONG)`) {
		t.Errorf("%v", err)
	}
	got := dump(t, remote(t, url))
	if len(got.Associations) != 3 || len(got.Versions) != len(d.Versions) || got.Modes[":.ns0:"] != "" || got.Configs[":.ns0:t-value"].CompatibilityLevel != "FULL" {
		t.Errorf("there are %d associations, %d versions, modes %v, configs %v", len(got.Associations), len(got.Versions), got.Modes, got.Configs)
	}
	copied(t, d, remote(t, url), transfer.Options{}) // once it does not refuse any more
	same(t, file(t, dump(t, remote(t, url))), file(t, d))
}
