package access

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func entries(t *testing.T, path string) (out []Entry) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		var e Entry
		if err := json.Unmarshal(sc.Bytes(), &e); err != nil {
			t.Fatalf("%s: %v", sc.Text(), err)
		}
		out = append(out, e)
	}
	return out
}

func TestAuditFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.jsonl")
	a, err := OpenAudit(path, nil, true, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	e := Entry{Principal: "user:alice", Method: Basic, Verb: "register", Subject: strings.Repeat("s\n", 1000), Context: ".", Outcome: Allowed}
	if err := a.Write(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if got := entries(t, path); len(got) != 1 || got[0].Principal != "user:alice" || len(got[0].Subject) != maxAuditText {
		t.Errorf("the log has %+v", got)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log is %v, %v", info.Mode(), err)
	}
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if err := a.Write(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path); err == nil {
			break
		}
		if time.Since(began) > 5*time.Second {
			t.Fatal("a log that is moved away is not made anew")
		}
	}
	a.Close()
	a.Close()
	if err := a.Write(t.Context(), e); err == nil {
		t.Error("a closed log takes lines")
	}
	if len(entries(t, path)) == 0 {
		t.Error("the new log is empty")
	}
}

// failing is a disk that is full.
type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestAuditThatFails(t *testing.T) {
	var log bytes.Buffer
	for _, required := range []bool{false, true} {
		a, err := OpenAudit("", failing{}, required, slog.New(slog.NewTextHandler(&log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		var last error
		for range 15 {
			last = a.Write(t.Context(), Entry{})
		}
		a.Close()
		if (last != nil) != required {
			t.Errorf("required %v: %v", required, last)
		}
		if a.Lost() != 15 {
			t.Errorf("%d lines are lost", a.Lost())
		}
	}
	if n := strings.Count(log.String(), "no space left on device"); n != 4 { // the 1st and the 10th of each
		t.Errorf("that lines are lost is told %d times:\n%s", n, log.String())
	}
}

// TestAuditThatBlocks has nobody read the other end of a pipe: who writes is not kept waiting.
func TestAuditThatBlocks(t *testing.T) {
	r, w := io.Pipe()
	a, err := OpenAudit("", w, false, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	for range auditQueue + 100 {
		if err := a.Write(t.Context(), Entry{}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(start); took > 2*time.Second || a.Lost() < 90 {
		t.Errorf("%d lines are lost after %v", a.Lost(), took)
	}
	_ = r.Close()
	a.Close()
}
