package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/election"
	"github.com/millrace/millrace/registry/filelog"
	"github.com/millrace/millrace/registry/memlog"
)

// Registry is a schema registry that listens.
type Registry struct {
	reg      *registry.Registry
	election *election.Election // nil: none
	guard    *guard
	ls       []net.Listener // of the API and, where there is one, of the operator
	h        http.Handler
}

// OpenLog opens what --store names: memory, file:DIR, or kafka:BROKERS[?topic=_schemas&replication=N&options=FILE&snapshot=DIR|off],
// or nats:URL[?stream=_schemas&replicas=N&creds=FILE&ca=FILE&cert=FILE&key=FILE&snapshot=DIR|off].
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

var users = regexp.MustCompile(`//[^/,?]*@`)

// withoutUsers returns a store without the users and passwords of its URLs.
func withoutUsers(store string) string { return users.ReplaceAllString(store, "//") }

// NewRegistry opens the store, reads it and listens on addr.
func NewRegistry(ctx context.Context, log *slog.Logger, version, addr, store string, s Serving, n Node) (_ *Registry, err error) {
	g, err := newGuard(s, log)
	if err != nil {
		return nil, err
	}
	addrs := []string{addr}
	if s.Admin != "" {
		addrs = append(addrs, s.Admin)
	}
	ls, err := listen(ctx, addrs...)
	if err != nil {
		g.close()
		return nil, err
	}
	defer func() {
		if err != nil {
			g.close()
			closeAll(ls)
		}
	}()
	peers, err := g.peers(n.CA)
	if err != nil {
		return nil, err
	}
	l, err := openShared(ctx, log, store, ls[0], g.tls != nil, n)
	if err != nil {
		return nil, fmt.Errorf("opening the registry's store: %w", err)
	}
	reg, err := registry.Open(ctx, l.log, registry.Options{Log: log, Snapshot: snapshotOf(log, store, l.identity), MaxSchemas: s.MaxSchemas, Appended: g.metrics.Appended})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading the registry's store: %w", err), l.log.Close())
	}
	o, leads := l.options(reg, n)
	o.Log, o.Version, o.PeerTLS = log, version, peers
	h := g.handler(reg, o, leads)
	log.Info("the registry is ready", "listen", addr, "store", withoutUsers(store))
	return &Registry{reg: reg, election: l.election, guard: g, ls: ls, h: h}, nil
}

// Run answers until ctx ends. It takes part in elections until the last request is answered.
func (r *Registry) Run(ctx context.Context) error {
	var admin net.Listener
	if len(r.ls) > 1 {
		admin = r.ls[1]
	}
	member, leave := context.WithCancel(context.WithoutCancel(ctx))
	group, ctx := errgroup.WithContext(ctx)
	if r.election != nil {
		group.Go(func() error { return r.election.Run(member, r.reg.Sync) })
		group.Go(func() error { // one that takes no more writes is not to lead
			defer leave()
			select {
			case <-r.reg.Stopped():
			case <-member.Done():
			}
			return nil
		})
	}
	group.Go(func() error {
		defer leave()
		return r.guard.run(ctx, r.h, r.ls[0], admin)
	})
	return errors.Join(group.Wait(), r.reg.Close())
}

// close frees what NewRegistry opened, where Run is not called.
func (r *Registry) close() error {
	r.guard.close()
	closeAll(r.ls)
	return r.reg.Close()
}
