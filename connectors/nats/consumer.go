package nats

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// Consumer reads subjects of JetStream as Producer wrote them, in every stream that has them. It needs no durable consumer
// on the server, survives lost connections, and finds streams that are made later.
type Consumer struct {
	nc       *nats.Conn
	js       jetstream.JetStream
	subjects []string
	msgs     chan jetstream.Msg
	stop     context.CancelFunc
	over     sync.WaitGroup

	known map[string]bool // streams; belongs to the goroutine that looks for them
	runs  []jetstream.ConsumeContext
}

// streamsEvery is how often a Consumer looks for new streams.
const streamsEvery = 500 * time.Millisecond

// NewConsumer returns a consumer of subjects, which may have wildcards, from their first message, or with tail from what is
// published from now on. ctx bounds connecting only; Close ends the consumer.
func NewConsumer(ctx context.Context, cfg Config, tail bool, subjects ...string) (*Consumer, error) {
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	living, stop := context.WithCancel(context.WithoutCancel(ctx))
	connecting := context.AfterFunc(ctx, stop)
	opts = append([]nats.Option{nats.SetCustomDialer(dialer{living})}, opts...)
	opts = append(opts, nats.MaxReconnects(-1), nats.ReconnectWait(500*time.Millisecond), func(o *nats.Options) error {
		o.AllowReconnect = true
		return nil
	})
	nc, err := nats.Connect(cmp.Or(cfg.URL, nats.DefaultURL), opts...)
	if !connecting() && err == nil {
		nc.Close()
		err = ctx.Err()
	}
	if err != nil {
		stop()
		return nil, classify(fmt.Errorf("connecting to NATS at %s: %w", describe(cmp.Or(cfg.URL, nats.DefaultURL)), err))
	}
	c := &Consumer{nc: nc, subjects: subjects, msgs: make(chan jetstream.Msg, 256), stop: stop, known: map[string]bool{}}
	if c.js, err = jetstream.New(nc); err == nil {
		err = c.find(ctx, living, tail)
	}
	if err != nil {
		c.Close()
		return nil, classify(err)
	}
	c.over.Go(func() { c.follow(living) })
	return c, nil
}

// follow looks for new streams until ctx ends. Failing is left to the next look: the connection may be away.
func (c *Consumer) follow(ctx context.Context) {
	tick := time.NewTicker(streamsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = c.find(ctx, ctx, false)
		}
	}
}

// find begins to consume the streams that are not known yet; a stream that appears after NewConsumer is read whole.
func (c *Consumer) find(ctx, living context.Context, tail bool) error {
	filters := map[string][]string{} // by stream
	for _, subject := range c.subjects {
		names := c.js.StreamNames(ctx, jetstream.WithStreamListSubject(subject))
		for name := range names.Name() {
			if !c.known[name] {
				filters[name] = append(filters[name], subject)
			}
		}
		if err := names.Err(); err != nil {
			return fmt.Errorf("looking for the streams of %s: %w", subject, err)
		}
	}
	for name, subjects := range filters {
		err := c.consume(ctx, living, name, subjects, tail)
		if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) { // it is gone again
			return fmt.Errorf("reading stream %s: %w", name, err)
		}
		c.known[name] = err == nil
	}
	return nil
}

func (c *Consumer) consume(ctx, living context.Context, name string, subjects []string, tail bool) error {
	cfg := jetstream.OrderedConsumerConfig{FilterSubjects: subjects, DeliverPolicy: jetstream.DeliverAllPolicy}
	if tail { // by number: "new" would begin anew after a lost connection
		stream, err := c.js.Stream(ctx, name)
		if err != nil {
			return err
		}
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, stream.CachedInfo().State.LastSeq+1
	}
	ordered, err := c.js.OrderedConsumer(ctx, name, cfg)
	if err != nil {
		return err
	}
	run, err := ordered.Consume(func(m jetstream.Msg) {
		select {
		case c.msgs <- m:
		case <-living.Done():
		}
	})
	if err == nil {
		c.runs = append(c.runs, run)
	}
	return err
}

// Read waits for messages and calls each for those that came, a stream's in order, with their sequence in it. A message that
// cannot be understood is an error; the ones after it are read by the next call.
func (c *Consumer) Read(ctx context.Context, each func(m connect.Message, sequence uint64)) error {
	var m jetstream.Msg
	select {
	case <-ctx.Done():
		return ctx.Err()
	case m = <-c.msgs:
	}
	for {
		if err := deliver(m, each); err != nil {
			return err
		}
		select {
		case m = <-c.msgs:
		default:
			return nil
		}
	}
}

func deliver(m jetstream.Msg, each func(connect.Message, uint64)) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("reading a message of %s: %w", m.Subject(), err)
	}
	msg, err := decode(m.Subject(), m.Headers(), m.Data())
	if err != nil {
		return fmt.Errorf("reading message %d of %s: %w", meta.Sequence.Stream, m.Subject(), err)
	}
	msg.Time = meta.Timestamp.UnixMilli()
	each(msg, meta.Sequence.Stream)
	return nil
}

// Close ends the consumer.
func (c *Consumer) Close() {
	c.stop()
	c.over.Wait()
	for _, r := range c.runs {
		r.Stop()
	}
	c.nc.Close()
}
