package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Admin answers what operators and their machines ask: /health, that the process is up; /ready, that it can be sent requests;
// and /metrics. It is to be served where the API is, or at an address of its own, where no credentials are asked for.
type Admin struct {
	check   func(context.Context) error
	metrics http.Handler
	log     *slog.Logger

	draining atomic.Bool
	mu       sync.Mutex // guards at and last
	at       time.Time
	last     error
}

// How often readiness is looked into, and how long that may take. A log without an answer is not reachable.
const (
	readyKept = time.Second
	readyTime = 3 * time.Second
)

var errDraining = errors.New("the process is about to end")

// NewAdmin returns an Admin. check returns nil when the registry can be used: Registry.Sync. metrics may be nil.
func NewAdmin(check func(context.Context) error, metrics http.Handler, log *slog.Logger) *Admin {
	return &Admin{check: check, metrics: metrics, log: log}
}

// Drain makes /ready say no from here on.
func (a *Admin) Drain() { a.draining.Store(true) }

// has reports whether a path is the Admin's.
func (a *Admin) has(path string) bool {
	return a != nil && (path == "/health" || path == "/ready" || path == "/metrics" && a.metrics != nil)
}

// ServeHTTP implements http.Handler.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !a.has(r.URL.Path):
		http.NotFound(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
	case r.URL.Path == "/metrics":
		a.metrics.ServeHTTP(w, r)
	case r.URL.Path == "/health":
		plain(w, http.StatusOK, "ok\n")
	default:
		switch err := a.ready(); {
		case err == nil:
			plain(w, http.StatusOK, "ready\n")
		case errors.Is(err, errDraining):
			plain(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
		default: // the reason has addresses in it: it is logged
			plain(w, http.StatusServiceUnavailable, "not ready: the log cannot be reached, or not read to its end\n")
		}
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text))
}

// ready returns nil, or why the process is not to be sent requests. Many who ask share one look at the log.
func (a *Admin) ready() error {
	if a.draining.Load() {
		return errDraining
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Since(a.at) < readyKept {
		return a.last
	}
	ctx, cancel := context.WithTimeout(context.Background(), readyTime)
	defer cancel()
	err := a.check(ctx)
	if (err == nil) != (a.last == nil) {
		if err != nil {
			a.log.Warn("the registry is not ready", "error", err)
		} else {
			a.log.Info("the registry is ready again")
		}
	}
	a.at, a.last = time.Now(), err
	return err
}
