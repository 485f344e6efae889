package registrytest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Request is what the server was asked and how it answered. Path has its escapes as they were sent.
type Request struct {
	Method, Path string
	Query        url.Values
	Header       http.Header
	Body         []byte // as far as it was read, up to 1 MiB
	Status       int    // 0: no answer, or none yet
}

// Only the latest requests are recorded, and bodies in part.
const (
	maxRequests = 10_000
	maxBody     = 1 << 20
)

// Fault is how requests fail.
type Fault struct {
	Method string // "": all
	Path   string // a prefix, as "/schemas/ids/"; "": all
	Times  int    // how many requests fail, from now on; 0: all

	Delay      time.Duration // before the answer, or before the registry is asked where nothing else is set
	Break      bool          // the connection is closed without an answer
	Status     int           // HTTP's, that is answered
	Code       int           // Confluent's beside it; 0: Status
	Message    string
	RetryAfter time.Duration // is sent in seconds
}

type fault struct {
	Fault
	left int
}

// Inject makes requests fail. Of several faults that a request meets, the first counts. remove ends it.
func (s *Server) Inject(f Fault) (remove func()) {
	added := &fault{f, f.Times}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, added)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.faults = slices.DeleteFunc(s.faults, func(x *fault) bool { return x == added })
	}
}

// SetDown makes the server close every connection without an answer, until it is up again.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

// Requests returns what the server was asked since it started or was reset, at most the latest 10,000 requests.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Request, len(s.requests))
	for i, r := range s.requests {
		out[i] = *r
		out[i].Body = bytes.Clone(r.Body)
	}
	return out
}

// Reset forgets the requests and the faults. Schemas stay.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests, s.faults, s.down = nil, nil, false
}

// wrap records requests, and lets them fail.
func (s *Server) wrap(registry http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rec := &Request{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.Query(), Header: r.Header.Clone()}
		f, down := s.note(rec)
		if f.Delay > 0 {
			t := time.NewTimer(f.Delay)
			defer t.Stop()
			select {
			case <-t.C:
			case <-r.Context().Done():
			case <-s.ended:
			}
		}
		if down || f.Break {
			panic(http.ErrAbortHandler)
		}
		answer := &answer{ResponseWriter: w, s: s, rec: rec}
		if f.Status == 0 {
			r.Body = &body{r.Body, s, rec}
			registry.ServeHTTP(answer, r)
			return
		}
		if f.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int((f.RetryAfter+time.Second-1)/time.Second)))
		}
		w.Header().Set("Content-Type", "application/vnd.schemaregistry.v1+json")
		answer.WriteHeader(f.Status)
		text, _ := json.Marshal(map[string]any{"error_code": cmp.Or(f.Code, f.Status), "message": cmp.Or(f.Message, http.StatusText(f.Status))})
		_, _ = answer.Write(text)
	})
}

// note records a request and returns the fault that it meets.
func (s *Server) note(rec *Request) (f Fault, down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) == maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/10)
	}
	s.requests = append(s.requests, rec)
	if s.down {
		return Fault{}, true
	}
	for i, x := range s.faults {
		if x.Method != "" && x.Method != rec.Method || !strings.HasPrefix(rec.Path, x.Path) {
			continue
		}
		if x.Times > 0 {
			if x.left--; x.left == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return x.Fault, false
	}
	return Fault{}, false
}

// body keeps what is read of a request.
type body struct {
	io.ReadCloser
	s   *Server
	rec *Request
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	b.rec.Body = append(b.rec.Body, p[:min(n, maxBody-len(b.rec.Body))]...)
	return n, err
}

// answer keeps the status.
type answer struct {
	http.ResponseWriter
	s   *Server
	rec *Request
}

func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) WriteHeader(status int) {
	a.status(status)
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	a.status(http.StatusOK)
	return a.ResponseWriter.Write(b)
}

func (a *answer) status(status int) {
	a.s.mu.Lock()
	defer a.s.mu.Unlock()
	if a.rec.Status == 0 {
		a.rec.Status = status
	}
}
