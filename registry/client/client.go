package client

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Config says how to reach a registry. URLs is required, and all are nodes of the same registry.
type Config struct {
	URLs               []string // http or https, with or without user and password
	Username, Password string   // for basic authentication, where a URL has none of its own
	BearerToken        string   // wins over user and password
	Headers            map[string]string
	TLS                *tls.Config   // for https; nil: the system's roots
	HTTPClient         *http.Client  // nil: one of the client's own, with TLS and the proxy of the environment
	Timeout            time.Duration // of one request to one node; 0: 30 s
	UserAgent          string        // "": millrace
}

// Client talks to one registry. It is safe for concurrent use.
type Client struct {
	cfg   Config
	nodes []node
	first atomic.Uint32 // the node that answered last
	http  *http.Client
	ids   cache[string, int]
	texts cache[int, Schema]

	byGUID cache[string, Schema]
}

type node struct {
	base       string // without user and password
	user, pass string
}

// maxAnswer bounds what is read of one answer.
const maxAnswer = 64 << 20

// New checks cfg and connects to nothing.
func New(cfg Config) (*Client, error) {
	c := &Client{cfg: cfg, http: cfg.HTTPClient}
	for i, raw := range cfg.URLs {
		raw = strings.TrimSpace(raw)
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
			// The URL is left out: what does not parse may still hold a password.
			return nil, fmt.Errorf("registry URL %d of %d is not of the form http://host:port or https://host:port", i+1, len(cfg.URLs))
		}
		n := node{user: cfg.Username, pass: cfg.Password}
		if u.User != nil {
			n.user = u.User.Username()
			n.pass, _ = u.User.Password()
			u.User = nil
		}
		n.base = strings.TrimRight(u.String(), "/")
		c.nodes = append(c.nodes, n)
	}
	if len(c.nodes) == 0 {
		return nil, errors.New("no URL of a schema registry is set")
	}
	if c.http == nil {
		c.http = &http.Client{Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:   true,
			TLSClientConfig:     cfg.TLS,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: 8,
			IdleConnTimeout:     90 * time.Second,
		}}
	}
	return c, nil
}

// Close gives up the idle connections. Those of a Config.HTTPClient are its owner's.
func (c *Client) Close() {
	if c.cfg.HTTPClient == nil {
		c.http.CloseIdleConnections()
	}
}

// Error is an answer of the registry other than success.
type Error struct {
	Status  int // HTTP's
	Code    int // Confluent's: 40401, 409; the status where the answer has none
	Message string
}

// Error returns the registry's words.
func (e *Error) Error() string {
	return fmt.Sprintf("the schema registry answers %d: %s", cmp.Or(e.Code, e.Status), cmp.Or(e.Message, http.StatusText(e.Status)))
}

// Retriable reports whether the same request may succeed later.
func (e *Error) Retriable() bool {
	return e.Status >= 500 && e.Status != http.StatusNotImplemented || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}

// TransportError is a node that gave no answer.
type TransportError struct{ Err error }

// Error says what was being done.
func (e *TransportError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Retriable reports whether the node may be reached later: not when its certificate is refused or the caller has given up.
func (e *TransportError) Retriable() bool {
	var verify *tls.CertificateVerificationError
	return !errors.As(e.Err, &verify) && !errors.Is(e.Err, context.Canceled)
}

// Retriable reports whether what caused err may pass by itself: a registry that cannot be reached, or one that is not ready.
func Retriable(err error) bool {
	var r interface{ Retriable() bool }
	return errors.As(err, &r) && r.Retriable()
}

// call makes one request and reads the answer into out, which may be nil. A node that gives none, or is not ready, passes the
// request on to the next; the last one's error is returned.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, body, out any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return fmt.Errorf("writing the request: %w", err)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	start := c.first.Load()
	var last error
	for i := range c.nodes {
		at := (int(start) + i) % len(c.nodes)
		answer, err := c.ask(ctx, c.nodes[at], method, path, payload)
		if err == nil {
			c.first.Store(uint32(at))
			if out == nil {
				return nil
			}
			if err := json.Unmarshal(answer, out); err != nil {
				return fmt.Errorf("reading the registry's answer to %s %s: %w", method, path, err)
			}
			return nil
		}
		last = err
		if !Retriable(err) || ctx.Err() != nil {
			break
		}
	}
	return last
}

func (c *Client) ask(ctx context.Context, n node, method, path string, payload []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, cmp.Or(c.cfg.Timeout, 30*time.Second))
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, n.base+path, bytes.NewReader(payload))
	if err != nil {
		return nil, fmt.Errorf("making the request: %w", err)
	}
	for k, v := range c.cfg.Headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("Accept", "application/vnd.schemaregistry.v1+json")
	req.Header.Set("User-Agent", cmp.Or(c.cfg.UserAgent, "millrace"))
	if len(payload) > 0 {
		req.Header.Set("Content-Type", "application/vnd.schemaregistry.v1+json")
	}
	switch {
	case c.cfg.BearerToken != "":
		req.Header.Set("Authorization", "Bearer "+c.cfg.BearerToken)
	case n.user != "" || n.pass != "":
		req.SetBasicAuth(n.user, n.pass)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &TransportError{fmt.Errorf("reaching the schema registry: %w", err)}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, &TransportError{fmt.Errorf("reading from the schema registry: %w", err)}
	}
	if len(answer) > maxAnswer {
		return nil, fmt.Errorf("the registry's answer to %s %s is longer than %d bytes", method, path, maxAnswer)
	}
	if resp.StatusCode/100 != 2 {
		e := &Error{Status: resp.StatusCode, Code: resp.StatusCode}
		var said struct {
			Code    int    `json:"error_code"`
			Message string `json:"message"`
		}
		if json.Unmarshal(answer, &said) == nil && said.Code != 0 {
			e.Code, e.Message = said.Code, said.Message
		}
		return nil, e
	}
	return answer, nil
}
