package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/connect/record"
)

// snapshot reads the tables' rows as of one moment over several connections. Chunks are read side by side and given out in
// order, so that rows come in the same order every time and their IDs rise.
type snapshot struct {
	src    *Source
	pos    position // where the stream begins
	block  block
	tables []*snapshotTable
	unit   int64 // pages a chunk; 0: chunks are whole tables

	order chan *job          // in the order in which they are given out
	jobs  chan *job          // the same, for the readers
	free  chan *record.Batch // memory to use again
	stop  context.CancelFunc // ends the readers
	conns []*wire            // the readers'

	job   *job  // whose batches are being given out
	held  *item // the next to give out: the row before the end of a table is marked as its last
	first bool  // nothing was given out yet
	table *snapshotTable

	rows, estimated int64
	done, chunks    int
	began           time.Time
}

// job is one chunk with its rows.
type job struct {
	chunk
	number uint64
	out    chan *item
	err    error // set before out is closed
}

type item struct {
	table *snapshotTable
	batch *record.Batch
	err   error // a row after the batch's that could not be decoded
}

const (
	// jobBatches is how many batches a chunk's reader may be ahead, and readBytes how large they are: together with the
	// number of readers they are most of what a snapshot holds in memory.
	jobBatches = 3
	readBytes  = maxBytes / 2
	// copyHeader is how long the head of binary COPY is: signature, flags, length of an extension.
	copyHeader = 11 + 4 + 4
)

// readerSettings make what a snapshot's connection does independent of limits meant for applications, its order that of
// the pages, and rows that row security would hide an error.
const readerSettings = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; set lock_timeout = '10s'; " +
	"set synchronize_seqscans = off; set max_parallel_workers_per_gather = 0; set row_security = off"

// openSnapshot begins a snapshot: of the name that holder exports, or of a moment of its own. pos is where the stream
// goes on after it.
func (s *Source) openSnapshot(ctx context.Context, holder *pgconn.PgConn, pos position, name string) (err error) {
	s.state("snapshot")
	sn := &snapshot{src: s, pos: pos, first: true, began: time.Now(), block: block{snapshot: "true", micros: time.Now().UnixMicro(), lsn: pos.LSN}}
	if holder == nil {
		if holder, err = s.cfg.Conn.connect(ctx, false); err != nil {
			return err
		}
		defer shut(holder)
		rows, err := query(ctx, holder, "begin isolation level repeatable read read only; select pg_export_snapshot(), case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_insert_lsn() end")
		if err != nil {
			return fmt.Errorf("exporting a snapshot: %w", err)
		}
		at, err := pglogrepl.ParseLSN(string(rows[0][1]))
		if err != nil {
			return fmt.Errorf("exporting a snapshot: %w", err)
		}
		name, sn.block.lsn = string(rows[0][0]), uint64(at)
		if pos.Confirm == 0 { // without a slot
			sn.pos.LSN, sn.pos.Processed = uint64(at), uint64(at)
		}
	}
	var readers []*pgconn.PgConn
	defer func() {
		if err != nil {
			for _, c := range readers {
				shut(c)
			}
		}
	}()
	for range s.cfg.SnapshotThreads {
		conn, err := s.cfg.Conn.connect(ctx, false)
		if err != nil {
			return err
		}
		readers = append(readers, conn)
		if _, err := query(ctx, conn, readerSettings); err != nil {
			return fmt.Errorf("preparing the snapshot: %w", err)
		}
		if _, err := query(ctx, conn, "begin isolation level repeatable read read only; set transaction snapshot "+literal(name)); err != nil {
			return fmt.Errorf("taking up snapshot %s: %w", name, err)
		}
	}
	if err := sn.plan(ctx, readers[0]); err != nil {
		return err
	}
	for _, c := range readers {
		w, err := newWire(ctx, c)
		if err != nil {
			return fmt.Errorf("preparing the snapshot: %w", err)
		}
		if err := s.own(w); err != nil {
			return err
		}
		sn.conns = append(sn.conns, w)
	}
	s.cfg.Log.Info("snapshot begun", "tables", len(sn.tables), "rows", sn.estimated, "lsn", lsn(sn.block.lsn).String())
	sn.start()
	s.snap = sn
	return nil
}

// start sets the readers going. They end when all is read, one fails or the source is closed.
func (sn *snapshot) start() {
	s := sn.src
	n := len(sn.conns)
	sn.order, sn.jobs, sn.free = make(chan *job, 2*n), make(chan *job), make(chan *record.Batch, n*(jobBatches+1))
	ctx, cancel := context.WithCancel(context.Background())
	sn.stop = cancel
	s.atEnd(cancel)
	s.workers.Go(func() {
		defer close(sn.order)
		defer close(sn.jobs)
		number := uint64(0)
		for c := range sn.all() {
			j := &job{chunk: c, number: number, out: make(chan *item, jobBatches)}
			number++
			select {
			case sn.order <- j:
			case <-ctx.Done():
				return
			}
			select {
			case sn.jobs <- j:
			case <-ctx.Done():
				j.err = ctx.Err()
				close(j.out)
				return
			}
		}
	})
	for _, w := range sn.conns {
		s.workers.Go(func() {
			for j := range sn.jobs {
				j.err = sn.read(ctx, w, j)
				close(j.out)
			}
		})
	}
}

// read copies one chunk.
func (sn *snapshot) read(ctx context.Context, w *wire, j *job) error {
	t := j.table
	if len(t.plan.out) == 0 {
		return nil
	}
	if err := w.begin(ctx, "copy ("+j.query()+") to stdout (format binary)", 'H'); err != nil {
		return fmt.Errorf("reading table %s: %w", t.plan.name, err)
	}
	src := sn.block
	b := sn.batch()
	id := record.ID{Hi: sn.block.lsn - 1, Lo: j.number << 32}
	change := envelope.Change{Op: record.Read, Before: envelope.None, Source: &src, Nanos: time.Now().UnixNano()}
	give := func(failed error) error {
		select {
		case j.out <- &item{table: t, batch: b, err: failed}:
		case <-ctx.Done():
			return ctx.Err()
		}
		b = sn.batch()
		change.Nanos = time.Now().UnixNano()
		return nil
	}
	head := true
	for {
		kind, row, err := w.next()
		switch {
		case err != nil:
			return fmt.Errorf("reading table %s: %w", t.plan.name, err)
		case kind == 'c':
			if err := w.idle(); err != nil {
				return fmt.Errorf("reading table %s: %w", t.plan.name, err)
			}
			if b.Len() > 0 {
				return give(nil)
			}
			sn.recycle(b)
			return nil
		case kind != 'd':
			return fmt.Errorf("reading table %s: PostgreSQL's protocol: message %q in a copy", t.plan.name, kind)
		}
		if head {
			if len(row) < copyHeader || len(row) < copyHeader+int(binary.BigEndian.Uint32(row[copyHeader-4:])) {
				return fmt.Errorf("reading table %s: the head of binary COPY is cut off", t.plan.name)
			}
			row, head = row[copyHeader+int(binary.BigEndian.Uint32(row[copyHeader-4:])):], false
		}
		if len(row) == 0 || len(row) == 2 && row[0] == 0xff && row[1] == 0xff { // the end
			continue
		}
		undo := b.Mark()
		if change.After, err = sn.src.copyRow(b, t.plan, row); err != nil {
			b.Truncate(undo)
			err = t.plan.failed(err, sn.block.lsn)
			var ve *ValueError
			if !errors.As(err, &ve) {
				return err
			}
			if err := give(err); err != nil {
				return err
			}
			continue
		}
		id.Lo++
		one := id
		t.plan.table.Write(b, &one, change)
		if b.Len() >= maxRows || b.Size() >= readBytes {
			if err := give(nil); err != nil {
				return err
			}
		}
	}
}

func (sn *snapshot) batch() *record.Batch {
	select {
	case b := <-sn.free:
		return b
	default:
		return new(record.Batch)
	}
}

func (sn *snapshot) recycle(b *record.Batch) {
	b.Reset()
	select {
	case sn.free <- b:
	default:
	}
}
