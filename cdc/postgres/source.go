package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// Source captures the changes of a PostgreSQL database: a snapshot of the tables where one is due, and then the stream of
// a logical replication slot. It serves one Open; after an error or Close another one is made.
type Source struct {
	cfg      Config
	envelope envelope.Options
	heart    *envelope.Heartbeat
	messages *envelope.Messages

	side     *pgconn.PgConn // for the catalogue; Open's, then Read's
	types    *pgvalue.Catalog
	version  int  // server_version_num
	viaRoot  bool // the publication names partitions by their root
	snap     *snapshot
	stream   *stream
	pending  *position // where the stream begins, not yet started
	made     bool      // the slot is this source's: made or streamed from
	finished bool      // snapshot.mode=initial_only is through

	confirmed atomic.Uint64 // what the slot may confirm

	life    <-chan struct{}                     // closed by Close
	end     context.CancelFunc                  // closes life
	atEnd   func(f func()) (forget func() bool) // calls f when life is closed
	workers sync.WaitGroup                      // pulse and the snapshot's readers

	use    sync.Mutex // held by Open and Read, and taken last by Close
	mu     sync.Mutex // guards what follows and the setting of stream; taken after use
	closed bool
	wires  map[*wire]struct{} // closed by Close, which ends whoever waits on them
}

// errClosed is what Read returns after Close.
var errClosed = errors.New("the source is closed")

// errNeedsText: a column was met whose binary form is not read.
var errNeedsText = errors.New("a column's type is only read in text form")

// New returns a source that is not open yet.
func New(cfg Config) *Source {
	s := &Source{cfg: cfg.withDefaults(), types: pgvalue.NewCatalog(), wires: map[*wire]struct{}{}}
	ctx, cancel := context.WithCancel(context.Background())
	s.life, s.end = ctx.Done(), cancel
	s.atEnd = func(f func()) func() bool { return context.AfterFunc(ctx, f) }
	s.envelope = envelope.Options{Names: s.cfg.Names, Tombstones: !s.cfg.NoTombstone}
	for k, v := range s.cfg.Headers {
		s.envelope.Headers = append(s.envelope.Headers, record.Header{Key: k, Value: []byte(v)})
	}
	slices.SortFunc(s.envelope.Headers, func(a, b record.Header) int {
		if a.Key < b.Key {
			return -1
		}
		return 1
	})
	s.heart = envelope.NewHeartbeat(s.cfg.HeartbeatTopic, s.cfg.Names)
	s.messages = envelope.NewMessagesAs(s.cfg.Names, "io.debezium.connector.postgresql", s.sourceSchema("", ""), s.content())
	return s
}

// content shows a message as a column of type bytea.
func (s *Source) content() envelope.Content {
	const bytea = 17
	c, err := pgvalue.Compile(s.types, pgvalue.Column{Name: "content", Type: bytea, Typmod: -1}, pgvalue.Options{Binary: s.cfg.Values.Binary})
	if err != nil || c == nil { // a built-in type without a default or placeholder
		panic(fmt.Sprintf("postgres: bytea cannot be compiled: %v", err))
	}
	return envelope.Content{Schema: c.Schema, Set: c.Binary}
}

// Open connects, makes publication and slot where they are missing, and prepares to resume after a position that a
// source of this package gave, or Debezium's connector stored. Without one, or by snapshot.mode, a snapshot comes first.
// Errors: *SetupError and *GapError need a person; those of the network and *pgconn.PgError may pass.
func (s *Source) Open(ctx context.Context, resume record.Position) error {
	s.use.Lock()
	defer s.use.Unlock()
	pos, err := parsePosition(resume)
	if err != nil {
		return err
	}
	ctx, stop := s.within(ctx)
	defer stop()
	if _, err := s.catalogue(ctx); err != nil {
		return err
	}
	s.version, _ = strconv.Atoi(s.side.ParameterStatus("server_version_num"))
	if s.version == 0 {
		v, err := value(ctx, s.side, "show server_version_num")
		if err != nil {
			return fmt.Errorf("asking for the server's version: %w", err)
		}
		s.version = int(number([]byte(v)))
	}
	if err := s.loadTypes(ctx); err != nil {
		return err
	}
	fresh := len(resume) == 0
	done := !fresh && !pos.inSnapshot()
	if s.cfg.Snapshot == InitialOnly {
		if done {
			s.finished = true
			return nil
		}
		return s.openSnapshot(ctx, nil, position{}, "")
	}
	problems, err := s.preflight(ctx, s.cfg.Snapshot == Always || !done && s.cfg.Snapshot != NoData)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(problems, func(p Problem) bool { return !p.Warning }) {
		return &SetupError{Problems: problems}
	}
	for _, p := range problems {
		if p.Code != "slot_active" { // that is waited for
			s.cfg.Log.Warn(p.Msg, "fix", p.Fix)
		}
	}
	if err := s.ensurePublication(ctx); err != nil {
		return err
	}
	return s.resume(ctx, pos, fresh, done)
}

// Read fills b with the next rows. *ValueError: a row was passed over; reading may go on. *ServerError, *GapError and
// errors of the network end the source, io.EOF a finished one.
func (s *Source) Read(ctx context.Context, b *record.Batch) error {
	s.use.Lock()
	defer s.use.Unlock()
	if err := s.alive(); err != nil {
		return err
	}
	err := s.readNext(ctx, b)
	if err != nil && !errors.Is(err, io.EOF) && s.alive() != nil {
		return errClosed
	}
	return err
}

func (s *Source) readNext(ctx context.Context, b *record.Batch) error {
	switch {
	case s.finished:
		return io.EOF
	case s.snap != nil:
		return s.readSnapshot(ctx, b)
	case s.pending != nil:
		ctx, stop := s.within(ctx)
		defer stop()
		if err := s.startStream(ctx, *s.pending); err != nil {
			return err
		}
		s.pending = nil
	case s.stream == nil:
		return errors.New("the source is not open")
	}
	err := s.stream.read(ctx, b)
	if !errors.Is(err, errNeedsText) {
		return err
	}
	// The stream is begun again in text form, after what b holds.
	pos := s.stream.position()
	s.stream.tell(b)
	s.stream.halt()
	s.release(s.stream.wire)
	for _, t := range s.stream.open {
		s.stream.drop(t)
	}
	within, stop := s.within(ctx)
	defer stop()
	if err := s.startStreamAs(within, pos, false); err != nil {
		return err
	}
	return nil
}

// Commit says that everything up to pos is durable downstream: the slot may let go of it.
func (s *Source) Commit(_ context.Context, pos record.Position) error {
	p, err := parsePosition(pos)
	if err != nil {
		return err
	}
	for {
		have := s.confirmed.Load()
		if p.Confirm <= have || s.confirmed.CompareAndSwap(have, p.Confirm) {
			return nil
		}
	}
}

// Close ends Read and frees everything. What was committed is confirmed to the server if it listens.
func (s *Source) Close(ctx context.Context) error {
	s.mu.Lock()
	first := !s.closed
	s.closed = true
	wires, st := s.wires, s.stream
	s.wires = nil
	s.mu.Unlock()
	if !first {
		return nil
	}
	if st != nil {
		_ = st.status(false)
		st.halt()
	}
	s.end()
	for w := range wires {
		w.close()
	}
	s.use.Lock() // Open and Read are through
	defer s.use.Unlock()
	s.workers.Wait()
	var err error
	if s.stream != nil {
		for _, t := range s.stream.open {
			s.stream.drop(t)
		}
	}
	if s.side != nil {
		shut(s.side)
		if s.cfg.DropSlotOnStop && s.made {
			err = s.dropOnStop(ctx)
		}
	}
	s.state("stopped")
	return err
}

// within bounds ctx by the source's life.
func (s *Source) within(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	forget := s.atEnd(cancel)
	return ctx, func() {
		forget()
		cancel()
	}
}
