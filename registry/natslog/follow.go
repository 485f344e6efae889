package natslog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/registry"
)

const (
	// look is how long no message may come before the stream is asked whether there is one.
	look = 3 * time.Second
	// Bounds of what is read ahead.
	aheadMessages = 1000
	aheadBytes    = 16 << 20
)

// reader is one Follow.
type reader struct {
	l        *Log
	from     int64
	apply    func(offset int64, r registry.Record) error
	caughtUp func(next int64)

	next   uint64 // sequence to come
	target uint64 // where the stream ended when the reader began
	behind bool   // a message came since caughtUp
	units  assembler
}

// Follow implements registry.Log. It goes on through lost connections, restarts and changes of the stream's leader; a stream
// that was deleted, made anew, or has lost messages is an error.
func (l *Log) Follow(ctx context.Context, from int64, apply func(offset int64, r registry.Record) error, caughtUp func(next int64)) error {
	own, end, err := l.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	r := &reader{l: l, from: max(from, 0), apply: apply, caughtUp: caughtUp, behind: true}
	wait, missing := firstWait, time.Time{}
	for {
		began := time.Now()
		err := r.session(own)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case l.stopped.Err() != nil:
			return errClosed
		case errors.As(err, new(fatal)):
			var f fatal
			errors.As(err, &f)
			return f.error
		case isCode(err, jetstream.JSErrCodeJetStreamNotEnabledForAccount) || errors.Is(err, nats.ErrConnectionClosed):
			return l.because(fmt.Errorf("reading the stream %s: %w", l.name, err))
		case !errors.Is(err, jetstream.ErrStreamNotFound):
			missing = time.Time{}
		case missing.IsZero(): // a cluster that starts may not know its streams yet
			missing = time.Now()
		case time.Since(missing) > openWait:
			return fmt.Errorf("reading the stream %s: %w", l.name, err)
		}
		if time.Since(began) > lastWait {
			wait = firstWait
		}
		l.log.Debug("the registry's log: reading again", "stream", l.name, "error", err, "in", wait)
		select {
		case <-time.After(wait):
		case <-own.Done():
		}
		wait = min(2*wait, lastWait)
	}
}

// End implements registry.Log.
func (l *Log) End(ctx context.Context) (int64, error) {
	ctx, end, err := l.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	info, err := l.info(ctx)
	if err != nil {
		return 0, fmt.Errorf("asking where the stream %s ends: %w", l.name, err)
	}
	return endOf(info.State.LastSeq) + 1, nil
}

// Identity names the log: another one has another name, also one in a stream that was deleted and made anew.
func (l *Log) Identity() string { return l.name + "/" + l.created.UTC().Format(time.RFC3339Nano) }

// Mark implements registry.Resumable: when the stream was made. Its messages are never deleted.
func (l *Log) Mark(int64) ([]byte, error) { return l.created.AppendText(nil) }

// Lasts implements registry.Resumable.
func (l *Log) Lasts() time.Duration { return 0 }

// Resume implements registry.Resumable. A stream that was put back from a backup is as old as before: its record at the end tells.
func (l *Log) Resume(ctx context.Context, mark []byte, last registry.Tip, next int64) error {
	var created time.Time
	if err := created.UnmarshalText(mark); err != nil || !created.Equal(l.created) {
		return errors.New("it is of another stream")
	}
	if end, err := l.End(ctx); err != nil {
		return err
	} else if next > end {
		return fmt.Errorf("the stream ends at offset %d, before %d", end, next)
	}
	rec, err := l.at(ctx, last.Offset)
	if err != nil {
		return err
	}
	if registry.TipOf(last.Offset, rec) != last {
		return fmt.Errorf("the stream has another record at offset %d", last.Offset)
	}
	return nil
}

// at reads one record.
func (l *Log) at(ctx context.Context, offset int64) (registry.Record, error) {
	ctx, end, err := l.begin(ctx)
	if err != nil {
		return registry.Record{}, err
	}
	defer end()
	if offset < 0 {
		return registry.Record{}, fmt.Errorf("there is no offset %d", offset)
	}
	var unit assembler
	sequence := uint64(offset)>>offsetBits + 1 // of the last message
	body, err := l.get(ctx, sequence)
	if err != nil {
		return registry.Record{}, err
	}
	p, err := readPart(body)
	if err != nil || !p.last() || uint64(p.index) >= sequence {
		return registry.Record{}, fmt.Errorf("message %d of the stream %s ends no unit", sequence, l.name)
	}
	for first := sequence - uint64(p.index); first < sequence; first++ {
		earlier, err := l.get(ctx, first)
		if err != nil {
			return registry.Record{}, err
		}
		if _, err := unit.add(earlier); err != nil {
			return registry.Record{}, fmt.Errorf("message %d of the stream %s: %w", first, l.name, err)
		}
	}
	recs, err := unit.add(body)
	if err != nil {
		return registry.Record{}, fmt.Errorf("message %d of the stream %s: %w", sequence, l.name, err)
	}
	back := endOf(sequence) - offset // how far from the unit's last
	if back >= int64(len(recs)) {
		return registry.Record{}, fmt.Errorf("there is no record at offset %d of the stream %s", offset, l.name)
	}
	return recs[int64(len(recs))-1-back], nil
}

// start finds out where to begin and how far the stream goes.
func (r *reader) start(ctx context.Context) error {
	info, err := r.l.info(ctx)
	if err != nil {
		return err
	}
	if err := r.l.checkState(info); err != nil {
		return err
	}
	if r.next > 0 {
		return nil
	}
	target, next := info.State.LastSeq, uint64(r.from)>>offsetBits+1
	if next <= target { // the unit there may have begun earlier
		body, err := r.l.get(ctx, next)
		if err != nil {
			return err
		}
		p, err := readPart(body)
		if err != nil || uint64(p.index) >= next {
			return fatal{fmt.Errorf("message %d of the stream %s: %w", next, r.l.name, errForeign)}
		}
		next -= uint64(p.index)
	}
	r.next, r.target = next, target
	r.caught(0)
	return nil
}

// caught calls caughtUp when nothing is left, and something came since the last time.
func (r *reader) caught(pending uint64) {
	if r.behind && pending == 0 && r.next > r.target {
		r.behind = false
		r.caughtUp(endOf(r.next-1) + 1)
	}
}

// session reads through one consumer until that fails.
func (r *reader) session(ctx context.Context) error {
	if err := r.start(ctx); err != nil {
		return err
	}
	c, err := r.l.js.OrderedConsumer(ctx, r.l.name, jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: r.next, MaxResetAttempts: 5})
	if err != nil {
		return fmt.Errorf("making a consumer: %w", err)
	}
	messages, err := c.Messages(jetstream.PullMaxMessagesWithBytesLimit(aheadMessages, aheadBytes), jetstream.PullExpiry(10*time.Second), jetstream.PullHeartbeat(time.Second))
	if err != nil {
		return fmt.Errorf("asking for messages: %w", err)
	}
	defer messages.Stop()
	defer context.AfterFunc(ctx, messages.Stop)() // wakes Next
	for {
		m, err := messages.Next(jetstream.NextMaxWait(look))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, nats.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
			if err := r.idle(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("waiting for a message: %w", err)
		}
		if err := r.take(ctx, m); err != nil {
			return err
		}
	}
}

var errStalled = errors.New("the consumer does not give what the stream has")

// idle asks the stream's leader, when no message has come for a while, whether one should have.
func (r *reader) idle(ctx context.Context) error {
	info, err := r.l.info(ctx)
	if err != nil {
		return err
	}
	if err := r.l.checkState(info); err != nil {
		return err
	}
	if info.State.LastSeq >= r.next {
		return errStalled
	}
	r.caught(0)
	return nil
}

func (r *reader) take(ctx context.Context, m jetstream.Msg) error {
	meta, err := m.Metadata()
	if err != nil {
		return fmt.Errorf("reading a message's place: %w", err)
	}
	sequence := meta.Sequence.Stream
	if sequence < r.next { // a consumer may begin earlier
		return nil
	}
	if sequence > r.next {
		return fatal{fmt.Errorf("message %d of the stream %s is missing", r.next, r.l.name)}
	}
	recs, err := r.units.add(m.Data())
	if err != nil {
		return fatal{fmt.Errorf("message %d of the stream %s: %w", sequence, r.l.name, err)}
	}
	r.next++
	r.behind = true
	offset := endOf(sequence) - int64(len(recs)) + 1
	for _, rec := range recs {
		if offset >= r.from {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.apply(offset, rec); err != nil {
				return fatal{err}
			}
		}
		offset++
	}
	r.caught(meta.NumPending)
	return nil
}
