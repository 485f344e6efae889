package config_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/config"
)

// TestHostileYAML holds what no configuration is to an error, with a place where there is one, and to little time.
func TestHostileYAML(t *testing.T) {
	laughs := func() string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
		for i := 1; i < 10; i++ {
			prev := fmt.Sprintf("*a%d", i-1)
			fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(prev+", ", 10), ", "))
		}
		return b.String() + "name: *a9\n"
	}
	mappings := func() string {
		var b strings.Builder
		b.WriteString("a0: &a0 {x: 1}\n")
		for i := 1; i < 30; i++ {
			fmt.Fprintf(&b, "a%d: &a%d {l: *a%d, r: *a%d}\n", i, i, i-1, i-1)
		}
		return b.String()
	}
	indented := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.Repeat(" ", i) + "a:\n")
		}
		return b.String()
	}
	for _, c := range []struct {
		name, text, want string
	}{
		{"empty", "", "f.yaml: is empty"},
		{"comments only", "# nothing\n", "is empty"},
		{"not YAML", "name: [\nsource", "f.yaml:2: is not YAML"},
		{"a tab", "name: x\n\tsource: y\n", "f.yaml:2: is not YAML"},
		{"bytes that are no text", "name: \xff\xfe\x00", "is not YAML"},
		{"a control character", "name: a\x00b\n", "is not YAML"},
		{"an unknown anchor", "name: *nowhere\n", "is not YAML"},
		{"a list", "[1, 2]\n", "expects keys below it, not a list"},
		{"a word", "hello\n", "expects keys below it, not a plain value"},
		{"two documents", "name: x\n---\nname: y\n", "begins a second document"},
		{"a key that is a mapping", "? {a: b}\n: c\n", "has a key that is not a plain word"},
		{"brackets without end", strings.Repeat("[", 200_000), "nested deeper"},
		{"braces without end", "a: " + strings.Repeat("{a: ", 100_000), "nested deeper"},
		{"deep lists", "name: " + strings.Repeat("[", 900) + strings.Repeat("]", 900) + "\n", "not a list"},
		{"deep blocks", "source:\n" + strings.ReplaceAll(" "+indented(600), "\n", "\n "), "source"},
		{"dashes", "source: \n  " + strings.Repeat("- ", 5000) + "x\n", ""},
		{"lists by aliases", laughs(), "a0: is not a known key"},
		{"mappings by aliases", mappings(), "is not a known key"},
		{"a mapping that holds itself", "source: &s {postgres: *s}\nname: x\nsink: *s\n", ""},
		{"long", "# " + strings.Repeat("x", 2<<20), "longer than"},
		{"many keys", strings.Repeat("k: 1\n", 50_000), ""},
		{"a long key", strings.Repeat("k", 100_000) + ": 1\n", "not YAML"},
		{"a long unknown key", strings.Repeat("k", 1000) + ": 1\n", "is not a known key"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, read := range map[string]func() error{
				"pipeline": func() error { _, err := config.ReadPipeline("f.yaml", []byte(c.text), parts(), lookup()); return err },
				"worker":   func() error { _, err := config.ReadWorker("f.yaml", []byte(c.text), lookup()); return err },
			} {
				began := time.Now()
				err := read()
				if took := time.Since(began); took > 20*time.Second {
					t.Errorf("it takes %s", took)
				}
				var faults config.FaultsError
				if !errors.As(err, &faults) || len(faults) == 0 {
					t.Fatalf("the error is %v", err)
				}
				if len(err.Error()) > 1<<20 {
					t.Errorf("the error has %d bytes", len(err.Error()))
				}
			}
			_, err := config.ReadPipeline("f.yaml", []byte(c.text), parts(), lookup())
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%q is not in: %.300s", c.want, err)
			}
		})
	}
}

// FuzzReadPipeline holds the reader to an answer: a pipeline whose connector its own Spec takes, or faults.
func FuzzReadPipeline(f *testing.F) {
	f.Add(whole)
	f.Add("name: x\nsource: {postgres: {hostname: *a}}\n")
	f.Add("a: &a {b: *a}\n")
	f.Add("name: ${:-}\nsink: {kafka: {brokers: [${a:b:c}]}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := config.ReadPipeline("f", []byte(text), parts(), lookup())
		if err != nil {
			var faults config.FaultsError
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("the error is %v", err)
			}
			return
		}
		resolved, faults := lookup().Resolve(p.ConnectorConfig())
		if len(faults) > 0 {
			t.Fatalf("its references do not resolve: %v", faults)
		}
		delete(resolved, "producer.override.bootstrap.servers")
		if _, faults := parts().Sources[p.Source.Kind].Spec.Parse(resolved); len(faults) > 0 {
			t.Fatalf("its connector is refused: %v", faults)
		}
	})
}

// FuzzReadProperties holds the reader to lines and keys of the text.
func FuzzReadProperties(f *testing.F) {
	f.Add("a=b\n# c\nd:e\\\n  f\n")
	f.Add("\\u00e9=\\ud83d\\ude00\n")
	f.Fuzz(func(t *testing.T, text string) {
		props, _ := config.ReadProperties("f", []byte(text))
		last := 0
		for _, p := range props {
			if p.Line <= last || p.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 {
				t.Fatalf("line %d after %d", p.Line, last)
			}
			last = p.Line
		}
	})
}
