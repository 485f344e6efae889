package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// OIDC says whose bearer tokens are taken: JSON Web Tokens (RFC 7519) that are signed by a key of the issuer.
type OIDC struct {
	Issuer    string   // the iss claim, exactly; its configuration is at /.well-known/openid-configuration below it
	Audiences []string // one of them must be in the aud claim
	JWKS      string   // where the keys are; empty: where the issuer's configuration says
	// Username and Groups are the claims to read, "sub" and "groups" where empty. A dot goes into a claim: realm_access.roles.
	Username, Groups             string
	UsernamePrefix, GroupsPrefix string
	Skew                         time.Duration // between clocks; 0: DefaultSkew
	Client                       *http.Client  // fetches keys; nil: one with a time limit
}

// DefaultSkew is how far the clocks of issuer and registry may differ.
const DefaultSkew = 30 * time.Second

// signatures are the algorithms of tokens that are taken: none with a shared secret, and not "none".
var signatures = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512, jose.EdDSA}

const (
	maxToken  = 16 << 10
	maxGroups = 1000
)

// verifier checks tokens.
type verifier struct {
	o    OIDC
	keys *keySet
}

func newVerifier(o OIDC, log *slog.Logger, changed func(), run func(func(context.Context))) (*verifier, error) {
	if o.Username == "" {
		o.Username = "sub"
	}
	if o.Groups == "" {
		o.Groups = "groups"
	}
	if o.Skew == 0 {
		o.Skew = DefaultSkew
	}
	if len(o.Audiences) == 0 {
		return nil, errors.New("an issuer of tokens needs an audience: a token for another service must not open this one")
	}
	for _, u := range []string{o.Issuer, o.JWKS} {
		if !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") && (u != "" || u == o.Issuer) {
			return nil, errors.New("the issuer of tokens and its keys are URLs")
		}
	}
	return &verifier{o: o, keys: newKeySet(o, log, changed, run)}, nil
}

// errToken is a token that is refused; its text is for the log.
type errToken string

func (e errToken) Error() string { return "the token is refused: " + string(e) }

// verify returns the name and groups of a token and when it ends.
func (v *verifier) verify(ctx context.Context, token string, now time.Time) (name string, groups []string, until time.Time, err error) {
	if len(token) > maxToken {
		return "", nil, until, errToken("it is too long")
	}
	t, err := jwt.ParseSigned(token, signatures)
	if err != nil || len(t.Headers) != 1 {
		return "", nil, until, errToken("it is no signed JSON Web Token")
	}
	h := t.Headers[0]
	keys, err := v.keys.find(ctx, h.KeyID, h.Algorithm, now)
	if err != nil {
		return "", nil, until, err
	}
	var std jwt.Claims
	var claims map[string]any
	signed := false
	for _, k := range keys {
		if t.Claims(k.Key, &std, &claims) == nil {
			signed = true
			break
		}
	}
	switch {
	case !signed:
		return "", nil, until, errToken("its signature is not by a key of the issuer")
	case std.Expiry == nil:
		return "", nil, until, errToken("it never ends")
	}
	if err := std.ValidateWithLeeway(jwt.Expected{Issuer: v.o.Issuer, AnyAudience: v.o.Audiences, Time: now}, v.o.Skew); err != nil {
		return "", nil, until, errToken(strings.TrimPrefix(err.Error(), "go-jose/go-jose/jwt: "))
	}
	name, ok := claim(claims, v.o.Username).(string)
	if !ok || name == "" || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return "", nil, until, errToken("it has no name in the claim " + v.o.Username)
	}
	if verified, said := claims["email_verified"].(bool); v.o.Username == "email" && said && !verified {
		return "", nil, until, errToken("its e-mail address is not verified")
	}
	if groups, err = v.groups(claims); err != nil {
		return "", nil, until, err
	}
	return v.o.UsernamePrefix + name, groups, std.Expiry.Time().Add(v.o.Skew), nil
}

func (v *verifier) groups(claims map[string]any) (out []string, err error) {
	switch g := claim(claims, v.o.Groups).(type) {
	case nil:
	case string:
		out = strings.Fields(g)
	case []any:
		for _, x := range g {
			s, ok := x.(string)
			if !ok {
				return nil, errToken("the claim " + v.o.Groups + " is no list of names")
			}
			out = append(out, s)
		}
	default:
		return nil, errToken("the claim " + v.o.Groups + " is no list of names")
	}
	if len(out) > maxGroups {
		return nil, errToken(fmt.Sprintf("it is in more than %d groups", maxGroups))
	}
	for i := range out {
		out[i] = v.o.GroupsPrefix + out[i]
	}
	return out, nil
}

// claim finds a claim by its name, or by the names on the way to it.
func claim(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok {
		return v
	}
	first, rest, ok := strings.Cut(name, ".")
	if inner, is := claims[first].(map[string]any); ok && is {
		return claim(inner, rest)
	}
	return nil
}

// discovered is what is read of an issuer's configuration.
type discovered struct {
	Issuer string `json:"issuer"`
	JWKS   string `json:"jwks_uri"`
}

func (d *discovered) read(b []byte, issuer string) error {
	if err := json.Unmarshal(b, d); err != nil {
		return fmt.Errorf("reading the issuer's configuration: %w", err)
	}
	if d.Issuer != issuer {
		return fmt.Errorf("the configuration at the issuer %q is that of %q", issuer, d.Issuer)
	}
	if d.JWKS == "" {
		return errors.New("the issuer's configuration names no keys")
	}
	return nil
}
