package access_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
)

func open(t testing.TB, cfg access.Config) *access.Control {
	t.Helper()
	c, err := access.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func basic(user, password string) access.Credentials {
	return access.Credentials{Authorization: []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))}, Remote: "192.0.2.1"}
}

func TestBasic(t *testing.T) {
	long := strings.Repeat("p", 72)
	c := open(t, access.Config{Users: accesstest.Users(t, "alice", "wonder:land", "bob", long, "zoë", "naïve")})
	for _, tc := range []struct {
		user, password string
		want           error
	}{
		{"alice", "wonder:land", nil}, {"alice", "wonder:land", nil}, {"bob", long, nil}, {"zoë", "naïve", nil},
		{"alice", "wrong", access.ErrUnauthorized}, {"carol", "wonder:land", access.ErrUnauthorized}, {"", "wonder:land", access.ErrUnauthorized}, {"alice", "", access.ErrUnauthorized},
		{"alice\x00", "wonder:land", access.ErrUnauthorized}, {"Alice", "wonder:land", access.ErrUnauthorized},
	} {
		got, err := c.Authenticate(t.Context(), basic(tc.user, tc.password))
		if !errors.Is(err, tc.want) {
			t.Errorf("%q: %v", tc.user, err)
		}
		if tc.want == nil && (got == nil || got.Name != tc.user || got.Method != access.Basic || !got.May(access.PermanentDelete, ":.x:y")) {
			t.Errorf("%q is %v", tc.user, got)
		}
		if err != nil && strings.Contains(err.Error(), "wonder") {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if who, err := c.Authenticate(t.Context(), access.Credentials{}); err != nil || who.Known() || who.SeesAny() {
		t.Errorf("one who shows nothing is %v: %v", who, err)
	}
	for _, header := range []string{"", "Basic", "Basic ", "basic !!!", "Basic " + base64.StdEncoding.EncodeToString([]byte("alice")), "Bearer x", "Digest x", "\x00", strings.Repeat("x", 1<<16)} {
		if _, err := c.Authenticate(t.Context(), access.Credentials{Authorization: []string{header}}); !errors.Is(err, access.ErrUnauthorized) {
			t.Errorf("%.40q: %v", header, err)
		}
	}
	two := basic("alice", "wonder:land")
	two.Authorization = append(two.Authorization, two.Authorization[0])
	if _, err := c.Authenticate(t.Context(), two); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("two headers: %v", err)
	}
}

// TestAVerifiedPasswordIsRemembered asks with one that costs a long time: once for many who come together, and never again.
func TestAVerifiedPasswordIsRemembered(t *testing.T) {
	users := accesstest.File(t, "users", "alice:$2y$08$TAms8RhssmMrWCZJRnxf5OLA/0u4D5OHmyZdffBpCzfC8z9g/PUCC\n") // "abc123xyz", of cost 8
	c := open(t, access.Config{Users: users})
	cr := basic("alice", "abc123xyz")
	start := time.Now()
	if _, err := c.Authenticate(t.Context(), cr); err != nil {
		t.Fatal(err)
	}
	one := time.Since(start)
	var all sync.WaitGroup
	cr = access.Credentials{Authorization: []string{strings.Replace(cr.Authorization[0], "Basic", "BASIC", 1)}} // not yet seen
	start = time.Now()
	for range 64 {
		all.Go(func() {
			if _, err := c.Authenticate(t.Context(), cr); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if many := time.Since(start); many > 20*one {
		t.Errorf("one takes %v, 64 at once %v", one, many)
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = c.Authenticate(t.Context(), cr) }); n > 0 {
		t.Errorf("a remembered password allocates %v times", n)
	}
	start = time.Now()
	for range 1000 {
		_, _ = c.Authenticate(t.Context(), cr)
	}
	if each := time.Since(start) / 1000; each > one/100 {
		t.Errorf("a remembered password takes %v, checking one %v", each, one)
	}
}

func TestWrongPasswordsAreCounted(t *testing.T) {
	c := open(t, access.Config{Users: accesstest.Users(t, "alice", "right", "bob", "right")})
	if _, err := c.Authenticate(t.Context(), basic("alice", "right")); err != nil {
		t.Fatal(err)
	}
	var last error
	tries := 0
	for ; tries < 50 && !errors.Is(last, access.ErrTooMany); tries++ {
		_, last = c.Authenticate(t.Context(), basic("alice", fmt.Sprint("wrong", tries)))
	}
	if tries != 11 {
		t.Errorf("after %d wrong passwords: %v", tries, last)
	}
	for name, tc := range map[string]struct {
		cr   access.Credentials
		want error
	}{
		"one who is known stays in":   {basic("alice", "right"), nil},
		"another user":                {basic("bob", "right"), nil},
		"from elsewhere":              {access.Credentials{Authorization: []string{strings.Replace(basic("alice", "right").Authorization[0], "B", "b", 1)}, Remote: "192.0.2.2"}, nil},
		"the same, spelled otherwise": {access.Credentials{Authorization: []string{strings.Replace(basic("alice", "right").Authorization[0], "B", "b", 1) + " "}, Remote: "192.0.2.1"}, access.ErrTooMany},
	} {
		if _, err := c.Authenticate(t.Context(), tc.cr); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := range 150 { // names that are made up
		_, last = c.Authenticate(t.Context(), basic(fmt.Sprint("user", i), "x"))
	}
	if !errors.Is(last, access.ErrTooMany) {
		t.Errorf("an address tries one user after the other: %v", last)
	}
}

// TestFilesAreReadAnew changes users and policy under a Control.
func TestFilesAreReadAnew(t *testing.T) {
	var log bytes.Buffer
	users := accesstest.Users(t, "alice", "one")
	policy := accesstest.File(t, "policy.yaml", "grants: [{who: user:alice, may: read, subjects: a}]")
	c := open(t, access.Config{Users: users, Policy: policy, Log: slog.New(slog.NewTextHandler(&log, nil))})
	asked := 0
	may := func(password, subject string) (bool, error) {
		asked++
		cr := basic("alice", password)
		cr.Remote = fmt.Sprint("address ", asked) // each may fail
		who, err := c.Authenticate(t.Context(), cr)
		return err == nil && who.May(access.Read, subject), err
	}
	if ok, err := may("one", "a"); !ok {
		t.Fatal(err)
	}
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path+".new", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(path+".new", path); err != nil {
			t.Fatal(err)
		}
	}
	eventually := func(what string, ok func() bool) {
		t.Helper()
		for began := time.Now(); !ok(); time.Sleep(20 * time.Millisecond) {
			if time.Since(began) > 5*time.Second {
				t.Fatalf("%s did not happen\n%s", what, log.String())
			}
		}
	}
	write(policy, "grants: [{who: user:alice, may: read, subjects: b}]")
	eventually("the new policy", func() bool { ok, _ := may("one", "b"); return ok })
	if ok, _ := may("one", "a"); ok {
		t.Error("the old grant holds on")
	}
	write(policy, "grants: [{who: alice}]")
	eventually("the refusal of a faulty policy", func() bool { _, _ = may("one", "b"); return strings.Contains(log.String(), "is none of user:NAME") })
	if ok, err := may("one", "b"); !ok {
		t.Errorf("a faulty policy locks out: %v", err)
	}
	next, err := os.ReadFile(accesstest.Users(t, "alice", "two"))
	if err != nil {
		t.Fatal(err)
	}
	write(users, string(next))
	eventually("the new password", func() bool { ok, _ := may("two", "b"); return ok })
	if _, err := may("one", "b"); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("the old password is remembered: %v", err)
	}
	if err := os.Remove(users); err != nil {
		t.Fatal(err)
	}
	eventually("a missing file is told", func() bool { _, _ = may("two", "b"); return strings.Contains(log.String(), "no such file") })
	if ok, err := may("two", "b"); !ok {
		t.Errorf("a missing file locks out: %v", err)
	}
	if strings.Contains(log.String(), "$2a$") {
		t.Errorf("hashes are logged: %s", log.String())
	}
}

func TestUserFaults(t *testing.T) {
	good := "$2y$05$abcdefghijklmnopqrstuuHzsCZ4NkBWRM7zTKVuDbVPGLmDrLWBq"
	for text, want := range map[string]string{
		"alice":                         "f:1: is not of the form name:hash",
		":" + good:                      "f:1: is not of the form name:hash",
		"a:" + good + "\n\na:" + good:   `f:3: user "a" is there twice`,
		"#c\na:{SHA}W6ph5Mm5Pz8Ggi=":    `f:2: the hash of user "a" is not bcrypt's: make it with htpasswd -B`,
		"a:$apr1$x$y":                   `f:1: the hash of user "a" is not bcrypt's: make it with htpasswd -B`,
		"a:secret":                      `f:1: the hash of user "a" is not bcrypt's: make it with htpasswd -B`,
		"a:" + good[:50]:                `f:1: the hash of user "a" is not bcrypt's: make it with htpasswd -B`,
		"a:$2y$31$" + good[7:]:          `f:1: the hash of user "a" has cost 31: the greatest taken is 16`,
		"a:" + good + "x\nb\nc:" + good: "f:1: the hash of user \"a\" is not bcrypt's: make it with htpasswd -B\nf:2: is not of the form name:hash",
	} {
		path := accesstest.File(t, "f", text)
		_, err := access.Open(access.Config{Users: path})
		if err == nil || strings.ReplaceAll(err.Error(), path, "f") != want {
			t.Errorf("%q:\n%v\nwant\n%s", text, err, want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	if c, err := access.Open(access.Config{}); c != nil || err != nil {
		t.Errorf("nothing is %v, %v", c, err)
	}
	for name, cfg := range map[string]access.Config{
		"a policy alone":       {Policy: accesstest.File(t, "p", "grants: []")},
		"a missing file":       {Users: "/none/such"},
		"a directory":          {Users: t.TempDir()},
		"no audience":          {OIDC: &access.OIDC{Issuer: "https://issuer.example"}},
		"an issuer of no kind": {OIDC: &access.OIDC{Issuer: "issuer.example", Audiences: []string{"a"}}},
		"no issuer":            {OIDC: &access.OIDC{Audiences: []string{"a"}}},
		"a rule of no kind":    {Certificate: "ou"},
		"a bad expression":     {Certificate: "cn:("},
		"two groups":           {Certificate: "cn:(a)(b)"},
	} {
		if c, err := access.Open(cfg); err == nil {
			c.Close()
			t.Errorf("%s is taken", name)
		}
	}
}

func TestCertificates(t *testing.T) {
	ca := accesstest.NewAuthority(t)
	cert, err := x509.ParseCertificate(ca.Client(t, "orders-producer", "producer.shop.example", "spiffe://shop.example/ns/orders/producer").Certificates[0].Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for rule, want := range map[string]string{
		"cn": "orders-producer", "dn": "CN=orders-producer,O=Shop", "dns": "producer.shop.example", "uri": "spiffe://shop.example/ns/orders/producer",
		`uri:spiffe://shop\.example/ns/([a-z]+)/.*`: "orders", `cn:(.*)-producer`: "orders", "cn:orders.*": "orders-producer", "email": "", "cn:orders": "", `cn:(x)?orders-producer`: "",
	} {
		c := open(t, access.Config{Certificate: rule})
		who, err := c.Authenticate(t.Context(), access.Credentials{Certificate: cert})
		switch {
		case want == "" && !errors.Is(err, access.ErrUnauthorized), want != "" && (err != nil || who.Name != want || who.Method != access.Certificate):
			t.Errorf("%s: %v, %v", rule, who, err)
		}
		if who, err := c.Authenticate(t.Context(), access.Credentials{}); err != nil || who.Known() {
			t.Errorf("%s, without one: %v, %v", rule, who, err)
		}
	}
	c := open(t, access.Config{Certificate: "cn", Users: accesstest.Users(t, "alice", "right")})
	both := basic("alice", "right")
	both.Certificate = cert
	if who, err := c.Authenticate(t.Context(), both); err != nil || who.Name != "alice" {
		t.Errorf("a password beside a certificate: %v, %v", who, err)
	}
	both.Authorization[0] += "x"
	if _, err := c.Authenticate(t.Context(), both); !errors.Is(err, access.ErrUnauthorized) {
		t.Errorf("a wrong password beside a certificate: %v", err)
	}
}
