package native_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/schema"
)

// shown reads DDL and prints it.
func shown(t *testing.T, script string) string {
	t.Helper()
	parsed, err := ddl.Parse(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	s, err := parsed.Schema()
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	text, err := ddl.Print(s)
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	return text
}

// through writes DDL as a language and shows what that says; the error is the refusal.
func through(t *testing.T, to schema.Type, script string, refs []schema.Reference, resolved map[string]string) (string, error) {
	t.Helper()
	parsed, err := native.Parse(script)
	if err != nil {
		t.Fatalf("%v\n%s", err, script)
	}
	d, err := parsed.Document(to, "s", refs, resolved)
	if err != nil {
		mustRefuse(t, err)
		if strings.Contains(err.Error(), "Invalid logical type schema") {
			t.Fatalf("%v\n%s", err, script)
		}
		return "", err
	}
	s, err := parse(to, d.Text, resolved)
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", to, err, script, d.Text)
	}
	source := native.Source{Schema: s, Resolved: resolved, Properties: d.Properties}
	text, err := source.DDL()
	if err != nil {
		t.Fatalf("%s: %v\n%s\n%s", to, err, script, d.Text)
	}
	native.Judge(source)
	return text, nil
}

// TestLost holds that DDL comes back from every language but for what testdata/lost.txt says, that nothing more is lost of what came
// back, and that the documentation says all of it.
func TestLost(t *testing.T) {
	file, err := os.ReadFile("testdata/lost.txt")
	if err != nil {
		t.Fatal(err)
	}
	said := make(map[schema.Type][]string)
	for _, block := range strings.Split(string(file), "\n== ")[1:] {
		title, rest, _ := strings.Cut(block, "\n")
		script, wants := cases(rest)
		for _, language := range languages {
			want := wants[language]
			if want.script == "" {
				want.script = script
			}
			got, err := through(t, language, script, nil, nil)
			if refusal, ok := strings.CutPrefix(want.phrase, "refused: "); ok {
				if err == nil || !strings.HasPrefix(err.Error(), refusal) {
					t.Errorf("%s, %s: %v, want %s\n%s", title, language, err, refusal, got)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", title, language, err)
				continue
			}
			if want := shown(t, want.script); got != want {
				t.Errorf("%s, %s\n%s\nwant\n%s", title, language, got, want)
			}
			if again, err := through(t, language, got, nil, nil); again != got {
				t.Errorf("%s, %s: %v\n%s\nand then\n%s", title, language, err, got, again)
			}
			if want.phrase != "" && !strings.HasPrefix(want.phrase, "same") && !slices.Contains(said[language], want.phrase) {
				said[language] = append(said[language], want.phrase)
			}
		}
	}
	for language, phrases := range said {
		documented := lostRow(t, language)
		slices.Sort(phrases)
		slices.Sort(documented)
		if !slices.Equal(phrases, documented) {
			t.Errorf("%s: docs/logical-types.md says that it loses\n%s\nand it loses\n%s", language,
				strings.Join(documented, "\n"), strings.Join(phrases, "\n"))
		}
	}
}

// outcome is what a language makes of a script: what is lost, in words, and what comes back.
type outcome struct{ phrase, script string }

// cases returns the script of a block and the outcomes by language.
func cases(block string) (script string, wants map[schema.Type]outcome) {
	wants = make(map[schema.Type]outcome)
	var language schema.Type
	for line := range strings.Lines(block) {
		if word, phrase, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok && slices.Contains(languages, schema.Type(word)) {
			language = schema.Type(word)
			wants[language] = outcome{phrase: phrase}
			continue
		}
		if language == "" {
			script += line
			continue
		}
		w := wants[language]
		w.script = strings.TrimSpace(w.script + line)
		wants[language] = w
	}
	return script, wants
}

// lostRow returns what the documentation says that a language loses.
func lostRow(t *testing.T, language schema.Type) []string {
	t.Helper()
	text, err := os.ReadFile("../../../docs/logical-types.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[schema.Type]string{schema.Avro: "Avro", schema.JSON: "JSON Schema", schema.Protobuf: "Protobuf"}
	_, table, _ := strings.Cut(string(text), "| language | loses |\n")
	for line := range strings.Lines(table) {
		if row, ok := strings.CutPrefix(line, "| "+names[language]+" | "); ok {
			return strings.Split(strings.TrimSuffix(strings.ReplaceAll(strings.TrimSpace(row), "`", ""), " |"), "; ")
		}
	}
	t.Fatalf("no row of %s", language)
	return nil
}
