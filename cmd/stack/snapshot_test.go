package stack

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connectors/nats/embedded"
	"github.com/millrace/millrace/test/testenv"
)

func TestSnapshotOf(t *testing.T) {
	cache, own := t.TempDir(), filepath.Join(t.TempDir(), "made", "here")
	where := filepath.Join(cache, "millrace", "registry")
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("HOME", cache) // where other systems have it
	for store, want := range map[string]string{
		"file:/var/lib/registry":                 "/var/lib/registry/registry.snapshot",
		"memory":                                 "",
		"kafka:a:9092?snapshot=off":              "",
		"kafka:a:9092?snapshot=":                 "",
		"nats:nats://a?stream=s&snapshot=" + own: filepath.Join(own, "registry.snapshot"),
		"kafka:a:9092":                           filepath.Join(where, "kafka-Mk3_schemas_0f-*.snapshot"),
		"nats:nats://a":                          filepath.Join(where, "nats-Mk3_schemas_0f-*.snapshot"),
	} {
		got := snapshotOf(slog.New(slog.NewTextHandler(failing{t}, nil)), store, "Mk3/../schemas/0f")
		if ok, err := filepath.Match(want, got); got != want && !ok || err != nil {
			t.Errorf("%s: %s, want %s", store, got, want)
		}
	}
	if entries, err := os.ReadDir(where); err != nil || len(entries) > 0 {
		t.Errorf("trying the directory has left %v, %v", entries, err)
	}
	a, b := cachedName("kafka", "c/a.b/0"), cachedName("kafka", "c/a/b/0")
	if a == b {
		t.Errorf("two logs are both %s", a)
	}
	if long := cachedName("kafka", strings.Repeat("ä/", 300)); len(long) > 200 || strings.Contains(long, "/") {
		t.Errorf("a long name: %s", long)
	}
}

// failing fails a test that logs.
type failing struct{ t *testing.T }

func (f failing) Write(p []byte) (int, error) {
	f.t.Errorf("logged: %s", p)
	return len(p), nil
}

// TestSnapshotHasNoPlace: a container without a home, one that is read-only, and a directory that cannot be made cost a line each.
func TestSnapshotHasNoPlace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ cache, home, store, level string }{
		"no home":                  {"", "", "kafka:a:9092", "INFO"},
		"a home that is a file":    {"", file, "nats:nats://a", "INFO"},
		"a cache below a file":     {filepath.Join(file, "cache"), "/", "kafka:a:9092", "INFO"},
		"a system's directory":     {"/proc", "/", "kafka:a:9092", "INFO"},
		"a relative cache":         {"here", "/", "kafka:a:9092", "INFO"},
		"a directory of one's own": {"", "", "kafka:a:9092?snapshot=" + filepath.Join(file, "dir"), "WARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("XDG_CACHE_HOME", c.cache)
			t.Setenv("HOME", c.home)
			var said strings.Builder
			if got := snapshotOf(slog.New(slog.NewTextHandler(&said, nil)), c.store, "id"); got != "" {
				t.Errorf("it is %s", got)
			}
			if strings.Count(said.String(), "\n") != 1 || !strings.Contains(said.String(), "level="+c.level) || !strings.Contains(said.String(), "keeps no snapshot") {
				t.Errorf("said: %s", said.String())
			}
		})
	}
}

func TestUnusedSnapshotsGo(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{"a.snapshot": 2 * snapshotUnused, "b.snapshot": snapshotUnused / 2, "c.snapshot.1.tmp": 2 * snapshotUnused, "d.txt": 2 * snapshotUnused} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	removeUnused(dir, now.Add(-snapshotUnused))
	if got, want := listed(t, dir), []string{"b.snapshot", "d.txt"}; !slices.Equal(got, want) {
		t.Errorf("left are %s, want %s", got, want)
	}
}

func listed(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestSnapshotByDefault has two nodes of a registry with one cache, as two processes of a machine, end and start again: they begin
// with a snapshot, and have all that was registered.
func TestSnapshotByDefault(t *testing.T) {
	stores := map[string]func(t *testing.T) string{
		"kafka": func(t *testing.T) string {
			return fmt.Sprintf("kafka:%s?topic=stack-%d", testenv.Kafka(t), time.Now().UnixNano())
		},
		"nats": func(t *testing.T) string {
			s, err := embedded.Start(t.Context(), embedded.Config{Port: -1, Dir: t.TempDir()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(s.Shutdown)
			return "nats:" + s.URL()
		},
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			store, cache := store(t), t.TempDir()
			t.Setenv("XDG_CACHE_HOME", cache)
			t.Setenv("HOME", cache)
			dir, err := snapshotCache()
			if err != nil {
				t.Fatal(err)
			}
			for round := range 3 {
				var said bytes.Buffer
				urls, stop := nodes(t, store, &said)
				for i := range 3 {
					post(t, urls[i%2]+fmt.Sprintf("/subjects/s%d/versions", 3*round+i), fmt.Sprintf(`{"schema":"{\"type\":\"fixed\",\"name\":\"F%d\",\"size\":%d}"}`, 3*round+i, 3*round+i+1))
				}
				for i := range 3*round + 3 {
					for _, url := range urls {
						if got := read(t, url+fmt.Sprintf("/subjects/s%d/versions/1", i)); !strings.Contains(got, fmt.Sprintf(`\"size\":%d}`, i+1)) {
							t.Errorf("round %d, subject %d: %s", round, i, got)
						}
					}
				}
				stop()
				want := 2
				if round == 0 {
					want = 0
				}
				if n := strings.Count(said.String(), "begins with its snapshot"); n != want || strings.Contains(said.String(), "level=WARN") && strings.Contains(said.String(), "snapshot is not used") {
					t.Errorf("round %d: %d nodes begin with a snapshot, want %d: %s", round, n, want, said.String())
				}
				if got := listed(t, dir); len(got) != 1 || !strings.HasPrefix(got[0], name+"-") || !strings.HasSuffix(got[0], snapshotSuffix) {
					t.Errorf("round %d: the cache has %s", round, got)
				}
			}
		})
	}
}

// nodes runs two nodes; stop ends them and returns when they have ended.
func nodes(t *testing.T, store string, said *bytes.Buffer) (urls []string, stop func()) {
	t.Helper()
	log := slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelDebug}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 2)
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		_ = l.Close()
		r, err := NewRegistry(t.Context(), log, "1", addr, store, Serving{}, Node{})
		if err != nil {
			t.Fatal(err)
		}
		urls = append(urls, "http://"+addr)
		go func() { done <- r.Run(ctx) }()
	}
	return urls, func() {
		cancel()
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	}
}

func post(t *testing.T, url, body string) {
	t.Helper()
	resp, err := http.Post(url, "application/vnd.schemaregistry.v1+json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	answer(t, resp)
}

func read(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, resp)
}

func answer(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%d: %s, %v", resp.StatusCode, b.String(), err)
	}
	return b.String()
}
