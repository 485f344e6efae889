package openapi

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/test/harness"
)

// TestSchemathesis makes requests for a minute. The seed is fixed; how many there are depends on the machine.
func TestSchemathesis(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	schemathesis := install(ctx, t)
	hooks, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	registry, err := harness.Registry(ctx, dir, "memory")
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Stop()
	// What the description's examples name.
	for path, text := range map[string]string{
		"orders-value": `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`, ":.other:orders-value": `"int"`,
	} {
		resp, err := http.Post(registry.URL+"/subjects/"+path+"/versions", "application/json", strings.NewReader(`{"schema":`+strconv.Quote(text)+`}`))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			t.Fatalf("registering %s: %s", path, resp.Status)
		}
	}
	cmd := exec.CommandContext(ctx, schemathesis, "run", registry.URL+"/openapi.json", "--seed", "1", "--max-examples", "10", "--max-time", "60", "--workers", "2",
		"--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
		"--continue-on-failure", "--warnings", "off", "--suppress-health-check", "all", "--generation-database", "none", "--no-color")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PYTHONPATH="+hooks, "PYTHONDONTWRITEBYTECODE=1", "SCHEMATHESIS_HOOKS=hooks")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s\nregistry:\n%s", err, out, registry.Tail())
	}
	at := strings.Index(string(out), "Test cases:")
	if at < 0 {
		t.Fatalf("schemathesis made no requests:\n%s", out)
	}
	t.Log(strings.Join(strings.Fields(string(out[at:])), " "))
}

// install returns schemathesis, installed once into the user's cache.
func install(ctx context.Context, t *testing.T) string {
	t.Helper()
	requirements, err := os.ReadFile("requirements.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, pinned, _ := strings.Cut(strings.Fields(string(requirements))[0], "==")
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, "millrace", "python-schemathesis-"+pinned)
	bin := filepath.Join(dir, "bin", "schemathesis")
	if out, err := exec.CommandContext(ctx, bin, "--version").Output(); err == nil && strings.Contains(string(out), pinned) {
		return bin
	}
	for _, args := range [][]string{{"python3", "-m", "venv", "--clear", dir}, {filepath.Join(dir, "bin", "pip"), "install", "-q", "-r", "requirements.txt"}} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			msg := fmt.Sprintf("%s: %v\n%s\ninstall Python 3 with its venv module (Debian: apt-get install python3-venv)", strings.Join(args, " "), err, out)
			if os.Getenv("CI") == "" {
				t.Skip(msg)
			}
			t.Fatal(msg)
		}
	}
	return bin
}
