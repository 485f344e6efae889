package postgres

import (
	"context"
	"fmt"
)

// resume brings slot and position together. fresh: no position is stored. done: the one that is lies past any snapshot.
func (s *Source) resume(ctx context.Context, pos position, fresh, done bool) error {
	slot, err := readSlot(ctx, s.side, s.cfg.Slot)
	if err != nil {
		return err
	}
	if slot != nil {
		if err := slot.usable(s.cfg.Slot, s.cfg.Conn.Database); err != nil {
			return err
		}
	}
	snapshot := s.cfg.Snapshot == Always || !done && s.cfg.Snapshot != NoData
	if gap := s.gap(slot, pos, done); gap != nil {
		if s.cfg.Snapshot != WhenNeeded && s.cfg.Snapshot != Always {
			return gap
		}
		s.cfg.Log.Warn("reading the tables anew", "reason", gap.Msg)
		snapshot, fresh, pos = true, true, position{}
		if slot != nil {
			if err := dropSlot(ctx, s.side, s.cfg.Slot, 0); err != nil {
				return err
			}
			slot = nil
		}
	}
	switch {
	case slot == nil && snapshot:
		conn, point, name, err := s.createSlot(ctx, true)
		if err != nil {
			return err
		}
		defer shut(conn)
		return s.openSnapshot(ctx, conn, position{LSN: point, Processed: point, Confirm: point}, name)
	case slot == nil:
		_, point, _, err := s.createSlot(ctx, false)
		if err != nil {
			return err
		}
		pos = position{LSN: point, Processed: point, Confirm: point}
	case snapshot:
		// The slot is older than the snapshot that follows. Whether an earlier snapshot was delivered in part is not known,
		// so all that the slot holds is streamed: a row that was deleted since is then deleted downstream too.
		p := position{Commit: pos.Commit, Confirm: slot.confirmed()}
		if done && pos.resume() != 0 {
			p.Confirm, p.TxCommit, p.Done = pos.resume(), pos.TxCommit, pos.Done
		}
		p.LSN, p.Processed = p.Confirm, p.Confirm
		return s.openSnapshot(ctx, nil, p, "")
	case fresh:
		pos = position{LSN: slot.confirmed(), Processed: slot.confirmed(), Confirm: slot.confirmed()}
	default:
		pos.Snapshot, pos.Completed, pos.Last = "", "", ""
	}
	return s.startStream(ctx, pos)
}

// gap returns why the slot cannot give what comes after a position, nil when it can.
func (s *Source) gap(slot *slotState, pos position, done bool) *GapError {
	switch {
	case slot != nil && slot.lost():
		reason := slot.Invalid
		if reason == "" {
			reason = "wal_status is " + slot.WALStatus
		}
		return &GapError{Msg: fmt.Sprintf("the server has invalidated slot %q (%s)", s.cfg.Slot, reason)}
	case !done:
		return nil
	case slot == nil && s.cfg.DropSlotOnStop:
		return nil
	case slot == nil:
		return &GapError{Msg: fmt.Sprintf("slot %q is gone, though an offset is stored", s.cfg.Slot)}
	case pos.resume() != 0 && slot.confirmed() > pos.resume():
		return &GapError{Msg: fmt.Sprintf("slot %q has let go of the log up to %s, and the stored offset needs it from %s on", s.cfg.Slot, lsn(slot.confirmed()), lsn(pos.resume()))}
	}
	return nil
}
