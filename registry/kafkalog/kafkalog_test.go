package kafkalog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/test/testenv"
)

var topics int

// config names a topic of the test's own.
func config(t testing.TB) kafkalog.Config {
	topics++
	return kafkalog.Config{
		Client: []kgo.Opt{kgo.SeedBrokers(testenv.Kafka(t))},
		Topic:  fmt.Sprintf("kafkalog-%d-%d", time.Now().UnixNano(), topics),
	}
}

func open(t testing.TB, cfg kafkalog.Config) *kafkalog.Log {
	t.Helper()
	l, err := kafkalog.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestLog(t *testing.T) {
	configs := map[registry.Log]kafkalog.Config{}
	registrytest.TestLog(t, func(t testing.TB) registry.Log {
		cfg := config(t)
		cfg.Configs = map[string]string{"message.timestamp.after.max.ms": strconv.Itoa(math.MaxInt64)} // times of the suite are in the far future
		l := open(t, cfg)
		configs[l] = cfg
		return l
	}, func(t testing.TB, closed registry.Log) registry.Log {
		l := open(t, configs[closed])
		configs[l] = configs[closed]
		return l
	})
}

// produce writes as any Kafka client would.
func produce(t testing.TB, cfg kafkalog.Config, recs ...*kgo.Record) {
	t.Helper()
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	for _, r := range recs {
		r.Topic = cfg.Topic
	}
	if err := cl.ProduceSync(t.Context(), recs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// random returns n bytes that cannot be compressed.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func makeTopic(t testing.TB, cfg kafkalog.Config, partitions int32, configs map[string]string) {
	t.Helper()
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	set := map[string]*string{}
	for k, v := range configs {
		set[k] = &v
	}
	if _, err := kadm.NewClient(cl).CreateTopic(t.Context(), partitions, 1, set, cfg.Topic); err != nil {
		t.Fatal(err)
	}
}

func TestTopicIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		partitions int32
		policy     string
		want       string
	}{
		"one that deletes":    {1, "delete", "cleanup.policy=delete and must have compact"},
		"one that does both":  {1, "compact,delete", "cleanup.policy=compact,delete and must have compact"},
		"more than one order": {2, "compact", "has 2 partitions and must have 1"},
		"as it should be":     {1, "compact", ""},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			makeTopic(t, cfg, c.partitions, map[string]string{"cleanup.policy": c.policy})
			l, err := kafkalog.Open(t.Context(), cfg)
			if err == nil {
				_ = l.Close()
			}
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), cfg.Topic)) {
				t.Errorf("Open: %v, want %q", err, c.want)
			}
		})
	}
}

func TestTopicIsMade(t *testing.T) {
	cfg := config(t)
	open(t, cfg)
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	admin := kadm.NewClient(cl)
	topics, err := admin.ListTopics(t.Context(), cfg.Topic)
	if err != nil || len(topics[cfg.Topic].Partitions) != 1 {
		t.Fatalf("%+v, %v", topics, err)
	}
	configs, err := admin.DescribeTopicConfigs(t.Context(), cfg.Topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs[0].Configs {
		if c.Key == "cleanup.policy" && c.MaybeValue() != "compact" {
			t.Errorf("cleanup.policy=%s", c.MaybeValue())
		}
	}
}

func TestNoBrokers(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := kafkalog.Open(ctx, kafkalog.Config{Client: []kgo.Opt{kgo.SeedBrokers("127.0.0.1:1")}, Topic: "x"})
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("Open: %v", err)
	}
}
