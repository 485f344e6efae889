package kafka_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/test/testenv"
)

func open(t testing.TB, c kafka.Config) *kafka.Producer {
	t.Helper()
	p, err := kafka.NewProducer(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func admin(t testing.TB, brokers string) *kadm.Client {
	t.Helper()
	adm, err := kadm.NewOptClient(kgo.SeedBrokers(strings.Split(brokers, ",")...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(adm.Close)
	return adm
}

// freeTopic returns a name that nobody uses; the topic is deleted when the test ends.
func freeTopic(t testing.TB, brokers string) string {
	t.Helper()
	name := "millrace-kafka-" + strings.ToLower(rand.Text()[:10])
	adm := admin(t, brokers)
	t.Cleanup(func() { _, _ = adm.DeleteTopics(context.Background(), name) })
	return name
}

func consume(t testing.TB, c kafka.Config, topic string, n int) []connect.Message {
	t.Helper()
	cons, err := kafka.NewConsumer(c, false, topic)
	if err != nil {
		t.Fatal(err)
	}
	defer cons.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	var got []connect.Message
	for len(got) < n {
		if err := cons.Read(ctx, func(m connect.Message, _ int32, _ int64) { got = append(got, m) }); err != nil {
			t.Fatalf("reading after %d of %d messages: %v", len(got), n, err)
		}
	}
	return got
}

func TestProducer(t *testing.T) {
	brokers := testenv.Kafka(t)
	for _, compression := range []string{"none", "lz4", "zstd"} {
		t.Run(compression, func(t *testing.T) {
			c := kafka.Config{Brokers: strings.Split(brokers, ","), Compression: compression, Topics: kafka.Topics{Default: kafka.TopicSettings{Partitions: 3}}}
			connecttest.Producer(t, connecttest.ProducerHarness{
				Open:    func(t *testing.T) connect.Producer { return open(t, c) },
				Topic:   func(t *testing.T) string { return freeTopic(t, brokers) },
				Consume: func(t *testing.T, topic string, n int) []connect.Message { return consume(t, c, topic, n) },
				TooBig:  2 << 20,
				Keys:    true,
				Nulls:   true,
			})
		})
	}
}

func TestTopicIsCreatedAsConfigured(t *testing.T) {
	brokers := testenv.Kafka(t)
	topic := freeTopic(t, brokers)
	topics, err := kafka.TopicsFromProperties(map[string]string{
		"topic.creation.default.partitions":         "2",
		"topic.creation.default.replication.factor": "-1",
		"topic.creation.groups":                     "compacted",
		"topic.creation.compacted.include":          "millrace-kafka-.*",
		"topic.creation.compacted.exclude":          ".*-history",
		"topic.creation.compacted.partitions":       "4",
		"topic.creation.compacted.cleanup.policy":   "compact",
	})
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, kafka.Config{Brokers: []string{brokers}, Topics: topics})
	defer p.Close(t.Context())
	if err := p.Prepare(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	adm := admin(t, brokers)
	found, err := adm.ListTopics(t.Context(), topic)
	if err != nil || len(found[topic].Partitions) != 4 {
		t.Fatalf("%d partitions, want 4 (%v)", len(found[topic].Partitions), err)
	}
	configs, err := adm.DescribeTopicConfigs(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range configs[0].Configs {
		if c.Key == "cleanup.policy" && *c.Value != "compact" {
			t.Fatalf("cleanup.policy is %s", *c.Value)
		}
	}
}

// TestLargestMessageOfTopic shows that a topic's own limit refuses the one message that is too large and no other.
func TestLargestMessageOfTopic(t *testing.T) {
	brokers := testenv.Kafka(t)
	topic := freeTopic(t, brokers)
	limit := "20000"
	if _, err := admin(t, brokers).CreateTopic(t.Context(), 1, 1, map[string]*string{"max.message.bytes": &limit}, topic); err != nil {
		t.Fatal(err)
	}
	p := open(t, kafka.Config{Brokers: []string{brokers}})
	defer p.Close(t.Context())
	if err := p.Prepare(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	msgs := make([]connect.Message, 100)
	for i := range msgs {
		msgs[i] = connect.Message{Topic: topic, Key: []byte("k"), Value: bytes.Repeat([]byte{'a'}, 1000)}
	}
	msgs[50].Value = bytes.Repeat([]byte{'a'}, 30000)
	err := send(t, p, msgs)
	var failed *connect.BatchError
	if !errors.As(err, &failed) || len(failed.Failed) != 1 || connect.ClassOf(failed.Failed[50]) != connect.BadRecord {
		t.Fatalf("error %v, want a bad record at 50", err)
	}
	if got := consume(t, kafka.Config{Brokers: []string{brokers}}, topic, 99); len(got) != 99 {
		t.Fatalf("%d messages came back, want 99", len(got))
	}
}

// TestPartitionOfKey holds keys to the partitions that Kafka's own clients choose: murmur2 of the bytes.
func TestPartitionOfKey(t *testing.T) {
	brokers := testenv.Kafka(t)
	topic := freeTopic(t, brokers)
	c := kafka.Config{Brokers: []string{brokers}, Topics: kafka.Topics{Default: kafka.TopicSettings{Partitions: 10}}}
	p := open(t, c)
	defer p.Close(t.Context())
	if err := p.Prepare(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	// org.apache.kafka.common.utils.UtilsTest: murmur2("21") = -973932308, "foobar" = -790332482, "a-little-bit-long-string" = -985981536.
	want := map[string]int32{"21": 0, "foobar": 6, "a-little-bit-long-string": 2}
	for key, hash := range map[string]int32{"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536} {
		want[key] = (hash & 0x7fffffff) % 10
	}
	var msgs []connect.Message
	for key := range want {
		msgs = append(msgs, connect.Message{Topic: topic, Key: []byte(key), Value: []byte(key)})
	}
	if err := send(t, p, msgs); err != nil {
		t.Fatal(err)
	}
	cons, err := kafka.NewConsumer(c, false, topic)
	if err != nil {
		t.Fatal(err)
	}
	defer cons.Close()
	for left := len(want); left > 0; {
		if err := cons.Read(t.Context(), func(m connect.Message, partition int32, _ int64) {
			left--
			if want[string(m.Key)] != partition {
				t.Errorf("key %s is in partition %d, want %d", m.Key, partition, want[string(m.Key)])
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestErrorClasses answers produce requests with one error code after the other.
func TestErrorClasses(t *testing.T) {
	for _, tt := range []struct {
		code *kerr.Error
		want connect.Class
	}{
		{kerr.TopicAuthorizationFailed, connect.Fatal},
		{kerr.ClusterAuthorizationFailed, connect.Fatal},
		{kerr.InvalidRecord, connect.Fatal},
		{kerr.PolicyViolation, connect.Fatal},
		{kerr.MessageTooLarge, connect.Retriable}, // the broker's: kgo kept to the limit it was given
	} {
		t.Run(tt.code.Message, func(t *testing.T) {
			fake, err := kfake.NewCluster(kfake.SeedTopics(1, "t"), kfake.NumBrokers(1))
			if err != nil {
				t.Fatal(err)
			}
			defer fake.Close()
			p := open(t, kafka.Config{Brokers: fake.ListenAddrs()})
			defer p.Close(t.Context())
			if err := p.Prepare(t.Context(), "t"); err != nil {
				t.Fatal(err)
			}
			fake.ControlKey(int16(kmsg.Produce), func(req kmsg.Request) (kmsg.Response, error, bool) {
				in := req.(*kmsg.ProduceRequest)
				out := in.ResponseKind().(*kmsg.ProduceResponse)
				for _, rt := range in.Topics {
					st := kmsg.NewProduceResponseTopic()
					st.Topic, st.TopicID = rt.Topic, rt.TopicID
					for _, rp := range rt.Partitions {
						sp := kmsg.NewProduceResponseTopicPartition()
						sp.Partition, sp.ErrorCode = rp.Partition, tt.code.Code
						st.Partitions = append(st.Partitions, sp)
					}
					out.Topics = append(out.Topics, st)
				}
				return out, nil, true
			})
			err = send(t, p, []connect.Message{{Topic: "t", Value: []byte("v")}})
			if !errors.Is(err, tt.code) {
				t.Fatalf("error %v, want %v", err, tt.code)
			}
			var failed *connect.BatchError
			if !errors.As(err, &failed) || connect.ClassOf(failed.Failed[0]) != tt.want {
				t.Fatalf("class %v of %v, want %v", connect.ClassOf(failed.Failed[0]), err, tt.want)
			}
		})
	}
}

func TestUnreachableBrokersAreRetriable(t *testing.T) {
	p := open(t, kafka.Config{Brokers: []string{"127.0.0.1:1"}})
	defer p.Close(t.Context())
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := p.Prepare(ctx, "t"); connect.ClassOf(err) != connect.Retriable {
		t.Fatalf("error %v is %v", err, connect.ClassOf(err))
	}
}

func TestDeliveryTimeoutFailsTheBatch(t *testing.T) {
	fake, err := kfake.NewCluster(kfake.SeedTopics(1, "t"), kfake.NumBrokers(1))
	if err != nil {
		t.Fatal(err)
	}
	p := open(t, kafka.Config{Brokers: fake.ListenAddrs(), DeliveryTimeout: time.Second})
	defer p.Close(t.Context())
	if err := p.Prepare(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	if err := send(t, p, []connect.Message{{Topic: "t", Value: []byte("v")}}); err != nil {
		t.Fatal(err)
	}
	fake.Close()
	done := make(chan error, 1)
	p.Produce(t.Context(), []connect.Message{{Topic: "t", Value: []byte("v")}}, func(err error) { done <- err })
	select {
	case err := <-done:
		var failed *connect.BatchError
		if !errors.As(err, &failed) || connect.ClassOf(failed.Failed[0]) != connect.Retriable {
			t.Fatalf("error %v, want a retriable one", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("nothing failed")
	}
}

// TestBrokerRestarts stops and kills the broker under load: everything arrives once and in order.
func TestBrokerRestarts(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a Kafka broker several times")
	}
	broker := testenv.Own(t, "kafka")
	c := kafka.Config{Brokers: []string{broker.URL}, BufferBytes: 1 << 20, Topics: kafka.Topics{Default: kafka.TopicSettings{Partitions: 2}}}
	p := open(t, c)
	defer p.Close(t.Context())
	if err := p.Prepare(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	const keys, perBatch = 5, 100
	stop := make(chan struct{})
	sent := make(chan int)
	var failed atomic.Pointer[error]
	go func() {
		n := 0
		defer func() { sent <- n }()
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
			}
			var msgs []connect.Message
			for range perBatch {
				v := fmt.Appendf(nil, "%d %d", n%keys, n)
				msgs = append(msgs, connect.Message{Topic: "t", Key: v[:1], Value: v, ID: record.ID{Lo: uint64(n)}})
				n++
			}
			p.Produce(context.Background(), msgs, func(err error) {
				if err != nil {
					failed.CompareAndSwap(nil, &err)
				}
			})
		}
	}()
	time.Sleep(300 * time.Millisecond)
	broker.Halt()
	broker.Start()
	time.Sleep(300 * time.Millisecond)
	kill(t, broker.PID())
	broker.Start()
	time.Sleep(300 * time.Millisecond)
	close(stop)
	n := <-sent
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := failed.Load(); err != nil {
		t.Fatal(*err)
	}
	var last [keys]int
	for i := range last {
		last[i] = i - keys
	}
	for _, m := range consume(t, c, "t", n) {
		var key, at int
		if _, err := fmt.Sscanf(string(m.Value), "%d %d", &key, &at); err != nil {
			t.Fatal(err)
		}
		if at != last[key]+keys {
			t.Fatalf("after %d of key %d came %d", last[key], key, at)
		}
		last[key] = at
	}
	t.Logf("%d messages over a restart and a SIGKILL", n)
}

func send(t testing.TB, p connect.Producer, msgs []connect.Message) error {
	t.Helper()
	done := make(chan error, 1)
	p.Produce(t.Context(), msgs, func(err error) { done <- err })
	if err := p.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	return <-done
}
