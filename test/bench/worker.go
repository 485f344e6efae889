package main

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"time"

	"github.com/millrace/millrace/test/harness"
)

// subject is one worker with one configuration.
type subject struct {
	name      string
	jvm       bool
	worker    map[string]string // worker options beyond the common ones
	connector map[string]string // connector options beyond the common ones
	avro      bool
}

func subjects(registry string) []subject {
	json := map[string]string{"key.converter": jsonConverter, "value.converter": jsonConverter, "key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"}
	avro := map[string]string{"key.converter": avroConverter, "value.converter": avroConverter, "key.converter.schema.registry.url": registry, "value.converter.schema.registry.url": registry}
	tuned := map[string]string{"producer.batch.size": "1048576", "producer.linger.ms": "50", "producer.compression.type": "lz4"}
	return []subject{
		{name: "millrace-json", worker: json},
		{name: "millrace-avro", worker: avro, avro: true},
		{name: "debezium-defaults", jvm: true, worker: json},
		{name: "debezium-tuned", jvm: true, worker: merge(json, tuned), connector: map[string]string{"max.batch.size": "16384", "max.queue.size": "65536", "poll.interval.ms": "10"}},
	}
}

const (
	jsonConverter = "org.apache.kafka.connect.json.JsonConverter"
	avroConverter = "io.confluent.connect.avro.AvroConverter"
)

// merge returns one map of all; later ones win.
func merge(ms ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, m := range ms {
		maps.Copy(out, m)
	}
	return out
}

// startWorker starts a Connect worker of its own group: Millrace, or Kafka's with Debezium as its plug-in.
func startWorker(ctx context.Context, s subject, o options, dir string) (*harness.Process, error) {
	id := fmt.Sprintf("bench-%s-%d", s.name, time.Now().UnixNano())
	props := merge(map[string]string{
		"bootstrap.servers": o.kafka, "group.id": id,
		"config.storage.topic": id + "-configs", "offset.storage.topic": id + "-offsets", "status.storage.topic": id + "-status",
		"config.storage.replication.factor": "1", "offset.storage.replication.factor": "1", "status.storage.replication.factor": "1",
		"offset.storage.partitions": "1", "status.storage.partitions": "1", "offset.flush.interval.ms": "1000",
	}, s.worker)
	if !s.jvm {
		var env []string
		if o.profile != "" {
			env = append(env, "MILLRACE_CPU_PROFILE="+filepath.Join(o.profile, id+".pprof"))
		}
		return harness.Worker(ctx, dir, props, env...)
	}
	port, err := harness.FreePort()
	if err != nil {
		return nil, err
	}
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	props["plugin.path"], props["plugin.discovery"] = o.debezium, "hybrid_warn"
	file, err := harness.Properties(dir, props, "listeners="+url)
	if err != nil {
		return nil, err
	}
	// Kafka's own start script gives a worker these heap and collector options.
	return harness.Start(ctx, dir, url, "/connectors", nil, "java", "-Xms256M", "-Xmx2G", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
		"-XX:InitiatingHeapOccupancyPercent=35", "-cp", o.kafkaLib+"/*", "org.apache.kafka.connect.cli.ConnectDistributed", file)
}
