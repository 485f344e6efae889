package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"os/exec"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

func startRegistry(ctx context.Context, t *testing.T) string {
	t.Helper()
	p, err := harness.Registry(ctx, t.TempDir(), "memory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Stop() })
	return p.URL
}

// outcome is a line of a script: how one test ended, or the topics that it left.
type outcome struct {
	Test   string
	Fault  string
	Topics []string
}

// script runs tests in another language and makes each a test of its own.
func script(ctx context.Context, t *testing.T, least int, cmd *exec.Cmd) (last outcome) {
	t.Helper()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	n := 0
	for line := range bytes.Lines(out) {
		var o outcome
		if err := json.Unmarshal(line, &o); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		last = o
		if o.Test == "" {
			continue
		}
		n++
		t.Run(o.Test, func(t *testing.T) {
			if o.Fault != "" {
				t.Error(o.Fault)
			}
		})
	}
	if err != nil || n < least {
		t.Errorf("%d tests were run, %d or more are there: %v\n%s", n, least, err, stderr.Bytes())
	}
	return last
}

// TestConfluentPython runs confluent.py, and reads the frames of what it produced.
func TestConfluentPython(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	brokers, python := testenv.Kafka(t), venv(ctx, t)
	url := startRegistry(ctx, t)
	topics := script(ctx, t, 19, exec.CommandContext(ctx, python, "confluent.py", url, brokers)).Topics
	t.Run("frames", func(t *testing.T) { checkFrames(ctx, t, brokers, url, topics) })
}

// checkFrames reads topics and finds the schema of every record.
func checkFrames(ctx context.Context, t *testing.T, brokers, url string, topics []string) {
	registry, err := client.New(client.Config{URLs: []string{url}})
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Close()
	kafka, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer kafka.Close()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	formats, seen := map[wire.Format]int{}, map[string]bool{}
	var indexes [][]int
	for len(seen) < len(topics) {
		fetches := kafka.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("%v: %d of %d topics had records", err, len(seen), len(topics))
		}
		fetches.EachRecord(func(r *kgo.Record) {
			seen[r.Topic] = true
			f, err := wire.Detect(wire.Value, r.Headers, r.Value)
			if err != nil {
				t.Errorf("%s: %v", r.Topic, err)
				return
			}
			formats[f.Format]++
			var s client.Schema
			switch f.Format {
			case wire.ConfluentID:
				s, err = registry.SchemaByID(ctx, int(f.ID))
			case wire.ConfluentGUID:
				s, err = registry.SchemaByGUID(ctx, f.GUID.String())
			}
			if err != nil || s.Text == "" {
				t.Errorf("%s: a %s record has the schema %q: %v", r.Topic, f.Format, s.Text, err)
			}
			if s.Type == "PROTOBUF" {
				path, _, err := f.Indexes(nil, wire.Zigzag)
				if err != nil {
					t.Errorf("%s: %v", r.Topic, err)
				}
				indexes = append(indexes, path)
			}
		})
	}
	if formats[wire.ConfluentGUID] != 2 || formats[wire.ConfluentID] < 20 || len(formats) != 2 {
		t.Errorf("frames: %v", formats)
	}
	slices.SortFunc(indexes, slices.Compare)
	if want := [][]int{{0}, {1}, {1, 0}, {1, 0}}; !slices.EqualFunc(indexes, want, slices.Equal) {
		t.Errorf("message indexes: %v", indexes)
	}
}

// TestNode runs node/clients.js: Confluent's client and KafkaJS's.
func TestNode(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	modules := nodeModules(ctx, t)
	cmd := exec.CommandContext(ctx, "node", "node/clients.js", startRegistry(ctx, t))
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+modules)
	script(ctx, t, 11, cmd)
}
