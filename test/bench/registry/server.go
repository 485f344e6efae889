package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is a process under load.
type server struct {
	addr  string
	cmd   *exec.Cmd
	ready time.Duration // from the start of the process to the first answer
}

func start(name string, args ...string) (*server, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := l.Addr().String()
	_ = l.Close()
	s := &server{addr: addr, cmd: exec.Command(name, append(args, "--listen", addr)...)}
	var out bytes.Buffer
	s.cmd.Stdout, s.cmd.Stderr = &out, &out
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(began) < 2*time.Minute {
		if c, err := dial(addr); err == nil {
			status, err := c.do(get("/"), nil)
			_ = c.c.Close()
			if err == nil && status == http.StatusOK {
				s.ready = time.Since(began)
				return s, nil
			}
		}
		time.Sleep(2 * time.Millisecond)
	}
	s.stop()
	return nil, fmt.Errorf("%s does not answer: %s", name, out.String())
}

func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// cpu is the processor time that the process has used, to 10 ms.
func (s *server) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	var ticks int64
	for _, t := range f[11:13] {
		n, _ := strconv.ParseInt(t, 10, 64)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// memory is what of a process is resident, in MiB: its own, and pages of files, which the system takes back when it wants them.
type memory struct{ own, files int }

func (m memory) String() string {
	return fmt.Sprintf("%d MiB (%d its own, %d pages of files)", m.own+m.files, m.own, m.files)
}

func (s *server) resident() (m memory, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(b)) {
		for name, to := range map[string]*int{"RssAnon:": &m.own, "RssFile:": &m.files} {
			if rest, ok := strings.CutPrefix(line, name); ok {
				kb, err := strconv.Atoi(strings.Fields(rest)[0])
				if err != nil {
					return m, err
				}
				*to = kb / 1024
			}
		}
	}
	return m, nil
}

// bare serves answers that it has in memory, by the last part of the path: what net/http costs by itself.
func bare(addr, file string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	answers := bytes.Split(b, []byte("\n"))
	return http.ListenAndServe(addr, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { //nolint:gosec // bare on purpose
		id, _ := strconv.Atoi(r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:])
		body := answers[id%len(answers)]
		h := w.Header()
		h["Content-Type"] = []string{"application/vnd.schemaregistry.v1+json"}
		h["Content-Length"] = []string{strconv.Itoa(len(body))}
		_, _ = w.Write(body)
	}))
}
