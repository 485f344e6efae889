package compacted

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/test/testenv"
)

func config(t *testing.T) Config {
	client := []kgo.Opt{kgo.SeedBrokers(strings.Split(testenv.Kafka(t), ",")...)}
	cfg := Config{Client: client, Topic: fmt.Sprintf("compacted-test-%d", time.Now().UnixNano()), Partitions: 3, Replication: 1, Log: slog.New(slog.DiscardHandler)}
	t.Cleanup(func() {
		a := admin(t, cfg)
		defer a.Close()
		if _, err := a.DeleteTopics(context.Background(), cfg.Topic); err != nil {
			t.Error(err)
		}
	})
	return cfg
}

func admin(t *testing.T, cfg Config) *kadm.Client {
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	return kadm.NewClient(cl)
}

func ignore(Record) {}

func TestMakesTheTopic(t *testing.T) {
	cfg := config(t)
	table, err := Open(t.Context(), cfg, ignore)
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	a := admin(t, cfg)
	defer a.Close()
	topics, err := a.ListTopics(t.Context(), cfg.Topic)
	if err != nil || len(topics[cfg.Topic].Partitions) != 3 {
		t.Fatalf("%v, %v", topics, err)
	}
	configs, err := a.DescribeTopicConfigs(t.Context(), cfg.Topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs[0].Configs {
		if c.Key == "cleanup.policy" && c.MaybeValue() != "compact" {
			t.Fatalf("cleanup.policy=%s", c.MaybeValue())
		}
	}
}

func TestRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		partitions int32
		policy     string
		single     bool
		want       string
	}{
		"a topic that forgets":   {1, "delete", false, "must have compact"},
		"one that does both":     {1, "compact,delete", false, "must have compact"},
		"more than one order":    {2, "compact", true, "has 2 partitions and must have 1"},
		"unless it need not one": {2, "compact", false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.Single = c.single
			a := admin(t, cfg)
			defer a.Close()
			if _, err := a.CreateTopic(t.Context(), c.partitions, 1, map[string]*string{"cleanup.policy": &c.policy}, cfg.Topic); err != nil {
				t.Fatal(err)
			}
			table, err := Open(t.Context(), cfg, ignore)
			if err == nil {
				table.Close()
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Fatalf("error %v, want %q", err, c.want)
			}
			if err != nil && connect.ClassOf(err) != connect.Fatal {
				t.Fatalf("class %v", connect.ClassOf(err))
			}
		})
	}
}

// TestTransactions reads past the control records at a topic's end, sees no aborted record and its own committed ones.
func TestTransactions(t *testing.T) {
	cfg := config(t)
	got := map[string]string{}
	table, err := Open(t.Context(), cfg, func(r Record) { got[string(r.Key)] = string(r.Value) })
	if err != nil {
		t.Fatal(err)
	}
	defer table.Close()
	var recs []Record
	for i := range 20 {
		recs = append(recs, Record{Key: fmt.Append(nil, i), Value: []byte("v")})
	}
	for range 3 {
		if err := table.PutAll(t.Context(), recs...); err != nil {
			t.Fatal(err)
		}
	}
	cl, err := kgo.NewClient(append(cfg.Client, kgo.TransactionalID(cfg.Topic+"-aborts"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if err := cl.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: cfg.Topic, Key: []byte("0"), Value: []byte("aborted")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := cl.EndTransaction(t.Context(), kgo.TryAbort); err != nil {
		t.Fatal(err)
	}
	if err := table.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 20 || got["0"] != "v" {
		t.Fatalf("%v", got)
	}
}

func TestUnreachableIsRetriable(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := Open(ctx, Config{Client: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, Topic: "x"}, ignore)
	if err == nil || connect.ClassOf(err) != connect.Retriable {
		t.Fatalf("error %v of class %v", err, connect.ClassOf(err))
	}
}
