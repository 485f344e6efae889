package kafkalog

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/test/testenv"
)

// TestProducerIDRetires uses up the epochs of a producer id. Nodes go on under the next one, and who wrote under the old one is
// fenced all the same.
func TestProducerIDRetires(t *testing.T) {
	if testing.Short() {
		t.Skip("claims the log 32,000 times")
	}
	t.Parallel()
	cfg := Config{Client: []kgo.Opt{kgo.SeedBrokers(testenv.Kafka(t))}, Topic: fmt.Sprintf("kafkalog-epochs-%d", time.Now().UnixNano()), Elected: true}
	var nodes [2]*Log
	for i := range nodes {
		var err error
		if nodes[i], err = Open(t.Context(), cfg); err != nil {
			t.Fatal(err)
		}
		defer nodes[i].Close()
	}
	old, young := nodes[0], nodes[1]
	for epoch := int16(0); epoch < lastEpochs-3; {
		p, err := old.cl.initProducer(t.Context(), "millrace-"+cfg.Topic)
		if err != nil {
			t.Fatal(err)
		}
		epoch = p.epoch
	}
	lead := func(l *Log) producer {
		t.Helper()
		if err := l.Lead(t.Context()); err != nil {
			t.Fatal(err)
		}
		return l.claim.producer
	}
	retired := lead(old)
	rec := registry.Record{Key: []byte("k"), Value: []byte("v")}
	at, err := old.Append(t.Context(), -1, rec)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; lead(young).id == retired.id; n++ {
		if n > 5 {
			t.Fatalf("the producer id %d is still in use", retired.id)
		}
	}
	if _, err := old.Append(t.Context(), at, rec); !errors.Is(err, registry.ErrNotLeader) {
		t.Errorf("Append under the retired producer id: %v", err)
	}
	if at, err = young.Append(t.Context(), at, rec); err != nil {
		t.Fatal(err)
	}
	lead(old)
	if _, err = old.Append(t.Context(), at, rec); err != nil {
		t.Error(err)
	}
}
