package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	pause        = 50 * time.Millisecond // between attempts
	waitRecords  = 500 * time.Millisecond
	waitReplicas = 5 * time.Second
	fetchBytes   = 8 << 20 // a first record that is greater comes whole all the same
)

// client sends a partition's requests to its leader. It is for one goroutine.
type client struct {
	cl     *kgo.Client
	topic  topic
	leader int32 // -1: unknown
}

// errRecreated: offsets and ids of the new topic mean something else.
var errRecreated = errors.New("the topic was deleted and made anew")

// attempt calls f with the leader's broker until it succeeds, its error is final, or ctx ends.
func (c *client) attempt(ctx context.Context, f func(*kgo.Broker) error) error {
	for {
		err := c.findLeader(ctx)
		if err == nil {
			err = f(c.cl.Broker(int(c.leader)))
		}
		if err == nil || ctx.Err() != nil || !passes(err) {
			return err
		}
		c.leader = -1
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// passes says whether an error may be gone at the next attempt: the brokers' own word, and what happens to a connection.
func passes(err error) bool {
	switch ke := (*kerr.Error)(nil); {
	case errors.Is(err, errRecreated), errors.Is(err, kgo.ErrClientClosed):
		return false
	case errors.Is(err, kerr.UnknownTopicID), errors.Is(err, kerr.InconsistentTopicID), // findLeader tells whether it is gone
		errors.Is(err, kerr.ConcurrentTransactions): // several nodes claim the log at once
		return true
	case errors.As(err, &ke):
		return ke.Retriable
	}
	// A connection that ends at its first read may mean that the client lacks TLS or SASL. Not here: Open has asked the brokers.
	var first *kgo.ErrFirstReadEOF
	var ne net.Error
	return kgo.IsRetryableBrokerErr(err) || errors.As(err, &first) || errors.As(err, &ne)
}

func (c *client) findLeader(ctx context.Context) error {
	if c.leader >= 0 {
		return nil
	}
	got, err := describe(ctx, c.cl, c.topic.name)
	if err != nil {
		return err
	}
	if got.TopicID != c.topic.id {
		return errRecreated
	}
	for _, p := range got.Partitions {
		if p.Partition == 0 && p.Leader >= 0 {
			c.leader = p.Leader
			return nil
		}
	}
	return kerr.LeaderNotAvailable
}

// describe asks what a topic is at present: nothing cached, and it is not made.
func describe(ctx context.Context, cl *kgo.Client, name string) (kmsg.MetadataResponseTopic, error) {
	req := kmsg.NewPtrMetadataRequest()
	t := kmsg.NewMetadataRequestTopic()
	t.Topic = &name
	req.Topics = append(req.Topics, t)
	req.AllowAutoTopicCreation = false
	resp, err := req.RequestWith(ctx, cl)
	if err != nil {
		return kmsg.MetadataResponseTopic{}, err
	}
	if len(resp.Topics) != 1 {
		return kmsg.MetadataResponseTopic{}, errAnswer
	}
	return resp.Topics[0], kerr.ErrorForCode(resp.Topics[0].ErrorCode)
}

// end returns the offset behind the last record that is acknowledged.
func (c *client) end(ctx context.Context) (int64, error) { return c.listOffset(ctx, -1) }

// start returns the offset of the first record.
func (c *client) start(ctx context.Context) (int64, error) { return c.listOffset(ctx, -2) }

func (c *client) listOffset(ctx context.Context, timestamp int64) (offset int64, err error) {
	p := kmsg.NewListOffsetsRequestTopicPartition()
	p.Timestamp = timestamp
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic, t.Partitions = c.topic.name, append(t.Partitions, p)
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID, req.Topics = -1, append(req.Topics, t)
	err = c.attempt(ctx, func(b *kgo.Broker) error {
		kresp, err := b.Request(ctx, req)
		if err != nil {
			return err
		}
		resp, ok := kresp.(*kmsg.ListOffsetsResponse)
		if !ok || len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
			return errAnswer
		}
		offset = resp.Topics[0].Partitions[0].Offset
		return kerr.ErrorForCode(resp.Topics[0].Partitions[0].ErrorCode)
	})
	return offset, err
}

var errAnswer = errors.New("the broker's answer has another shape than its request")

// fetched is one answer to a fetch.
type fetched struct {
	recs      []*kgo.Record // NOOPs too, control records not
	next, end int64         // where to go on; the offset behind the last record that is acknowledged
}

// fetch reads from an offset on; it waits when there is nothing.
func (c *client) fetch(ctx context.Context, from int64, wait time.Duration) (f fetched, err error) {
	p := kmsg.NewFetchRequestTopicPartition()
	p.FetchOffset, p.PartitionMaxBytes = from, fetchBytes
	t := kmsg.NewFetchRequestTopic()
	t.Topic, t.TopicID, t.Partitions = c.topic.name, c.topic.id, append(t.Partitions, p)
	req := kmsg.NewPtrFetchRequest()
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, int32(wait.Milliseconds()), 1, fetchBytes
	req.SessionEpoch = -1 // no session
	req.Topics = append(req.Topics, t)
	err = c.attempt(ctx, func(b *kgo.Broker) error {
		kresp, err := b.Request(ctx, req)
		if err != nil {
			return err
		}
		resp, ok := kresp.(*kmsg.FetchResponse)
		if !ok {
			return errAnswer
		}
		if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
			return err
		}
		if len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
			return errAnswer
		}
		rp := &resp.Topics[0].Partitions[0]
		if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
			return err
		}
		got, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Offset: from, Topic: c.topic.name}, rp, kgo.DefaultDecompressor(), nil)
		if got.Err != nil {
			return fmt.Errorf("the batch at offset %d: %w", next, got.Err)
		}
		f = fetched{recs: got.Records, next: max(next, from), end: rp.HighWatermark}
		return nil
	})
	return f, err
}

// initProducer raises the epoch of the producer id that is behind a transactional id, and returns both.
func (c *client) initProducer(ctx context.Context, transactionalID string) (producer, error) {
	req := kmsg.NewPtrInitProducerIDRequest()
	req.TransactionalID = &transactionalID
	req.TransactionTimeoutMillis = 60_000 // there is none, but brokers want one
	req.ProducerID, req.ProducerEpoch = -1, -1
	for {
		resp, err := req.RequestWith(ctx, c.cl) // finds the coordinator
		if err == nil {
			err = kerr.ErrorForCode(resp.ErrorCode)
		}
		if err == nil {
			return producer{id: resp.ProducerID, epoch: resp.ProducerEpoch}, nil
		}
		if ctx.Err() != nil || !passes(err) {
			return producer{}, err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return producer{}, fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// produce appends a batch, again until its fate is known, and returns the offset of its first record. The broker knows a batch
// that it has by its sequence number.
func (c *client) produce(ctx context.Context, batch []byte) (offset int64, err error) {
	p := kmsg.NewProduceRequestTopicPartition()
	p.Records = batch
	t := kmsg.NewProduceRequestTopic()
	t.Topic, t.TopicID, t.Partitions = c.topic.name, c.topic.id, append(t.Partitions, p)
	req := kmsg.NewPtrProduceRequest()
	req.Acks, req.TimeoutMillis, req.Topics = -1, int32(waitReplicas.Milliseconds()), append(req.Topics, t)
	err = c.attempt(ctx, func(b *kgo.Broker) error {
		kresp, err := b.Request(ctx, req)
		if err != nil {
			return err
		}
		resp, ok := kresp.(*kmsg.ProduceResponse)
		if !ok || len(resp.Topics) != 1 || len(resp.Topics[0].Partitions) != 1 {
			return errAnswer
		}
		rp := resp.Topics[0].Partitions[0]
		if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
			return err
		}
		offset = rp.BaseOffset
		return nil
	})
	return offset, err
}
