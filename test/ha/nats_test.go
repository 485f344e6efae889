package ha

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/test/testenv"
)

// servers is a JetStream cluster of three servers.
type servers struct {
	t    *testing.T
	dir  string
	bin  string
	cmds [3]*exec.Cmd
	done [3]<-chan struct{}
}

func startNATS(t *testing.T) *servers {
	t.Helper()
	testenv.NATS(t) // where its software is promised
	s := &servers{t: t, dir: t.TempDir(), bin: os.Getenv("MILLRACE_NATS_SERVER")}
	if s.bin == "" {
		t.Fatal("MILLRACE_NATS_SERVER is not set: run the tests with `make test`, which starts the servers")
	}
	t.Cleanup(func() {
		for i := range s.cmds {
			s.kill(i)
		}
	})
	for i := range 3 {
		s.start(i)
	}
	js := s.connect()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) { // until the cluster has a leader
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_, err := js.AccountInfo(ctx)
		cancel()
		if err == nil {
			return s
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("the JetStream cluster is not ready: %v", err)
		}
	}
}

// connect returns a client that ends with the test.
func (s *servers) connect() jetstream.JetStream {
	s.t.Helper()
	nc, err := nats.Connect(s.urls())
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		s.t.Fatal(err)
	}
	return js
}

func (s *servers) address(i int) string { return fmt.Sprintf("%s1:%d", clusterNet, 4222+i) }

func (s *servers) urls() string {
	var all []string
	for i := range 3 {
		all = append(all, "nats://"+s.address(i))
	}
	return strings.Join(all, ",")
}

// start starts a server, again where it was, and waits until it listens.
func (s *servers) start(i int) {
	s.t.Helper()
	log, err := os.OpenFile(filepath.Join(s.dir, fmt.Sprintf("%d.log", i)), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	var routes []string
	for other := range 3 {
		routes = append(routes, fmt.Sprintf("nats://%s1:%d", clusterNet, 6222+other))
	}
	cmd := exec.Command(s.bin, "-a", clusterNet+"1", "-p", fmt.Sprint(4222+i), "-n", fmt.Sprintf("n%d", i), "-js", "-sd", filepath.Join(s.dir, fmt.Sprint(i)),
		"--cluster_name", "ha", "--cluster", routes[i], "--routes", strings.Join(routes, ","))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	s.cmds[i], s.done[i] = cmd, start(s.t, cmd)
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if c, err := net.Dial("tcp", s.address(i)); err == nil {
			_ = c.Close()
			return
		}
		if time.Since(began) > 20*time.Second {
			s.t.Fatalf("NATS server %d does not listen", i)
		}
	}
}

// kill ends a server by SIGKILL.
func (s *servers) kill(i int) {
	if s.cmds[i] != nil {
		_ = s.cmds[i].Process.Signal(syscall.SIGKILL)
		<-s.done[i]
		s.cmds[i] = nil
	}
}

// leader returns the number of the server that leads the registry's stream.
func (s *servers) leader() int {
	s.t.Helper()
	js := s.connect()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if stream, err := js.Stream(ctx, "_schemas"); err == nil {
			var n int
			if c := stream.CachedInfo().Cluster; c != nil {
				if _, err := fmt.Sscanf(c.Leader, "n%d", &n); err == nil {
					return n
				}
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatal("the stream has no leader")
	return 0
}

// TestNATS takes nodes away, and the server that leads the stream. Every node writes.
func TestNATS(t *testing.T) {
	s := startNATS(t)
	c := startCluster(t, "nats:"+s.urls()+"?replicas=3")
	time.Sleep(2 * time.Second)
	for i, f := range []fault{
		{"killed", func(_ *testing.T, c *cluster, n int) {
			c.nodes[n].kill()
			c.recovers(n, "a node was killed")
			time.Sleep(time.Second)
			c.nodes[n].start()
		}},
		{"paused", func(_ *testing.T, c *cluster, n int) {
			c.nodes[n].pause()
			c.recovers(n, "a node was paused")
			time.Sleep(2 * time.Second)
			c.nodes[n].signal(syscall.SIGCONT)
			t.Logf("the node that was paused took a write after %v", c.write(n).Round(time.Millisecond))
		}},
		{"cut off", func(t *testing.T, c *cluster, n int) {
			c.nodes[n].cut()
			c.recovers(n, "a node was cut off")
			fresh := fmt.Sprintf("/subjects/probe%d/versions/1", c.probes)
			if status, b, err := get(patient, c.nodes[n].url()+fresh); err != nil || status != 500 {
				t.Errorf("a node that is cut off says of what it cannot know: %d %s %v", status, b, err)
			}
			c.nodes[n].heal()
			t.Logf("the node that was cut off took a write after %v", c.write(n).Round(time.Millisecond))
		}},
		{"server killed", func(_ *testing.T, c *cluster, n int) {
			leader := s.leader()
			s.kill(leader)
			c.recovers(n, "the stream's leader was killed")
			time.Sleep(time.Second)
			s.start(leader)
		}},
		{"server paused", func(_ *testing.T, c *cluster, n int) {
			leader := s.leader()
			_ = s.cmds[leader].Process.Signal(syscall.SIGSTOP)
			c.recovers(n, "the stream's leader was paused")
			time.Sleep(time.Second)
			_ = s.cmds[leader].Process.Signal(syscall.SIGCONT)
		}},
	} {
		began := time.Now()
		f.do(t, c, i%3)
		t.Logf("%s: %v in all", f.name, time.Since(began).Round(time.Millisecond))
		time.Sleep(time.Second)
		if t.Failed() {
			break
		}
	}
	c.end()
}
