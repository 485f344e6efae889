package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

// TestConfluentPythonReadsAvro runs the main job with AvroConverter and reads keys and values back with
// confluent-kafka's AvroDeserializer, before and after ALTER TABLE.
func TestConfluentPythonReadsAvro(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	defer cancel()
	python := venv(ctx, t)
	brokers := testenv.Kafka(t)
	db := testenv.NewDatabase(ctx, t, "clients")
	exec1 := func(sql string) { db.Exec(ctx, t, sql) }
	exec1(`create table public.items (id bigint primary key, name text, price numeric(8,2), at timestamptz, tags text[])`)
	exec1(`insert into items values (1, 'snapshot ü', 12.34, '2024-02-29 12:00:00+00', '{a,b}')`)

	dir := t.TempDir()
	registry, err := harness.Registry(ctx, dir, "file:"+filepath.Join(dir, "registry"))
	if err != nil {
		t.Fatal(err)
	}
	defer registry.Stop()
	worker := startWorker(ctx, t, dir, brokers, db.Name, map[string]string{
		"key.converter": "io.confluent.connect.avro.AvroConverter", "key.converter.schema.registry.url": registry.URL,
		"value.converter": "io.confluent.connect.avro.AvroConverter", "value.converter.schema.registry.url": registry.URL,
	})
	if err := worker.Create(ctx, db.Name, db.Connector("public.items")); err != nil {
		t.Fatal(err)
	}
	db.Streaming(ctx, t)
	exec1(`insert into items values (2, 'before', 1.00, null, null)`)
	exec1(`alter table items add column stock int`)
	exec1(`insert into items values (3, 'after', 99999.99, '1999-12-31 23:59:59.5+00', '{}', 7)`)
	exec1(`delete from items where id = 2`)

	cmd := exec.CommandContext(ctx, python, "read_avro.py", brokers, registry.URL, db.Name+".public.items", "5")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s%s\nworker:\n%s", err, out, stderr.Bytes(), worker.Tail())
	}
	type item struct {
		ID    int64    `json:"id"`
		Name  string   `json:"name"`
		Price *string  `json:"price"`
		At    *string  `json:"at"`
		Tags  []string `json:"tags"`
		Stock *int     `json:"stock"`
	}
	var got []string
	for line := range strings.Lines(string(out)) {
		var r struct {
			Key   struct{ ID int64 }
			Value *struct {
				Op            string
				Before, After *item
			}
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if r.Value == nil {
			got = append(got, fmt.Sprintf("%d tombstone", r.Key.ID))
			continue
		}
		row := r.Value.After
		if row == nil {
			got = append(got, fmt.Sprintf("%d %s", r.Key.ID, r.Value.Op))
			continue
		}
		stock := "none"
		if row.Stock != nil {
			stock = fmt.Sprint(*row.Stock)
		}
		at := "null"
		if row.At != nil {
			at = *row.At
		}
		got = append(got, fmt.Sprintf("%d %s %s %s %s %v %s", r.Key.ID, r.Value.Op, row.Name, *row.Price, at, row.Tags, stock))
	}
	want := []string{
		"1 r snapshot ü 12.34 2024-02-29T12:00:00.000000Z [a b] none",
		"2 c before 1.00 null [] none",
		"3 c after 99999.99 1999-12-31T23:59:59.500000Z [] 7",
		"2 d",
		"2 tombstone",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestConsoleConsumerReadsJSON reads the topic with Apache Kafka's own console consumer.
func TestConsoleConsumerReadsJSON(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	libs := os.Getenv("MILLRACE_KAFKA_LIBS")
	if libs == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("MILLRACE_KAFKA_LIBS is not set: run the tests with `make test`")
		}
		t.Skip("MILLRACE_KAFKA_LIBS is not set: run the tests with `make test`")
	}
	brokers := testenv.Kafka(t)
	db := testenv.NewDatabase(ctx, t, "clients")
	if _, err := db.Conn.Exec(ctx, `create table public.items (id int primary key, v text); insert into items values (1, 'one')`); err != nil {
		t.Fatal(err)
	}
	worker := startWorker(ctx, t, t.TempDir(), brokers, db.Name, map[string]string{
		"key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
		"value.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter.schemas.enable": "false",
	})
	if err := worker.Create(ctx, db.Name, db.Connector("public.items")); err != nil {
		t.Fatal(err)
	}
	db.Streaming(ctx, t)
	if _, err := db.Conn.Exec(ctx, `update items set v = 'two'`); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(ctx, "java", "-cp", libs+"/*", "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", brokers,
		"--topic", db.Name+".public.items", "--from-beginning", "--max-messages", "2", "--timeout-ms", "60000",
		"--formatter-property", "print.key=true", "--formatter-property", "print.headers=true")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s\nworker:\n%s", err, out, worker.Tail())
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != 2 {
		t.Fatalf("got %d lines:\n%s", len(lines), out)
	}
	for i, want := range []string{`"after":{"id":1,"v":"one"}`, `"after":{"id":1,"v":"two"}`} {
		if !strings.Contains(lines[i], want) || !strings.Contains(lines[i], "\t{\"id\":1}\t") || !strings.Contains(lines[i], "__debezium.context.connectorName:postgresql") {
			t.Errorf("line %d lacks %s, its key or its headers: %s", i, want, lines[i])
		}
	}
}

func startWorker(ctx context.Context, t *testing.T, dir, brokers, group string, options map[string]string) *harness.Process {
	t.Helper()
	props := map[string]string{
		"bootstrap.servers": brokers, "group.id": group, "config.storage.topic": group + "-c", "offset.storage.topic": group + "-o", "status.storage.topic": group + "-s",
		"config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
	}
	for k, v := range options {
		props[k] = v
	}
	w, err := harness.Worker(ctx, dir, props)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Stop() })
	return w
}
