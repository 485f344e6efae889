package postgres

import (
	"log/slog"
	"time"

	"github.com/millrace/millrace/cdc"
	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgvalue"
)

// Config says what to capture and how. Names of Debezium's options stand beside the fields; zero values are its defaults
// where no other is given.
type Config struct {
	Conn ConnConfig

	Names       envelope.Names    // topic.prefix, schema.name.adjustment.mode, field.name.adjustment.mode
	Values      pgvalue.Options   // decimal.handling.mode and the like
	Filter      cdc.Filter        // schema, table, column include and exclude lists
	KeepOps     map[byte]bool     // operations that are emitted, of c u d t; nil: all but t (skipped.operations)
	NoTombstone bool              // tombstones.on.delete=false
	Headers     map[string]string // headers of every data record (extended.headers.enabled)

	Slot              string // slot.name; "": debezium
	DropSlotOnStop    bool   // slot.drop.on.stop
	SlotFailover      bool   // slot.failover, PostgreSQL 17
	SlotRetries       int    // slot.max.retries; 0: 6
	SlotRetryDelay    time.Duration
	Publication       string // publication.name; "": dbz_publication
	AutoCreate        string // publication.autocreate.mode: all_tables, filtered, disabled, no_tables; "": all_tables
	Partitions        bool   // publish.via.partition.root
	Snapshot          SnapshotMode
	SnapshotThreads   int           // snapshot.max.threads; 0: 2
	StatusInterval    time.Duration // status.update.interval.ms; 0: 10 s
	HeartbeatInterval time.Duration // heartbeat.interval.ms; 0: none
	HeartbeatTopic    string        // topic.heartbeat.prefix; "": __debezium-heartbeat
	HeartbeatQuery    string        // heartbeat.action.query
	Messages          cdc.Patterns  // message.prefix.include.list and exclude.list
	// FailValues makes a value that its schema has no place for (NaN as a Decimal) an error instead of a null with a
	// warning (event.converting.failure.handling.mode=fail). A column that may not be null always fails.
	FailValues bool

	Log      *slog.Logger // nil: slog.Default
	Progress Progress
}

// ConnConfig is how to reach the server.
type ConnConfig struct {
	Host, User, Password, Database string
	Port                           uint16 // 0: 5432
	SSLMode                        string // database.sslmode, libpq's words; "": prefer
	SSLRootCert, SSLCert, SSLKey   string // files, PEM
	SSLPassword                    string
	ConnectTimeout                 time.Duration // 0: 10 s
	KeepAlive                      time.Duration // 0: 15 s; negative: off
	Statements                     string        // database.initial.statements: SQL that each session begins with; ;; stands for ; in a statement
}

// SnapshotMode is when the tables' present rows are read (snapshot.mode).
type SnapshotMode string

// The modes, in Debezium's words.
const (
	Initial     SnapshotMode = "initial"
	InitialOnly SnapshotMode = "initial_only"
	NoData      SnapshotMode = "no_data"
	Always      SnapshotMode = "always"
	WhenNeeded  SnapshotMode = "when_needed"
)

// Progress is told how far the source is. Any function may be nil; they are called from the source's goroutines and must
// not block.
type Progress struct {
	// Snapshot: rows read of the estimated total, chunks done of all, over all tables.
	Snapshot func(rows, estimated int64, chunks, allChunks int)
	// Lag: bytes of log between the server's end and what was read, and the age of the last commit read while there are any.
	Lag func(bytes int64, age time.Duration)
	// SlotState: "creating", "snapshot", "streaming", "stopped".
	SlotState func(state string)
}

func (c Config) withDefaults() Config {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&c.Slot, "debezium")
	def(&c.Publication, "dbz_publication")
	def(&c.AutoCreate, "all_tables")
	def(&c.HeartbeatTopic, "__debezium-heartbeat")
	def(&c.Conn.SSLMode, "prefer")
	if c.Snapshot == "" {
		c.Snapshot = Initial
	}
	if c.SlotRetries == 0 {
		c.SlotRetries = 6
	}
	if c.SlotRetryDelay == 0 {
		c.SlotRetryDelay = 10 * time.Second
	}
	if c.SnapshotThreads == 0 {
		c.SnapshotThreads = 2
	}
	if c.StatusInterval == 0 {
		c.StatusInterval = 10 * time.Second
	}
	if c.Conn.Port == 0 {
		c.Conn.Port = 5432
	}
	if c.Conn.ConnectTimeout == 0 {
		c.Conn.ConnectTimeout = 10 * time.Second
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.KeepOps == nil {
		c.KeepOps = map[byte]bool{'c': true, 'u': true, 'd': true}
	}
	return c
}
