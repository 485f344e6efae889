package all_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/all"
)

var update = flag.Bool("update", false, "write the tables of docs/pipeline.md anew")

const (
	pipelineDocs = "../../docs/pipeline.md"
	readme       = "../../README.md"
)

var (
	table    = regexp.MustCompile(`(?s)<!-- (source|sink)\.(\w+) -->\n.*?<!-- end -->`)
	yamlCode = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	docKey   = regexp.MustCompile("`([a-z_.]+)`")
)

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestPipelineDocs holds the tables of keys to the Specs.
func TestPipelineDocs(t *testing.T) {
	parts := all.Parts()
	have := read(t, pipelineDocs)
	seen := 0
	want := table.ReplaceAllStringFunc(have, func(s string) string {
		m := table.FindStringSubmatch(s)
		part, ok := parts.Sources[m[2]]
		if m[1] == "sink" {
			part, ok = parts.Sinks[m[2]]
		}
		if !ok {
			t.Errorf("there is no %s.%s", m[1], m[2])
		}
		seen++
		return fmt.Sprintf("<!-- %s.%s -->\n%s<!-- end -->", m[1], m[2], keys(part.Spec))
	})
	if seen != len(parts.Sources)+len(parts.Sinks) {
		t.Errorf("%d tables for %d sources and %d sinks", seen, len(parts.Sources), len(parts.Sinks))
	}
	if want == have {
		return
	}
	if !*update {
		t.Fatalf("the tables of %s are not what the Specs render: run go test ./connectors/all -run TestPipelineDocs -update", pipelineDocs)
	}
	if err := os.WriteFile(pipelineDocs, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// keys renders the options that have a key.
func keys(spec config.Spec) string {
	types := map[config.Type]string{config.Int: "number", config.Long: "number", config.Double: "number", config.Bool: "true or false", config.List: "list", config.Password: "secret"}
	var b strings.Builder
	b.WriteString("| key | type | default | what |\n|---|---|---|---|\n")
	for _, o := range spec {
		if o.Key == "" {
			continue
		}
		typ, def, text := types[o.Type], "", o.Doc
		if typ == "" {
			typ = "text"
		}
		if values := slices.DeleteFunc(slices.Clone(o.Enum), func(s string) bool {
			return s == "" || o.Unsupported != "" && !slices.Contains(o.Allowed, s)
		}); len(values) > 0 {
			text += " One of `" + strings.Join(values, "`, `") + "`."
		}
		switch {
		case o.Required:
			def = "required"
		case o.Default != "":
			def = "`" + o.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", o.Key, typ, def, strings.ReplaceAll(text, "|", `\|`))
	}
	return b.String()
}

// TestExamplesAreRead holds every YAML block of the documentation to what reads it.
func TestExamplesAreRead(t *testing.T) {
	lookup := config.Lookup{
		Env:      func(string) (string, bool) { return "secret", true },
		ReadFile: func(string) ([]byte, error) { return []byte("secret\n"), nil },
	}
	for _, file := range []string{pipelineDocs, readme} {
		blocks := yamlCode.FindAllStringSubmatch(read(t, file), -1)
		if len(blocks) == 0 {
			t.Errorf("%s has no example", file)
		}
		for _, m := range blocks {
			if _, err := config.ReadPipeline(file, []byte(m[1]), all.Parts(), lookup); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestEveryKeyIsDocumented asks the reader, by a key that there is not, which keys there are, and looks each up.
func TestEveryKeyIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, line := range strings.Split(read(t, pipelineDocs), "\n") {
		if first, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok {
			for _, m := range docKey.FindAllStringSubmatch(first, -1) {
				documented[m[1]] = true
			}
		}
	}
	for _, at := range []string{"", "registry", "format", "offsets", "offsets.kafka", "errors"} {
		file, indent := "", ""
		for part := range strings.SplitSeq(at, ".") {
			if part != "" {
				file += indent + part + ":\n"
				indent += "  "
			}
		}
		_, err := config.ReadPipeline("f.yaml", []byte(file+indent+"qqqqqqqqqqqqqq: 1\n"), all.Parts(), config.Lookup{})
		if err == nil {
			t.Fatal("an unknown key is accepted")
		}
		_, list, ok := strings.Cut(err.Error(), "is not a known key; there are ")
		if !ok {
			t.Fatalf("%q: %v", at, err)
		}
		list, _, _ = strings.Cut(list, "\n")
		for name := range strings.SplitSeq(list, ", ") {
			key := name
			if at != "" {
				key = at + "." + name
			}
			// A key that only holds others is documented by them.
			if !documented[key] && !slices.ContainsFunc(keysOf(documented), func(k string) bool { return strings.HasPrefix(k, key+".") }) {
				t.Errorf("%s is not in %s", key, pipelineDocs)
			}
		}
	}
}

func keysOf(m map[string]bool) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	return out
}
