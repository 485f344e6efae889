package registry_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// sameState compares all that two registries answer.
func sameState(t *testing.T, a, b *registry.Registry) {
	t.Helper()
	all := registry.SchemaFilter{Prefix: ":*:", Deleted: true}
	want, got := a.Schemas(all), b.Schemas(all)
	if !reflect.DeepEqual(want, got) {
		t.Errorf("after replay\n got %+v\nwant %+v", got, want)
	}
	if !reflect.DeepEqual(a.Contexts(""), b.Contexts("")) {
		t.Errorf("contexts %v, want %v", b.Contexts(""), a.Contexts(""))
	}
	for _, v := range want {
		ca, ea := a.Config(v.Subject, false)
		cb, eb := b.Config(v.Subject, false)
		ma, _ := a.Mode(v.Subject, true)
		mb, _ := b.Mode(v.Subject, true)
		if !reflect.DeepEqual(ca, cb) || (ea == nil) != (eb == nil) || ma != mb {
			t.Errorf("%s: config %+v, mode %s; want %+v, %s", v.Subject, cb, mb, ca, ma)
		}
		ia, xa, _ := a.FindID(v.Subject, v.ID)
		ib, xb, _ := b.FindID(v.Subject, v.ID)
		if !reflect.DeepEqual(ia, ib) || xa != xb {
			t.Errorf("id %d: %+v of %d, want %+v of %d", v.ID, ib, xb, ia, xa)
		}
	}
}

// schemaN returns a schema of its own.
func schemaN(n int) registry.Candidate {
	c := registry.Candidate{NoType: true}
	c.Text = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":"int"}]}`, n)
	return c
}

// TestConcurrentWriters has many clients of two registries over one log, which conflict all the time: ids and versions must be
// those of one registry.
func TestConcurrentWriters(t *testing.T) {
	l := memlog.New()
	regs := []*registry.Registry{open(t, l), open(t, l)}
	const clients, each = 8, 30
	var mu sync.Mutex
	ids := map[int]string{}
	numbers := map[string]int{}
	var wg sync.WaitGroup
	for c := range clients {
		wg.Go(func() {
			r := regs[c%len(regs)]
			for i := range each {
				n := i*4 + c%4 // pairs of clients register the same
				subject := fmt.Sprintf("s%d", n%5)
				v, err := r.Register(context.Background(), subject, registry.Registration{Candidate: schemaN(n), Force: true})
				if err != nil {
					t.Errorf("registering: %v", err)
					return
				}
				if got, err := r.Get(subject, v.Number, false); err != nil || got.ID != v.ID {
					t.Errorf("a client does not read its own write: %+v, %v", got, err)
				}
				mu.Lock()
				if old, ok := ids[v.ID]; ok && old != v.Content.Text {
					t.Errorf("id %d stands for two schemas", v.ID)
				}
				ids[v.ID] = v.Content.Text
				numbers[fmt.Sprintf("%s/%d", subject, v.Number)] = v.ID
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if len(ids) != 4*each || len(numbers) != 4*each {
		t.Errorf("%d ids and %d versions, want %d of both", len(ids), len(numbers), 4*each)
	}
	deadline := time.Now().Add(10 * time.Second)
	for _, r := range regs {
		for len(r.Schemas(registry.SchemaFilter{})) < 4*each && time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
	}
	sameState(t, regs[0], regs[1])
	sameState(t, regs[0], open(t, l))
}

// brokenLog refuses appends while broken is set.
type brokenLog struct {
	registry.Log
	broken  atomic.Bool
	appends atomic.Int64
}

var errBroken = errors.New("no space left on device")

func (l *brokenLog) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	l.appends.Add(1)
	if l.broken.Load() {
		return 0, errBroken
	}
	return l.Log.Append(ctx, after, recs...)
}

// TestFailedWriteLeavesNothing has a log that fails: what was not written must not be seen, and the registry must go on after.
func TestFailedWriteLeavesNothing(t *testing.T) {
	l := &brokenLog{Log: memlog.New()}
	r := open(t, l)
	play(t, r, `
		register s A => v1 id1
		byid 1 => s v1 id1`)
	l.broken.Store(true)
	_, err := r.Register(t.Context(), "s", registry.Registration{Candidate: candidate([]string{"B"})})
	var refused *registry.Error
	if !errors.Is(err, errBroken) || errors.As(err, &refused) {
		t.Errorf("registering on a broken log: %v", err)
	}
	if _, err := r.DeleteSubject(t.Context(), "s", false); !errors.Is(err, errBroken) {
		t.Errorf("deleting on a broken log: %v", err)
	}
	play(t, r, `
		versions s => 1
		byid 1 => s v1 id1
		byid 2 => 40403`)
	l.broken.Store(false)
	play(t, r, `
		register s B => v2 id2
		byid 2 => s v2 id2`)
}

// TestKnownSchemaIsNoWrite registers what is registered: the log must not see it.
func TestKnownSchemaIsNoWrite(t *testing.T) {
	l := &brokenLog{Log: memlog.New()}
	r := open(t, l)
	play(t, r, `register s A => v1 id1`)
	before := l.appends.Load()
	play(t, r, `
		register s A => v1 id1
		lookup s A => v1 id1
		compat s B => yes
		register s X => 40901`)
	if got := l.appends.Load(); got != before {
		t.Errorf("%d appends for known and refused schemas", got-before)
	}
}

func TestOpenAndClose(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 20 {
		r, err := registry.Open(t.Context(), memlog.New(), registry.Options{})
		if err != nil {
			t.Fatal(err)
		}
		play(t, r, `register s A => v1 id1`)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Register(t.Context(), "s", registry.Registration{Candidate: candidate([]string{"B"})}); err == nil {
			t.Error("a closed registry registers")
		}
		if err := r.Close(); err != nil {
			t.Errorf("closing twice: %v", err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	l := memlog.New()
	_ = l.Close()
	if _, err := registry.Open(t.Context(), l, registry.Options{}); err == nil {
		t.Error("a closed log opens")
	}
	if _, err := registry.Open(ctx, stuckLog{}, registry.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("opening with an ended context: %v", err)
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

// stuckLog never catches up.
type stuckLog struct{ registry.Log }

func (stuckLog) Follow(ctx context.Context, _ int64, _ func(int64, registry.Record) error, _ func(int64)) error {
	<-ctx.Done()
	return ctx.Err()
}

// TestGUIDs holds the GUIDs that Confluent's registry gave.
func TestGUIDs(t *testing.T) {
	rec := `{"type":"record","name":"Rec","fields":[{"name":"a","type":"int"}]}`
	rule := registry.Rule{Name: "r1", Kind: "CONDITION", Mode: "WRITE", Type: "CEL", Expr: "true"}
	for want, c := range map[string]registry.Content{
		"095d71cf-1255-6b9d-5e33-0ad575b3df5d": {Text: `"string"`},
		"25899d78-7c83-6c45-d584-8b9cc18dcb46": {Text: rec},
		"bb257bd6-1fec-6665-7fc5-cdf7359cdb8d": {Text: rec, Metadata: &registry.Metadata{Properties: map[string]string{"k": "v"}}},
		"639d8428-390c-ca75-afc2-c385edae0972": {Text: rec, RuleSet: &registry.RuleSet{Domain: []registry.Rule{rule}}},
	} {
		got := c.GUID()
		if got.String() != want {
			t.Errorf("%s, want %s", got, want)
		}
		if back, ok := registry.ParseGUID(want); !ok || back != got {
			t.Errorf("%s reads back as %s", want, back)
		}
	}
	for _, s := range []string{"", "x", strings.Repeat("-", 36), "095d71cf-1255-6b9d-5e33-0ad575b3df5g", "095d71cf012550-6b9d-5e33-0ad575b3df5d"} {
		if _, ok := registry.ParseGUID(s); ok {
			t.Errorf("%q is read as a GUID", s)
		}
	}
}

// filled returns a registry with n schemas.
func filled(b testing.TB, n int) *registry.Registry {
	b.Helper()
	r := open(b, nil)
	for i := range n {
		if _, err := r.Register(b.Context(), fmt.Sprintf("subject-%d", i), registry.Registration{Candidate: schemaN(i)}); err != nil {
			b.Fatal(err)
		}
	}
	return r
}

func TestByIDAllocates(t *testing.T) {
	r := filled(t, 1000)
	for what, ask := range map[string]func([]byte) ([]byte, error){
		"an id":               func(b []byte) ([]byte, error) { return r.AppendByID(b, "", 777) },
		"an id of a subject":  func(b []byte) ([]byte, error) { return r.AppendByID(b, "subject-776", 777) },
		"the latest version":  func(b []byte) ([]byte, error) { return r.AppendVersion(b, "subject-776", registry.Latest, false) },
		"a version by number": func(b []byte) ([]byte, error) { return r.AppendVersion(b, "subject-776", 1, false) },
	} {
		buf, err := ask(nil)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(1000, func() { _, _ = ask(buf[:0]) }); n > 0 {
			t.Errorf("%v allocations for %s that is known", n, what)
		}
	}
}

func BenchmarkByID(b *testing.B) {
	r := filled(b, 10_000)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var buf []byte
		for id := 1; pb.Next(); id = id%10_000 + 1 {
			var err error
			if buf, err = r.AppendByID(buf[:0], "", id); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRegisterKnown(b *testing.B) {
	r := filled(b, 1000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i = (i + 1) % 1000 {
		if _, err := r.Register(b.Context(), fmt.Sprintf("subject-%d", i), registry.Registration{Candidate: schemaN(i)}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRegisterNew(b *testing.B) {
	r := open(b, nil)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := r.Register(b.Context(), fmt.Sprintf("subject-%d", i), registry.Registration{Candidate: schemaN(i)}); err != nil {
			b.Fatal(err)
		}
	}
}
