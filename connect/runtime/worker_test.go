package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/offset"
	offsetfile "github.com/millrace/millrace/connect/offset/file"
	offsetkafka "github.com/millrace/millrace/connect/offset/kafka"
	"github.com/millrace/millrace/connect/runtime"
	"github.com/millrace/millrace/connect/state"
	statefile "github.com/millrace/millrace/connect/state/file"
	statekafka "github.com/millrace/millrace/connect/state/kafka"
	"github.com/millrace/millrace/test/testenv"
)

// bench is what a worker's restart leaves alone: upstreams, the broker and the stores.
type bench struct {
	t         *testing.T
	mu        sync.Mutex // guards upstreams
	upstreams map[string]*connecttest.Upstream
	broker    *connecttest.Broker
	offsets   func() offset.Store
	states    func() state.Store
	registry  *prometheus.Registry
	resolve   func(map[string]string) (map[string]string, []config.Fault)
	seen      atomic.Pointer[config.Values] // what the last source was made from
}

func newBench(t *testing.T) *bench {
	dir := t.TempDir()
	return &bench{t: t, broker: &connecttest.Broker{}, upstreams: map[string]*connecttest.Upstream{},
		offsets: func() offset.Store { return must(offsetfile.Open(filepath.Join(dir, "offsets"))) },
		states:  func() state.Store { return must(statefile.Open(filepath.Join(dir, "state"))) },
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (b *bench) upstream(name string) *connecttest.Upstream {
	b.mu.Lock()
	defer b.mu.Unlock()
	u := b.upstreams[name]
	if u == nil {
		u = &connecttest.Upstream{Rows: 300, Keys: 3, Batch: 10, Wait: true, Topic: "numbers." + name}
		b.upstreams[name] = u
	}
	return u
}

// kind is a connector that makes one task for each of its upstreams.
func (b *bench) kind() connect.Connector {
	return connect.Connector{
		Class: "org.example.NumbersConnector", Alias: "numbers", Type: "source",
		Spec: config.Spec{
			{Name: "upstreams", Type: config.List, Required: true}, {Name: "password", Type: config.Password}, {Name: "upstream", Type: config.String},
		},
		Validate: func(_ context.Context, v config.Values) []config.Fault {
			if v.Get("password") == "wrong" {
				return []config.Fault{{Option: "password", Kind: config.Invalid, Value: config.Hidden, Msg: "the server refuses it"}}
			}
			return nil
		},
		Tasks: func(v config.Values, most int) (tasks []config.Values, err error) {
			for i, u := range v.List("upstreams") {
				if i < most {
					tasks = append(tasks, config.Values{"upstream": u, "password": v.Get("password")})
				}
			}
			return tasks, nil
		},
		Partition: func(v config.Values) map[string]string { return map[string]string{"server": v.Get("upstream")} },
		Source: func(_ connect.Env, v config.Values) (connect.Source, error) {
			b.seen.Store(&v)
			return b.upstream(v.Get("upstream")).Source(), nil
		},
	}
}

// start runs a worker; stop ends it and returns when Run has.
func (b *bench) start() (w *runtime.Worker, stop func()) {
	b.t.Helper()
	b.registry = prometheus.NewRegistry()
	offsets, states := b.offsets(), b.states()
	w = must(runtime.NewWorker(runtime.WorkerConfig{
		ID: "127.0.0.1:8083", Kinds: []connect.Connector{b.kind()}, Log: quiet, Metrics: must(runtime.NewMetrics(b.registry)),
		Offsets: offsets, State: states, Limits: runtime.Limits{SaveInterval: time.Millisecond}, Resolve: b.resolve,
		Defaults: map[string]string{"key.converter": "text", "value.converter": "text"},
		Converter: func(class string, _ map[string]string, _ convert.Part) (convert.Converter, error) {
			if class != "text" {
				return nil, fmt.Errorf("there is no converter %s", class)
			}
			return connecttest.Text{}, nil
		},
		Producer: func(context.Context, connect.Env, config.Values) (connect.Producer, error) {
			return b.broker.Producer(), nil
		},
	}))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	eventually(b.t, "the worker is ready", w.Ready)
	return w, func() {
		cancel()
		if err := <-ended; err != nil {
			b.t.Error(err)
		}
		offsets.Close(context.Background())
		states.Close(context.Background())
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it did not come to pass that %s", what)
		}
	}
}

func numbers(upstreams string, more ...string) map[string]string {
	cfg := map[string]string{"connector.class": "NumbersConnector", "upstreams": upstreams, "tasks.max": "8"}
	for i := 0; i < len(more); i += 2 {
		cfg[more[i]] = more[i+1]
	}
	return cfg
}

// states returns "CONNECTOR TASK TASK …".
func states(w *runtime.Worker, name string) string {
	s, err := w.Status(name)
	if err != nil {
		return err.Error()
	}
	text := string(s.Connector.State)
	for _, t := range s.Tasks {
		text += " " + string(t.State)
	}
	return text
}

func expect(t *testing.T, w *runtime.Worker, name, want string) {
	t.Helper()
	eventually(t, name+" is "+want, func() bool { return states(w, name) == want })
}

// delivered waits until every row of an upstream is committed.
func (b *bench) delivered(name string) {
	b.t.Helper()
	u := b.upstream(name)
	eventually(b.t, name+" is delivered", func() bool { n, _ := u.Pruned(); return n == u.Rows })
}

// TestWorkerLife runs a connector through every operation. In the bubble a goroutine that outlives Run is a failure.
func TestWorkerLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ctx := newBench(t), context.Background()
		w, stop := b.start()
		if _, err := w.Status("shop"); !errors.Is(err, runtime.ErrNotFound) {
			t.Fatal(err)
		}
		info, err := w.Create(ctx, "shop", numbers("a,b"), "")
		if err != nil {
			t.Fatal(err)
		}
		want := runtime.Info{Name: "shop", Type: "source", Tasks: []runtime.TaskID{{Connector: "shop", Task: 0}, {Connector: "shop", Task: 1}},
			Config: numbers("a,b", "name", "shop")}
		if d := cmp.Diff(want, info); d != "" {
			t.Fatal(d)
		}
		if _, err := w.Create(ctx, "shop", numbers("a"), ""); !errors.Is(err, runtime.ErrExists) {
			t.Fatal(err)
		}
		expect(t, w, "shop", "RUNNING RUNNING RUNNING")
		b.delivered("a")
		b.delivered("b")

		if err := w.AlterOffsets(ctx, "shop", []runtime.Offset{{Partition: []byte(`{"server":"a"}`)}}); !errors.Is(err, runtime.ErrNotStopped) {
			t.Fatal(err)
		}
		for _, step := range []struct {
			do   func() error
			want string
		}{
			{func() error { return w.Pause(ctx, "shop") }, "PAUSED PAUSED PAUSED"},
			{func() error { return w.Pause(ctx, "shop") }, "PAUSED PAUSED PAUSED"},
			{func() error { return w.Resume(ctx, "shop") }, "RUNNING RUNNING RUNNING"},
			{func() error { return w.RestartTask(ctx, "shop", 1) }, "RUNNING RUNNING RUNNING"},
			{func() error { return w.Stop(ctx, "shop") }, "STOPPED"},
			{func() error { return w.Pause(ctx, "shop") }, "PAUSED PAUSED PAUSED"},
			{func() error { return w.Stop(ctx, "shop") }, "STOPPED"},
			{func() error { return w.Resume(ctx, "shop") }, "RUNNING RUNNING RUNNING"},
			{func() error { return w.Stop(ctx, "shop") }, "STOPPED"},
		} {
			if err := step.do(); err != nil {
				t.Fatal(err)
			}
			expect(t, w, "shop", step.want)
		}
		if err := w.RestartTask(ctx, "shop", 7); !errors.Is(err, runtime.ErrNotFound) {
			t.Fatal(err)
		}

		// Offsets of the stopped connector.
		check := func(want ...string) {
			t.Helper()
			got, err := w.Offsets(ctx, "shop")
			if err != nil {
				t.Fatal(err)
			}
			var text []string
			for _, o := range got {
				text = append(text, string(o.Partition)+" "+string(o.Offset))
			}
			if d := cmp.Diff(want, text); d != "" {
				t.Fatal(d)
			}
		}
		check(`{"server":"a"} {"next":300}`, `{"server":"b"} {"next":300}`)
		for _, bad := range [][]runtime.Offset{nil, {{Partition: []byte(`7`)}}, {{Partition: []byte(`{}`), Offset: []byte(`"x"`)}}} {
			if err := w.AlterOffsets(ctx, "shop", bad); !errors.Is(err, runtime.ErrBadOffsets) {
				t.Fatal(err)
			}
		}
		alter := []runtime.Offset{{Partition: []byte(` { "server" : "a" } `), Offset: []byte(`{ "next": 300, "x": 1.50 }`)}, {Partition: []byte(`{"server":"b"}`), Offset: []byte(`null`)}}
		if err := w.AlterOffsets(ctx, "shop", alter); err != nil {
			t.Fatal(err)
		}
		check(`{"server":"a"} {"next":300,"x":1.50}`)
		if err := w.ResetOffsets(ctx, "shop"); err != nil {
			t.Fatal(err)
		}
		check()

		// Another configuration: other upstreams, one task.
		if _, created, err := w.Put(ctx, "shop", numbers("c")); err != nil || created {
			t.Fatal(created, err)
		}
		expect(t, w, "shop", "STOPPED")
		if err := w.Resume(ctx, "shop"); err != nil {
			t.Fatal(err)
		}
		expect(t, w, "shop", "RUNNING RUNNING")
		b.delivered("c")
		d := "d"
		if info, err = w.Patch(ctx, "shop", map[string]*string{"upstreams": &d, "tasks.max": nil}); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(map[string]string{"connector.class": "NumbersConnector", "upstreams": "d", "name": "shop"}, info.Config); d != "" {
			t.Fatal(d)
		}
		b.delivered("d")
		topics, err := w.Topics("shop")
		if d := cmp.Diff([]string{"numbers.a", "numbers.b", "numbers.c", "numbers.d"}, topics); d != "" || err != nil {
			t.Fatal(d, err)
		}
		if err := w.ResetTopics("shop"); err != nil {
			t.Fatal(err)
		}
		if topics, _ = w.Topics("shop"); len(topics) != 0 {
			t.Fatal(topics)
		}
		if err := w.Delete(ctx, "shop"); err != nil {
			t.Fatal(err)
		}
		if names := w.Connectors(); len(names) != 0 {
			t.Fatal(names)
		}
		stop()
		if err := w.Pause(ctx, "shop"); !errors.Is(err, runtime.ErrStarting) {
			t.Fatal(err)
		}
	})
}

// TestWorkerIsolates runs a connector that fails in each way beside one that must not notice.
func TestWorkerIsolates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ctx := newBench(t), context.Background()
		healthy := b.upstream("healthy")
		healthy.Rows = 20000
		healthy.Fail = func(int) error { time.Sleep(time.Millisecond); return nil }
		broken := map[string]func(int) error{
			"fatal": func(int) error { return errors.New("slot is gone") },
			"panic": func(int) error { panic("nil map") },
			"retry": func(int) error { return connect.MarkRetriable(errors.New("connection refused")) },
		}
		w, stop := b.start()
		defer stop()
		if _, err := w.Create(ctx, "healthy", numbers("healthy"), ""); err != nil {
			t.Fatal(err)
		}
		for name, f := range broken {
			b.upstream(name).Fail = f
			if _, err := w.Create(ctx, name, numbers(name+",fine-"+name), ""); err != nil {
				t.Fatal(err)
			}
		}
		for name, trace := range map[string]string{"fatal": "slot is gone", "panic": "nil map"} {
			expect(t, w, name, "RUNNING FAILED RUNNING")
			s, _ := w.Status(name)
			if !strings.Contains(s.Tasks[0].Trace, trace) || s.Tasks[0].WorkerID != "127.0.0.1:8083" {
				t.Fatalf("%+v", s)
			}
			b.delivered("fine-" + name)
		}
		expect(t, w, "retry", "RUNNING RESTARTING RUNNING")
		if got := states(w, "healthy"); got != "RUNNING RUNNING" {
			t.Fatal(got)
		}

		// A failed task stays FAILED through pause and resume, and runs after a restart.
		if err := errors.Join(w.Pause(ctx, "fatal"), w.Resume(ctx, "fatal")); err != nil {
			t.Fatal(err)
		}
		expect(t, w, "fatal", "RUNNING FAILED RUNNING")
		b.mu.Lock()
		for name := range broken {
			b.upstreams[name] = nil // repaired
		}
		b.mu.Unlock()
		plan, err := w.Restart(ctx, "fatal", runtime.RestartOptions{IncludeTasks: true, OnlyFailed: true})
		if err != nil || plan.Tasks[0].State != runtime.Restarting || plan.Tasks[1].State != runtime.Running || plan.Connector.State != runtime.Running {
			t.Fatalf("%+v, %v", plan, err)
		}
		if err := w.RestartTask(ctx, "panic", 0); err != nil {
			t.Fatal(err)
		}
		for name := range broken { // the retried one finds the repaired upstream by itself
			b.delivered(name)
			expect(t, w, name, "RUNNING RUNNING RUNNING")
		}
		b.delivered("healthy")
	})
}

func TestWorkerRefuses(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	w, stop := b.start()
	defer stop()
	for name, c := range map[string]struct {
		cfg  map[string]string
		want []string
	}{
		"class":      {numbers("a", "connector.class", "Nope"), []string{"connector.class: there is no such connector; there are org.example.NumbersConnector"}},
		"no class":   {map[string]string{}, []string{"connector.class: is required and not set"}},
		"all faults": {numbers("", "passwort", "x", "transforms", "route", "tasks.max", "0"), []string{"upstreams: is required", "passwort:", "transforms: is not supported by Millrace", "tasks.max: value must be at least 1"}},
		"converter":  {numbers("a", "value.converter", "org.example.Nope"), []string{"value.converter: there is no converter org.example.Nope"}},
		"connection": {numbers("a", "password", "wrong"), []string{"password: the server refuses it"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.Create(ctx, "refused", c.cfg, "")
			var faults config.FaultsError
			if !errors.As(err, &faults) {
				t.Fatalf("error %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in:\n%v", want, err)
				}
			}
		})
	}
	if _, err := w.Create(ctx, " ", numbers("a"), ""); err == nil {
		t.Error("a blank name was taken")
	}
	if names := w.Connectors(); len(names) != 0 {
		t.Fatalf("%v were made", names)
	}
	if _, err := w.Create(ctx, "refused", numbers("a"), state.Stopped); err != nil {
		t.Fatalf("the name is not free again: %v", err)
	}
	if s := states(w, "refused"); s != "STOPPED" {
		t.Fatal(s)
	}
}

// TestWorkerKeepsSecretsAsReferences looks for a secret everywhere but in the source.
func TestWorkerKeepsSecretsAsReferences(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	path := filepath.Join(t.TempDir(), "state")
	b.states = func() state.Store { return must(statefile.Open(path)) }
	b.resolve = func(raw map[string]string) (map[string]string, []config.Fault) {
		out := map[string]string{}
		for k, v := range raw {
			out[k] = strings.ReplaceAll(v, "${file:/run/p}", "hunter2")
		}
		return out, nil
	}
	w, stop := b.start()
	if _, err := w.Create(ctx, "shop", numbers("a", "password", "${file:/run/p}"), ""); err != nil {
		t.Fatal(err)
	}
	b.delivered("a")
	if v := *b.seen.Load(); v.Get("password") != "hunter2" {
		t.Fatalf("the source got %q", v.Get("password"))
	}
	info, _ := w.Info("shop")
	tasks, _ := w.Tasks("shop")
	stop()
	shown := fmt.Sprint(info, tasks, string(must(os.ReadFile(path))))
	if strings.Contains(shown, "hunter2") || strings.Count(shown, "${file:/run/p}") < 4 {
		t.Fatal(shown)
	}
}

// TestWorkerRestarts ends a worker and starts another over the same stores: connectors, targets and positions are there.
func TestWorkerRestarts(t *testing.T) {
	for name, stores := range map[string]func(t *testing.T, b *bench){
		"files": func(*testing.T, *bench) {},
		"kafka": kafkaStores,
	} {
		t.Run(name, func(t *testing.T) {
			b, ctx := newBench(t), context.Background()
			stores(t, b)
			w, stop := b.start()
			for name, target := range map[string]state.Target{"running": state.Started, "paused": state.Paused, "stopped": state.Stopped, "deleted": state.Started} {
				if _, err := w.Create(ctx, name, numbers(name), target); err != nil {
					t.Fatal(err)
				}
			}
			b.delivered("running")
			if err := w.Delete(ctx, "deleted"); err != nil {
				t.Fatal(err)
			}
			stop()
			snap := load(t, b)
			for id, s := range snap.Statuses {
				want := "UNASSIGNED"
				if id.Connector == "stopped" {
					want = "STOPPED"
				}
				if s.State != want || s.WorkerID != "127.0.0.1:8083" {
					t.Errorf("after the end %v is %+v", id, s)
				}
			}

			b.upstream("running").Rows = 500 // 200 more come
			w, stop = b.start()
			if d := cmp.Diff([]string{"paused", "running", "stopped"}, w.Connectors()); d != "" {
				t.Fatal(d)
			}
			expect(t, w, "running", "RUNNING RUNNING")
			expect(t, w, "paused", "PAUSED PAUSED")
			expect(t, w, "stopped", "STOPPED")
			b.delivered("running")
			if n, _ := b.upstream("paused").Pruned(); n != 0 {
				t.Fatal("the paused connector ran")
			}
			if topics, _ := w.Topics("running"); !cmp.Equal(topics, []string{"numbers.running"}) {
				t.Fatal(topics)
			}
			stop()
			var got []string
			for _, m := range b.broker.Messages() {
				if m.Topic == "numbers.running" {
					got = append(got, string(m.Value))
				}
			}
			if dups := checkDelivered(t, got, 500, 3); dups != 0 {
				t.Errorf("%d duplicates over a graceful restart", dups)
			}
			if d := cmp.Diff([]map[string]string{{"upstream": "running", "password": ""}}, load(t, b).Connectors["running"].Tasks, cmpopts.EquateEmpty()); d != "" {
				t.Error(d)
			}
		})
	}
}

func load(t *testing.T, b *bench) state.Snapshot {
	t.Helper()
	s := b.states()
	defer s.Close(context.Background())
	return must(s.Load(context.Background()))
}

// kafkaStores keeps everything in topics, as a distributed worker does.
func kafkaStores(t *testing.T, b *bench) {
	client := []kgo.Opt{kgo.SeedBrokers(strings.Split(testenv.Kafka(t), ",")...)}
	prefix := fmt.Sprintf("runtime-test-%d-", time.Now().UnixNano())
	topic := func(name string) compacted.Config {
		return compacted.Config{Client: client, Topic: prefix + name, Partitions: 3, Replication: 1, Log: quiet}
	}
	b.offsets = func() offset.Store { return must(offsetkafka.Open(context.Background(), topic("offsets"))) }
	b.states = func() state.Store {
		return must(statekafka.Open(context.Background(), topic("configs"), topic("status")))
	}
	t.Cleanup(func() {
		cl := must(kgo.NewClient(client...))
		defer cl.Close()
		must(kadm.NewClient(cl).DeleteTopics(context.Background(), prefix+"offsets", prefix+"configs", prefix+"status"))
	})
}

// TestWorkerTakesUpWhatItCannotRun starts with a stored configuration that has faults: FAILED, and repaired by Put.
func TestWorkerTakesUpWhatItCannotRun(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	s := b.states()
	if err := s.SaveConfig(ctx, "old", map[string]string{"name": "old", "connector.class": "Gone"}, ""); err != nil {
		t.Fatal(err)
	}
	w, stop := b.start()
	defer stop()
	expect(t, w, "old", "FAILED")
	st, _ := w.Status("old")
	if !strings.Contains(st.Connector.Trace, "there is no such connector") {
		t.Fatalf("%+v", st)
	}
	for _, op := range []func() error{
		func() error { return w.Pause(ctx, "old") }, func() error { return w.Resume(ctx, "old") },
		func() error { _, err := w.Restart(ctx, "old", runtime.RestartOptions{}); return err },
	} {
		if err := op(); err != nil {
			t.Fatal(err)
		}
		expect(t, w, "old", "FAILED")
	}
	if _, _, err := w.Put(ctx, "old", numbers("a")); err != nil {
		t.Fatal(err)
	}
	expect(t, w, "old", "RUNNING RUNNING")
	b.delivered("a")
}
