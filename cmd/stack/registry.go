package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/filelog"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// Registry is a schema registry that listens.
type Registry struct {
	reg *registry.Registry
	log *slog.Logger
	ls  []net.Listener
	h   http.Handler
}

// OpenLog opens what --store names: memory, file:DIR, or kafka:BROKERS[?topic=_schemas&replication=N&options=FILE&snapshot=DIR],
// or nats:URL[?stream=_schemas&replicas=N&creds=FILE&ca=FILE&cert=FILE&key=FILE&snapshot=DIR].
func OpenLog(ctx context.Context, log *slog.Logger, store string) (registry.Log, error) {
	kind, rest, _ := strings.Cut(store, ":")
	switch {
	case store == "memory":
		return memlog.New(), nil
	case kind == "file" && rest != "":
		return filelog.Open(rest)
	case kind == "kafka" && rest != "":
		return openKafkaLog(ctx, log, rest)
	case kind == "nats" && rest != "":
		return openNATSLog(ctx, log, rest)
	}
	return nil, fmt.Errorf("the store %q is none: there are memory, file:DIR, kafka:BROKERS and nats:URL", withoutUsers(store))
}

// snapshotOf returns the file of a store's snapshot: in the store's directory, or where its option snapshot says; "" is none.
func snapshotOf(store string) string {
	kind, rest, _ := strings.Cut(store, ":")
	dir := rest
	if kind != "file" {
		_, query, _ := strings.Cut(rest, "?")
		options, _ := url.ParseQuery(query) // OpenLog tells of faults
		dir = options.Get("snapshot")
	}
	if dir == "" {
		return ""
	}
	return filepath.Join(dir, "registry.snapshot")
}

var users = regexp.MustCompile(`//[^/,?]*@`)

// withoutUsers returns a store without the users and passwords of its URLs.
func withoutUsers(store string) string { return users.ReplaceAllString(store, "//") }

// NewRegistry opens the store, reads it and listens on addr.
func NewRegistry(ctx context.Context, log *slog.Logger, version, addr, store string) (*Registry, error) {
	ls, err := listen(ctx, addr)
	if err != nil {
		return nil, err
	}
	l, err := OpenLog(ctx, log, store)
	if err != nil {
		_ = ls[0].Close()
		return nil, fmt.Errorf("opening the registry's store: %w", err)
	}
	reg, err := registry.Open(ctx, l, registry.Options{Log: log, Snapshot: snapshotOf(store)})
	if err != nil {
		_ = ls[0].Close()
		return nil, errors.Join(fmt.Errorf("reading the registry's store: %w", err), l.Close())
	}
	api, metrics := rest.Handler(reg, rest.Options{Log: log, Version: version}), metricsHandler(newMetrics())
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // a ServeMux would redirect paths that the API answers
		switch r.URL.Path {
		case "/metrics":
			metrics.ServeHTTP(w, r)
		case "/health":
			_, _ = w.Write([]byte("ok\n"))
		default:
			api.ServeHTTP(w, r)
		}
	})
	log.Info("the registry is ready", "listen", addr, "store", withoutUsers(store))
	return &Registry{reg: reg, log: log, ls: ls, h: h}, nil
}

// Run answers until ctx ends.
func (r *Registry) Run(ctx context.Context) error {
	return errors.Join(serve(ctx, r.log, r.h, r.ls), r.reg.Close())
}

// close frees what NewRegistry opened, where Run is not called.
func (r *Registry) close() error { return errors.Join(r.ls[0].Close(), r.reg.Close()) }
