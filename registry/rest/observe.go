package rest

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/millrace/millrace/registry/access"
)

// requestID is the header that names a request, in its canonical spelling.
const requestID = "X-Request-Id"

const maxRequestID = 128

// authenticate is what the audit log calls a request whose credentials are refused.
const authenticate = "authenticate"

// echoRequestID answers with the request's id, where it has one that a log can hold.
func echoRequestID(w http.ResponseWriter, r *http.Request) {
	if v := r.Header[requestID]; len(v) == 1 && validRequestID(v[0]) {
		w.Header()[requestID] = v
	}
}

func validRequestID(s string) bool {
	return s != "" && len(s) <= maxRequestID && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("-_.:/+=@", r)
	})
}

// requestID returns the id of the request, made where it came without one.
func (c *call) requestID() string {
	h := c.w.Header()
	if v := h[requestID]; len(v) > 0 {
		return v[0]
	}
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	id := hex.EncodeToString(b[:])
	h[requestID] = []string{id}
	return id
}

// recovered answers for a handler that panics. It is to be deferred.
func (s *server) recovered(w http.ResponseWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if p == http.ErrAbortHandler { //nolint:errorlint // the server compares it so
		panic(p)
	}
	s.o.Log.Error("panic while answering", "method", r.Method, "path", clipped(r.URL.EscapedPath()), "panic", p, "stack", string(debug.Stack()))
	writeError(w, typeV1, http.StatusInternalServerError, "Internal Server Error")
}

// answer does a request the long way. refused is why its credentials are.
func (s *server) answer(c *call, start time.Time, refused error) {
	if s.o.Access || s.o.Metrics != nil {
		rec := &recorder{ResponseWriter: c.w, status: http.StatusOK}
		c.w = rec
		defer s.observe(c, rec, start)
	}
	defer s.recovered(c.w, c.r)
	if s.o.Access || s.o.Audit != nil {
		c.requestID()
	}
	var err error
	switch {
	case refused != nil:
		if c.typ = negotiate(c.r.Header["Accept"]); c.typ == "" {
			c.typ = typeV1
		}
		_ = c.note(authenticate, "", access.Unauthenticated, refused.Error())
		err = c.refuseCredentials(refused)
	case !c.who.Known() && !c.who.SeesAny():
		c.typ = typeV1
		_ = c.note(authenticate, "", access.Unauthenticated, "no credentials")
		err = c.unauthorized()
	case s.o.Admin.has(c.r.URL.Path):
		c.typ = typeV1
		if err = c.allow(access.Metrics, ""); err == nil {
			s.o.Admin.ServeHTTP(c.w, c.r)
		}
	default:
		if s.o.Access { // otherwise ServeHTTP has tried
			c.matched = s.serveFast(c.w, c.r, c.who)
		}
		if c.matched == nil {
			err = c.serve()
		}
	}
	if err != nil {
		c.fail(err)
	}
}

// observe counts and logs a request that is answered.
func (s *server) observe(c *call, rec *recorder, start time.Time) {
	took := time.Since(start)
	s.o.Metrics.observe(c.matched, c.r.Method, rec.status, took)
	if !s.o.Access {
		return
	}
	label := ""
	if c.matched != nil {
		label = c.matched.label
	}
	method := access.Anonymous
	if c.who != nil {
		method = c.who.Method
	}
	s.o.Log.LogAttrs(c.r.Context(), slog.LevelInfo, "request",
		slog.String("method", clipped(c.r.Method)), slog.String("path", clipped(c.r.URL.EscapedPath())), slog.Int("status", rec.status), slog.Int("bytes", rec.bytes),
		slog.Int64("duration_us", took.Microseconds()), slog.String("route", label), slog.String("remote", remote(c.r)),
		slog.String("principal", c.who.String()), slog.String("authentication", string(method)), slog.String("request_id", c.requestID()))
}

// recorder notes what is answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
