package clients

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// installing keeps two tests from installing the same thing.
var installing sync.Mutex

func cacheDir() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	return filepath.Join(cache, "millrace")
}

func install(ctx context.Context, t *testing.T, hint, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s\n%s", strings.Join(args, " "), err, out, hint)
	}
}

// venv returns a Python with the packages of requirements.txt, installed once into the user's cache.
func venv(ctx context.Context, t *testing.T) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	dir := filepath.Join(cacheDir(), "python-clients")
	python := filepath.Join(dir, "bin", "python")
	if installed(t, dir, "requirements.txt") {
		return python
	}
	const hint = "install Python 3 with its venv module (Debian: apt-get install python3-venv)"
	install(ctx, t, hint, ".", "python3", "-m", "venv", "--clear", dir)
	install(ctx, t, hint, ".", filepath.Join(dir, "bin", "pip"), "install", "-q", "-r", "requirements.txt")
	mark(t, dir, "requirements.txt")
	return python
}

// nodeModules returns a folder with the packages of node/package-lock.json, installed once into the user's cache. Their install
// scripts are not run.
func nodeModules(ctx context.Context, t *testing.T) string {
	t.Helper()
	installing.Lock()
	defer installing.Unlock()
	dir, lock := filepath.Join(cacheDir(), "node-clients"), filepath.Join("node", "package-lock.json")
	if !installed(t, dir, lock) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"package.json", "package-lock.json", ".npmrc"} {
			if err := os.WriteFile(filepath.Join(dir, name), read(t, filepath.Join("node", name)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		install(ctx, t, "install Node 20 or later with npm (Debian: apt-get install nodejs npm)", dir, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
		mark(t, dir, lock)
	}
	return filepath.Join(dir, "node_modules")
}

// The file installed in a folder holds what was installed by, once that is done.

func installed(t *testing.T, dir, by string) bool {
	t.Helper()
	done, err := os.ReadFile(filepath.Join(dir, "installed"))
	return err == nil && bytes.Equal(done, read(t, by))
}

func mark(t *testing.T, dir, by string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "installed"), read(t, by), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
