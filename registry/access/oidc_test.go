package access_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
)

func bearer(token string) access.Credentials {
	return access.Credentials{Authorization: []string{"Bearer " + token}}
}

func TestTokens(t *testing.T) {
	issuer := accesstest.NewIssuer(t)
	other := accesstest.NewIssuer(t)
	now := time.Now()
	good := issuer.Token(t, "registry", "carol", nil)
	parts := strings.Split(good, ".")
	unsigned := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + "."
	foreign, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	claims := func(c map[string]any) string { return issuer.Token(t, "registry", "carol", c) }
	groups := func(v any) string { return claims(map[string]any{"groups": v}) }
	for name, tc := range map[string]struct {
		token string
		o     access.OIDC
		want  string // name and groups; empty: refused
	}{
		"good":                   {token: good, want: "carol"},
		"one of its audiences":   {token: claims(map[string]any{"aud": []string{"x", "registry"}}), want: "carol"},
		"one of our audiences":   {token: good, o: access.OIDC{Audiences: []string{"x", "registry"}}, want: "carol"},
		"another audience":       {token: issuer.Token(t, "connect", "carol", nil)},
		"no audience":            {token: claims(map[string]any{"aud": nil})},
		"another issuer":         {token: other.Token(t, "registry", "carol", nil)},
		"another issuer's claim": {token: claims(map[string]any{"iss": other.URL})},
		"ended":                  {token: claims(map[string]any{"exp": now.Add(-time.Minute).Unix()})},
		"ended within the skew":  {token: claims(map[string]any{"exp": now.Add(-10 * time.Second).Unix()}), want: "carol"},
		"no end":                 {token: claims(map[string]any{"exp": nil})},
		"not yet":                {token: claims(map[string]any{"nbf": now.Add(time.Minute).Unix()})},
		"a clock ahead":          {token: claims(map[string]any{"nbf": now.Add(10 * time.Second).Unix(), "iat": now.Add(10 * time.Second).Unix()}), want: "carol"},
		"no name":                {token: claims(map[string]any{"sub": nil})},
		"an empty name":          {token: claims(map[string]any{"sub": ""})},
		"a name of two lines":    {token: claims(map[string]any{"sub": "a\nb"})},
		"a number for a name":    {token: claims(map[string]any{"sub": 5})},
		"groups":                 {token: groups([]string{"a", "b"}), want: "carol a b"},
		"groups in a text":       {token: groups("a b"), want: "carol a b"},
		"groups of no kind":      {token: groups([]any{"a", 5})},
		"groups no list":         {token: groups(5)},
		"too many groups":        {token: groups(strings.Repeat("g ", 2000))},
		"groups further down":    {token: claims(map[string]any{"realm_access": map[string]any{"roles": []string{"r"}}}), o: access.OIDC{Groups: "realm_access.roles"}, want: "carol r"},
		"a claim with a dot":     {token: claims(map[string]any{"a.b": []string{"r"}}), o: access.OIDC{Groups: "a.b"}, want: "carol r"},
		"another claim":          {token: claims(map[string]any{"preferred_username": "c"}), o: access.OIDC{Username: "preferred_username"}, want: "c"},
		"prefixes":               {token: groups([]string{"a"}), o: access.OIDC{UsernamePrefix: "oidc:", GroupsPrefix: "idp-"}, want: "oidc:carol idp-a"},
		"e-mail":                 {token: claims(map[string]any{"email": "c@example.com", "email_verified": true}), o: access.OIDC{Username: "email"}, want: "c@example.com"},
		"e-mail not verified":    {token: claims(map[string]any{"email": "c@example.com", "email_verified": false}), o: access.OIDC{Username: "email"}},
		"unsigned":               {token: unsigned},
		"signature cut":          {token: parts[0] + "." + parts[1] + "."},
		"claims changed":         {token: parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"x"}`)) + "." + parts[2]},
		"a secret for a key":     {token: accesstest.Sign(t, []byte(strings.Repeat("k", 32)), jose.HS256, "", map[string]any{"iss": issuer.URL, "aud": "registry", "sub": "root", "exp": now.Add(time.Hour).Unix()})},
		"a key of one's own":     {token: accesstest.Sign(t, foreign, jose.ES256, "", map[string]any{"iss": issuer.URL, "aud": "registry", "sub": "root", "exp": now.Add(time.Hour).Unix()})},
		"nothing":                {token: ""},
		"two dots":               {token: ".."},
		"encrypted":              {token: "a.b.c.d.e"},
		"long":                   {token: good + strings.Repeat("A", 20_000)},
	} {
		o := tc.o
		o.Issuer = issuer.URL
		if o.Audiences == nil {
			o.Audiences = []string{"registry"}
		}
		c := open(t, access.Config{OIDC: &o})
		for range 2 { // verified and remembered
			who, err := c.Authenticate(t.Context(), bearer(tc.token))
			switch {
			case tc.want == "" && !errors.Is(err, access.ErrUnauthorized):
				t.Errorf("%s: %v, %v", name, who, err)
			case tc.want != "" && (err != nil || strings.Join(append([]string{who.Name}, who.Groups...), " ") != tc.want || who.Method != access.Bearer):
				t.Errorf("%s: %v, %v", name, who, err)
			}
			if err != nil && tc.token != "" && len(tc.token) > 50 && strings.Contains(err.Error(), tc.token[:40]) {
				t.Errorf("%s: the error has the token", name)
			}
		}
	}
}

func TestKeysRotate(t *testing.T) {
	issuer := accesstest.NewIssuer(t)
	var log bytes.Buffer
	c := open(t, access.Config{OIDC: &access.OIDC{Issuer: issuer.URL, Audiences: []string{"registry"}}, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if issuer.Fetches() != 0 {
		t.Error("keys are fetched before the first token")
	}
	first := issuer.Token(t, "registry", "first", nil)
	if _, err := c.Authenticate(t.Context(), bearer(first)); err != nil {
		t.Fatal(err)
	}
	issuer.SetDown(true)
	if _, err := c.Authenticate(t.Context(), bearer(issuer.Token(t, "registry", "while down", nil))); err != nil {
		t.Errorf("known keys are locked out while the issuer is down: %v", err)
	}
	issuer.SetDown(false)
	issuer.Rotate(t, true)
	second := issuer.Token(t, "registry", "second", nil)
	for i := range 100 { // at once the fetches are too close
		if _, err := c.Authenticate(t.Context(), bearer(issuer.Token(t, "registry", "x", map[string]any{"jti": i}))); !errors.Is(err, access.ErrUnauthorized) {
			t.Fatalf("a key that was never fetched: %v", err)
		}
	}
	if n := issuer.Fetches(); n != 1 {
		t.Errorf("tokens of unknown keys made %d fetches", n)
	}
	access.Later(c, 11*time.Second)
	if who, err := c.Authenticate(t.Context(), bearer(second)); err != nil || who.Name != "second" {
		t.Errorf("the new key: %v, %v", who, err)
	}
	if _, err := c.Authenticate(t.Context(), bearer(first)); err != nil {
		t.Errorf("the old key, which is still published: %v", err)
	}
	issuer.Rotate(t, false)
	access.Later(c, 11*time.Second)
	if _, err := c.Authenticate(t.Context(), bearer(issuer.Token(t, "registry", "third", nil))); err != nil {
		t.Errorf("the third key: %v", err)
	}
	if _, err := c.Authenticate(t.Context(), bearer(first)); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("a key that is published no more: %v", err)
	}
	// An hour later the keys are fetched beside the requests.
	before := issuer.Fetches()
	access.Later(c, 2*time.Hour)
	if _, err := c.Authenticate(t.Context(), bearer(issuer.Token(t, "registry", "fourth", nil))); err != nil {
		t.Error(err)
	}
	for began := time.Now(); issuer.Fetches() == before; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 5*time.Second {
			t.Fatal("old keys are not fetched anew")
		}
	}
	if strings.Contains(log.String(), first) || strings.Contains(log.String(), second) {
		t.Error("tokens are logged")
	}
}

// TestAnIssuerThatIsNotThere refuses for now, not for good.
func TestAnIssuerThatIsNotThere(t *testing.T) {
	issuer := accesstest.NewIssuer(t)
	issuer.SetDown(true)
	c := open(t, access.Config{OIDC: &access.OIDC{Issuer: issuer.URL, Audiences: []string{"registry"}}})
	token := bearer(issuer.Token(t, "registry", "carol", nil))
	if _, err := c.Authenticate(t.Context(), token); !errors.Is(err, access.ErrUnavailable) {
		t.Errorf("the issuer is down: %v", err)
	}
	issuer.SetDown(false)
	access.Later(c, 11*time.Second)
	if _, err := c.Authenticate(t.Context(), token); err != nil {
		t.Errorf("the issuer is back: %v", err)
	}
}

// TestHostileIssuers has issuers answer what they should not: nobody is let in by it, and it ends.
func TestHostileIssuers(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	good, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		config, keys string
		want         error
	}{
		"good":              {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, string(good), nil},
		"another's name":    {`{"issuer":"https://other","jwks_uri":"ISSUER/keys"}`, string(good), access.ErrUnavailable},
		"no keys named":     {`{"issuer":"ISSUER"}`, string(good), access.ErrUnavailable},
		"no JSON":           {`<html>`, string(good), access.ErrUnavailable},
		"keys no JSON":      {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, `<html>`, access.ErrUnavailable},
		"no keys":           {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, `{"keys":[]}`, access.ErrUnavailable},
		"a secret":          {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, `{"keys":[{"kty":"oct","k":"AAAA"}]}`, access.ErrUnavailable},
		"for encryption":    {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, strings.Replace(string(good), `"kty"`, `"use":"enc","kty"`, 1), access.ErrUnavailable},
		"another algorithm": {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, strings.Replace(string(good), `"kty"`, `"alg":"RS256","kty"`, 1), access.ErrUnauthorized},
		"without end":       {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, strings.Repeat(" ", 2<<20) + string(good), access.ErrUnavailable},
		"too many":          {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, `{"keys":[` + strings.Repeat(`{},`, 200) + `{}]}`, access.ErrUnavailable},
		"a weak key beside": {`{"issuer":"ISSUER","jwks_uri":"ISSUER/keys"}`, strings.Replace(string(good), `[`, `[{"kty":"RSA","kid":"w","n":"AQAB","e":"AQAB"},5,`, 1), nil},
	} {
		var url string
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			text := tc.keys
			if r.URL.Path != "/keys" {
				text = strings.ReplaceAll(tc.config, "ISSUER", url)
			}
			_, _ = w.Write([]byte(text))
		}))
		url = s.URL
		c := open(t, access.Config{OIDC: &access.OIDC{Issuer: url, Audiences: []string{"registry"}}})
		token := accesstest.Sign(t, key, jose.ES256, "k", map[string]any{"iss": url, "aud": "registry", "sub": "carol", "exp": time.Now().Add(time.Hour).Unix()})
		if _, err := c.Authenticate(t.Context(), bearer(token)); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
		s.Close()
	}
}
