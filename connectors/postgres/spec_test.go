package postgres

import (
	_ "embed"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/config"
)

//go:embed testdata/debezium-options.tsv
var debeziumOptions string

// differing lists the options whose default is another one than Debezium's, and why.
var differing = map[string]string{
	"plugin.name":                                "pgoutput is the one that there is",
	"snapshot.max.threads":                       "more readers keep the order of one",
	"topic.naming.strategy":                      "",
	"custom.sanitize.pattern":                    "secrets are told by their names",
	"internal.log.position.check.enable":         "a pattern has no default",
	"database.include.list":                      "not an option of PostgreSQL",
	"incremental.snapshot.watermarking.strategy": "lower case",
}

// TestSpecKnowsEveryDebeziumOption holds the Spec to what Debezium's connector lists: names, types and defaults.
func TestSpecKnowsEveryDebeziumOption(t *testing.T) {
	spec := Spec()
	for line := range strings.Lines(debeziumOptions) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || f[0] == "database.include.list" || f[0] == "database.exclude.list" { // of connectors for many databases
			continue
		}
		name := strings.NewReplacer("([^.]+)", "sha256", "(.+)", "s", "(d+)", "20").Replace(f[0])
		o, ok := spec.Option(name)
		if !ok {
			t.Errorf("%s is not known", name)
			continue
		}
		if strings.Contains(o.Name, "*") {
			continue
		}
		want := strings.Trim(f[2], "[]")
		if want == "null" || o.Type == config.Class {
			want = o.Default
		}
		if _, known := differing[name]; !known && o.Default != want {
			t.Errorf("%s has the default %q, Debezium's is %q", name, o.Default, want)
		}
		if f[1] == "SHORT" {
			f[1] = "INT"
		}
		if string(o.Type) != f[1] && o.Name == name {
			t.Errorf("%s is of type %s, Debezium's is %s", name, o.Type, f[1])
		}
	}
}

// TestSpecIsWhole holds every option to the rules of a Spec.
func TestSpecIsWhole(t *testing.T) {
	names, keys := map[string]bool{}, map[string]bool{}
	for _, o := range Spec() {
		if names[o.Name] {
			t.Errorf("%s is there twice", o.Name)
		}
		names[o.Name] = true
		if o.Doc == "" && o.NoEffect == "" && o.Unsupported == "" {
			t.Errorf("%s has no documentation", o.Name)
		}
		if o.Key == "" {
			continue
		}
		if keys[o.Key] {
			t.Errorf("the key %s is there twice", o.Key)
		}
		keys[o.Key] = true
		if o.NoEffect != "" || o.Unsupported != "" && len(o.Allowed) == 0 {
			t.Errorf("%s has a key and no effect", o.Name)
		}
	}
	for k := range keys {
		if first, _, nested := strings.Cut(k, "."); nested && keys[first] {
			t.Errorf("the key %s is an option and holds others", first)
		}
	}
}

// given returns the options that every configuration needs, with more.
func given(more ...string) map[string]string {
	m := map[string]string{"name": "n", "connector.class": Class, "database.hostname": "h", "database.user": "u", "database.password": "secret", "database.dbname": "d", "topic.prefix": "p"}
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

func TestSpecRefuses(t *testing.T) {
	for _, c := range []struct{ option, value, want string }{
		{"plugin.name", "decoderbufs", "decoderbufs is an extension"},
		{"plugin.name", "wal2json", "must be one of pgoutput, decoderbufs"},
		{"snapshot.mode", "custom", "is not supported by Millrace: configuration_based and custom"},
		{"snapshot.mode", "initail", "did you mean initial?"},
		{"provide.transaction.metadata", "true", "transaction metadata are not done yet"},
		{"signal.data.collection", "public.signals", "signals and incremental snapshots"},
		{"column.mask.with.10.chars", "public.a.b", "values are not rewritten"},
		{"column.mask.hash.SHA-256.with.salt.x", "public.a.b", "values are not rewritten"},
		{"column.truncate.to.20.chars", "public.a.b", "values are not rewritten"},
		{"snapshot.select.statement.overrides.public.a", "select 1", "a snapshot reads whole tables"},
		{"database.port", "70000", "between 1 and 65535"},
		{"database.port", "x", "not a number"},
		{"slot.name", "My-Slot", "lower case letters"},
		{"slot.name", strings.Repeat("s", 64), "longer than 63"},
		{"table.include.list", "public.(", "not a regular expression"},
		{"topic.prefix", "a b", "letters, digits, dots"},
		{"topic.template", "${database}.${table}", "has a variable that there is not"},
		{"topic.template", "a/${table}", "may hold letters"},
		{"unavailable.value.placeholder", "hex:zz", "hexadecimal"},
		{"skipped.operations", "c,x", "each entry must be one of"},
		{"heartbeat.interval.ms", "-1", "at least 0"},
		{"snapshot.max.threads", "0", "between 1 and 64"},
		{"transforms", "route", "transforms are not done yet"},
		{"internal.advanced.metrics.enable", "true", "Debezium's own implementation"},
		{"tabel.include.list", "a", "did you mean table.include.list?"},
	} {
		_, faults := Spec().Parse(given(c.option, c.value))
		if len(faults) != 1 || faults[0].Option != c.option || !strings.Contains(faults[0].Msg, c.want) {
			t.Errorf("%s=%s: %v, want one fault with %q", c.option, c.value, faults, c.want)
		}
	}
}

// TestSpecAcceptsACompleteConfiguration holds what a Debezium user may have written to being accepted as it is.
func TestSpecAcceptsACompleteConfiguration(t *testing.T) {
	_, faults := Spec().Parse(given("plugin.name", "pgoutput", "snapshot.mode", "never", "max.batch.size", "4096", "max.queue.size", "16384", "poll.interval.ms", "100",
		"snapshot.locking.mode", "none", "incremental.snapshot.chunk.size", "1024", "signal.enabled.channels", "source", "heartbeat.topics.prefix", "hb", "lsn.flush.mode", "connector",
		"flush.lsn.source", "true", "snapshot.isolation.mode", "repeatable_read", "topic.naming.strategy", "io.debezium.schema.SchemaTopicNamingStrategy", "column.exclude.list", "public.a.b",
		"skipped.operations", "none", "database.sslmode", "required", "tasks.max", "1", "errors.max.retries", "5", "openlineage.integration.enabled", "false", "custom.metric.tags", "a=b",
		"key.converter", "org.apache.kafka.connect.json.JsonConverter", "key.converter.schemas.enable", "false", "topic.creation.default.partitions", "3"))
	for _, f := range faults {
		t.Error(f)
	}
}
