package kafka

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/sasl"
	"github.com/twmb/franz-go/pkg/sasl/oauth"
	"github.com/twmb/franz-go/pkg/sasl/plain"
	"github.com/twmb/franz-go/pkg/sasl/scram"

	"github.com/millrace/millrace/connect/config"
)

// mechanism makes the SASL login that v describes. Its errors are *optionError.
func mechanism(v config.Values) (sasl.Mechanism, error) {
	login := map[string]string{"username": v.Get("sasl.username"), "password": v.Get("sasl.password")}
	if text := v.Get("sasl.jaas.config"); text != "" {
		l, err := parseJAAS(text)
		if err != nil {
			return nil, fault("sasl.jaas.config", "%v", err)
		}
		login = l.options
	}
	switch m := strings.ToUpper(v.Get("sasl.mechanism")); m {
	case "PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512":
		user, password := login["username"], login["password"]
		if user == "" || password == "" {
			return nil, fault("sasl.jaas.config", "%s needs a username and a password", m)
		}
		switch auth := (scram.Auth{User: user, Pass: password, IsToken: login["tokenauth"] == "true"}); m {
		case "SCRAM-SHA-256":
			return auth.AsSha256Mechanism(), nil
		case "SCRAM-SHA-512":
			return auth.AsSha512Mechanism(), nil
		}
		return plain.Auth{User: user, Pass: password}.AsMechanism(), nil
	case "OAUTHBEARER":
		return bearer(v)
	case "":
		return nil, fault("sasl.mechanism", "is required with this security.protocol: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER")
	default:
		return nil, fault("sasl.mechanism", "%s is not supported by Millrace: there are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER", m)
	}
}

func bearer(v config.Values) (sasl.Mechanism, error) {
	if token := v.Get("sasl.oauthbearer.token"); token != "" {
		return oauth.Auth{Token: token}.AsMechanism(), nil
	}
	where := v.Get("sasl.oauthbearer.token.endpoint.url")
	if where == "" {
		return nil, fault("sasl.oauthbearer.token", "set it, or name the token's file as sasl.oauthbearer.token.endpoint.url=file:///…")
	}
	u, err := url.Parse(where)
	if err != nil {
		return nil, fault("sasl.oauthbearer.token.endpoint.url", "%v", err)
	}
	return oauth.Oauth(func(context.Context) (oauth.Auth, error) {
		token, err := os.ReadFile(u.Path)
		if err != nil {
			return oauth.Auth{}, fmt.Errorf("reading the OAUTHBEARER token: %w", err)
		}
		return oauth.Auth{Token: strings.TrimSpace(string(token))}, nil
	}), nil
}

func tokenFile(s string) string {
	if u, err := url.Parse(s); err != nil || u.Scheme != "file" {
		return "only file:// is supported by Millrace: have an agent keep the token in a file, which is read for every connection"
	}
	return ""
}

// login is one entry of a JAAS configuration.
type login struct {
	module  string
	options map[string]string
}

// parseJAAS reads the one login that Kafka allows: MODULE FLAG NAME=VALUE… ; with values in quotes where they hold more
// than letters. The grammar is that of javax.security.auth.login.Configuration.
func parseJAAS(s string) (login, error) {
	l := login{options: map[string]string{}}
	next := func() string { // one word, = or ;, quotes taken off
		s = strings.TrimLeft(s, " \t\r\n")
		if s == "" {
			return ""
		}
		if s[0] == '=' || s[0] == ';' {
			w := s[:1]
			s = s[1:]
			return w
		}
		if quote := s[0]; quote == '"' || quote == '\'' {
			var b strings.Builder
			for i := 1; i < len(s); i++ {
				switch {
				case s[i] == '\\' && i+1 < len(s):
					i++
					b.WriteByte(s[i])
				case s[i] == quote:
					s = s[i+1:]
					return "\x00" + b.String()
				default:
					b.WriteByte(s[i])
				}
			}
			s = ""
			return ""
		}
		end := strings.IndexAny(s, " \t\r\n=;")
		if end < 0 {
			end = len(s)
		}
		w := s[:end]
		s = s[end:]
		return w
	}
	l.module = next()
	flag := strings.ToLower(next())
	switch flag {
	case "required", "requisite", "sufficient", "optional":
	default:
		return l, errors.New("is not MODULE required NAME=\"VALUE\" …;")
	}
	for {
		name := strings.TrimPrefix(next(), "\x00")
		if name == ";" {
			break
		}
		if name == "" || next() != "=" {
			return l, errors.New("lacks the ; at its end, or a quote or = before it")
		}
		value := next()
		if value == "" || value == ";" || value == "=" {
			return l, fmt.Errorf("option %s has no value", name)
		}
		l.options[name] = strings.TrimPrefix(value, "\x00")
	}
	if strings.TrimSpace(s) != "" {
		return l, errors.New("has something after the ; at its end: one login is allowed")
	}
	return l, nil
}
