package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/cdc/pgoutput"
	"github.com/millrace/millrace/connect/record"
)

// Limits of one batch.
const (
	maxRows  = 4096
	maxBytes = 1 << 20
	// gatherFor is the longest that a batch with rows waits for more of a busy stream.
	gatherFor = 4 * time.Millisecond
)

// postgresEpoch is 2000-01-01 in microseconds since 1970.
const postgresEpoch = 946_684_800_000_000

// stream is one START_REPLICATION. Its fields belong to Read's goroutine, the atomic ones excepted.
type stream struct {
	*Source
	wire   *wire
	dec    *pgoutput.Decoder
	proto  int
	binary bool
	msg    pgoutput.Message

	relations map[uint32]*relation
	rel       *relation // the last one found

	open   map[uint32]*inProgress // transactions that are streamed before their commit
	block  *inProgress            // the one whose block the stream is in
	kept   int                    // bytes of open in memory
	replay *replay                // the one that is committed and being read

	tx     tx
	from   position // resumed at
	pos    position // delivered so far, at the last transaction's end
	dirty  bool     // pos has moved since it was told
	urgent bool     // the server asked how far it has
	told   time.Time
	beat   time.Time // next heartbeat
	now    time.Time
	since  time.Time // when Read was called
	source block
	busy   bool
	halt   context.CancelFunc // ends pulse
	buf    []byte

	received atomic.Uint64 // LSN up to which the stream was read
	heard    atomic.Int64  // when, in nanoseconds since 1970
	commitAt atomic.Int64  // time of the last commit read, in microseconds since 1970
}

// tx is the transaction being delivered.
type tx struct {
	open    bool
	commit  uint64 // LSN of its commit record
	micros  int64
	xid     uint32
	changes uint64 // read so far, delivered or not
	skip    uint64 // delivered by a former run
	rows    bool   // something was delivered by this one
}

// read fills b from the stream: what is there, or the next that comes.
func (st *stream) read(ctx context.Context, b *record.Batch) error {
	watching := false
	var first time.Time
	st.now = time.Now()
	st.since = st.now
	st.heartbeat(b)
	for b.Len() < maxRows && b.Size() < maxBytes {
		if st.replay != nil {
			if err := st.again(ctx, b); err != nil {
				return st.failed(b, err)
			}
			if st.tx.changes%1024 == 0 && (ctx.Err() != nil || st.alive() != nil) {
				break
			}
			continue
		}
		if !st.wire.ready() {
			st.now = time.Now()
			st.heartbeat(b)
			if b.Len() > 0 && first.IsZero() {
				first = st.now
			}
			if b.Len() > 0 && (!st.busy || st.now.Sub(first) > gatherFor) || b.Len() == 0 && st.idle() {
				break
			}
			if !watching {
				defer st.wire.watch(ctx)() // once: watching is set
				watching = true
			}
			err := st.wait(b.Len() > 0)
			switch {
			case err == nil:
			case !errors.Is(err, os.ErrDeadlineExceeded):
				return st.failed(b, err)
			case b.Len() > 0:
				st.busy = false
			case ctx.Err() != nil:
				return ctx.Err()
			case !st.now.Before(st.giveUp()):
				return fmt.Errorf("the server has been silent for %v: %w", st.silence(), os.ErrDeadlineExceeded)
			}
			continue
		}
		kind, body, err := st.wire.next()
		if err == nil {
			err = st.frame(ctx, b, kind, body)
		}
		if err != nil {
			return st.failed(b, err)
		}
	}
	st.tell(b)
	return nil
}

// wait reads from the network until a frame is there or something else is due.
func (st *stream) wait(more bool) error {
	until := st.giveUp().Add(time.Millisecond)
	sooner := func(t time.Time) {
		if t.Before(until) {
			until = t
		}
	}
	if more {
		sooner(st.now.Add(gatherFor / 2))
	}
	if st.cfg.HeartbeatInterval > 0 {
		sooner(st.beat)
	}
	if st.dirty {
		sooner(st.told.Add(st.cfg.StatusInterval))
	}
	if err := st.wire.deadline(until); err != nil {
		return err
	}
	for !st.wire.ready() {
		if err := st.wire.fill(); err != nil {
			return err
		}
	}
	before := st.now
	st.now = time.Now()
	st.heard.Store(st.now.UnixNano())
	st.busy = st.wire.last >= 16<<10 || st.now.Sub(before) < 100*time.Microsecond
	return nil
}

// silence is how long a server may say nothing, though asked.
func (st *stream) silence() time.Duration { return max(6*st.cfg.StatusInterval, time.Minute) }

// giveUp is when the silence has lasted too long. It counts from the beginning of Read: before, nobody listened.
func (st *stream) giveUp() time.Time {
	last := st.since
	if heard := time.Unix(0, st.heard.Load()); heard.After(last) {
		last = heard
	}
	return last.Add(st.silence())
}

// failed tells, with the error, how far the rows before it reach. A value that cannot be decoded is passed over.
func (st *stream) failed(b *record.Batch, err error) error {
	var ve *ValueError
	if errors.As(err, &ve) {
		st.tell(b)
		return err
	}
	return fmt.Errorf("reading the stream of slot %q: %w", st.cfg.Slot, err)
}

// idle reports whether a position without rows is due: while nothing happens in the captured tables the slot follows the
// log all the same. A server that is asked to stop waits for it.
func (st *stream) idle() bool {
	return st.dirty && (st.urgent || st.now.Sub(st.told) >= st.cfg.StatusInterval)
}

// position is where the stream can be resumed after what was delivered.
func (st *stream) position() position {
	p := st.pos
	switch {
	case st.tx.open && (st.tx.rows || st.tx.skip > 0):
		p.TxCommit, p.Done = st.tx.commit, max(st.tx.changes, st.tx.skip)
	case st.from.TxCommit >= p.Confirm: // the transaction to resume in has not come yet
		p.TxCommit, p.Done = st.from.TxCommit, st.from.Done
	}
	return p
}

// tell sets the batch's position.
func (st *stream) tell(b *record.Batch) {
	p := st.position()
	st.buf = p.append(st.buf[:0])
	b.SetPosition(st.buf)
	st.dirty, st.urgent, st.told = false, false, st.now
}

// frame takes one frame of the replication stream.
func (st *stream) frame(ctx context.Context, b *record.Batch, kind byte, body []byte) error {
	switch {
	case kind != 'd':
		return fmt.Errorf("the server ended the stream: %w", io.ErrUnexpectedEOF)
	case len(body) >= 25 && body[0] == 'w':
		at := binary.BigEndian.Uint64(body[1:])
		if at > st.received.Load() {
			st.received.Store(at)
		}
		return st.message(ctx, b, at, int64(binary.BigEndian.Uint64(body[17:])), body[25:])
	case len(body) >= 18 && body[0] == 'k':
		end := binary.BigEndian.Uint64(body[1:])
		if end > st.received.Load() {
			st.received.Store(end)
		}
		// Everything committed before end has been sent, and so was delivered.
		if !st.tx.open && end > st.pos.Confirm {
			st.pos.Confirm = end
			st.dirty = true
		}
		if body[17] != 0 {
			st.urgent = true
			return st.status(false)
		}
		return nil
	}
	return fmt.Errorf("PostgreSQL's protocol: a message %q of %d bytes in the replication stream", body[:min(1, len(body))], len(body))
}

// message takes one message of pgoutput.
func (st *stream) message(ctx context.Context, b *record.Batch, at uint64, sent int64, msg []byte) error {
	if st.block != nil && len(msg) > 0 && pgoutput.Kind(msg[0]) != pgoutput.KindStreamStop {
		return st.keep(at, msg)
	}
	if err := st.dec.Parse(msg, &st.msg); err != nil {
		return err
	}
	m := &st.msg
	switch m.Kind {
	case pgoutput.KindBegin:
		st.begin(m.Begin.FinalLSN, m.Begin.CommitTime, m.Begin.Xid)
	case pgoutput.KindCommit:
		st.commit(m.Commit.EndLSN)
	case pgoutput.KindStreamStart:
		if st.block = st.open[m.StreamStart.Xid]; st.block == nil {
			st.block = &inProgress{xid: m.StreamStart.Xid}
			st.open[m.StreamStart.Xid] = st.block
		}
	case pgoutput.KindStreamStop:
		st.block = nil
	case pgoutput.KindStreamAbort:
		st.abort(m.StreamAbort)
	case pgoutput.KindStreamCommit:
		c := m.StreamCommit
		t := st.open[c.Xid]
		if t == nil {
			return fmt.Errorf("the stream commits transaction %d, which it never sent", c.Xid)
		}
		r, err := newReplay(t, st.proto, c.EndLSN)
		if err != nil {
			return err
		}
		st.begin(c.CommitLSN, c.CommitTime, c.Xid)
		st.replay = r
	default:
		return st.change(ctx, b, at, sent)
	}
	return nil
}

// again takes the next message of a transaction that was streamed before its commit.
func (st *stream) again(ctx context.Context, b *record.Batch) error {
	at, err := st.replay.next(&st.msg)
	if err == io.EOF { //nolint:errorlint // what next says, as it is
		st.drop(st.replay.t)
		st.commit(st.replay.end)
		st.replay = nil
		return nil
	}
	if err != nil {
		return err
	}
	return st.change(ctx, b, at, 0)
}
