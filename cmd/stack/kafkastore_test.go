package stack

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestKafkaStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "client.properties")
	if err := os.WriteFile(file, []byte("security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\n"+
		"sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username=\"u\" password=\"p\";\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	plain, err := kafkaStore(log, "a:9092,b:9092")
	if err != nil || plain.Topic != "" || plain.Replication != 0 {
		t.Errorf("brokers alone: %+v, %v", plain, err)
	}
	c, err := kafkaStore(log, "a:9092?topic=other&replication=2&options="+file)
	if err != nil || c.Topic != "other" || c.Replication != 2 || len(c.Client) != len(plain.Client)+1 {
		t.Errorf("all options: %+v, %v", c, err)
	}
	for store, want := range map[string]string{
		"a:9092?replication=many":      "replication=many is no number",
		"a:9092?replication=0":         "replication=0 is no number",
		"a:9092?topics=x":              "no option topics",
		"a:9092?topic=x&topic=y":       "topic is given 2 times",
		"a:9092?topic=%zz":             "are none",
		"a:9092?options=" + file + "x": "no such file",
		"":                             "bootstrap.servers",
	} {
		if _, err := kafkaStore(log, store); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", store, err, want)
		}
	}
}
