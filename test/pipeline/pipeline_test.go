package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/linkedin/goavro/v2"
	natsclient "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
	"github.com/millrace/millrace/test/counters"
	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

const keys = 20

// TestNATSKilledAndResumed kills the process several times under live writes: what the stream holds at the end has every
// change, in order, and not one of them twice.
func TestNATSKilledAndResumed(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	db := testenv.NewDatabase(ctx, t, "pipe")
	db.Exec(ctx, t, fmt.Sprintf(counters.Schema, keys, 5000))
	dir := t.TempDir()
	registry, err := harness.Registry(ctx, dir, "file:"+filepath.Join(dir, "registry"))
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Stop()
	nc, err := natsclient.Connect(testenv.NATS(t))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = js.DeleteStream(context.WithoutCancel(ctx), db.Name) })
	file := write(t, dir, fmt.Sprintf(`name: %[1]s
source:
  postgres:
%[2]s
    topic_prefix: %[1]s
    tables: {include: [public.counters]}
    slot_name: %[1]s
    publication_name: %[1]s
    publication_autocreate_mode: filtered
sink:
  nats: {url: ["%[3]s"]}
registry: %[4]s
format: avro
offsets: {file: %[5]s}
`, db.Name, source(db), testenv.NATS(t), registry.URL, filepath.Join(dir, "offsets")))
	writing, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&counters.Writer{URL: db.URL, Keys: keys, Seed: 3, Pause: 5 * time.Millisecond}).Run(writing)
	}()
	defer func() { stop(); <-done }()
	for range 4 {
		p := run(ctx, t, dir, file)
		select {
		case <-p.Done():
			t.Fatalf("it ended by itself:\n%s", p.Tail())
		case <-time.After(2500 * time.Millisecond):
		}
		p.Kill()
	}
	last := run(ctx, t, dir, file)
	stop()
	<-done
	final, err := counters.Final(ctx, db.Conn)
	if err != nil {
		t.Fatal(err)
	}
	var h counters.History
	stream, err := js.Stream(ctx, db.Name)
	if err != nil {
		t.Fatalf("%v\n%s", err, last.Tail())
	}
	cons, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{db.Name + ".public.counters"}})
	if err != nil {
		t.Fatal(err)
	}
	reg, err := client.New(client.Config{URLs: []string{registry.URL}})
	if err != nil {
		t.Fatal(err)
	}
	codecs := map[int]*goavro.Codec{}
	messages, err := cons.Messages()
	if err != nil {
		t.Fatal(err)
	}
	defer messages.Stop()
	for deadline := time.Now().Add(60 * time.Second); h.Reached(final) != nil; {
		if time.Now().After(deadline) {
			t.Fatalf("%v\n%s", h.Reached(final), last.Tail())
		}
		m, err := messages.Next(jetstream.NextMaxWait(time.Second))
		if err != nil {
			continue
		}
		id, datum, err := wire.Parse(m.Data())
		if err != nil {
			t.Fatal(err)
		}
		if codecs[id] == nil {
			s, err := reg.SchemaByID(ctx, id)
			if err == nil {
				codecs[id], err = goavro.NewCodecForStandardJSONFull(s.Text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		native, _, err := codecs[id].NativeFromBinary(datum)
		if err != nil {
			t.Fatal(err)
		}
		text, err := codecs[id].TextualFromNative(nil, native)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Add(text); err != nil {
			t.Fatal(err)
		}
	}
	if h.Duplicates > 0 {
		t.Errorf("%d changes are in the stream twice", h.Duplicates)
	}
	t.Logf("%d changes through 4 SIGKILLs, %d duplicates", h.Records-h.Snapshots, h.Duplicates)
	if code := last.Stop(); code != 0 {
		t.Errorf("exit code %d after SIGTERM\n%s", code, last.Tail())
	}
}

// TestKafkaTopicTemplate sends JSON to topics of a template and checks the summary and that no secret is printed.
func TestKafkaTopicTemplate(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	db := testenv.NewDatabase(ctx, t, "pipe")
	db.Exec(ctx, t, "create table public.items (id int primary key, v text); insert into public.items select g, 'v' || g from generate_series(1, 100) g")
	dir := t.TempDir()
	file := write(t, dir, fmt.Sprintf(`name: %[1]s
source:
  postgres:
%[2]s
    topic_prefix: %[1]s
    tables: {include: [public.items]}
    slot_name: %[1]s
    publication_name: %[1]s
    publication_autocreate_mode: filtered
    snapshot_mode: initial_only
sink:
  kafka: {brokers: ["%[3]s"]}
format: json
topic: cdc-${schema}-${table}-${topic_prefix}
offsets: {kafka: {topic: %[1]s-offsets}}
`, db.Name, source(db), testenv.Kafka(t)))
	p := run(ctx, t, dir, file)
	select {
	case <-p.Done():
	case <-ctx.Done():
		t.Fatalf("a source that is finished does not end the pipeline:\n%s", p.Tail())
	}
	if code := p.Stop(); code != 0 {
		t.Fatalf("exit code %d\n%s", code, p.Tail())
	}
	if out := p.Log(); !strings.Contains(out, "100 messages delivered") || strings.Contains(out, db.Conn.Config().Password+"@") {
		t.Errorf("the output is\n%s", out)
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(testenv.Kafka(t)), kgo.ConsumeTopics("cdc-public-items-"+db.Name), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	n := 0
	for n < 100 && ctx.Err() == nil {
		n += cl.PollFetches(ctx).NumRecords()
	}
	if n != 100 {
		t.Errorf("%d records", n)
	}
}

func run(ctx context.Context, t *testing.T, dir, file string) *harness.Process {
	t.Helper()
	bin, err := harness.Binary()
	if err != nil {
		t.Fatal(err)
	}
	p, err := harness.Start(ctx, dir, "", "", nil, bin, "run", "--progress", "1s", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p
}

func write(t *testing.T, dir, text string) string {
	t.Helper()
	file := filepath.Join(dir, "pipeline.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// source returns the connection's keys of a pipeline file.
func source(db *testenv.Database) string {
	c := db.Conn.Config()
	return fmt.Sprintf("    hostname: %s\n    port: %d\n    user: %s\n    password: %q\n    dbname: %s", c.Host, c.Port, c.User, c.Password, db.Name)
}
