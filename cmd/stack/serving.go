package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/rest"
)

// Serving says how a registry is served: to whom, within what bounds and with what records of it. The zero value serves
// everyone over HTTP.
type Serving struct {
	TLS       access.ServerTLS
	Access    access.Config
	AuditLog  string // a file, or stderr; empty: none
	AuditMust bool   // nothing is changed that cannot be noted in the audit log
	AccessLog bool
	Admin     string // address of a listener for /health, /ready and /metrics without credentials; empty: none

	MaxBody        int64         // bytes
	MaxHeader      int           // bytes
	MaxSchemas     int           // 0: no bound
	MaxConnections int           // at the same time; 0: no bound
	ReadTimeout    time.Duration // of a whole request
	WriteTimeout   time.Duration // from a request's header to the end of its answer
	DrainDelay     time.Duration // how long requests are still taken when the process is asked to end
	DrainTimeout   time.Duration // how long those in progress may take then
}

func (s *Serving) defaults() {
	for _, d := range []struct{ value, missing *time.Duration }{
		{&s.ReadTimeout, ptr(readTimeout)}, {&s.WriteTimeout, ptr(writeTimeout)}, {&s.DrainTimeout, ptr(drainTimeout)},
	} {
		if *d.value <= 0 {
			*d.value = *d.missing
		}
	}
	if s.MaxHeader <= 0 {
		s.MaxHeader = maxHeader
	}
	if s.TLS.ClientCA != "" && s.TLS.ClientAuth != "none" && s.Access.Certificate == "" {
		s.Access.Certificate = "cn"
	}
}

func ptr[T any](v T) *T { return &v }

// guard is what stands before a registry: made before it is opened, so that what is wrong with it is told at once.
type guard struct {
	Serving
	log     *slog.Logger
	tls     *tls.Config     // nil: HTTP
	control *access.Control // nil: everyone may everything
	audit   *access.Audit
	metrics *rest.Metrics
	admin   *rest.Admin
	refused atomic.Int64 // connections over the bound
}

func newGuard(s Serving, log *slog.Logger) (g *guard, err error) {
	s.defaults()
	s.Access.Log = log
	g = &guard{Serving: s, log: log, metrics: rest.NewMetrics()}
	if g.tls, err = s.TLS.Config(log); err != nil {
		return nil, err
	}
	if s.Access.Certificate != "" && s.TLS.ClientCA == "" {
		return nil, errors.New("a rule for the names in client certificates needs an authority that they are checked against: --tls-client-ca")
	}
	if g.control, err = access.Open(s.Access); err != nil {
		return nil, err
	}
	if g.control != nil && g.tls == nil && (s.Access.Users != "" || s.Access.OIDC != nil) {
		log.Warn("passwords and tokens come over plain HTTP: use --tls-cert and --tls-key, or a proxy that speaks TLS")
	}
	switch s.AuditLog {
	case "":
		if s.AuditMust {
			g.close()
			return nil, errors.New("there is no audit log that could be required: --audit-log")
		}
	case "stderr", "-":
		g.audit, err = access.OpenAudit("", os.Stderr, s.AuditMust, log)
	default:
		g.audit, err = access.OpenAudit(s.AuditLog, nil, s.AuditMust, log)
	}
	if err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *guard) close() {
	if g.control != nil {
		g.control.Close()
	}
	if g.audit != nil {
		g.audit.Close()
	}
}

// handler returns the API of a registry with all that is before it. leads says whether this node writes; nil: it does.
func (g *guard) handler(reg *registry.Registry, o rest.Options, leads func() bool) http.Handler {
	var lost func() int64
	if g.audit != nil {
		lost = g.audit.Lost
	}
	g.metrics.Watch(reg, leads, lost)
	all := newMetrics()
	all.MustRegister(g.metrics, prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "millrace_registry_connections_refused_total", Help: "Connections that were closed at once, over the bound of connections.",
	}, func() float64 { return float64(g.refused.Load()) }))
	g.admin = rest.NewAdmin(reg.Sync, metricsHandler(all), g.log)
	o.Access, o.MaxBody, o.Control, o.Audit, o.Metrics, o.Admin = g.AccessLog, g.MaxBody, g.control, g.audit, g.metrics, g.admin
	return rest.Handler(reg, o)
}

// run answers on l, and for the operator on admin, which may be nil, until ctx ends: then /ready says so, requests are taken
// for DrainDelay more, and those in progress may finish.
func (g *guard) run(ctx context.Context, h http.Handler, l, admin net.Listener) error {
	defer g.close()
	if g.MaxConnections > 0 {
		l = &limited{Listener: l, most: int64(g.MaxConnections), refused: &g.refused}
	}
	all := []endpoint{{Listener: l, handler: h, tls: g.tls}}
	if admin != nil {
		all = append(all, endpoint{Listener: admin, handler: g.admin, last: true})
	}
	b := bounds{header: g.MaxHeader, read: g.ReadTimeout, write: g.WriteTimeout, delay: g.DrainDelay, drain: g.DrainTimeout}
	return serve(ctx, g.log, b, g.admin.Drain, all...)
}

// limited is a listener whose connections are bounded: one too many is closed at once, so that who waits on it knows.
type limited struct {
	net.Listener
	most    int64
	open    atomic.Int64
	refused *atomic.Int64
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if l.open.Add(1) <= l.most {
			return &counted{Conn: c, open: &l.open}, nil
		}
		l.open.Add(-1)
		l.refused.Add(1)
		_ = c.Close()
	}
}

// counted is a connection that is counted until it is closed.
type counted struct {
	net.Conn
	open   *atomic.Int64
	closed atomic.Bool
}

// Close implements net.Conn.
func (c *counted) Close() error {
	if c.closed.CompareAndSwap(false, true) {
		c.open.Add(-1)
	}
	return c.Conn.Close()
}
