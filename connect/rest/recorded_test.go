package rest_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/rest"
)

// TestAnswersOfConnect compares with what Kafka Connect 4.3.1 answered to the same requests.
func TestAnswersOfConnect(t *testing.T) {
	api := newAPI(t)
	const notFound = `{"error_code":404,"message":"Connector none not found"}`
	for _, tc := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/connectors?expand=status&expand=info", "", 200, `{}`},
		{"GET", "/connectors/", "", 200, `[]`},
		{"GET", "/nothing", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"GET", "/connector-plugins/numbers", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"GET", "/admin", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"DELETE", "/", "", 405, `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`},
		{"PUT", "/connectors", "", 405, `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`},
		{"PUT", "/connectors/none/restart", "", 405, `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`},
		{"TRACE", "/connectors", "", 405, `{"error_code":405,"message":"HTTP 405 Method Not Allowed"}`},
		{"GET", "/connectors/none", "", 404, notFound},
		{"GET", "/connectors/a%20b;x=1", "", 404, `{"error_code":404,"message":"Connector a b not found"}`},
		{"GET", "/connectors/none/config", "", 404, notFound},
		{"GET", "/connectors/none/status", "", 404, `{"error_code":404,"message":"No status found for connector none"}`},
		{"GET", "/connectors/none/tasks", "", 404, notFound},
		{"GET", "/connectors/none/tasks/0/status", "", 404, `{"error_code":404,"message":"No status found for task none-0"}`},
		{"GET", "/connectors/none/tasks/x/status", "", 404, `{"error_code":404,"message":"HTTP 404 Not Found"}`},
		{"POST", "/connectors/none/restart", "", 404, `{"error_code":404,"message":"Unknown connector: none"}`},
		{"POST", "/connectors/none/restart?includeTasks=true", "", 404, `{"error_code":404,"message":"Unknown connector: none"}`},
		{"POST", "/connectors/none/tasks/0/restart", "", 404, `{"error_code":404,"message":"Unknown connector: none"}`},
		{"PUT", "/connectors/none/pause", "", 404, `{"error_code":404,"message":"Unknown connector none"}`},
		{"PUT", "/connectors/none/resume", "", 404, `{"error_code":404,"message":"Unknown connector none"}`},
		{"PUT", "/connectors/none/stop", "", 404, `{"error_code":404,"message":"Unknown connector none"}`},
		{"DELETE", "/connectors/none", "", 404, notFound},
		{"GET", "/connectors/none/topics", "", 200, `{"none":{"topics":[]}}`},
		{"PUT", "/connectors/none/topics/reset", "", 202, ``},
		{"GET", "/connectors/none/offsets", "", 404, notFound},
		{"PATCH", "/connectors/none/offsets", `{"offsets":[{"partition":{"a":1},"offset":null}]}`, 404, notFound},
		{"PATCH", "/connectors/none/offsets", `{}`, 400, `{"error_code":400,"message":"Partitions / offsets need to be provided for an alter offsets request"}`},
		{"DELETE", "/connectors/none/offsets", "", 404, notFound},
		{"PATCH", "/connectors/none/config", `{"a":"b"}`, 404, notFound},
		{"POST", "/connectors", `{"name":1,"config":{}}`, 400, `{"error_code":400,"message":"Connector config {name=1} contains no connector type"}`},
		{"POST", "/connectors", `{"config":{}}`, 400, `{"error_code":400,"message":"Connector config {name=} contains no connector type"}`},
		{"POST", "/connectors", `{"name":"a","config":{},"initial_state":"paused"}`, 400, `{"error_code":400,"message":"Connector config {name=a} contains no connector type"}`},
		{"POST", "/connectors", `{"name":"a","config":{"name":"b"}}`, 400, `{"error_code":400,"message":"Connector name configuration (b) doesn't match connector name in the URL (a)"}`},
		{"POST", "/connectors", `{"name":"a","config":{"connector.class":"Nope"}}`, 400, `{"error_code":400,"message":"Failed to find any class that implements Connector and which name matches Nope, available connectors are: org.example.NumbersConnector"}`},
		{"PUT", "/connector-plugins/numbers/config/validate", `{"connector.class":"Other"}`, 400, `{"error_code":400,"message":"Included connector type Other does not match request type numbers"}`},
		{"GET", "/connector-plugins/NumbersConnector/config?version=9", "", 400, `{"error_code":400,"message":"Plugin org.example.NumbersConnector not found that matches the version range 9, available versions: [1.2]"}`},
	} {
		if status, body, _ := do(t, api, tc.method, tc.path, tc.body); status != tc.status || body != tc.want {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", tc.method, tc.path, tc.body, status, body, tc.status, tc.want)
		}
	}
}

// send makes a request with headers and returns the answer, its body read.
func send(t *testing.T, api *httptest.Server, method, path, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, api.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, strings.TrimSpace(string(text))
}

func TestNegotiation(t *testing.T) {
	api := newAPI(t)
	for _, tc := range []struct {
		method, path, body string
		headers            []string
		status             int
	}{
		{"GET", "/connectors", "", []string{"Accept", "text/html"}, 406},
		{"GET", "/connectors", "", []string{"Accept", "application/json;q=0"}, 406},
		{"GET", "/connectors", "", []string{"Accept", "text/plain, */*"}, 200},
		{"GET", "/connectors", "", []string{"Accept", "application/*"}, 200},
		{"HEAD", "/connectors", "", nil, 200},
		{"POST", "/connectors", "{}", []string{"Content-Type", "text/plain"}, 415},
		{"POST", "/connectors", "{}", nil, 415},
		{"POST", "/connectors", "{}", []string{"Content-Type", "application/json; charset=utf-8"}, 400},
		{"PUT", "/connectors/none/pause", "ab", []string{"Content-Type", "text/plain"}, 415},
	} {
		if resp, body := send(t, api, tc.method, tc.path, tc.body, tc.headers...); resp.StatusCode != tc.status {
			t.Errorf("%s %s %v: %d %s, want %d", tc.method, tc.path, tc.headers, resp.StatusCode, body, tc.status)
		}
	}
}

func TestOptionsAndOrigins(t *testing.T) {
	api := newAPI(t)
	resp, body := send(t, api, "OPTIONS", "/connectors", "")
	if resp.StatusCode != 200 || body != "OPTIONS, HEAD, GET, POST" || resp.Header.Get("Allow") != "OPTIONS,HEAD,GET,POST" || resp.Header.Get("Vary") != "Origin" {
		t.Errorf("%d %s %v", resp.StatusCode, body, resp.Header)
	}
	if resp, _ = send(t, api, "OPTIONS", "/nothing", ""); resp.StatusCode != 404 {
		t.Errorf("%d", resp.StatusCode)
	}
	resp, _ = send(t, api, "OPTIONS", "/connectors", "", "Origin", "https://console.example", "Access-Control-Request-Method", "PUT")
	for name, want := range map[string]string{"Access-Control-Allow-Origin": "https://console.example", "Access-Control-Allow-Methods": "GET,POST,HEAD", "Access-Control-Allow-Headers": "Content-Type", "Access-Control-Max-Age": "60"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	resp, _ = send(t, api, "GET", "/connectors/none", "", "Origin", "https://console.example")
	if resp.Header.Get("Access-Control-Allow-Origin") != "https://console.example" || resp.Header.Get("Access-Control-Allow-Methods") != "" {
		t.Errorf("an error's headers are %v", resp.Header)
	}
	if resp, _ = send(t, api, "GET", "/connectors", "", "Origin", "https://evil.example"); resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("another origin is let in: %v", resp.Header)
	}
}

func TestMalformedPaths(t *testing.T) {
	api := newAPI(t)
	for path, want := range map[string]int{
		"/connectors//": 400, "/connectors/%01": 400, "/connectors/a%0Ab/status": 400, "/connectors/%ff": 400, "/connectors/../connectors": 404, "/connectors/;/status": 400, "//": 400,
	} {
		if resp, body := send(t, api, "GET", path, ""); resp.StatusCode != want || !strings.HasPrefix(body, `{"error_code":`) {
			t.Errorf("%s: %d %s, want %d", path, resp.StatusCode, body, want)
		}
	}
}

func TestConfiguredHeaders(t *testing.T) {
	w := worker(t)
	h := rest.Handler(w, rest.Options{Headers: `add X-A: 1, add X-A: 2, "set Cache-Control: no-cache, no-store", setDate Expires: 0, add X-XSS-Protection: 1; mode=block`, Log: slog.New(slog.DiscardHandler)})
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	for name, want := range map[string]string{"X-A": "1|2", "Cache-Control": "no-cache, no-store", "Expires": "Thu, 01 Jan 1970 00:00:00 GMT", "X-Xss-Protection": "1; mode=block"} {
		if got := strings.Join(rec.Header().Values(name), "|"); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for _, bad := range []string{"X-A: 1", "put X-A: 1", "set X A: 1", "setDate Expires: now", "set X-A", "set X-A: \x01"} {
		if rest.CheckHeaders(bad) == nil {
			t.Errorf("%q is let pass", bad)
		}
	}
}

// TestStarting asks a worker that has not loaded its state yet.
func TestStarting(t *testing.T) {
	api := httptest.NewServer(rest.Handler(worker(t), rest.Options{Log: slog.New(slog.DiscardHandler)}))
	t.Cleanup(api.Close)
	if status, body, _ := do(t, api, "GET", "/health", ""); status != 503 || body != `{"status":"starting","message":"Worker is still starting up."}` {
		t.Errorf("health: %d %s", status, body)
	}
	for _, path := range []string{"/connectors", "/connectors/a", "/connectors/a/status", "/connectors/a/topics", "/connectors/a/offsets"} {
		if status, body, _ := do(t, api, "GET", path, ""); status != 503 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if status, body, _ := do(t, api, "GET", "/admin/loggers/root", ""); status != 404 { // without a level to set
		t.Errorf("%d %s", status, body)
	}
}

// TestTopicTracking refuses what the worker's file switches off.
func TestTopicTracking(t *testing.T) {
	for _, tc := range []struct {
		o            rest.Options
		method, path string
		want         string
	}{
		{rest.Options{NoTopics: true, ResetTopics: true}, "GET", "/connectors/a/topics", `{"error_code":403,"message":"Topic tracking is disabled."}`},
		{rest.Options{NoTopics: true, ResetTopics: true}, "PUT", "/connectors/a/topics/reset", `{"error_code":403,"message":"Topic tracking is disabled."}`},
		{rest.Options{}, "PUT", "/connectors/a/topics/reset", `{"error_code":403,"message":"Topic tracking reset is disabled."}`},
	} {
		tc.o.Log = slog.New(slog.DiscardHandler)
		rec := httptest.NewRecorder()
		rest.Handler(worker(t), tc.o).ServeHTTP(rec, httptest.NewRequest(tc.method, tc.path, nil))
		if rec.Code != 403 || strings.TrimSpace(rec.Body.String()) != tc.want {
			t.Errorf("%d %s", rec.Code, rec.Body)
		}
	}
}

// TestMistakesAndSecrets: a connector that panics fails its own request, and nothing of a configuration is logged.
func TestMistakesAndSecrets(t *testing.T) {
	var log lockedBuffer
	w := worker(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	for !w.Ready() {
		time.Sleep(time.Millisecond)
	}
	api := httptest.NewServer(rest.Handler(w, rest.Options{Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))}))
	defer api.Close()
	status, body, _ := do(t, api, "POST", "/connectors", `{"name":"a","config":{"connector.class":"numbers","upstream":"u","password":"panic"}}`)
	if status != 400 || !strings.Contains(body, "panic") {
		t.Errorf("%d %s", status, body)
	}
	for _, password := range []string{"hunter2", `hunter2","no.such.option":"x`} {
		do(t, api, "POST", "/connectors", `{"name":"a","config":{"connector.class":"numbers","upstream":"u","password":"`+password+`"}}`)
	}
	if _, body, _ = do(t, api, "GET", "/connectors/a/config", ""); !strings.Contains(body, "hunter2") {
		t.Errorf("%s", body)
	}
	_, body, _ = do(t, api, "PUT", "/connector-plugins/numbers/config/validate", `{"name":"a","upstream":"u","password":"hunter2"}`)
	if strings.Contains(body, "hunter2") || !strings.Contains(body, `"error_count":0`) {
		t.Errorf("%s", body)
	}
	if text := log.String(); strings.Contains(text, "hunter2") || !strings.Contains(text, "path=/connectors") {
		t.Errorf("the log is %s", text)
	}
}

// lockedBuffer is a log that several goroutines write.
type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  strings.Builder
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestMetricsAreMounted(t *testing.T) {
	metrics := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("millrace_rows 1")) })
	h := rest.Handler(worker(t), rest.Options{Metrics: metrics, Log: slog.New(slog.DiscardHandler)})
	for method, want := range map[string]int{"GET": 200, "PUT": 404} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest(method, "/metrics", nil))
		if rec.Code != want {
			t.Errorf("%s: %d %s", method, rec.Code, rec.Body)
		}
	}
}
