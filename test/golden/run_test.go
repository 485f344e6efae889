package golden

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

// rec is one recorded line. Key and Value are decoded JSON, or {"hex": …} for Avro.
type rec struct {
	Topic                  string          `json:"topic"`
	Partition              int32           `json:"partition"`
	Offset                 int64           `json:"offset"`
	Key                    json.RawMessage `json:"key"`
	Value                  json.RawMessage `json:"value"`
	KS                     any             `json:"ks"`
	VS                     any             `json:"vs"`
	Headers                [][2]string     `json:"headers"`
	Tombstone              bool            `json:"tombstone,omitempty"`
	keySchema, valueSchema any             // with references filled in
}

// variants are the connector options of each recording on top of base.
var variants = map[string]map[string]string{
	"default": {"table.exclude.list": "cdc.sig,cdc.hb"},
	"connect": {"table.include.list": "cdc.t_.*,cdc.k_num", "decimal.handling.mode": "double", "time.precision.mode": "connect", "binary.handling.mode": "hex"},
	"strings": {"table.include.list": "cdc.t_.*,cdc.k_num", "decimal.handling.mode": "string", "time.precision.mode": "isostring", "interval.handling.mode": "string",
		"hstore.handling.mode": "map", "binary.handling.mode": "base64", "money.fraction.digits": "0"},
	"avro": {"table.include.list": "cdc.t_num,cdc.t_time,cdc.t_text,cdc.t_arr,cdc.t_misc,cdc.k_composite,cdc.k_pk_default,cdc.d_evolve.*,cdc.Odd Name-Tbl",
		"schema.name.adjustment.mode": "avro", "field.name.adjustment.mode": "avro",
		"key.converter": "io.confluent.connect.avro.AvroConverter", "value.converter": "io.confluent.connect.avro.AvroConverter"},
}

// produced runs the SQL and returns what Millrace wrote, by variant, and the schemas it registered, by subject.
func produced(t *testing.T) (map[string][]rec, map[string][]json.RawMessage) {
	admin, brokers := testenv.Postgres(t), testenv.Kafka(t)
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Minute)
	t.Cleanup(cancel)
	db := database(ctx, t, admin)
	psql(t, db, "testdata/postgres-1-schema.sql")

	dir := t.TempDir()
	registry, err := harness.Registry(ctx, dir, "memory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { registry.Stop() })
	if _, err := registry.Call(ctx, "PUT", "/config", map[string]string{"compatibility": "NONE"}); err != nil {
		t.Fatal(err)
	}
	group := fmt.Sprintf("golden%d", time.Now().UnixNano())
	worker, err := harness.Worker(ctx, dir, map[string]string{
		"bootstrap.servers": brokers, "group.id": group, "config.storage.topic": group + "-c", "offset.storage.topic": group + "-o", "status.storage.topic": group + "-s",
		"config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		worker.Stop()
		if t.Failed() {
			t.Logf("worker:\n%s", worker.Tail())
		}
	})
	u, err := url.Parse(db)
	if err != nil {
		t.Fatal(err)
	}
	pass, _ := u.User.Password()
	clear(ctx, t, brokers)
	want := map[string]int{}
	for name, options := range variants {
		want[name] = len(recording(t, name))
		config := map[string]string{
			"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1", "plugin.name": "pgoutput",
			"topic.prefix": "gp_" + name, "schema.include.list": "cdc", "slot.name": group + "_" + name, "publication.name": group + "_" + name,
			"database.hostname": u.Hostname(), "database.port": u.Port(), "database.user": u.User.Username(), "database.password": pass, "database.dbname": "golden",
			"key.converter.schema.registry.url": registry.URL, "value.converter.schema.registry.url": registry.URL,
			"topic.creation.default.partitions": "1", "topic.creation.default.replication.factor": "1",
		}
		if name != "avro" {
			delete(config, "key.converter.schema.registry.url")
			delete(config, "value.converter.schema.registry.url")
		}
		for k, v := range options {
			config[k] = v
		}
		if err := worker.Create(ctx, "gp-"+name, config); err != nil {
			t.Fatal(err)
		}
	}
	cl := consumer(t, brokers)
	out := map[string][]rec{}
	collect(ctx, t, cl, out, map[string]int{"default": 55, "connect": 30, "strings": 30, "avro": 31}, 5*time.Second)
	psql(t, db, "testdata/postgres-2-stream.sql")
	psql(t, db, "testdata/postgres-3-signal.sql")
	collect(ctx, t, cl, out, want, 15*time.Second)

	subjects := map[string][]json.RawMessage{}
	var names []string
	get(ctx, t, registry, "/subjects", &names)
	for _, s := range names {
		var versions []int
		get(ctx, t, registry, "/subjects/"+url.PathEscape(s)+"/versions", &versions)
		for _, v := range versions {
			var reg struct{ Schema string }
			get(ctx, t, registry, fmt.Sprintf("/subjects/%s/versions/%d", url.PathEscape(s), v), &reg)
			subjects[s] = append(subjects[s], json.RawMessage(reg.Schema))
		}
	}
	byID := map[int]json.RawMessage{}
	for _, r := range out["avro"] {
		for _, part := range []json.RawMessage{r.Key, r.Value} {
			if id, _ := frame(part); id != 0 && byID[id] == nil {
				var reg struct{ Schema string }
				get(ctx, t, registry, fmt.Sprintf("/schemas/ids/%d", id), &reg)
				byID[id] = json.RawMessage(reg.Schema)
			}
		}
	}
	ourIDs = byID
	return out, subjects
}

// ourIDs are the schemas of Millrace's registry by id, for decoding.
var ourIDs map[int]json.RawMessage

func get(ctx context.Context, t *testing.T, p *harness.Process, path string, into any) {
	t.Helper()
	b, err := p.Call(ctx, "GET", path, nil)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// database makes a fresh database called golden: the name is part of every record.
func database(ctx context.Context, t *testing.T, admin string) string {
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	drop := func(ctx context.Context, c *pgx.Conn) {
		_, _ = c.Exec(ctx, "select pg_terminate_backend(active_pid) from pg_replication_slots where database = 'golden' and active")
		for range 50 {
			if _, err := c.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = 'golden'"); err == nil {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		_, _ = c.Exec(ctx, "drop database if exists golden with (force)")
	}
	drop(ctx, c)
	if _, err := c.Exec(ctx, "create database golden"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		if c, err := pgx.Connect(ctx, admin); err == nil {
			drop(ctx, c)
			_ = c.Close(ctx)
		}
	})
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/golden"
	return u.String()
}

// psql runs a file statement by statement; the corpus has statements that fail on purpose.
func psql(t *testing.T, db, file string) {
	t.Helper()
	out, err := exec.Command("psql", "-X", "-q", "-d", db, "-f", file).CombinedOutput()
	if err != nil {
		t.Fatalf("running %s: %v\n%s", file, err, out)
	}
}

// clear deletes what an earlier run wrote: topic names are part of every schema, so they cannot be made unique.
func clear(ctx context.Context, t *testing.T, brokers string) {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for {
		all, err := adm.ListTopics(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var old []string
		for name := range all {
			if v, rest, _ := strings.Cut(strings.TrimPrefix(name, "gp_"), "."); rest != "" && variants[v] != nil {
				old = append(old, name)
			}
		}
		if len(old) == 0 {
			return
		}
		if _, err := adm.DeleteTopics(ctx, old...); err != nil {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func consumer(t *testing.T, brokers string) *kgo.Client {
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers), kgo.ConsumeRegex(), kgo.ConsumeTopics(`^gp_(default|connect|strings|avro)\..*`),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.MetadataMinAge(100*time.Millisecond), kgo.MetadataMaxAge(500*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// collect reads until every variant has its records, or nothing has come for quiet.
func collect(ctx context.Context, t *testing.T, cl *kgo.Client, out map[string][]rec, want map[string]int, quiet time.Duration) {
	t.Helper()
	for enough := false; !enough; {
		pctx, cancel := context.WithTimeout(ctx, quiet)
		f := cl.PollFetches(pctx)
		cancel()
		if f.NumRecords() == 0 && pctx.Err() != nil {
			return
		}
		f.EachRecord(func(r *kgo.Record) {
			name := strings.TrimPrefix(strings.SplitN(r.Topic, ".", 2)[0], "gp_")
			out[name] = append(out[name], decode(t, name, r))
		})
		enough = true
		for name, n := range want {
			enough = enough && len(out[name]) >= n
		}
	}
	// A little longer, so that a record too many is seen.
	pctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	for pctx.Err() == nil {
		cl.PollFetches(pctx).EachRecord(func(r *kgo.Record) {
			name := strings.TrimPrefix(strings.SplitN(r.Topic, ".", 2)[0], "gp_")
			out[name] = append(out[name], decode(t, name, r))
		})
	}
}

func decode(t *testing.T, variant string, r *kgo.Record) rec {
	out := rec{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Tombstone: r.Value == nil}
	out.Key, out.keySchema = part(t, variant, r.Key)
	out.Value, out.valueSchema = part(t, variant, r.Value)
	out.Headers = [][2]string{}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, [2]string{h.Key, string(h.Value)})
	}
	return out
}

func part(t *testing.T, variant string, b []byte) (json.RawMessage, any) {
	if b == nil {
		return json.RawMessage("null"), nil
	}
	if variant == "avro" {
		return json.RawMessage(`{"hex":"` + hex.EncodeToString(b) + `"}`), nil
	}
	var env struct {
		Schema  any
		Payload json.RawMessage
	}
	if err := json.Unmarshal(b, &env); err != nil {
		t.Fatalf("a message is not JSON with a schema: %v: %.300s", err, b)
	}
	return env.Payload, env.Schema
}

// recording reads what Debezium wrote.
func recording(t *testing.T, variant string) []rec {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "postgres-"+variant+".jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]any{}
	if s, err := os.ReadFile(filepath.Join("testdata", "postgres-"+variant+".schemas.json")); err == nil {
		if err := json.Unmarshal(s, &schemas); err != nil {
			t.Fatal(err)
		}
	}
	var out []rec
	for line := range strings.Lines(string(b)) {
		var r rec
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		r.keySchema, r.valueSchema = fill(r.KS, schemas), fill(r.VS, schemas)
		out = append(out, r)
	}
	return out
}

// fill replaces references by the schemas that they name.
func fill(s any, all map[string]any) any {
	switch v := s.(type) {
	case string:
		if t, ok := all[v]; ok {
			return fill(t, all)
		}
		return v
	case map[string]any:
		out := map[string]any{}
		if ref, ok := v["ref"].(string); ok {
			if m, ok := fill(all[ref], all).(map[string]any); ok {
				for k, x := range m {
					out[k] = x
				}
			}
		}
		for k, x := range v {
			switch k {
			case "ref":
			case "fields", "items", "keys", "values":
				out[k] = fill(x, all)
			default:
				out[k] = x
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = fill(x, all)
		}
		return out
	}
	return s
}
