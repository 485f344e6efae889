package rest_test

import (
	"bytes"
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// TestForwardedCallers has callers who show passwords and certificates to a node that forwards: the leader lets them do what
// they may, and writes down who they are. A node that the policy does not name may not speak for others.
func TestForwardedCallers(t *testing.T) {
	ca := accesstest.NewAuthority(t)
	users := accesstest.Users(t, "alice", password("alice"), "bob", password("bob"))
	policy := accesstest.File(t, "policy.yaml", "nodes: [\"user:node-2\"]\ngrants:\n  - {who: [\"user:alice\"], may: all, context: \"*\", subjects: \"*\"}\n  - {who: [\"user:bob\"], may: [register], subjects: \"b*\"}\n")
	log := memlog.New()
	serve := func(cn string, v *vote, audit *access.Audit) *httptest.Server {
		control, err := access.Open(access.Config{Users: users, Policy: policy, Certificate: "cn"})
		if err != nil {
			t.Fatal(err)
		}
		reg, err := registry.Open(t.Context(), keptOpen{log}, registry.Options{})
		if err != nil {
			t.Fatal(err)
		}
		h := rest.Handler(reg, rest.Options{Control: control, Audit: audit, Election: v, Sync: reg.Sync, PeerTLS: ca.Client(t, cn)})
		s := httptest.NewUnstartedServer(h)
		cert, key := ca.Issue(t, cn)
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{pair}, ClientCAs: ca.Pool, ClientAuth: tls.VerifyClientCertIfGiven}
		s.StartTLS()
		t.Cleanup(func() {
			s.Close()
			control.Close()
			if err := reg.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	var noted bytes.Buffer
	audit, err := access.OpenAudit("", &noted, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(audit.Close)
	leader := serve("node-1", elected(registry.Leader{Self: true, URL: "https://leader:1"}), audit)
	known := serve("node-2", elected(registry.Leader{URL: leader.URL}), nil)
	unknown := serve("node-3", elected(registry.Leader{URL: leader.URL}), nil)
	for i, c := range []struct {
		node                *httptest.Server
		cn, user, subject   string // who shows a certificate, or a password
		status              int
		principal, throughN string
	}{
		{known, "alice", "", "a1", 200, "alice", "node-2"},
		{known, "", "alice", "a2", 200, "alice", ""},
		{known, "bob", "", "b1", 200, "bob", "node-2"},
		{known, "bob", "", "a3", 403, "", ""},
		{known, "", "", "a4", 401, "", ""},
		{unknown, "alice", "", "a5", 401, "", ""},
		{unknown, "", "alice", "a6", 200, "alice", ""},
	} {
		noted.Reset()
		tlsConfig := &tls.Config{RootCAs: ca.Pool, MinVersion: tls.VersionTLS12}
		if c.cn != "" {
			tlsConfig = ca.Client(t, c.cn)
		}
		req, err := http.NewRequestWithContext(t.Context(), "POST", c.node.URL+"/subjects/"+c.subject+"/versions", strings.NewReader(`{"schema":"\"string\""}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", v1)
		if c.user != "" {
			req.SetBasicAuth(c.user, password(c.user))
		}
		cl := &http.Client{Transport: &http.Transport{TLSClientConfig: tlsConfig, DisableKeepAlives: true}}
		resp, err := cl.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != c.status {
			t.Errorf("%d: %s, want %d", i, resp.Status, c.status)
		}
		line := noted.String()
		if c.principal != "" && (!strings.Contains(line, `"principal":"user:`+c.principal+`"`) || strings.Contains(line, `"node":"`+c.throughN+`"`) != (c.throughN != "")) {
			t.Errorf("%d: the leader noted %s", i, line)
		}
	}
}

// keptOpen is a log that several registries close.
type keptOpen struct{ registry.Log }

func (keptOpen) Close() error { return nil }
