package rest_test

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// ways are the ways to show who one is.
var ways = []access.Method{access.Basic, access.Bearer, access.Certificate}

// guarded is a registry with access control behind TLS.
type guarded struct {
	*httptest.Server
	reg    *registry.Registry
	ca     *accesstest.Authority
	issuer *accesstest.Issuer
	log    *lockedBuffer
	mu     sync.Mutex
	by     map[string]*http.Client // client certificates by name
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
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

func password(name string) string { return "pass+" + name }

// guard serves a registry under a policy to users of these names.
func guard(t testing.TB, policy string, o rest.Options, names ...string) *guarded {
	t.Helper()
	g := &guarded{ca: accesstest.NewAuthority(t), issuer: accesstest.NewIssuer(t), log: &lockedBuffer{}, by: map[string]*http.Client{}}
	var users []string
	for _, n := range names {
		users = append(users, n, password(n))
	}
	log := slog.New(slog.NewTextHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	control, err := access.Open(access.Config{
		Users: accesstest.Users(t, users...), Policy: accesstest.File(t, "policy.yaml", policy),
		OIDC: &access.OIDC{Issuer: g.issuer.URL, Audiences: []string{"registry"}}, Certificate: "cn", Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(control.Close)
	if g.reg, err = registry.Open(t.Context(), memlog.New(), registry.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.reg.Close() })
	o.Control, o.Log = control, log
	g.Server = httptest.NewUnstartedServer(rest.Handler(g.reg, o))
	cert, key := g.ca.Issue(t, "registry")
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	g.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientCAs: g.ca.Pool, ClientAuth: tls.VerifyClientCertIfGiven}
	g.StartTLS()
	t.Cleanup(g.Close)
	return g
}

func (g *guarded) client(t testing.TB, cn string) *http.Client {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.by[cn] == nil {
		tr := &http.Transport{TLSClientConfig: g.ca.Client(t, cn)}
		t.Cleanup(tr.CloseIdleConnections)
		g.by[cn] = &http.Client{Transport: tr}
	}
	return g.by[cn]
}

// as asks as a user who shows that in one way; "" shows nothing.
func (g *guarded) as(t testing.TB, way access.Method, name, method, path, body string) (int, string, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, g.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", v1)
	}
	cn := ""
	switch {
	case name == "":
	case way == access.Basic:
		req.SetBasicAuth(name, password(name))
	case way == access.Bearer:
		req.Header.Set("Authorization", "Bearer "+g.issuer.Token(t, "registry", name, nil))
	default:
		cn = name
	}
	resp, err := g.client(t, cn).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b), resp.Header
}

// ask is as with a password.
func (g *guarded) ask(t testing.TB, name, method, path, body string) (int, string) {
	t.Helper()
	status, answer, _ := g.as(t, access.Basic, name, method, path, body)
	return status, answer
}

func (g *guarded) must(t testing.TB, method, path, body string) string {
	t.Helper()
	status, answer := g.ask(t, "root", method, path, body)
	if status/100 != 2 {
		t.Fatalf("%s %s: %d %s", method, path, status, answer)
	}
	return answer
}

func (g *guarded) register(t testing.TB, subject, text string, more ...string) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"schema": text})
	g.must(t, "POST", "/subjects/"+subject+"/versions", strings.TrimSuffix(string(body), "}")+strings.Join(more, "")+"}")
}

const rootGrant = "  - {who: user:root, may: all, context: \"*\", subjects: \"*\"}\n"

// requests are all that can be asked for, with the verbs that it takes. found is an answer that has what may be read of the
// subject s, which is in the answer then.
var requests = []struct {
	method, path, body string
	verbs              string
	found              bool
}{
	{"GET", "/", "", "", false},
	{"POST", "/", "", "", false},
	{"GET", "/schemas", "", "read", true},
	{"GET", "/schemas/types", "", "", false},
	{"GET", "/schemas/ids/1", "", "read", false},
	{"GET", "/schemas/ids/1?subject=s", "", "read", false},
	{"GET", "/schemas/ids/1?subject=alias", "", "read", false},
	{"GET", "/schemas/ids/1?format=resolved", "", "read", false},
	{"GET", "/schemas/ids/1/schema", "", "read", false},
	{"GET", "/schemas/ids/1/subjects", "", "read", false},
	{"GET", "/schemas/ids/1/versions", "", "read", false},
	{"GET", "/schemas/ids/1/versions?subject=s", "", "read", false},
	{"GET", "/schemas/guids/GUID", "", "read", false},
	{"GET", "/schemas/guids/GUID/ids", "", "read", true},
	{"GET", "/subjects", "", "read", true},
	{"GET", "/subjects?subjectPrefix=s", "", "read", true},
	{"POST", "/subjects/s", `{"schema":"\"int\""}`, "read", false},
	{"POST", "/subjects/alias", `{"schema":"\"int\""}`, "read", false},
	{"DELETE", "/subjects/s2", "", "delete", false},
	{"DELETE", "/subjects/s2?permanent=true", "", "permanent-delete", false},
	{"GET", "/subjects/s/metadata", "", "read", false},
	{"GET", "/subjects/s/versions", "", "read", false},
	{"GET", "/subjects/:.:s/versions", "", "read", false},
	{"GET", "/contexts/:.:/subjects/s/versions", "", "read", false},
	{"GET", "/subjects/alias/versions", "", "read", false},
	{"POST", "/subjects/s/versions", `{"schema":"\"int\""}`, "register", false},
	{"POST", "/subjects/s/versions?force=true", `{"schema":"\"int\""}`, "register import", false},
	{"POST", "/subjects/s/versions", `{"schema":"\"int\"","id":1}`, "register import", false},
	{"POST", "/subjects/s3/versions", `{"schema":"\"R\"","references":[{"name":"R","subject":"s","version":1}]}`, "register read", false},
	{"POST", "/subjects/s3", `{"schema":"\"R\"","references":[{"name":"R","subject":"s","version":1}]}`, "read", false},
	{"GET", "/subjects/s/versions/1", "", "read", false},
	{"GET", "/subjects/s/versions/latest", "", "read", false},
	{"DELETE", "/subjects/s2/versions/1", "", "delete", false},
	{"DELETE", "/subjects/s2/versions/1?permanent=true", "", "permanent-delete", false},
	{"GET", "/subjects/s/versions/1/schema", "", "read", false},
	{"GET", "/subjects/s/versions/1/referencedby", "", "read", false},
	{"POST", "/subjects/s/versions/1/tags", `{}`, "read register", false},
	{"POST", "/compatibility/subjects/s/versions", `{"schema":"\"int\""}`, "compatibility", false},
	{"POST", "/compatibility/subjects/alias/versions", `{"schema":"\"int\""}`, "compatibility", false},
	{"POST", "/compatibility/subjects/s/versions/1", `{"schema":"\"int\""}`, "compatibility", false},
	{"POST", "/compatibility/subjects/s3/versions", `{"schema":"\"R\"","references":[{"name":"R","subject":"s","version":1}]}`, "compatibility read", false},
	{"GET", "/config", "", "config-read", false},
	{"PUT", "/config", `{"compatibility":"NONE"}`, "config-write", false},
	{"DELETE", "/config", "", "config-write", false},
	{"GET", "/config/s?defaultToGlobal=true", "", "config-read", false},
	{"GET", "/config/:.__GLOBAL:?defaultToGlobal=true", "", "config-read", false},
	{"PUT", "/config/s2", `{"compatibility":"NONE"}`, "config-write", false},
	{"DELETE", "/config/s2", "", "config-write", false},
	{"GET", "/mode", "", "mode-read", false},
	{"PUT", "/mode", `{"mode":"READWRITE"}`, "mode-write", false},
	{"DELETE", "/mode", "", "mode-write", false},
	{"GET", "/mode/s?defaultToGlobal=true", "", "mode-read", false},
	{"PUT", "/mode/s2", `{"mode":"READWRITE"}`, "mode-write", false},
	{"PUT", "/mode/s4", `{"mode":"import"}`, "mode-write import", false},
	{"DELETE", "/mode/s2", "", "mode-write", false},
	{"GET", "/associations/subjects/s", "", "association-read", false},
	{"GET", "/associations/resources/t-id", "", "association-read", true},
	{"GET", "/associations/resources/n/t", "", "association-read", true},
	{"GET", "/schemas?resourceType=topic", "", "read", true},
	{"POST", "/associations:batchGet", `{"requests":[{"resourceId":"t-id"}]}`, "association-read", true},
	{"POST", "/associations", `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"associationType":"value","subject":"s"}]}`, "association-write", false},
	{"PUT", "/associations/resources/t-id", `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"associationType":"value","subject":"s"}]}`, "association-write", false},
	{"POST", "/associations?dryRun=true", `{"resourceName":"t2","resourceNamespace":"n","resourceId":"t2-id","resourceType":"topic","associations":[{"associationType":"value","schema":{"schema":"\"int\""}}]}`, "association-write register", false},
	{"POST", "/associations?dryRun=true", `{"resourceName":"t2","resourceNamespace":"n","resourceId":"t2-id","resourceType":"topic","associations":[{"associationType":"value","schema":{"schema":"\"R\"","references":[{"name":"R","subject":":.:s","version":1}]}}]}`, "association-write register read", false},
	{"DELETE", "/associations/resources/t-id?dryRun=true", "", "association-write", false},
	{"GET", "/contexts", "", "", false},
	{"DELETE", "/contexts/.none", "", "context-delete", false},
	{"GET", "/v1/metadata/id", "", "", false},
	{"GET", "/v1/metadata/version", "", "", false},
	{"GET", "/v1/metadata/deployment", "", "", false},
	{"GET", "/metrics", "", "metrics", false},
}

// TestEachPermission asks for everything in every way: with just the verbs that it takes, with all but one of them, and as one
// who shows nothing.
func TestEachPermission(t *testing.T) {
	var all []string
	for _, v := range access.Verbs() {
		all = append(all, v.String())
	}
	policy := strings.Builder{}
	policy.WriteString("grants:\n" + rootGrant)
	names, known := []string{"root"}, map[string]string{}
	user := func(may []string) string {
		key := strings.Join(may, " ")
		name := known[key]
		if name == "" {
			name = fmt.Sprintf("u%02d", len(known))
			known[key], names = name, append(names, name)
			if len(may) > 0 {
				fmt.Fprintf(&policy, "  - {who: %q, may: [%s], context: '*', subjects: '*'}\n", "user:"+name, strings.Join(may, ", "))
			}
		}
		return name
	}
	type probe struct{ enough, tooFew []string }
	probes := make([]probe, len(requests))
	for i, r := range requests {
		verbs := strings.Fields(r.verbs)
		probes[i].enough = []string{user(verbs)}
		for _, v := range verbs {
			probes[i].tooFew = append(probes[i].tooFew, user(slices.DeleteFunc(slices.Clone(all), func(s string) bool { return s == v })))
		}
	}
	control := func(reg *registry.Registry) *rest.Admin {
		return rest.NewAdmin(reg.Sync, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("figures")) }), slog.New(slog.DiscardHandler))
	}
	reg, err := registry.Open(t.Context(), memlog.New(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	g := guard(t, policy.String(), rest.Options{Admin: control(reg)}, names...)
	g.register(t, "s", `{"type":"record","name":"R","fields":[]}`)
	g.must(t, "PUT", "/config", `{"compatibility":"NONE"}`)
	g.register(t, "s", `"int"`)
	g.must(t, "PUT", "/config/alias", `{"alias":"s"}`)
	g.register(t, "s2", `"long"`)
	g.must(t, "POST", "/associations", `{"resourceName":"t","resourceNamespace":"n","resourceId":"t-id","resourceType":"topic","associations":[{"associationType":"value","subject":"s"}]}`)
	var guid struct{ GUID string }
	if err := json.Unmarshal([]byte(g.must(t, "GET", "/subjects/s/versions/1", "")), &guid); err != nil {
		t.Fatal(err)
	}
	asked := 0
	for i, r := range requests {
		path := strings.ReplaceAll(r.path, "GUID", guid.GUID)
		shows := func(answer string) bool { return strings.Contains(answer, `"s"`) || strings.Contains(answer, `"id":1`) }
		for _, way := range ways {
			for _, who := range probes[i].enough {
				status, answer, _ := g.as(t, way, who, r.method, path, r.body)
				if status == http.StatusUnauthorized || status == http.StatusForbidden || status >= 500 || r.found && !shows(answer) {
					t.Errorf("%s %s by %s as %s: %d %s", r.method, r.path, way, who, status, answer)
				}
				asked++
			}
			for _, who := range probes[i].tooFew {
				status, answer, _ := g.as(t, way, who, r.method, path, r.body)
				switch {
				case r.found && (status/100 != 2 || shows(answer)), !r.found && (status != http.StatusForbidden || !strings.HasPrefix(answer, `{"error_code":40301,"message":"User is denied operation `)):
					t.Errorf("%s %s by %s as %s is not denied: %d %s", r.method, r.path, way, who, status, answer)
				}
				asked++
			}
		}
		status, answer, header := g.as(t, "", "", r.method, path, r.body)
		if status != http.StatusUnauthorized || answer != `{"error_code":40101,"message":"Unauthorized"}` || len(header["Www-Authenticate"]) != 2 {
			t.Errorf("%s %s without credentials: %d %s %v", r.method, r.path, status, answer, header["Www-Authenticate"])
		}
		asked++
	}
	for path, want := range map[string]int{"/health": 200, "/ready": 200, "/none": 401} {
		if status, _ := g.ask(t, "", "GET", path, ""); status != want {
			t.Errorf("%s without credentials: %d", path, status)
		}
	}
	if asked < 400 {
		t.Errorf("only %d questions were asked", asked)
	}
	for _, n := range names {
		if strings.Contains(g.log.String(), password(n)) {
			t.Errorf("the password of %s is logged", n)
		}
	}
}

// BenchmarkGetByIDGuarded is BenchmarkGetByID with metrics, for one who may read everything and for one who may read a part.
func BenchmarkGetByIDGuarded(b *testing.B) {
	m := rest.NewMetrics()
	g := guard(b, "grants:\n"+rootGrant+"  - {who: user:alice, may: read, subjects: [b*, 'a*', 's*']}\n", rest.Options{Metrics: m}, "root", "alice")
	g.register(b, "s", `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`)
	for _, name := range []string{"root", "alice"} {
		b.Run(name, func(b *testing.B) {
			req := httptest.NewRequestWithContext(b.Context(), "GET", "/schemas/ids/1", http.NoBody)
			req.SetBasicAuth(name, password(name))
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				g.Config.Handler.ServeHTTP(w, req)
			}
		})
	}
}

// TestMetricsCostNoAllocations compares the requests that there are by far the most of with and without.
func TestMetricsCostNoAllocations(t *testing.T) {
	for _, path := range []string{"/schemas/ids/1", "/schemas/ids/1?subject=s", "/subjects/s/versions/latest"} {
		allocs := func(o rest.Options) float64 {
			h := handler(t, o)
			do(t, h, "POST", "/subjects/s/versions", schemaBody(`"int"`))
			req := httptest.NewRequestWithContext(t.Context(), "GET", path, http.NoBody)
			w := &sink{header: http.Header{}}
			return testing.AllocsPerRun(200, func() { h.ServeHTTP(w, req) })
		}
		if bare, counted := allocs(rest.Options{}), allocs(rest.Options{Metrics: rest.NewMetrics()}); counted > bare {
			t.Errorf("%s allocates %v times, with metrics %v", path, bare, counted)
		}
	}
}
