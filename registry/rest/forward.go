package rest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// isForward is the header of a request that another node has forwarded. It is not forwarded again.
const isForward = "X-Forward"

// forwarded are the headers that go to the leader with a request.
var forwarded = []string{"Content-Type", "Accept", "Confluent-Accept-Unknown-Properties", "Authorization", requestID}

const (
	// elsewhereWait is how long a request that was forwarded here waits for this node to lead: others may learn of an election
	// a moment before.
	elsewhereWait = 3 * time.Second
	answerWait    = 40 * time.Second // for the leader's answer
	lookAgain     = 200 * time.Millisecond
	mostWaiting   = 2000 // writes at a time, with their bodies
	// syncWait is how long a node may take to read the log to its end.
	syncWait = 5 * time.Second
)

var (
	errNoLeader = &registry.Error{Code: registry.CodeLeaderUnknown, Message: "Leader not known."}
	errBehind   = &registry.Error{Code: registry.CodeTimeout, Message: "The registry's log cannot be read to its end at present"}
)

// newForwarder returns the client of requests to the leader.
func newForwarder(c *tls.Config) *http.Client {
	t := &http.Transport{
		DialContext: (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 5 * time.Second}).DialContext, TLSClientConfig: c,
		TLSHandshakeTimeout: 3 * time.Second, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute, DisableCompression: true,
	}
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// writes says whether a request changes the registry. POST does, but where it asks.
func writes(method string, segments []string) bool {
	switch method {
	case http.MethodPut, http.MethodDelete:
		return true
	case http.MethodPost:
		asks := len(segments) == 0 || segments[0] == "compatibility" || segments[0] == "subjects" && len(segments) == 2 || segments[0] == "associations:batchGet"
		return !asks
	}
	return false
}

// route does what the request asks for, here or at the leader.
func (c *call) route(segments []string, do func(*call) error) error {
	switch {
	case !writes(c.r.Method, segments):
		return c.read(do)
	case c.o.Election == nil:
		return do(c)
	}
	return c.lead(segments, do)
}

// read does a read. What it does not find is looked for again when the node has read everything that was in the log when the
// request came: another node may have acknowledged it.
func (c *call) read(do func(*call) error) error {
	err := do(c)
	if c.o.Sync == nil || !missing(err) {
		return err
	}
	if err := c.sync(); err != nil {
		return fmt.Errorf("%w: %w", errBehind, err)
	}
	return do(c)
}

func missing(err error) bool {
	var e *registry.Error
	return errors.As(err, &e) && (e.Code == registry.CodeSubjectNotFound || e.Code == registry.CodeVersionNotFound || e.Code == registry.CodeSchemaNotFound)
}

// sync waits until this node has applied what is in the log.
func (c *call) sync() error {
	ctx, cancel := context.WithTimeout(c.r.Context(), syncWait)
	defer cancel()
	return c.o.Sync(ctx)
}

// errElsewhere is what a handler returns, where call.follows is set, for what is the leader's to decide.
var errElsewhere = errors.New("the leader is to decide this")

// lead does a write where this node leads, and else has the leader do it.
func (c *call) lead(segments []string, do func(*call) error) error {
	body, err := c.whole()
	if err != nil {
		return err
	}
	select {
	case c.waiting <- struct{}{}:
		defer func() { <-c.waiting }()
	default:
		return fmt.Errorf("%w: %d writes wait already", errNoLeader, mostWaiting)
	}
	sent := c.r.Header.Get(isForward) == "true"
	wait := c.o.LeaderWait
	if sent {
		wait = min(wait, elsewhereWait)
	}
	registers := c.r.Method == http.MethodPost && len(segments) == 3 && segments[2] == "versions"
	f := &forwarding{call: c, body: body, repeats: registers || c.r.Method == http.MethodPut}
	ctx, cancel := context.WithTimeout(c.r.Context(), wait)
	defer cancel()
	refusal := error(errNoLeader)
	for {
		l, changed := c.o.Election.Leader()
		switch {
		case l.Self:
			c.follows = false
			if err := do(c); !errors.Is(err, registry.ErrNotLeader) {
				return err
			}
		case l.URL == "" && !l.Electing, sent && l.URL != "":
			return errNoLeader
		case registers && !c.follows: // a known schema needs no leader
			c.follows = true
			if err := do(c); !errors.Is(err, errElsewhere) {
				return err
			}
			continue
		case l.URL != "":
			answer, again, err := f.send(l.URL)
			if err == nil {
				return c.relay(answer)
			}
			if !errors.Is(err, errNoLeader) {
				err = fmt.Errorf("%w: at %s: %w", errForwarding(c.r.Method, segments), l.URL, err)
			}
			if refusal = err; !again {
				return err
			}
		}
		select {
		case <-changed:
		case <-time.After(lookAgain):
		case <-ctx.Done():
			return refusal
		}
	}
}

// errForwarding says that a write could not be forwarded, as Confluent's registry words it.
func errForwarding(method string, segments []string) *registry.Error {
	what := map[string]string{"config": "config", "mode": "mode", "contexts": "context", "associations": "association"}[segments[0]]
	switch {
	case what != "" && method == http.MethodDelete:
		what = "delete " + what
	case what != "":
		what = "update " + what
	case method == http.MethodPost:
		what = "register schema"
	case len(segments) > 2:
		what = "delete schema version"
	default:
		what = "delete subject"
	}
	return &registry.Error{Code: registry.CodeForwarding, Message: "Error while forwarding " + what + " request to the leader"}
}

// answer is what the leader answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// mostAnswer bounds what a leader may answer to a write, in bytes.
const mostAnswer = 64 << 20

// forwarding is a request on its way to a leader.
type forwarding struct {
	*call
	body    string
	repeats bool // doing it twice has the effect of doing it once
}

// send has a leader do the request. With an error, again says whether it may be sent another time.
func (f *forwarding) send(leader string) (_ *answer, again bool, err error) {
	ctx, cancel := context.WithTimeout(f.r.Context(), answerWait)
	defer cancel()
	deposed := make(chan struct{})
	go func() { // a leader that is deposed may never answer
		defer close(deposed)
		for l, changed := f.o.Election.Leader(); l.URL == leader || l.URL == ""; l, changed = f.o.Election.Leader() {
			select {
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
		cancel()
	}()
	defer func() { cancel(); <-deposed }()
	target := leader + f.r.URL.EscapedPath()
	if f.r.URL.RawQuery != "" {
		target += "?" + f.r.URL.RawQuery
	}
	req, err := http.NewRequestWithContext(ctx, f.r.Method, target, strings.NewReader(f.body))
	if err != nil {
		return nil, false, err
	}
	for _, name := range forwarded {
		if v := f.r.Header.Values(name); len(v) > 0 {
			req.Header[http.CanonicalHeaderKey(name)] = v
		}
	}
	if v := f.w.Header()[requestID]; len(v) > 0 { // also one that was made here
		req.Header[requestID] = v
	}
	req.Header.Set(isForward, "true")
	if f.who != nil && f.who.Known() && req.Header.Get("Authorization") == "" { // by a certificate, which cannot be forwarded
		req.Header.Set(access.OnBehalf, f.who.Header())
	}
	resp, err := f.forwarder.Do(req)
	if err != nil {
		return nil, f.repeats || unsent(err), err
	}
	defer resp.Body.Close()
	a := &answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(io.LimitReader(resp.Body, mostAnswer)); err != nil {
		return nil, f.repeats, fmt.Errorf("reading the answer: %w", err)
	}
	if a.refused() {
		return nil, true, errNoLeader
	}
	return a, false, nil
}

// unsent says whether a request has not reached the leader: the connection was never made.
func unsent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}

// refused says whether a node answered that it does not lead.
func (a *answer) refused() bool {
	var e struct {
		Code int `json:"error_code"`
	}
	return a.status == http.StatusInternalServerError && json.Unmarshal(a.body, &e) == nil && e.Code == registry.CodeLeaderUnknown
}

// relay answers as the leader did, once this node has what was written.
func (c *call) relay(a *answer) error {
	if a.status/100 == 2 && c.o.Sync != nil {
		if err := c.sync(); err != nil { // it is written all the same
			c.o.Log.Warn("a write was forwarded, and this node does not have it so far", "path", clipped(c.r.URL.EscapedPath()), "error", err)
		}
	}
	h := c.w.Header()
	h["Content-Type"] = nil
	for _, name := range []string{"Content-Type", requestID} {
		if v := a.header.Values(name); len(v) > 0 {
			h[http.CanonicalHeaderKey(name)] = v
		}
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", fmt.Sprint(len(a.body)))
	}
	c.w.WriteHeader(a.status)
	_, _ = c.w.Write(a.body)
	return nil
}

// whole reads the body once, however often it is asked for.
func (c *call) whole() (string, error) {
	if c.bodyRead {
		return c.rawBody, nil
	}
	buf, _ := buffers.Get().(*[]byte)
	defer release(buf)
	if err := c.readBody(buf); err != nil {
		return "", err
	}
	c.rawBody, c.bodyRead = string(*buf), true
	return c.rawBody, nil
}
