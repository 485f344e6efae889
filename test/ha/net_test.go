package ha

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/test/harness"
)

// Addresses: the cluster's network joins nodes, brokers and servers, the clients' network the tests and the nodes.
const (
	clusterNet = "10.99.0."
	clientNet  = "10.99.1."
	port       = 8081
	inside     = "MILLRACE_HA_INSIDE"
)

// TestMain runs the tests in a network namespace of their own.
func TestMain(m *testing.M) {
	if os.Getenv(inside) == "" {
		os.Exit(reexec())
	}
	for _, args := range []string{"link set lo up",
		"link add cluster type bridge", "addr add " + clusterNet + "1/24 dev cluster", "link set cluster up",
		"link add clients type bridge", "addr add " + clientNet + "1/24 dev clients", "link set clients up"} {
		if err := ip(args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// reexec runs this program in a new network namespace and returns its exit code.
func reexec() int {
	cmd := exec.Command("/proc/self/exe", os.Args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdin, os.Stdout, os.Stderr, append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWNET}
	if uid := os.Getuid(); uid != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	runtime.LockOSThread() // Pdeathsig fires when the starting thread ends
	err := cmd.Run()
	if err != nil && cmd.ProcessState == nil {
		fmt.Fprintf(os.Stderr, "the tests of high availability need a network namespace: %v\n", err)
		if os.Getenv("CI") == "" {
			return 0 // a developer's machine may forbid it
		}
		return 1
	}
	return cmd.ProcessState.ExitCode()
}

func ip(args string) error {
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s (package iproute2): %w: %s", args, err, out)
	}
	return nil
}

// node is a registry in a network namespace of its own.
type node struct {
	t      *testing.T
	number int
	args   []string
	cmd    *exec.Cmd
	done   <-chan struct{}
	log    string
}

// url is where clients reach the node, peer where the other nodes do.
func (n *node) url() string  { return fmt.Sprintf("http://%s1%d:%d", clientNet, n.number, port) }
func (n *node) peer() string { return fmt.Sprintf("http://%s1%d:%d", clusterNet, n.number, port) }

func (n *node) link() string { return fmt.Sprintf("cluster%d", n.number) }

// startNode starts a node on a store and waits until it answers.
func startNode(t *testing.T, number int, store string, more ...string) *node {
	t.Helper()
	n := &node{t: t, number: number, log: filepath.Join(t.TempDir(), fmt.Sprintf("node%d.log", number))}
	n.args = append([]string{"registry", "--listen", fmt.Sprintf(":%d", port), "--store", store, "--advertise", n.peer()}, more...)
	t.Cleanup(func() {
		n.signal(syscall.SIGCONT)
		n.kill()
		if t.Failed() {
			b, _ := os.ReadFile(n.log)
			t.Logf("node %d:\n%s", number, b[max(0, len(b)-6000):])
		}
	})
	n.start()
	return n
}

// start starts the node, again where it was.
func (n *node) start() {
	n.t.Helper()
	bin, err := harness.Binary()
	if err != nil {
		n.t.Fatal(err)
	}
	log, err := os.OpenFile(n.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		n.t.Fatal(err)
	}
	defer log.Close()
	// The shell waits until the links are there.
	cmd := exec.Command("sh", append([]string{"-c", `read -r go && exec "$@"`, "sh", bin}, n.args...)...)
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, append(os.Environ(), "XDG_CACHE_HOME="+filepath.Join(filepath.Dir(filepath.Dir(n.log)), "cache")) // one for all nodes, as on one machine
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWNET}
	in, err := cmd.StdinPipe()
	if err != nil {
		n.t.Fatal(err)
	}
	n.cmd, n.done = cmd, start(n.t, cmd)
	for i, network := range []string{"cluster", "clients"} {
		link := fmt.Sprintf("%s%d", network, n.number)
		_ = ip("link del " + link) // of a process that has just died
		for _, args := range []string{
			// The address is always the same, as neighbours remember it.
			fmt.Sprintf("link add %s type veth peer name eth%d address 02:00:00:00:0%d:0%d netns %d", link, i, i, n.number, cmd.Process.Pid),
			fmt.Sprintf("link set %s master %s up", link, network),
		} {
			if err := ip(args); err != nil {
				n.t.Fatal(err)
			}
		}
		subnet := []string{clusterNet, clientNet}[i]
		for _, args := range []string{fmt.Sprintf("addr add %s1%d/24 dev eth%d", subnet, n.number, i), fmt.Sprintf("link set eth%d up", i), "link set lo up"} {
			enter := append([]string{"-t", fmt.Sprint(cmd.Process.Pid), "-n", "ip"}, strings.Fields(args)...)
			if out, err := exec.Command("nsenter", enter...).CombinedOutput(); err != nil {
				n.t.Fatalf("nsenter %v: %v: %s", enter, err, out)
			}
		}
	}
	if _, err := io.WriteString(in, "go\n"); err != nil {
		n.t.Fatal(err)
	}
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.DialTimeout("tcp", strings.TrimPrefix(n.url(), "http://"), time.Second); err == nil {
			if status, _, err := get(short, n.url()+"/subjects"); err == nil && status == 200 {
				_ = c.Close()
				return
			}
			_ = c.Close()
		}
		select {
		case <-n.done:
			n.t.Fatalf("node %d ended: %v", n.number, cmd.ProcessState)
		default:
		}
		if time.Since(began) > time.Minute {
			n.t.Fatalf("node %d does not answer", n.number)
		}
	}
}

func (n *node) signal(s syscall.Signal) { _ = n.cmd.Process.Signal(s) }

// pause stops the node by SIGSTOP and returns when none of its threads runs any more.
func (n *node) pause() {
	n.t.Helper()
	n.signal(syscall.SIGSTOP)
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", n.cmd.Process.Pid))
		if err != nil {
			n.t.Fatal(err)
		}
		running := len(tasks) == 0
		for _, task := range tasks {
			b, _ := os.ReadFile(task)
			_, state, _ := strings.Cut(string(b), ") ")
			running = running || !strings.HasPrefix(state, "T")
		}
		if !running {
			return
		}
		if time.Since(began) > 10*time.Second {
			n.t.Fatalf("node %d does not stop", n.number)
		}
	}
}

// kill ends the node by SIGKILL.
func (n *node) kill() { n.signal(syscall.SIGKILL); <-n.done }

// stop asks the node to end and waits until it has.
func (n *node) stop() {
	n.t.Helper()
	n.signal(syscall.SIGTERM)
	select {
	case <-n.done:
	case <-time.After(20 * time.Second):
		n.t.Errorf("node %d does not end", n.number)
		n.kill()
	}
}

// cut takes the node off the cluster's network; clients still reach it.
func (n *node) cut() {
	n.t.Helper()
	if err := ip("link set " + n.link() + " down"); err != nil {
		n.t.Fatal(err)
	}
}

// heal ends that.
func (n *node) heal() {
	n.t.Helper()
	if err := ip("link set " + n.link() + " up"); err != nil {
		n.t.Fatal(err)
	}
}
