package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
)

// listen opens every address, so that a port that is taken is told at the start.
func listen(ctx context.Context, addrs ...string) ([]net.Listener, error) {
	var ls []net.Listener
	for _, addr := range addrs {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
		if err != nil {
			closeAll(ls)
			return nil, fmt.Errorf("listening on %s: %w", addr, err)
		}
		ls = append(ls, l)
	}
	return ls, nil
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		_ = l.Close()
	}
}

// bounds are what clients of an HTTP server may take.
type bounds struct {
	header      int           // bytes of a request's header
	read, write time.Duration // of a whole request; from its header to the end of its answer
	delay       time.Duration // how long requests are still taken when the process is asked to end
	drain       time.Duration // how long those in progress may take then
}

// The bounds where nothing else is said.
const (
	headerTimeout = 10 * time.Second // at most: a shorter one of the whole request counts
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10
	readTimeout   = time.Minute
	writeTimeout  = 2 * time.Minute
	drainTimeout  = 30 * time.Second
)

// cutTime is how long a handler that was cut off is waited for.
const cutTime = 5 * time.Second

// endpoint is a listener and what answers on it.
type endpoint struct {
	net.Listener
	handler http.Handler
	tls     *tls.Config // nil: HTTP
	last    bool        // the operator's: it answers until the others have drained
}

// serve answers on all until ctx ends or one of them fails. Then draining, which may be nil, is called, requests are taken for
// b.delay more, and those in progress may finish within b.drain; the contexts of what is cut off then end. It returns when the
// handlers have.
func serve(ctx context.Context, log *slog.Logger, b bounds, draining func(), all ...endpoint) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	busy := newInProgress()
	group, gctx := errgroup.WithContext(ctx)
	var servers, last []*http.Server
	for _, e := range all {
		s := &http.Server{
			Handler: busy.counting(e.handler), TLSConfig: e.tls, BaseContext: func(net.Listener) context.Context { return base },
			ReadHeaderTimeout: min(headerTimeout, b.read), ReadTimeout: b.read, WriteTimeout: b.write, IdleTimeout: idleTimeout,
			MaxHeaderBytes: b.header, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		}
		if e.last {
			last = append(last, s)
		} else {
			servers = append(servers, s)
		}
		group.Go(func() (err error) {
			if e.tls != nil {
				err = s.ServeTLS(e.Listener, "", "")
			} else {
				err = s.Serve(e.Listener)
			}
			if errors.Is(err, http.ErrServerClosed) {
				return nil
			}
			return fmt.Errorf("serving on %s: %w", e.Addr(), err)
		})
	}
	group.Go(func() error {
		<-gctx.Done()
		if draining != nil {
			draining()
		}
		if ctx.Err() != nil && b.delay > 0 {
			log.Info("draining: requests are still taken", "for", b.delay)
			time.Sleep(b.delay) // a second signal ends the process
		}
		drain, cancel := context.WithTimeout(base, b.drain)
		defer cancel()
		shutDown(drain, log, b.drain, servers)
		cut()
		for _, s := range last {
			_ = s.Close()
		}
		return nil
	})
	err := group.Wait()
	if !busy.wait(cutTime) {
		log.Error("requests that were cut off go on", "after", cutTime)
	}
	return err
}

// shutDown lets the requests in progress of servers finish until ctx ends, and closes what connections are left.
func shutDown(ctx context.Context, log *slog.Logger, within time.Duration, servers []*http.Server) {
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(ctx) != nil {
				log.Warn("requests in progress are cut off", "after", within)
				_ = s.Close()
			}
		})
	}
	all.Wait()
}

// inProgress are the requests that handlers are at.
type inProgress struct {
	n     atomic.Int64  // how many, and closing once wait was called
	ended chan struct{} // closed when there are none after that
	once  sync.Once     // closes it
}

// closing is more than any number of requests.
const closing = 1 << 40

func newInProgress() *inProgress { return &inProgress{ended: make(chan struct{})} }

func (p *inProgress) counting(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer p.done()
		if p.n.Add(1) > closing { // no other is begun
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	})
}

func (p *inProgress) done() {
	if p.n.Add(-1) == closing {
		p.once.Do(func() { close(p.ended) })
	}
}

// wait reports whether all have ended within a time. It is called once, when connections are closed.
func (p *inProgress) wait(most time.Duration) bool {
	if p.n.Add(closing) == closing {
		p.once.Do(func() { close(p.ended) })
	}
	select {
	case <-p.ended:
		return true
	case <-time.After(most):
		return false
	}
}

// newMetrics returns a registry of metrics that has the process's own.
func newMetrics() *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

func metricsHandler(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}
