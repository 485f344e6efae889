package access

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityDocs reads the policy of docs/security.md, and finds every verb in it.
func TestSecurityDocs(t *testing.T) {
	doc, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml policy\n(.*?)```").FindSubmatch(doc)
	if m == nil {
		t.Fatal("docs/security.md has no policy")
	}
	p, err := ParsePolicy("docs/security.md", m[1])
	if err != nil {
		t.Fatal(err)
	}
	if !p.caller("svc-1", Basic, nil).May(Delete, "orders-value") || !p.caller("root", Basic, nil).MayEverywhere(Import) {
		t.Error("the policy does not do what it says")
	}
	for _, word := range verbWords() {
		if !strings.Contains(string(doc), "`"+word+"`") {
			t.Errorf("docs/security.md says nothing of %s", word)
		}
	}
}
