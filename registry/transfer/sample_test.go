package transfer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
)

// TestMain runs the child of TestKilled in its place.
func TestMain(m *testing.M) {
	if url := os.Getenv("MILLRACE_TRANSFER_CHILD"); url != "" {
		child(url)
		return
	}
	os.Exit(m.Run())
}

// request makes a request and returns its answer, whose body is closed when the test ends.
func request(t testing.TB, method, url, body string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// ask makes a request and returns its answer; a status that is no success is fatal.
func ask(t testing.TB, method, url, body string) string {
	t.Helper()
	resp := request(t, method, url, body)
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("%s %s: %d %s %v", method, url, resp.StatusCode, data, err)
	}
	return string(data)
}

func record(name string, fields ...string) string {
	parts := []string{`{"name":"id","type":"int"}`}
	for _, f := range fields {
		parts = append(parts, `{"name":"`+f+`","type":["null","string"],"default":null}`)
	}
	return `{"type":"record","name":"` + name + `","fields":[` + strings.Join(parts, ",") + `]}`
}

// register registers a schema; more are members of the body.
func register(t testing.TB, url, subject, text, more string) {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	if more != "" {
		more = "," + more
	}
	ask(t, "POST", url+"/subjects/"+subject+"/versions", fmt.Sprintf(`{"schema":%s%s}`, quoted, more))
}

// plain fills a registry with what one of any age has: versions, references, soft-deleted ones, levels.
func plain(t testing.TB, url string) {
	t.Helper()
	register(t, url, "customers-value", record("Customer"), "")
	register(t, url, "customers-value", record("Customer", "name"), "")
	register(t, url, "zz%2Fmoney.proto", `syntax = "proto3"; message Money { int64 units = 1; }`, `"schemaType":"PROTOBUF"`)
	register(t, url, "aa-payment", `syntax = "proto3"; import "money.proto"; message Payment { Money amount = 1; }`,
		`"schemaType":"PROTOBUF","references":[{"name":"money.proto","subject":"zz/money.proto","version":1}]`)
	for i := range 5 {
		register(t, url, "gone-value", record("Gone", strings.Split("abcde"[:i], "")...), "")
	}
	ask(t, "DELETE", url+"/subjects/gone-value/versions/2", "")
	ask(t, "DELETE", url+"/subjects/gone-value/versions/2?permanent=true", "") // a gap
	ask(t, "DELETE", url+"/subjects/gone-value/versions/4", "")
	register(t, url, "old-value", record("Old"), "")
	ask(t, "DELETE", url+"/subjects/old-value", "")
	register(t, url, "copy-value", record("Customer"), "") // the id of another subject's
	ask(t, "PUT", url+"/config", `{"compatibility":"FULL"}`)
	ask(t, "PUT", url+"/config/customers-value", `{"compatibility":"NONE"}`)
	ask(t, "PUT", url+"/mode/copy-value", `{"mode":"READONLY"}`)
}

// modern adds what came later: contexts, metadata, rules, aliases, references into other contexts.
func modern(t testing.TB, url string) {
	t.Helper()
	register(t, url, "contract-value", record("Contract"), `"metadata":{"properties":{"owner":"a"},"tags":{"Contract.id":["PII"]},"sensitive":["owner"]},
		"ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION","type":"CEL","mode":"WRITE","expr":"true","tags":["PII"],"params":{"a":"b"}}]}`)
	register(t, url, ":.a:local", `"int"`, "")
	register(t, url, ":.a:uses", `["null","Customer"]`, `"references":[{"name":"Customer","subject":":.:customers-value","version":1}]`)
	register(t, url, ":.a:own", `["int","X"]`, `"references":[{"name":"X","subject":"x","version":1}]`)
	ask(t, "DELETE", url+"/subjects/:.a:local", "")
	ask(t, "PUT", url+"/config/:.a:", `{"compatibility":"FORWARD","defaultMetadata":{"properties":{"from":"config"}}}`)
	ask(t, "POST", url+"/associations", `{"resourceName":"u","resourceNamespace":"a","resourceId":"u-id","associations":[{"associationType":"key","subject":"contract-value","lifecycle":"WEAK"}]}`)
	ask(t, "POST", url+"/associations", `{"resourceName":"strong","resourceNamespace":"a","resourceId":"s-id","associations":[
		{"associationType":"key","schema":{"schema":"\"long\""}},{"associationType":"value","schema":{"schema":"\"float\""}}]}`)
	ask(t, "PUT", url+"/mode/:.a:", `{"mode":"READONLY"}`)
	ask(t, "PUT", url+"/config/nickname", `{"alias":"customers-value"}`)
	ask(t, "PUT", url+"/config/contract-value", `{"compatibilityGroup":"major","normalize":true}`)
}

// sample is a registry with all of it.
func sample(t testing.TB) *registrytest.Server {
	t.Helper()
	s := registrytest.NewServer(t)
	plain(t, s.URL)
	register(t, s.URL, ":.a:x", record("X"), "")
	modern(t, s.URL)
	return s
}

// front serves a registry through answer, which may answer itself: then it returns true.
func front(t testing.TB, answer func(h http.Handler, w http.ResponseWriter, r *http.Request) bool) (front *httptest.Server, url string) {
	t.Helper()
	_, s := registrytest.NewRegistry(t, memlog.New())
	h := s.Config.Handler
	f := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !answer(h, w, r) {
			h.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(f.Close)
	return f, s.URL
}

// old is a registry that answers as an older or another one does: without some routes, members and parameters.
type old struct {
	routes  []string // prefixes of METHOD path that are answered 404; GET /schemas is itself alone
	members []string // left out of answers
	params  []string // not known
}

func (o old) answer(h http.Handler, w http.ResponseWriter, r *http.Request) bool {
	at := r.Method + " " + r.URL.Path
	for _, p := range o.routes {
		if at == p || strings.HasSuffix(p, "/") && strings.HasPrefix(at, p) {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{"error_code":404,"message":"HTTP 404 Not Found"}`)
			return true
		}
	}
	q := r.URL.Query()
	for _, p := range o.params {
		q.Del(p)
	}
	r.URL.RawQuery = q.Encode()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	var v any
	dec := json.NewDecoder(bytes.NewReader(rec.Body.Bytes()))
	dec.UseNumber()
	if dec.Decode(&v) == nil {
		o.strip(v)
		if b, err := json.Marshal(v); err == nil {
			w.WriteHeader(rec.Code)
			_, _ = w.Write(b)
			return true
		}
	}
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
	return true
}

func (o old) strip(v any) {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			o.strip(e)
		}
	case map[string]any:
		for _, m := range o.members {
			if m != "schemaType" || v[m] == "AVRO" {
				delete(v, m)
			}
		}
	}
}

// olds are registries of other ages and makers.
var olds = map[string]old{
	"5.5": {
		routes:  []string{"GET /schemas", "GET /contexts", "GET /schemas/guids/", "DELETE /mode", "DELETE /config"},
		members: []string{"guid", "metadata", "ruleSet", "ts", "deleted", "maxId", "schemaType"}, params: []string{"subjectPrefix", "offset", "limit", "aliases", "defaultToGlobal"},
	},
	"6.1": {
		routes:  []string{"GET /contexts", "GET /schemas/guids/", "DELETE /mode"},
		members: []string{"guid", "metadata", "ruleSet", "ts", "deleted", "schemaType"}, params: []string{"aliases"},
	},
	"7.4": {members: []string{"guid", "ts", "deleted", "schemaType"}},
	"without pages, modes and deletion": {
		routes:  []string{"GET /contexts", "GET /mode", "GET /mode/", "PUT /mode", "PUT /mode/"},
		members: []string{"guid", "metadata", "ruleSet", "ts", "deleted"}, params: []string{"subjectPrefix", "offset", "limit", "aliases"},
	},
	"a list without what is deleted": {
		members: []string{"guid", "ts", "deleted"}, params: []string{"latestOnly"},
	},
}
