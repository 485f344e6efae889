package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/pgoutput"
	"github.com/millrace/millrace/cdc/pgvalue"
)

// startStream begins the stream after pos, in binary form where every captured column can be read so.
func (s *Source) startStream(ctx context.Context, pos position) error {
	if _, err := s.catalogue(ctx); err != nil {
		return err
	}
	binary := s.version >= 140000
	if binary {
		var err error
		if binary, err = s.allBinary(ctx); err != nil {
			return err
		}
	}
	return s.startStreamAs(ctx, pos, binary)
}

func (s *Source) startStreamAs(ctx context.Context, pos position, binary bool) error {
	conn, err := s.cfg.Conn.connect(ctx, true)
	if err != nil {
		return err
	}
	defer func() { shut(conn) }()
	id, err := pglogrepl.IdentifySystem(ctx, conn)
	if err != nil {
		return fmt.Errorf("identifying the server: %w", err)
	}
	if uint64(id.XLogPos) < pos.resume() {
		return &GapError{Msg: fmt.Sprintf("the server's log ends at %s, before the stored offset %s: it is another server, or one that was restored", id.XLogPos, lsn(pos.resume()))}
	}
	proto := 1
	args := fmt.Sprintf("publication_names %s", literal(ident(s.cfg.Publication)))
	if s.version >= 140000 {
		proto = 2
		args += ", messages 'true', streaming 'on'"
	}
	if binary {
		args += ", binary 'true'"
	}
	sql := fmt.Sprintf("START_REPLICATION SLOT %s LOGICAL %s (proto_version '%d', %s)", ident(s.cfg.Slot), lsn(pos.resume()), proto, args)
	w, err := newWire(ctx, conn)
	if err != nil {
		return fmt.Errorf("starting the stream: %w", err)
	}
	if err := s.own(w); err != nil {
		return err
	}
	if err := s.replicate(ctx, w, sql); err != nil {
		s.release(w)
		return err
	}
	now := time.Now()
	st := &stream{Source: s, wire: w, dec: pgoutput.NewDecoder(proto), proto: proto, binary: binary, relations: map[uint32]*relation{}, open: map[uint32]*inProgress{},
		from: pos, pos: pos, now: now, told: now, beat: now.Add(s.cfg.HeartbeatInterval)}
	st.pos.TxCommit, st.pos.Done, st.pos.Snapshot, st.pos.Completed, st.pos.Last = 0, 0, "", "", ""
	st.heard.Store(now.UnixNano())
	st.received.Store(pos.resume())
	s.cfg.Log.Info("streaming", "slot", s.cfg.Slot, "from", lsn(pos.resume()).String(), "system", id.SystemID, "timeline", id.Timeline, "binary", binary)
	s.state("streaming")
	pulse, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	s.stream, st.halt, s.made = st, cancel, true
	s.mu.Unlock()
	s.workers.Go(func() { st.pulse(pulse) })
	return nil
}

// replicate sends START_REPLICATION, again and again while another session holds the slot.
func (s *Source) replicate(ctx context.Context, w *wire, sql string) error {
	for try := 0; ; try++ {
		err := w.begin(ctx, sql, 'W')
		switch c := code(err); {
		case err == nil:
			return nil
		case c == codeInUse && try < s.cfg.SlotRetries:
			s.cfg.Log.Warn("another session holds the slot", "slot", s.cfg.Slot, "retry_in", s.cfg.SlotRetryDelay, "error", err)
			if err := sleep(ctx, s.cfg.SlotRetryDelay); err != nil {
				return err
			}
		case c == codeNoObject:
			return &GapError{Msg: fmt.Sprintf("slot %q is gone (%v)", s.cfg.Slot, err)}
		case c == codeNotReady:
			return &GapError{Msg: fmt.Sprintf("slot %q cannot be used any more (%v)", s.cfg.Slot, err)}
		default:
			return fmt.Errorf("starting the stream of slot %q: %w", s.cfg.Slot, err)
		}
	}
}

const columnsQuery = `select c.oid, a.attname, a.atttypid, a.atttypmod from pg_class c join pg_attribute a on a.attrelid = c.oid
 where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and c.relnamespace <> 'pg_catalog'::regnamespace`

// allBinary reports whether all captured columns can be read in binary form.
func (s *Source) allBinary(ctx context.Context) (bool, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return false, err
	}
	byOID := map[uint32]tableInfo{}
	for _, t := range tables {
		byOID[t.oid] = t
	}
	rows, err := query(ctx, s.side, columnsQuery)
	if err != nil {
		return false, fmt.Errorf("reading columns: %w", err)
	}
	known := map[uint32]bool{}
	for _, r := range rows {
		t, ok := byOID[uint32(number(r[0]))]
		if !ok || !s.cfg.Filter.Column(t.schema, t.name, string(r[1])) {
			continue
		}
		oid := uint32(number(r[2]))
		yes, ok := known[oid]
		if !ok {
			c, err := s.codec(ctx, pgvalue.Column{Name: string(r[1]), Type: oid, Typmod: int32(number(r[3]))})
			if err != nil {
				return false, fmt.Errorf("preparing column %s of table %s: %w", r[1], t, err)
			}
			yes = c == nil || c.HasBinary()
			known[oid] = yes
		}
		if !yes {
			return false, nil
		}
	}
	return true, nil
}

// catalogue returns the connection for catalogue queries, opened anew when it was lost.
func (s *Source) catalogue(ctx context.Context) (*pgconn.PgConn, error) {
	if s.side != nil && !s.side.IsClosed() {
		return s.side, nil
	}
	conn, err := s.cfg.Conn.connect(ctx, false)
	if err != nil {
		return nil, err
	}
	s.side = conn
	return conn, nil
}

// own makes Close close w.
func (s *Source) own(w *wire) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		w.close()
		return errClosed
	}
	s.wires[w] = struct{}{}
	return nil
}

// release closes w.
func (s *Source) release(w *wire) {
	s.mu.Lock()
	delete(s.wires, w)
	s.mu.Unlock()
	w.close()
}

func (s *Source) alive() error {
	select {
	case <-s.life:
		return errClosed
	default:
		return nil
	}
}

// state tells the slot's state.
func (s *Source) state(state string) {
	if f := s.cfg.Progress.SlotState; f != nil {
		f(state)
	}
}

// dropOnStop drops the slot once its session is gone.
func (s *Source) dropOnStop(ctx context.Context) error {
	conn, err := s.cfg.Conn.connect(ctx, false)
	if err != nil {
		return err
	}
	defer shut(conn)
	if err := dropSlot(ctx, conn, s.cfg.Slot, 3*time.Second); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}
