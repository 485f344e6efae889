package postgres

import (
	"encoding/hex"
	"strings"

	"github.com/millrace/millrace/connect/config"
)

func snapshotOptions() config.Spec {
	return config.Spec{
		{
			Name: "snapshot.mode", Key: "snapshot_mode", Type: config.String, Default: "initial", Group: groupSnapshot,
			Enum: []string{"initial", "initial_only", "no_data", "always", "when_needed", "configuration_based", "custom"}, Synonyms: map[string]string{"never": "no_data"},
			Doc:         "When the tables' rows are read: initial where no offset is stored, before streaming; initial_only likewise, without streaming; no_data never; always at each start; when_needed where no offset is stored or the slot has lost it. never is the older name of no_data.",
			Unsupported: "configuration_based and custom are not done: choose one of the other modes", Allowed: []string{"initial", "initial_only", "no_data", "always", "when_needed"},
		},
		{Name: "snapshot.max.threads", Key: "snapshot_max_threads", Type: config.Int, Group: groupSnapshot, Doc: "How many connections read at once, tables in chunks, all of one consistent point. Records keep the order of one reader. Not set: 2; Debezium's default is 1.", Check: between(1, 64)},
		{Name: "snapshot.max.threads.multiplier", Type: config.Int, Default: "1", Group: groupSnapshot, NoEffect: "chunks are of a size in bytes, whatever the number of connections"},
		{Name: "legacy.snapshot.max.threads", Aliases: []string{"internal.legacy.snapshot.max.threads"}, Type: config.Bool, Default: "false", Group: groupSnapshot, Importance: "LOW", NoEffect: "tables are always read in chunks, and a table's rows come together"},
		{Name: "snapshot.include.collection.list", Type: config.List, Group: groupSnapshot, Unsupported: "a snapshot reads all captured tables", Allowed: []string{""}},
		{Name: "snapshot.select.statement.overrides", Type: config.String, Group: groupSnapshot, Unsupported: "a snapshot reads whole tables", Allowed: []string{""}},
		{Name: "snapshot.select.statement.overrides.*", Type: config.String, Group: groupSnapshot, Unsupported: "a snapshot reads whole tables"},
		{Name: "snapshot.isolation.mode", Type: config.String, Default: "serializable", Enum: []string{"serializable", "repeatable_read", "read_committed", "read_uncommitted"}, Group: groupSnapshot, Importance: "LOW", Doc: "All readers share one exported snapshot: for reading, serializable and repeatable_read are the same.", Unsupported: "read_committed and read_uncommitted would read each table of another time", Allowed: []string{"serializable", "repeatable_read"}},
		{Name: "snapshot.locking.mode", Type: config.String, Default: "none", Enum: []string{"none", "shared", "custom"}, Group: groupSnapshot, Importance: "LOW", Unsupported: noLocks + ": the slot's exported snapshot is consistent without", Allowed: []string{"none"}},
		{Name: "snapshot.lock.timeout.ms", Type: config.Long, Default: "10000", Group: groupSnapshot, NoEffect: noLocks},
		{Name: "snapshot.query.mode", Type: config.String, Default: "select_all", Enum: []string{"select_all", "custom"}, Group: groupSnapshot, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"select_all"}},
		{Name: "snapshot.fetch.size", Type: config.Int, Group: groupSnapshot, NoEffect: noCursor},
		{Name: "snapshot.tables.order.by.row.count", Type: config.String, Default: "disabled", Enum: []string{"disabled", "ascending", "descending"}, Group: groupSnapshot, Unsupported: "tables are read in the order of their names", Allowed: []string{"disabled"}},
		{Name: "snapshot.delay.ms", Type: config.Long, Default: "0", Group: groupSnapshot, Importance: "LOW", Unsupported: "a snapshot begins at once", Allowed: []string{"0", ""}},
		{Name: "streaming.delay.ms", Type: config.Long, Default: "0", Group: groupSnapshot, Importance: "LOW", Unsupported: "streaming begins at once", Allowed: []string{"0", ""}},
		{Name: "snapshot.mode.custom.name", Type: config.String, Group: groupSnapshot, Unsupported: noClasses, Allowed: []string{""}},
		{Name: "snapshot.locking.mode.custom.name", Type: config.String, Group: groupSnapshot, Unsupported: noClasses, Allowed: []string{""}},
		{Name: "snapshot.query.mode.custom.name", Type: config.String, Group: groupSnapshot, Unsupported: noClasses, Allowed: []string{""}},
		{Name: "snapshot.mode.configuration.based.*", Type: config.Bool, Group: groupSnapshot, Unsupported: "snapshot.mode=configuration_based is not done", Allowed: []string{"false", ""}},
	}
}

func eventOptions() config.Spec {
	return config.Spec{
		{Name: "tombstones.on.delete", Key: "tombstones_on_delete", Type: config.Bool, Default: "true", Group: groupEvents, Doc: "Whether a delete is followed by a record without a value, for compaction."},
		{Name: "skipped.operations", Key: "skipped_operations", Type: config.List, Default: "t", Enum: []string{"c", "u", "d", "t", "none"}, Group: groupEvents, Importance: "LOW", Doc: "Operations of the stream that are left out: c create, u update, d delete, t truncate, or none."},
		{Name: "skip.messages.without.change", Type: config.Bool, Default: "false", Group: groupEvents, Unsupported: "updates are not compared yet", Allowed: []string{"false", ""}},
		{Name: "extended.headers.enabled", Key: "extended_headers_enabled", Type: config.Bool, Default: "true", Group: groupEvents, Importance: "LOW", Doc: "Whether records carry the headers __debezium.context.connectorName, .connectorLogicalName, .taskId and .runId."},
		{Name: "heartbeat.interval.ms", Key: "heartbeat_interval_ms", Type: config.Int, Default: "0", Group: groupEvents, Doc: "How often a heartbeat record is written; 0: none. The slot follows the log without it, too.", Check: between(0, 1<<31-1)},
		{Name: "heartbeat.action.query", Key: "heartbeat_action_query", Type: config.String, Group: groupEvents, Importance: "LOW", Doc: "SQL that is run with every heartbeat."},
		{Name: "provide.transaction.metadata", Type: config.Bool, Default: "false", Group: groupEvents, Importance: "LOW", Unsupported: "transaction metadata are not done yet", Allowed: []string{"false", ""}},
		{Name: "transaction.metadata.factory", Type: config.Class, Group: groupEvents, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"", "io.debezium.pipeline.txmetadata.DefaultTransactionMetadataFactory"}},
		{Name: "sourceinfo.struct.maker", Type: config.Class, Group: groupEvents, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"", "io.debezium.connector.postgresql.PostgresSourceInfoStructMaker"}},
		{Name: "schema.name.adjustment.mode", Key: "schema_name_adjustment_mode", Type: config.String, Default: "none", Enum: []string{"none", "avro", "avro_unicode"}, Group: groupEvents, Importance: "LOW", Doc: "How schema names are made fit for Avro: avro puts underscores, avro_unicode _uXXXX."},
		{Name: "field.name.adjustment.mode", Key: "field_name_adjustment_mode", Type: config.String, Default: "none", Enum: []string{"none", "avro", "avro_unicode"}, Group: groupEvents, Importance: "LOW", Doc: "How field names are made fit for Avro."},
		{Name: "schema.refresh.mode", Type: config.String, Default: "columns_diff", Enum: []string{"columns_diff", "columns_diff_exclude_unchanged_toast"}, Group: groupEvents, NoEffect: "the stream itself tells of every change of a table"},
		{Name: "include.schema.changes", Type: config.Bool, Default: "true", Group: groupEvents, Importance: "LOW", NoEffect: "PostgreSQL's log has no DDL"},
		{Name: "include.schema.comments", Type: config.Bool, Default: "false", Group: groupEvents, Unsupported: "comments of tables and columns are not read", Allowed: []string{"false", ""}},
		{Name: "event.processing.failure.handling.mode", Type: config.String, Default: "fail", Enum: []string{"fail", "warn", "skip", "ignore"}, Group: groupEvents, Doc: "What a change that cannot be decoded does: it stops the task.", Unsupported: "errors.tolerance=all leaves such changes out and counts them", Allowed: []string{"fail"}},
		{Name: "event.converting.failure.handling.mode", Key: "event_converting_failure_handling_mode", Type: config.String, Default: "warn", Enum: []string{"warn", "fail", "skip"}, Group: groupEvents, Doc: "What becomes of a value that its schema has no place for, such as NaN as a Decimal: warn makes it null where the column may be null and logs it, fail stops the task or follows errors.tolerance.", Unsupported: "skip drops values in silence", Allowed: []string{"warn", "fail"}},
		{Name: "converters", Type: config.String, Group: groupEvents, Importance: "LOW", Unsupported: noClasses, Allowed: []string{""}},
		{Name: "post.processors", Type: config.String, Group: groupEvents, Importance: "LOW", Unsupported: noClasses, Allowed: []string{""}},
	}
}

func valueOptions() config.Spec {
	return config.Spec{
		{Name: "decimal.handling.mode", Key: "decimal_handling_mode", Type: config.String, Default: "precise", Enum: []string{"precise", "double", "string"}, Group: groupValues, Doc: "How numeric and money are represented: precise as Connect's Decimal, double, which may lose digits, or string."},
		{Name: "time.precision.mode", Key: "time_precision_mode", Type: config.String, Default: "adaptive", Enum: []string{"adaptive", "adaptive_time_microseconds", "connect", "isostring", "microseconds", "nanoseconds"}, Group: groupValues, Doc: "How dates, times and timestamps are represented: adaptive by the column's precision, connect in Connect's types of milliseconds, isostring as text, the others in their unit."},
		{Name: "binary.handling.mode", Key: "binary_handling_mode", Type: config.String, Default: "bytes", Enum: []string{"bytes", "base64", "base64-url-safe", "hex"}, Group: groupValues, Importance: "LOW", Doc: "How bytea is represented."},
		{Name: "interval.handling.mode", Key: "interval_handling_mode", Type: config.String, Default: "numeric", Enum: []string{"numeric", "string"}, Group: groupValues, Importance: "LOW", Doc: "How intervals are represented: numeric in microseconds, a month counting 30.4375 days, or string in ISO 8601."},
		{Name: "hstore.handling.mode", Key: "hstore_handling_mode", Type: config.String, Default: "json", Enum: []string{"json", "map"}, Group: groupValues, Importance: "LOW", Doc: "How hstore is represented: as JSON text or as a map."},
		{Name: "money.fraction.digits", Key: "money_fraction_digits", Type: config.Int, Default: "2", Group: groupValues, Doc: "The fraction digits of money under decimal.handling.mode=precise.", Check: between(0, 1000)},
		{Name: "include.unknown.datatypes", Key: "include_unknown_datatypes", Type: config.Bool, Default: "false", Group: groupValues, Doc: "Whether columns of types that have no representation of their own are captured, as bytes of their text form."},
		{Name: "unavailable.value.placeholder", Key: "unavailable_value_placeholder", Type: config.String, Default: "__debezium_unavailable_value", Group: groupValues, Doc: "What stands for an out-of-line value that an update left alone. After hex: come bytes in hexadecimal.", Check: placeholder},
		{Name: "column.propagate.source.type", Type: config.List, Group: groupValues, Unsupported: noSourceType, Allowed: []string{""}},
		{Name: "datatype.propagate.source.type", Type: config.List, Group: groupValues, Unsupported: noSourceType, Allowed: []string{""}},
		{Name: "column.truncate.to.*.chars", Type: config.List, Group: groupValues, Unsupported: noRewriting},
		{Name: "column.mask.with.*.chars", Type: config.List, Group: groupValues, Unsupported: noRewriting},
		{Name: "column.mask.hash.*", Type: config.List, Group: groupValues, Unsupported: noRewriting},
	}
}

func topicOptions() config.Spec {
	return config.Spec{
		{Name: "topic.prefix", Key: "topic_prefix", Type: config.String, Required: true, Group: groupTopics, Importance: "HIGH", Doc: "What topic and schema names begin with; it names the database to consumers and in stored offsets, so it must be unique and stay.", Check: topicPart},
		{Name: "topic.delimiter", Key: "topic_delimiter", Type: config.String, Default: ".", Group: groupTopics, Doc: "What stands between the parts of a topic.", Check: topicPart},
		{Name: "topic.template", Type: config.String, Group: groupTopics, Doc: "The topics of tables, made of ${topic_prefix}, ${schema} and ${table}, where PREFIX.schema.table is not wanted. An option of Millrace's own; in pipeline files the key topic.", Check: topicTemplate},
		{Name: "topic.naming.strategy", Type: config.Class, Default: "io.debezium.schema.SchemaTopicNamingStrategy", Group: groupTopics, Doc: "Topics are PREFIX.schema.table.", Unsupported: noClasses, Allowed: []string{"", "io.debezium.schema.SchemaTopicNamingStrategy"}},
		{Name: "topic.heartbeat.prefix", Aliases: []string{"heartbeat.topics.prefix"}, Key: "topic_heartbeat_prefix", Type: config.String, Default: "__debezium-heartbeat", Group: groupTopics, Doc: "Heartbeats go to this, a delimiter and topic.prefix.", Check: topicPart},
		{Name: "topic.heartbeat.name", Type: config.String, Group: groupTopics, Unsupported: "the heartbeats' topic is made of topic.heartbeat.prefix and topic.prefix", Allowed: []string{""}},
		{Name: "topic.transaction", Type: config.String, Default: "transaction", Group: groupTopics, NoEffect: "transaction metadata are not done yet"},
		{Name: "topic.cache.size", Type: config.Int, Default: "10000", Group: groupTopics, NoEffect: "a table's topic is worked out once"},
	}
}

func runningOptions() config.Spec {
	return config.Spec{
		{Name: "errors.max.retries", Key: "errors_max_retries", Type: config.Int, Default: "-1", Group: groupRunning, Importance: "LOW", Doc: "How often a task is started again without getting on before it fails; -1: without limit, 0: never.", Check: between(-1, 1<<31-1)},
		{Name: "retriable.restart.connector.wait.ms", Type: config.Long, Default: "10000", Group: groupRunning, Importance: "LOW", NoEffect: "the waits begin short and double up to errors.retry.delay.max.ms"},
		{Name: "max.batch.size", Type: config.Int, Default: "2048", Group: groupRunning, NoEffect: noOwnQueue},
		{Name: "max.queue.size", Type: config.Int, Default: "8192", Group: groupRunning, NoEffect: noOwnQueue},
		{Name: "max.queue.size.in.bytes", Type: config.Long, Default: "0", Group: groupRunning, NoEffect: noOwnQueue},
		{Name: "queue.provider.type", Type: config.String, Default: "memory", Group: groupRunning, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"memory", ""}},
		{Name: "poll.interval.ms", Type: config.Long, Default: "500", Group: groupRunning, NoEffect: "changes are passed on as they come"},
		{Name: "query.fetch.size", Type: config.Int, Default: "0", Group: groupRunning, NoEffect: noCursor},
		{Name: "executor.shutdown.timeout.ms", Type: config.Long, Default: "4000", Group: groupRunning, NoEffect: "the worker's task.shutdown.graceful.timeout.ms bounds stopping"},
		{Name: "memory.management.schemas.class", Type: config.Class, Group: groupRunning, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"", "io.debezium.relational.ConcurrentMapTableMappingStorage"}},
		{Name: "memory.management.tables.class", Type: config.Class, Group: groupRunning, Importance: "LOW", Unsupported: noClasses, Allowed: []string{"", "io.debezium.relational.ConcurrentMapTableMappingStorage"}},
		{Name: "internal.*", Type: config.String, Group: groupRunning, Importance: "LOW", Unsupported: "they belong to Debezium's own implementation"},
	}
}

func signalOptions() config.Spec {
	return config.Spec{
		{Name: "signal.data.collection", Type: config.List, Group: groupSignals, Unsupported: noSignals, Allowed: []string{""}},
		{Name: "signal.enabled.channels", Type: config.List, Default: "source", Group: groupSignals, Unsupported: noSignals, Allowed: []string{"source", ""}},
		{Name: "signal.poll.interval.ms", Type: config.Long, Default: "5000", Group: groupSignals, NoEffect: noSignals},
		{Name: "signal.file", Type: config.String, Group: groupSignals, Unsupported: noSignals, Allowed: []string{""}},
		{Name: "signal.kafka.*", Type: config.String, Group: groupSignals, Unsupported: noSignals},
		{Name: "signal.consumer.*", Type: config.String, Group: groupSignals, Unsupported: noSignals},
		{Name: "incremental.snapshot.chunk.size", Type: config.Int, Default: "1024", Group: groupSignals, NoEffect: noSignals},
		{Name: "incremental.snapshot.watermarking.strategy", Type: config.String, Default: "insert_insert", Enum: []string{"insert_insert", "insert_delete"}, Group: groupSignals, Importance: "LOW", NoEffect: noSignals},
		{Name: "incremental.snapshot.allow.schema.changes", Type: config.Bool, Default: "false", Group: groupSignals, NoEffect: noSignals},
		{Name: "read.only", Type: config.Bool, Default: "false", Group: groupSignals, NoEffect: "Millrace writes nothing to the captured tables"},
		{Name: "notification.enabled.channels", Type: config.List, Group: groupSignals, Unsupported: noNotify, Allowed: []string{""}},
		{Name: "notification.sink.topic.name", Type: config.String, Group: groupSignals, Importance: "HIGH", NoEffect: noNotify},
	}
}

func metricOptions() config.Spec {
	return config.Spec{
		{Name: "custom.metric.tags", Type: config.List, Group: groupMetrics, Importance: "LOW", NoEffect: "measures carry connector and task; a scraper adds labels"},
		{Name: "statistics.metrics.enabled", Type: config.Bool, Default: "true", Group: groupMetrics, NoEffect: "/metrics has every measure"},
		{Name: "custom.sanitize.pattern", Type: config.String, Group: groupMetrics, Importance: "LOW", NoEffect: "secrets are told by their type and name, and are never shown"},
		{Name: "openlineage.integration.enabled", Type: config.Bool, Default: "false", Group: groupMetrics, Importance: "LOW", Unsupported: noLineage, Allowed: []string{"false", ""}},
		{Name: "openlineage.integration.*", Type: config.String, Group: groupMetrics, Importance: "LOW", NoEffect: noLineage},
	}
}

// placeholder holds bytes behind hex: to their digits.
func placeholder(s string) string {
	if digits, ok := strings.CutPrefix(s, "hex:"); ok {
		if _, err := hex.DecodeString(digits); err != nil {
			return "must have pairs of hexadecimal digits behind hex:"
		}
	}
	return ""
}
