package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/spf13/cobra"
)

// TestRegistryFlags holds all commands to one spelling of how a registry is reached.
func TestRegistryFlags(t *testing.T) {
	var found []string
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, url := range []string{"registry", "from"} {
			if c.Flags().Lookup(url) == nil {
				continue
			}
			found = append(found, c.CommandPath()+" --"+url)
			for _, name := range []string{"username", "password", "token", "ca", "cert", "key"} {
				if c.Flags().Lookup(url+"-"+name) == nil {
					t.Errorf("%s has --%s and no --%s-%s", c.CommandPath(), url, url, name)
				}
				if c.Flags().Lookup(name) != nil {
					t.Errorf("%s has --%s", c.CommandPath(), name)
				}
			}
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root())
	slices.Sort(found)
	want := []string{
		"millrace consume --registry", "millrace registry backup --registry", "millrace registry import --from", "millrace registry import --registry",
		"millrace registry restore --registry", "millrace schema check --registry", "millrace schema diff --registry", "millrace schema lint --registry", "millrace schema register --registry",
	}
	if !slices.Equal(found, want) {
		t.Errorf("got %q\nwant %q", found, want)
	}
}

// TestRegistryAccess shows a registry that refuses everyone who asks.
func TestRegistryAccess(t *testing.T) {
	var seen atomic.Value // the credentials of the last request
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusUnauthorized)
	}))
	defer s.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "a.avsc")
	if err := os.WriteFile(file, []byte(`"int"`), 0o600); err != nil {
		t.Fatal(err)
	}
	const user, password, basic = "alice", "pass:word", "Basic YWxpY2U6cGFzczp3b3Jk"
	for _, tt := range []struct {
		url     string // the flag
		command []string
	}{
		{"registry", []string{"schema", "check", file}},
		{"registry", []string{"schema", "register", file}},
		{"registry", []string{"registry", "backup"}},
		{"from", []string{"registry", "import", "--store", "file:" + filepath.Join(dir, "store")}},
	} {
		ask := func(want string, args ...string) {
			t.Helper()
			var out, errs bytes.Buffer
			seen.Store("none asked")
			args = append(slices.Concat(tt.command, []string{"--" + tt.url, s.URL}), args...)
			code := run(args, &out, &errs)
			all := out.String() + errs.String()
			if code == 0 || seen.Load() != want || !strings.Contains(all, "401") || strings.Contains(all, "word") {
				t.Errorf("%q: code %d, asked as %q, want %q\n%s", args, code, seen.Load(), want, all)
			}
		}
		flag, variable := "--"+tt.url, "MILLRACE_"+strings.ToUpper(tt.url)
		ask(basic, flag+"-username", user, flag+"-password", password)
		ask("Bearer token", flag+"-username", user, flag+"-password", password, flag+"-token", "token")
		t.Setenv(variable+"_USERNAME", user)
		t.Setenv(variable+"_PASSWORD", password)
		ask(basic)
		t.Setenv(variable+"_TOKEN", "token")
		ask("Bearer token")
		for _, name := range []string{"_USERNAME", "_PASSWORD", "_TOKEN"} {
			if err := os.Unsetenv(variable + name); err != nil { // it is set again as it was at the end
				t.Fatal(err)
			}
		}
	}
}
