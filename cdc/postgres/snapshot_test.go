package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/test/counters"
)

// TestChunkedSnapshot reads a table of many chunks and others around it, in order, each row once.
func TestChunkedSnapshot(t *testing.T) {
	f := setup(t, `create table a (id int primary key, pad text); insert into a select g, repeat('x', 400) from generate_series(1, 60000) g;
create table b (id int primary key); create table c (id int primary key); insert into c select generate_series(1, 2); delete from a where id % 7 = 0`)
	f.cfg.SnapshotThreads = 3
	type progress struct {
		rows, estimated int64
		done, all       int
	}
	var last progress
	var states []string
	f.cfg.Progress.Snapshot = func(rows, estimated int64, done, all int) { last = progress{rows, estimated, done, all} }
	f.cfg.Progress.SlotState = func(s string) { states = append(states, s) }
	r := f.open(nil)
	n := 60000 - 60000/7
	got := r.rows(n + 2)
	i := 0
	for id := 1; id <= 60000; id++ {
		if id%7 == 0 {
			continue
		}
		marker := "true"
		if i == 0 {
			marker = "first"
		} else if i == n-1 {
			marker = "last_in_data_collection"
		}
		if want := fmt.Sprintf("public.a r {%d} ->{%d,xxxx…400} %s", id, id, marker); got[i] != want {
			t.Fatalf("row %d is %s, want %s", i, got[i], want)
		}
		i++
	}
	if want := []string{"public.c r {1} ->{1} first_in_data_collection", "public.c r {2} ->{2} last"}; !slices.Equal(got[n:], want) {
		t.Errorf("%q", got[n:])
	}
	for i := 1; i < len(r.ids); i++ {
		if !r.ids[i-1].Less(r.ids[i]) {
			t.Fatalf("ID %v after %v", r.ids[i], r.ids[i-1])
		}
	}
	if last.rows != int64(n+2) || last.done != last.all || last.done < 20 {
		t.Errorf("progress ends at %+v", last)
	}
	f.exec("insert into b values (1)")
	r.want("public.b c {1} ->{1}")
	r.close()
	if want := []string{"creating", "snapshot", "streaming", "stopped"}; !slices.Equal(states, want) {
		t.Errorf("states %q", states)
	}
	// Its position lies after the snapshot.
	f.exec("insert into b values (2)")
	f.open(r.pos).want("public.b c {2} ->{2}")
}

func TestPartitionsAndInheritance(t *testing.T) {
	const schema = `create table p (id int, at date, v text, primary key (id, at)) partition by range (at);
create table p_24 partition of p for values from ('2024-01-01') to ('2025-01-01'); create table p_25 (v text, id int not null, at date not null);
alter table p attach partition p_25 for values from ('2025-01-01') to ('2026-01-01'); insert into p values (1, '2024-06-01', 'x'), (2, '2025-06-01', 'y');
create table q (id int primary key, v text); create table q_child (extra int) inherits (q); insert into q values (1, 'p'); insert into q_child values (2, 'c', 5)`
	t.Run("leaves", func(t *testing.T) {
		f := setup(t, schema)
		r := f.open(nil)
		r.want("public.p_24 r {1,19875} ->{1,19875,x} first", "public.p_25 r {2,20240} ->{y,2,20240} last_in_data_collection",
			"public.q r {1} ->{1,p} last_in_data_collection", "public.q_child r ->{2,c,5} last")
		f.exec("insert into p values (3, '2025-06-01', 'z'); insert into q_child values (3, 'd', 6)")
		r.want("public.p_25 c {3,20240} ->{z,3,20240}", "public.q_child c ->{3,d,6}")
	})
	for _, mode := range []string{"filtered", "all_tables"} {
		t.Run("root "+mode, func(t *testing.T) {
			f := setup(t, schema)
			f.cfg.Partitions, f.cfg.AutoCreate = true, mode
			r := f.open(nil)
			r.want("public.p r {1,19875} ->{1,19875,x} first", "public.p r {2,20240} ->{2,20240,y} last_in_data_collection",
				"public.q r {1} ->{1,p} last_in_data_collection", "public.q_child r ->{2,c,5} last")
			f.exec("insert into p values (3, '2025-06-01', 'z')")
			r.want("public.p c {3,20240} ->{3,20240,z}")
		})
	}
}

func TestSnapshotModes(t *testing.T) {
	f := setup(t, `create table a (id int primary key); insert into a values (1)`)
	f.cfg.Snapshot = postgres.InitialOnly
	r := f.open(nil)
	r.want("public.a r {1} ->{1} last")
	if rows, err := r.batch(); err != io.EOF || len(rows) != 0 {
		t.Errorf("initial_only goes on with %q, %v", rows, err)
	}
	r.close()
	again := f.open(r.pos)
	if rows, err := again.batch(); err != io.EOF || len(rows) != 0 {
		t.Errorf("initial_only comes again with %q, %v", rows, err)
	}
	again.close()
	if n := f.value("select count(*)::text from pg_replication_slots where database = current_database()"); n != "0" {
		t.Error("initial_only made a slot")
	}

	f.cfg.Snapshot = postgres.Always
	r = f.open(nil)
	r.want("public.a r {1} ->{1} last")
	f.exec("insert into a values (2)")
	r.want("public.a c {2} ->{2}")
	r.close()
	f.exec("delete from a where id = 1")
	r = f.open(r.pos)
	r.want("public.a r {2} ->{2} last", "public.a d {1} {1}>-", "public.a tombstone {1}")
}

// TestGap: what a stored offset needs is gone.
func TestGap(t *testing.T) {
	f := setup(t, `create table a (id int primary key); insert into a values (1)`)
	r := f.open(nil)
	r.want("public.a r {1} ->{1} last")
	f.exec("insert into a values (2)")
	r.want("public.a c {2} ->{2}")
	r.close()
	before := r.pos

	f.exec("insert into a values (3)")
	for deadline := time.Now().Add(20 * time.Second); f.value("select count(*)::text from pg_replication_slots where database = current_database() and active") != "0"; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the slot stays active")
		}
	}
	f.exec("select pg_replication_slot_advance(slot_name, pg_current_wal_lsn()) from pg_replication_slots where database = current_database()")
	gap := func(pos record.Position) {
		t.Helper()
		src := postgres.New(f.cfg)
		defer src.Close(t.Context())
		var ge *postgres.GapError
		if err := src.Open(t.Context(), pos); !errors.As(err, &ge) {
			t.Errorf("a lost part of the log gives %v", err)
		}
	}
	gap(before)
	gap(record.Position(`{"lsn":1,"millrace_confirm":9000000000000000000}`))
	f.exec("select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = current_database()")
	gap(before)
	f.cfg.Snapshot = postgres.WhenNeeded
	r = f.open(before)
	r.want("public.a r {1} ->{1} first", "public.a r {2} ->{2} true", "public.a r {3} ->{3} last")
	f.exec("insert into a values (4)")
	r.want("public.a c {4} ->{4}")
}

// TestSnapshotStartsOver ends a snapshot in its midst, before and after a position was saved. What was deleted since is
// told by the stream.
func TestSnapshotStartsOver(t *testing.T) {
	for _, saved := range []bool{false, true} {
		f := setup(t, `create table a (id int primary key, pad text); insert into a select g, repeat('x', 400) from generate_series(1, 30000) g`)
		r := f.open(nil)
		rows, err := r.batch()
		if err != nil || len(rows) == 0 || len(rows) == 30000 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		r.close()
		f.exec("delete from a where id = 1; insert into a values (30001, 'new')")
		var pos record.Position
		if saved {
			pos = r.pos
		}
		r = f.open(pos)
		rows = r.rows(30000)
		if want := "public.a r {30001} ->{30001,new}"; !slices.ContainsFunc(rows, func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Error("the second snapshot lacks a new row")
		}
		r.want("public.a d {1} {1,-}>-", "public.a tombstone {1}", "public.a c {30001} ->{30001,new}")
		r.close()
	}
}

// TestDebeziumOffset resumes at offsets as Debezium stores them.
func TestDebeziumOffset(t *testing.T) {
	f := setup(t, `create table a (id int primary key); insert into a values (1)`)
	r := f.open(nil)
	r.want("public.a r {1} ->{1} last")
	f.exec("insert into a values (2)")
	r.want("public.a c {2} ->{2}")
	r.close()
	f.exec("insert into a values (3)")
	end := f.value("select (pg_current_wal_lsn() - '0/0')::bigint::text")
	f.exec("insert into a values (4)")
	f.open(record.Position(`{"transaction_id":null,"lsn_proc":` + end + `,"messageType":"INSERT","lsn_commit":` + end + `,"lsn":` + end + `,"txId":700,"ts_usec":1795436578941000}`)).want("public.a c {4} ->{4}")
}

func TestDebeziumOffsetAfterSnapshot(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.exec("select pg_create_logical_replication_slot('" + f.cfg.Slot + "', 'pgoutput'); create publication pub for all tables; insert into a values (1)")
	f.open(record.Position(`{"last_snapshot_record":true,"lsn":1,"txId":700,"ts_usec":1,"snapshot":"INITIAL","snapshot_completed":true}`)).want("public.a c {1} ->{1}")
}

func TestBadValuePassesOneRow(t *testing.T) {
	f := setup(t, `create table a (id int primary key, n numeric(5,2) not null, m numeric(5,2)); insert into a values (1, 1, 1), (2, 'NaN', 1), (3, 3, 'NaN')`)
	r := f.open(nil)
	got := r.rows(2)
	if len(r.errs) != 1 || !strings.HasPrefix(got[0], "public.a r {1}") || !strings.HasPrefix(got[1], "public.a r {3}") || !strings.Contains(got[1], ",-}") {
		t.Errorf("%q %v", got, r.errs)
	}
	f.exec("insert into a values (4, 4, 4), (5, 'NaN', 5), (6, 6, 6)")
	got = r.rows(2)
	if len(r.errs) != 2 || !strings.HasPrefix(got[0], "public.a c {4}") || !strings.HasPrefix(got[1], "public.a c {6}") {
		t.Errorf("%q %v", got, r.errs)
	}
	var ve *postgres.ValueError
	if !errors.As(r.errs[1], &ve) || ve.Table != "public.a" || ve.Column != "n" {
		t.Errorf("%v", r.errs)
	}
}

// TestHandOver takes snapshots and restarts at arbitrary places while counters are being written: none may jump, and
// nothing comes twice but what an interrupted snapshot leaves behind.
func TestHandOver(t *testing.T) {
	t.Run("uninterrupted", func(t *testing.T) { handOver(t, 20, false) })
	t.Run("interrupted", func(t *testing.T) { handOver(t, 1, true) })
}

func handOver(t *testing.T, first int, repeats bool) {
	const keys = 40
	f := setup(t, fmt.Sprintf(counters.Schema, keys, 3000))
	ctx, cancel := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for i := range 2 {
		w := counters.Writer{URL: f.url, Keys: keys, Seed: uint64(i), Pause: 5 * time.Millisecond}
		writers.Go(func() { w.Run(ctx) })
	}
	f.tables("public.counters,public.statics")
	var h counters.History
	add := func(b *record.Batch) {
		for i := range b.Len() {
			row := b.At(i)
			v, ok := row.Value()
			if !ok || row.Layout().Topic != "p.public.counters" {
				continue
			}
			after := v.Index(1)
			json := fmt.Sprintf(`{"op":%q,"after":{"key":%d,"n":%d}}`, string(rune(row.Op())), after.Index(0).Int(), after.Index(1).Int())
			if err := h.Add([]byte(json)); err != nil {
				t.Fatal(err)
			}
		}
	}
	var pos record.Position
	read := func(until func() bool) {
		s := postgres.New(f.cfg)
		defer s.Close(context.Background())
		if err := s.Open(t.Context(), pos); err != nil {
			t.Fatal(err)
		}
		var b record.Batch
		for !until() {
			b.Reset()
			rctx, stop := context.WithTimeout(t.Context(), time.Second)
			err := s.Read(rctx, &b)
			stop()
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Fatal(err)
			}
			add(&b)
			if p, ok := b.Position(); ok {
				pos = append(pos[:0:0], p...)
				if err := s.Commit(t.Context(), pos); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for i := range 5 {
		n := 0
		read(func() bool { n++; return n > first+i*3 })
	}
	cancel()
	writers.Wait()
	final, err := counters.Final(t.Context(), f.db)
	if err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(30 * time.Second)
	read(func() bool { return h.Reached(final) == nil || time.Now().After(end) })
	if err := h.Reached(final); err != nil {
		t.Error(err)
	}
	if h.Duplicates > 0 && !repeats {
		t.Errorf("%d changes came twice", h.Duplicates)
	}
	t.Logf("%d records, %d of snapshots, %d twice", h.Records, h.Snapshots, h.Duplicates)
}
