package config_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/config"
)

// parts are a source and two sinks that are small enough to see through.
func parts() config.Parts {
	source := append(config.SourceOptions(), config.Spec{
		{Name: "database.hostname", Key: "hostname", Type: config.String, Required: true},
		{Name: "database.port", Key: "port", Type: config.Int, Default: "5432"},
		{Name: "database.password", Key: "password", Type: config.Password},
		{Name: "topic.prefix", Key: "topic_prefix", Type: config.String, Required: true},
		{Name: "table.include.list", Key: "tables.include", Type: config.List},
		{Name: "table.exclude.list", Key: "tables.exclude", Type: config.List},
		{Name: "snapshot.mode", Key: "snapshot_mode", Type: config.String, Default: "initial", Enum: []string{"initial", "no_data"}, Synonyms: map[string]string{"never": "no_data"}},
		{Name: "tombstones.on.delete", Key: "tombstones_on_delete", Type: config.Bool, Default: "true"},
		{Name: "max.batch.size", Type: config.Int, NoEffect: "there is no queue"},
		{Name: "signal.file", Type: config.String, Unsupported: "signals are not read", Allowed: []string{""}},
		{Name: "topic.template", Type: config.String},
		{Name: "schema.name.adjustment.mode", Key: "schema_name_adjustment_mode", Type: config.String, Default: "none", Enum: []string{"none", "avro"}},
		{Name: "field.name.adjustment.mode", Key: "field_name_adjustment_mode", Type: config.String, Default: "none", Enum: []string{"none", "avro"}},
	}...)
	return config.Parts{
		Sources: map[string]config.Part{"postgres": {Class: "io.example.PostgresConnector", Spec: source}},
		Sinks: map[string]config.Part{
			"kafka": {Spec: config.Spec{{Name: "bootstrap.servers", Key: "brokers", Type: config.List, Required: true}, {Name: "sasl.password", Key: "sasl_password", Type: config.Password}}},
			"nats":  {Spec: config.Spec{{Name: "url", Key: "url", Type: config.List, Default: "nats://127.0.0.1:4222"}}},
		},
	}
}

// lookup knows a few variables and files, and nothing of the machine.
func lookup() config.Lookup {
	env := map[string]string{"PGPASSWORD": "topsecret", "HOST": "db.example", "EMPTY": ""}
	files := map[string]string{"/run/secrets/pg": "fromfile\n", "/etc/app.properties": "pw=fromprops\nother=x"}
	return config.Lookup{
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		ReadFile: func(path string) ([]byte, error) {
			if s, ok := files[path]; ok {
				return []byte(s), nil
			}
			return nil, fmt.Errorf("open %s: %w", path, os.ErrNotExist)
		},
	}
}

const whole = `name: shop
registry: {url: "http://localhost:8081", username: sr, password: "${PGPASSWORD}", auto_register: false}
source:
  postgres:
    hostname: ${HOST}
    password: ${PGPASSWORD}
    port: 5433
    topic_prefix: shop
    tables:
      include: [public.orders, 'public\.cust.*']
    snapshot_mode: never
    tombstones_on_delete: False
sink:
  kafka: {brokers: [one:9092, two:9092], sasl_password: "${file:/run/secrets/pg}"}
format: {key: json, value: avro}
topic: cdc.${topic_prefix}.${schema}.${table}
offsets: {kafka: {topic: shop-offsets}}
errors: {tolerance: all, log: true, retry_delay_max_ms: 5000, retry_timeout_ms: 60000}
`

// TestPipelineWhole reads a file with everything in it and shows the connector that it stands for.
func TestPipelineWhole(t *testing.T) {
	p, err := config.ReadPipeline("shop.yaml", []byte(whole), parts(), lookup())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"name": "shop", "connector.class": "io.example.PostgresConnector", "tasks.max": "1", "broker": "kafka",
		"database.hostname": "${env:HOST}", "database.password": "${env:PGPASSWORD}", "database.port": "5433", "topic.prefix": "shop",
		"table.include.list": `public.orders,public\.cust.*`, "snapshot.mode": "never", "tombstones.on.delete": "False",
		"producer.override.bootstrap.servers": "one:9092,two:9092", "producer.override.sasl.password": "${file:/run/secrets/pg}",
		"key.converter": "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable": "false",
		"value.converter": "io.confluent.connect.avro.AvroConverter", "value.converter.schema.registry.url": "http://localhost:8081",
		"value.converter.basic.auth.credentials.source": "USER_INFO", "value.converter.basic.auth.user.info": "sr:${env:PGPASSWORD}", "value.converter.auto.register.schemas": "false",
		"schema.name.adjustment.mode": "avro", "field.name.adjustment.mode": "avro",
		"topic.template": "cdc.${topic_prefix}.${schema}.${table}", "errors.tolerance": "all", "errors.log.enable": "true",
		"errors.retry.delay.max.ms": "5000", "errors.retry.timeout": "60000",
	}
	if d := cmp.Diff(want, p.ConnectorConfig()); d != "" {
		t.Errorf("the connector (-want +got):\n%s", d)
	}
	if p.Offsets != (config.OffsetStore{KafkaTopic: "shop-offsets"}) {
		t.Errorf("offsets are %+v", p.Offsets)
	}
	if text := fmt.Sprintf("%+v", *p); strings.Contains(text, "topsecret") || strings.Contains(text, "fromfile") {
		t.Errorf("a secret is in the pipeline: %s", text)
	}
}

// TestPipelineDefaults reads the least that a file needs.
func TestPipelineDefaults(t *testing.T) {
	base := "name: shop\nsource:\n  postgres: {hostname: h, topic_prefix: p}\nsink:\n  nats:\n"
	for _, c := range []struct {
		name, more string
		key, value config.Format
	}{
		{"no registry means JSON", "", config.JSON, config.JSON},
		{"a registry means Avro", "registry: http://r:8081\n", config.Avro, config.Avro},
		{"one word for both", "format: json_with_schemas\n", config.JSONWithSchemas, config.JSONWithSchemas},
		{"the value follows the key", "format: {key: json_with_schemas}\n", config.JSONWithSchemas, config.JSONWithSchemas},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := config.ReadPipeline("f", []byte(base+c.more), parts(), lookup())
			if err != nil {
				t.Fatal(err)
			}
			if p.Key != c.key || p.Value != c.value || p.Offsets.File != "shop.offsets" || p.Sink.Kind != "nats" {
				t.Errorf("got key %s, value %s, offsets %+v, sink %s", p.Key, p.Value, p.Offsets, p.Sink.Kind)
			}
		})
	}
}

// TestPipelineFaults holds messages and places of faults. Each file is whole but for what its case spoils.
func TestPipelineFaults(t *testing.T) {
	head := "name: shop\nsource:\n  postgres:\n    hostname: h\n    topic_prefix: p\n"
	tail := "sink:\n  kafka: {brokers: [b:9092]}\n"
	for _, c := range []struct {
		name, text string
		want       []string // each in the error, in this order
	}{
		{"unknown key names the nearest", head + "    hostnam: x\n" + tail, []string{"f.yaml:6:5: source.postgres.hostnam: is not a known key; did you mean hostname?"}},
		{"unknown top-level key", head + tail + "sync: x\n", []string{"f.yaml:8:1: sync: is not a known key; did you mean sink?"}},
		{"nested key", head + "    tables: {includ: [a]}\n" + tail, []string{"f.yaml:6:14: source.postgres.tables.includ: is not a known key; did you mean include?"}},
		{"Connect's name with dots", head + "    snapshot.mode: initial\n" + tail, []string{"6:5: source.postgres.snapshot.mode: is not a known key; did you mean snapshot_mode?"}},
		{"Connect's name with underscores", head + "    database_port: 1\n" + tail, []string{"6:5", "did you mean port?"}},
		{"an option without effect", head + "    max_batch_size: 5\n" + tail, []string{"6:5: source.postgres.max_batch_size: has no effect in Millrace", "there is no queue"}},
		{"an option that is not done", head + "    signal_file: x\n" + tail, []string{"6:5: source.postgres.signal_file: is not supported by Millrace: signals are not read"}},
		{"an option that the file sets by another key", head + "    topic_template: x\n" + tail, []string{"is not a key of pipelines; they set topic.template themselves"}},
		{"wrong type", head + "    port: many\n" + tail, []string{"f.yaml:6:11: source.postgres.port: expects a whole number, not many"}},
		{"wrong word", head + "    snapshot_mode: intial\n" + tail, []string{"6:20: source.postgres.snapshot_mode: expects one of initial, no_data, not intial; did you mean initial?"}},
		{"a mapping for a word", head + "    port: {a: b}\n" + tail, []string{"6:11: source.postgres.port: expects a whole number, not a mapping"}},
		{"a list for a word", head + "    port: [1]\n" + tail, []string{"6:11", "expects a whole number, not a list"}},
		{"a word for a mapping", head + "    tables: public.orders\n" + tail, []string{"6:13: source.postgres.tables: expects keys below it, not a plain value"}},
		{"null", head + "    port: null\n" + tail, []string{"6:11", "expects a whole number, not null"}},
		{"no value", head + "    port:\n" + tail, []string{"source.postgres.port: has no value: it expects a whole number"}},
		{"set twice", head + "    hostname: y\n" + tail, []string{"6:5: source.postgres.hostname: is set twice: see line 4"}},
		{"a required option", "name: shop\nsource:\n  postgres: {topic_prefix: p}\n" + tail, []string{"source.postgres.hostname: is required"}},
		{"what a file needs", "registry: http://r\n", []string{"name: is required", "source: is required", "sink: is required"}},
		{"no such source", "name: s\nsource:\n  postgre: {hostname: h}\n" + tail, []string{"3:3: source.postgre: is not a known key; did you mean postgres?"}},
		{"two sinks", head + tail + "  nats: {}\n", []string{"8:3: sink.nats: is a second one: a pipeline has one sink; kafka is there already"}},
		{"no sink below sink", head + "sink: {}\n", []string{"6:7: sink: expects one of kafka, nats below it"}},
		{"Avro without registry", head + tail + "format: avro\n", []string{"registry: is required for Avro"}},
		{"no such format", head + tail + "format: avor\n", []string{"8:9: format: expects avro, json or json_with_schemas, not \"avor\"; did you mean avro?"}},
		{"a bad name", strings.Replace(head, "shop", "a/b", 1) + tail, []string{`"a/b" must be up to 100 letters`}},
		{"both stores", head + tail + "offsets: {file: x, kafka: {topic: t}}\n", []string{"8:10: offsets: expects one of file and kafka"}},
		{"offsets in a Kafka that is not there", head + "sink:\n  nats: {}\noffsets: {kafka: {topic: t}}\n", []string{"offsets.kafka: needs a Kafka sink"}},
		{"a variable that is not set", head + "    password: ${NOT_THERE}\n" + tail, []string{"f.yaml:6:15: source.postgres.password: ", "NOT_THERE is not set"}},
		{"a file that is not there", head + "    password: ${file:/nowhere}\n" + tail, []string{"6:15", "open /nowhere"}},
		{"no reference", head + "    password: ${not a name}\n" + tail, []string{"6:15: source.postgres.password: ${not a name} is no reference"}},
		{"no such variable of topics", head + tail + "topic: ${database}.${table}\n", []string{"8:8: topic: ", "${env:database}", "database is not set"}},
		{"a resolved value of the wrong type", head + "    port: ${HOST}\n" + tail, []string{"6:11: source.postgres.port: ", "not a number"}},
		{"errors", head + tail + "errors: {tolerance: some}\n", []string{"8:21: errors.tolerance: ", "must be one of none, all"}},
		{"merge keys", "x: &x {hostname: h}\n" + head + "    <<: *x\n" + tail, []string{"source.postgres.<<: merging is not done"}},
		{"all at once", "name: s\nsource:\n  postgres: {hostname: h, topic_prefix: p, port: x, snapshot_mode: y}\nsink:\n  kafka: {brokers: b, acks: 1}\n", []string{"port", "snapshot_mode", "acks"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.ReadPipeline("f.yaml", []byte(c.text), parts(), lookup())
			var faults config.FaultsError
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v", err)
			}
			rest := err.Error()
			for _, w := range c.want {
				_, after, ok := strings.Cut(rest, w)
				if !ok {
					t.Fatalf("%q is not in, or not in its place:\n%s", w, err)
				}
				rest = after
			}
			for _, f := range faults {
				if f.File != "f.yaml" || f.Line == 0 {
					t.Errorf("a fault has no place: %+v", f)
				}
			}
		})
	}
}

// TestPipelineNeverShowsSecrets spoils options beside and of secrets and looks for them in the faults.
func TestPipelineNeverShowsSecrets(t *testing.T) {
	spec := parts()
	spec.Sinks["kafka"] = config.Part{Spec: append(spec.Sinks["kafka"].Spec, config.Option{Name: "pin.token", Key: "pin_token", Type: config.Int})}
	text := "name: shop\nsource:\n  postgres: {hostname: h, topic_prefix: p, password: topsecret, port: x}\nsink:\n  kafka: {brokers: b, pin_token: topsecret}\n"
	_, err := config.ReadPipeline("f", []byte(text), spec, lookup())
	if err == nil || strings.Contains(err.Error(), "topsecret") {
		t.Errorf("the error is %v", err)
	}
	text = "name: shop\nsource:\n  postgres: {hostname: h, topic_prefix: p, password: '${PGPASSWORD}'}\nsink:\n  kafka: {brokers: b, pin_token: '${PGPASSWORD}'}\n"
	_, err = config.ReadPipeline("f", []byte(text), spec, lookup())
	if err == nil || strings.Contains(err.Error(), "topsecret") || !strings.Contains(err.Error(), config.Hidden) {
		t.Errorf("the error is %v", err)
	}
}

// TestPipelineReferences holds the forms of references and where they are resolved.
func TestPipelineReferences(t *testing.T) {
	for _, c := range []struct{ in, kept, resolved string }{
		{"${HOST}", "${env:HOST}", "db.example"},
		{"a-${HOST}-b", "a-${env:HOST}-b", "a-db.example-b"},
		{"${MISSING:-fallback}", "${env:MISSING:-fallback}", "fallback"},
		{"${EMPTY:-fallback}", "${env:EMPTY:-fallback}", "fallback"},
		{"${MISSING:-}", "${env:MISSING:-}", ""},
		{"${env:HOST}", "${env:HOST}", "db.example"},
		{"${file:/run/secrets/pg}", "${file:/run/secrets/pg}", "fromfile"},
		{"${file:/etc/app.properties:pw}", "${file:/etc/app.properties:pw}", "fromprops"},
		{"$${HOST}", "${HOST}", "${HOST}"},
	} {
		t.Run(c.in, func(t *testing.T) {
			text := "name: shop\nsource:\n  postgres: {hostname: h, topic_prefix: p, password: '" + c.in + "'}\nsink:\n  nats:\n"
			p, err := config.ReadPipeline("f", []byte(text), parts(), lookup())
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Source.Options["database.password"]; got != c.kept {
				t.Errorf("kept as %q, want %q", got, c.kept)
			}
			out, faults := lookup().Resolve(p.ConnectorConfig())
			if got := out["database.password"]; got != c.resolved || len(faults) > 0 {
				t.Errorf("resolved to %q, want %q; faults %v", got, c.resolved, faults)
			}
		})
	}
}
