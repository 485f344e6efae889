package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/schemas"
)

var fence = regexp.MustCompile("(?ms)^```(\\S+) (\\S+)( main)?\n(.*?)^```$")

// TestSchemaDocs makes the files of docs/schema-check.md and runs its examples: those marked main are committed first.
func TestSchemaDocs(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "schema-check.md"))
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	git("init", "-q", "-b", "main")
	ran, written := 0, 0
	for _, m := range fence.FindAllStringSubmatch(string(doc), -1) {
		if file, ok := strings.CutPrefix(m[2], "file="); ok {
			if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(m[4]), 0o666); err != nil {
				t.Fatal(err)
			}
			if m[3] != "" {
				git("add", file)
				git("commit", "-q", "-m", "one")
			}
			written++
			continue
		}
		command, want, _ := strings.Cut(m[4], "\n")
		var out, errs bytes.Buffer
		code := run(strings.Fields(strings.TrimPrefix(command, "$ millrace ")), &out, &errs)
		if got := out.String() + errs.String(); got != want || "exit="+strconv.Itoa(code) != m[2] {
			t.Errorf("%s\ngot code %d and\n%s\nwant %s and\n%s", command, code, got, m[2], want)
		}
		ran++
	}
	if ran < 2 || written < 3 {
		t.Errorf("%d examples ran on %d files", ran, written)
	}
	for _, name := range []string{"order", "customer"} { // what the manifest names
		text := `{"type": "record", "name": "` + name + `", "fields": []}`
		if err := os.WriteFile(filepath.Join("shop", name+".avsc"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := schemas.Load(schemas.Options{Args: []string{"shop"}})
	if err != nil {
		t.Fatal(err)
	}
	if f := set.Files[0]; f.Subject != "orders-value" || f.Level != "FULL" || len(f.References) != 1 || set.Files[1].Level != "BACKWARD_TRANSITIVE" {
		t.Errorf("the manifest is read as %+v", f)
	}
}
