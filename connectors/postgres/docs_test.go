package postgres

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/config"
)

var update = flag.Bool("update", false, "write docs/debezium-postgres-options.md anew")

const docsFile = "../../docs/debezium-postgres-options.md"

const docsHead = `# Options of the PostgreSQL connector
Every option of Debezium 3.6's ` + "`io.debezium.connector.postgresql.PostgresConnector`" + `, and of any Kafka Connect source, with what Millrace makes of it.
Rendered from the connector's Spec by ` + "`go test ./connectors/postgres -run TestDocs -update`" + `; the same test fails when the page differs.

| mark | meaning |
|---|---|
| yes | does what it does in Debezium |
| in part | the values named are done, others are refused with the reason |
| no effect | accepted, and changes nothing, for the reason given |
| refused | any value but those named is refused, by name and with HTTP 400: nothing is ignored in silence |

An option that is not in these tables is refused, too, and the message names the nearest that is. ` + "`*`" + ` stands for any characters. Values may hold references to
config providers, such as ` + "`${file:/run/secrets/pg.properties:password}`" + ` or ` + "`${env:PGPASSWORD}`" + `. [pipeline.md](pipeline.md) has the keys of pipeline files.
`

// TestDocs holds the page to the Spec.
func TestDocs(t *testing.T) {
	want := docs()
	if *update {
		if err := os.WriteFile(docsFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(docsFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != want {
		t.Errorf("%s is not what the Spec renders: run go test ./connectors/postgres -run TestDocs -update", docsFile)
	}
}

func docs() string {
	var b strings.Builder
	b.WriteString(docsHead)
	own := Spec()[len(config.SourceOptions()):]
	counts := map[string]int{}
	for _, o := range own {
		mark, _ := does(o)
		counts[mark]++
	}
	fmt.Fprintf(&b, "\nOf these %d: %d yes, %d in part, %d without effect, %d refused.\n", len(own), counts["yes"], counts["in part"], counts["no effect"], counts["refused"])
	table(&b, own, "")
	b.WriteString("\n# Options of every source\n")
	table(&b, config.SourceOptions(), "")
	return b.String()
}

// table writes a table for each group.
func table(b *strings.Builder, spec config.Spec, group string) {
	for _, o := range spec {
		if o.Group != group {
			group = o.Group
			fmt.Fprintf(b, "\n## %s\n| option | default | | |\n|---|---|---|---|\n", group)
		}
		mark, text := does(o)
		def := ""
		switch {
		case o.Required:
			def = "required"
		case o.Default != "":
			def = "`" + o.Default + "`"
		}
		name := "`" + o.Name + "`"
		for _, a := range o.Aliases {
			name += ", `" + a + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", name, cell(def), mark, cell(text))
	}
}

// does returns an option's mark and what there is to say.
func does(o config.Option) (mark, text string) {
	values := slices.DeleteFunc(slices.Clone(o.Allowed), func(s string) bool { return s == "" })
	switch {
	case o.NoEffect != "":
		return "no effect", because(o.Doc, o.NoEffect)
	case o.Unsupported == "":
		text = o.Doc
		if len(o.Enum) > 0 {
			text += " One of `" + strings.Join(o.Enum, "`, `") + "`."
		}
		return "yes", text
	case len(o.Enum) > 0 && o.Key != "" || len(values) > 1:
		return "in part", because(o.Doc+" Done: `"+strings.Join(values, "`, `")+"`.", o.Unsupported)
	}
	text = because(o.Doc, o.Unsupported)
	if len(values) > 0 {
		text += "; accepted: `" + strings.Join(values, "`, `") + "`"
	}
	return "refused", text
}

func because(doc, reason string) string {
	if doc == "" {
		return reason
	}
	return strings.TrimSuffix(doc, ".") + " — " + reason
}

func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
