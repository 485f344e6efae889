package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/millrace/millrace/connect/runtime"
)

// Options say what a Handler serves beside the worker.
type Options struct {
	Version   string // of Millrace, and so of every connector
	Commit    string
	ClusterID string // the Kafka cluster's; "": there is none

	AllowOrigin  string   // access.control.allow.origin: origins, comma-separated, or *; "": no cross-origin requests
	AllowMethods []string // access.control.allow.methods; none: GET, POST and HEAD
	Headers      string   // response.http.headers.config, which CheckHeaders checks

	NoTopics    bool // topic.tracking.enable=false: the topics of connectors are not told
	ResetTopics bool // topic.tracking.allow.reset: whether they may be reset

	Level   *slog.LevelVar // of the process's log, what /admin/loggers sets; nil: there are no loggers
	Log     *slog.Logger   // nil: slog.Default
	Metrics http.Handler   // serves GET /metrics; nil: nothing does
	MaxBody int64          // bytes; 0: 1 MiB
}

// requestTimeout is how long an operation may take: Kafka Connect's own limit.
const requestTimeout = 90 * time.Second

// Handler serves the API of w.
func Handler(w *runtime.Worker, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 20
	}
	a := &api{w: w, o: o}
	var err error
	if a.headers, err = parseHeaders(o.Headers); err != nil {
		o.Log.Error("response.http.headers.config is left out", "error", err)
	}
	a.routes = a.table()
	return a
}

// api is the handler.
type api struct {
	w       *runtime.Worker
	o       Options
	headers []header
	routes  []route
	levels  levels
}

// request is one call of an endpoint.
type request struct {
	*http.Request
	ctx  context.Context // outlives the client, so that an operation is not left half done
	args []string        // what the path has at the route's wildcards
	body []byte
}

// answer is what an endpoint returns. A nil body is none.
type answer struct {
	status   int
	body     any
	location string // path
}

type endpoint func(r *request) (answer, error)

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

// ServeHTTP implements http.Handler.
func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := time.Now()
	a.setHeaders(w.Header())
	a.allowOrigin(w.Header(), r)
	status := a.serve(w, r)
	level := slog.LevelDebug
	if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions {
		level = slog.LevelInfo
	}
	a.o.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", status, "took", time.Since(began).Round(time.Microsecond))
}

// serve answers r and returns the status.
func (a *api) serve(w http.ResponseWriter, r *http.Request) int {
	segments, err := split(r.URL.EscapedPath())
	if err != nil {
		return a.fail(w, r, err)
	}
	if a.o.Metrics != nil && len(segments) == 1 && segments[0] == "metrics" && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		a.o.Metrics.ServeHTTP(w, r)
		return http.StatusOK
	}
	route, args := a.find(segments)
	if route == nil {
		return a.fail(w, r, httpError(http.StatusNotFound))
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	if method == http.MethodOptions {
		return writeOptions(w, route)
	}
	do := route.methods[method]
	if do == nil {
		return a.fail(w, r, httpError(http.StatusMethodNotAllowed))
	}
	if !accepts(r.Header.Values("Accept")) {
		return a.fail(w, r, httpError(http.StatusNotAcceptable))
	}
	body, err := a.read(w, r)
	if err != nil {
		return a.fail(w, r, err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), requestTimeout)
	defer cancel()
	ans, err := a.call(do, &request{Request: r, ctx: ctx, args: args, body: body})
	if err != nil {
		return a.fail(w, r, err)
	}
	if ans.location != "" {
		w.Header().Set("Location", base(r)+ans.location)
	}
	writeJSON(w, ans.status, ans.body)
	return ans.status
}

// call turns a panic into an error: one bad request ends no other.
func (a *api) call(do endpoint, r *request) (ans answer, err error) {
	defer func() {
		if p := recover(); p != nil {
			a.o.Log.Error("answering a request panicked", "method", r.Method, "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
			err = errors.New("internal error, see the worker's log")
		}
	}()
	return do(r)
}

// base is where the client reached the server.
func base(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}
