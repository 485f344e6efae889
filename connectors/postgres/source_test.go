package postgres

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/test/testenv"
)

// database makes a database for t with sql run in it, and returns the options that capture all of it.
func database(t *testing.T, sql string) (*pgx.Conn, map[string]string) {
	t.Helper()
	db := testenv.NewDatabase(context.Background(), t, "connector")
	db.Exec(t.Context(), t, sql)
	return db.Conn, with(db.Connector(""), "name", db.Name, "topic.prefix", "p", "publication.name", "pub", "publication.autocreate.mode", "all_tables", "slot.retry.delay.ms", "100", "slot.max.retries", "50")
}

func with(options map[string]string, more ...string) map[string]string {
	m := maps.Clone(options)
	for i := 0; i < len(more); i += 2 {
		m[more[i]] = more[i+1]
	}
	return m
}

func TestSourceConforms(t *testing.T) {
	c, options := database(t, "create table a (id int primary key, v text); create publication pub for all tables")
	options["snapshot.mode"] = "no_data"
	if _, err := c.Exec(t.Context(), "select pg_create_logical_replication_slot($1, 'pgoutput')", options["slot.name"]); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := c.Exec(t.Context(), fmt.Sprintf("insert into a select g, 'v' from generate_series(%d, %d) g", i*6, i*6+5)); err != nil {
			t.Fatal(err)
		}
	}
	v := parse(t, options)
	connecttest.Source(t, connecttest.SourceHarness{Rows: 60, New: func(t *testing.T) connect.Source {
		s, err := newSource(connect.Env{Name: "n"}, v)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}})
}

// gauges keeps the last value of each measure.
type gauges struct {
	mu sync.Mutex // guards m
	m  map[string]float64
}

func (g *gauges) Set(name string, value float64, labels ...string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.m[strings.Join(append([]string{name}, labels...), ",")] = value
}

// TestSnapshotAndStream reads both, and looks at topics, headers and measures.
func TestSnapshotAndStream(t *testing.T) {
	c, options := database(t, "create table a (id int primary key); insert into a select generate_series(1, 500); create schema s; create table s.b (id int primary key)")
	g := &gauges{m: map[string]float64{}}
	v := parse(t, with(options, "topic.template", "${topic_prefix}_${table}", "database.initial.statements", "set application_name = 'a;;b'; set statement_timeout = 60000", "heartbeat.interval.ms", "200"))
	s, err := newSource(connect.Env{Name: "n", Task: 3, Gauges: g}, v)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(context.Background())
	if err := s.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	var name string
	if err := c.QueryRow(t.Context(), "select application_name from pg_stat_activity where datname = $1 and application_name = 'a;b' limit 1", options["name"]).Scan(&name); err != nil {
		t.Errorf("no session ran database.initial.statements: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	topics, inserted := map[string]int{}, false
	b := new(record.Batch)
	for topics["p_a"] < 500 || topics["p_b"] < 1 || topics["__debezium-heartbeat.p"] < 1 {
		b.Reset()
		if err := s.Read(ctx, b); err != nil {
			t.Fatalf("%v: %v", topics, err)
		}
		for i := range b.Len() {
			l := b.At(i).Layout()
			topics[l.Topic]++
			if l.Table != "" {
				headers := map[string]string{}
				for _, h := range l.Headers {
					headers[strings.TrimPrefix(h.Key, "__debezium.context.")] = string(h.Value)
				}
				if headers["connectorName"] != "postgresql" || headers["connectorLogicalName"] != "p" || headers["taskId"] != "3" || !uuid.MatchString(headers["runId"]) {
					t.Fatalf("headers %v", headers)
				}
				if !strings.HasPrefix(l.Value.Name, "p.") || !strings.HasSuffix(l.Value.Name, ".Envelope") {
					t.Fatalf("the template changes the schema's name to %s", l.Value.Name)
				}
			}
		}
		if topics["p_a"] >= 500 && !inserted {
			inserted = true
			if _, err := c.Exec(ctx, "insert into s.b values (1)"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Close(ctx); err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.m["snapshot_rows"] != 500 || g.m["snapshot_chunks"] == 0 || g.m["snapshot_chunks"] != g.m["snapshot_chunks_done"] || g.m["slot_state,state,stopped"] != 1 || g.m["slot_state,state,streaming"] != 0 {
		t.Errorf("measures %v", g.m)
	}
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestValidateNamesTheOption(t *testing.T) {
	c, options := database(t, "create table a (id int primary key)")
	role := options["name"]
	if _, err := c.Exec(t.Context(), fmt.Sprintf("create role %s login password 'right'", role)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Exec(context.Background(), "drop role "+role) })
	for name, test := range map[string]struct {
		options []string
		option  string
		says    []string
	}{
		"fine":                {nil, "", nil},
		"nobody listens":      {[]string{"database.port", "1"}, "database.hostname", []string{"cannot be reached", "refused"}},
		"no such host":        {[]string{"database.hostname", "nowhere.invalid"}, "database.hostname", []string{"cannot be reached"}},
		"wrong password":      {[]string{"database.user", role, "database.password", "hunter2"}, "database.user", []string{"refuses the login"}},
		"no such database":    {[]string{"database.dbname", "nowhere"}, "database.dbname", []string{"does not exist"}},
		"may not replicate":   {[]string{"database.user", role, "database.password", "right"}, "database.user", []string{"REPLICATION"}},
		"unverified server":   {[]string{"database.sslmode", "verify-full"}, "database.sslmode", []string{"certificate"}},
		"no file":             {[]string{"database.sslmode", "verify-full", "database.sslrootcert", "/nowhere.pem"}, "database.sslrootcert", []string{"no such file"}},
		"publication missing": {[]string{"publication.autocreate.mode", "disabled"}, "publication.name", []string{"does not exist"}},
	} {
		t.Run(name, func(t *testing.T) {
			faults := validate(t.Context(), parse(t, with(options, test.options...)))
			if test.option == "" {
				if len(faults) > 0 {
					t.Fatal(faults)
				}
				return
			}
			found := false
			for _, f := range faults {
				found = found || f.Option == test.option
				text := f.String() + f.Connect()
				for _, secret := range []string{"hunter2", "postgres://"} {
					if strings.Contains(text, secret) {
						t.Errorf("%s shows %s", text, secret)
					}
				}
			}
			all := fmt.Sprint(faults)
			for _, s := range test.says {
				if !strings.Contains(all, s) {
					t.Errorf("%v does not say %q", faults, s)
				}
			}
			if !found {
				t.Errorf("faults %v, want one of %s", faults, test.option)
			}
		})
	}
}
