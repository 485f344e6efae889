package registrytest

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// Server is a schema registry in memory, for tests. Its URL is what a client is given. It is safe for concurrent use.
type Server struct {
	*httptest.Server
	registry *registry.Registry
	client   *client.Client
	ended    chan struct{} // ends what waits

	mu       sync.Mutex // guards what follows
	requests []*Request
	faults   []*fault
	down     bool
	closed   bool
}

// NewServer is Start with a registry that ends with the test.
func NewServer(t testing.TB, filled ...client.Version) *Server {
	t.Helper()
	s, err := Start(filled...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Start starts a registry with schemas in it, registered in their order. One with an ID keeps it, and then its Version as well.
func Start(filled ...client.Version) (*Server, error) {
	reg, err := registry.Open(context.Background(), memlog.New(), registry.Options{})
	if err != nil {
		return nil, fmt.Errorf("opening a registry: %w", err)
	}
	s := &Server{registry: reg, ended: make(chan struct{})}
	s.Server = httptest.NewServer(s.wrap(rest.Handler(reg, rest.Options{})))
	if s.client, err = client.New(client.Config{URLs: []string{s.URL}}); err == nil {
		err = s.fill(context.Background(), filled)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.Reset()
	return s, nil
}

// fill registers schemas; those with ids are imported.
func (s *Server) fill(ctx context.Context, filled []client.Version) error {
	var importing []string
	for _, v := range filled {
		if v.ID != 0 && !slices.Contains(importing, v.Subject) {
			if err := s.client.SetMode(ctx, v.Subject, "IMPORT", true); err != nil {
				return fmt.Errorf("importing %q: %w", v.Subject, err)
			}
			importing = append(importing, v.Subject)
		}
		if _, err := s.client.RegisterVersion(ctx, v.Subject, v.Schema, client.RegisterOptions{ID: v.ID, Version: v.Version}); err != nil {
			return fmt.Errorf("registering under %q: %w", v.Subject, err)
		}
	}
	for _, subject := range importing {
		if err := s.client.DeleteMode(ctx, subject, false); err != nil {
			return fmt.Errorf("ending the import of %q: %w", subject, err)
		}
	}
	return nil
}

// Close ends the server and its registry.
func (s *Server) Close() { _ = s.stop() }

func (s *Server) stop() error {
	s.mu.Lock()
	closed := s.closed
	s.closed = true
	s.mu.Unlock()
	if closed {
		return nil
	}
	close(s.ended)
	if s.client != nil {
		s.client.Close()
	}
	s.Server.Close()
	if err := s.registry.Close(); err != nil {
		return fmt.Errorf("closing the registry: %w", err)
	}
	return nil
}

// Registry returns a client of the server. It asks as any other does: what it does is recorded, and fails where it should.
func (s *Server) Registry() *client.Client { return s.client }

// InContext returns the URL of a context's own view of the registry, where its subjects go by their plain names.
func (s *Server) InContext(name string) string { return s.URL + "/contexts/" + url.PathEscape(name) }

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
