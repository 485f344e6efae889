package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/millrace/millrace/connect/record"
)

// readSnapshot gives out the snapshot's next batch; with the last one, the position from which the stream goes on.
func (s *Source) readSnapshot(ctx context.Context, b *record.Batch) error {
	sn := s.snap
	cur := sn.held
	var err error
	if cur == nil {
		if cur, err = sn.take(ctx); err != nil {
			return err
		}
	}
	if cur == nil { // no rows at all
		return s.endSnapshot(b)
	}
	if sn.held, err = sn.take(ctx); err != nil {
		if ctx.Err() != nil { // not lost for a later Read
			sn.held = cur
		}
		return err
	}
	sn.mark(cur)
	*b, *cur.batch = *cur.batch, *b
	sn.recycle(cur.batch)
	if sn.held == nil {
		return errors.Join(cur.err, s.endSnapshot(b))
	}
	p := sn.pos
	p.Snapshot, p.Completed = "INITIAL", ""
	b.SetPosition(p.append(nil))
	return cur.err
}

// take returns the next batch in order, nil after the last.
func (sn *snapshot) take(ctx context.Context) (*item, error) {
	for {
		if sn.job == nil {
			select {
			case j, ok := <-sn.order:
				if !ok {
					return nil, sn.src.alive()
				}
				sn.job = j
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-sn.src.life:
				return nil, errClosed
			}
		}
		select {
		case it, ok := <-sn.job.out:
			if ok {
				sn.rows += int64(it.batch.Len())
				return it, nil
			}
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-sn.src.life:
			return nil, errClosed
		}
		if sn.job.err != nil {
			sn.stop()
			return nil, sn.job.err
		}
		sn.job = nil
		sn.done++
		if f := sn.src.cfg.Progress.Snapshot; f != nil {
			f(sn.rows, max(sn.estimated, sn.rows), sn.done, max(sn.chunks, sn.done))
		}
	}
}

// mark sets what source.snapshot says of the first and the last row of each table and of the whole. held is known: what
// follows.
func (sn *snapshot) mark(cur *item) {
	n := cur.batch.Len()
	if n == 0 {
		return
	}
	firstOfTable := cur.table != sn.table
	sn.table = cur.table
	lastOfTable := sn.held == nil || sn.held.table != cur.table
	set := func(row int, marker string) { setSnapshot(cur.batch, row, marker) }
	if firstOfTable {
		set(0, "first_in_data_collection")
	}
	if lastOfTable {
		set(n-1, "last_in_data_collection")
	}
	if sn.first {
		set(0, "first")
		sn.first = false
	}
	if sn.held == nil {
		set(n-1, "last")
	}
}

// endSnapshot goes over to the stream.
func (s *Source) endSnapshot(b *record.Batch) error {
	sn := s.snap
	sn.stop()
	for _, w := range sn.conns {
		s.release(w)
	}
	s.cfg.Log.Info("snapshot done", "rows", sn.rows, "tables", len(sn.tables), "took", time.Since(sn.began).Round(time.Millisecond))
	p := sn.pos
	p.Snapshot, p.Completed = "INITIAL", "true"
	b.SetPosition(p.append(nil))
	s.snap = nil
	if s.cfg.Snapshot == InitialOnly {
		s.finished = true
		return nil
	}
	s.pending = &sn.pos
	return nil
}
