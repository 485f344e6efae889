package kafka

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"golang.org/x/sync/semaphore"

	"github.com/millrace/millrace/connect"
)

// Producer is a connect.Producer for Kafka.
type Producer struct {
	cl      *kgo.Client
	adm     *kadm.Client
	cfg     Config
	room    *semaphore.Weighted // bytes in flight, up to cfg.BufferBytes
	flights sync.Pool           // *flight

	mu     sync.Mutex       // guards topics
	topics map[string]limit // prepared topics
}

var _ connect.Producer = (*Producer)(nil)

// NewProducer returns a producer. It connects when it is first used: Prepare tells whether the cluster can be reached.
func NewProducer(cfg Config) (*Producer, error) {
	if len(cfg.Brokers) == 0 {
		return nil, errors.New("no Kafka brokers: set bootstrap.servers")
	}
	cfg.BufferBytes = cmp.Or(cfg.BufferBytes, 32<<20)
	p := &Producer{cfg: cfg, room: semaphore.NewWeighted(cfg.BufferBytes), topics: map[string]limit{}}
	p.flights.New = func() any { return p.newFlight() }
	opts, err := cfg.producerOptions(func(topic string) int32 { return p.limit(topic).bytes })
	if err != nil {
		return nil, err
	}
	if p.cl, err = kgo.NewClient(opts...); err != nil {
		return nil, fmt.Errorf("configuring the Kafka client: %w", err)
	}
	p.adm = kadm.NewClient(p.cl)
	return p, nil
}

// limit is the largest batch of records that a topic takes, before compression, and the option that sets it.
type limit struct {
	bytes int32
	by    string
	told  bool // the broker told the topic's own limit
}

const (
	requestLimit = "max.request.size"
	topicLimit   = "max.message.bytes"
)

func (p *Producer) limit(topic string) limit {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l, ok := p.topics[topic]; ok {
		return l
	}
	return limit{bytes: p.cfg.maxRequest(), by: requestLimit}
}

// flight is one batch of messages on its way. Its records belong to kgo until the last promise.
type flight struct {
	recs    []kgo.Record
	headers []kgo.RecordHeader
	promise func(*kgo.Record, error) // one for every record of every flight that this memory serves
	left    atomic.Int64             // records without an answer
	size    int64                    // taken from the producer's room
	done    func(error)

	mu     sync.Mutex // guards failed
	failed map[int]error
}

func (p *Producer) newFlight() *flight {
	f := &flight{}
	f.promise = func(r *kgo.Record, err error) {
		if err != nil {
			p.fail(f, r, err)
		}
		if f.left.Add(-1) == 0 {
			p.land(f)
		}
	}
	return f
}

func (p *Producer) fail(f *flight, r *kgo.Record, err error) {
	if errors.Is(err, kerr.MessageTooLarge) {
		err = tooLarge(err, size(r), p.limit(r.Topic))
	} else {
		err = classify(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failed == nil {
		f.failed = map[int]error{}
	}
	for i := range f.recs {
		if &f.recs[i] == r {
			f.failed[i] = fmt.Errorf("topic %s: %w", r.Topic, err)
			return
		}
	}
}

func size(r *kgo.Record) int {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return n
}

// land reports the flight's outcome and gives its memory and room back.
func (p *Producer) land(f *flight) {
	var err error
	if f.failed != nil {
		err = &connect.BatchError{Failed: f.failed}
	}
	done, size := f.done, f.size
	f.failed, f.done = nil, nil
	p.flights.Put(f)
	done(err)
	p.room.Release(size)
}

// Produce implements connect.Producer. ctx bounds the wait for room; what was sent is waited for by Flush or given up by
// Close.
func (p *Producer) Produce(ctx context.Context, msgs []connect.Message, done func(error)) {
	if len(msgs) == 0 {
		done(nil)
		return
	}
	f := p.flights.Get().(*flight)
	f.load(msgs)
	f.size, f.done = min(f.size, p.cfg.BufferBytes), done // a batch larger than the buffer flies alone
	if err := p.room.Acquire(ctx, f.size); err != nil {
		f.done = nil
		p.flights.Put(f)
		done(err)
		return
	}
	f.left.Store(int64(len(msgs)))
	recs, promise := f.recs, f.promise // the last promise gives f away, perhaps before the loop ends
	for i := range recs {
		p.cl.Produce(context.Background(), &recs[i], promise)
	}
}

// recordOverhead is what a record in flight costs beside its bytes.
const recordOverhead = 256

// load makes f's records from msgs.
func (f *flight) load(msgs []connect.Message) {
	if cap(f.recs) < len(msgs) {
		f.recs = make([]kgo.Record, len(msgs))
	}
	f.recs, f.headers, f.size = f.recs[:len(msgs)], f.headers[:0], int64(len(msgs))*recordOverhead
	var now time.Time
	for i := range msgs {
		m := &msgs[i]
		at := time.UnixMilli(m.Time)
		if m.Time == 0 {
			if now.IsZero() {
				now = time.Now()
			}
			at = now
		}
		f.size += int64(len(m.Key) + len(m.Value))
		var headers []kgo.RecordHeader
		if len(m.Headers) > 0 {
			start := len(f.headers)
			for _, h := range m.Headers {
				f.headers = append(f.headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
				f.size += int64(len(h.Key) + len(h.Value))
			}
			headers = f.headers[start:len(f.headers):len(f.headers)] // growth leaves earlier runs in the old memory
		}
		f.recs[i] = kgo.Record{Topic: m.Topic, Key: m.Key, Value: m.Value, Headers: headers, Timestamp: at, Context: context.Background()}
	}
}

// Flush implements connect.Producer.
func (p *Producer) Flush(ctx context.Context) error {
	if err := p.cl.Flush(ctx); err != nil {
		return fmt.Errorf("flushing: %w", err)
	}
	return p.landed(ctx)
}

// landed waits until every done has returned.
func (p *Producer) landed(ctx context.Context) error {
	if err := p.room.Acquire(ctx, p.cfg.BufferBytes); err != nil {
		return fmt.Errorf("waiting for Kafka's acknowledgements: %w", err)
	}
	p.room.Release(p.cfg.BufferBytes)
	return nil
}

// Close implements connect.Producer. What is still in flight fails as retriable: whether a broker has it is unknown.
func (p *Producer) Close(ctx context.Context) error {
	p.cl.Close()
	return p.landed(ctx)
}
