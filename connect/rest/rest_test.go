package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/convert"
	offsetfile "github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/rest"
	"github.com/millrace/millrace/connect/runtime"
	statefile "github.com/millrace/millrace/connect/state/file"
)

// worker makes one whose one kind of connector, numbers, reads from memory. It does not run.
func worker(t *testing.T) *runtime.Worker {
	t.Helper()
	dir := t.TempDir()
	quiet := slog.New(slog.DiscardHandler)
	offsets, err := offsetfile.Open(filepath.Join(dir, "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	states, err := statefile.Open("")
	if err != nil {
		t.Fatal(err)
	}
	up := &connecttest.Upstream{Rows: 300, Keys: 3, Batch: 10, Wait: true, Topic: "numbers"}
	broker := &connecttest.Broker{}
	w, err := runtime.NewWorker(runtime.WorkerConfig{
		ID: "127.0.0.1:8083", Log: quiet, Offsets: offsets, State: states, Limits: runtime.Limits{SaveInterval: time.Millisecond},
		Kinds: []connect.Connector{{
			Class: "org.example.NumbersConnector", Alias: "numbers", Type: "source",
			Spec: config.Spec{{Name: "upstream", Type: config.String, Required: true, Doc: "Where from.", Group: "Numbers"}, {Name: "password", Type: config.Password}},
			Validate: func(_ context.Context, v config.Values) []config.Fault {
				if v.Get("password") == "panic" {
					panic("a mistake in a connector")
				}
				return nil
			},
			Tasks:     func(v config.Values, _ int) ([]config.Values, error) { return []config.Values{v}, nil },
			Partition: func(v config.Values) map[string]string { return map[string]string{"server": v.Get("upstream")} },
			Source:    func(connect.Env, config.Values) (connect.Source, error) { return up.Source(), nil },
		}},
		Defaults: map[string]string{"key.converter": "text", "value.converter": "text"},
		Converter: func(string, map[string]string, convert.Part) (convert.Converter, error) {
			return connecttest.Text{}, nil
		},
		Producer: func(context.Context, connect.Env, config.Values) (connect.Producer, error) {
			return broker.Producer(), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// newAPI serves a worker that runs.
func newAPI(t *testing.T) *httptest.Server {
	t.Helper()
	w := worker(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	for !w.Ready() {
		time.Sleep(time.Millisecond)
	}
	api := httptest.NewServer(rest.Handler(w, rest.Options{Version: "1.2", Commit: "c0ffee", ClusterID: "kid", AllowOrigin: "https://console.example", ResetTopics: true, Headers: "set X-Frame-Options: DENY", Log: slog.New(slog.DiscardHandler), Level: new(slog.LevelVar)}))
	t.Cleanup(func() {
		api.Close()
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return api
}

// do makes a request and returns status and body.
func do(t *testing.T, api *httptest.Server, method, path, body string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, api.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, strings.TrimSpace(string(b)), resp.Header
}

const shop = `{"connector.class":"numbers","upstream":"u","password":"secret"}`

// TestRoutes walks through a connector's life; each step's answer is matched whole.
func TestRoutes(t *testing.T) {
	api := newAPI(t)
	info := `\{"name":"shop","config":\{"connector.class":"numbers","name":"shop","password":"secret","upstream":"u"\},"tasks":\[\{"connector":"shop","task":0\}\],"type":"source"\}`
	for _, s := range []struct {
		method, path, body string
		status             int
		want               string // regexp
	}{
		{"GET", "/", "", 200, `\{"version":"1.2","commit":"c0ffee","kafka_cluster_id":"kid"\}`},
		{"GET", "/health", "", 200, `\{"status":"healthy","message":"Worker has completed startup and is ready to handle requests."\}`},
		{"GET", "/connectors", "", 200, `\[\]`},
		{"GET", "/connectors/shop", "", 404, `\{"error_code":404,"message":"Connector shop not found"\}`},
		{"GET", "/connectors/shop/status", "", 404, `\{"error_code":404,"message":"No status found for connector shop"\}`},
		{"POST", "/connectors", `{"name":" shop ","config":` + shop + `}`, 201, info},
		{"POST", "/connectors", `{"name":"shop","config":` + shop + `}`, 409, `\{"error_code":409,"message":"Connector shop already exists"\}`},
		{"GET", "/connectors", "", 200, `\["shop"\]`},
		{"GET", "/connectors/shop", "", 200, info},
		{"GET", "/connectors?expand=info&expand=status", "", 200, `\{"shop":\{"info":` + info + `,"status":\{"name":"shop","connector":\{"state":"RUNNING","worker_id":"127.0.0.1:8083","version":"1.2"\},"tasks":\[\{"id":0,.*\}\],"type":"source"\}\}\}`},
		{"GET", "/connectors?expand=what", "", 200, `\{"shop":\{\}\}`},
		{"GET", "/connectors/shop/config", "", 200, `\{"connector.class":"numbers",.*\}`},
		{"GET", "/connectors/shop/tasks", "", 200, `\[\{"id":\{"connector":"shop","task":0\},"config":\{.*\}\}\]`},
		{"GET", "/connectors/shop/tasks-config", "", 200, `\{"shop-0":\{.*\}\}`},
		{"GET", "/connectors/shop/tasks/0/status", "", 200, `\{"id":0,"state":"(RUNNING|UNASSIGNED)","worker_id":"127.0.0.1:8083","version":"1.2"\}`},
		{"GET", "/connectors/shop/tasks/7/status", "", 404, `.*No status found for task shop-7.*`},
		{"GET", "/connectors/shop/tasks/x/status", "", 404, `.*HTTP 404 Not Found.*`},
		{"POST", "/connectors/shop/tasks/0/restart", "", 204, ``},
		{"POST", "/connectors/shop/tasks/3/restart", "", 404, `.*Unknown task: shop-3.*`},
		{"POST", "/connectors/shop/restart", "", 204, ``},
		{"POST", "/connectors/shop/restart?includeTasks=true&onlyFailed=false", "", 202, `\{"name":"shop","connector":\{"state":"RESTARTING".*`},
		{"PUT", "/connectors/shop/config", `{"connector.class":"numbers","upstream":"u","tasks.max":2}`, 200, `.*"tasks.max":"2".*`},
		{"PUT", "/connectors/shop/config", `{"name":"other","connector.class":"numbers","upstream":"u"}`, 400, `.*Connector name configuration \(other\) doesn't match connector name in the URL \(shop\).*`},
		{"PATCH", "/connectors/shop/config", `{"tasks.max":null,"password":"p2"}`, 200, `\{"name":"shop","config":\{"connector.class":"numbers","name":"shop","password":"p2","upstream":"u"\},.*`},
		{"PATCH", "/connectors/none/config", `{}`, 404, `.*Connector none not found.*`},
		{"PUT", "/connectors/second/config", `{"connector.class":"NumbersConnector","upstream":"u"}`, 201, `.*"name":"second".*`},
		{"DELETE", "/connectors/second", "", 204, ``},
		{"DELETE", "/connectors/second", "", 404, `.*Connector second not found.*`},
		{"PATCH", "/connectors/shop/offsets", `{"offsets":[{"partition":{"server":"u"},"offset":{"n":1}}]}`, 400, `.*must be in the STOPPED state.*/connectors/shop/stop.*`},
		{"PUT", "/connectors/shop/pause", "", 202, ``},
		{"GET", "/connectors/shop/status", "", 200, `\{"name":"shop","connector":\{"state":"PAUSED".*"tasks":\[\{"id":0,"state":"PAUSED".*`},
		{"PUT", "/connectors/shop/pause", "", 202, ``},
		{"PUT", "/connectors/shop/resume", "", 202, ``},
		{"POST", "/connectors/shop/restart?onlyFailed=true", "", 202, `\{"name":"shop","connector":\{"state":"RUNNING".*`},
		{"POST", "/connectors/shop/restart?includeTasks=yes", "", 204, ``},
		{"PUT", "/connectors/shop/stop", "", 204, ``},
		{"GET", "/connectors/shop/status", "", 200, `\{"name":"shop","connector":\{"state":"STOPPED".*"tasks":\[\],"type":"source"\}`},
		{"PATCH", "/connectors/shop/offsets", `{"offsets":[]}`, 400, `.*Partitions / offsets need to be provided for an alter offsets request.*`},
		{"PATCH", "/connectors/shop/offsets", `{"offsets":[{"partition":{"server":"u"},"offset":{"n":1}}]}`, 200, `\{"message":"The Connect framework-managed offsets for this connector have been altered successfully\. However, .*"\}`},
		{"GET", "/connectors/shop/offsets", "", 200, `\{"offsets":\[\{"partition":\{"server":"u"\},"offset":\{"n":1\}\}\]\}`},
		{"DELETE", "/connectors/shop/offsets", "", 200, `\{"message":"The Connect framework-managed offsets for this connector have been reset successfully\. However, .*"\}`},
		{"GET", "/connectors/shop/offsets", "", 200, `\{"offsets":\[\]\}`},
		{"GET", "/connectors/shop/topics", "", 200, `\{"shop":\{"topics":\[.*\]\}\}`},
		{"PUT", "/connectors/shop/topics/reset", "", 202, ``},
		{"GET", "/connector-plugins", "", 200, `\[\{"class":"org.example.NumbersConnector","type":"source","version":"1.2"\}\]`},
		{"GET", "/connector-plugins?connectorsOnly=false", "", 200, `.*AvroConverter.*`},
		{"GET", "/connector-plugins/NumbersConnector/config", "", 200, `\[\{"name":"upstream","type":"STRING","required":true,.*`},
		{"GET", "/connector-plugins/None/config", "", 404, `.*Unknown plugin None\..*`},
		{"PUT", "/connector-plugins/Numbers/config/validate", `{"name":"x","password":"secret"}`, 200, `\{"name":"org.example.NumbersConnector","error_count":1,.*Missing required configuration \\"upstream\\" which has no default value\..*`},
		{"GET", "/admin/loggers", "", 200, `\{"root":\{"level":"INFO","last_modified":null\}\}`},
		{"PUT", "/admin/loggers/root", `{"level":"loud"}`, 404, `.*invalid log level 'loud'\..*`},
		{"PUT", "/admin/loggers/root", `{"level":"DEBUG"}`, 200, `\["root"\]`},
		{"GET", "/admin/loggers/ROOT", "", 200, `\{"level":"DEBUG","last_modified":\d{13}\}`},
		{"PUT", "/admin/loggers/root?scope=cluster", `{"level":"off"}`, 204, ``},
		{"GET", "/admin/loggers/root", "", 200, `\{"level":"OFF","last_modified":\d+\}`},
		{"PUT", "/admin/loggers/org.apache.kafka", `{"level":"TRACE"}`, 200, `\[\]`},
		{"GET", "/admin/loggers/org.apache.kafka", "", 404, `.*Logger org.apache.kafka not found\..*`},
		{"PUT", "/admin/loggers/root", `{}`, 400, `.*Desired 'level' parameter was not specified in request\..*`},
		{"GET", "/nowhere", "", 404, `\{"error_code":404,"message":"HTTP 404 Not Found"\}`},
		{"PATCH", "/connectors", "", 405, `\{"error_code":405,"message":"HTTP 405 Method Not Allowed"\}`},
		{"POST", "/connectors", `{"name":"s2","config":` + shop + `,"initial_state":"STOPPED"}`, 201, `.*"tasks":\[\].*`},
		{"POST", "/connectors", `{"name":"s3","config":` + shop + `,"initial_state":"ASLEEP"}`, 400, `.*initial_state.*`},
		{"POST", "/connectors", `{"name":"s3","config":{"connector.class":"numbers","upstraem":"u"}}`, 400, `\{"error_code":400,"message":"Connector configuration is invalid and contains the following 2 error\(s\):\\n.*did you mean upstream.*\\nYou can also find the above list of errors at the endpoint .*`},
	} {
		code, body, _ := do(t, api, s.method, s.path, s.body)
		if code != s.status || !regexp.MustCompile("^(?s:"+s.want+")$").MatchString(body) {
			t.Errorf("%s %s %s\n got %d %s\nwant %d %s", s.method, s.path, s.body, code, body, s.status, s.want)
		}
	}
}

func TestBadBodies(t *testing.T) {
	api := newAPI(t)
	deep := strings.Repeat(`{"a":`, 20000)
	for body, want := range map[string]int{
		"{": 400, "[]": 400, `{"name":5,"config":{}}`: 400, `{"name":"a","config":{"x":{"y":1}}}`: 400, `{"name":"a"}`: 400, `{"name":"a","config":{}} {}`: 400,
		`{"name":"a","config":{"connector.class":"numbers","upstream":` + deep:    400,
		`{"name":"` + strings.Repeat("x", 5<<20) + `"}`:                           413,
		`{"name":"\u0000","config":{"connector.class":"numbers","upstream":"u"}}`: 400,
	} {
		code, answer, _ := do(t, api, "POST", "/connectors", body)
		var e struct {
			Code    int `json:"error_code"`
			Message string
		}
		if err := json.Unmarshal([]byte(answer), &e); err != nil || code != want || e.Code != want || e.Message == "" {
			t.Errorf("%.60s: %d %.300s", body, code, answer)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", api.URL+"/connectors", strings.NewReader("a=b"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnsupportedMediaType {
		t.Errorf("a form is answered %d", resp.StatusCode)
	}
}

func TestHeaders(t *testing.T) {
	api := newAPI(t)
	_, _, h := do(t, api, "GET", "/connectors", "")
	if h.Get("X-Frame-Options") != "DENY" || h.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", h)
	}
	code, _, h := do(t, api, "POST", "/connectors", `{"name":"a/b ü","config":`+shop+`}`)
	if code != 201 || h.Get("Location") != api.URL+"/connectors/a%2Fb%20%C3%BC" {
		t.Errorf("%d, Location %q", code, h.Get("Location"))
	}
	if code, body, _ := do(t, api, "GET", strings.TrimPrefix(h.Get("Location"), api.URL)+"/status", ""); code != 200 {
		t.Errorf("following Location: %d %s", code, body)
	}
	for origin, want := range map[string]string{"https://console.example": "https://console.example", "https://evil.example": ""} {
		req, err := http.NewRequestWithContext(t.Context(), "OPTIONS", api.URL+"/connectors", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", origin)
		req.Header.Set("Access-Control-Request-Method", "POST")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if got := resp.Header.Get("Access-Control-Allow-Origin"); got != want {
			t.Errorf("%s: allowed %q", origin, got)
		}
	}
}

// FuzzCreate: no body breaks the API, and every answer is JSON.
func FuzzCreate(f *testing.F) {
	f.Add(`{"name":"a","config":` + shop + `}`)
	f.Add(`{"config":null,"name":[],"initial_state":{}}`)
	f.Add(`{"name":"a","config":{"connector.class":"numbers","upstream":1e99,"password":null}}`)
	f.Fuzz(func(t *testing.T, body string) {
		api := newAPI(t)
		for _, route := range [][2]string{{"POST", "/connectors"}, {"PUT", "/connectors/a/config"}, {"PATCH", "/connectors/a/config"}, {"PATCH", "/connectors/a/offsets"}, {"PUT", "/connector-plugins/numbers/config/validate"}} {
			if code, answer, _ := do(t, api, route[0], route[1], body+" "); code >= 500 || !json.Valid([]byte(answer)) {
				t.Errorf("%s %s: %d %s", route[0], route[1], code, fmt.Sprintf("%.300s", answer))
			}
		}
	})
}
