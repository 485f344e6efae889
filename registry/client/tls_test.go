package client_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/access/accesstest"
	"github.com/millrace/millrace/registry/client"
)

// TestTLSFiles asks a registry that wants a certificate and a token.
func TestTLSFiles(t *testing.T) {
	ca := accesstest.NewAuthority(t)
	cert, key := ca.Issue(t, "producer")
	serverCert, serverKey := ca.Issue(t, "registry")
	pair, err := tls.X509KeyPair(serverCert, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cn := r.TLS.PeerCertificates[0].Subject.CommonName; cn != "producer" || r.Header.Get("Authorization") != "Bearer token" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write([]byte(`["a"]`))
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientCAs: ca.Pool, ClientAuth: tls.RequireAndVerifyClientCert}
	s.StartTLS()
	t.Cleanup(s.Close)
	file := func(name string, data []byte) string { return accesstest.File(t, name, string(data)) }
	authority, c, k := file("ca", ca.PEM), file("cert", cert), file("key", key)
	ask := func(f client.TLSFiles) error {
		cfg, err := f.Config()
		if err != nil {
			return err
		}
		cl, err := client.New(client.Config{URLs: []string{s.URL}, TLS: cfg, BearerToken: "token"})
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		_, err = cl.Subjects(t.Context(), "")
		return err
	}
	if err := ask(client.TLSFiles{CA: authority, Cert: c, Key: k}); err != nil {
		t.Error(err)
	}
	for want, f := range map[string]client.TLSFiles{
		"unknown authority":    {},
		"certificate required": {CA: authority},
		"needs its key":        {CA: authority, Cert: c},
		"no such file":         {CA: filepath.Join(t.TempDir(), "none")},
		"holds no certificate": {CA: k},
		"and its key":          {CA: authority, Cert: c, Key: file("other", serverKey)},
	} {
		if err := ask(f); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", f, err, want)
		}
	}
}
