package kafka

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// Consumer reads topics whole: every partition, in no group, nothing committed.
type Consumer struct{ cl *kgo.Client }

// NewConsumer returns a consumer of topics from their first record, or with tail from what is published from now on.
func NewConsumer(cfg Config, tail bool, topics ...string) (*Consumer, error) {
	from := kgo.NewOffset().AtStart()
	if tail {
		from = kgo.NewOffset().AtEnd()
	}
	cl, err := kgo.NewClient(append(cfg.ClientOptions(), kgo.ConsumeTopics(topics...), kgo.ConsumeResetOffset(from))...)
	if err != nil {
		return nil, fmt.Errorf("configuring the Kafka client: %w", err)
	}
	return &Consumer{cl}, nil
}

// Read waits for records and calls each for those that came, a partition's in order. Messages are valid during the call.
func (c *Consumer) Read(ctx context.Context, each func(m connect.Message, partition int32, offset int64)) error {
	fetched := c.cl.PollFetches(ctx)
	if fetched.IsClientClosed() {
		return errors.New("reading from a closed consumer")
	}
	if err := fetched.Err(); err != nil {
		return classify(err)
	}
	fetched.EachRecord(func(r *kgo.Record) {
		m := connect.Message{Topic: r.Topic, Key: r.Key, Value: r.Value, Time: r.Timestamp.UnixMilli()}
		for _, h := range r.Headers {
			m.Headers = append(m.Headers, record.Header{Key: h.Key, Value: h.Value})
		}
		each(m, r.Partition, r.Offset)
	})
	return nil
}

// Close ends the consumer.
func (c *Consumer) Close() { c.cl.Close() }
