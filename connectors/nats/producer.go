package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/millrace/millrace/connect"
)

// Producer is a connect.Producer for NATS JetStream.
type Producer struct {
	cfg  Config
	opts []nats.Option
	stop context.CancelFunc
	over chan struct{} // closed when the supervisor has ended

	trouble chan struct{} // has a value when the supervisor must look

	mu       sync.Mutex // guards what follows
	nc       *nats.Conn // nil while there is no connection
	epoch    int        // counts connections, so that one's acknowledgements never count for another's
	replies  []string   // the reply subject of each slot on nc
	changed  chan struct{}
	dialErr  error // why there is no connection
	broken   error // why there never will be one
	landing  int   // flights whose done has not returned
	enc      *encoder
	subjects map[string]string // of topics
	prepared map[string]bool

	ring  []entry
	head  uint64 // the oldest message without an acknowledgement; a message's slot is its number modulo len(ring)
	sent  uint64 // the next to publish on nc
	tail  uint64 // the next to come
	bytes int    // between head and tail

	refusal error // what the server said of a message between head and sent, for the supervisor
	refused uint64
	probing bool // the oldest message was refused: nothing goes after it before it is stored
}

// entry is one message in flight.
type entry struct {
	msg     *connect.Message
	flight  *flight
	index   int // in the flight
	at      time.Time
	attempt uint32
	acked   bool // stored, or failed
}

// flight is one call of Produce.
type flight struct {
	left   int
	done   func(error)
	failed map[int]error
}

func (f *flight) fail(index int, err error) {
	if f.failed == nil {
		f.failed = map[int]error{}
	}
	f.failed[index] = err
}

func (f *flight) land() {
	if f.failed != nil {
		f.done(&connect.BatchError{Failed: f.failed})
		return
	}
	f.done(nil)
}

var _ connect.Producer = (*Producer)(nil)

// NewProducer returns a producer, which connects at once and again whenever the connection is lost, until Close.
func NewProducer(cfg Config) (*Producer, error) {
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	cfg.URL = cmp.Or(cfg.URL, nats.DefaultURL)
	cfg.InFlight = cmp.Or(cfg.InFlight, 8192)
	cfg.Bytes = cmp.Or(cfg.Bytes, 32<<20)
	cfg.AckWait = cmp.Or(cfg.AckWait, 10*time.Second)
	ctx, stop := context.WithCancel(context.Background())
	p := &Producer{
		cfg: cfg, opts: opts, stop: stop, over: make(chan struct{}), trouble: make(chan struct{}, 1), changed: make(chan struct{}),
		enc: newEncoder(cmp.Or(cfg.Name, "millrace")), subjects: map[string]string{}, prepared: map[string]bool{}, ring: make([]entry, cfg.InFlight),
	}
	go func() {
		defer close(p.over)
		p.supervise(ctx)
	}()
	return p, nil
}

// change wakes everyone who waits for room, an empty ring or a connection. p.mu is held.
func (p *Producer) change() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// await returns with p.mu held once ok, called with p.mu held, says so, or without it when ctx ends.
func (p *Producer) await(ctx context.Context, ok func() bool) error {
	p.mu.Lock()
	for !ok() {
		c := p.changed
		p.mu.Unlock()
		select {
		case <-c:
		case <-ctx.Done():
			return ctx.Err()
		}
		p.mu.Lock()
	}
	return nil
}

// Produce implements connect.Producer. ctx bounds the wait for room.
func (p *Producer) Produce(ctx context.Context, msgs []connect.Message, done func(error)) {
	f := &flight{left: len(msgs), done: done}
	if len(msgs) == 0 {
		done(nil)
		return
	}
	for i := range msgs {
		m := &msgs[i]
		size := len(m.Key) + len(m.Value)
		err := p.await(ctx, func() bool {
			return p.broken != nil || p.tail-p.head < uint64(len(p.ring)) && (p.bytes+size <= p.cfg.Bytes || p.tail == p.head)
		})
		if err == nil && p.broken != nil {
			err = p.broken
			p.mu.Unlock()
		}
		if err != nil {
			p.abandon(f, i, len(msgs), err)
			return
		}
		p.ring[p.slot(p.tail)] = entry{msg: m, flight: f, index: i}
		p.tail++
		p.bytes += size
		if p.nc != nil && p.sent == p.tail-1 && (!p.probing || p.sent == p.head) {
			p.publish()
		}
		p.mu.Unlock()
	}
}

// abandon fails the messages of f from index on, which never came into the ring.
func (p *Producer) abandon(f *flight, from, to int, err error) {
	p.mu.Lock()
	for i := from; i < to; i++ {
		f.fail(i, err)
	}
	f.left -= to - from
	var landed []*flight
	if f.left == 0 {
		landed = append(landed, f)
		p.landing++
	}
	p.mu.Unlock()
	p.land(landed)
}

func (p *Producer) slot(n uint64) uint64 { return n % uint64(len(p.ring)) }

// publish sends message p.sent, and reports false when the connection is gone. p.mu is held.
func (p *Producer) publish() bool {
	slot := p.slot(p.sent)
	e := &p.ring[slot]
	subject, ok := p.subjects[e.msg.Topic]
	if !ok {
		subject = Subject(e.msg.Topic)
		p.subjects[e.msg.Topic] = subject
	}
	m := p.enc.encode(e.msg, e.attempt)
	m.Subject, m.Reply = subject, p.replies[slot]
	switch err := p.nc.PublishMsg(m); {
	case errors.Is(err, nats.ErrMaxPayload):
		e.flight.fail(e.index, classify(fmt.Errorf("subject %s: %w", subject, err)))
		e.acked = true
		p.wake() // nobody acknowledges it: the supervisor advances
	case err != nil:
		p.wake() // the connection is gone or goes: the next one publishes it
		return false
	}
	e.at = time.Now()
	p.sent++
	return true
}

// wake has the supervisor look at the ring and the connection.
func (p *Producer) wake() {
	select {
	case p.trouble <- struct{}{}:
	default:
	}
}

// advance takes acknowledged messages off the ring and returns the flights that are complete, for p.land without p.mu.
// p.mu is held.
func (p *Producer) advance() (landed []*flight) {
	from := p.head
	for p.head < p.sent && p.ring[p.slot(p.head)].acked {
		landed = p.drop(&p.ring[p.slot(p.head)], landed)
		p.head++
	}
	p.landing += len(landed)
	if p.head != from {
		p.change()
	}
	return landed
}

// drop empties the slot of the oldest message, and appends its flight to landed if it was the last one of it.
func (p *Producer) drop(e *entry, landed []*flight) []*flight {
	p.bytes -= len(e.msg.Key) + len(e.msg.Value)
	if e.flight.left--; e.flight.left == 0 {
		landed = append(landed, e.flight)
	}
	*e = entry{}
	return landed
}

// Flush implements connect.Producer.
func (p *Producer) Flush(ctx context.Context) error {
	if err := p.await(ctx, func() bool { return p.head == p.tail && p.landing == 0 }); err != nil {
		return fmt.Errorf("waiting for JetStream's acknowledgements: %w", err)
	}
	p.mu.Unlock()
	return nil
}

// Close implements connect.Producer.
func (p *Producer) Close(ctx context.Context) error {
	p.stop()
	select {
	case <-p.over:
	case <-ctx.Done():
		return ctx.Err()
	}
	return p.Flush(ctx)
}
