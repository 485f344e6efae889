package kafkalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
)

// noopKey is the key of Confluent's NOOP records, whose value is null.
var noopKey = []byte(`{"keytype":"NOOP","magic":0}`)

func noop(key, value []byte) bool { return value == nil && bytes.Equal(key, noopKey) }

// Follow implements registry.Log. Brokers that are down are waited for.
func (l *Log) Follow(ctx context.Context, from int64, apply func(offset int64, r registry.Record) error, caughtUp func(next int64)) error {
	l.known.mu.Lock()
	if l.known.closed {
		l.known.mu.Unlock()
		return errClosed
	}
	l.follow.Add(1)
	l.known.mu.Unlock()
	defer l.follow.Done()
	// A client of its own: a broker answers a connection's requests in turn, and a fetch that waits holds up the others.
	cl, err := kgo.NewClient(l.cfg.Client...)
	if err != nil {
		return fmt.Errorf("configuring the client of topic %s: %w", l.topic.name, err)
	}
	defer cl.Close()
	ours, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.closed, cancel)()
	var refused error
	err = l.run(ours, &client{cl: cl, topic: l.topic, leader: -1}, max(from, 0), func(offset int64, r registry.Record) error {
		refused = apply(offset, r)
		return refused
	}, caughtUp)
	switch {
	case refused != nil:
		return refused
	case ctx.Err() != nil:
		return ctx.Err()
	case l.closed.Err() != nil:
		return errClosed
	}
	return err
}

func (l *Log) run(ctx context.Context, c *client, from int64, apply func(offset int64, r registry.Record) error, caughtUp func(next int64)) error {
	// The end is asked for once: a partition's new leader may tell an older one in its first answers to fetches.
	asked := time.Now()
	end, err := c.end(ctx)
	if err != nil {
		return fmt.Errorf("listing the end of topic %s: %w", l.topic.name, err)
	}
	at := read{from: from, next: from, last: -1}
	told := int64(-1)
	for {
		if at.next >= end {
			l.known.isCurrent(at.next, asked)
			if at.next > told {
				told = at.next
				caughtUp(at.next)
			}
		}
		asked = time.Now()
		f, err := l.readOn(ctx, c, &at)
		if err != nil {
			return err
		}
		for _, r := range f.recs {
			if noop(r.Key, r.Value) {
				continue
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := apply(r.Offset, record(r)); err != nil {
				return err
			}
		}
		end = max(end, f.end)
	}
}

func record(r *kgo.Record) registry.Record {
	return registry.Record{Key: r.Key, Value: r.Value, Time: r.Timestamp.UnixMilli()}
}

// End implements registry.Log.
func (l *Log) End(ctx context.Context) (int64, error) {
	if l.closed.Err() != nil {
		return 0, errClosed
	}
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	end, err := (&client{cl: l.cl.cl, topic: l.topic, leader: -1}).end(ctx)
	if err != nil {
		return 0, fmt.Errorf("listing the end of topic %s: %w", l.topic.name, err)
	}
	return end, nil
}

// readOn fetches once and takes in what came.
func (l *Log) readOn(ctx context.Context, c *client, at *read) (fetched, error) {
	f, err := c.fetch(ctx, at.next, waitRecords)
	if errors.Is(err, kerr.OffsetOutOfRange) {
		start, serr := c.start(ctx)
		if serr != nil {
			return f, fmt.Errorf("listing the start of topic %s: %w", l.topic.name, serr)
		}
		if start <= at.next {
			return f, fmt.Errorf("topic %s ends before offset %d, which was read: records were lost", l.topic.name, at.next)
		}
		f, err = fetched{next: start, end: start}, nil // what was before was deleted by DeleteRecords
	}
	if err != nil {
		return f, fmt.Errorf("reading topic %s from offset %d: %w", l.topic.name, at.next, err)
	}
	for _, r := range f.recs {
		if !noop(r.Key, r.Value) {
			at.last = r.Offset
		}
	}
	at.next = f.next
	l.known.note(*at, f.recs)
	return f, nil
}
