package postgres

import (
	"slices"
	"strconv"

	"github.com/millrace/millrace/connect/config"
)

// Groups of options, as forms and documentation show them.
const (
	groupConnection = "Connection"
	groupSlot       = "Slot and publication"
	groupCapture    = "Captured tables"
	groupSnapshot   = "Snapshot"
	groupEvents     = "Events"
	groupValues     = "Values"
	groupTopics     = "Topics"
	groupRunning    = "Running"
	groupSignals    = "Signals and notifications"
	groupMetrics    = "Metrics and lineage"
)

// Spec returns the options: those of every source connector, then those of Debezium 3.6's PostgreSQL connector, in the
// order of their groups.
func Spec() config.Spec {
	return slices.Concat(config.SourceOptions(), connectionOptions(), slotOptions(), captureOptions(), snapshotOptions(), eventOptions(), valueOptions(), topicOptions(), runningOptions(), signalOptions(), metricOptions())
}

// Reasons that several options share.
const (
	noClasses    = "Java classes cannot be loaded"
	noSignals    = "signals and incremental snapshots are not done yet"
	noNotify     = "notifications are not done yet; /metrics and the log tell of snapshots"
	noOwnQueue   = "batches are bounded by bytes, and the reader waits for the broker"
	noRewriting  = "values are not rewritten yet"
	noSourceType = "source types are not added to schemas yet"
	noCursor     = "the snapshot is copied in chunks that stream through a bounded buffer"
	noLocks      = "the snapshot takes no locks"
	noLineage    = "OpenLineage is not spoken"
)

func connectionOptions() config.Spec {
	return config.Spec{
		{Name: "database.hostname", Key: "hostname", Type: config.String, Required: true, Group: groupConnection, Importance: "HIGH", Doc: "The server's host name or address."},
		{Name: "database.port", Key: "port", Type: config.Int, Default: "5432", Group: groupConnection, Importance: "HIGH", Doc: "The server's port.", Check: between(1, 65535)},
		{Name: "database.user", Key: "user", Type: config.String, Required: true, Group: groupConnection, Importance: "HIGH", Doc: "The role to log in as. It needs REPLICATION and SELECT on the captured tables."},
		{Name: "database.password", Key: "password", Type: config.Password, Group: groupConnection, Importance: "HIGH", Doc: "The role's password."},
		{Name: "database.dbname", Key: "dbname", Type: config.String, Required: true, Group: groupConnection, Importance: "HIGH", Doc: "The database to capture."},
		{Name: "database.sslmode", Key: "sslmode", Type: config.String, Default: "prefer", Enum: []string{"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}, Synonyms: map[string]string{"disabled": "disable", "required": "require", "verify_ca": "verify-ca", "verify_full": "verify-full"}, Group: groupConnection, Doc: "Whether connections are encrypted and the server's certificate is verified, as in libpq."},
		{Name: "database.sslrootcert", Key: "sslrootcert", Type: config.String, Group: groupConnection, Doc: "A PEM file of the certificates to trust."},
		{Name: "database.sslcert", Key: "sslcert", Type: config.String, Group: groupConnection, Doc: "A PEM file of the client's certificate."},
		{Name: "database.sslkey", Key: "sslkey", Type: config.String, Group: groupConnection, Doc: "A PEM file of the client's private key."},
		{Name: "database.sslpassword", Key: "sslpassword", Type: config.Password, Group: groupConnection, Doc: "The password of an encrypted private key."},
		{Name: "database.sslfactory", Type: config.String, Group: groupConnection, Unsupported: noClasses + ": database.sslmode=require does not verify the server", Allowed: []string{""}},
		{Name: "database.tcpKeepAlive", Key: "tcp_keep_alive", Type: config.Bool, Default: "true", Group: groupConnection, Doc: "Whether the operating system probes idle connections."},
		{Name: "database.connection.timeout.ms", Key: "connection_timeout_ms", Type: config.Int, Group: groupConnection, Importance: "LOW", Doc: "How long connecting may take. Not set: 10 s.", Check: between(1, 1<<31-1)},
		{Name: "database.initial.statements", Key: "initial_statements", Type: config.String, Group: groupConnection, Importance: "LOW", Doc: "SQL that each session begins with, separated by semicolons; two semicolons stand for one inside a statement."},
		{Name: "database.query.timeout.ms", Type: config.Int, Default: "600000", Group: groupConnection, Importance: "LOW", NoEffect: "statement_timeout, of the role or by database.initial.statements, bounds queries on the server"},
		{Name: "connection.validation.timeout.ms", Key: "validation_timeout_ms", Type: config.Long, Default: "60000", Group: groupConnection, Importance: "LOW", Doc: "How long checking a configuration against the server may take; at most 20 s.", Check: between(1, 1<<31-1)},
		{Name: "database.connection.factory.class", Type: config.Class, Group: groupConnection, Importance: "LOW", Unsupported: noClasses, Allowed: []string{""}},
		{Name: "driver.*", Type: config.String, Group: groupConnection, Importance: "LOW", Unsupported: "properties of the JDBC driver have no counterpart: use the options database.*"},
	}
}

func slotOptions() config.Spec {
	return config.Spec{
		{Name: "plugin.name", Type: config.String, Default: "pgoutput", Enum: []string{"pgoutput", "decoderbufs"}, Group: groupSlot, Doc: "The server's output plug-in. Not set means pgoutput, which every server has, where Debezium takes decoderbufs.", Unsupported: "decoderbufs is an extension of the server: pgoutput is built in and gives the same changes", Allowed: []string{"pgoutput"}},
		{Name: "slot.name", Key: "slot_name", Type: config.String, Default: "debezium", Group: groupSlot, Doc: "The replication slot, created when it is missing. One connector has it to itself.", Check: slotName},
		{Name: "slot.drop.on.stop", Key: "slot_drop_on_stop", Type: config.Bool, Default: "false", Group: groupSlot, Doc: "Drop the slot when the connector stops: changes until the next start are lost. For tests."},
		{Name: "slot.failover", Key: "slot_failover", Type: config.Bool, Default: "false", Group: groupSlot, Doc: "Create the slot for synchronisation to standbys. PostgreSQL 17; older servers get an ordinary slot and a warning."},
		{Name: "slot.max.retries", Key: "slot_max_retries", Type: config.Int, Default: "6", Group: groupSlot, Importance: "LOW", Doc: "How often starting is tried again while another session holds the slot.", Check: between(0, 1<<31-1)},
		{Name: "slot.retry.delay.ms", Key: "slot_retry_delay_ms", Type: config.Long, Default: "10000", Group: groupSlot, Importance: "LOW", Doc: "The wait between these tries.", Check: between(0, 1<<31-1)},
		{Name: "slot.stream.params", Type: config.String, Group: groupSlot, Importance: "LOW", Unsupported: "the parameters of pgoutput are chosen by Millrace", Allowed: []string{""}},
		{Name: "publication.name", Key: "publication_name", Type: config.String, Default: "dbz_publication", Group: groupSlot, Doc: "The publication whose changes are streamed.", Check: identifier},
		{Name: "publication.autocreate.mode", Key: "publication_autocreate_mode", Type: config.String, Default: "all_tables", Enum: []string{"all_tables", "disabled", "filtered", "no_tables"}, Group: groupSlot, Doc: "What is done about a missing publication: all_tables makes one FOR ALL TABLES (which needs a superuser), filtered one of the captured tables and keeps it so, no_tables an empty one; disabled expects it to be there."},
		{Name: "publish.via.partition.root", Key: "publish_via_partition_root", Type: config.Bool, Default: "false", Group: groupSlot, Doc: "Whether a publication that is created publishes changes of partitions under the partitioned table."},
		{Name: "replica.identity.autoset.values", Type: config.String, Group: groupSlot, Unsupported: "replica identities are not altered: run ALTER TABLE … REPLICA IDENTITY", Allowed: []string{""}},
		{Name: "status.update.interval.ms", Key: "status_update_interval_ms", Type: config.Int, Default: "10000", Group: groupSlot, Doc: "How often the server is told, at the latest, which changes are durable downstream; it ends connections that stay silent for wal_sender_timeout.", Check: between(1, 1<<31-1)},
		{Name: "lsn.flush.mode", Type: config.String, Enum: []string{"connector", "connector_and_driver", "manual"}, Group: groupSlot, Importance: "LOW", Doc: "Who confirms positions to the slot. connector and connector_and_driver mean the same: changes once they are durable downstream, and the log that holds none for this slot.", Unsupported: "manual leaves the slot to others", Allowed: []string{"connector", "connector_and_driver"}},
		{Name: "flush.lsn.source", Type: config.Bool, Default: "true", Group: groupSlot, Importance: "LOW", Unsupported: "false leaves the slot to others", Allowed: []string{"true", ""}},
		{Name: "lsn.flush.timeout.ms", Type: config.Long, Default: "30000", Group: groupSlot, NoEffect: "confirming does not wait for an answer"},
		{Name: "lsn.flush.timeout.action", Type: config.String, Default: "fail", Enum: []string{"fail", "warn", "ignore"}, Group: groupSlot, NoEffect: "confirming does not wait for an answer"},
		{Name: "offset.mismatch.strategy", Type: config.String, Default: "no_validation", Enum: []string{"no_validation", "trust_offset", "trust_slot", "trust_greater_lsn"}, Group: groupSlot, Doc: "What a stored offset is worth that the slot has let go of: the task fails and says what is lost; snapshot.mode=when_needed reads the tables anew.", Unsupported: "trust_offset, trust_slot and trust_greater_lsn pass over lost changes", Allowed: []string{"no_validation"}},
		{Name: "xmin.fetch.interval.ms", Type: config.Long, Default: "0", Group: groupSlot, Unsupported: "source.xmin is always null", Allowed: []string{"0", ""}},
	}
}

func captureOptions() config.Spec {
	return config.Spec{
		{Name: "schema.include.list", Key: "schemas.include", Type: config.List, Group: groupCapture, Importance: "HIGH", Doc: "Regular expressions, anchored, of schemas to capture.", Check: patternList},
		{Name: "schema.exclude.list", Key: "schemas.exclude", Type: config.List, Group: groupCapture, Doc: "Regular expressions of schemas to leave out; not with the include list.", Check: patternList},
		{Name: "table.include.list", Key: "tables.include", Type: config.List, Group: groupCapture, Importance: "HIGH", Doc: "Regular expressions, anchored, of tables to capture, as schema.table.", Check: patternList},
		{Name: "table.exclude.list", Key: "tables.exclude", Type: config.List, Group: groupCapture, Doc: "Regular expressions of tables to leave out; not with the include list.", Check: patternList},
		{Name: "column.include.list", Key: "columns.include", Type: config.List, Group: groupCapture, Doc: "Regular expressions, anchored, of columns to capture, as schema.table.column.", Check: patternList},
		{Name: "column.exclude.list", Key: "columns.exclude", Type: config.List, Group: groupCapture, Doc: "Regular expressions of columns to leave out; not with the include list.", Check: patternList},
		{Name: "message.prefix.include.list", Key: "message_prefixes.include", Type: config.List, Group: groupCapture, Doc: "Regular expressions of the prefixes of logical decoding messages to capture.", Check: patternList},
		{Name: "message.prefix.exclude.list", Key: "message_prefixes.exclude", Type: config.List, Group: groupCapture, Doc: "Regular expressions of the prefixes to leave out; not with the include list.", Check: patternList},
		{Name: "table.ignore.builtin", Type: config.Bool, Default: "true", Group: groupCapture, Importance: "LOW", Unsupported: "system tables are not in the log that is decoded", Allowed: []string{"true", ""}},
		{Name: "message.key.columns", Type: config.String, Group: groupCapture, Unsupported: "keys are the primary key, or a unique index over columns that may not be null; own keys are not done yet", Allowed: []string{""}},
		{Name: "guardrail.collections.max", Type: config.Int, Default: "0", Group: groupCapture, Unsupported: "the number of tables is not limited", Allowed: []string{"0", ""}},
		{Name: "guardrail.collections.limit.action", Type: config.String, Default: "warn", Enum: []string{"warn", "fail"}, Group: groupCapture, NoEffect: "the number of tables is not limited"},
	}
}

// slotName holds a name to what PostgreSQL allows slots.
func slotName(s string) string {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' {
			return "may hold lower case letters, digits and underscores only"
		}
	}
	return identifier(s)
}

// identifier holds a name to PostgreSQL's length, beyond which the server would cut it.
func identifier(s string) string {
	if len(s) > 63 {
		return "is longer than 63 bytes, PostgreSQL's limit"
	}
	return ""
}

// between holds a number to bounds, both included.
func between(lo, hi int64) func(string) string {
	return func(s string) string {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil && (n < lo || n > hi) {
			if hi == 1<<31-1 {
				return "value must be at least " + strconv.FormatInt(lo, 10)
			}
			return "value must be between " + strconv.FormatInt(lo, 10) + " and " + strconv.FormatInt(hi, 10)
		}
		return ""
	}
}
