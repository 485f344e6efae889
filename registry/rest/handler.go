package rest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// Options tune a Handler. The zero value is ready to use.
type Options struct {
	Log     *slog.Logger // gets faults of the server; nil: nothing
	Access  bool         // log every request too
	Version string       // what GET /v1/metadata/version says
	// ClusterID and GroupID are what GET /v1/metadata/id names; empty: "millrace" and "schema-registry".
	ClusterID, GroupID string
	MaxBody            int64 // bytes of a body; 0: DefaultMaxBody
	// Control says who asks and what they may; nil: everyone may everything.
	Control *access.Control
	Audit   *access.Audit // gets changes and refusals; nil: nothing does
	Metrics *Metrics      // counts requests; nil: nothing does
	Admin   *Admin        // answers /health, /ready and, for those who may, /metrics; nil: nothing does
	// Election says which of several nodes writes: the others forward writes to it. nil: this node writes too.
	Election registry.Election
	// PeerTLS is how other nodes are connected to; nil: the system's authorities are trusted, and no certificate is shown.
	PeerTLS *tls.Config
	// LeaderWait is how long a write waits for a leader that takes it; 0: DefaultLeaderWait.
	LeaderWait time.Duration
	// Sync returns when this node has applied everything that is in a log which other nodes write to, too. nil: none do.
	Sync func(context.Context) error
}

// DefaultMaxBody is how many bytes a body may have where Options say nothing.
const DefaultMaxBody = 10 << 20

// DefaultLeaderWait is longer than an election takes, with the ten seconds before it after which a dead leader's session ends.
const DefaultLeaderWait = 16 * time.Second

// maxLogged is how much of a path a log line has.
const maxLogged = 512

type server struct {
	reg       *registry.Registry
	o         Options
	forwarder *http.Client
	waiting   chan struct{} // holds one for each write while there is an election
}

// Handler serves the API of reg at the root of its paths.
func Handler(reg *registry.Registry, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.LeaderWait <= 0 {
		o.LeaderWait = DefaultLeaderWait
	}
	if o.ClusterID == "" {
		o.ClusterID = "millrace"
	}
	if o.GroupID == "" {
		o.GroupID = "schema-registry"
	}
	return &server{reg, o, newForwarder(o.PeerTLS), make(chan struct{}, mostWaiting)}
}

// httpError is an answer of the server rather than the registry: its code is the HTTP status.
type httpError struct {
	status int
	msg    string
}

func (e *httpError) Error() string {
	if e.msg == "" {
		return fmt.Sprintf("HTTP %d %s", e.status, http.StatusText(e.status))
	}
	return e.msg
}

// call is one request on its way through a handler, and its answer.
type call struct {
	*server
	w       http.ResponseWriter
	r       *http.Request
	who     *access.Caller
	matched *routeName // the route that matches
	params  []string   // of the path, in order
	q       url.Values // of the query
	typ     string     // the media type of the answer

	rawBody  string // as it came, once bodyRead
	bodyRead bool
	parsed   *value // the body, once parseRun
	badBody  error  // why there is no parsed body
	parseRun bool
	follows  bool // this node does not lead: see errElsewhere
}

// ServeHTTP implements http.Handler.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var start time.Time
	if s.o.Access || s.o.Metrics != nil {
		start = time.Now()
	}
	defer s.recovered(w, r)
	if s.o.Admin.has(r.URL.Path) && r.URL.Path != "/metrics" {
		s.o.Admin.ServeHTTP(w, r)
		return
	}
	if serveDocument(w, r) {
		return
	}
	echoRequestID(w, r)
	who, refused := s.caller(r)
	if refused == nil && !s.o.Access {
		if fast := s.serveFast(w, r, who); fast != nil {
			s.o.Metrics.fast(fast, start)
			return
		}
	}
	s.answer(&call{server: s, w: w, r: r, who: who}, start, refused)
}

func (c *call) serve() error {
	segments, fault, uri := splitPath(c.r.URL.EscapedPath())
	if fault != "" {
		writeJettyPage(c.w, c.r.Method, fault, uri)
		return nil
	}
	c.q = query(c.r.URL.RawQuery)
	if len(segments) > 2 && segments[0] == "contexts" {
		var err error
		if segments, err = inContext(segments, c.q); err != nil {
			return err
		}
	}
	c.followAlias(segments)
	methods := c.find(segments)
	if methods == nil {
		return &httpError{http.StatusNotFound, ""}
	}
	name := c.r.Method
	if name == http.MethodOptions {
		h := c.w.Header()
		h.Set("Content-Type", typeV1)
		h.Set("Allow", allow(methods))
		return nil
	}
	if name == http.MethodHead {
		name = http.MethodGet
	}
	do, ok := methods[name]
	if !ok {
		return &httpError{http.StatusMethodNotAllowed, ""}
	}
	typ := negotiate(c.r.Header["Accept"])
	if !consumes(c.r.Header.Get("Content-Type")) {
		c.typ = typ
		if typ == "" {
			c.typ = typeV1
		}
		return &httpError{http.StatusUnsupportedMediaType, ""}
	}
	if typ == "" {
		return &httpError{http.StatusNotAcceptable, ""}
	}
	c.typ = typ
	want := c.matched.needs[name]
	if err := c.authorize(want); err != nil {
		return err
	}
	return c.audited(want, func(c *call) error { return c.route(segments, do) })(c)
}

// query reads a query string; what is malformed in it is left out.
func query(raw string) url.Values {
	q, _ := url.ParseQuery(raw)
	if q == nil {
		q = url.Values{}
	}
	return q
}

// allow lists methods in Jersey's order, which is that of a Java hash set.
func allow(m methods) string {
	var names []string
	for _, name := range []string{http.MethodHead, http.MethodDelete, http.MethodPost, http.MethodGet, http.MethodOptions, http.MethodPut} {
		if m[name] != nil || name == http.MethodOptions || name == http.MethodHead && m[http.MethodGet] != nil {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}

// followAlias puts the subject that an alias stands for in its place: in the path, and in the query.
func (c *call) followAlias(segments []string) {
	at := -1
	switch {
	case len(segments) > 1 && segments[0] == "subjects":
		at = 1
	case len(segments) > 2 && (segments[0] == "compatibility" || segments[0] == "associations") && segments[1] == "subjects":
		at = 2
	}
	if at > 0 {
		segments[at] = c.reg.Alias(segments[at])
	}
	if s := c.q.Get("subject"); s != "" {
		c.q.Set("subject", c.reg.Alias(s))
	}
}

// fail answers with an error. Errors of routing have no content type, as in Confluent's registry.
func (c *call) fail(err error) {
	var refused *registry.Error
	var own *httpError
	var malformed *badBody
	switch {
	case errors.As(err, &refused):
		status := refused.Code
		for status > 999 {
			status /= 10
		}
		if status >= http.StatusInternalServerError {
			c.o.Log.Error("answering", "method", c.r.Method, "path", clipped(c.r.URL.EscapedPath()), "error", err)
		}
		writeErrorCode(c.w, c.typ, status, refused.Code, refused.Message)
	case errors.As(err, &own):
		writeError(c.w, c.typ, own.status, own.Error())
	case errors.As(err, &malformed):
		writeError(c.w, c.typ, http.StatusBadRequest, malformed.msg)
	default:
		c.o.Log.Error("answering", "method", c.r.Method, "path", clipped(c.r.URL.EscapedPath()), "error", err)
		writeErrorCode(c.w, c.typ, http.StatusInternalServerError, registry.CodeStore, "Error in the backend data store")
	}
}

func writeError(w http.ResponseWriter, typ string, status int, msg string) {
	writeErrorCode(w, typ, status, status, msg)
}

func appendError(b []byte, e *registry.Error) []byte {
	b = strconv.AppendInt(append(b, `{"error_code":`...), int64(e.Code), 10)
	return append(registry.AppendJSON(append(b, `,"message":`...), e.Message), '}')
}

func writeErrorCode(w http.ResponseWriter, typ string, status, code int, msg string) {
	b := appendError(nil, &registry.Error{Code: code, Message: msg})
	if typ == "" {
		w.Header()["Content-Type"] = nil
	} else {
		w.Header().Set("Content-Type", typ)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	_, _ = w.Write(b)
}

// body reads the body's JSON, which Confluent binds as an instance of class. An empty body, or null, is refused in the words
// of its validator: what names the method and its argument.
func (c *call) body(class, what string) (*value, error) {
	if !c.parseRun {
		c.parsed, c.badBody = c.parse(class)
		c.parseRun = true
	}
	switch {
	case c.badBody != nil:
		return nil, c.badBody
	case c.parsed == nil:
		return nil, &httpError{http.StatusUnprocessableEntity, what + " must not be null (was null)"}
	}
	return c.parsed, wantObject(c.parsed, class, class)
}

// parse reads the body's JSON, and does not keep the body itself when nobody asked for it.
func (c *call) parse(class string) (*value, error) {
	if c.bodyRead {
		return parseJSON(c.rawBody, class)
	}
	buf, _ := buffers.Get().(*[]byte)
	defer release(buf)
	if err := c.readBody(buf); err != nil {
		return nil, err
	}
	return parseJSON(unsafe.String(unsafe.SliceData(*buf), len(*buf)), class) // which keeps nothing of it
}

// readBody reads the body into buf.
func (c *call) readBody(buf *[]byte) error {
	err := readAll(buf, http.MaxBytesReader(c.w, c.r.Body, c.o.MaxBody))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &httpError{http.StatusRequestEntityTooLarge, fmt.Sprintf("The body is larger than the %d bytes that this registry reads", large.Limit)}
	}
	if err != nil {
		return &httpError{http.StatusBadRequest, "Reading the body failed"}
	}
	return nil
}

// readAll reads r to its end into buf. What is read grows with what comes, whatever the request says of its length.
func readAll(buf *[]byte, r io.Reader) error {
	for *buf = (*buf)[:0]; ; {
		if len(*buf) == cap(*buf) {
			*buf = slices.Grow(*buf, 8<<10)
		}
		n, err := r.Read((*buf)[len(*buf):cap(*buf)])
		*buf = (*buf)[:len(*buf)+n]
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

// json answers with what the standard library makes of v, for the small shapes.
func (c *call) json(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding an answer: %w", err)
	}
	return c.bytes(b)
}

// append answers with what f appends.
func (c *call) append(f func([]byte) []byte) error {
	buf, _ := buffers.Get().(*[]byte)
	*buf = f((*buf)[:0])
	err := c.bytes(*buf)
	release(buf)
	return err
}

// bytes answers with a body.
func (c *call) bytes(b []byte) error {
	writeBody(c.w, c.typ, b)
	return nil
}

func (c *call) flag(name string) bool { return strings.EqualFold(c.q.Get(name), "true") }

// number reads an integer of the query, which has a default. Jersey answers 404 to what is none.
func (c *call) number(name string, missing int) (int, error) {
	s := c.q.Get(name)
	if !c.q.Has(name) || s == "" {
		return missing, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil {
		return 0, &httpError{http.StatusNotFound, ""}
	}
	return int(n), nil
}

// page reads which part of a list is asked for: offset and limit of the query, where a limit that is not between 1 and most is most.
func (c *call) page(most int) (offset, limit int, err error) {
	if offset, err = c.number("offset", 0); err != nil {
		return 0, 0, err
	}
	if limit, err = c.number("limit", -1); err != nil {
		return 0, 0, err
	}
	if limit <= 0 || limit > most {
		limit = most
	}
	return max(offset, 0), limit, nil
}

// page returns the part of a list that is asked for.
func page[T any](c *call, list []T, most int) ([]T, error) {
	offset, limit, err := c.page(most)
	if err != nil {
		return nil, err
	}
	list = list[min(offset, len(list)):]
	return slices.Clip(list[:min(limit, len(list))]), nil
}

// strings answers with a list of texts.
func (c *call) strings(list []string) error {
	b := []byte{'['}
	for i, s := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = registry.AppendJSON(b, s)
	}
	return c.bytes(append(b, ']'))
}

func clipped(s string) string { return s[:min(len(s), maxLogged)] }
