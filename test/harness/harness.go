// Package harness starts Millrace, and any other program, as a child process for end-to-end tests and benchmarks: it
// builds the binary once, waits until an HTTP address answers, talks to the Connect API and kills on demand.
package harness

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Root returns the root of the project's tree.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}

var build = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("MILLRACE_BIN"); bin != "" {
		return bin, nil
	}
	dir, err := os.MkdirTemp("", "millrace-bin")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "millrace")
	cmd := exec.Command("go", "build", "-o", bin, "./cmd/millrace")
	cmd.Dir = Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building millrace: %w\n%s", err, out)
	}
	return bin, nil
})

// Binary returns the path of the millrace binary: $MILLRACE_BIN, or one built on first use.
func Binary() (string, error) { return build() }

// Process is a child process with its output in a file.
type Process struct {
	Cmd  *exec.Cmd
	URL  string // where it answers HTTP, "" for nowhere
	log  string
	done chan struct{}
}

// Start runs a command with its output in dir and, when url is set, waits until GET url+ready answers 200.
func Start(ctx context.Context, dir, url, ready string, env []string, name string, args ...string) (*Process, error) {
	log, err := os.CreateTemp(dir, filepath.Base(name)+"-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p := &Process{Cmd: exec.Command(name, args...), URL: url, log: log.Name(), done: make(chan struct{})}
	p.Cmd.Stdout, p.Cmd.Stderr, p.Cmd.Env = log, log, append(append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(dir, "cache")), env...)
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // Pdeathsig fires when the starting thread ends: keep it until the child has
		err := p.Cmd.Start()
		started <- err
		if err == nil {
			_ = p.Cmd.Wait()
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	if url == "" {
		return p, nil
	}
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if r, err := http.Get(url + ready); err == nil {
			_ = r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return p, nil
			}
		}
		select {
		case <-p.done:
			return nil, fmt.Errorf("%s ended: %v\n%s", name, p.Cmd.ProcessState, p.Tail())
		case <-ctx.Done():
			p.Kill()
			return nil, ctx.Err()
		default:
		}
		if time.Now().After(deadline) {
			p.Kill()
			return nil, fmt.Errorf("%s did not answer %s%s\n%s", name, url, ready, p.Tail())
		}
	}
}

// Worker starts `millrace connect` with the worker options given, listening on a free port.
func Worker(ctx context.Context, dir string, options map[string]string, env ...string) (*Process, error) {
	bin, err := Binary()
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	file, err := Properties(dir, options, "listeners="+url)
	if err != nil {
		return nil, err
	}
	return Start(ctx, dir, url, "/connectors", env, bin, "connect", file)
}

// Registry starts `millrace registry` on a free port.
func Registry(ctx context.Context, dir, store string) (*Process, error) {
	bin, err := Binary()
	if err != nil {
		return nil, err
	}
	port, err := FreePort()
	if err != nil {
		return nil, err
	}
	addr := fmt.Sprintf("127.0.0.1:%d", port)
	return Start(ctx, dir, "http://"+addr, "/subjects", nil, bin, "registry", "--listen", addr, "--store", store)
}

// Properties writes a Java properties file into dir and returns its path.
func Properties(dir string, options map[string]string, more ...string) (string, error) {
	lines := slices.Clone(more)
	for k, v := range options {
		lines = append(lines, k+"="+v)
	}
	slices.Sort(lines)
	f, err := os.CreateTemp(dir, "worker-*.properties")
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = f.WriteString(strings.Join(lines, "\n") + "\n")
	return f.Name(), err
}

// Stop asks the process to end and waits up to 20 s, then kills it. It returns the exit code.
func (p *Process) Stop() int {
	_ = p.Cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		p.Kill()
	}
	return p.Cmd.ProcessState.ExitCode()
}

// Kill ends the process with SIGKILL and waits until it is gone.
func (p *Process) Kill() {
	_ = p.Cmd.Process.Kill()
	<-p.done
}

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Tail returns the end of the process's output.
func (p *Process) Tail() string {
	b, _ := os.ReadFile(p.log)
	if len(b) > 6000 {
		b = b[len(b)-6000:]
	}
	return string(b)
}

// Log returns all of the process's output.
func (p *Process) Log() string {
	b, _ := os.ReadFile(p.log)
	return string(b)
}

// Call makes one request with a JSON body (nil: none) and returns the answer; anything but 2xx is an error.
func (p *Process) Call(ctx context.Context, method, path string, body any) ([]byte, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, p.URL+path, in)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	return b, nil
}

// Create posts a connector.
func (p *Process) Create(ctx context.Context, name string, config map[string]string) error {
	_, err := p.Call(ctx, "POST", "/connectors", map[string]any{"name": name, "config": config})
	return err
}

// CPU returns the processor seconds that process pid has used.
func CPU(pid int) float64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	user, _ := strconv.ParseFloat(f[11], 64)
	system, _ := strconv.ParseFloat(f[12], 64)
	return (user + system) / 100
}

// CPU returns the processor seconds that the process has used.
func (p *Process) CPU() float64 { return CPU(p.Cmd.Process.Pid) }

// Peak returns the largest resident set of the process so far, in MiB.
func (p *Process) Peak() float64 {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Cmd.Process.Pid))
	for line := range strings.Lines(string(b)) {
		if v, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(v)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// FreePort returns a TCP port of the loopback address that nobody listens on.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
