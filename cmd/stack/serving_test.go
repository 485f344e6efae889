package stack

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
)

// running is a registry that serves until the test ends.
type running struct {
	addr, admin string
	log         *logged
	stop        context.CancelFunc
	done        chan error
}

type logged struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func serving(t testing.TB, s Serving) *running {
	t.Helper()
	r := &running{log: &logged{}, done: make(chan error, 1)}
	s.Admin = "127.0.0.1:0"
	log := slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	reg, err := NewRegistry(t.Context(), log, "1", "127.0.0.1:0", "memory", s, Node{})
	if err != nil {
		t.Fatal(err)
	}
	r.addr, r.admin = reg.ls[0].Addr().String(), reg.ls[1].Addr().String()
	var ctx context.Context
	ctx, r.stop = context.WithCancel(context.Background())
	go func() { r.done <- reg.Run(ctx) }()
	t.Cleanup(func() {
		r.stop()
		select {
		case err := <-r.done:
			if err != nil {
				t.Errorf("serving ended: %v", err)
			}
		case <-time.After(20 * time.Second):
			t.Error("serving does not end")
		}
	})
	return r
}

func get(t testing.TB, c *http.Client, url string, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

func fresh(c *tls.Config) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: c, DisableKeepAlives: true}, Timeout: 10 * time.Second}
}

// TestTLS serves with generated certificates, asks clients for theirs, and changes all of it under way.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	put := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path+".new", data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	servers, clients, strangers := accesstest.NewAuthority(t), accesstest.NewAuthority(t), accesstest.NewAuthority(t)
	cert, key := servers.Issue(t, "registry")
	files := access.ServerTLS{Cert: put("cert.pem", cert), Key: put("key.pem", key), ClientCA: put("ca.pem", clients.PEM)}
	with := func(who *accesstest.Authority, cn string) *tls.Config {
		c := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: servers.Pool}
		if who != nil {
			own := &who.Client(t, cn).Certificates[0] // also where the server does not name its authority
			c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return own, nil }
		}
		return c
	}
	policy := accesstest.File(t, "policy.yaml", "grants: [{who: user:producer, may: metrics, subjects: '*'}]")
	for auth, want := range map[string][3]int{"require": {200, 0, 0}, "": {200, 0, 0}, "request": {200, 401, 0}} {
		files.ClientAuth = auth
		r := serving(t, Serving{TLS: files, Access: access.Config{Policy: policy}})
		for i, c := range []*tls.Config{with(clients, "producer"), with(nil, ""), with(strangers, "producer")} {
			if got, answer := get(t, fresh(c), "https://"+r.addr+"/metrics"); got != want[i] {
				t.Errorf("client %d with client authentication %q: %d %s", i, auth, got, answer)
			}
		}
		if status, _ := get(t, fresh(with(clients, "other")), "https://"+r.addr+"/metrics"); status != http.StatusForbidden {
			t.Errorf("another client's name: %d", status)
		}
		old := with(clients, "producer")
		old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		if status, _ := get(t, fresh(old), "https://"+r.addr+"/subjects"); status != 0 {
			t.Error("TLS 1.1 is spoken")
		}
		if status, answer := get(t, fresh(nil), "http://"+r.addr+"/health"); status != http.StatusBadRequest {
			t.Errorf("HTTP where TLS is: %d %s", status, answer)
		}
		if status, _ := get(t, fresh(nil), "http://"+r.admin+"/ready"); status != http.StatusOK {
			t.Errorf("the operator's address: %d", status)
		}
		r.stop()
	}

	files.ClientAuth = "require"
	r := serving(t, Serving{TLS: files, Access: access.Config{Policy: policy}})
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for began := time.Now(); !ok(); time.Sleep(50 * time.Millisecond) {
			if time.Since(began) > 10*time.Second {
				t.Fatalf("%s did not happen\n%s", what, r.log.String())
			}
		}
	}
	ok := func(c *tls.Config) bool {
		status, _ := get(t, fresh(c), "https://"+r.addr+"/metrics")
		return status == http.StatusOK
	}
	put("ca.pem", []byte("nothing"))
	eventually("the refusal of a faulty file", func() bool { return !ok(with(nil, "")) && strings.Contains(r.log.String(), "holds no certificate") })
	if !ok(with(clients, "producer")) {
		t.Error("a faulty file locks out")
	}
	put("ca.pem", strangers.PEM)
	eventually("the new authority", func() bool { return ok(with(strangers, "producer")) })
	if ok(with(clients, "producer")) {
		t.Error("the old authority is trusted on")
	}
	next := accesstest.NewAuthority(t)
	cert, key = next.Issue(t, "registry")
	put("cert.pem", cert)
	put("key.pem", key)
	renewed := with(strangers, "producer")
	renewed.RootCAs = next.Pool
	eventually("the new certificate", func() bool { return ok(renewed) })
	if strings.Contains(r.log.String(), "PRIVATE KEY") {
		t.Error("a key is logged")
	}
}

func TestServingRefuses(t *testing.T) {
	ca := accesstest.NewAuthority(t)
	cert, key := ca.Issue(t, "registry")
	_, other := ca.Issue(t, "other")
	c, k, o, a := accesstest.File(t, "c", string(cert)), accesstest.File(t, "k", string(key)), accesstest.File(t, "o", string(other)), accesstest.File(t, "a", string(ca.PEM))
	for name, s := range map[string]Serving{
		"a certificate alone":   {TLS: access.ServerTLS{Cert: c}},
		"a key of another":      {TLS: access.ServerTLS{Cert: c, Key: o}},
		"a missing file":        {TLS: access.ServerTLS{Cert: c, Key: "/none/such"}},
		"client auth of a kind": {TLS: access.ServerTLS{Cert: c, Key: k, ClientCA: a, ClientAuth: "want"}},
		"client auth alone":     {TLS: access.ServerTLS{Cert: c, Key: k, ClientAuth: "require"}},
		"an authority unused":   {TLS: access.ServerTLS{Cert: c, Key: k, ClientCA: a, ClientAuth: "none"}},
		"a rule without one":    {TLS: access.ServerTLS{Cert: c, Key: k}, Access: access.Config{Certificate: "cn"}},
		"a policy alone":        {Access: access.Config{Policy: accesstest.File(t, "p", "grants: []")}},
		"a required log":        {AuditMust: true},
		"a log nowhere":         {AuditLog: "/none/such/audit"},
		"an address taken":      {Admin: "256.0.0.1:1"},
	} {
		r, err := NewRegistry(t.Context(), slog.New(slog.DiscardHandler), "1", "127.0.0.1:0", "memory", s, Node{})
		if err == nil {
			_ = r.close()
			t.Errorf("%s is taken", name)
		}
	}
}

// TestSlowClients drips bytes: the header, the body and the reading of the answer. None keeps a connection for long, and none
// keeps others from being answered.
func TestSlowClients(t *testing.T) {
	r := serving(t, Serving{ReadTimeout: 700 * time.Millisecond, WriteTimeout: 1500 * time.Millisecond, MaxBody: 1 << 20, MaxHeader: 8 << 10})
	dial := func() net.Conn {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c
	}
	post := func(path, body string) (int, string) {
		resp, err := http.Post("http://"+r.addr+path, "application/json", strings.NewReader(body))
		if err != nil {
			return 0, err.Error()
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	for i := range 40 { // an answer that fills the socket
		if status, answer := post(fmt.Sprintf("/subjects/s%d/versions", i), fmt.Sprintf(`{"schema":"{\"type\":\"record\",\"name\":\"R%d\",\"doc\":\"%s\",\"fields\":[]}"}`, i, strings.Repeat("d", 500_000))); status != http.StatusOK {
			t.Fatal(answer)
		}
	}
	drip := func(c net.Conn, head, drop string) error {
		if _, err := io.WriteString(c, head); err != nil {
			return err
		}
		for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(50 * time.Millisecond) {
			if _, err := io.WriteString(c, drop); err != nil {
				return nil // cut off
			}
			_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
			if _, err := io.Copy(io.Discard, c); err == nil {
				return nil
			} else if e := net.Error(nil); !errors.As(err, &e) || !e.Timeout() {
				return nil
			}
		}
		return errors.New("it goes on for 10 seconds")
	}
	var all sync.WaitGroup
	for name, run := range map[string]func() error{
		"a request line": func() error { return drip(dial(), "", "G") },
		"header lines":   func() error { return drip(dial(), "GET /subjects HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n") },
		"a body": func() error {
			return drip(dial(), "POST /subjects/a/versions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n", " ")
		},
		"chunks": func() error {
			return drip(dial(), "POST /subjects/a/versions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n \r\n")
		},
		"nothing": func() error { return drip(dial(), "", "") },
		"no reading": func() error {
			c := dial()
			_, _ = io.WriteString(c, "GET /schemas HTTP/1.1\r\nHost: x\r\n\r\n")
			time.Sleep(2500 * time.Millisecond)
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			if n, err := io.Copy(io.Discard, c); err == nil && n > 18_000_000 {
				return fmt.Errorf("%d bytes waited to be read", n)
			}
			return nil
		},
	} {
		all.Go(func() {
			start := time.Now()
			if err := run(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("%s is cut off after %v", name, took)
			}
		})
	}
	for range 10 {
		if status, answer := get(t, fresh(nil), "http://"+r.addr+"/schemas/ids/1/versions"); status != http.StatusOK {
			t.Errorf("meanwhile: %d %s", status, answer)
		}
	}
	all.Wait()
	if status, _ := get(t, fresh(nil), "http://"+r.addr+"/subjects", "X-Large", strings.Repeat("x", 64<<10)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large header: %d", status)
	}
	if status, answer := post("/subjects/a/versions", `{"schema":"`+strings.Repeat("x", 2<<20)+`"}`); status != http.StatusRequestEntityTooLarge {
		t.Errorf("a large body: %d %s", status, answer)
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	r := serving(t, Serving{MaxConnections: 3})
	var held []net.Conn
	for range 3 {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		held = append(held, c)
	}
	time.Sleep(100 * time.Millisecond)
	if status, _ := get(t, fresh(nil), "http://"+r.addr+"/subjects"); status != 0 {
		t.Errorf("one connection too many is answered: %d", status)
	}
	if _, figures := get(t, fresh(nil), "http://"+r.admin+"/metrics"); !strings.Contains(figures, "millrace_registry_connections_refused_total 1") {
		t.Error("it is not counted")
	}
	_ = held[0].Close()
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if status, _ := get(t, fresh(nil), "http://"+r.addr+"/subjects"); status == http.StatusOK {
			return
		}
		if time.Since(began) > 5*time.Second {
			t.Fatal("a connection that ended makes no room")
		}
	}
}

func TestSchemasAreBounded(t *testing.T) {
	r := serving(t, Serving{MaxSchemas: 2})
	for i, want := range []int{200, 200, 422, 200} {
		body := fmt.Sprintf(`{"schema":"{\"type\":\"enum\",\"name\":\"E%d\",\"symbols\":[]}"}`, i%3)
		resp, err := http.Post("http://"+r.addr+"/subjects/:.c:s"+fmt.Sprint(i)+"/versions", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want || want == 422 && string(b) != `{"error_code":42290,"message":"The registry holds 2 schemas, as many as it may"}` {
			t.Errorf("schema %d: %d %s", i, resp.StatusCode, b)
		}
	}
}

// TestDrain ends a registry while a request is in progress.
func TestDrain(t *testing.T) {
	r := serving(t, Serving{DrainDelay: time.Second})
	if status, answer := get(t, fresh(nil), "http://"+r.admin+"/ready"); status != http.StatusOK || answer != "ready\n" {
		t.Fatalf("%d %s", status, answer)
	}
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	body := `{"schema":"\"int\""}`
	fmt.Fprintf(c, "POST /subjects/late/versions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:5])
	time.Sleep(50 * time.Millisecond)
	r.stop()
	time.Sleep(200 * time.Millisecond)
	for _, addr := range []string{r.addr, r.admin} {
		if status, answer := get(t, fresh(nil), "http://"+addr+"/ready"); status != http.StatusServiceUnavailable || answer != "not ready: the process is about to end\n" {
			t.Errorf("while it drains: %d %s", status, answer)
		}
	}
	if status, _ := get(t, fresh(nil), "http://"+r.addr+"/subjects"); status != http.StatusOK {
		t.Errorf("a request while it drains: %d", status)
	}
	time.Sleep(1200 * time.Millisecond)
	if status, _ := get(t, fresh(nil), "http://"+r.addr+"/subjects"); status != 0 {
		t.Errorf("a request after it has drained: %d", status)
	}
	_, _ = io.WriteString(c, body[5:])
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer, _ := io.ReadAll(c)
	if !strings.Contains(string(answer), `"id":1`) {
		t.Errorf("the request in progress is answered %q", answer)
	}
}

// TestMetrics holds the names, and that paths are no labels.
func TestMetrics(t *testing.T) {
	r := serving(t, Serving{})
	url := "http://" + r.addr
	resp, err := http.Post(url+"/subjects/s-one/versions", "application/json", strings.NewReader(`{"schema":"\"int\""}`))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for _, p := range []string{"/schemas/ids/1", "/schemas/ids/1", "/schemas/ids/9", "/subjects/s-one/versions", "/made/up/path", "/subjects/s-one/versions/x"} {
		get(t, fresh(nil), url+p)
	}
	req, _ := http.NewRequestWithContext(t.Context(), "BREW", url+"/subjects", http.NoBody)
	if resp, err := fresh(nil).Do(req); err == nil {
		resp.Body.Close()
	}
	_, figures := get(t, fresh(nil), url+"/metrics")
	for _, want := range []string{
		`millrace_registry_http_requests_total{method="GET",route="/schemas/ids/{id}",status="200"} 2`, `millrace_registry_http_requests_total{method="GET",route="/schemas/ids/{id}",status="404"} 1`,
		`millrace_registry_http_requests_total{method="POST",route="/subjects/{subject}/versions",status="200"} 1`, `millrace_registry_http_requests_total{method="GET",route="unmatched",status="404"} 1`,
		`millrace_registry_http_requests_total{method="GET",route="/subjects/{subject}/versions/{version}",status="422"} 1`, `millrace_registry_http_requests_total{method="other",route="/subjects",status="405"} 1`,
		`millrace_registry_http_request_duration_seconds_count{route="/schemas/ids/{id}"} 3`, "millrace_registry_schemas 1", "millrace_registry_subjects 1", "millrace_registry_versions 1",
		"millrace_registry_contexts 1", "millrace_registry_log_append_seconds_count 1", "millrace_registry_log_records_appended_total 1", "millrace_registry_log_offset 1", "millrace_registry_leader 1", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(figures, want) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(figures, "s-one") || strings.Contains(figures, "made") || strings.Contains(figures, "BREW") {
		t.Error("what clients make up is a label")
	}
}

// TestNoSecretsInLogs lets callers in and refuses them in every way, with all logs on, and looks for what they have shown.
func TestNoSecretsInLogs(t *testing.T) {
	issuer, ca := accesstest.NewIssuer(t), accesstest.NewAuthority(t)
	cert, key := ca.Issue(t, "registry")
	audit := filepath.Join(t.TempDir(), "audit.jsonl")
	r := serving(t, Serving{
		TLS:      access.ServerTLS{Cert: accesstest.File(t, "c", string(cert)), Key: accesstest.File(t, "k", string(key)), ClientCA: accesstest.File(t, "a", string(ca.PEM)), ClientAuth: "request"},
		Access:   access.Config{Users: accesstest.Users(t, "alice", "pw-of-alice"), OIDC: &access.OIDC{Issuer: issuer.URL, Audiences: []string{"registry"}}, Policy: accesstest.File(t, "p", "grants: [{who: 'user:*', may: [read, register], subjects: 'a*'}]")},
		AuditLog: audit, AuditMust: true, AccessLog: true,
	})
	good, bad := issuer.Token(t, "registry", "carol", nil), issuer.Token(t, "connect", "carol", nil)
	secrets := []string{"pw-of-alice", "wrong-pw", "key-in-query", "TEXT-OF-SCHEMA", "eyJ"} // and every token
	secrets = append(secrets, strings.Split(good, ".")...)
	c := &http.Client{Transport: &http.Transport{TLSClientConfig: ca.Client(t, "")}}
	ask := func(method, path, body string, auth func(*http.Request), want int) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, "https://"+r.addr+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Request-ID", "id-of-"+method)
		auth(req)
		secrets = append(secrets, strings.TrimPrefix(strings.TrimPrefix(req.Header.Get("Authorization"), "Basic "), "Bearer "))
		resp, err := c.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want || resp.Header.Get("X-Request-ID") != "id-of-"+method {
			t.Errorf("%s %s: %d %v", method, path, resp.StatusCode, resp.Header)
		}
	}
	user := func(name, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(name, password) }
	}
	token := func(s string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+s) }
	}
	ask("POST", "/subjects/a/versions?token=key-in-query", `{"schema":"{\"type\":\"record\",\"name\":\"R\",\"doc\":\"TEXT-OF-SCHEMA\",\"fields\":[]}"}`, user("alice", "pw-of-alice"), 200)
	ask("POST", "/subjects/b/versions", `{"schema":"\"TEXT-OF-SCHEMA\""}`, user("alice", "pw-of-alice"), 403)
	ask("POST", "/subjects/a/versions", `{"schema":"TEXT-OF-SCHEMA"}`, token(good), 422)
	ask("GET", "/subjects/a/versions/1?password=key-in-query", "", token(good), 200)
	ask("GET", "/subjects", "", user("alice", "wrong-pw"), 401)
	ask("GET", "/subjects", "", token(bad), 401)
	ask("GET", "/subjects", "", token(good+"x"), 401)
	ask("GET", "/subjects", "", token("wrong-pw"), 401)
	ask("DELETE", "/subjects/a", "", func(*http.Request) {}, 401)
	ask("PUT", "/config/a", "", token(good), 403)
	r.stop()
	time.Sleep(300 * time.Millisecond)
	lines, err := os.ReadFile(audit)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"log": r.log.String(), "audit log": string(lines)} {
		for _, s := range secrets {
			if s != "" && strings.Contains(text, s) {
				t.Errorf("the %s has %q", name, s)
			}
		}
	}
	for _, want := range []string{
		`"principal":"user:alice","authentication":"basic","remote":"127.0.0.1","verb":"register","subject":"a","context":".","outcome":"allowed","request":"POST /subjects/a/versions","request_id":"id-of-POST"}`,
		`"principal":"user:alice","authentication":"basic","remote":"127.0.0.1","verb":"register","subject":"b","context":".","outcome":"denied","request":"POST /subjects/b/versions","request_id":"id-of-POST"}`,
		`"principal":"user:carol","authentication":"bearer","remote":"127.0.0.1","verb":"config-write","subject":"a","context":".","outcome":"denied","request":"PUT /config/a","request_id":"id-of-PUT"}`,
		`"verb":"authenticate","outcome":"unauthenticated","reason":"no credentials","request":"DELETE /subjects/a","request_id":"id-of-DELETE"}`,
		`"outcome":"unauthenticated","reason":"the credentials are refused: the user or the password is wrong","request":"GET /subjects","request_id":"id-of-GET"}`,
	} {
		if !strings.Contains(string(lines), want) {
			t.Errorf("the audit log has no %s:\n%s", want, lines)
		}
	}
	for _, want := range []string{"method=POST path=/subjects/a/versions status=200", `route=/subjects/{subject}/versions`, "principal=user:carol authentication=bearer request_id=id-of-GET", "duration_us="} {
		if !strings.Contains(r.log.String(), want) {
			t.Errorf("the access log has no %s:\n%s", want, r.log.String())
		}
	}
}

// TestAChangeThatCannotBeNotedIsRefused has the audit log go away.
func TestAChangeThatCannotBeNotedIsRefused(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full: the audit log cannot be made to fail")
	}
	for must, want := range map[bool]int{true: 503, false: 200} {
		r := serving(t, Serving{AuditLog: "/dev/full", AuditMust: must})
		resp, err := http.Post("http://"+r.addr+"/subjects/a/versions", "application/json", strings.NewReader(`{"schema":"\"int\""}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		_, subjects := get(t, fresh(nil), "http://"+r.addr+"/subjects")
		if resp.StatusCode != want || (subjects == "[]") != must || !strings.Contains(r.log.String(), "no space left on device") {
			t.Errorf("required %v: %d, subjects %s\n%s", must, resp.StatusCode, subjects, r.log.String())
		}
		r.stop()
	}
}
