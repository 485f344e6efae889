package postgres

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/connect/record"
)

// status sends a standby status update: read so far, and what is durable downstream as flushed and applied. The slot
// follows the latter. ask wants an answer. Any goroutine may call it.
func (st *stream) status(ask bool) error {
	var m [34]byte
	confirmed := st.confirmed.Load()
	m[0] = 'r'
	binary.BigEndian.PutUint64(m[1:], max(st.received.Load(), confirmed))
	binary.BigEndian.PutUint64(m[9:], confirmed)
	binary.BigEndian.PutUint64(m[17:], confirmed)
	binary.BigEndian.PutUint64(m[25:], uint64(time.Now().UnixMicro()-postgresEpoch))
	if ask {
		m[33] = 1
	}
	return wrap(st.wire.send('d', m[:]), "sending the standby status")
}

// confirmEvery is how soon after another a confirmed position is told to the server.
const confirmEvery = 500 * time.Millisecond

// lagEvery is how often Progress.Lag is called.
const lagEvery = 2 * time.Second

// pulse keeps the connection alive and the slot informed until ctx ends, whether or not anyone reads, and does what
// needs a connection beside the stream's: the heartbeat's query and the measure of lag.
func (st *stream) pulse(ctx context.Context) {
	var conn *pgconn.PgConn
	defer func() { shut(conn) }()
	run := func(sql string) (string, error) {
		if conn == nil || conn.IsClosed() {
			var err error
			if conn, err = st.cfg.Conn.connect(ctx, false); err != nil {
				return "", err
			}
		}
		return value(ctx, conn, sql)
	}
	status, confirm := time.NewTicker(st.cfg.StatusInterval), time.NewTicker(confirmEvery)
	defer status.Stop()
	defer confirm.Stop()
	var lag, beat <-chan time.Time
	if st.cfg.Progress.Lag != nil {
		t := time.NewTicker(lagEvery)
		defer t.Stop()
		lag = t.C
	}
	if st.cfg.HeartbeatInterval > 0 && st.cfg.HeartbeatQuery != "" {
		t := time.NewTicker(st.cfg.HeartbeatInterval)
		defer t.Stop()
		beat = t.C
	}
	var last uint64
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-confirm.C:
			if v := st.confirmed.Load(); v != last {
				last, err = v, st.status(false)
			}
		case now := <-status.C:
			err = st.status(now.Sub(time.Unix(0, st.heard.Load())) > 3*st.cfg.StatusInterval)
		case <-lag:
			if end, qerr := run("select (case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_flush_lsn() end - '0/0')::bigint"); qerr == nil {
				st.lag(uint64(number([]byte(end))))
			}
		case <-beat:
			if _, qerr := run(st.cfg.HeartbeatQuery); qerr != nil && ctx.Err() == nil {
				st.cfg.Log.Warn("running heartbeat.action.query", "error", qerr)
			}
		}
		if err != nil { // the reader then says so
			_ = st.wire.conn.Close()
			return
		}
	}
}

func (st *stream) lag(end uint64) {
	var bytes int64
	if at := st.received.Load(); end > at {
		bytes = int64(end - at)
	}
	var age time.Duration
	if at := st.commitAt.Load(); at != 0 && bytes > 0 {
		age = max(0, time.Since(time.UnixMicro(at)))
	}
	st.cfg.Progress.Lag(bytes, age)
}

// heartbeat adds a heartbeat record when one is due.
func (st *stream) heartbeat(b *record.Batch) {
	if st.cfg.HeartbeatInterval <= 0 || st.now.Before(st.beat) {
		return
	}
	st.beat = st.now.Add(st.cfg.HeartbeatInterval)
	st.heart.Write(b, record.ID{}, st.now.UnixMilli())
}
