package accesstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"golang.org/x/crypto/bcrypt"
)

// Users writes an htpasswd file of names and passwords in turn and returns its path.
func Users(t testing.TB, namesAndPasswords ...string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i+1 < len(namesAndPasswords); i += 2 {
		hash, err := bcrypt.GenerateFromPassword([]byte(namesAndPasswords[i+1]), bcrypt.MinCost)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s:%s\n", namesAndPasswords[i], hash)
	}
	return File(t, "users", b.String())
}

// File writes a file and returns its path.
func File(t testing.TB, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Issuer is an OpenID Connect issuer in the process.
type Issuer struct {
	URL string

	mu      sync.Mutex // guards what is below
	key     *ecdsa.PrivateKey
	id      string
	public  []jose.JSONWebKey
	down    bool
	fetches int
}

// NewIssuer starts an issuer with one key, which ends with the test.
func NewIssuer(t testing.TB) *Issuer {
	t.Helper()
	i := &Issuer{}
	s := httptest.NewServer(i)
	t.Cleanup(s.Close)
	i.URL = s.URL
	i.Rotate(t, false)
	return i
}

// Rotate makes a new key, which signs from here on; keep leaves the old ones among those that are published.
func (i *Issuer) Rotate(t testing.TB, keep bool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if !keep {
		i.public = nil
	}
	i.key, i.id = key, rand.Text()
	i.public = append(i.public, jose.JSONWebKey{Key: key.Public(), KeyID: i.id, Algorithm: string(jose.ES256), Use: "sig"})
}

// SetDown makes the issuer answer nothing but faults, or answer again.
func (i *Issuer) SetDown(down bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.down = down
}

// Fetches is how often the keys were fetched.
func (i *Issuer) Fetches() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetches
}

// ServeHTTP implements http.Handler.
func (i *Issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case i.down:
		w.WriteHeader(http.StatusBadGateway)
	case r.URL.Path == "/.well-known/openid-configuration":
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
	case r.URL.Path == "/keys":
		i.fetches++
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: i.public})
	default:
		http.NotFound(w, r)
	}
}

// Token returns a token for an audience that ends in an hour. claims replace its claims; a nil one is left out.
func (i *Issuer) Token(t testing.TB, audience, name string, claims map[string]any) string {
	t.Helper()
	i.mu.Lock()
	key, id := i.key, i.id
	i.mu.Unlock()
	all := map[string]any{"iss": i.URL, "aud": audience, "sub": name, "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix()}
	maps.Copy(all, claims)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return Sign(t, key, jose.ES256, id, all)
}

// Sign returns a token with claims that is signed by a key.
func Sign(t testing.TB, key any, alg jose.SignatureAlgorithm, id string, claims map[string]any) string {
	t.Helper()
	o := (&jose.SignerOptions{}).WithType("JWT")
	if id != "" {
		o = o.WithHeader("kid", id)
	}
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, o)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}
