package nats

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// Consumer reads subjects of JetStream as Producer wrote them, without a durable consumer on the server.
type Consumer struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	want []string // subjects, which may have wildcards, whose stream is not there yet
	tail bool
	runs []jetstream.ConsumeContext
	msgs chan jetstream.Msg
	stop chan struct{}
}

// NewConsumer returns a consumer of subjects from their first message, or with tail from what is published from now on. A
// subject that no stream takes yet is waited for.
func NewConsumer(ctx context.Context, cfg Config, tail bool, subjects ...string) (*Consumer, error) {
	opts, err := cfg.options()
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect(cfg.URL, append(opts, nats.MaxReconnects(-1), nats.ReconnectWait(500*time.Millisecond), func(o *nats.Options) error {
		o.AllowReconnect = true
		return nil
	})...)
	if err != nil {
		return nil, classify(fmt.Errorf("connecting to NATS: %w", err))
	}
	c := &Consumer{nc: nc, want: subjects, tail: tail, msgs: make(chan jetstream.Msg, 256), stop: make(chan struct{})}
	if c.js, err = jetstream.New(nc); err == nil {
		err = c.open(ctx)
	}
	if err != nil {
		c.Close()
		return nil, classify(err)
	}
	c.tail = false // a stream that appears later is read whole
	return c, nil
}

// open begins to consume the subjects whose streams are there.
func (c *Consumer) open(ctx context.Context) error {
	var missing []string
	for _, subject := range c.want {
		name, err := c.js.StreamNameBySubject(ctx, subject)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			missing = append(missing, subject)
			continue
		}
		if err != nil {
			return fmt.Errorf("finding the stream of %s: %w", subject, err)
		}
		cfg := jetstream.OrderedConsumerConfig{FilterSubjects: []string{subject}}
		if c.tail {
			cfg.DeliverPolicy = jetstream.DeliverNewPolicy
		}
		cons, err := c.js.OrderedConsumer(ctx, name, cfg)
		if err != nil {
			return fmt.Errorf("reading stream %s: %w", name, err)
		}
		run, err := cons.Consume(func(m jetstream.Msg) {
			select {
			case c.msgs <- m:
			case <-c.stop:
			}
		})
		if err != nil {
			return fmt.Errorf("reading stream %s: %w", name, err)
		}
		c.runs = append(c.runs, run)
	}
	c.want = missing
	return nil
}

// Read waits for messages and calls each for those that came, a subject's in order, with their sequence in the stream.
func (c *Consumer) Read(ctx context.Context, each func(m connect.Message, sequence uint64)) error {
	for {
		var look <-chan time.Time
		if len(c.want) > 0 {
			if err := c.open(ctx); err != nil {
				return classify(err)
			}
			look = time.After(200 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look:
		case m := <-c.msgs:
			for {
				if err := deliver(m, each); err != nil {
					return err
				}
				select {
				case m = <-c.msgs:
					continue
				default:
				}
				return nil
			}
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

// decode is the opposite of encode.
func decode(subject string, h nats.Header, data []byte) (connect.Message, error) {
	m := connect.Message{Topic: subject, Value: data}
	if m.Value == nil {
		m.Value = []byte{}
	}
	for name, values := range h {
		binary := strings.HasSuffix(name, base64Suffix)
		for _, text := range values {
			v := []byte(text)
			if binary {
				var err error
				if v, err = base64.StdEncoding.DecodeString(text); err != nil {
					return m, fmt.Errorf("header %s is not base64: %w", name, err)
				}
			}
			switch plain := strings.TrimSuffix(name, base64Suffix); {
			case plain == KeyHeader:
				m.Key = v
			case name == TombstoneHeader:
				m.Value = nil
			case !strings.HasPrefix(name, "Nats-"):
				m.Headers = append(m.Headers, record.Header{Key: plain, Value: v})
			}
		}
	}
	return m, nil
}

// Close ends the consumer.
func (c *Consumer) Close() {
	close(c.stop)
	for _, r := range c.runs {
		r.Stop()
	}
	c.nc.Close()
}
