package crash

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/byname"
	"github.com/millrace/millrace/connect/offset"
	offsetkafka "github.com/millrace/millrace/connect/offset/kafka"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/runtime"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/connectors/postgres"
)

// childConfig is what the parent tells a child.
type childConfig struct {
	Name      string
	Brokers   string
	Connector map[string]string
	Step      string // where to die; "": never
	After     int    // how often the step happens before
}

func TestMain(m *testing.M) {
	if s := os.Getenv("MILLRACE_CRASH_CHILD"); s != "" {
		var c childConfig
		err := json.Unmarshal([]byte(s), &c)
		if err == nil {
			err = child(c)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child is a worker of one task, put together as `millrace connect` does it, with hooks that kill the process.
func child(c childConfig) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	kind := postgres.Connector()
	values, faults := kind.Spec.Parse(c.Connector)
	if len(faults) > 0 {
		return fmt.Errorf("%v", faults)
	}
	options := map[string]string{"schemas.enable": "false"}
	key, err := byname.New("org.apache.kafka.connect.json.JsonConverter", options, convert.Key)
	if err != nil {
		return err
	}
	value, err := byname.New("org.apache.kafka.connect.json.JsonConverter", options, convert.Value)
	if err != nil {
		return err
	}
	offsets, err := offsetkafka.Open(ctx, compacted.Config{Client: []kgo.Opt{kgo.SeedBrokers(c.Brokers)}, Topic: c.Name + "-offsets", Partitions: 1, Replication: 1, Log: log})
	if err != nil {
		return err
	}
	defer offsets.Close(context.WithoutCancel(ctx))
	partition, err := json.Marshal(kind.Partition(values))
	if err != nil {
		return err
	}
	t := runtime.Task{
		Name: c.Name, Key: key, Value: value, Offsets: offsets, OffsetKey: offset.Key{Connector: c.Name, Partition: string(partition)}, Log: log,
		Source: func() (connect.Source, error) { return kind.Source(connect.Env{Name: c.Name, Log: log}, values) },
		Producer: func(context.Context) (connect.Producer, error) {
			cfg, err := kafka.FromProperties(map[string]string{"bootstrap.servers": c.Brokers})
			if err != nil {
				return nil, err
			}
			return kafka.NewProducer(cfg)
		},
		Hooks: hooks(c.Step, c.After),
	}
	return t.Run(ctx)
}

// hooks counts the step that is asked for and kills the process when it has happened often enough.
func hooks(step string, after int) runtime.Hooks {
	var n atomic.Int64
	at := func(name string, by int) {
		if name == step && n.Add(int64(by)) >= int64(after) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal ends the process before anything else happens here
		}
	}
	return runtime.Hooks{
		AfterRead: func(b *record.Batch) {
			snapshot, streamed := 0, 0
			for i := range b.Len() {
				if b.At(i).Op() == record.Read {
					snapshot++
				} else {
					streamed++
				}
			}
			at("snapshot", snapshot)
			if streamed > 0 {
				at("handover", 1)
				at("transaction", 1)
			}
		},
		AfterProduce: func(int) { at("produced", 1) },
		AfterAck:     func(int) { at("acked", 1) },
		BeforeSave:   func(record.Position) { at("before-save", 1) },
		AfterSave:    func(record.Position) { at("after-save", 1) },
		AfterCommit:  func(record.Position) { at("committed", 1) },
	}
}
