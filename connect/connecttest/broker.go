package connecttest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// Broker keeps what its producers send, in memory or in a file that outlives a killed process.
type Broker struct {
	// Path is a file to which each message's value is appended as a line; "": in memory.
	Path string
	// Refuse, when set, is asked for each message; an error fails it alone.
	Refuse func(m connect.Message) error
	// Hold, when set, delays acknowledgement until it is called with nil; it runs on a goroutine of its own a batch.
	Hold func(batch int) error
	// Discard drops the messages, for benchmarks.
	Discard bool

	mu       sync.Mutex // guards what follows
	messages []connect.Message
	topics   map[string]bool
	batches  int
	file     *os.File
}

// Messages returns what was kept so far.
func (b *Broker) Messages() []connect.Message {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]connect.Message(nil), b.messages...)
}

// Producer returns a new producer.
func (b *Broker) Producer() connect.Producer { return &brokerProducer{b: b} }

type brokerProducer struct {
	b       *Broker
	flights sync.WaitGroup
}

func (p *brokerProducer) Prepare(_ context.Context, topic string) error {
	p.b.mu.Lock()
	defer p.b.mu.Unlock()
	if p.b.topics == nil {
		p.b.topics = map[string]bool{}
	}
	p.b.topics[topic] = true
	return nil
}

func (p *brokerProducer) Produce(ctx context.Context, msgs []connect.Message, done func(error)) {
	if err := ctx.Err(); err != nil {
		done(err)
		return
	}
	batch, err := p.b.keep(msgs)
	if p.b.Hold == nil {
		done(err)
		return
	}
	p.hold(batch, err, done)
}

// hold is apart from Produce so that a broker without Hold allocates nothing.
func (p *brokerProducer) hold(batch int, err error, done func(error)) {
	p.flights.Go(func() {
		if herr := p.b.Hold(batch); herr != nil {
			err = herr
		}
		done(err)
	})
}

func (b *Broker) keep(msgs []connect.Message) (batch int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.batches++
	if b.Discard {
		return b.batches, nil
	}
	var failed map[int]error
	var lines []byte
	for i, m := range msgs {
		var err error
		switch {
		case !b.topics[m.Topic]:
			err = fmt.Errorf("topic %s was not prepared", m.Topic)
		case b.Refuse != nil:
			err = b.Refuse(m)
		}
		if err != nil {
			if failed == nil {
				failed = map[int]error{}
			}
			failed[i] = err
			continue
		}
		if b.Path != "" {
			lines = append(append(lines, m.Value...), '\n')
			continue
		}
		kept := m
		kept.Key, kept.Value = bytes.Clone(m.Key), bytes.Clone(m.Value)
		kept.Headers = nil
		for _, h := range m.Headers {
			kept.Headers = append(kept.Headers, record.Header{Key: h.Key, Value: bytes.Clone(h.Value)})
		}
		b.messages = append(b.messages, kept)
	}
	if len(lines) > 0 {
		if err := b.write(lines); err != nil {
			return b.batches, err
		}
	}
	if failed != nil {
		return b.batches, &connect.BatchError{Failed: failed}
	}
	return b.batches, nil
}

func (b *Broker) write(lines []byte) (err error) {
	if b.file == nil {
		if b.file, err = os.OpenFile(b.Path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600); err != nil {
			return err
		}
	}
	_, err = b.file.Write(lines)
	return err
}

func (p *brokerProducer) Flush(ctx context.Context) error {
	idle := make(chan struct{})
	go func() { p.flights.Wait(); close(idle) }()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (p *brokerProducer) Close(context.Context) error { return nil }

// Text is a converter that writes integers in decimal, strings as they are and structs as their members with a space
// between.
type Text struct {
	// Fail, when set, is asked for the encoder of each layout and for the first integer of each value.
	Fail func(schema *record.Schema, n int64) error
}

// Encoder returns an encoder that allocates nothing.
func (c Text) Encoder(_ context.Context, _ string, part convert.Part, s *record.Schema) (convert.Encoder, error) {
	if c.Fail != nil && part == convert.Value {
		if err := c.Fail(s, -1); err != nil {
			return nil, err
		}
	}
	return textEncoder{s, c.Fail}, nil
}

type textEncoder struct {
	s    *record.Schema
	fail func(*record.Schema, int64) error
}

func (e textEncoder) Append(dst []byte, b *record.Batch, c uint32) ([]byte, error) {
	return e.append(dst, e.s, b, b.Cell(c))
}

func (e textEncoder) append(dst []byte, s *record.Schema, b *record.Batch, c record.Cell) ([]byte, error) {
	switch s.Kind {
	case record.Struct:
		for i := range s.Fields {
			if i > 0 {
				dst = append(dst, ' ')
			}
			var err error
			if dst, err = e.append(dst, s.Fields[i].Schema, b, b.Cell(uint32(c.Bits)+uint32(i))); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case record.String, record.Bytes:
		return append(dst, b.Text(c)...), nil
	}
	if e.fail != nil && s.Kind == record.Int64 {
		if err := e.fail(s, int64(c.Bits)); err != nil {
			return dst, err
		}
	}
	return strconv.AppendInt(dst, int64(c.Bits), 10), nil
}
