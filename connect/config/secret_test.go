package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/config"
)

// TestSecret writes a secret in every way that a program writes things.
func TestSecret(t *testing.T) {
	s := config.Secret("topsecret")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "s", s, "in", struct{ S config.Secret }{s})
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "s", s, "in", map[string]config.Secret{"a": s})
	asJSON, err := json.Marshal(map[string]any{"a": []config.Secret{s}, "b": &s})
	if err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{
		s.String(), string(asJSON), log.String(), fmt.Sprintf("%v %s %q %x %X %d %#v %+v %T", s, s, s, s, s, s, s, s, s), fmt.Sprintf("%+v %#v", struct{ S config.Secret }{s}, []config.Secret{s}), fmt.Errorf("%w: %s", fmt.Errorf("x"), s).Error(),
	} {
		if strings.Contains(strings.ToLower(out), "topsecret") || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", "topsecret")) {
			t.Errorf("it shows: %s", out)
		}
	}
	if s.Reveal() != "topsecret" {
		t.Error("Reveal does not give it")
	}
}

func TestRedact(t *testing.T) {
	got := config.Redact(map[string]string{
		"database.password": "p", "producer.override.sasl.jaas.config": "j", "value.converter.basic.auth.user.info": "u:p", "ssl.keystore.password": "p", "ssl.keystore.key": "k",
		"nats.token": "t", "nats.nkey": "n", "x.secret": "s", "empty.password": "",
		"url": "nats://u:p@h:4222,nats://v:q@i", "lone": "http://u@h/", "database.user": "app", "key.converter": "c", "password.policy": "strict", "publication.name": "dbz",
	})
	h := config.Hidden
	want := map[string]string{
		"database.password": h, "producer.override.sasl.jaas.config": h, "value.converter.basic.auth.user.info": h, "ssl.keystore.password": h, "ssl.keystore.key": h,
		"nats.token": h, "nats.nkey": h, "x.secret": h, "empty.password": "",
		"url": "nats://u:" + h + "@h:4222,nats://v:" + h + "@i", "lone": "http://u@h/", "database.user": "app", "key.converter": "c", "password.policy": "strict", "publication.name": "dbz",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestResolve holds config providers to what they may read.
func TestResolve(t *testing.T) {
	l := lookup()
	l.Providers = map[string]config.Provider{
		"env":  {Kind: config.EnvProvider, Allowed: regexp.MustCompile("^(?:PG.*)$")},
		"file": {Kind: config.FileProvider, Paths: []string{"/run/secrets"}},
		"dir":  {Kind: config.DirProvider, Paths: []string{"/run/secrets"}},
	}
	for _, c := range []struct{ in, want, fault string }{
		{"plain", "plain", ""},
		{"${nope:x}", "${nope:x}", ""},
		{"${PGPASSWORD}", "${PGPASSWORD}", ""},
		{"${env:PGPASSWORD}", "topsecret", ""},
		{"<${env:PGPASSWORD}|${file:/run/secrets/pg}>", "<topsecret|fromfile>", ""},
		{"${dir:/run/secrets:pg}", "fromfile\n", ""},
		{"${env:HOST}", "", "allowlist.pattern does not let HOST pass"},
		{"${file:/etc/app.properties:pw}", "", "outside the provider's allowed.paths"},
		{"${file:/run/secrets/../../etc/app.properties:pw}", "", "outside the provider's allowed.paths"},
		{"${dir:/run/secrets:../../etc/app.properties}", "", "is not a file's name"},
		{"${dir:/run/secrets:..}", "", "is not a file's name"},
		{"${dir:/run/secretsx:pg}", "", "outside the provider's allowed.paths"},
	} {
		t.Run(c.in, func(t *testing.T) {
			out, faults := l.Resolve(map[string]string{"o": c.in})
			switch {
			case c.fault == "" && (len(faults) > 0 || out["o"] != c.want):
				t.Errorf("got %q and %v", out["o"], faults)
			case c.fault != "" && (len(faults) != 1 || faults[0].Option != "o" || !strings.Contains(faults[0].Msg, c.fault)):
				t.Errorf("the faults are %v", faults)
			}
		})
	}
	_, faults := lookup().Resolve(map[string]string{"o": "${file:/etc/app.properties:none}"})
	if len(faults) != 1 || !strings.Contains(faults[0].Msg, "no key none") || strings.Contains(faults[0].Msg, "fromprops") {
		t.Errorf("the faults are %v", faults)
	}
}
