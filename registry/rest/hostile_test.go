package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/rest"
)

// do asks a handler and returns status and body.
func do(t testing.TB, h http.Handler, method, path, body string) (int, string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if body != "" {
		req.Header.Set("Content-Type", v1)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w.Code, w.Body.String()
}

func handler(t testing.TB, o rest.Options) http.Handler {
	t.Helper()
	reg, err := registry.Open(t.Context(), memlog.New(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = reg.Close() })
	return rest.Handler(reg, o)
}

func schemaBody(text string) string {
	b, _ := json.Marshal(map[string]string{"schema": text})
	return string(b)
}

// TestHostileBodies has every method that reads a body read what no client should send: the answer is a refusal or, where
// nothing is wrong with it, an answer; never a fault of the server, and never late.
func TestHostileBodies(t *testing.T) {
	h := handler(t, rest.Options{})
	nested := func(open, inner, end string, n int) string {
		return strings.Repeat(open, n) + inner + strings.Repeat(end, n)
	}
	wide := `{"type":"record","name":"W","fields":[`
	for i := range 10_000 {
		wide += fmt.Sprintf(`{"name":"f%d","type":["null","string"],"default":null},`, i)
	}
	wide = strings.TrimSuffix(wide, ",") + "]}"
	bodies := map[string]string{
		"nothing":              "",
		"null":                 "null",
		"a number":             "5",
		"a text":               `"x"`,
		"an array":             "[]",
		"empty arrays":         strings.Repeat("[]", 1000),
		"an object":            "{}",
		"half":                 `{"schema":`,
		"no end":               `{"schema":"`,
		"bad UTF-8":            "{\"schema\":\"\xff\xfe\"}",
		"bad UTF-8 outside":    "\xff",
		"NUL":                  "{\"schema\":\"\x00\"}",
		"escaped NUL":          `{"schema":"\"\u0000\""}`,
		"half a pair":          `{"schema":"\"\ud800\"","metadata":{"properties":{"\udfff":"\ud800\ud800"}}}`,
		"deep arrays":          nested("[", "", "]", 200_000),
		"deep, no end":         strings.Repeat(`{"schema":`, 200_000),
		"deep in a member":     `{"schema":"\"int\"","unknown":` + nested("[", "", "]", 200_000) + "}",
		"long number":          `{"schema":"\"int\"","id":` + strings.Repeat("9", 100_000) + "}",
		"long exponent":        `{"schema":"\"int\"","id":1e` + strings.Repeat("9", 500) + "}",
		"id out of range":      `{"schema":"\"int\"","id":2147483648}`,
		"id below 0":           `{"schema":"\"int\"","id":-5}`,
		"version large":        `{"schema":"\"int\"","version":2147483647}`,
		"version below -1":     `{"schema":"\"int\"","version":-7}`,
		"id of another kind":   `{"schema":"\"int\"","id":{}}`,
		"references wild":      `{"schema":"\"int\"","references":[null,{},5,[],{"name":5,"subject":{},"version":"x"}]}`,
		"references missing":   `{"schema":"\"int\"","references":[{"name":"a","subject":"none","version":99}]}`,
		"references to self":   `{"schema":"\"int\"","references":[{"name":"a","subject":"hostile","version":-1}]}`,
		"reference no name":    `{"schema":"\"int\"","references":[{}]}`,
		"reference version":    `{"schema":"\"int\"","references":[{"name":"a","subject":"hostile","version":-2147483648}]}`,
		"metadata wild":        `{"schema":"\"int\"","metadata":{"tags":{"a":[null]},"properties":{"a":[]},"sensitive":{}}}`,
		"rules wild":           `{"schema":"\"int\"","ruleSet":{"domainRules":[null,5,{"kind":5}],"migrationRules":{}}}`,
		"rule without a type":  `{"schema":"\"int\"","ruleSet":{"domainRules":[{"name":"r"}]}}`,
		"rule names":           `{"schema":"\"int\"","ruleSet":{"domainRules":[{"name":"","type":"CEL"},{"name":"1","type":"CEL"}]}}`,
		"tags":                 `{"schema":"\"int\"","schemaTagsToAdd":[{"schemaEntity":{"entityType":"sr_field","entityPath":"a"},"tags":["x"]}]}`,
		"tags wild":            `{"schemaTagsToAdd":5,"tagsToAdd":"x","tagsToRemove":[[]]}`,
		"config wild":          `{"compatibility":{},"normalize":"perhaps","compatibilityGroup":5,"alias":[]}`,
		"config rules":         `{"defaultRuleSet":{"domainRules":[{"name":"x"}]},"overrideMetadata":{"properties":5}}`,
		"alias to itself":      `{"alias":"hostile","schema":"\"int\""}`,
		"mode of no kind":      `{"mode":[]}`,
		"schema empty":         `{"schema":""}`,
		"schema blank":         `{"schema":"  \n "}`,
		"schema deep":          schemaBody(nested(`{"type":"array","items":`, `"int"`, "}", 5_000)),
		"schema deep unions":   schemaBody(nested("[", `"int"`, "]", 50_000)),
		"schema deep maps":     schemaBody(nested(`{"type":"map","values":`, `"int"`, "}", 999)),
		"schema wide":          schemaBody(wide),
		"schema long name":     schemaBody(`{"type":"record","name":"` + strings.Repeat("n", 100_000) + `","fields":[]}`),
		"schema of 2 MB":       schemaBody(`{"type":"record","name":"L","doc":"` + strings.Repeat("d", 2<<20) + `","fields":[]}`),
		"schema huge size":     schemaBody(`{"type":"fixed","name":"F","size":99999999999999999999}`),
		"schema recursive":     schemaBody(`{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}`),
		"schema fault large":   schemaBody(`{"type":"record","name":"L","doc":"` + strings.Repeat("d", 2<<20) + `"}`),
		"schema a number":      `{"schema":1e400}`,
		"type twice":           `{"schema":"\"int\"","schemaType":"AVRO","schemaType":"NONE"}`,
		"members in thousands": "{" + strings.Repeat(`"a":1,`, 200_000) + `"schema":"\"int\""}`,
	}
	methods := []struct{ method, path string }{
		{"POST", "/subjects/hostile/versions"}, {"POST", "/subjects/hostile/versions?normalize=true&force=x&format=resolved"},
		{"POST", "/subjects/hostile"}, {"POST", "/subjects/:.ctx:hostile/versions"},
		{"POST", "/compatibility/subjects/hostile/versions"}, {"POST", "/compatibility/subjects/hostile/versions/latest?verbose=true"},
		{"POST", "/subjects/hostile/versions/latest/tags"},
		{"PUT", "/config/hostile-too"}, {"PUT", "/config/:.ctx2:"}, {"PUT", "/mode/hostile-too"}, {"POST", "/"}, {"PUT", "/mode/:.ctx2:"},
		{"POST", "/associations"}, {"PUT", "/associations/resources/hostile"}, {"POST", "/associations:batchGet"}, {"POST", "/associations:batchMutate"},
	}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			for _, m := range methods {
				start := time.Now()
				status, answer := do(t, h, m.method, m.path, body)
				if status >= http.StatusInternalServerError {
					t.Errorf("%s %s: %d %.300s", m.method, m.path, status, answer)
				}
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("%s %s took %v", m.method, m.path, took)
				}
				if !json.Valid([]byte(answer)) {
					t.Errorf("%s %s: %d with a body that is no JSON: %.300q", m.method, m.path, status, answer)
				}
			}
		})
	}
	if status, answer := do(t, h, "GET", "/subjects?deleted=true", ""); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, answer)
	}
}

func TestHostilePaths(t *testing.T) {
	s := registrytest.NewServer(t)
	addr := s.Listener.Addr().String()
	resp, data := send(t, addr, "POST", "/subjects/s/versions", nil, []byte(schemaBody(`"int"`)))
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("%d %s", resp.StatusCode, data)
	}
	long := strings.Repeat("x", 100_000)
	for _, path := range []string{
		"/subjects/" + long, "/subjects/" + long + "/versions/1", "/" + strings.Repeat("a/", 20_000), "/subjects/s/versions/" + strings.Repeat("9", 5_000),
		"/subjects/s/versions/-9223372036854775809", "/subjects/s/versions/%F0%9F%98%80", "/subjects/s/versions/1e3", "/subjects/s/versions/0x1",
		"/schemas/ids/" + strings.Repeat("9", 5_000), "/schemas/ids/-1", "/schemas/ids/2147483648", "/schemas/ids/x", "/schemas/ids/1/x", "/schemas/ids/0",
		"/schemas/ids/1?subject=" + long, "/schemas/ids/1?subject=:.:&format=x&fetchMaxId=1", "/schemas/ids/99999999/schema", "/schemas/ids/99999999/versions",
		"/schemas/guids/x", "/schemas/guids/00000000-0000-0000-0000-000000000000", "/schemas/guids/x/ids", "/schemas/guids/zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
		"/subjects?offset=x", "/subjects?offset=-5&limit=-9", "/subjects?offset=2147483647&limit=2147483647", "/subjects?limit=99999999999999999999", "/subjects?%zz=%zz&;&&==",
		"/subjects?subjectPrefix=:", "/subjects?subjectPrefix=::::", "/subjects?subjectPrefix=:*:", "/schemas?subjectPrefix=:*:&limit=1001&offset=1",
		"/contexts/:.a:b:/subjects", "/contexts/a:b/subjects", "/contexts/./subjects", "/contexts/../subjects", "/contexts/%2e%2e/subjects", "/contexts/.x", "/contexts//subjects",
		"/config/:", "/config/::", "/config/:.:", "/config/:*:", "/mode/:.__GLOBAL:", "/config/:.__GLOBAL:?defaultToGlobal=true", "/mode/:.a", "/subjects/:.a/versions",
		"/subjects/s/metadata?key=a&key=b&value=c", "/subjects/%00/versions", "/subjects/%0d%0a/versions", "/subjects/a%2f%2f%2fb/versions", "/subjects/s;x=y/versions;z",
		"/%2e%2e/%2e%2e/etc/passwd", "/../../etc/passwd", "/subjects/s/versions/1/../../../x", "/?" + long, "/v1/metadata/version", "/subjects/__EMPTY/versions",
		"/associations/subjects/:.a:b?lifecycle=x", "/associations/resources/" + long, "/associations/resources/-/-?limit=x&offset=x", "/associations:", "/contexts/.c/associations:batchGet",
	} {
		for _, method := range []string{"GET", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"} {
			resp, data := send(t, addr, method, path, nil, nil)
			if resp.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s %.200s: %d %.300s", method, path, resp.StatusCode, data)
			}
		}
	}
}

func TestLargeSchemas(t *testing.T) {
	h := handler(t, rest.Options{MaxBody: 4 << 20})
	text := `{"type":"record","name":"L","fields":[{"name":"a","type":"int","doc":"` + strings.Repeat("é\\n", 700_000) + `"}]}`
	status, answer := do(t, h, "POST", "/subjects/large/versions", schemaBody(text))
	if status != http.StatusOK {
		t.Fatalf("a schema of %d bytes: %d %.300s", len(text), status, answer)
	}
	var got struct{ Schema string }
	if status, answer = do(t, h, "GET", "/schemas/ids/1", ""); status != http.StatusOK || json.Unmarshal([]byte(answer), &got) != nil || got.Schema != text {
		t.Errorf("it came back as another: %d, %d bytes for %d", status, len(got.Schema), len(text))
	}
	status, answer = do(t, h, "POST", "/subjects/large/versions", `{"schema":"`+strings.Repeat("x", 4<<20)+`"}`)
	if want := `{"error_code":413,"message":"The body is larger than the 4194304 bytes that this registry reads"}`; status != http.StatusRequestEntityTooLarge || answer != want {
		t.Errorf("a body beyond the limit: %d %.300s", status, answer)
	}
}

// TestAFaultOfTheStoreIsOne has a log that fails under a registry: the client gets 50001, the server's log the reason.
func TestAFaultOfTheStoreIsOne(t *testing.T) {
	var log bytes.Buffer
	l := memlog.New()
	reg, err := registry.Open(t.Context(), l, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	h := rest.Handler(reg, rest.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Access: true})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	status, answer := do(t, h, "POST", "/subjects/s/versions", schemaBody(`"int"`))
	if status != http.StatusInternalServerError || !strings.HasPrefix(answer, `{"error_code":50001,`) {
		t.Errorf("%d %s", status, answer)
	}
	if !strings.Contains(log.String(), "closed") || !strings.Contains(log.String(), "status=500") {
		t.Errorf("the server's log has not why: %s", log.String())
	}
}

func TestAccessLog(t *testing.T) {
	var log bytes.Buffer
	h := handler(t, rest.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Access: true})
	do(t, h, "POST", "/subjects/s/versions", schemaBody(`"int"`))
	do(t, h, "GET", "/schemas/ids/1", "")
	do(t, h, "GET", "/schemas/ids/9?subject=secret", "")
	for _, want := range []string{"method=POST path=/subjects/s/versions status=200", "method=GET path=/schemas/ids/1 status=200", "path=/schemas/ids/9 status=404"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, log.String())
		}
	}
}

// FuzzRegister sends bodies to a registry: whatever they are, the answer is no fault and is JSON.
func FuzzRegister(f *testing.F) {
	for _, s := range []string{
		`{"schema":"\"int\""}`, `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\",\"default\":1}]}","version":1,"id":5}`,
		`{"schema":"[\"null\"]","references":[{"name":"a","subject":"fuzz","version":1}],"metadata":{"tags":{"a":["b"]},"properties":{"c":"d"}}}`,
		`{"schema":"\"\ud83d\ude00\"","ruleSet":{"domainRules":[{"name":"r","kind":"CONDITION","mode":"READ","type":"CEL"}]}}`, `[1.5e3,true,null]`, `/*`,
	} {
		f.Add([]byte(s))
	}
	reg, err := registry.Open(f.Context(), memlog.New(), registry.Options{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = reg.Close() })
	h := rest.Handler(reg, rest.Options{})
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, path := range []string{"/subjects/fuzz/versions", "/subjects/fuzz", "/compatibility/subjects/fuzz/versions/latest?verbose=true"} {
			req := httptest.NewRequestWithContext(t.Context(), "POST", path, bytes.NewReader(body))
			w := httptest.NewRecorder()
			h.ServeHTTP(w, req)
			if w.Code >= http.StatusInternalServerError || !json.Valid(w.Body.Bytes()) {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// BenchmarkGetByID is what clients do most: a schema by its id.
func BenchmarkGetByID(b *testing.B) {
	h := handler(b, rest.Options{})
	for i := range 1000 {
		if status, answer := do(b, h, "POST", fmt.Sprintf("/subjects/s%d/versions", i), schemaBody(fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":"int"}]}`, i))); status != http.StatusOK {
			b.Fatal(answer)
		}
	}
	for name, query := range map[string]string{"plain": "", "subject": "?fetchMaxId=false&subject=s499"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				req := httptest.NewRequestWithContext(b.Context(), "GET", "/schemas/ids/500"+query, http.NoBody)
				req.Header.Set("Accept", "application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, application/json")
				w := &sink{header: http.Header{}}
				for pb.Next() {
					h.ServeHTTP(w, req)
				}
			})
		})
	}
}

// BenchmarkGetByIDOverHTTP is the same with a connection and a client.
func BenchmarkGetByIDOverHTTP(b *testing.B) {
	_, s := registrytest.NewRegistry(b, memlog.New()) // records nothing
	resp, err := http.Post(s.URL+"/subjects/s/versions", v1, strings.NewReader(schemaBody(`{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`)))
	if err != nil {
		b.Fatal(err)
	}
	resp.Body.Close()
	s.Client().Transport.(*http.Transport).MaxIdleConnsPerHost = 64
	b.SetParallelism(16)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			resp, err := s.Client().Get(s.URL + "/schemas/ids/1")
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
	})
}

type sink struct {
	header http.Header
	n      int
}

func (s *sink) Header() http.Header { return s.header }
func (s *sink) WriteHeader(int)     {}
func (s *sink) Write(b []byte) (int, error) {
	s.n += len(b)
	return len(b), nil
}
