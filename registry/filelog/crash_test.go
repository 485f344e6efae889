package filelog_test

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/filelog"
)

// childDir names the directory that a child of TestKilledWhileRegistering registers into.
const childDir = "MILLRACE_FILELOG_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := registerForever(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// registerForever registers from several goroutines, and says on the standard output what was acknowledged: subject, version, id.
// Some versions it deletes again, which it says too.
func registerForever(dir string) error {
	l, err := filelog.Open(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	reg, err := registry.Open(ctx, l, registry.Options{})
	if err != nil {
		return err
	}
	var mu sync.Mutex
	var g sync.WaitGroup
	for w := range 8 {
		g.Go(func() {
			for i := 0; ; i++ {
				subject := fmt.Sprintf("s%d-%d-%d", os.Getpid(), w, i/3)
				v, err := reg.Register(ctx, subject, registry.Registration{Candidate: registry.Candidate{NoType: true, Content: registry.Content{Text: textOf(subject, i%3)}}})
				if err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println("registered", subject, v.Number, v.ID)
				mu.Unlock()
				if i%9 == 8 {
					if _, err := reg.DeleteVersion(ctx, subject, 1, false); err != nil {
						panic(err)
					}
					mu.Lock()
					fmt.Println("deleted", subject, 1, 0)
					mu.Unlock()
				}
			}
		})
	}
	g.Wait()
	return nil
}

// textOf is the schema that a subject has as its version n+1.
func textOf(subject string, n int) string {
	fields := make([]string, n+1)
	for i := range fields {
		fields[i] = fmt.Sprintf(`{"name":"f%d","type":"int","default":0}`, i)
	}
	return `{"type":"record","name":"R` + strings.ReplaceAll(subject, "-", "_") + `","fields":[` + strings.Join(fields, ",") + "]}"
}

// TestKilledWhileRegistering kills a registry with SIGKILL in the midst of its writes, several times on one file. What was
// acknowledged is there afterwards, under its id, and the file opens.
func TestKilledWhileRegistering(t *testing.T) {
	rounds, seed := 6, uint64(time.Now().UnixNano())
	if testing.Short() {
		rounds = 2
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	dir := t.TempDir()
	type key struct {
		subject string
		number  int
	}
	acked, deleted := map[key]int{}, map[key]bool{}
	ids := map[int]key{}
	for round := range rounds {
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
		child.Env = append(os.Environ(), childDir+"="+dir)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		enough := 5 + random.IntN(200)
		seen := 0
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var what string
			var k key
			var id int
			if n, _ := fmt.Sscan(lines.Text(), &what, &k.subject, &k.number, &id); n != 4 {
				continue // cut off by the kill
			}
			switch what {
			case "registered":
				acked[k] = id
				if other, taken := ids[id]; taken {
					t.Fatalf("id %d was given to %v and to %v", id, other, k)
				}
				ids[id] = k
			case "deleted":
				deleted[k] = true
			}
			if seen++; seen == enough {
				time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond)
				if err := child.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait()
		if seen < enough {
			t.Fatalf("round %d: the child ended by itself after %d writes", round, seen)
		}

		reg, err := registry.Open(t.Context(), open(t, dir), registry.Options{})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		for k, id := range acked {
			v, err := reg.Get(k.subject, k.number, true)
			switch {
			case err != nil:
				t.Errorf("round %d: %s version %d was acknowledged and is lost: %v", round, k.subject, k.number, err)
			case v.ID != id || v.Content.Text != textOf(k.subject, k.number-1):
				t.Errorf("round %d: %s version %d is another schema, of id %d", round, k.subject, k.number, v.ID)
			case deleted[k] && !v.Deleted:
				t.Errorf("round %d: %s version %d was deleted and is back", round, k.subject, k.number)
			}
			if _, err := reg.AppendByID(nil, "", id); err != nil {
				t.Errorf("round %d: id %d: %v", round, id, err)
			}
		}
		if err := reg.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d schemas acknowledged over %d kills, all there", len(acked), rounds)
}
