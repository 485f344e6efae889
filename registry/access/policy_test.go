package access

import (
	"strings"
	"testing"
)

const shopPolicy = `
groups:
  orders-team: [alice, "svc-*"]
nodes: [user:node-1]
grants:
  - who: [group:orders-team]
    may: [read, write, delete]
    subjects: ["orders-*", shared]
  - who: [user:alice]
    may: [config]
    context: [".", ".staging*"]
    subjects: ["*"]
  - {who: user:root, may: all, context: "*", subjects: "*"}
  - {who: anonymous, may: read, subjects: "public-*"}
  - {who: "user:*", may: read, context: .lib, subjects: "a*b*c"}
`

func policy(t testing.TB, text string) *Policy {
	t.Helper()
	p, err := ParsePolicy("policy.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMay(t *testing.T) {
	p := policy(t, shopPolicy)
	callers := map[string]*Caller{
		"alice": p.caller("alice", Basic, nil), "svc": p.caller("svc-7", Certificate, nil), "token": p.caller("carol", Bearer, []string{"orders-team"}),
		"root": p.caller("root", Basic, nil), "bob": p.caller("bob", Basic, nil), "nobody": p.caller("", Anonymous, nil), "named anonymous": p.caller("anonymous", Basic, nil),
	}
	for _, tc := range []struct {
		who     string
		verb    Verb
		subject string
		want    bool
	}{
		{"alice", Read, "orders-value", true}, {"svc", Register, "orders-", true}, {"token", Delete, "shared", true},
		{"alice", PermanentDelete, "orders-value", false}, {"alice", Import, "orders-value", false}, {"alice", Compatibility, "orders-value", true},
		{"alice", Read, "order", false}, {"alice", Read, "xorders-value", false}, {"alice", Read, "shared-too", false},
		{"alice", Read, ":.:orders-value", true}, {"alice", Read, ":.staging:orders-value", false},
		{"alice", Read, ":*:orders-value", false}, {"alice", Read, ":.__GLOBAL:orders-value", false},
		{"alice", ConfigWrite, "", true}, {"alice", ConfigWrite, ":.staging-2:", true}, {"alice", ConfigWrite, ":.prod:", false}, {"alice", ConfigWrite, ":.__GLOBAL:", false},
		{"svc", ConfigRead, "orders-value", false}, {"svc", Delete, "", false},
		{"root", PermanentDelete, ":.any:thing", true}, {"root", ModeWrite, ":.__GLOBAL:", true}, {"root", Metrics, "", true},
		{"bob", Read, "orders-value", false}, {"bob", Metadata, "", true}, {"bob", Metrics, "", false},
		{"bob", Read, ":.lib:abc", true}, {"bob", Read, ":.lib:a--b--c", true}, {"bob", Read, ":.lib:acb", false}, {"bob", Read, ":.lib:ac", false}, {"bob", Read, "abc", false},
		{"nobody", Read, "public-x", true}, {"nobody", Read, "orders-value", false}, {"nobody", Metadata, "", false}, {"nobody", Read, ":.lib:abc", false},
		{"bob", Read, "public-x", false}, {"named anonymous", Read, "public-x", false},
	} {
		if got := callers[tc.who].May(tc.verb, tc.subject); got != tc.want {
			t.Errorf("%s may %v %q: %v", tc.who, tc.verb, tc.subject, got)
		}
	}
	if !callers["root"].MayEverywhere(Read) || callers["alice"].MayEverywhere(ConfigRead) {
		t.Error("everywhere is not what a grant for all contexts and subjects gives")
	}
	if !callers["alice"].Sees(".staging1") || callers["alice"].Sees(".prod") || !callers["root"].Sees(".prod") {
		t.Error("contexts are not seen by their grants")
	}
	var none *Caller
	if !none.May(PermanentDelete, "x") || !none.MayEverywhere(Read) || none.Hides() {
		t.Error("without access control not everyone may everything")
	}
	if c := (*Policy)(nil).caller("x", Basic, nil); !c.May(PermanentDelete, ":.a:b") {
		t.Error("without a policy one who is authenticated may not everything")
	}
	if c := (*Policy)(nil).caller("", Anonymous, nil); c.May(Read, "x") || c.SeesAny() {
		t.Error("without a policy one who shows nothing is let in")
	}
}

func TestGlob(t *testing.T) {
	for _, tc := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a", true}, {"a", "a", true}, {"a", "ab", false}, {"a*", "a", true}, {"*a", "ba", true}, {"*a", "ab", false},
		{"a*a", "a", false}, {"a*a", "aa", true}, {"a**b", "ab", true}, {"*a*b*", "xaxbx", true}, {"*a*b*", "ba", false}, {"a*bc*bc", "abcbc", true}, {"a*bc*bc", "abc", false}, {".*", ".x", true}, {".*", "x", false},
	} {
		if got := newGlob(tc.pattern).match(tc.s); got != tc.want {
			t.Errorf("%q matches %q: %v", tc.pattern, tc.s, got)
		}
	}
}

func TestPolicyFaults(t *testing.T) {
	grant := "grants:\n  - {who: user:a, may: read, subjects: a}\n"
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"empty":               {"", []string{"p.yaml: is empty"}},
		"only a comment":      {"# nothing\n", []string{"p.yaml: is empty"}},
		"no YAML":             {"grants:\n  - {who: [\n", []string{"p.yaml:2: is not YAML: did not find expected node content"}},
		"a tab":               {"grants:\n\t- x", []string{"p.yaml:2: is not YAML: found character that cannot start any token"}},
		"a list":              {"- a\n", []string{"p.yaml:1:1: expects keys below it, not a list"}},
		"no grants":           {"hide: true\n", []string{"p.yaml:1:1: grants: is required"}},
		"unknown key":         {"grnats: []\n" + grant, []string{"p.yaml:1:1: grnats: is not a known key; did you mean grants?"}},
		"unknown key below":   {"grants:\n  - who: user:a\n    may: read\n    subject: a\n", []string{"p.yaml:2:5: grants[0].subjects: is required", "p.yaml:4:5: grants[0].subject: is not a known key; did you mean subjects?"}},
		"unknown verb":        {"grants:\n  - {who: user:a, may: [read, raed], subjects: a}\n", []string{`p.yaml:2:31: grants[0].may[1]: "raed" is no verb; did you mean read?`}},
		"verb of no kind":     {"grants:\n  - {who: user:a, may: [zzzzzz], subjects: a}\n", []string{`p.yaml:2:25: grants[0].may[0]: "zzzzzz" is no verb: there are read, register, import, delete, permanent-delete, compatibility, config-read, config-write, mode-read, mode-write, context-delete, association-read, association-write, metrics, metadata, all, write, config, mode, associations`}},
		"who of no kind":      {"grants:\n  - {who: [alice, 'role:x', 'user:'], may: read, subjects: a}\n", []string{`p.yaml:2:12: grants[0].who[0]: "alice" is none of user:NAME, group:NAME and anonymous`, `p.yaml:2:19: grants[0].who[1]: "role:x" is none of user:NAME, group:NAME and anonymous`, `p.yaml:2:29: grants[0].who[2]: "user:" is none of user:NAME, group:NAME and anonymous`}},
		"set twice":           {grant + "grants: []\n", []string{"p.yaml:3:1: grants: is set twice"}},
		"context in subject":  {"grants:\n  - {who: user:a, may: read, subjects: ':.ctx:a'}\n", []string{"p.yaml:2:40: grants[0].subjects[0]: the context of subjects goes into the grant's context"}},
		"colon in context":    {"grants:\n  - {who: user:a, may: read, subjects: a, context: 'a:b'}\n", []string{"p.yaml:2:52: grants[0].context[0]: a context has no colon inside"}},
		"hide":                {"hide: perhaps\n" + grant, []string{"p.yaml:1:7: hide: expects true or false"}},
		"empty list":          {"grants:\n  - {who: [], may: read, subjects: a}\n", []string{"p.yaml:2:11: grants[0].who: is an empty list: it expects user:NAME, group:NAME or anonymous"}},
		"a mapping for words": {"grants:\n  - {who: {a: b}, may: read, subjects: a}\n", []string{"p.yaml:2:11: grants[0].who: expects a list, not a mapping"}},
		"null":                {"grants:\n  - {who: user:a, may: read, subjects: [~]}\n", []string{"p.yaml:2:41: grants[0].subjects[0]: expects a subject, not nothing"}},
		"alias":               {"groups: {a: &x [b]}\ngrants:\n  - {who: user:a, may: read, subjects: *x}\n", []string{"p.yaml:3:40: grants[0].subjects: expects a list, not an alias"}},
		"two documents":       {grant + "---\n" + grant, []string{"p.yaml:3:1: begins a second document: a file holds one"}},
		"groups":              {"groups: [a]\n" + grant, []string{"p.yaml:1:9: groups: expects group names below it, not a list"}},
		"too long":            {grant + strings.Repeat("#", maxPolicy), []string{"p.yaml: is longer than 1048576 bytes"}},
		"too deep":            {strings.Repeat("[", 60_000), []string{"p.yaml: nests deeper than a policy does"}},
	} {
		_, err := ParsePolicy("p.yaml", []byte(tc.text))
		if err == nil || err.Error() != strings.Join(tc.want, "\n") {
			t.Errorf("%s:\n%v\nwant\n%s", name, err, strings.Join(tc.want, "\n"))
		}
	}
	var many strings.Builder
	for range 500 {
		many.WriteString("  - {}\n")
	}
	_, err := ParsePolicy("p.yaml", []byte("grants:\n"+many.String()))
	if n := strings.Count(err.Error(), "\n"); n != maxFaults-1 {
		t.Errorf("%d faults are told", n+1)
	}
}

func TestOnBehalf(t *testing.T) {
	p := policy(t, shopPolicy)
	header := p.caller("carol", Certificate, []string{"orders-team"}).Header()
	c, err := p.caller("node-1", Certificate, nil).behalf(header)
	if err != nil || c.Name != "carol" || c.Node != "node-1" || !c.May(Register, "orders-value") || c.May(Register, "other") {
		t.Errorf("a node speaks for %v: %v", c, err)
	}
	for name, from := range map[string]*Caller{"another user": p.caller("root", Basic, nil), "nobody": p.caller("", Anonymous, nil), "without a policy": (*Policy)(nil).caller("node-1", Basic, nil)} {
		if _, err := from.behalf(header); err == nil {
			t.Errorf("%s speaks for others", name)
		}
	}
	for _, bad := range []string{"", "!", "e30", "eyJuYW1lIjoiIiwibWV0aG9kIjoiYmFzaWMifQ"} {
		if _, err := p.caller("node-1", Basic, nil).behalf(bad); err == nil {
			t.Errorf("%q names somebody", bad)
		}
	}
}
