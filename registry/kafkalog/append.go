package kafkalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"

	"github.com/millrace/millrace/registry"
)

const (
	// lastEpochs is from where on a producer id is retired; lastEpoch is the greatest that there is.
	lastEpochs = 32_000
	lastEpoch  = 1<<15 - 1
)

// claim is this node's right to append.
type claim struct {
	producer

	held bool
	used time.Time // when something was appended under it last
}

// Lead makes this node the one that may append: another node that leads is told so by its next Append. With Config.Elected it
// must be called before the first Append, and again after ErrNotLeader, by the one that the nodes have elected.
func (l *Log) Lead(ctx context.Context) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	defer l.passTurn()
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	return l.take(ctx)
}

// Resign gives up what Lead gave.
func (l *Log) Resign(ctx context.Context) error {
	if err := l.takeTurn(ctx); err != nil {
		return err
	}
	l.claim.held = false
	l.passTurn()
	return nil
}

func (l *Log) takeTurn(ctx context.Context) error {
	if l.closed.Err() != nil {
		return errClosed
	}
	select {
	case l.turn <- struct{}{}:
	case <-l.closed.Done():
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	if l.closed.Err() != nil {
		l.passTurn()
		return errClosed
	}
	return nil
}

func (l *Log) passTurn() { <-l.turn }

// bounded returns a context that ends with the log too.
func (l *Log) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(l.closed, cancel)
	return ctx, func() { stop(); cancel() }
}

// Append implements registry.Log. All of recs are one batch and durable as one, unless they exceed the topic's
// max.message.bytes: then they are several, of which a crash may leave the first. ErrConflict may also mean that recs were
// appended, but behind those of a writer that is not of Millrace.
func (l *Log) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if err := l.takeTurn(ctx); err != nil {
		return 0, err
	}
	defer l.passTurn()
	ctx, cancel := l.bounded(ctx)
	defer cancel()
	if len(recs) == 0 {
		if !l.known.follows(after) {
			return 0, registry.ErrConflict
		}
		return after, nil
	}
	last, err := l.append(ctx, after, recs)
	if err != nil && l.closed.Err() != nil {
		return 0, errClosed
	}
	return last, err
}

func (l *Log) append(ctx context.Context, after int64, recs []registry.Record) (int64, error) {
	var sent []registry.Record // they may be in the log
	for {
		if !l.claim.held || time.Since(l.claim.used) > claimAge {
			if l.cfg.Elected {
				return 0, registry.ErrNotLeader
			}
			if err := l.readToEnd(ctx); err != nil { // a conflict is often found without a claim
				return 0, err
			}
			if sent == nil && !l.known.follows(after) {
				return 0, registry.ErrConflict
			}
			if err := l.take(ctx); err != nil {
				return 0, err
			}
			if sent != nil {
				if last, ok := l.landed(ctx, after, sent); ok {
					return last, nil
				}
			}
		}
		if next, _ := l.known.end(); after >= next { // the caller has read on elsewhere
			if err := l.readToEnd(ctx); err != nil {
				return 0, err
			}
		}
		if !l.known.follows(after) {
			return 0, registry.ErrConflict
		}
		l.known.mu.Lock()
		sent = l.known.ledger.complete(recs)
		l.known.mu.Unlock()
		last, err := l.write(ctx, sent)
		if !lost(err) {
			return last, err
		}
		if l.cfg.Elected {
			if l.readToEnd(ctx) == nil {
				if last, ok := l.landed(ctx, after, sent); ok { // before the other node's claim
					return last, nil
				}
			}
			return 0, fmt.Errorf("%w: %w", registry.ErrNotLeader, err)
		}
	}
}

// lost says whether an append failed because the claim is another node's by now, or the broker does not know it any more.
func lost(err error) bool {
	for _, e := range []error{kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID,
		kerr.InvalidProducerIDMapping, kerr.DuplicateSequenceNumber} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// take claims the log and reads it to its end.
func (l *Log) take(ctx context.Context) error {
	l.claim = claim{}
	for {
		p, err := l.cl.initProducer(ctx, "millrace-"+l.topic.name)
		if err != nil {
			return fmt.Errorf("claiming topic %s: %w", l.topic.name, err)
		}
		retire := p.epoch >= lastEpochs
		if retire {
			p.epoch = lastEpoch
		}
		// Compression is never needed for this batch.
		_, err = l.cl.produce(ctx, encodeBatch(p, []registry.Record{{Key: noopKey, Time: time.Now().UnixMilli()}}, l.mostSize, nil))
		switch {
		case lost(err): // others claim it too, or have retired the producer id
			if l.cfg.Elected && !retire {
				return fmt.Errorf("claiming topic %s: %w: %w", l.topic.name, registry.ErrNotLeader, err)
			}
			continue
		case err != nil:
			return fmt.Errorf("claiming topic %s: %w", l.topic.name, err)
		case retire:
			continue
		}
		if err := l.readToEnd(ctx); err != nil {
			return err
		}
		p.advance(1)
		l.claim = claim{producer: p, held: true, used: time.Now()}
		return nil
	}
}

// readToEnd makes everything known that was acknowledged before the call.
func (l *Log) readToEnd(ctx context.Context) error {
	end, err := l.cl.end(ctx)
	if err != nil {
		return fmt.Errorf("listing the end of topic %s: %w", l.topic.name, err)
	}
	at := l.unread()
	for at.next < end {
		if _, err := l.readOn(ctx, l.cl, &at); err != nil {
			return err
		}
	}
	return nil
}

// unread is a run of reading that begins where the log is not known any more.
func (l *Log) unread() read {
	next, _ := l.known.end()
	return read{from: next, next: next, last: -1}
}

// landed looks whether recs stand right behind offset after: an append of unknown outcome had succeeded.
func (l *Log) landed(ctx context.Context, after int64, recs []registry.Record) (last int64, ok bool) {
	end, _ := l.known.end()
	at := read{from: after + 1, next: after + 1, last: -1}
	i := 0
	for at.next < end {
		f, err := l.readOn(ctx, l.cl, &at)
		if err != nil {
			return 0, false
		}
		for _, r := range f.recs {
			switch {
			case noop(r.Key, r.Value):
			case i == len(recs) || !bytes.Equal(r.Key, recs[i].Key) || !bytes.Equal(r.Value, recs[i].Value) ||
				(r.Value == nil) != (recs[i].Value == nil) || r.Timestamp.UnixMilli() != recs[i].Time:
				return 0, false
			default:
				last = r.Offset
				i++
			}
		}
	}
	return last, i == len(recs)
}

// write appends recs under the claim. Unless their outcome is known the claim is given up.
func (l *Log) write(ctx context.Context, recs []registry.Record) (last int64, err error) {
	held := l.claim
	l.claim.held = false
	for _, part := range split(recs, l.mostSize) {
		expect, _ := l.known.end()
		base, err := l.cl.produce(ctx, encodeBatch(held.producer, part, l.mostSize, l.compressor))
		if err != nil {
			return 0, fmt.Errorf("appending to topic %s: %w", l.topic.name, err)
		}
		held.advance(len(part))
		l.known.wrote(base, part)
		if base != expect {
			if err := l.admit(ctx, expect, base); err != nil {
				return 0, err
			}
		}
		last = base + int64(len(part)) - 1
	}
	held.used = time.Now()
	l.claim = held
	return last, nil
}

// admit looks at what stands before an own batch, from an offset to another, that others wrote who are not fenced: NOOPs of
// Confluent's nodes do no harm.
func (l *Log) admit(ctx context.Context, from, to int64) error {
	at := read{from: from, next: from, last: -1}
	for at.next < to {
		f, err := l.readOn(ctx, l.cl, &at)
		if err != nil {
			return err
		}
		for _, r := range f.recs {
			if r.Offset < to && !noop(r.Key, r.Value) {
				l.cfg.Log.Warn("another writer, which is not of Millrace, appends to the registry's topic at the same time", "topic", l.topic.name, "offset", r.Offset)
				return registry.ErrConflict
			}
		}
	}
	return nil
}
