package ha

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cluster is the nodes under load.
type cluster struct {
	*load
	t      *testing.T
	nodes  []*node
	probes int
}

func startCluster(t *testing.T, store string) *cluster {
	t.Helper()
	c := &cluster{t: t}
	for i := range 3 {
		c.nodes = append(c.nodes, startNode(t, i, store))
	}
	c.write(0)
	if status, b, err := do(patient, "PUT", c.nodes[0].url()+"/config", `{"compatibility":"NONE"}`); err != nil || status != 200 {
		t.Fatalf("setting the compatibility: %d %s %v", status, b, err)
	}
	c.load = startLoad(t, c.nodes, 0)
	return c
}

// write registers something new at a node and returns how long that took, with all tries.
func (c *cluster) write(n int) time.Duration {
	c.t.Helper()
	c.probes++
	url, body := fmt.Sprintf("%s/subjects/probe%d/versions", c.nodes[n].url(), c.probes), request(text(probed, c.probes))
	began := time.Now()
	for {
		status, b, err := do(patient, "POST", url, body)
		if err == nil && status == 200 {
			return time.Since(began)
		}
		if time.Since(began) > time.Minute {
			c.t.Fatalf("node %d does not take a write: %d %s %v", n, status, b, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// leader returns the number of the node that takes a write which is not to be forwarded.
func (c *cluster) leader() int {
	c.t.Helper()
	for began := time.Now(); time.Since(began) < 30*time.Second; time.Sleep(50 * time.Millisecond) {
		for i, n := range c.nodes {
			if _, b, err := do(short, "DELETE", n.url()+"/subjects/none", "", "X-Forward", "true"); err == nil && strings.Contains(string(b), "40401") {
				return i
			}
		}
	}
	c.t.Fatal("no node leads")
	return 0
}

// other returns a node that is not n.
func (c *cluster) other(n int) int { return (n + 1) % len(c.nodes) }

// recovers writes at a node that is not n and tells how long that took.
func (c *cluster) recovers(n int, what string) {
	c.t.Helper()
	c.t.Logf("%s: another node took a write after %v", what, c.write(c.other(n)).Round(time.Millisecond))
}

// fault is something that happens to the leader.
type fault struct {
	name string
	do   func(t *testing.T, c *cluster, leader int)
}

var faults = []fault{
	{"killed", func(_ *testing.T, c *cluster, n int) {
		c.nodes[n].kill()
		c.recovers(n, "the leader was killed")
		c.nodes[n].start()
	}},
	{"killed and started at once", func(_ *testing.T, c *cluster, n int) {
		c.nodes[n].kill()
		c.nodes[n].start()
		c.recovers(n, "the leader was killed and came back at once")
	}},
	{"ended", func(_ *testing.T, c *cluster, n int) {
		c.nodes[n].stop()
		c.recovers(n, "the leader was asked to end")
		c.nodes[n].start()
	}},
	{"paused", paused},
	{"cut off", cutOff},
}

// paused stops the leader's process until another one leads. What it was asked meanwhile, not to be forwarded, it must refuse
// when it goes on.
func paused(t *testing.T, c *cluster, n int) {
	c.nodes[n].pause()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			url := fmt.Sprintf("%s/subjects/deposed%d-%d/versions", c.nodes[n].url(), c.probes, i)
			status, b, err := do(patient, "POST", url, request(text(late, i)), "X-Forward", "true")
			if err == nil && !strings.Contains(string(b), "50004") {
				t.Errorf("a leader that was deposed answered %d %s", status, b)
			}
		})
	}
	c.recovers(n, "the leader was paused")
	next := c.leader()
	c.nodes[n].signal(syscall.SIGCONT)
	wg.Wait()
	if again := c.leader(); again != next {
		t.Errorf("node %d leads after the pause, node %d did before its end", again, next)
	}
	for i, node := range c.nodes {
		if _, b, err := get(patient, node.url()+"/subjects?subjectPrefix=deposed"); err != nil || string(b) != "[]" {
			t.Errorf("node %d: what a deposed leader was asked is there: %s %v", i, b, err)
		}
	}
}

// cutOff takes the leader off the cluster's network, while clients reach it. It must neither take a write nor say of what it
// cannot know that it is not there.
func cutOff(t *testing.T, c *cluster, n int) {
	c.nodes[n].cut()
	c.recovers(n, "the leader was cut off")
	fresh := fmt.Sprintf("/subjects/probe%d/versions/1", c.probes)
	if status, b, err := get(patient, c.nodes[n].url()+fresh); err != nil || status != 500 {
		t.Errorf("a node that is cut off says of what it cannot know: %d %s %v", status, b, err)
	}
	if status, b, err := do(patient, "DELETE", c.nodes[n].url()+"/subjects/s0", "", "X-Forward", "true"); err != nil || !strings.Contains(string(b), "50004") {
		t.Errorf("a leader that is cut off answered %d %s %v", status, b, err)
	}
	c.nodes[n].heal()
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		if status, _, err := get(patient, c.nodes[n].url()+fresh); err == nil && status == 200 {
			t.Logf("the node that was cut off had caught up after %v", time.Since(began).Round(time.Millisecond))
			return
		}
		if time.Since(began) > time.Minute {
			t.Fatal("a node that was cut off does not catch up")
		}
	}
}

// TestKafka takes the leader away in every way, and a broker.
func TestKafka(t *testing.T) {
	b := startKafka(t)
	c := startCluster(t, "kafka:"+b.bootstrap())
	for _, f := range faults {
		n := c.leader()
		began := time.Now()
		f.do(t, c, n)
		t.Logf("%s: node %d, %v in all", f.name, n, time.Since(began).Round(time.Millisecond))
		time.Sleep(time.Second)
		if t.Failed() {
			break
		}
	}
	b.kill(0)
	t.Logf("a broker was killed: a write took %v", c.write(0).Round(time.Millisecond))
	time.Sleep(time.Second)
	c.end()
}

// TestSoak does what TestKafka does at random, and longer.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("MILLRACE_HA_SOAK"))
	if err != nil {
		t.Skip("MILLRACE_HA_SOAK is no duration")
	}
	b := startKafka(t)
	c := startCluster(t, "kafka:"+b.bootstrap())
	brokers := fault{"a broker killed", func(t *testing.T, c *cluster, n int) {
		i := rand.N(3)
		b.kill(i)
		t.Logf("a broker was killed: a write took %v", c.write(n).Round(time.Millisecond))
		b.start(i)
		b.await(i)
	}}
	all := append(slices.Clone(faults), brokers)
	for began, round := time.Now(), 1; ; round++ {
		for range 3 { // a history of limited length
			f := all[rand.N(len(all))]
			f.do(t, c, c.leader())
			t.Logf("%v: %s", time.Since(began).Round(time.Second), f.name)
			time.Sleep(rand.N(3 * time.Second))
		}
		c.end()
		if time.Since(began) > length || t.Failed() {
			return
		}
		c.load = startLoad(t, c.nodes, round*subjects)
	}
}
