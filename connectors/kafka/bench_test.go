package kafka_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/test/testenv"
)

// BenchmarkProduce sends batches of 1,000 messages of 220 bytes and reports the processor time of this process; the fake
// broker runs in it too, and drops what it gets.
func BenchmarkProduce(b *testing.B) {
	b.Run("fake", func(b *testing.B) {
		fake, err := kfake.NewCluster(kfake.SeedTopics(1, "bench"), kfake.NumBrokers(1), kfake.BlackholeProduce())
		if err != nil {
			b.Fatal(err)
		}
		defer fake.Close()
		produceMany(b, kafka.Config{Brokers: fake.ListenAddrs()}, "bench")
	})
	for _, compression := range []string{"none", "lz4"} {
		b.Run("real/"+compression, func(b *testing.B) {
			brokers := testenv.Kafka(b)
			produceMany(b, kafka.Config{Brokers: strings.Split(brokers, ","), Compression: compression}, freeTopic(b, brokers))
		})
	}
}

func produceMany(b *testing.B, c kafka.Config, topic string) {
	const size = 1000
	p := open(b, c)
	defer p.Close(context.Background())
	if err := p.Prepare(b.Context(), topic); err != nil {
		b.Fatal(err)
	}
	free := make(chan []connect.Message, 32)
	for range cap(free) {
		msgs := make([]connect.Message, size)
		for i := range msgs {
			msgs[i] = connect.Message{Topic: topic, Key: fmt.Appendf(nil, "key-%08d", i), Value: []byte(strings.Repeat(rand.Text(), 8)), Time: 1700000000000}
		}
		free <- msgs
	}
	b.ReportAllocs()
	cpu := cpuTime()
	b.ResetTimer()
	for range b.N {
		msgs := <-free
		p.Produce(b.Context(), msgs, func(err error) {
			if err != nil {
				b.Error(err)
			}
			free <- msgs
		})
	}
	if err := p.Flush(b.Context()); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/record")
	b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N*size), "cpu-ns/record")
}

// TestProduceAllocatesPerBatch holds that a record costs no allocation; the fake broker's own, a request's, are counted too.
func TestProduceAllocatesPerBatch(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.SeedTopics(1, "t"), kfake.NumBrokers(1), kfake.BlackholeProduce())
	if err != nil {
		t.Fatal(err)
	}
	defer fake.Close()
	p := open(t, kafka.Config{Brokers: fake.ListenAddrs()})
	defer p.Close(context.Background())
	if err := p.Prepare(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	msgs := make([]connect.Message, 5000)
	headers := []record.Header{{Key: "op", Value: []byte("c")}}
	for i := range msgs {
		msgs[i] = connect.Message{Topic: "t", Key: []byte("k"), Value: []byte("value"), Headers: headers}
	}
	run := func() {
		p.Produce(t.Context(), msgs, func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
		if err := p.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	run()
	if n := testing.AllocsPerRun(20, run); n > float64(len(msgs))/20 {
		t.Fatalf("%v allocations for %d records", n, len(msgs))
	}
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
