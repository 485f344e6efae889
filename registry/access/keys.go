package access

import (
	"cmp"
	"context"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// How keys are fetched.
const (
	fetchTime    = 5 * time.Second
	fetchPause   = 10 * time.Second // at least, between two fetches
	keysFresh    = time.Hour        // known keys older than this are fetched anew, beside the requests
	maxKeysBytes = 1 << 20
	maxKeys      = 100
	minRSABits   = 2048
)

// keySet are the keys of an issuer. They are fetched when the first token comes, when one names a key that is not known, and in
// the background once an hour. Keys that are known stay when the issuer cannot be reached.
type keySet struct {
	issuer, jwks string
	client       *http.Client
	log          *slog.Logger
	changed      func()                      // keys went away or were replaced
	run          func(func(context.Context)) // in the background, until the owner closes

	keys    atomic.Pointer[keysAt]
	turn    chan struct{} // holds one: whose turn it is to fetch
	tried   atomic.Int64  // when, in nanoseconds since 1970
	renewal sync.Mutex    // one background fetch at a time
}

type keysAt struct {
	list []jose.JSONWebKey
	at   time.Time
}

func newKeySet(o OIDC, log *slog.Logger, changed func(), run func(func(context.Context))) *keySet {
	k := &keySet{issuer: o.Issuer, jwks: o.JWKS, client: o.Client, log: log, changed: changed, run: run, turn: make(chan struct{}, 1)}
	if k.client == nil {
		k.client = &http.Client{Timeout: fetchTime}
	}
	return k
}

// ErrUnavailable is an issuer whose keys cannot be fetched: who comes with a token cannot be known yet.
var ErrUnavailable = errors.New("the issuer of tokens cannot be reached")

// find returns the keys that may have signed a token.
func (k *keySet) find(ctx context.Context, id, alg string, now time.Time) ([]jose.JSONWebKey, error) {
	known := k.keys.Load()
	if found := known.matching(id, alg); len(found) > 0 {
		if now.Sub(known.at) > keysFresh && k.due(now) && k.renewal.TryLock() {
			k.run(func(ctx context.Context) {
				defer k.renewal.Unlock()
				if err := k.fetch(ctx); err != nil {
					k.log.Warn("the keys of the issuer of tokens cannot be fetched anew: the known ones stay", "error", err)
				}
			})
		}
		return found, nil
	}
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ctx.Done():
		return nil, ErrUnavailable
	}
	if k.keys.Load() == known && k.due(now) { // nobody else has fetched while this one waited
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTime)
		defer cancel()
		if err := k.fetch(ctx); err != nil {
			k.log.Warn("the keys of the issuer of tokens cannot be fetched", "error", err)
		}
	}
	if known = k.keys.Load(); known == nil {
		return nil, ErrUnavailable
	}
	if found := known.matching(id, alg); len(found) > 0 {
		return found, nil
	}
	return nil, errToken("it names a key that the issuer does not have")
}

// due reports whether keys may be fetched again, and notes that they are.
func (k *keySet) due(now time.Time) bool {
	last := k.tried.Load()
	return now.UnixNano()-last >= int64(fetchPause) && k.tried.CompareAndSwap(last, now.UnixNano())
}

func (k *keysAt) matching(id, alg string) (out []jose.JSONWebKey) {
	if k == nil {
		return nil
	}
	for _, key := range k.list {
		if (id == "" || key.KeyID == id) && (key.Algorithm == "" || key.Algorithm == alg) {
			out = append(out, key)
		}
	}
	return out
}

func (k *keySet) fetch(ctx context.Context) error {
	at := k.jwks
	if at == "" {
		b, err := k.get(ctx, strings.TrimSuffix(k.issuer, "/")+"/.well-known/openid-configuration")
		if err != nil {
			return err
		}
		var d discovered
		if err := d.read(b, k.issuer); err != nil {
			return err
		}
		at = d.JWKS
	}
	b, err := k.get(ctx, at)
	if err != nil {
		return err
	}
	list, err := parseKeys(b)
	if err != nil {
		return err
	}
	old := k.keys.Swap(&keysAt{list, time.Now()})
	if old != nil && !reflect.DeepEqual(old.list, list) {
		k.changed()
	}
	return nil
}

// parseKeys reads a JSON Web Key Set (RFC 7517) and returns the public keys for signatures that are strong enough.
func parseKeys(b []byte) ([]jose.JSONWebKey, error) {
	var raw struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(b, &raw); err != nil {
		return nil, fmt.Errorf("reading the issuer's keys: %w", err)
	}
	if len(raw.Keys) > maxKeys {
		return nil, fmt.Errorf("the issuer has %d keys: %d are taken at most", len(raw.Keys), maxKeys)
	}
	var out []jose.JSONWebKey
	for _, r := range raw.Keys {
		var key jose.JSONWebKey
		if key.UnmarshalJSON(r) != nil || !key.Valid() || !key.IsPublic() || cmp.Or(key.Use, "sig") != "sig" {
			continue // of a kind that no token of ours is signed with
		}
		if rsaKey, ok := key.Key.(*rsa.PublicKey); ok && rsaKey.N.BitLen() < minRSABits {
			continue
		}
		out = append(out, key)
	}
	if len(out) == 0 {
		return nil, errors.New("the issuer has no key that is taken")
	}
	return out, nil
}

func (k *keySet) get(ctx context.Context, url string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("asking the issuer: %w", err)
	}
	resp, err := k.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("asking the issuer: %w", err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxKeysBytes+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading from the issuer: %w", err)
	case resp.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%s answers %d", url, resp.StatusCode)
	case len(b) > maxKeysBytes:
		return nil, fmt.Errorf("%s answers more than %d bytes", url, maxKeysBytes)
	}
	return b, nil
}
