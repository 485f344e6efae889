package access

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"golang.org/x/time/rate"
)

// Config says who is let in. All of it may be left out, but a policy without a way to show who one is.
type Config struct {
	Users       string // an htpasswd file of bcrypt hashes
	Policy      string // a policy file; empty: whoever is authenticated may everything
	OIDC        *OIDC
	Certificate string // the rule for client certificates, as cn; empty: they say nothing
	Log         *slog.Logger
}

// Control decides who is who. It is safe for concurrent use.
type Control struct {
	log    *slog.Logger
	users  atomic.Pointer[users] // nil: no file
	policy atomic.Pointer[Policy]
	tokens *verifier
	rule   *certificateRule
	files  []*watched

	memory   *memory
	failures failures
	turns    chan struct{} // how many passwords are hashed at a time

	stop    context.CancelFunc
	stopped context.Context
	done    sync.WaitGroup
}

// Credentials are what a request shows.
type Credentials struct {
	Authorization []string          // the header's values
	Certificate   *x509.Certificate // of the client, verified; or nil
	OnBehalf      string            // the OnBehalf header
	Remote        string            // the address, without the port
}

// The reasons for which nobody is let in.
var (
	ErrUnauthorized = errors.New("the credentials are refused")
	ErrTooMany      = errors.New("too many wrong passwords: try again later")
	ErrBusy         = errors.New("too many passwords are being checked: try again later")
)

const (
	maxHeader    = 32 << 10
	passwordKept = 5 * time.Minute
	tokenKept    = time.Minute
	certKept     = time.Minute
	turnTime     = 10 * time.Second
)

// Open reads the files of cfg. It returns nil where cfg says nothing.
func Open(cfg Config) (*Control, error) {
	if cfg.Users == "" && cfg.Policy == "" && cfg.OIDC == nil && cfg.Certificate == "" {
		return nil, nil
	}
	if cfg.Users == "" && cfg.OIDC == nil && cfg.Certificate == "" {
		return nil, errors.New("a policy needs a way to show who one is: users, an issuer of tokens or client certificates")
	}
	c := &Control{log: cfg.Log, memory: newMemory(), failures: failures{by: map[string]*rate.Limiter{}}, turns: make(chan struct{}, max(1, runtime.GOMAXPROCS(0)/2))}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.stopped, c.stop = context.WithCancel(context.Background())
	var err error
	if cfg.Certificate != "" {
		rule, err := parseCertificateRule(cfg.Certificate)
		if err != nil {
			return nil, err
		}
		c.rule = &rule
	}
	if cfg.OIDC != nil {
		if c.tokens, err = newVerifier(*cfg.OIDC, c.log, c.memory.forget, c.background); err != nil {
			return nil, err
		}
	}
	if err := watchInto(c, cfg.Users, parseUsers, &c.users); err != nil {
		return nil, err
	}
	return c, watchInto(c, cfg.Policy, ParsePolicy, &c.policy)
}

// watchInto keeps what a file says in to.
func watchInto[T any](c *Control, path string, parse func(string, []byte) (*T, error), to *atomic.Pointer[T]) error {
	if path == "" {
		return nil
	}
	w, err := watch(c.log, func(data [][]byte) error {
		v, err := parse(path, data[0])
		if err == nil {
			to.Store(v)
			c.memory.forget()
		}
		return err
	}, path)
	c.files = append(c.files, w)
	return err
}

// background runs f until it returns or the Control closes.
func (c *Control) background(f func(context.Context)) { c.done.Go(func() { f(c.stopped) }) }

// Close ends what runs in the background.
func (c *Control) Close() {
	c.stop()
	c.done.Wait()
}

// Authenticate returns who shows the credentials: an anonymous caller where there are none. The error is ErrUnauthorized,
// ErrTooMany, ErrBusy or ErrUnavailable, with a reason that holds no secret.
func (c *Control) Authenticate(ctx context.Context, cr Credentials) (*Caller, error) {
	now := time.Now()
	for _, f := range c.files {
		f.poll(now)
	}
	caller, err := c.authenticate(ctx, cr, now)
	if err != nil || cr.OnBehalf == "" {
		return caller, err
	}
	behalf, err := caller.behalf(cr.OnBehalf)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	return behalf, nil
}

func (c *Control) authenticate(ctx context.Context, cr Credentials, now time.Time) (*Caller, error) {
	switch len(cr.Authorization) {
	case 0:
		return c.certificate(cr.Certificate, now)
	case 1:
	default:
		return nil, fmt.Errorf("%w: there is more than one Authorization header", ErrUnauthorized)
	}
	header := cr.Authorization[0]
	if len(header) > maxHeader {
		return nil, fmt.Errorf("%w: the Authorization header is too long", ErrUnauthorized)
	}
	h := c.memory.hash('a', header)
	caller, generation := c.memory.find(h, now)
	if caller != nil {
		return caller, nil
	}
	scheme, value, _ := strings.Cut(header, " ")
	value = strings.Trim(value, " ")
	switch {
	case strings.EqualFold(scheme, "Basic") && c.users.Load() != nil:
		return c.basic(ctx, value, cr.Remote, h)
	case strings.EqualFold(scheme, "Bearer") && c.tokens != nil:
		name, groups, until, err := c.tokens.verify(ctx, value, now)
		if err != nil {
			if errors.Is(err, ErrUnavailable) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %w", ErrUnauthorized, err)
		}
		caller := c.policy.Load().caller(name, Bearer, groups)
		if most := now.Add(tokenKept); until.After(most) {
			until = most
		}
		c.memory.put(h, caller, until, generation)
		return caller, nil
	}
	return nil, fmt.Errorf("%w: the scheme of the Authorization header is not taken", ErrUnauthorized)
}

// parseBasic reads the value of a Basic Authorization header (RFC 7617).
func parseBasic(value string) (name, password string, ok bool) {
	b, err := base64.StdEncoding.DecodeString(value)
	if err != nil || !utf8.Valid(b) {
		return "", "", false
	}
	name, password, ok = strings.Cut(string(b), ":")
	if strings.ContainsFunc(string(b), func(r rune) bool { return r < ' ' || r == 0x7F }) || name == "" {
		return "", "", false
	}
	return name, password, ok
}

func (c *Control) basic(ctx context.Context, value, remote string, h [32]byte) (*Caller, error) {
	name, password, ok := parseBasic(value)
	if !ok {
		return nil, fmt.Errorf("%w: the Authorization header is malformed", ErrUnauthorized)
	}
	if !c.failures.allowed(remote, name, time.Now()) {
		return nil, ErrTooMany
	}
	wait, cancel := context.WithTimeout(ctx, turnTime)
	defer cancel()
	select {
	case c.turns <- struct{}{}:
		defer func() { <-c.turns }()
	case <-wait.Done():
		return nil, ErrBusy
	}
	now := time.Now()
	caller, generation := c.memory.find(h, now) // another request may have shown the same meanwhile
	if caller != nil {
		return caller, nil
	}
	if !c.failures.allowed(remote, name, now) {
		return nil, ErrTooMany
	}
	users, policy := c.users.Load(), c.policy.Load()
	if err := users.check(name, password); err != nil {
		c.failures.count(remote, name, now)
		return nil, fmt.Errorf("%w: %w", ErrUnauthorized, err)
	}
	caller = policy.caller(name, Basic, nil)
	c.memory.put(h, caller, now.Add(passwordKept), generation)
	return caller, nil
}

// certificate returns who a client certificate names; anonymous without one.
func (c *Control) certificate(cert *x509.Certificate, now time.Time) (*Caller, error) {
	kind, raw := byte('n'), ""
	if cert != nil && c.rule != nil {
		kind, raw = 'c', string(cert.Raw)
	}
	h := c.memory.hash(kind, raw)
	caller, generation := c.memory.find(h, now)
	if caller != nil {
		return caller, nil
	}
	policy := c.policy.Load()
	if kind == 'n' {
		caller = policy.caller("", Anonymous, nil)
	} else {
		name, ok := c.rule.name(cert)
		if !ok {
			return nil, fmt.Errorf("%w: the client's certificate has no name by the rule %s", ErrUnauthorized, cmp.Or(c.rule.from, "cn"))
		}
		caller = policy.caller(name, Certificate, nil)
	}
	c.memory.put(h, caller, now.Add(certKept), generation)
	return caller, nil
}

// Challenges are the values of WWW-Authenticate for one who is not let in.
func (c *Control) Challenges() (out []string) {
	if c.users.Load() != nil {
		out = append(out, `Basic realm="SchemaRegistry", charset="UTF-8"`)
	}
	if c.tokens != nil {
		out = append(out, `Bearer realm="SchemaRegistry"`)
	}
	return out
}
