package postgres

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
)

func parse(t *testing.T, options map[string]string) config.Values {
	t.Helper()
	v, faults := Spec().Parse(options)
	if len(faults) > 0 {
		t.Fatal(config.FaultsError(faults))
	}
	return v
}

// TestDefaultsOfTheSource holds what an unset option means to Debezium's defaults.
func TestDefaultsOfTheSource(t *testing.T) {
	c, faults := sourceConfig(parse(t, given()))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if c.Conn.Port != 5432 || c.Conn.SSLMode != "prefer" || c.Conn.KeepAlive != 0 || c.Conn.Password != "secret" {
		t.Errorf("connection %+v", c.Conn)
	}
	if c.Slot != "debezium" || c.Publication != "dbz_publication" || c.AutoCreate != "all_tables" || c.DropSlotOnStop || c.SlotRetries != 6 || c.SlotRetryDelay != 10*time.Second || c.StatusInterval != 10*time.Second {
		t.Errorf("slot and publication %+v", c)
	}
	if c.Snapshot != postgres.Initial || c.SnapshotThreads != 0 || c.NoTombstone || c.FailValues || c.HeartbeatInterval != 0 || c.HeartbeatTopic != "__debezium-heartbeat" {
		t.Errorf("events %+v", c)
	}
	if !c.KeepOps['c'] || !c.KeepOps['u'] || !c.KeepOps['d'] || c.KeepOps['t'] {
		t.Errorf("kept operations %v", c.KeepOps)
	}
	if c.Values.Decimal != "precise" || c.Values.Time != "adaptive" || c.Values.Binary != "bytes" || c.Values.Interval != "numeric" || c.Values.HStore != "json" || *c.Values.MoneyDigits != 2 || c.Values.IncludeUnknown {
		t.Errorf("values %+v", c.Values)
	}
	if got := c.Names.Topic("public", "a b"); got != "p.public.a_b" {
		t.Errorf("topic %s", got)
	}
}

func TestOptionsReachTheSource(t *testing.T) {
	c, faults := sourceConfig(parse(t, given("snapshot.mode", "never", "slot.max.retries", "0", "slot.retry.delay.ms", "0", "database.tcpKeepAlive", "false", "tombstones.on.delete", "false",
		"skipped.operations", "c,t", "money.fraction.digits", "0", "topic.delimiter", "_", "heartbeat.topics.prefix", "hb", "heartbeat.interval.ms", "1500", "database.connection.timeout.ms", "700",
		"table.include.list", "public.a,public.b{1,2}", "message.prefix.exclude.list", "x", "event.converting.failure.handling.mode", "fail", "database.initial.statements", "set a.b = 1")))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	if c.Snapshot != postgres.NoData || c.SlotRetries >= 0 || c.SlotRetryDelay > time.Millisecond || c.Conn.KeepAlive >= 0 || !c.NoTombstone || !c.FailValues || c.Conn.ConnectTimeout != 700*time.Millisecond || c.Conn.Statements == "" {
		t.Errorf("%+v", c)
	}
	if c.KeepOps['c'] || !c.KeepOps['u'] || !c.KeepOps['d'] || c.KeepOps['t'] || *c.Values.MoneyDigits != 0 || c.HeartbeatTopic != "hb" || c.HeartbeatInterval != 1500*time.Millisecond {
		t.Errorf("%+v", c)
	}
	if got := c.Names.Topic("public", "a"); got != "p_public_a" {
		t.Errorf("topic %s", got)
	}
	for table, want := range map[string]bool{"a": true, "bb": true, "bbb": false, "c": false} {
		if c.Filter.Table("public", table) != want {
			t.Errorf("table %s is captured: %v", table, !want)
		}
	}
	if c.Messages.Match("x") || !c.Messages.Match("y") {
		t.Error("message prefixes are not held to the exclude list")
	}
	c, _ = sourceConfig(parse(t, given("topic.template", "cdc-${schema}-${table}-${topic_prefix}")))
	if got := c.Names.Topic("public", "a b"); got != "cdc-public-a_b-p" {
		t.Errorf("topic %s", got)
	}
}

func TestOptionsThatExcludeEachOther(t *testing.T) {
	for _, c := range []struct {
		options []string
		fault   string
	}{
		{[]string{"table.include.list", "a", "table.exclude.list", "b"}, "table.exclude.list"},
		{[]string{"schema.include.list", "a", "schema.exclude.list", "b"}, "schema.exclude.list"},
		{[]string{"column.include.list", "a", "column.exclude.list", "b"}, "column.exclude.list"},
		{[]string{"message.prefix.include.list", "a", "message.prefix.exclude.list", "b"}, "message.prefix.exclude.list"},
		{[]string{"database.sslcert", "a.crt"}, "database.sslkey"},
		{[]string{"skipped.operations", "none,t"}, "skipped.operations"},
	} {
		v := parse(t, given(c.options...))
		_, faults := sourceConfig(v)
		if len(faults) != 1 || faults[0].Option != c.fault {
			t.Errorf("%v: %v, want a fault of %s", c.options, faults, c.fault)
		}
		if _, err := newSource(connect.Env{}, v); err == nil || !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%v: making a source gives %v", c.options, err)
		}
		if got := validate(t.Context(), v); len(got) != 1 || got[0].Option != c.fault {
			t.Errorf("%v: validating gives %v", c.options, got)
		}
	}
}

func TestPartitionIsDebeziums(t *testing.T) {
	if got := partition(parse(t, given())); len(got) != 1 || got["server"] != "p" {
		t.Errorf("%v", got)
	}
}
