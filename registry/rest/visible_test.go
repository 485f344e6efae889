package rest_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/rest"
)

const vaultPolicy = "grants:\n" + rootGrant + `
  - {who: user:alice, may: [read, write, delete, config-read, mode-read], subjects: "orders*"}
  - {who: user:bob, may: register, subjects: drop}
  - {who: user:carol, may: [read], context: .other, subjects: "*"}
  - {who: user:dave, may: compatibility, subjects: "*"}
`

// vault is a registry with schemas whose text is a SECRET and subjects whose name has vault in it, beside what alice may read.
func vault(t *testing.T, policy string) (g *guarded, guids map[string]string) {
	t.Helper()
	g = guard(t, policy, rest.Options{}, "root", "alice", "bob", "carol", "dave")
	secret := `{"type":"record","name":"Hidden","doc":"SECRET","fields":[]}`
	common := `{"type":"record","name":"Common","fields":[{"name":"a","type":"int"}]}`
	g.register(t, "vault", secret)                                                                            // id 1
	g.register(t, "vault-common", common)                                                                     // id 2
	g.register(t, "orders", common)                                                                           // id 2
	g.register(t, "orders-outer", `{"type":"record","name":"Outer","fields":[{"name":"h","type":"Hidden"}]}`, // id 3
		`,"references":[{"name":"Hidden","subject":"vault","version":1}]`)
	g.register(t, "vault-outer", `{"type":"record","name":"Vaulted","doc":"SECRET","fields":[{"name":"h","type":"Common"}]}`, // id 4
		`,"references":[{"name":"Common","subject":"orders","version":1}]`)
	g.register(t, "drop", `{"type":"record","name":"Drop","doc":"SECRET","fields":[]}`) // id 5
	g.register(t, ":.other:orders", `{"type":"record","name":"Else","doc":"SECRET","fields":[]}`)
	g.register(t, ":.other:orders-else", `{"type":"record","name":"Else2","doc":"SECRET","fields":[]}`)
	g.register(t, ":.vault:orders-else", `{"type":"record","name":"Else3","doc":"SECRET","fields":[]}`)
	g.register(t, "vault-gone", `{"type":"record","name":"Gone","doc":"SECRET","fields":[]}`) // id 6
	g.must(t, "DELETE", "/subjects/vault-gone", "")
	g.must(t, "PUT", "/config/orders-alias", `{"alias":"vault"}`)
	g.must(t, "PUT", "/config/vault-alias", `{"alias":"orders"}`)
	guids = map[string]string{}
	for _, s := range []string{"vault", "orders", "orders-outer", "vault-outer", ":.other:orders", ":.other:orders-else"} {
		var v struct{ GUID string }
		if err := json.Unmarshal([]byte(g.must(t, "GET", "/subjects/"+s+"/versions/1", "")), &v); err != nil {
			t.Fatal(err)
		}
		guids[s] = v.GUID
	}
	return g, guids
}

// TestNothingIsSeenAround asks for everything by every name that there is for it, as one who may read the orders alone.
func TestNothingIsSeenAround(t *testing.T) {
	for _, hide := range []string{"", "hide: true\n"} {
		g, guids := vault(t, hide+vaultPolicy)
		var paths []string
		add := func(path string, queries ...string) {
			for _, q := range queries {
				paths = append(paths, path+q)
			}
		}
		subjects := []string{"vault", "vault-common", "vault-outer", "vault-gone", "orders", "orders-outer", "orders-alias", "vault-alias", "orders-else", "drop"}
		for _, s := range slices.Clone(subjects) {
			subjects = append(subjects, ":.:"+s, ":.other:"+s, ":*:"+s, ":.vault:"+s, ":.__GLOBAL:"+s, "::"+s, ":"+s)
		}
		subjects = append(subjects, "", ":.other:", ":.vault:", ":.:", ":*:", "*", "%2A", "..", ".", "__GLOBAL")
		flags := []string{"", "?deleted=true", "?format=resolved", "?format=serialized&deleted=true", "?referenceFormat=qualified", "?deletedOnly=true", "?defaultToGlobal=true", "?key=a&value=b"}
		for _, ctx := range []string{"", "/contexts/.other", "/contexts/other", "/contexts/:.:", "/contexts/:.vault:"} {
			for _, s := range subjects {
				s := ctx + "/subjects/" + s
				for _, v := range []string{"/1", "/latest", "/-1"} {
					add(s+"/versions"+v, flags...)
					add(s+"/versions"+v+"/schema", flags...)
					add(s+"/versions"+v+"/referencedby", "", "?deleted=true")
				}
				add(s+"/versions", flags...)
				add(s+"/metadata", flags...)
			}
			for id := range 9 {
				at := fmt.Sprintf("%s/schemas/ids/%d", ctx, id)
				queries := slices.Clone(flags)
				for _, s := range subjects {
					queries = append(queries, "?subject="+url.QueryEscape(s), "?fetchMaxId=false&subject="+url.QueryEscape(s))
				}
				add(at, queries...)
				add(at+"/schema", queries...)
				add(at+"/subjects", queries...)
				add(at+"/versions", queries...)
			}
			for _, guid := range guids {
				add(ctx+"/schemas/guids/"+guid, flags...)
				add(ctx+"/schemas/guids/"+guid+"/ids", "")
			}
			add(ctx+"/schemas", "", "?deleted=true", "?aliases=true", "?subjectPrefix=vault", "?subjectPrefix=:*:", "?subjectPrefix=:.other:", "?latestOnly=true&limit=1&offset=1")
			add(ctx+"/subjects", "", "?deleted=true", "?subjectPrefix=vault", "?subjectPrefix=:.other:", "?deletedOnly=true")
			add(ctx+"/contexts", "", "?contextPrefix=.v")
		}
		answered := 0
		for _, p := range paths {
			req, err := http.NewRequestWithContext(t.Context(), "GET", "http://registry"+p, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			req.SetBasicAuth("alice", password("alice"))
			w := httptest.NewRecorder() // there are many: without the network
			g.Config.Handler.ServeHTTP(w, req)
			status, answer := w.Code, w.Body.String()
			if status >= 500 {
				t.Errorf("%s: %d %s", p, status, answer)
			}
			// What is asked for is named in the refusal. References say what a schema refers to.
			if strings.Contains(answer, "SECRET") || status == http.StatusOK && strings.Contains(strings.ReplaceAll(answer, `{"name":"Hidden","subject":"vault","version":1}`, ""), "vault") {
				t.Errorf("%s shows %s", p, answer)
			}
			if status == http.StatusOK {
				answered++
			}
			if hide != "" && strings.Contains(answer, "denied operation Read") {
				t.Errorf("%s is not hidden: %s", p, answer)
			}
		}
		if len(paths) < 5000 || answered < 200 {
			t.Errorf("%d of %d questions were answered", answered, len(paths))
		}
	}
}

// TestWhatIsSeen holds what is answered to those who may read a part.
func TestWhatIsSeen(t *testing.T) {
	g, guids := vault(t, vaultPolicy)
	denied := func(operation, what string) string {
		return `{"error_code":40301,"message":"User is denied operation ` + operation + " on " + what + `"}`
	}
	ref := `{"name":"Hidden","subject":"vault","version":1}`
	for _, tc := range []struct{ who, method, path, body, want string }{
		{"alice", "GET", "/subjects", "", `["orders","orders-outer"]`},
		{"carol", "GET", "/subjects", "", `[":.other:orders",":.other:orders-else"]`},
		{"bob", "GET", "/subjects", "", `[]`},
		{"alice", "GET", "/contexts", "", `["."]`},
		{"carol", "GET", "/contexts", "", `[".other"]`},
		{"alice", "GET", "/schemas/ids/2/subjects", "", `["orders"]`},
		{"alice", "GET", "/schemas/ids/2/versions", "", `[{"subject":"orders","version":1}]`},
		{"alice", "GET", "/schemas/ids/1/subjects", "", denied("Read", "Schema: 1")},
		{"alice", "GET", "/schemas/ids/1", "", denied("Read", "Schema: 1")},
		{"alice", "GET", "/schemas/ids/99", "", `{"error_code":40403,"message":"Schema 99 not found"}`},
		{"alice", "GET", "/schemas/ids/2?subject=vault-common", "", denied("Read", "Subject: vault-common")},
		{"alice", "GET", "/schemas/ids/2?subject=orders-alias", "", denied("Read", "Subject: vault")},
		{"alice", "GET", "/subjects/vault-alias/versions", "", `[1]`},
		{"alice", "GET", "/subjects/orders/versions/1/referencedby", "", `[]`},
		{"root", "GET", "/subjects/orders/versions/1/referencedby", "", `[4]`},
		{"alice", "GET", "/subjects/orders-outer/versions/1?format=resolved", "", denied("Read", "Subject: vault")},
		{"alice", "GET", "/subjects/orders-else/versions", "", `{"error_code":40401,"message":"Subject 'orders-else' not found."}`},
		{"alice", "GET", "/subjects/orders-else/versions/7", "", `{"error_code":40401,"message":"Subject 'orders-else' not found."}`},
		{"alice", "GET", "/subjects/orders/versions/7", "", `{"error_code":40402,"message":"Version 7 not found."}`},
		{"carol", "GET", "/subjects/orders-else/versions", "", denied("Read", "Subject: orders-else")},
		{"carol", "GET", "/subjects/:.other:orders-else/versions", "", `[1]`},
		{"carol", "GET", "/contexts/other/subjects/orders-else/versions", "", `[1]`},
		{"carol", "GET", "/schemas/guids/" + guids[":.other:orders"] + "/ids", "", `[{"context":".other","id":1}]`},
		{"carol", "GET", "/schemas/guids/" + guids["vault"] + "/ids", "", `[]`},
		{"carol", "GET", "/schemas/guids/" + guids["vault"], "", denied("Read", "Schema: "+guids["vault"])},
		{"alice", "POST", "/subjects/orders/versions", `{"schema":"\"Hidden\"","references":[` + ref + `]}`, denied("Read", "Subject: vault")},
		{"alice", "POST", "/subjects/orders/versions", `{"schema":"\"Hidden\"","references":[{"name":"Hidden","subject":":.:vault","version":-1}]}`, denied("Read", "Subject: vault")},
		{"alice", "POST", "/subjects/orders", `{"schema":"\"Hidden\"","references":[` + ref + `]}`, denied("Read", "Subject: vault")},
		{"alice", "POST", "/compatibility/subjects/orders/versions?verbose=true", `{"schema":"\"Hidden\"","references":[` + ref + `]}`, denied("Read", "Subject: vault")},
		{"alice", "POST", "/subjects/orders-alias/versions", `{"schema":"\"int\""}`, denied("Write", "Subject: vault")},
		{"alice", "POST", "/subjects/orders/versions", `{"schema":"\"int\"","id":70}`, denied("Import", "Subject: orders")},
		{"alice", "DELETE", "/subjects/orders-alias", "", denied("Delete", "Subject: vault")},
		{"alice", "DELETE", "/subjects/orders?permanent=true", "", denied("Delete", "Subject: orders")},
		{"alice", "PUT", "/config", `{"compatibility":"NONE"}`, denied("WriteCompatibility", "Subject: __GLOBAL")},
		{"alice", "PUT", "/config/:.other:", `{"compatibility":"NONE"}`, denied("WriteCompatibility", "Subject: :.other:")},
		{"alice", "PUT", "/contexts/.other/config", `{"compatibility":"NONE"}`, denied("WriteCompatibility", "Subject: :.other:")},
		{"bob", "POST", "/subjects/drop/versions", `{"schema":""}`, `{"id":5}`},
		{"bob", "POST", "/subjects/drop/versions", `{"schema":"\"int\""}`, `{"error_code":40901,"message":"Schema being registered is incompatible with an earlier schema for subject \"drop\""}`},
		{"dave", "POST", "/compatibility/subjects/drop/versions/1?verbose=true", `{"schema":"\"int\""}`, `{"is_compatible":false,"messages":[]}`},
		{"dave", "POST", "/compatibility/subjects/drop/versions/1", `{"schema":"\"int\""}`, `{"is_compatible":false}`},
	} {
		if _, answer := g.ask(t, tc.who, tc.method, tc.path, tc.body); answer != tc.want {
			t.Errorf("%s %s %s %s\n%s\nwant\n%s", tc.who, tc.method, tc.path, tc.body, answer, tc.want)
		}
	}
	if _, answer := g.ask(t, "alice", "GET", "/schemas/ids/2", ""); !strings.HasPrefix(answer, `{"subject":"orders","version":1,`) {
		t.Errorf("an id that two subjects have: %s", answer)
	}
	if _, answer := g.ask(t, "alice", "GET", "/schemas?aliases=true&subjectPrefix=orders", ""); !strings.Contains(answer, `"subject":"orders"`) || strings.Contains(answer, "vault-alias") {
		t.Errorf("aliases that may not be seen: %s", answer)
	}
	if _, answer := g.ask(t, "root", "GET", "/schemas?aliases=true&subjectPrefix=orders", ""); !strings.Contains(answer, "vault-alias") {
		t.Errorf("aliases: %s", answer)
	}
}

// TestAssociationsNoteWhatTheyDo has the audit log tell of the subjects that a change of associations touches.
func TestAssociationsNoteWhatTheyDo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	audit, err := access.OpenAudit(path, nil, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer audit.Close()
	g := guard(t, "grants:\n"+rootGrant+"  - {who: user:alice, may: [associations], context: .n, subjects: '*'}\n", rest.Options{Audit: audit}, "root", "alice")
	body := `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"associationType":"value","schema":{"schema":"\"int\""}}]}`
	if status, answer := g.ask(t, "alice", "POST", "/associations", body); status != http.StatusForbidden || !strings.Contains(answer, "denied operation Write on Subject: :.n:t-value") {
		t.Errorf("%d %s", status, answer)
	}
	g.must(t, "POST", "/associations", body)
	g.must(t, "DELETE", "/associations/resources/t-id?cascadeLifecycle=true", "")
	log, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(log)) {
		var e access.Entry
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(e.Principal, " ", e.Verb, " ", e.Context, " ", e.Subject, " ", e.Outcome))
	}
	want := []string{
		"user:alice register .n t-value denied",
		"user:root association-write .n t-value allowed", "user:root register .n t-value allowed",
		"user:root association-write .n t-value allowed", "user:root permanent-delete .n t-value allowed",
	}
	if !slices.Equal(got, want) {
		t.Errorf("the audit log has\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
