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

// TestLogicalPolicy judges files under the policy LOGICAL by the flag, the manifest and the registry.
func TestLogicalPolicy(t *testing.T) {
	const before = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": ["null", "int"], "default": null}]}`
	const after = `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}`
	for _, c := range []struct {
		name, manifest, text string
		policy               compat.Policy
		status               Status
		rules                string
	}{
		{name: "by nobody", text: after, status: Compatible},
		{name: "by the flag", text: after, policy: compat.PolicyLogical, status: Incompatible, rules: "FIELD_DELETED"},
		{name: "by the manifest", text: after, manifest: "policy: logical\nschemas:\n  - file: r.avsc\n", status: Incompatible, rules: "FIELD_DELETED"},
		{name: "by a schema's", text: after, manifest: "policy: STRICT\nschemas:\n  - {file: r.avsc, policy: LOGICAL}\n", status: Incompatible, rules: "FIELD_DELETED"},
		{name: "the flag before the manifest", text: after, manifest: "policy: LOGICAL\nschemas:\n  - file: r.avsc\n", policy: compat.PolicyStrict, status: Compatible},
		{name: "what is wrong by itself", policy: compat.PolicyLogical, status: Incompatible, rules: "FIELD_NAME_CASE_COLLISION",
			text: `{"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}, {"name": "b", "type": ["null", "int"], "default": null}, {"name": "A", "type": ["null", "int"], "default": null}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			old, dir := t.TempDir(), t.TempDir()
			args := []string{filepath.Join(dir, "r.avsc")}
			files := map[string]string{filepath.Join(old, "r.avsc"): before, args[0]: c.text}
			if c.manifest != "" {
				files[filepath.Join(dir, ManifestName)] = c.manifest
				args = []string{dir}
			}
			for name, text := range files {
				if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			set, err := Load(Options{Args: args, Policy: c.policy})
			if err != nil {
				t.Fatal(err)
			}
			past, err := OpenPast(t.Context(), "dir:"+old, set)
			if err != nil {
				t.Fatal(err)
			}
			r := Check(t.Context(), set, past, CheckOptions{}).Files[0]
			var rules []string
			for _, f := range r.Findings {
				rules = append(rules, f.Rule)
				if f.Message == "" || strings.Contains(f.Message, "errorType") {
					t.Errorf("a finding says %q", f.Message)
				}
			}
			if got := strings.Join(rules, " "); got != c.rules || r.Status != c.status {
				t.Errorf("%s with %q, want %s with %q: %+v", r.Status, got, c.status, c.rules, r)
			}
		})
	}
	if _, err := Load(Options{Args: []string{manifest(t, "policy: SOFT\nschemas: []\n")}}); err == nil || !strings.Contains(err.Error(), `expects one of [STRICT LENIENT LOGICAL], not "SOFT"`) {
		t.Errorf("a policy that is none: %v", err)
	}
}

func manifest(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ManifestName), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}
