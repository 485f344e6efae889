package registry_test

import (
	"strconv"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// TestVersionPropertyInLookups holds what the property confluent:version does to a comparison: it may be missing on either side, and
// a client's must be the version's own number then. Both numbers must agree where both have one.
func TestVersionPropertyInLookups(t *testing.T) {
	reg, err := registry.Open(t.Context(), memlog.New(), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer reg.Close()
	candidate := func(m *registry.Metadata) registry.Candidate {
		return registry.Candidate{NoType: true, Content: registry.Content{Text: `"int"`, Metadata: m}}
	}
	property := func(n string) *registry.Metadata {
		return &registry.Metadata{Properties: map[string]string{registry.VersionProperty: n}}
	}
	for subject, m := range map[string]*registry.Metadata{"without": nil, "with": property("1")} {
		if _, err := reg.Register(t.Context(), subject, registry.Registration{Candidate: candidate(m)}); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		subject string
		m       *registry.Metadata
		found   bool
	}{
		{"without", nil, true}, {"without", property("1"), true}, {"without", property("2"), false},
		{"with", nil, true}, {"with", &registry.Metadata{}, true}, {"with", property("1"), true}, {"with", property("2"), false},
		{"with", &registry.Metadata{Properties: map[string]string{"k": "v"}}, false},
	} {
		v, err := reg.Lookup(c.subject, candidate(c.m), false, false)
		if found := err == nil; found != c.found || found && v.Number != 1 {
			t.Errorf("%s version property, asked with %s: %s", c.subject, m(c.m), strconv.FormatBool(found))
		}
	}
}

func m(m *registry.Metadata) string {
	if m == nil {
		return "no metadata"
	}
	return "properties " + strconv.Quote(m.Properties[registry.VersionProperty])
}
