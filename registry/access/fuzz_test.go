package access_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/access/accesstest"
)

// FuzzPolicy reads policies: they are taken, or what is wrong with them is told with its place.
func FuzzPolicy(f *testing.F) {
	for _, s := range []string{
		"grants: []", "hide: true\ngroups: {a: [b, user:c]}\nnodes: [user:n]\ngrants:\n  - {who: [user:a, group:b, anonymous], may: [all], context: ['*', .a], subjects: ['*']}\n",
		"grants: &a [*a]", "a: [[[[", "? [x]\n: y", "grants: !!binary x", "---\n---\n", "grants:\n  - <<: {who: user:a}\n", "\xff", "%YAML 9.9\n---\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := access.ParsePolicy("p", data)
		var faults access.Faults
		if (p == nil) == (err == nil) || err != nil && (!errors.As(err, &faults) || !strings.HasPrefix(err.Error(), "p:")) {
			t.Fatalf("%v, %v", p, err)
		}
	})
}

// FuzzAuthorization shows headers that nobody was given: none lets anybody in.
func FuzzAuthorization(f *testing.F) {
	issuer := accesstest.NewIssuer(f)
	c := open(f, access.Config{Users: accesstest.Users(f, "alice", "\x01never sent"), OIDC: &access.OIDC{Issuer: issuer.URL, Audiences: []string{"registry"}}, Certificate: "cn"})
	token := issuer.Token(f, "connect", "carol", nil)
	for _, s := range []string{"", "Basic", "Basic YWxpY2U6eA==", "Basic Og==", "basic \x00", "Bearer " + token, "Bearer a.b.c", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer {}", "Negotiate x", "Basic YWxpY2U6eA==, Basic Og=="} {
		f.Add(s, "")
	}
	f.Add("", "eyJuYW1lIjoicm9vdCIsIm1ldGhvZCI6ImJhc2ljIn0")
	f.Fuzz(func(t *testing.T, header, behalf string) {
		who, err := c.Authenticate(t.Context(), access.Credentials{Authorization: []string{header}, OnBehalf: behalf, Remote: header})
		if err == nil || who != nil {
			t.Fatalf("%q lets %v in", header, who)
		}
		if behalf != "" {
			if who, err := c.Authenticate(t.Context(), access.Credentials{OnBehalf: behalf}); err == nil || who != nil {
				t.Fatalf("%q lets %v in", behalf, who)
			}
		}
	})
}
