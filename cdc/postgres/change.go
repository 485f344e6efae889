package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgoutput"
	"github.com/millrace/millrace/connect/record"
)

// begin opens the transaction whose changes follow.
func (st *stream) begin(commit uint64, at int64, xid uint32) {
	st.tx = tx{open: true, commit: commit, micros: at + postgresEpoch, xid: xid}
	if st.from.TxCommit == commit {
		st.tx.skip = st.from.Done
	}
	st.source = block{snapshot: "false", micros: st.tx.micros, last: st.pos.Commit, txID: xid}
}

// commit ends it: what follows can be resumed at its end.
func (st *stream) commit(end uint64) {
	st.pos.Commit, st.pos.TxID, st.pos.Micros = end, st.tx.xid, st.tx.micros
	st.pos.Confirm = max(st.pos.Confirm, end)
	st.commitAt.Store(st.tx.micros)
	st.tx = tx{}
	st.dirty = true
}

// change takes a message of a transaction that is committed, or a logical message outside of one. Every change that the
// server sends is counted, whether it is captured or not: so counts and IDs are the same at every replay.
func (st *stream) change(ctx context.Context, b *record.Batch, at uint64, sent int64) error {
	m := &st.msg
	switch m.Kind {
	case pgoutput.KindInsert, pgoutput.KindUpdate, pgoutput.KindDelete:
		if !st.tx.open {
			return errors.New("the stream has a change outside of a transaction")
		}
		st.tx.changes++
		if st.tx.changes <= st.tx.skip {
			return nil
		}
		rel, err := st.find(m.RelationID)
		if err != nil || rel.plan == nil {
			return err
		}
		return st.row(b, rel.plan, at)
	case pgoutput.KindRelation:
		return st.describe(ctx, m.Relation)
	case pgoutput.KindTruncate:
		return st.truncate(b, at)
	case pgoutput.KindMessage:
		return st.logical(b, at, sent)
	case pgoutput.KindOrigin:
		st.source.origin = append(st.source.origin[:0], m.Origin.Name...)
		st.source.originLSN = m.Origin.LSN
	case pgoutput.KindType: // the catalogue is asked for types
	default:
		return fmt.Errorf("the stream has a message %q inside of a transaction", byte(m.Kind))
	}
	return nil
}

// id is the name of the change at hand: the commit record's LSN, and four numbers a change, for a change of a key makes
// three rows.
func (st *stream) id() record.ID { return record.ID{Hi: st.tx.commit, Lo: st.tx.changes << 2} }

// row writes an insert, update or delete. It allocates nothing.
func (st *stream) row(b *record.Batch, p *plan, at uint64) error {
	m := &st.msg
	c := envelope.Change{Op: record.Create, Before: envelope.None, After: envelope.None, Source: &st.source, Nanos: st.now.UnixNano()}
	switch m.Kind {
	case pgoutput.KindUpdate:
		c.Op = record.Update
	case pgoutput.KindDelete:
		c.Op = record.Delete
	}
	if !st.cfg.KeepOps[byte(c.Op)] {
		return nil
	}
	undo := b.Mark()
	var err error
	if m.OldKind != 0 && m.Kind != pgoutput.KindInsert {
		c.Before, err = st.oldImage(b, p, &m.Old, m.OldKind)
	}
	if err == nil && m.Kind != pgoutput.KindDelete {
		oldKind := m.OldKind
		if c.Before == envelope.None {
			oldKind = 0
		}
		c.After, err = st.newImage(b, p, &m.New, oldKind, c.Before)
	}
	if err != nil {
		b.Truncate(undo)
		return p.failed(err, at)
	}
	st.source.lsn = at
	id := st.id()
	p.table.Write(b, &id, c)
	st.delivered(at)
	return nil
}

func (p *plan) failed(err error, at uint64) error {
	var ce *columnError
	if errors.As(err, &ce) {
		return &ValueError{Table: p.name, Column: ce.column, LSN: at, Err: ce.err}
	}
	return err
}

func (st *stream) delivered(at uint64) {
	st.tx.rows = true
	st.pos.LSN, st.pos.Processed = at, at
}

// truncate writes one row for each captured table.
func (st *stream) truncate(b *record.Batch, at uint64) error {
	for _, oid := range st.msg.Truncate.Relations {
		st.tx.changes++
		if st.tx.changes <= st.tx.skip || !st.cfg.KeepOps[byte(record.Truncate)] {
			continue
		}
		rel, err := st.find(oid)
		if err != nil {
			return err
		}
		if rel.plan == nil {
			continue
		}
		st.source.lsn = at
		id := st.id()
		rel.plan.table.Write(b, &id, envelope.Change{Op: record.Truncate, Before: envelope.None, After: envelope.None, Source: &st.source, Nanos: st.now.UnixNano()})
		st.delivered(at)
	}
	return nil
}

// logical writes what pg_logical_emit_message sent. One outside of a transaction comes as soon as the server reads it in
// the log, where its LSN is no transaction's.
func (st *stream) logical(b *record.Batch, at uint64, sent int64) error {
	m := &st.msg.Logical
	src, id := &st.source, record.ID{}
	if m.Transactional {
		st.tx.changes++
		if st.tx.changes <= st.tx.skip {
			return nil
		}
		id = st.id()
	} else {
		src = &block{snapshot: "false", micros: sent + postgresEpoch, last: st.pos.Commit}
		id = record.ID{Hi: m.LSN}
		if !st.tx.open {
			st.pos.Confirm = max(st.pos.Confirm, m.LSN+1)
			st.dirty = true
		}
	}
	if !st.cfg.Messages.Match(string(m.Prefix)) {
		return nil
	}
	src.lsn = at
	if err := st.messages.Write(b, &id, src, st.now.UnixMilli(), m.Prefix, m.Content); err != nil {
		return err
	}
	if m.Transactional {
		st.delivered(at)
	} else {
		st.pos.LSN, st.pos.Processed = at, at
	}
	return nil
}
