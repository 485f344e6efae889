package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/record"
)

func TestReplicaIdentities(t *testing.T) {
	f := setup(t, `create table d (id int primary key, v text, n int not null default 5);
create table f (id int primary key, v text); alter table f replica identity full;
create table i (id int not null, code text not null, v text); create unique index i_code on i (code); alter table i replica identity using index i_code;
create table n (id int primary key, v text); alter table n replica identity nothing;
create table k (v text, w int); alter table k replica identity full;
create table u (id int not null unique, v text)`)
	f.cfg.Snapshot = postgres.NoData
	r := f.open(nil)
	f.exec(`insert into d values (1, 'a'); update d set v = 'b'; delete from d;
insert into f values (1, 'a'); update f set v = 'b'; update f set id = 2; delete from f;
insert into i values (1, 'x', 'a'); update i set v = 'b'; update i set code = 'y'; delete from i;
insert into n values (1, 'a'); insert into k values ('a', 1); update k set w = 2; delete from k; insert into u values (1, 'a')`)
	r.want("public.d c {1} ->{1,a,5}", "public.d u {1} ->{1,b,5}", "public.d d {1} {1,-,5}>-", "public.d tombstone {1}",
		"public.f c {1} ->{1,a}", "public.f u {1} {1,a}>{1,b}",
		`public.f d {1} {1,b}>- __debezium.newkey={"id":2}`, "public.f tombstone {1}", `public.f c {2} ->{2,b} __debezium.oldkey={"id":1}`,
		"public.f d {2} {2,b}>-", "public.f tombstone {2}",
		"public.i c {x} ->{1,x,a}", "public.i u {x} ->{1,x,b}",
		`public.i d {x} {0,x,-}>- __debezium.newkey={"code":"y"}`, "public.i tombstone {x}", `public.i c {y} ->{1,y,b} __debezium.oldkey={"code":"x"}`,
		"public.i d {y} {0,y,-}>-", "public.i tombstone {y}",
		"public.n c {1} ->{1,a}", "public.k c ->{a,1}", "public.k u {a,1}>{a,2}", "public.k d {a,2}>-", "public.k tombstone", "public.u c {1} ->{1,a}")
}

func TestToast(t *testing.T) {
	f := setup(t, `create table a (id int primary key, n int, big text); alter table a alter big set storage external;
create table b (id int primary key, n int, big text); alter table b alter big set storage external; alter table b replica identity full`)
	f.cfg.Snapshot = postgres.NoData
	f.cfg.Values = pgvalue.Options{Placeholder: "absent"}
	r := f.open(nil)
	f.exec(`insert into a values (1, 1, repeat('x', 3000)); update a set n = 2; insert into b values (1, 1, repeat('y', 3000)); update b set n = 2`)
	r.want("public.a c {1} ->{1,1,xxxx…3000}", "public.a u {1} ->{1,2,absent~}", "public.b c {1} ->{1,1,yyyy…3000}", "public.b u {1} {1,1,yyyy…3000}>{1,2,yyyy…3000}")
}

func TestTruncateAndMessages(t *testing.T) {
	f := setup(t, `create table a (id int primary key); create table b (id int primary key); create table c (id int primary key)`)
	f.cfg.Snapshot = postgres.NoData
	f.cfg.KeepOps = map[byte]bool{'c': true, 't': true}
	f.tables("public.a,public.b")
	m, err := cdc.ParsePatterns("", "no.*")
	if err != nil {
		t.Fatal(err)
	}
	f.cfg.Messages = m
	r := f.open(nil)
	f.exec("insert into a values (1); truncate a, b, c; insert into b values (2)")
	f.exec("select pg_logical_emit_message(false, 'free', 'one')")
	f.exec("begin; select pg_logical_emit_message(true, 'nothing', ''); select pg_logical_emit_message(true, 'tx', 'two'); insert into a values (3); commit")
	f.exec("begin; select pg_logical_emit_message(true, 'tx', 'gone'); rollback")
	f.exec("delete from a; insert into a values (4)")
	r.want("public.a c {1} ->{1}", "public.a t ->-", "public.b t ->-", "public.b c {2} ->{2}", "message m {free} {free,one}", "message m {tx} {tx,two}",
		"public.a c {3} ->{3}", "public.a c {4} ->{4}")
	for i := 1; i < len(r.ids); i++ {
		if !r.ids[i-1].Less(r.ids[i]) {
			t.Errorf("ID %v after %v", r.ids[i], r.ids[i-1])
		}
	}
}

func TestRelationChangesMidStream(t *testing.T) {
	f := setup(t, `create table a (id int primary key, v text); create type mood as enum ('sad')`)
	f.cfg.Snapshot = postgres.NoData
	r := f.open(nil)
	f.exec(`insert into a values (1, 'one')`)
	r.want("public.a c {1} ->{1,one}")
	f.exec(`begin; insert into a values (2, 'two'); alter table a add c int default 7; insert into a values (3, 'three'); commit`)
	r.want("public.a c {2} ->{2,two}", "public.a c {3} ->{3,three,7}")
	f.exec(`alter table a rename v to w; alter table a drop c; alter table a add m mood; insert into a values (4, 'four', 'sad')`)
	r.want("public.a c {4} ->{4,four,sad}")
	// A column without a binary form that is read makes the stream begin again in text form.
	f.exec(`begin; insert into a values (5, 'five'); alter table a add r int4range; insert into a values (6, 'six', 'sad', '[1,5)'); commit; insert into a values (7, 'seven', 'sad', null)`)
	r.want("public.a c {5} ->{5,five,-}", "public.a c {6} ->{6,six,sad,[1,5)}", "public.a c {7} ->{7,seven,sad,-}")
	f.exec(`alter table a drop constraint a_pkey; insert into a values (8, 'eight')`)
	r.want("public.a c ->{8,eight,-,-}")
	f.exec(`alter table a rename to b; create table c (like b); insert into c values (1); insert into b values (9); drop table c`)
	r.want("public.c c ->{1,-,-,-}", "public.b c ->{9,-,-,-}")
	for i := 1; i < len(r.ids); i++ {
		if !r.ids[i-1].Less(r.ids[i]) {
			t.Errorf("ID %v after %v", r.ids[i], r.ids[i-1])
		}
	}
}

// TestLargeTransaction has the server stream transactions before their commit, with parts that are rolled back, two at a
// time, more than is kept in memory.
func TestLargeTransaction(t *testing.T) {
	f := setup(t, `create table a (id int primary key, pad text); do $$ begin execute format('alter database %I set logical_decoding_work_mem = ''64kB''', current_database()); end $$`)
	f.cfg.Snapshot = postgres.NoData
	r := f.open(nil)
	other := f.connect()
	other2 := f.connect()
	pad := strings.Repeat("p", 500)
	do := func(i int, sql string) {
		t.Helper()
		c := f.db
		if i == 1 {
			c = other
		}
		if i == 2 {
			c = other2
		}
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	fill := func(conn, from, to int) {
		do(conn, fmt.Sprintf("insert into a select g, '%s' from generate_series(%d, %d) g", pad, from, to))
	}
	do(0, "begin")
	fill(0, 1, 12000)
	do(0, "savepoint s")
	fill(0, 12001, 14000)
	do(0, "alter table a add extra int default 3")
	fill(0, 14001, 15000)
	do(0, "rollback to s")
	do(1, "begin")
	fill(1, 30001, 40000)
	do(2, "begin")
	fill(2, 50001, 52000)
	fill(0, 15001, 16000)
	do(2, "rollback")
	do(0, "savepoint k")
	fill(0, 16001, 17000)
	do(0, "release k")
	do(1, "commit")
	do(0, "commit")
	do(1, "insert into a values (99999)")
	var want []string
	add := func(from, to int) {
		for i := from; i <= to; i++ {
			want = append(want, fmt.Sprintf("public.a c {%d} ->{%d,pppp…500}", i, i))
		}
	}
	add(30001, 40000)
	add(1, 12000)
	add(15001, 17000)
	want = append(want, "public.a c {99999} ->{99999,-}")

	var got []string
	var at []record.Position
	var after []int
	for len(got) < len(want) {
		rows, err := r.batch()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, rows...)
		at, after = append(at, r.pos), append(after, len(got))
	}
	if !slices.Equal(got, want) {
		t.Fatalf("%d rows, want %d, or in another order", len(got), len(want))
	}
	ids := r.ids
	r.close()
	// From every position, also those within a transaction, the rest comes, with the same IDs.
	step := max(1, len(at)/6)
	for i := 0; i < len(at)-1; i += step {
		r := f.open(at[i])
		rest := r.rows(len(want) - after[i])
		if !slices.Equal(rest, want[after[i]:]) || !slices.Equal(r.ids, ids[after[i]:]) {
			t.Fatalf("from position %d (%s) the rest differs", i, at[i])
		}
		r.close()
	}
}

func TestSlotHeldByAnother(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot = postgres.NoData
	first := f.open(nil)
	f.exec("insert into a values (1)")
	first.want("public.a c {1} ->{1}")
	src := first.src
	time.AfterFunc(300*time.Millisecond, func() { src.Close(context.Background()) })
	second := f.open(first.pos)
	f.exec("insert into a values (2)")
	second.want("public.a c {2} ->{2}")

	f.cfg.SlotRetries, f.cfg.SlotRetryDelay = 1, 10*time.Millisecond
	third := postgres.New(f.cfg)
	defer third.Close(t.Context())
	err := third.Open(t.Context(), second.pos)
	var se *postgres.ServerError
	if !errors.As(err, &se) || se.Code != "55006" {
		t.Fatalf("a slot in use gives %v", err)
	}
}

func TestKilledSender(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot = postgres.NoData
	r := f.open(nil)
	time.AfterFunc(200*time.Millisecond, func() {
		c := f.connect()
		c.Exec(context.Background(), "select pg_terminate_backend(active_pid) from pg_replication_slots where active and database = current_database()")
	})
	began := time.Now()
	_, err := r.batch()
	var se *postgres.ServerError
	if !errors.As(err, &se) || se.Code != "57P01" {
		t.Errorf("a killed sender gives %v", err)
	}
	if d := time.Since(began); d > 3*time.Second {
		t.Errorf("after %v", d)
	}
	r.close()
	f.exec("insert into a values (1)")
	f.open(r.pos).want("public.a c {1} ->{1}")
}

func TestCloseAndCancelEndRead(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	r := f.open(nil)
	if _, err := r.batch(); err != nil { // the end of the empty snapshot
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	r.b.Reset()
	for {
		err := r.src.Read(ctx, &r.b)
		if err == nil {
			continue
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a context that ends gives %v", err)
		}
		break
	}
	f.exec("insert into a values (1)") // and reading goes on
	r.want("public.a c {1} ->{1}")
	time.AfterFunc(50*time.Millisecond, func() { r.src.Close(context.Background()) })
	began := time.Now()
	r.b.Reset()
	if err := r.src.Read(t.Context(), &r.b); err == nil {
		t.Error("Read returns nothing wrong after Close")
	}
	if d := time.Since(began); d > time.Second {
		t.Errorf("Close ends Read after %v", d)
	}
}

// TestIdleFollowsTheLog has only tables that are not captured change: positions without rows move the slot all the same.
func TestIdleFollowsTheLog(t *testing.T) {
	f := setup(t, `create table a (id int primary key); create table other (v text)`)
	f.cfg.Snapshot = postgres.NoData
	f.cfg.StatusInterval = 100 * time.Millisecond
	f.tables("public.a")
	r := f.open(nil)
	confirmed := func() string {
		return f.value("select confirmed_flush_lsn::text from pg_replication_slots where database = current_database()")
	}
	before := confirmed()
	f.exec("insert into other select repeat('x', 100) from generate_series(1, 1000)")
	target := f.value("select pg_current_wal_lsn()::text")
	for deadline := time.Now().Add(10 * time.Second); ; {
		if _, err := r.batch(); err != nil {
			t.Fatal(err)
		}
		if err := r.src.Commit(t.Context(), r.pos); err != nil {
			t.Fatal(err)
		}
		time.Sleep(100 * time.Millisecond)
		if f.value(fmt.Sprintf("select ('%s'::pg_lsn >= '%s'::pg_lsn)::text", confirmed(), target)) == "true" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the slot stays at %s, was %s, log at %s", confirmed(), before, target)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	f := setup(t, `create table a (id int primary key); create table beats (n int)`)
	f.cfg.Snapshot = postgres.NoData
	f.cfg.HeartbeatInterval, f.cfg.HeartbeatQuery = 100*time.Millisecond, "insert into beats values (1)"
	f.tables("public.a")
	r := f.open(nil)
	for range 3 {
		rows, err := r.batch()
		if err != nil || len(rows) > 0 && !strings.HasPrefix(rows[0], "__debezium-heartbeat.p") {
			t.Fatalf("%q %v", rows, err)
		}
	}
	for range 50 {
		if f.value("select count(*)::text from beats") != "0" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the heartbeat's query did not run")
}

// TestContract runs the suite of every Connect source over a slot that holds some transactions.
func TestContract(t *testing.T) {
	f := setup(t, `create table a (id int primary key, v text); create publication pub for all tables`)
	f.exec("select pg_create_logical_replication_slot('" + f.cfg.Slot + "', 'pgoutput')")
	f.exec("insert into a select g, 'x' from generate_series(1, 9000) g")
	for i := range 20 {
		f.exec(fmt.Sprintf("insert into a values (%d, 'one'); update a set id = -id where id = %[1]d", 10000+i))
	}
	f.cfg.Snapshot, f.cfg.StatusInterval = postgres.NoData, 200*time.Millisecond
	connecttest.Source(t, connecttest.SourceHarness{Rows: 9000 + 20*4, New: func(*testing.T) connect.Source { return postgres.New(f.cfg) }})
}

func TestMessageContentAsBinaryMode(t *testing.T) {
	f := setup(t, `create table a (id int primary key)`)
	f.cfg.Snapshot, f.cfg.Values.Binary = postgres.NoData, "hex"
	r := f.open(nil)
	f.exec(`select pg_logical_emit_message(true, 'b', '\x00ff10'::bytea)`)
	r.want("message m {b} {b,00ff10}")
}
