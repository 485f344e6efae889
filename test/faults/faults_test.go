package faults

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/linkedin/goavro/v2"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/counters"
	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

const keys = 20

// servers are a PostgreSQL and a Kafka of the test's own, for it stops them.
type servers struct {
	dir, postgres, kafka string
	env                  []string
}

func startServers(t *testing.T) *servers {
	t.Helper()
	testenv.Postgres(t) // fails or skips where servers cannot be had
	pg, err := harness.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	const kafkaPort = 29192 // Kafka takes this port and the two after it
	s := &servers{
		dir:      filepath.Join(os.TempDir(), fmt.Sprintf("millrace-faults-%d", os.Getpid())),
		postgres: fmt.Sprintf("postgres://postgres:postgres@127.0.0.1:%d/postgres", pg), kafka: fmt.Sprintf("127.0.0.1:%d", kafkaPort),
	}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.env = append(os.Environ(), "MILLRACE_SERVICES_DIR="+s.dir, fmt.Sprintf("MILLRACE_PG_PORT=%d", pg), fmt.Sprintf("MILLRACE_KAFKA_PORT=%d", kafkaPort))
	t.Cleanup(func() {
		s.run(t, "stop", "postgres", "kafka")
		_ = os.RemoveAll(s.dir)
	})
	s.run(t, "start", "postgres", "kafka")
	return s
}

func (s *servers) run(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command(filepath.Join(harness.Root(), "test", "services", "services"), args...)
	cmd.Env = s.env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("services %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func (s *servers) sql(ctx context.Context, t *testing.T, statement string) {
	t.Helper()
	var err error
	for range 100 {
		var c *pgx.Conn
		if c, err = pgx.Connect(ctx, s.postgres); err == nil {
			_, err = c.Exec(ctx, statement)
			_ = c.Close(ctx)
			if err == nil {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%s: %v", statement, err)
}

func TestGoesOnByItself(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Minute)
	defer cancel()
	s := startServers(t)
	s.sql(ctx, t, fmt.Sprintf(counters.Schema, keys, 10))
	dir := t.TempDir()
	store := "file:" + filepath.Join(dir, "registry")
	registry, err := harness.Registry(ctx, dir, store)
	if err != nil {
		t.Fatal(err)
	}
	stopRegistry := func() { registry.Stop() }
	defer func() { stopRegistry() }()
	worker, err := harness.Worker(ctx, dir, map[string]string{
		"bootstrap.servers": s.kafka, "group.id": "faults", "config.storage.topic": "f-c", "offset.storage.topic": "f-o", "status.storage.topic": "f-s",
		"config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"key.converter": "io.confluent.connect.avro.AvroConverter", "key.converter.schema.registry.url": registry.URL,
		"value.converter": "io.confluent.connect.avro.AvroConverter", "value.converter.schema.registry.url": registry.URL,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer worker.Stop()
	conf, err := pgx.ParseConfig(s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	err = worker.Create(ctx, "faults", map[string]string{
		"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput", "topic.prefix": "faults",
		"database.hostname": conf.Host, "database.port": fmt.Sprint(conf.Port), "database.user": conf.User, "database.password": conf.Password, "database.dbname": "postgres",
		"table.include.list": "public.counters", "slot.name": "faults", "publication.autocreate.mode": "filtered", "slot.retry.delay.ms": "500", "slot.max.retries": "60",
	})
	if err != nil {
		t.Fatal(err)
	}
	writing, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&counters.Writer{URL: s.postgres, Keys: keys, Seed: 7, Pause: 10 * time.Millisecond}).Run(writing)
	}()
	defer func() { stop(); <-done }()
	topic := newTopic(t, s.kafka, registry.URL)
	topic.await(ctx, t, worker, "the first changes", func() bool { return topic.history.Records > keys+100 })

	faults := []struct {
		name string
		do   func()
	}{
		{"walsender killed", func() {
			s.sql(ctx, t, "select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = 'faults'")
		}},
		{"PostgreSQL restarted", func() { s.run(t, "halt", "postgres"); s.run(t, "start", "postgres") }},
		{"Kafka stopped and started", func() {
			s.run(t, "halt", "kafka")
			time.Sleep(3 * time.Second)
			s.run(t, "start", "kafka")
		}},
		{"registry down over an ALTER TABLE", func() {
			registry.Kill()
			s.sql(ctx, t, "alter table counters add column more int default 5")
			time.Sleep(3 * time.Second)
			again, err := restart(ctx, dir, store, registry.URL)
			if err != nil {
				t.Fatal(err)
			}
			stopRegistry = func() { again.Stop() }
		}},
	}
	for _, f := range faults {
		began := time.Now()
		f.do()
		seen := topic.history.Records
		marker := time.Now()
		topic.await(ctx, t, worker, f.name, func() bool { return topic.history.Records > seen+200 })
		t.Logf("%s: changes arrived again %v after it was over (%v in all), %d duplicates so far", f.name, time.Since(marker).Round(10*time.Millisecond), time.Since(began).Round(10*time.Millisecond), topic.history.Duplicates)
	}
	stop()
	<-done
	c, err := pgx.Connect(ctx, s.postgres)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	final, err := counters.Final(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	topic.await(ctx, t, worker, "the final values", func() bool { return topic.history.Reached(final) == nil })
	var status struct {
		Connector struct{ State string }
		Tasks     []struct{ State, Trace string }
	}
	b, err := worker.Call(ctx, "GET", "/connectors/faults/status", nil)
	if err == nil {
		err = json.Unmarshal(b, &status)
	}
	if err != nil || status.Connector.State != "RUNNING" || len(status.Tasks) != 1 || status.Tasks[0].State != "RUNNING" {
		t.Errorf("status %s %v", b, err)
	}
	if !topic.more {
		t.Error("no record has the column that was added while the registry was down")
	}
	t.Logf("%d changes, %d duplicates, none lost, none out of order", topic.history.Records, topic.history.Duplicates)
}

// restart starts the registry again on the address that it had.
func restart(ctx context.Context, dir, store, url string) (*harness.Process, error) {
	bin, err := harness.Binary()
	if err != nil {
		return nil, err
	}
	return harness.Start(ctx, dir, url, "/subjects", nil, bin, "registry", "--listen", strings.TrimPrefix(url, "http://"), "--store", store)
}

// topic reads the counters' topic and decodes it with goavro by the registry's schemas.
type topic struct {
	cl       *kgo.Client
	registry string
	codecs   map[uint32]*goavro.Codec
	history  counters.History
	more     bool // a record with the added column was seen
}

func newTopic(t *testing.T, brokers, registry string) *topic {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeTopics("faults.public.counters"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(100*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &topic{cl: cl, registry: registry, codecs: map[uint32]*goavro.Codec{}}
}

func (tp *topic) await(ctx context.Context, t *testing.T, worker *harness.Process, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within a minute; %d records so far\nworker:\n%s", what, tp.history.Records, worker.Tail())
		}
		pctx, cancel := context.WithTimeout(ctx, 500*time.Millisecond)
		f := tp.cl.PollFetches(pctx)
		cancel()
		f.EachRecord(func(r *kgo.Record) { tp.add(ctx, t, r) })
	}
}

func (tp *topic) add(ctx context.Context, t *testing.T, r *kgo.Record) {
	t.Helper()
	if len(r.Value) < 5 || r.Value[0] != 0 {
		t.Fatalf("a value without Confluent's frame: %x", r.Value)
	}
	id := binary.BigEndian.Uint32(r.Value[1:])
	codec := tp.codecs[id]
	if codec == nil {
		p := &harness.Process{URL: tp.registry}
		var s struct{ Schema string }
		b, err := p.Call(ctx, "GET", fmt.Sprintf("/schemas/ids/%d", id), nil)
		if err == nil {
			err = json.Unmarshal(b, &s)
		}
		if err == nil {
			codec, err = goavro.NewCodecForStandardJSONFull(s.Schema)
		}
		if err != nil {
			t.Fatalf("schema %d: %v", id, err)
		}
		tp.codecs[id] = codec
	}
	native, _, err := codec.NativeFromBinary(r.Value[5:])
	if err != nil {
		t.Fatal(err)
	}
	text, err := codec.TextualFromNative(nil, native)
	if err != nil {
		t.Fatal(err)
	}
	tp.more = tp.more || bytes.Contains(text, []byte(`"more":`))
	if err := tp.history.Add(text); err != nil {
		t.Fatal(err)
	}
}
