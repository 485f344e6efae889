package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/runtime"
)

const (
	crashRows, crashKeys = 3000, 5
	crashVar             = "MILLRACE_CRASH" // "DIR SEED HOOK COUNT STORE": this process is the one to be killed
)

var crashHooks = []string{"AfterRead", "AfterProduce", "AfterAck", "BeforeSave", "AfterSave", "AfterCommit"}

func TestMain(m *testing.M) {
	if how := os.Getenv(crashVar); how != "" {
		if err := crashChild(how); err != nil {
			fmt.Println(err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// forgetful is an offset store that says it saved and did not: the fault that the crash test must find.
type forgetful struct{ offset.Store }

func (forgetful) Save(context.Context, map[offset.Key]record.Position) error { return nil }

// crashChild runs a task over what dir holds and kills the process at the count-th call of a hook.
func crashChild(how string) error {
	var dir, hook, store string
	var seed uint64
	var count int32
	if _, err := fmt.Sscan(how, &dir, &seed, &hook, &count, &store); err != nil {
		return err
	}
	offsets, err := file.Open(filepath.Join(dir, "offsets"))
	if err != nil {
		return err
	}
	u := &connecttest.Upstream{Rows: crashRows, Keys: crashKeys, Seed: seed, Batch: 25, Slot: filepath.Join(dir, "slot")}
	u.Fail = func(int) error { time.Sleep(200 * time.Microsecond); return nil } // long enough for many saves
	b := &connecttest.Broker{Path: filepath.Join(dir, "broker"), Hold: func(n int) error {
		time.Sleep(time.Duration(n*7%5) * 200 * time.Microsecond)
		return nil
	}}
	task, _ := newTask(u, b, offsets)
	if store == "forgetful" {
		task.Offsets = forgetful{offsets}
	}
	task.Limits.SaveInterval = time.Millisecond
	die := func(name string) {
		if name == hook && atomic.AddInt32(&count, -1) == 0 {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	task.Hooks = runtime.Hooks{
		AfterRead:    func(*record.Batch) { die("AfterRead") },
		AfterProduce: func(int) { die("AfterProduce") },
		AfterAck:     func(int) { die("AfterAck") },
		BeforeSave:   func(record.Position) { die("BeforeSave") },
		AfterSave:    func(record.Position) { die("AfterSave") },
		AfterCommit:  func(record.Position) { die("AfterCommit") },
	}
	return task.Run(context.Background())
}

// crash runs one child; killed tells how it ended.
func crash(t *testing.T, dir string, seed uint64, hook string, count int, store string) (killed bool, out string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s %d %s", crashVar, dir, seed, hook, count, store))
	b, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return true, ""
	}
	if err != nil {
		return false, string(b)
	}
	return false, ""
}

// TestCrash kills a worker process at every step of the promised order, several times over the same data, and counts
// what arrived.
func TestCrash(t *testing.T) {
	rounds := 50
	if testing.Short() {
		rounds = 5
	}
	var kills, dups atomic.Int64
	t.Run("rounds", func(t *testing.T) {
		for seed := range rounds {
			t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
				t.Parallel()
				rnd := rand.New(rand.NewPCG(uint64(seed), 11))
				dir := t.TempDir()
				for i := range crashHooks { // each step once, beginning at another one each round
					hook := crashHooks[(seed+i)%len(crashHooks)]
					if killed, out := crash(t, dir, uint64(seed), hook, 1+rnd.IntN(5), "file"); out != "" {
						t.Fatalf("child killed at %s: %s", hook, out)
					} else if killed {
						kills.Add(1)
					}
				}
				if killed, out := crash(t, dir, uint64(seed), "none", 1, "file"); killed || out != "" {
					t.Fatalf("the last child: %s", out)
				}
				b, err := os.ReadFile(filepath.Join(dir, "broker"))
				if err != nil {
					t.Fatal(err)
				}
				lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
				dups.Add(int64(checkDelivered(t, lines, crashRows, crashKeys)))
			})
		}
	})
	t.Logf("%d rounds, %d kills, %d rows each: 0 lost, %d duplicates", rounds, kills.Load(), crashRows, dups.Load())
	if kills.Load() < 5*int64(rounds) {
		t.Errorf("only %d kills", kills.Load())
	}
}

// TestCrashFindsLoss shows that the test above can fail.
func TestCrashFindsLoss(t *testing.T) {
	dir := t.TempDir()
	if killed, out := crash(t, dir, 1, "AfterCommit", 2, "forgetful"); !killed {
		t.Fatalf("not killed: %s", out)
	}
	if _, out := crash(t, dir, 1, "none", 1, "file"); !strings.Contains(out, "GAP") {
		t.Fatalf("rows that were never saved went unnoticed: %q", out)
	}
}
