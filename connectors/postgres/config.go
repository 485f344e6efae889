package postgres

import (
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/cdc"
	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect/config"
)

// sourceConfig reads values that the Spec has checked. The faults are those between options.
func sourceConfig(v config.Values) (postgres.Config, []config.Fault) {
	var faults []config.Fault
	patterns := func(include, exclude string) cdc.Patterns {
		p, err := cdc.ParsePatterns(v.Get(include), v.Get(exclude))
		if err != nil {
			faults = append(faults, config.Fault{Option: exclude, Kind: config.Invalid, Value: v.Get(exclude), Msg: err.Error()})
		}
		return p
	}
	if v.Has("database.sslcert") != v.Has("database.sslkey") {
		faults = append(faults, config.Fault{Option: "database.sslkey", Kind: config.Invalid, Value: v.Get("database.sslkey"), Msg: "database.sslcert and database.sslkey belong together"})
	}
	skipped := v.List("skipped.operations")
	if len(skipped) > 1 && slices.Contains(skipped, "none") {
		faults = append(faults, config.Fault{Option: "skipped.operations", Kind: config.Invalid, Value: v.Get("skipped.operations"), Msg: "none stands alone"})
	}
	digits := v.Int("money.fraction.digits")
	c := postgres.Config{
		Conn: connConfig(v),
		Names: envelope.Names{
			Prefix: v.Get("topic.prefix"), Schema: v.Get("schema.name.adjustment.mode"), Field: v.Get("field.name.adjustment.mode"),
			Delimiter: v.Get("topic.delimiter"), Template: v.Get("topic.template"),
		},
		Values: pgvalue.Options{
			Decimal: v.Get("decimal.handling.mode"), Time: v.Get("time.precision.mode"), Binary: v.Get("binary.handling.mode"), Interval: v.Get("interval.handling.mode"),
			HStore: v.Get("hstore.handling.mode"), MoneyDigits: &digits, IncludeUnknown: v.Bool("include.unknown.datatypes"), Placeholder: v.Get("unavailable.value.placeholder"),
		},
		Filter: cdc.Filter{
			Schemas: patterns("schema.include.list", "schema.exclude.list"),
			Tables:  patterns("table.include.list", "table.exclude.list"),
			Columns: patterns("column.include.list", "column.exclude.list"),
		},
		Messages:          patterns("message.prefix.include.list", "message.prefix.exclude.list"),
		KeepOps:           keptOps(skipped),
		NoTombstone:       !v.Bool("tombstones.on.delete"),
		Slot:              v.Get("slot.name"),
		DropSlotOnStop:    v.Bool("slot.drop.on.stop"),
		SlotFailover:      v.Bool("slot.failover"),
		SlotRetries:       noneBelowZero(v.Int("slot.max.retries")),
		SlotRetryDelay:    max(v.Duration("slot.retry.delay.ms"), time.Millisecond),
		Publication:       v.Get("publication.name"),
		AutoCreate:        v.Get("publication.autocreate.mode"),
		Partitions:        v.Bool("publish.via.partition.root"),
		Snapshot:          postgres.SnapshotMode(v.Get("snapshot.mode")),
		SnapshotThreads:   v.Int("snapshot.max.threads"),
		StatusInterval:    v.Duration("status.update.interval.ms"),
		HeartbeatInterval: v.Duration("heartbeat.interval.ms"),
		HeartbeatTopic:    v.Get("topic.heartbeat.prefix"),
		HeartbeatQuery:    v.Get("heartbeat.action.query"),
		FailValues:        v.Get("event.converting.failure.handling.mode") == "fail",
	}
	return c, faults
}

func connConfig(v config.Values) postgres.ConnConfig {
	c := postgres.ConnConfig{
		Host: v.Get("database.hostname"), Port: uint16(v.Int("database.port")), User: v.Get("database.user"), Password: v.Get("database.password"), Database: v.Get("database.dbname"),
		SSLMode: v.Get("database.sslmode"), SSLRootCert: v.Get("database.sslrootcert"), SSLCert: v.Get("database.sslcert"), SSLKey: v.Get("database.sslkey"),
		SSLPassword: v.Get("database.sslpassword"), ConnectTimeout: v.Duration("database.connection.timeout.ms"), Statements: v.Get("database.initial.statements"),
	}
	if !v.Bool("database.tcpKeepAlive") {
		c.KeepAlive = -1
	}
	return c
}

// keptOps returns the operations that are not skipped.
func keptOps(skipped []string) map[byte]bool {
	kept := map[byte]bool{}
	for _, op := range []byte("cudt") {
		kept[op] = !slices.Contains(skipped, string(op))
	}
	return kept
}

// noneBelowZero turns 0 into a negative number, which Config takes for none instead of for its default.
func noneBelowZero(n int) int {
	if n == 0 {
		return -1
	}
	return n
}

// patternList holds a list of regular expressions to their syntax.
func patternList(s string) string {
	if _, err := cdc.ParsePatterns(s, ""); err != nil {
		return err.Error()
	}
	return ""
}

// topicPart holds a part of topic names to what Kafka allows.
func topicPart(s string) string {
	if envelope.TopicName(s) != s {
		return "may hold letters, digits, dots, dashes and underscores only"
	}
	return ""
}

// topicTemplate holds topic.template to its variables.
func topicTemplate(s string) string {
	rest := s
	for _, w := range []string{"${topic_prefix}", "${schema}", "${table}"} {
		rest = strings.ReplaceAll(rest, w, "")
	}
	switch {
	case strings.Contains(rest, "${"):
		return "has a variable that there is not: there are ${topic_prefix}, ${schema} and ${table}"
	case envelope.TopicName(rest) != rest:
		return "may hold letters, digits, dots, dashes and underscores beside its variables"
	}
	return ""
}
