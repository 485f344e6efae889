package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
)

// slotState is a row of pg_replication_slots; members that the server's version does not have stay zero.
type slotState struct {
	Plugin    string `json:"plugin"`
	Type      string `json:"slot_type"`
	Database  string `json:"database"`
	Active    bool   `json:"active"`
	PID       int    `json:"active_pid"`
	Confirmed string `json:"confirmed_flush_lsn"`
	WALStatus string `json:"wal_status"`          // PostgreSQL 13: reserved, extended, unreserved, lost
	Conflict  bool   `json:"conflicting"`         // 16
	Invalid   string `json:"invalidation_reason"` // 17
}

// lost reports whether the server gave up what the slot was to keep.
func (s *slotState) lost() bool { return s.WALStatus == "lost" || s.Conflict || s.Invalid != "" }

// confirmed is the LSN up to which the slot has let go.
func (s *slotState) confirmed() uint64 {
	v, err := pglogrepl.ParseLSN(s.Confirmed)
	if err != nil {
		return 0
	}
	return uint64(v)
}

// readSlot returns the slot's state, nil when there is none.
func readSlot(ctx context.Context, conn *pgconn.PgConn, name string) (*slotState, error) {
	v, err := value(ctx, conn, "select to_json(s) from pg_replication_slots s where slot_name = "+literal(name))
	if err != nil || v == "" {
		return nil, wrap(err, "reading slot %q", name)
	}
	var s slotState
	if err := json.Unmarshal([]byte(v), &s); err != nil {
		return nil, fmt.Errorf("reading slot %q: %w", name, err)
	}
	return &s, nil
}

// usable refuses a slot of the same name that is something else.
func (s *slotState) usable(name, database string) error {
	switch {
	case s.Type != "logical":
		return &SetupError{Problems: []Problem{{Code: "slot_type", Msg: fmt.Sprintf("slot %q is a physical one", name), Fix: "choose another slot.name"}}}
	case s.Plugin != "pgoutput":
		return &SetupError{Problems: []Problem{{Code: "slot_plugin", Msg: fmt.Sprintf("slot %q has the plug-in %s", name, s.Plugin), Fix: "choose another slot.name, or drop the slot"}}}
	case s.Database != database:
		return &SetupError{Problems: []Problem{{Code: "slot_database", Msg: fmt.Sprintf("slot %q belongs to database %q", name, s.Database), Fix: "choose another slot.name"}}}
	}
	return nil
}

// createSlot makes the slot. With export the connection returned holds the snapshot of the slot's consistent point open
// until it is closed or used again.
func (s *Source) createSlot(ctx context.Context, export bool) (conn *pgconn.PgConn, point uint64, snapshot string, err error) {
	s.state("creating")
	if conn, err = s.cfg.Conn.connect(ctx, true); err != nil {
		return nil, 0, "", err
	}
	defer func() {
		if err != nil || !export {
			shut(conn)
			conn = nil
		}
	}()
	action, word := "NOEXPORT_SNAPSHOT", "nothing"
	if export {
		action, word = "EXPORT_SNAPSHOT", "export"
	}
	var r pglogrepl.CreateReplicationSlotResult
	if s.cfg.SlotFailover && s.version >= 170000 {
		r, err = pglogrepl.ParseCreateReplicationSlot(conn.Exec(ctx, fmt.Sprintf("CREATE_REPLICATION_SLOT %s LOGICAL pgoutput (SNAPSHOT '%s', FAILOVER true)", ident(s.cfg.Slot), word)))
	} else {
		if s.cfg.SlotFailover {
			s.cfg.Log.Warn("slot.failover needs PostgreSQL 17: the slot is not synchronised to standbys", "slot", s.cfg.Slot)
		}
		r, err = pglogrepl.CreateReplicationSlot(ctx, conn, ident(s.cfg.Slot), "pgoutput", pglogrepl.CreateReplicationSlotOptions{Mode: pglogrepl.LogicalReplication, SnapshotAction: action})
	}
	if err != nil {
		return conn, 0, "", fmt.Errorf("creating slot %q: %w", s.cfg.Slot, err)
	}
	at, err := pglogrepl.ParseLSN(r.ConsistentPoint)
	if err != nil {
		return conn, 0, "", fmt.Errorf("creating slot %q: %w", s.cfg.Slot, err)
	}
	s.made = true
	s.cfg.Log.Info("slot created", "slot", s.cfg.Slot, "lsn", r.ConsistentPoint)
	return conn, uint64(at), r.SnapshotName, nil
}

// dropSlot drops the slot if it is there, waiting up to patience for a session that still holds it.
func dropSlot(ctx context.Context, conn *pgconn.PgConn, name string, patience time.Duration) error {
	for end := time.Now().Add(patience); ; {
		_, err := query(ctx, conn, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = "+literal(name))
		if code(err) != codeInUse || time.Now().After(end) {
			return wrap(err, "dropping slot %q", name)
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
	}
}

// SQLSTATEs that are acted on.
const (
	codeInUse    = "55006" // object_in_use
	codeNoObject = "42704" // undefined_object
	codeNotReady = "55000" // object_not_in_prerequisite_state
)

// code returns the SQLSTATE of a server's error, "" for anything else.
func code(err error) string {
	var pe *pgconn.PgError
	var se *ServerError
	switch {
	case errors.As(err, &pe):
		return pe.Code
	case errors.As(err, &se):
		return se.Code
	}
	return ""
}

// wrap is fmt.Errorf with the error at its end, and nil for no error.
func wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
