package millrace_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/millrace/millrace/"

// rules says what packages may import of ours: the first rule whose prefix matches decides. ARCHITECTURE.md gives the
// reasons.
var rules = []struct {
	pkg   string   // a package, or with a trailing slash everything below it
	allow []string // prefixes; nil: nothing of ours
}{
	{"compat/schema", nil},
	{"compat/logical/", []string{"compat"}},
	{"compat/", []string{"compat/schema", "compat/avro"}},
	{"compat", []string{"compat/schema"}},
	{"registry/client", []string{"compat/schema", "registry/wire"}},
	{"registry/wire", nil},
	{"registry/", []string{"registry", "compat"}},
	{"registry", []string{"compat"}},
	{"connect/record", nil},
	{"connect/config", nil},
	{"connect/convert/byname", []string{"connect/convert", "connect/record", "connect/config", "compat", "registry/client", "registry/wire"}},
	{"connect/convert/", []string{"connect/convert", "connect/record", "compat", "registry/client", "registry/wire"}},
	{"connect/convert", []string{"connect/record", "registry/wire"}},
	{"connect/offset/", []string{"connect/offset", "connect/record", "connect/atomicfile", "connect/compacted"}},
	{"connect/offset", []string{"connect/record"}},
	{"connect/rest", []string{"connect"}},
	{"connect/runtime", []string{"connect", "connect/record", "connect/config", "connect/convert", "connect/transform", "connect/offset", "connect/state"}},
	{"connect/", []string{"connect"}},
	{"connect", []string{"connect/record", "connect/config"}},
	{"cdc/", []string{"connect/record", "cdc"}},
	{"cdc", []string{"connect/record"}},
	{"connectors/all", []string{"connect", "connectors"}},
	{"connectors/", []string{"connect", "cdc"}}, // and their own tree, see below
	{"cmd/", []string{""}},
	{"ui", nil},
	{"test/", []string{""}},
}

// TestImports holds the import rules over every package, tests left out.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		pkg := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			server := imp == "net/http" && !slices.ContainsFunc([]string{"registry/rest", "registry/client", "registry/transfer", "registry/registrytest", "registry/access", "connect/rest", "connect/convert/", "cmd/", "ui", "test/"}, func(s string) bool { return strings.HasPrefix(pkg, s) })
			if server || imp == "flag" && !strings.HasPrefix(pkg, "cmd/") && !strings.HasPrefix(pkg, "test/") {
				t.Errorf("%s must not import %s", pkg, imp)
			}
			ours, ok := strings.CutPrefix(imp, module)
			if !ok {
				continue
			}
			if strings.HasPrefix(ours, "cmd/") && !strings.HasPrefix(pkg, "cmd/") {
				t.Errorf("%s imports %s: nobody but commands imports cmd", pkg, ours)
			}
			if !allowed(t, pkg, ours) {
				t.Errorf("%s must not import %s", pkg, ours)
			}
		}
	}
}

func allowed(t *testing.T, pkg, imp string) bool {
	for _, r := range rules {
		if pkg != r.pkg && (!strings.HasSuffix(r.pkg, "/") || !strings.HasPrefix(pkg, r.pkg)) {
			continue
		}
		if rest, ok := strings.CutPrefix(pkg, "connectors/"); ok && r.pkg == "connectors/" {
			own := "connectors/" + strings.SplitN(rest, "/", 2)[0]
			if imp == own || strings.HasPrefix(imp, own+"/") {
				return true
			}
		}
		for _, a := range r.allow {
			if a == "" || imp == a || strings.HasPrefix(imp, a+"/") {
				return true
			}
		}
		return false
	}
	t.Errorf("no import rule for package %s: add one to imports_test.go and ARCHITECTURE.md", pkg)
	return true
}
