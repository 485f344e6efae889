package demo

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/test/harness"
)

var summary = regexp.MustCompile(`(\d+) changes and (\d+) rows of the snapshot arrived, (\d+) records decoded through the registry`)

func TestRunsAndResumes(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	bin, err := harness.Binary()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil { // root's demo runs PostgreSQL as another user
		t.Fatal(err)
	}
	args := []string{"demo", "--data", dir + "/data"}
	for _, flag := range []string{"--registry-port", "--connect-port", "--nats-port"} {
		port, err := harness.FreePort()
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, flag, fmt.Sprint(port))
	}
	for run, want := range []struct{ snapshot bool }{{true}, {false}} {
		p, err := harness.Start(ctx, dir, "", "", nil, bin, append(args, "--for", "15s")...)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.Done():
		case <-time.After(60 * time.Second):
			p.Kill()
			t.Fatalf("run %d does not end by itself:\n%s", run, p.Tail())
		}
		if code := p.Cmd.ProcessState.ExitCode(); code != 0 {
			t.Fatalf("run %d: exit code %d:\n%s", run, code, p.Tail())
		}
		m := summary.FindStringSubmatch(p.Log())
		if m == nil {
			t.Fatalf("run %d has no summary:\n%s", run, p.Tail())
		}
		changes, _ := strconv.Atoi(m[1])
		rows, _ := strconv.Atoi(m[2])
		decoded, _ := strconv.Atoi(m[3])
		if changes == 0 || decoded < changes || (rows > 0) != want.snapshot {
			t.Errorf("run %d: %s", run, m[0])
		}
		for _, part := range []string{"/subjects", "/connectors/shop/status", "/metrics", "nats://", "lag "} {
			if !strings.Contains(p.Log(), part) {
				t.Errorf("run %d shows no %s:\n%s", run, part, p.Tail())
			}
		}
		t.Logf("run %d: %s", run, m[0])
	}
}
