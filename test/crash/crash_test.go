package crash

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/counters"
	"github.com/millrace/millrace/test/testenv"
)

const (
	keys    = 40
	statics = 60_000
)

// steps are where a child kills itself, and about how often the step happens before a round's kill.
var steps = []struct {
	name string
	most int
}{
	{"snapshot", statics / 2},
	{"handover", 1},
	{"transaction", 12},
	{"produced", 12},
	{"acked", 12},
	{"before-save", 6},
	{"after-save", 6},
	{"committed", 4},
}

// TestNoChangeIsLost runs lives of ten rounds. Each life begins with a new connector, is killed once or twice in its
// snapshot and once at the hand-over, then at random steps of streaming, and at last runs until it has caught up.
func TestNoChangeIsLost(t *testing.T) {
	rounds := 50
	if s := os.Getenv("MILLRACE_CRASH_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatal(err)
		}
		rounds = n
	}
	seed := uint64(1)
	if s := os.Getenv("MILLRACE_CRASH_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = n
	}
	killed := map[string]int{}
	var sum counters.History
	for life := 0; rounds > 0; life++ {
		n := min(10, rounds)
		rounds -= n
		t.Run(fmt.Sprintf("life%d", life), func(t *testing.T) {
			h := live(t, seed+uint64(life), n, killed)
			sum.Records, sum.Duplicates, sum.Snapshots = sum.Records+h.Records, sum.Duplicates+h.Duplicates, sum.Snapshots+h.Snapshots
		})
	}
	t.Logf("kills by step: %v; %d counter records, %d of them from snapshots, %d duplicates; none lost, none out of order", killed, sum.Records, sum.Snapshots, sum.Duplicates)
}

func live(t *testing.T, seed uint64, rounds int, killed map[string]int) counters.History {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	brokers := testenv.Kafka(t)
	db, connector := newDatabase(ctx, t)
	r := rand.New(rand.NewPCG(seed, 2))
	writing, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&counters.Writer{URL: db.URL, Keys: keys, Seed: seed, Pause: 4 * time.Millisecond}).Run(writing)
	}()
	defer func() { stop(); <-done }()

	child := childConfig{Connector: connector, Brokers: brokers, Name: db.Name}
	for round := range rounds {
		step := steps[2+r.IntN(len(steps)-2)]
		switch {
		case round == 0, round == 1 && r.IntN(2) == 0:
			step = steps[0]
		case round <= 2:
			step = steps[1]
		}
		child.Step, child.After = step.name, 1+r.IntN(step.most)
		if err := run(ctx, t, child, 40*time.Second); err != nil {
			t.Fatalf("seed %d, round %d, %s after %d: %v", seed, round, child.Step, child.After, err)
		}
		killed[step.name]++
	}
	stop()
	<-done
	final, err := counters.Final(ctx, db.Conn)
	if err != nil {
		t.Fatal(err)
	}
	child.Step = ""
	last, err := start(ctx, t, child)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = last.Process.Signal(syscall.SIGTERM)
		_ = last.Wait()
	}()
	return verify(ctx, t, brokers, db, final)
}

// verify reads both topics until the counters have their final values and every static row was seen.
func verify(ctx context.Context, t *testing.T, brokers string, db *testenv.Database, final map[int]int64) counters.History {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(db.Name+".public.counters", db.Name+".public.statics"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var h counters.History
	seen := map[int]bool{}
	deadline := time.Now().Add(60 * time.Second)
	for {
		pctx, cancel := context.WithTimeout(ctx, time.Second)
		f := cl.PollFetches(pctx)
		cancel()
		f.EachRecord(func(r *kgo.Record) {
			if r.Topic == db.Name+".public.statics" {
				var e struct{ After struct{ ID int } }
				if err := json.Unmarshal(r.Value, &e); err != nil {
					t.Fatal(err)
				}
				seen[e.After.ID] = true
				return
			}
			if err := h.Add(r.Value); err != nil {
				t.Fatalf("offset %d of partition %d: %v", r.Offset, r.Partition, err)
			}
		})
		err := h.Reached(final)
		if err == nil && len(seen) != statics {
			err = fmt.Errorf("%d of %d rows of the snapshot arrived", len(seen), statics)
		}
		if err == nil {
			return h
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v", err)
		}
	}
}

// start runs this test binary as a worker with one task.
func start(ctx context.Context, t *testing.T, c childConfig) (*exec.Cmd, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, os.Args[0])
	cmd.Env = append(os.Environ(), "MILLRACE_CRASH_CHILD="+string(b))
	cmd.Stdout, cmd.Stderr = t.Output(), t.Output()
	return cmd, cmd.Start()
}

// run starts a child and waits until it has killed itself.
func run(ctx context.Context, t *testing.T, c childConfig, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd, err := start(ctx, t, c)
	if err != nil {
		return err
	}
	err = cmd.Wait()
	if ctx.Err() != nil {
		return fmt.Errorf("the step was not reached within %v", limit)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("the child ended by itself: %w", err)
	}
	if ws, ok := exit.Sys().(syscall.WaitStatus); !ok || !ws.Signaled() || ws.Signal() != syscall.SIGKILL {
		return fmt.Errorf("the child ended with %v, not by its own SIGKILL", exit)
	}
	return nil
}

// newDatabase makes the counters and a connector for them.
func newDatabase(ctx context.Context, t *testing.T) (*testenv.Database, map[string]string) {
	t.Helper()
	db := testenv.NewDatabase(ctx, t, "crash")
	db.Exec(ctx, t, fmt.Sprintf(counters.Schema, keys, statics))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		cl, err := kgo.NewClient(kgo.SeedBrokers(testenv.Kafka(t)))
		if err != nil {
			return
		}
		defer cl.Close()
		_, _ = kadm.NewClient(cl).DeleteTopics(ctx, db.Name+".public.counters", db.Name+".public.statics")
	})
	c := db.Connector("public.counters,public.statics")
	c["name"], c["slot.retry.delay.ms"], c["slot.max.retries"] = db.Name, "200", "100"
	return db, c
}
