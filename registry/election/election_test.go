package election_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/election"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/test/testenv"
)

// group is a Kafka group of one test.
type group struct {
	t       *testing.T
	client  []kgo.Opt
	name    string
	session time.Duration
}

// onKafka returns a group on the real Kafka.
func onKafka(t *testing.T) *group {
	return &group{t, []kgo.Opt{kgo.SeedBrokers(strings.Split(testenv.Kafka(t), ",")...)}, fmt.Sprintf("election-%d", time.Now().UnixNano()), 6 * time.Second}
}

// onFake returns a group on a fake of Kafka, whose sessions are short.
func onFake(t *testing.T) (*group, *kfake.Cluster) {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.GroupMinSessionTimeout(50*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return &group{t, []kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...)}, "schema-registry", 500 * time.Millisecond}, c
}

// node is one that takes part.
type node struct {
	*election.Election
	claims claims
	log    registry.Log
	stop   context.CancelFunc
	done   chan struct{}
}

// claims counts what an election does to the log.
type claims struct {
	led, resigned atomic.Int32
	held          atomic.Bool
}

func (c *claims) Lead(context.Context) error   { c.led.Add(1); c.held.Store(true); return nil }
func (c *claims) Resign(context.Context) error { c.resigned.Add(1); c.held.Store(false); return nil }

func (g *group) join(url string, set ...func(*election.Config)) *node {
	g.t.Helper()
	return g.joinWith(func(context.Context) error { return nil }, url, set...)
}

func (g *group) joinWith(catchUp func(context.Context) error, url string, set ...func(*election.Config)) *node {
	g.t.Helper()
	cfg := election.Config{Log: slog.New(slog.NewTextHandler(g.t.Output(), nil)), Client: g.client, Group: g.name, URL: url, Session: g.session, Heartbeat: g.session / 10, Rebalance: 10 * time.Second}
	for _, f := range set {
		f(&cfg)
	}
	e, err := election.New(cfg)
	if err != nil {
		g.t.Fatal(err)
	}
	n := &node{Election: e, done: make(chan struct{})}
	n.log = e.Log(memlog.New(), &n.claims)
	ctx, cancel := context.WithCancel(context.Background())
	n.stop = cancel
	go func() {
		defer close(n.done)
		if err := e.Run(ctx, catchUp); err != nil {
			g.t.Errorf("Run: %v", err)
		}
	}()
	g.t.Cleanup(n.leave)
	return n
}

func (n *node) leave() { n.stop(); <-n.done }

// wantLeader waits until all nodes say who leads.
func wantLeader(t *testing.T, url string, nodes ...*node) {
	t.Helper()
	for _, n := range nodes {
		var l registry.Leader
		for deadline := time.Now().Add(20 * time.Second); ; {
			var changed <-chan struct{}
			if l, changed = n.Leader(); l.URL == url && !l.Electing {
				break
			}
			select {
			case <-changed:
				continue
			case <-time.After(50 * time.Millisecond):
			}
			if time.Now().After(deadline) {
				t.Fatalf("the leader is %+v, want %s", l, url)
			}
		}
	}
}

func follower(c *election.Config) { c.Follower = true }
func unsticky(c *election.Config) { c.Unsticky = true }

// TestElections lets nodes come and go on a real Kafka.
func TestElections(t *testing.T) {
	g := onKafka(t)
	b := g.join("http://127.0.0.1:2")
	wantLeader(t, "http://127.0.0.1:2", b)
	for !b.claims.held.Load() {
		time.Sleep(time.Millisecond)
	}
	z := g.join("http://127.0.0.1:1", follower)
	a := g.join("http://127.0.0.1:3")
	wantLeader(t, "http://127.0.0.1:2", a, b, z) // it led before
	if l, _ := b.Leader(); !l.Self {
		t.Error("the leader does not know itself")
	}
	if l, _ := a.Leader(); l.Self {
		t.Error("another node takes itself for the leader")
	}
	began := time.Now()
	b.leave()
	wantLeader(t, "http://127.0.0.1:3", a)
	t.Logf("a leader that left was followed by another after %v", time.Since(began))
	if b.claims.held.Load() || b.claims.resigned.Load() == 0 {
		t.Error("the leader that left has not resigned")
	}
	a.leave()
	wantLeader(t, "", z)
	if l, _ := z.Leader(); l.Self || l.Electing {
		t.Errorf("a node that may not lead says %+v", l)
	}
}

// TestUnsticky lets a node with a smaller URL take over.
func TestUnsticky(t *testing.T) {
	g, _ := onFake(t)
	b := g.join("http://sr-2:1", unsticky)
	wantLeader(t, "http://sr-2:1", b)
	a := g.join("http://sr-1:1", unsticky)
	wantLeader(t, "http://sr-1:1", a, b)
	for b.claims.held.Load() || !a.claims.held.Load() {
		time.Sleep(time.Millisecond)
	}
}

// TestCatchesUp has an elected node that has not read its log: it does not lead so far.
func TestCatchesUp(t *testing.T) {
	g, _ := onFake(t)
	tries := make(chan error)
	n := g.joinWith(func(ctx context.Context) error {
		select {
		case err := <-tries:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}, "http://sr-1:1")
	tries <- errors.New("no broker answers")
	if l, _ := n.Leader(); l.Self || !l.Electing || !n.claims.held.Load() {
		t.Errorf("before it has caught up it says %+v", l)
	}
	tries <- nil
	wantLeader(t, "http://sr-1:1", n)
	if l, _ := n.Leader(); !l.Self {
		t.Errorf("after it has caught up it says %+v", l)
	}
}

// TestLostSession has a leader whose heartbeats nobody answers: it does not lead any more once its session may be over, though
// nobody tells it so, and leads again when the coordinator answers after all.
func TestLostSession(t *testing.T) {
	g, c := onFake(t)
	a := g.join("http://sr-1:1")
	wantLeader(t, "http://sr-1:1", a)
	if _, err := a.log.Append(t.Context(), -1, registry.Record{Key: []byte("k")}); err != nil {
		t.Fatal(err)
	}
	var deaf atomic.Bool
	deaf.Store(true)
	c.ControlKey(kmsg.Heartbeat.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		return nil, errors.New("no answer"), deaf.Load()
	})
	began := time.Now()
	for l, _ := a.Leader(); l.Self; l, _ = a.Leader() {
		if time.Since(began) > 2*g.session {
			t.Fatal("it still leads")
		}
		time.Sleep(time.Millisecond)
	}
	if _, err := a.log.Append(t.Context(), 0, registry.Record{Key: []byte("k")}); !errors.Is(err, registry.ErrNotLeader) {
		t.Errorf("Append after the session: %v", err)
	}
	if l, _ := a.Leader(); !l.Electing || l.URL != "" {
		t.Errorf("it says %+v", l)
	}
	deaf.Store(false)
	wantLeader(t, "http://sr-1:1", a)
}

// TestComesBack has a node that is killed and started again within its session: it takes its place at once.
func TestComesBack(t *testing.T) {
	g := onKafka(t)
	g.session = 30 * time.Second
	a := g.join("http://127.0.0.1:1")
	wantLeader(t, "http://127.0.0.1:1", a)
	b := g.join("http://127.0.0.1:2")
	wantLeader(t, "http://127.0.0.1:1", a, b)
	killed := &group{t, g.client, g.name, g.session} // a second process of the same URL, as the first one does not leave
	began := time.Now()
	again := killed.join("http://127.0.0.1:1")
	wantLeader(t, "http://127.0.0.1:1", again, b)
	if d := time.Since(began); d > 10*time.Second {
		t.Errorf("it took %v", d)
	}
	for l, _ := a.Leader(); l.Self; l, _ = a.Leader() { // the brokers have told it
		time.Sleep(10 * time.Millisecond)
	}
}

// foreign is a member as Confluent's nodes are: dynamic, with their JSON.
type foreign struct {
	g        *group
	cl       *kgo.Client
	metadata string
	id       string
	gen      int32
}

func (g *group) foreign(metadata string) *foreign {
	g.t.Helper()
	cl, err := kgo.NewClient(g.client...)
	if err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(cl.Close)
	return &foreign{g: g, cl: cl, metadata: metadata}
}

// member is what a foreign group's leader knows of another one.
type member struct{ id, metadata string }

// join joins and returns the assignment. choose is called when it is the group's leader.
func (f *foreign) join(choose func([]member) string) string {
	f.g.t.Helper()
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.ProtocolType = f.g.name, "sr"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = int32(f.g.session.Milliseconds()), 10_000
	p := kmsg.NewJoinGroupRequestProtocol()
	p.Name, p.Metadata = "v0", []byte(f.metadata)
	req.Protocols = append(req.Protocols, p)
	for {
		req.MemberID = f.id
		resp, err := req.RequestWith(f.g.t.Context(), f.cl)
		if err != nil {
			f.g.t.Fatal(err)
		}
		f.id, f.gen = resp.MemberID, resp.Generation
		if err := kerr.ErrorForCode(resp.ErrorCode); errors.Is(err, kerr.MemberIDRequired) {
			continue
		} else if err != nil {
			f.g.t.Fatal(err)
		}
		sync := kmsg.NewPtrSyncGroupRequest()
		sync.Group, sync.MemberID, sync.Generation = f.g.name, f.id, f.gen
		typ, name := "sr", "v0"
		sync.ProtocolType, sync.Protocol = &typ, &name
		if resp.LeaderID == f.id {
			var all []member
			for _, m := range resp.Members {
				all = append(all, member{m.MemberID, string(m.ProtocolMetadata)})
			}
			text := choose(all)
			for _, m := range all {
				a := kmsg.NewSyncGroupRequestGroupAssignment()
				a.MemberID, a.MemberAssignment = m.id, []byte(text)
				sync.GroupAssignment = append(sync.GroupAssignment, a)
			}
		}
		got, err := sync.RequestWith(f.g.t.Context(), f.cl)
		if err != nil {
			f.g.t.Fatal(err)
		}
		switch err := kerr.ErrorForCode(got.ErrorCode); {
		case errors.Is(err, kerr.RebalanceInProgress):
		case err != nil:
			f.g.t.Fatal(err)
		default:
			return string(got.MemberAssignment)
		}
	}
}

// beats sends heartbeats until the group is joined anew, or ctx ends.
func (f *foreign) beats(ctx context.Context) error {
	req := kmsg.NewPtrHeartbeatRequest()
	req.Group, req.MemberID, req.Generation = f.g.name, f.id, f.gen
	for {
		resp, err := req.RequestWith(ctx, f.cl)
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err != nil {
			return err
		}
		select {
		case <-time.After(f.g.session / 10):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *foreign) leave() {
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = f.g.name
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID = f.id
	req.Members = append(req.Members, m)
	_, _ = req.RequestWith(context.Background(), f.cl)
}

// TestRollingTakeover has a cluster of a node as Confluent's that leads, which a node of ours joins; the first leaves, and ours
// leads; it comes back, and follows. What is in the group is compared with the JSON that Confluent's nodes exchange.
func TestRollingTakeover(t *testing.T) {
	for name, g := range map[string]*group{"kafka": onKafka(t)} {
		t.Run(name, func(t *testing.T) {
			const theirs = `{"host":"sr-confluent","port":8081,"master_eligibility":true,"scheme":"http","leader":false,"version":1}`
			const ours = `{"version":1,"host":"sr-millrace","port":8081,"master_eligibility":true,"scheme":"http","leader":false}`
			f := g.foreign(theirs)
			choose := func(all []member) string {
				for _, m := range all {
					if m.id != f.id && m.metadata != ours {
						t.Errorf("our metadata is %s, want %s", m.metadata, ours)
					}
				}
				return fmt.Sprintf(`{"error":0,"master":%q,"master_identity":%s,"version":1}`, f.id, theirs)
			}
			f.join(choose)
			n := g.join("http://sr-millrace:8081")
			if err := f.beats(t.Context()); !errors.Is(err, kerr.RebalanceInProgress) {
				t.Fatalf("their heartbeats: %v", err)
			}
			f.join(choose)
			wantLeader(t, "http://sr-confluent:8081", n)
			if _, err := n.log.Append(t.Context(), -1, registry.Record{Key: []byte("k")}); !errors.Is(err, registry.ErrNotLeader) {
				t.Errorf("Append beside their leader: %v", err)
			}
			f.leave()
			wantLeader(t, "http://sr-millrace:8081", n)
			if _, err := n.log.Append(t.Context(), -1, registry.Record{Key: []byte("k")}); err != nil {
				t.Errorf("Append: %v", err)
			}
			f.id = ""
			text := f.join(nil) // ours is the group's leader now
			var a struct {
				Version, Error int
				Master         string
				Identity       json.RawMessage `json:"master_identity"`
			}
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				t.Fatal(err)
			}
			if want := strings.Replace(ours, `"leader":false`, `"leader":true`, 1); a.Version != 1 || a.Error != 0 || a.Master == "" || string(a.Identity) != want {
				t.Errorf("the assignment is %s, want master_identity %s", text, want)
			}
			wantLeader(t, "http://sr-millrace:8081", n)
			f.leave()
		})
	}
}

// TestNamesake has a node of Confluent's with our URL, once dead and once alive: a dead one is waited for, and with one that is
// alive nobody leads.
func TestNamesake(t *testing.T) {
	g, _ := onFake(t)
	const theirs = `{"host":"sr-1","port":1,"master_eligibility":true,"scheme":"http","leader":false,"version":1}`
	f := g.foreign(theirs)
	alone := func([]member) string {
		return fmt.Sprintf(`{"error":0,"master":%q,"master_identity":%s,"version":1}`, f.id, theirs)
	}
	f.join(alone) // and is killed
	n := g.join("http://sr-1:1")
	wantLeader(t, "http://sr-1:1", n)
	f.id = ""
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	text := f.join(nil)
	wg.Go(func() { _ = f.beats(ctx) })
	if want := `{"version":1,"error":1,"master":null,"master_identity":null}`; text != want {
		t.Errorf("the assignment is %s, want %s", text, want)
	}
	wantLeader(t, "", n)
	cancel()
	wg.Wait()
	f.leave()
	wantLeader(t, "http://sr-1:1", n)
}

// TestStrangeAssignments has a group's leader that is out of its mind.
func TestStrangeAssignments(t *testing.T) {
	for _, text := range []string{``, `{`, `null`, `[]`, `{"version":1,"error":0,"master":"x","master_identity":{"host":"","port":0}}`, `{"error":77}`} {
		g, _ := onFake(t)
		f := g.foreign(`{"host":"sr-0","port":1,"master_eligibility":true,"scheme":"http","leader":false,"version":1}`)
		choose := func([]member) string { return text }
		f.join(choose)
		n := g.join("http://sr-1:1")
		_ = f.beats(t.Context())
		f.join(choose)
		time.Sleep(g.session / 10)
		if l, _ := n.Leader(); l.Self || l.URL != "" {
			t.Errorf("after the assignment %q the leader is %+v", text, l)
		}
		f.leave()
		wantLeader(t, "http://sr-1:1", n)
		n.leave()
	}
}

// fickle is a log that another node has claimed.
type fickle struct {
	registry.Log
	refusals int
}

func (f *fickle) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if f.refusals > 0 {
		f.refusals--
		return 0, registry.ErrNotLeader
	}
	return f.Log.Append(ctx, after, recs...)
}

// TestClaimsAgain has a leader whose claim a node that does not lead any more has taken: it takes the log back.
func TestClaimsAgain(t *testing.T) {
	g, _ := onFake(t)
	n := g.join("http://sr-1:1")
	wantLeader(t, "http://sr-1:1", n)
	for !n.claims.held.Load() {
		time.Sleep(time.Millisecond)
	}
	before := n.claims.led.Load()
	if _, err := n.Log(&fickle{memlog.New(), 2}, &n.claims).Append(t.Context(), -1, registry.Record{Key: []byte("k")}); err != nil || n.claims.led.Load() != before+2 {
		t.Errorf("Append: %v after %d claims, want 2", err, n.claims.led.Load()-before)
	}
	if _, err := n.Log(&fickle{memlog.New(), 99}, &n.claims).Append(t.Context(), -1, registry.Record{Key: []byte("k")}); !errors.Is(err, registry.ErrNotLeader) {
		t.Errorf("Append to a log that others claim all the time: %v", err)
	}
}

// TestResumable has the log say of itself what the one below says: a registry with a snapshot asks for that.
func TestResumable(t *testing.T) {
	e, err := election.New(election.Config{URL: "http://h:1"})
	if err != nil {
		t.Fatal(err)
	}
	type resumable struct {
		registry.Log
		registry.Resumable
	}
	if _, ok := e.Log(resumable{Log: memlog.New()}, nil).(registry.Resumable); !ok {
		t.Error("a log that can be resumed cannot any more")
	}
	if _, ok := e.Log(memlog.New(), nil).(registry.Resumable); ok {
		t.Error("a log that cannot be resumed can")
	}
}

// small takes records of up to 3 bytes.
type small struct{ registry.Log }

func (small) Fits(r registry.Record) bool { return len(r.Key)+len(r.Value) <= 3 }

// TestSizer: what the log does not take is known before it is appended.
func TestSizer(t *testing.T) {
	e, err := election.New(election.Config{URL: "http://h:1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []registry.Log{e.Log(small{memlog.New()}, nil), e.Log(struct {
		small
		registry.Resumable
	}{small{memlog.New()}, nil}, nil)} {
		s, ok := l.(registry.Sizer)
		if !ok || !s.Fits(registry.Record{Key: []byte("abc")}) || s.Fits(registry.Record{Key: []byte("abcd")}) {
			t.Errorf("%T does not say what it takes", l)
		}
	}
	if s, ok := e.Log(memlog.New(), nil).(registry.Sizer); ok && !s.Fits(registry.Record{Key: []byte("abcd")}) {
		t.Error("a log that takes everything refuses a record")
	}
}

func TestConfig(t *testing.T) {
	for name, c := range map[string]election.Config{
		"no URL":           {},
		"a URL with users": {URL: "http://u:p@h:1"},
		"rare heartbeats":  {URL: "http://h:1", Heartbeat: 6 * time.Second},
		"negative":         {URL: "http://h:1", Heartbeat: -1},
	} {
		if _, err := election.New(c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
