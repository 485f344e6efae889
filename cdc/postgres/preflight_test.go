package postgres_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/test/testenv"
)

func codes(ps []postgres.Problem) []string {
	var out []string
	for _, p := range ps {
		c := p.Code
		if p.Warning {
			c += "?"
		}
		out = append(out, c)
	}
	slices.Sort(out)
	return out
}

func TestPreflight(t *testing.T) {
	f := setup(t, `create table a (id int primary key); create table b (v text); create schema s; create table s.c (id int primary key)`)
	role := "u" + strings.TrimPrefix(f.cfg.Conn.Database, "cdc")
	f.exec("create role " + role + " login password 'secret'")
	t.Cleanup(func() {
		f.db.Exec(context.Background(), "drop owned by "+role+"; drop role "+role)
	})
	as := f.cfg
	as.Conn.User, as.Conn.Password = role, "secret"
	check := func(cfg postgres.Config, want ...string) {
		t.Helper()
		ps, err := postgres.Preflight(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := codes(ps); !slices.Equal(got, want) {
			t.Errorf("problems %q, want %q: %v", got, want, ps)
		}
		for _, p := range ps {
			if p.Fix == "" || strings.Contains(p.String(), "secret") {
				t.Errorf("%s: %s", p.Code, p)
			}
		}
	}
	check(f.cfg, "replica_identity?")
	check(as, "no_replication_privilege", "no_schema_privilege", "no_select_privilege", "no_select_privilege", "publication_privilege", "replica_identity?")
	f.exec("alter role " + role + " replication; grant usage on schema s to " + role + "; grant select on all tables in schema public, s to " + role)
	check(as, "publication_privilege", "replica_identity?")
	as.AutoCreate = "filtered"
	check(as, "publication_privilege", "replica_identity?")
	f.exec("grant create on database " + f.cfg.Conn.Database + " to " + role)
	check(as, "publication_privilege", "replica_identity?")
	as.AutoCreate = "no_tables"
	check(as, "replica_identity?")
	as.AutoCreate = "disabled"
	check(as, "no_publication", "replica_identity?")
	f.exec("create publication pub for table a, b")
	check(as, "not_published?", "replica_identity?")

	src := postgres.New(f.cfg)
	defer src.Close(t.Context())
	if err := src.Open(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	check(as, "not_published?", "replica_identity?")
	src.Close(t.Context())

	f.exec("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database(); select pg_create_logical_replication_slot('" + f.cfg.Slot + "', 'test_decoding')")
	check(as, "not_published?", "replica_identity?", "slot_plugin")
	var se *postgres.SetupError
	if err := postgres.New(f.cfg).Open(t.Context(), nil); !errors.As(err, &se) || !strings.Contains(err.Error(), "test_decoding") {
		t.Errorf("another plug-in's slot gives %v", err)
	}

	wrong := f.cfg
	wrong.Conn.Database = "no_such"
	check(wrong, "no_database")
	wrong = as
	wrong.Conn.Password = "wrong"
	check(wrong, "login")
	wrong.Conn.Port = 1
	_, err := postgres.Preflight(t.Context(), wrong)
	var ne net.Error
	if !errors.As(err, &ne) || strings.Contains(err.Error(), "wrong") {
		t.Errorf("no server gives %v", err)
	}
	none := f.cfg
	none.Slot = "Bad-Name"
	check(none, "not_published?", "replica_identity?", "slot_name")
}

func TestFilteredPublicationFollowsTheLists(t *testing.T) {
	f := setup(t, `create table a (id int primary key); create table b (id int primary key); create table c (id int primary key); create unlogged table d (id int primary key)`)
	f.cfg.AutoCreate = "filtered"
	published := func() string {
		return f.value("select string_agg(tablename, ',' order by tablename) from pg_publication_tables where pubname = 'pub'")
	}
	f.tables("public.a,public.b,public.d")
	r := f.open(nil)
	if got := published(); got != "a,b" {
		t.Errorf("published %s", got)
	}
	if _, err := r.batch(); err != nil {
		t.Fatal(err)
	}
	r.close()
	f.tables("public.b,public.c")
	r = f.open(r.pos)
	if got := published(); got != "b,c" {
		t.Errorf("published %s", got)
	}
	f.exec("insert into a values (1); insert into b values (1); insert into c values (1)")
	r.want("public.b c {1} ->{1}", "public.c c {1} ->{1}")
	r.close()
	f.tables("public.none")
	var se *postgres.SetupError
	f.cfg.Publication, f.cfg.Log = "other", r.cfg.Log
	if err := postgres.New(f.cfg).Open(t.Context(), r.pos); !errors.As(err, &se) {
		t.Errorf("no tables gives %v", err)
	}
}

func TestDropSlotOnStop(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.DropSlotOnStop, f.cfg.Snapshot = true, postgres.NoData
	r := f.open(nil)
	f.exec("insert into a values (1)")
	r.want("public.a c {1} ->{1}")
	r.close()
	if n := f.value("select count(*)::text from pg_replication_slots where database = current_database()"); n != "0" {
		t.Error("the slot is still there")
	}
	r = f.open(r.pos)
	f.exec("insert into a values (2)")
	r.want("public.a c {2} ->{2}")
}

func TestLag(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot = postgres.NoData
	lag := make(chan int64, 100)
	f.cfg.Progress.Lag = func(bytes int64, _ time.Duration) {
		select {
		case lag <- bytes:
		default:
		}
	}
	r := f.open(nil)
	f.exec("insert into a values (1)")
	r.want("public.a c {1} ->{1}")
	f.exec("insert into a select generate_series(2, 20000)")
	select {
	case n := <-lag:
		if n <= 0 {
			t.Errorf("lag %d", n)
		}
	case <-time.After(10 * time.Second):
		t.Error("no lag is told")
	}
}

// TestTLS streams over a connection whose certificate is verified.
func TestTLS(t *testing.T) {
	f := setup(t, `create table a (id int primary key, v text); insert into a select g, repeat('s', 100) from generate_series(1, 5000) g`)
	f.cfg.Conn.SSLMode, f.cfg.Conn.SSLRootCert = "verify-ca", testenv.PostgresCA(t)
	r := f.open(nil)
	r.rows(5000)
	f.exec("insert into a select g, repeat('s', 100) from generate_series(5001, 25000) g")
	r.rows(20000)
}
