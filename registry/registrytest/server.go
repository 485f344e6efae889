package registrytest

import (
	"net/http/httptest"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// NewServer starts a schema registry in memory, which ends with the test. Its URL is what a client is given.
func NewServer(t testing.TB) *httptest.Server {
	t.Helper()
	_, s := NewRegistry(t, memlog.New())
	return s
}

// NewRegistry opens a registry on a log, which it closes at the end of the test, and serves it.
func NewRegistry(t testing.TB, l registry.Log) (*registry.Registry, *httptest.Server) {
	t.Helper()
	reg, err := registry.Open(t.Context(), l, registry.Options{})
	if err != nil {
		t.Fatalf("opening a registry: %v", err)
	}
	s := httptest.NewServer(rest.Handler(reg, rest.Options{}))
	t.Cleanup(func() {
		s.Close()
		if err := reg.Close(); err != nil {
			t.Errorf("closing the registry: %v", err)
		}
	})
	return reg, s
}
