package schemas

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
)

// TestLenient holds that the registry's policy is the one that files are judged under, whoever names the level.
func TestLenient(t *testing.T) {
	const before, after = `{"type": "object", "properties": {}}`, `{"type": "object", "properties": {"a": {"type": "string"}}}`
	for _, c := range []struct {
		name      string
		config    [][2]string // path and body
		level     compat.Level
		text      string
		wantRules string
	}{
		{"strict", nil, "", after, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"},
		{"said to be strict", [][2]string{{"/config/a", `{"compatibilityPolicy": "STRICT"}`}}, "", after, "OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL"},
		{"the subject's", [][2]string{{"/config/a", `{"compatibilityPolicy": "LENIENT"}`}}, "", after, ""},
		{"the registry's", [][2]string{{"/config", `{"compatibilityPolicy": "LENIENT"}`}}, "", after, ""},
		{"the registry's beside the subject's level", [][2]string{{"/config", `{"compatibilityPolicy": "LENIENT"}`}, {"/config/a", `{"compatibility": "FULL"}`}}, "", after, ""},
		{"at another level", [][2]string{{"/config/a", `{"compatibilityPolicy": "LENIENT"}`}}, compat.Full, after, ""},
		{"what is broken all the same", [][2]string{{"/config/a", `{"compatibilityPolicy": "LENIENT"}`}}, "", `{"type": "array"}`, "TYPE_CHANGED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := registrytest.NewServer(t)
			reg, err := client.New(client.Config{URLs: []string{server.URL}})
			if err != nil {
				t.Fatal(err)
			}
			defer reg.Close()
			if _, err := reg.Register(t.Context(), "a", client.Schema{Type: schema.JSON, Text: before}, false); err != nil {
				t.Fatal(err)
			}
			for _, set := range c.config {
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, server.URL+set[0], strings.NewReader(set[1]))
				if err != nil {
					t.Fatal(err)
				}
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					t.Fatalf("%v: %s", set, resp.Status)
				}
			}
			file := filepath.Join(t.TempDir(), "a.json")
			if err := os.WriteFile(file, []byte(c.text), 0o666); err != nil {
				t.Fatal(err)
			}
			set, err := Load(Options{Args: []string{file}, Level: c.level})
			if err != nil {
				t.Fatal(err)
			}
			r := Check(t.Context(), set, &Registry{reg}, CheckOptions{}).Files[0]
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
			}
			if got := strings.Join(rules, " "); got != c.wantRules || r.Error != "" {
				t.Errorf("rules %q, want %q: %+v", got, c.wantRules, r)
			}
			// The registry says the same.
			if c.level == "" {
				ok, lines, err := reg.Compatible(t.Context(), "a", "latest", client.Schema{Type: schema.JSON, Text: c.text})
				if err != nil || ok != (c.wantRules == "") {
					t.Errorf("the registry says %v %v %v", ok, lines, err)
				}
			}
		})
	}
}
