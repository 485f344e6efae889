package byname

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/config/ssl"
	"github.com/millrace/millrace/connect/convert/avro"
	"github.com/millrace/millrace/registry/client"
)

// registry gives a converter what it asks of a registry, as avro.Registry.
type registry struct{ c *client.Client }

func (r registry) Register(ctx context.Context, subject, text string, normalize bool) (int, error) {
	return r.c.Register(ctx, subject, client.Schema{Text: text}, normalize)
}

func (r registry) Lookup(ctx context.Context, subject, text string, normalize bool) (int, error) {
	v, err := r.c.Lookup(ctx, subject, client.Schema{Text: text}, normalize, false)
	return v.ID, err
}

func (r registry) Latest(ctx context.Context, subject string) (int, string, error) {
	v, err := r.c.Latest(ctx, subject)
	if err != nil {
		return 0, "", err
	}
	text, err := plainText(v.Schema)
	return v.ID, text, err
}

func (r registry) ByID(ctx context.Context, id int) (string, error) {
	s, err := r.c.SchemaByID(ctx, id)
	if err != nil {
		return "", err
	}
	return plainText(s)
}

func (r registry) Retriable(err error) bool { return client.Retriable(err) }

// plainText returns the text of an Avro schema that stands alone.
func plainText(s client.Schema) (string, error) {
	switch {
	case s.Type != "" && s.Type != "AVRO":
		return "", avro.ErrOtherType
	case len(s.References) > 0:
		return "", avro.ErrReferences
	}
	return s.Text, nil
}

// newRegistry makes the client that the options describe. It connects to nothing.
func newRegistry(v config.Values) (registry, []config.Fault) {
	var faults []config.Fault
	invalid := func(option, msg string) { faults = append(faults, config.Fault{Option: option, Msg: msg}) }
	cfg := client.Config{URLs: v.List("schema.registry.url"), Timeout: v.Duration("http.read.timeout.ms"), Retries: -1, Headers: v.Under("request.header."), BearerToken: v.Get("bearer.auth.token")}
	if s := v.Get("bearer.auth.logical.cluster"); s != "" {
		cfg.Headers["target-sr-cluster"] = s
	}
	if s := v.Get("bearer.auth.identity.pool.id"); s != "" {
		cfg.Headers["Confluent-Identity-Pool-Id"] = s
	}
	user, password, pair := strings.Cut(v.Get("basic.auth.user.info"), ":")
	switch userInfo := strings.EqualFold(v.Get("basic.auth.credentials.source"), "USER_INFO"); {
	case userInfo && !pair:
		invalid("basic.auth.user.info", "must be user:password, with basic.auth.credentials.source=USER_INFO")
	case !userInfo && v.Has("basic.auth.user.info"):
		invalid("basic.auth.credentials.source", "must be USER_INFO for basic.auth.user.info to be used")
	case userInfo && cfg.BearerToken != "":
		invalid("bearer.auth.token", "is set beside basic.auth.user.info: keep one login")
	default:
		cfg.Username, cfg.Password = user, password
	}
	var fault *config.Fault
	if cfg.TLS, fault = ssl.Config(v, tlsPrefix); fault != nil {
		faults = append(faults, *fault)
	}
	if v.Has("proxy.host") != v.Has("proxy.port") {
		invalid("proxy.host", "must be set together with proxy.port")
	} else if v.Has("proxy.host") {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.TLSClientConfig = cfg.TLS
		t.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: net.JoinHostPort(v.Get("proxy.host"), v.Get("proxy.port"))})
		cfg.HTTPClient = &http.Client{Transport: t}
	}
	c, err := client.New(cfg)
	if err != nil {
		invalid("schema.registry.url", err.Error())
	}
	return registry{c}, faults
}
