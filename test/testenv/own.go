package testenv

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Server is a server that belongs to one test, which may stop it. It is started by test/services, with its own data and
// ports, and gone when the test ends.
type Server struct {
	URL    string // what the variable of the shared one holds
	t      testing.TB
	script string
	env    []string
}

// Own starts a server for t alone: postgres, kafka or nats. The test is skipped where the shared servers are missing.
func Own(t testing.TB, name string) *Server {
	t.Helper()
	vars := map[string][2]string{"postgres": {PostgresVar, "MILLRACE_PG_PORT"}, "kafka": {KafkaVar, "MILLRACE_KAFKA_PORT"}, "nats": {NATSVar, "MILLRACE_NATS_PORT"}}
	need(t, vars[name][0])
	dir, err := os.MkdirTemp("", "millrace-"+name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL's user must reach it when the test runs as root
		t.Fatal(err)
	}
	_, file, _, _ := runtime.Caller(0)
	s := &Server{t: t, script: filepath.Join(filepath.Dir(file), "..", "services", name+".sh")}
	s.env = append(os.Environ(), "MILLRACE_SERVICES_DIR="+dir, fmt.Sprintf("%s=%d", vars[name][1], ports(t, 3)))
	t.Cleanup(func() {
		s.run("stop")
		_ = os.RemoveAll(dir)
	})
	s.Start()
	for line := range strings.Lines(s.run("env")) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), "export "+vars[name][0]+"="); ok {
			s.URL = strings.Trim(v, "'")
		}
	}
	return s
}

// Start starts the server again where it was, and returns when it answers.
func (s *Server) Start() { s.t.Helper(); s.run("start") }

// Halt ends the server and keeps its data.
func (s *Server) Halt() { s.t.Helper(); s.run("halt") }

// Kill ends the server by SIGKILL and returns when it is gone: a process that is still dying would count as running.
func (s *Server) Kill() {
	s.t.Helper()
	pid := s.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		s.t.Fatal(err)
	}
	for began := time.Now(); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Since(began) > 10*time.Second {
			s.t.Fatalf("process %d does not end", pid)
		}
	}
}

// PID returns the server's process id, for signals.
func (s *Server) PID() int {
	s.t.Helper()
	var pid int
	out := s.run("status")
	if _, err := fmt.Sscanf(out[strings.LastIndex(out, " ")+1:], "%d", &pid); err != nil {
		s.t.Fatalf("no process id in %q", out)
	}
	return pid
}

// alive says whether a process runs. One that is dead and that nobody has reaped does not.
func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "\nState:\tZ") && !strings.Contains(string(status), "\nState:\tX")
}

func (s *Server) run(verb string) string {
	s.t.Helper()
	cmd := exec.Command(s.script, verb)
	cmd.Env = s.env
	cmd.Stderr = os.Stderr // the servers inherit no pipe that would be waited for
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", filepath.Base(s.script), verb, err, out)
	}
	return string(out)
}

// Ports of own servers are below those that the kernel gives to connections: one of those could take the port of a server that is
// down for a moment.
const lowestPort, highestPort = 11_000, 23_000

// ports returns the first of n free ports side by side.
func ports(t testing.TB, n int) int {
	t.Helper()
	for range 1000 {
		first := lowestPort + rand.IntN(highestPort-lowestPort-n)
		free := true
		for p := first; free && p < first+n; p++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
			if free = err == nil; free {
				_ = l.Close()
			}
		}
		if free {
			return first
		}
	}
	t.Fatal("no free ports side by side")
	return 0
}
