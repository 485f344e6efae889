package postgres_test

import (
	"context"
	"errors"
	"io"
	"strconv"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/test/testenv"
)

// TestServerStops has a server stop while a slot streams. It must not have to wait for the source, whose Read ends with
// an error that is no end.
func TestServerStops(t *testing.T) {
	own := testenv.Own(t, "postgres")
	t.Setenv(testenv.PostgresVar, own.URL)
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot, f.cfg.StatusInterval = postgres.NoData, time.Minute
	r := f.open(nil)
	f.exec("insert into a values (1)")
	r.want("public.a c {1} ->{1}")
	ended := make(chan error, 1)
	go func() {
		for {
			r.b.Reset()
			err := r.src.Read(t.Context(), &r.b)
			if err != nil {
				ended <- err
				return
			}
			p, _ := r.b.Position()
			r.pos = append(r.pos[:0:0], p...)
			if err := r.src.Commit(t.Context(), r.pos); err != nil {
				ended <- err
				return
			}
		}
	}()
	began := time.Now()
	own.Halt()
	if d := time.Since(began); d > 15*time.Second {
		t.Errorf("the server took %v to stop", d)
	}
	select {
	case err := <-ended:
		if errors.Is(err, io.EOF) {
			t.Errorf("a server that stops gives %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("Read does not end")
	}
	r.close()
	if err := postgres.New(f.cfg).Open(t.Context(), r.pos); err == nil {
		t.Error("a source opens without a server")
	}
	own.Start()
	f.db = f.connect()
	f.exec("insert into a values (2)")
	f.open(r.pos).want("public.a c {2} ->{2}")
}

// TestTextForm streams a type that is only read as text, which turns the whole stream to text.
func TestTextForm(t *testing.T) {
	f := setup(t, `create table a (id int primary key, r int4range, n numeric(8,2), at timestamptz, b bytea); insert into a values (1, '[1,5)', 1.25, '2024-02-29 12:00:00.5+00', '\x6162')`)
	f.cfg.Values.Decimal = "string"
	r := f.open(nil)
	r.want("public.a r {1} ->{1,[1,5),1.25,2024-02-29T12:00:00.500000Z,ab} last")
	f.exec("insert into a select 2, r, n, at, b from a")
	r.want("public.a c {2} ->{2,[1,5),1.25,2024-02-29T12:00:00.500000Z,ab}")
}

func TestFailoverSlot(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.SlotFailover, f.cfg.Snapshot = true, postgres.NoData
	r := f.open(nil)
	f.exec("insert into a values (1)")
	r.want("public.a c {1} ->{1}")
	if v, _ := strconv.Atoi(f.value("show server_version_num")); v < 170000 {
		t.Skip("slots that fail over came with PostgreSQL 17")
	}
	if f.value("select (to_jsonb(s) ->> 'failover') from pg_replication_slots s where database = current_database()") != "true" {
		t.Error("the slot does not fail over")
	}
}

// TestOpenEnds: a context that ends and Close both end an Open that waits for a slot.
func TestOpenEnds(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot = postgres.NoData
	f.open(nil)
	f.cfg.SlotRetryDelay = time.Hour
	for _, by := range []string{"context", "close"} {
		s := postgres.New(f.cfg)
		ctx, cancel := context.WithCancel(t.Context())
		end := func() { cancel() }
		if by == "close" {
			end = func() { s.Close(context.Background()) }
		}
		timer := time.AfterFunc(200*time.Millisecond, end)
		began := time.Now()
		if err := s.Open(ctx, nil); err == nil || time.Since(began) > 5*time.Second {
			t.Errorf("%s: %v after %v", by, err, time.Since(began))
		}
		timer.Stop()
		cancel()
		s.Close(context.Background())
	}
}
