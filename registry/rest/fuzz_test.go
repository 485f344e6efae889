package rest_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// mostAnswer is how long an answer may take, whatever is asked; the time that a fuzzing run itself costs is in it.
const mostAnswer = 10 * time.Second

// FuzzHandler sends any request to a registry that holds a little of everything. The answer is no fault, comes in time, is JSON or
// one of the server's pages, and is as the API's description says; and the registry still answers.
func FuzzHandler(f *testing.F) {
	for _, s := range [][5]string{
		{"GET", "/subjects?deleted=true&offset=1&limit=-1", "*/*", "", ""},
		{"POST", "/subjects/a/versions?normalize=true", "", "application/json", schemaBody(`"int"`)},
		{"POST", "/subjects/refers/versions", "", "", `{"schema":"[\"null\",\"R\"]","references":[{"name":"R","subject":"r","version":-1}],"metadata":{"tags":{"a":["b"]}},"ruleSet":{"domainRules":[{"name":"x","type":"CEL"}]}}`},
		{"POST", "/subjects/p/versions", "", "", `{"schemaType":"PROTOBUF","schema":"message M { map<string,M> m = 1; }"}`},
		{"POST", "/subjects/j/versions?force=true", "", "", `{"schemaType":"JSON","schema":"{\"$ref\":\"#\"}"}`},
		{"POST", "/compatibility/subjects/r/versions/latest?verbose=true", "", "", `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"b\",\"type\":\"int\"}]}"}`},
		{"GET", "/schemas/ids/1?subject=:.c:&fetchMaxId=true&format=resolved", "application/json;q=0.5, text/*", "", ""},
		{"GET", "/contexts/.c/subjects/r/versions/latest?referenceFormat=qualified", "", "", ""},
		{"POST", "/subjects/d/versions?format=logical", "", "", `{"schemaType":"AVRO","schema":"NAMESPACE a.b;\nSTRUCT R (a INT CHECK (a > 1) DEFAULT 2, b UNION<x STRING, y R>)"}`},
		{"POST", "/subjects/d/versions", "", "", `{"schemaType":"PROTOBUF","schema":"ENUM E ('A'); STRUCT R (e E, m MAP<STRING, ARRAY<INT>>) COMMENT 'c'; TYPE R"}`},
		{"POST", "/subjects/d?format=logical", "", "", `{"schemaType":"JSON","schema":"USING TYPE x FOR REF 'a.json'; TYPE STRUCT<x x NOT NULL>"}`},
		{"POST", "/compatibility/subjects/l/versions?verbose=true", "", "", `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}"}`},
		{"POST", "/subjects/l/versions", "", "", `{"schema":"STRUCT R (a BIGINT NOT NULL, b VARIANT)"}`},
		{"GET", "/schemas/ids/2/schema?format=logical", "", "", ""}, {"GET", "/subjects/r/versions/-1?format=logical&referenceFormat=qualified", "", "", ""},
		{"PUT", "/config/r", "", "", `{"alias":"r","compatibility":"FULL","defaultMetadata":null,"overrideRuleSet":{}}`},
		{"PUT", "/mode/:.c:?force=true", "", "", `{"mode":"IMPORT"}`},
		{"DELETE", "/subjects/r/versions/1?permanent=true", "", "", ""},
		{"DELETE", "/contexts/:.c:", "", "", ""},
		{"POST", "/subjects/r/versions/1/tags", "", "", `{"tagsToAdd":[{"schemaEntity":{"entityPath":"R","entityType":"sr_record"},"tags":["T"]}]}`},
		{"GET", "/subjects/%2e%2e/%00/..;a=b//versions/latest", "", "", ""}, {"OPTIONS", "/mode/%zz", "", "", ""}, {"GET", "/openapi.yaml", "", "", ""},
	} {
		f.Add(s[0], s[1], s[2], s[3], []byte(s[4]))
	}
	var recs []registry.Record // of a registry that holds something
	for i, s := range []string{`"int"`, `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`} {
		for _, subject := range []string{"r", ":.c:r", "l"} {
			c := &registry.Content{Type: "AVRO", Text: s}
			v := registry.Version{Subject: subject, Number: i + 1, ID: i + 1, GUID: c.GUID(), Content: c, Deleted: i == 0}
			recs = append(recs, v.Record())
		}
	}
	recs = append(recs, registry.ConfigRecord("nick", registry.Config{Alias: "r"}), registry.ModeRecord(":.c:", registry.ReadOnly),
		registry.ConfigRecord("l", registry.Config{CompatibilityPolicy: string(compat.PolicyLogical)}))
	open := func(t testing.TB) http.Handler {
		l := memlog.New()
		if _, err := l.Append(t.Context(), -1, recs...); err != nil {
			t.Fatal(err)
		}
		reg, err := registry.Open(t.Context(), l, registry.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = reg.Close() })
		return rest.Handler(reg, rest.Options{MaxBody: 1 << 20})
	}
	j := newJudge(f, open(f))
	f.Fuzz(func(t *testing.T, method, target, accept, contentType string, body []byte) {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: h\r\n", method, target)
		for _, h := range [][2]string{{"Accept", accept}, {"Content-Type", contentType}} {
			if h[1] != "" {
				fmt.Fprintf(&b, "%s: %s\r\n", h[0], h[1])
			}
		}
		fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(body))
		req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(b.String() + string(body))))
		if err != nil {
			return // net/http's server answers it
		}
		h := open(t)
		w, start := httptest.NewRecorder(), time.Now()
		h.ServeHTTP(w, req.WithContext(t.Context()))
		if took := time.Since(start); took > mostAnswer {
			t.Errorf("%s %s took %v", method, target, took)
		}
		judgeAnswer(t, j, req, w)
		for _, path := range []string{"/subjects?deleted=true", "/schemas?subjectPrefix=:*:&deleted=true", "/config", "/mode", "/contexts", "/schemas/ids/1", "/subjects/r/versions?deletedAsNegative=true"} {
			after := httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, after)
			judgeAnswer(t, j, after, w)
		}
	})
}

func judgeAnswer(t *testing.T, j judge, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	at := r.Method + " " + r.URL.String()
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s: %d %s", at, w.Code, w.Body)
	}
	typ, page := mediaType(w.Header().Get("Content-Type")), w.Code == http.StatusBadRequest
	switch text := w.Code == http.StatusOK && (strings.HasSuffix(strings.TrimRight(r.URL.Path, "/"), "/schema") || r.URL.Path == "/openapi.yaml"); {
	case text, json.Valid(w.Body.Bytes()), page && typ == "text/html":
	case w.Body.Len() == 0 && (page || w.Code == http.StatusNoContent || r.Method == http.MethodOptions):
	default:
		t.Errorf("%s: %d, %q is no JSON: %.300q", at, w.Code, typ, w.Body)
	}
	path := r.URL.EscapedPath()
	if o := j.operation(r.Method, path); o != nil && !page && !strings.ContainsAny(path, ";%") && !strings.Contains(path, "/.") { // what the server reads is the path
		if err := j.answer(o, w.Code, w.Header(), w.Body.Bytes()); err != nil {
			t.Errorf("%s: %d: %v\n\t%.300s", at, w.Code, err, w.Body)
		}
	}
}
