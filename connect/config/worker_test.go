package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/config"
)

const distributed = `bootstrap.servers=k1:9092,k2:9092
group.id=connect
config.storage.topic=c
offset.storage.topic=o
offset.storage.partitions=3
offset.storage.cleanup.policy=compact
status.storage.topic=s
status.storage.replication.factor=-1
key.converter=io.confluent.connect.avro.AvroConverter
key.converter.schema.registry.url=http://r:8081
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=false
listeners=http://127.0.0.1:9083
rest.advertised.host.name=connect.example
offset.flush.interval.ms=250
security.protocol=SASL_SSL
sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${env:PGPASSWORD}";
producer.compression.type=lz4
producer.security.protocol=PLAINTEXT
plugin.path=/usr/share/java
connector.client.config.override.policy=Principal
`

// TestReadWorker reads Kafka Connect's properties and the same in YAML to the same worker.
func TestReadWorker(t *testing.T) {
	asYAML := `bootstrap_servers: [k1:9092, k2:9092]
group.id: connect
config: {storage: {topic: c}}
offset: {storage: {topic: o, partitions: 3, cleanup_policy: compact}, flush_interval_ms: 250}
status.storage: {topic: s, replication.factor: -1}
key.converter: io.confluent.connect.avro.AvroConverter
key.converter.schema.registry.url: http://r:8081
value.converter: org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable: false
listeners: [http://127.0.0.1:9083]
rest: {advertised: {host: {name: connect.example}}}
security_protocol: SASL_SSL
sasl.jaas.config: org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${env:PGPASSWORD}";
producer: {compression.type: lz4, security.protocol: PLAINTEXT}
plugin.path: /usr/share/java
connector.client.config.override.policy: Principal
`
	for file, text := range map[string]string{"worker.properties": distributed, "worker.yaml": asYAML} {
		t.Run(file, func(t *testing.T) {
			w, err := config.ReadWorker(file, []byte(text), lookup())
			if err != nil {
				t.Fatal(err)
			}
			if w.GroupID != "connect" || w.WorkerID != "connect.example:9083" || w.OffsetFlush != 250*time.Millisecond || w.Broker != "kafka" || w.OffsetFile != "" {
				t.Errorf("got %s, %s, %s, %s, %q", w.GroupID, w.WorkerID, w.OffsetFlush, w.Broker, w.OffsetFile)
			}
			if d := cmp.Diff([]string{"127.0.0.1:9083"}, w.Listeners); d != "" {
				t.Error(d)
			}
			want := []config.StorageTopic{{"c", 1, 3, map[string]string{}}, {"o", 3, 3, map[string]string{"cleanup.policy": "compact"}}, {"s", 5, -1, map[string]string{}}}
			if d := cmp.Diff(want, []config.StorageTopic{w.ConfigTopic, w.OffsetTopic, w.StatusTopic}); d != "" {
				t.Errorf("storage topics (-want +got):\n%s", d)
			}
			if d := cmp.Diff(config.Converter{Class: "io.confluent.connect.avro.AvroConverter", Options: map[string]string{"schema.registry.url": "http://r:8081"}}, w.Key); d != "" {
				t.Error(d)
			}
			p := w.Client("producer")
			if p["compression.type"] != "lz4" || p["security.protocol"] != "PLAINTEXT" || p["bootstrap.servers"] != "k1:9092,k2:9092" || !strings.Contains(p["sasl.jaas.config"], "topsecret") {
				t.Errorf("the producer has %v", config.Redact(p))
			}
			if a := w.Client("admin"); a["security.protocol"] != "SASL_SSL" || a["compression.type"] != "" {
				t.Errorf("the admin client has %v", config.Redact(a))
			}
			if !w.MayOverride("sasl.jaas.config") || w.MayOverride("linger.ms") {
				t.Error("the override policy is not Principal")
			}
			if len(w.Warnings) != 1 || !strings.Contains(w.Warnings[0], file+":") || !strings.Contains(w.Warnings[0], "plugin.path: accepted without effect") {
				t.Errorf("the warnings are %v", w.Warnings)
			}
		})
	}
}

// TestWorkerStandalone holds what a worker without a group keeps where.
func TestWorkerStandalone(t *testing.T) {
	w, faults := config.NewWorker(map[string]string{"bootstrap.servers": "k:9092", "offset.storage.file.filename": "/var/offsets"}, lookup())
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if w.GroupID != "" || w.OffsetFile != "/var/offsets" || w.StateFile != "/var/offsets.state" || w.WorkerID != "127.0.0.1:8083" || w.OffsetFlush != time.Second {
		t.Errorf("got %+v", w)
	}
	w, faults = config.NewWorker(map[string]string{"broker": "nats", "nats.url": "nats://n:4222", "offset.storage.file.filename": "f"}, lookup())
	if len(faults) > 0 || w.Broker != "nats" || w.NATS["url"] != "nats://n:4222" || w.Kafka["bootstrap.servers"] != "" {
		t.Errorf("%v; got %+v", faults, w)
	}
}

func TestWorkerFaults(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"a misspelt option", "bootstrap.servers=k:9092\noffset.storage.file.filenam=x\n", []string{"f:2: offset.storage.file.filenam: is not a known option; did you mean offset.storage.file.filename?"}},
		{"a listener without a port", "bootstrap.servers=k\noffset.storage.file.filename=x\nlisteners=http://localhost\n", []string{"f:3: listeners: http://localhost has no port"}},
		{"https", "bootstrap.servers=k\noffset.storage.file.filename=x\nlisteners=https://localhost:1\n", []string{"f:3: listeners: https://localhost:1: the API is served by http"}},
		{"neither kind", "bootstrap.servers=k\n", []string{"group.id: set group.id and the three storage topics"}},
		{"both kinds", distributed + "offset.storage.file.filename=x\n", []string{"belongs to a standalone worker"}},
		{"no storage topics", "group.id=g\n", []string{"config.storage.topic: is required", "offset.storage.topic", "status.storage.topic", "bootstrap.servers"}},
		{"exactly once", distributed + "exactly.once.source.support=enabled\n", []string{"f:22: exactly.once.source.support: is not supported by Millrace: delivery is at least once"}},
		{"a Java class", distributed + "rest.extension.classes=a.B\n", []string{"f:22: rest.extension.classes: is not supported by Millrace: Java classes"}},
		{"an override policy", distributed + "connector.client.config.override.policy=Mine\n", []string{"must be one of All, Principal, None"}},
		{"a provider that is a Java class", distributed + "config.providers=vault\nconfig.providers.vault.class=com.example.Vault\n", []string{"f:23: config.providers.vault.class: must be FileConfigProvider"}},
		{"a variable that is not set", distributed + "sasl.username=${env:NOT_THERE}\n", []string{"f:22: sasl.username: resolving ${env:NOT_THERE}: the environment variable NOT_THERE is not set"}},
		{"NATS without a URL", "broker=nats\noffset.storage.file.filename=x\n", []string{"nats.url: is required with broker=nats"}},
		{"no partitions", distributed + "offset.storage.partitions=0\n", []string{"must be at least 1, or -1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := config.ReadWorker("f", []byte(c.text), lookup())
			var faults config.FaultsError
			if !errors.As(err, &faults) {
				t.Fatalf("the error is %v", err)
			}
			for _, w := range c.want {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in:\n%s", w, err)
				}
			}
			if strings.Contains(err.Error(), "topsecret") {
				t.Error("the error shows a secret")
			}
		})
	}
}
