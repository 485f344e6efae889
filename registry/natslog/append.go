package natslog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/registry"
)

// goOn is how long a unit of several messages may pause before another writer appends behind its parts.
const goOn = 500 * time.Millisecond

// publishWait is how long the first try to publish a message may take: an answer that is lost with a leader does not come.
const publishWait = time.Second

// taken says that a message was not stored since another one lies where it was to be; the stream ends at last.
type taken struct{ last uint64 }

// Error implements error.
func (t taken) Error() string { return fmt.Sprintf("the stream ends at %d", t.last) }

// Append implements registry.Log. An error other than ErrConflict and a closed log leaves open whether recs are written.
func (l *Log) Append(ctx context.Context, after int64, recs ...registry.Record) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	own, end, err := l.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	base, ok := sequenceAt(after)
	if !ok {
		return 0, registry.ErrConflict
	}
	if len(recs) == 0 {
		return after, nil
	}
	last, err := l.appendUnit(own, base, recs)
	switch {
	case err == nil:
		return endOf(last), nil
	case errors.Is(err, registry.ErrConflict):
		return 0, registry.ErrConflict
	case ctx.Err() != nil:
		err = ctx.Err()
	case l.stopped.Err() != nil:
		err = errClosed
	}
	return 0, l.because(fmt.Errorf("appending to the stream %s: %w", l.name, err))
}

// appendUnit writes recs behind the message with sequence base, or behind the parts of a unit there that nobody completes.
// It returns the sequence of the unit's last message.
func (l *Log) appendUnit(ctx context.Context, base uint64, recs []registry.Record) (uint64, error) {
	unit, err := encode(recs)
	if err != nil {
		return 0, err
	}
	for {
		// A unit that begins elsewhere is another one: a message id stands for one place.
		id := newUnitID()
		at := base
		for i, body := range split(id, unit, l.partSize()) {
			if err = l.store(ctx, messageID(id, i), body, at); err != nil {
				break
			}
			at++
		}
		if err == nil {
			return at, nil
		}
		var other taken
		if !errors.As(err, &other) {
			return 0, err
		}
		if at != base { // our unit was given up by another writer
			return 0, registry.ErrConflict
		}
		if base, err = l.abandoned(ctx, base, other.last); err != nil {
			return 0, err
		}
	}
}

// partSize is how large the body of a message may be.
func (l *Log) partSize() int {
	size := mostPart
	if p := l.nc.MaxPayload(); p > 0 && p < mostPart {
		size = int(p)
	}
	return max(size-headerRoom, headSize+leastPart)
}

// store publishes one message right behind the sequence after, until it is known what became of it. The error is a taken when
// it is not there and cannot come there any more.
func (l *Log) store(ctx context.Context, id string, body []byte, after uint64) error {
	patience := publishWait
	return insist(ctx, func() error {
		err := l.publish(ctx, patience, id, body, after)
		patience = min(2*patience, requestWait)
		if wrongSequence(err) {
			err = l.settle(ctx, body, after)
		}
		return err
	})
}

func (l *Log) publish(ctx context.Context, patience time.Duration, id string, body []byte, after uint64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	m := &nats.Msg{Subject: l.name, Data: body, Header: nats.Header{
		jetstream.MsgIDHeader:           {id},
		jetstream.ExpectedStreamHeader:  {l.name},
		jetstream.ExpectedLastSeqHeader: {strconv.FormatUint(after, 10)},
	}}
	ack, err := l.js.PublishMsg(ctx, m)
	if err != nil {
		return fmt.Errorf("publishing: %w", err)
	}
	if ack.Sequence != after+1 {
		return fatal{fmt.Errorf("the message was stored at sequence %d and not at %d", ack.Sequence, after+1)}
	}
	return nil
}

var errNotThere = errors.New("the stream does not have the message yet")

// settle finds out, after a refusal, what lies behind a sequence: our message of an earlier try (nil), another one (taken),
// or nothing so far, which is worth another try.
func (l *Log) settle(ctx context.Context, body []byte, after uint64) error {
	info, err := l.info(ctx)
	if err != nil {
		return err
	}
	if err := l.checkState(info); err != nil {
		return err
	}
	last := info.State.LastSeq
	switch {
	case last < after:
		return taken{last}
	case last == after:
		return errNotThere
	}
	there, err := l.get(ctx, after+1)
	if err != nil {
		return err
	}
	if bytes.Equal(there, body) {
		return nil
	}
	return taken{last}
}

// get reads a message's body from the stream's leader.
func (l *Log) get(ctx context.Context, sequence uint64) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	s, err := l.js.Stream(ctx, l.name)
	if err != nil {
		return nil, fmt.Errorf("asking for the stream: %w", err)
	}
	m, err := s.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, errNotThere // a leader that is new may be behind for a moment
	}
	if err != nil {
		return nil, fmt.Errorf("reading message %d: %w", sequence, err)
	}
	return m.Data, nil
}

// abandoned returns the stream's last sequence when the messages from behind base to last are parts of units that nobody
// completes, and ErrConflict when a unit is complete there.
func (l *Log) abandoned(ctx context.Context, base, last uint64) (uint64, error) {
	if last < base {
		return 0, registry.ErrConflict
	}
	for next, since := base+1, time.Now(); ; {
		for ; next <= last; next++ {
			var body []byte
			if err := insist(ctx, func() (err error) { body, err = l.get(ctx, next); return err }); err != nil {
				return 0, err
			}
			p, err := readPart(body)
			if err != nil {
				return 0, fmt.Errorf("message %d: %w", next, err)
			}
			if p.last() {
				return 0, registry.ErrConflict
			}
			since = time.Now()
		}
		if time.Since(since) > goOn {
			return last, nil
		}
		select {
		case <-time.After(goOn / 10):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
		if err := insist(ctx, func() error {
			info, err := l.info(ctx)
			if err == nil {
				last = max(last, info.State.LastSeq)
			}
			return err
		}); err != nil {
			return 0, err
		}
	}
}

// insist asks again, until ctx ends, while the answer is one that may change.
func insist(ctx context.Context, ask func() error) error {
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		err := ask()
		if err == nil || ctx.Err() != nil || !passing(err) {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return err
		}
	}
}
