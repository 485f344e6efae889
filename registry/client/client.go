package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Config says how to reach a registry. URLs is required, and all are nodes of the same registry. A path is part of a URL: that of
// a context's own view of the registry ends in /contexts/.NAME.
type Config struct {
	URLs               []string // http or https, with or without user and password
	Username, Password string   // for basic authentication, where a URL has none of its own
	BearerToken        string   // wins over user and password
	Headers            map[string]string
	TLS                *tls.Config   // for https; nil: the system's roots
	HTTPClient         *http.Client  // nil: one of the client's own, with TLS and the proxy of the environment
	Timeout            time.Duration // of one request to one node; 0: 30 s
	UserAgent          string        // "": millrace

	// Token returns the bearer token of a request, where it changes: that of OAuth. It wins over BearerToken. It is called for
	// each request, by many goroutines, and keeps its token itself.
	Token func(context.Context) (string, error)

	Retries      int           // how often all nodes are asked again; 0: twice, negative: never
	RetryWait    time.Duration // before the first time, doubling with each; 0: 100 ms. Half of a pause is random
	RetryMaxWait time.Duration // bounds a pause, also one that the registry asks for by Retry-After; 0: 10 s

	LatestTTL  time.Duration // how long the latest version of a subject is kept; 0: it is not
	CacheBytes int           // bounds what is kept of each kind; 0: 32 MiB
}

// Client talks to one registry. It is safe for concurrent use. What it returns may be shared with other callers and must not
// be changed.
type Client struct {
	cfg   Config
	nodes []node
	first atomic.Uint32 // the node that answered last
	http  *http.Client

	ids    cache[idKey, int]
	byID   cache[textKey, Schema]
	byGUID cache[string, Schema]
	latest cache[latestKey, Version]
}

type node struct {
	base       string // without user and password
	user, pass string
}

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
			MaxIdleConnsPerHost: 32,
			IdleConnTimeout:     90 * time.Second,
		}}
	}
	most := cmp.Or(cfg.CacheBytes, 32<<20)
	c.ids = cache[idKey, int]{most: most, weigh: func(k idKey, _ int) int { return k.weight() }}
	c.byID = cache[textKey, Schema]{most: most, weigh: func(k textKey, s Schema) int { return len(k.subject) + s.weight() }}
	c.byGUID = cache[string, Schema]{most: most, weigh: func(k string, s Schema) int { return len(k) + s.weight() }}
	c.latest = cache[latestKey, Version]{most: most, ttl: cfg.LatestTTL, weigh: func(k latestKey, v Version) int { return len(k.subject) + len(k.metadata) + v.weight() }}
	return c, nil
}

// Close gives up the idle connections. Those of a Config.HTTPClient are its owner's.
func (c *Client) Close() {
	if c.cfg.HTTPClient == nil {
		c.http.CloseIdleConnections()
	}
}

// Forget drops all that is kept.
func (c *Client) Forget() {
	c.ids.clear()
	c.byID.clear()
	c.byGUID.clear()
	c.latest.clear()
}
