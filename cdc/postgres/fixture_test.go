package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/cdc"
	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/test/testenv"
)

// fixture is a database of one test.
type fixture struct {
	*testing.T
	db  *pgx.Conn
	url string
	cfg postgres.Config
}

// setup makes a database, runs sql in it and drops it, with its slots, at the test's end.
func setup(t *testing.T, sql string) *fixture {
	t.Helper()
	admin := testenv.Postgres(t)
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("cdc_%d_%d", os.Getpid(), time.Now().UnixNano())
	root, err := pgx.Connect(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := root.Exec(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	f := &fixture{T: t, url: u.String()}
	port, _ := strconv.Atoi(u.Port())
	pass, _ := u.User.Password()
	f.cfg = postgres.Config{
		Conn:  postgres.ConnConfig{Host: u.Hostname(), Port: uint16(port), User: u.User.Username(), Password: pass, Database: name},
		Names: envelope.Names{Prefix: "p"}, Slot: name, Publication: "pub", SlotRetries: 20, SlotRetryDelay: 100 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if testing.Verbose() {
		f.cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	t.Cleanup(func() {
		ctx := context.Background()
		root.Close(ctx)
		if root, err = pgx.Connect(ctx, admin); err != nil { // a test may have restarted the server
			t.Error(err)
			return
		}
		defer root.Close(ctx)
		for range 50 {
			_, err = root.Exec(ctx, "select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active", name)
			if err == nil {
				if _, err = root.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1", name); err == nil {
					break
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		if _, err := root.Exec(ctx, "drop database "+name+" with (force)"); err != nil {
			t.Error(err)
		}
	})
	f.db = f.connect()
	f.exec(sql)
	return f
}

func (f *fixture) connect() *pgx.Conn {
	f.Helper()
	c, err := pgx.Connect(f.Context(), f.url)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func (f *fixture) exec(sql string) {
	f.Helper()
	if _, err := f.db.Exec(f.Context(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		f.Fatal(err)
	}
}

func (f *fixture) value(sql string) string {
	f.Helper()
	var v string
	if err := f.db.QueryRow(f.Context(), sql, pgx.QueryExecModeSimpleProtocol).Scan(&v); err != nil {
		f.Fatal(err)
	}
	return v
}

// tables sets table.include.list.
func (f *fixture) tables(list string) {
	f.Helper()
	p, err := cdc.ParsePatterns(list, "")
	if err != nil {
		f.Fatal(err)
	}
	f.cfg.Filter.Tables = p
}

// reading is an open source with what was read of it.
type reading struct {
	*fixture
	src  *postgres.Source
	pos  record.Position
	ids  []record.ID
	errs []error
	b    record.Batch
}

func (f *fixture) open(resume record.Position) *reading {
	f.Helper()
	r := &reading{fixture: f, src: postgres.New(f.cfg), pos: resume}
	if err := r.src.Open(f.Context(), resume); err != nil {
		f.Fatalf("open: %v", err)
	}
	f.Cleanup(func() { r.src.Close(context.Background()) })
	return r
}

func (r *reading) close() {
	r.Helper()
	if err := r.src.Close(context.Background()); err != nil {
		r.Fatal(err)
	}
}

// batch reads once and returns the rows in short form.
func (r *reading) batch() ([]string, error) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	r.b.Reset()
	err := r.src.Read(ctx, &r.b)
	var out []string
	for i := range r.b.Len() {
		row := r.b.At(i)
		r.ids = append(r.ids, row.ID())
		out = append(out, short(row))
	}
	if p, ok := r.b.Position(); ok {
		r.pos = append(record.Position(nil), p...)
	}
	return out, err
}

// rows reads until there are n rows.
func (r *reading) rows(n int) []string {
	r.Helper()
	var out []string
	for len(out) < n {
		more, err := r.batch()
		out = append(out, more...)
		var ve *postgres.ValueError
		if errors.As(err, &ve) {
			r.errs = append(r.errs, err)
		} else if err != nil {
			r.Fatalf("reading: %v, after %d rows of %d: %q", err, len(out), n, out)
		}
	}
	if len(out) > n {
		r.Fatalf("%d rows, want %d: %q", len(out), n, out)
	}
	return out
}

// want reads as many rows as are given and compares.
func (r *reading) want(rows ...string) {
	r.Helper()
	got := r.rows(len(rows))
	for i := range rows {
		if got[i] != rows[i] {
			r.Errorf("row %d:\n got %s\nwant %s", i, got[i], rows[i])
		}
	}
}

// short renders a row as "topic op key before>after", structs as values in order, and the snapshot's marker.
func short(row record.Row) string {
	var b strings.Builder
	b.WriteString(strings.TrimPrefix(row.Layout().Topic, "p."))
	v, ok := row.Value()
	k, hasKey := row.Key()
	op := "tombstone"
	if ok {
		op = string(rune(row.Op()))
	}
	b.WriteString(" " + op)
	if hasKey {
		b.WriteString(" " + text(k))
	}
	if !ok {
		return b.String()
	}
	if v.Schema().Field("before") >= 0 {
		b.WriteString(" " + text(v.Index(0)) + ">" + text(v.Index(1)))
		if m := string(v.Index(2).Index(4).Bytes()); m != "false" {
			b.WriteString(" " + m)
		}
	} else if i := v.Schema().Field("message"); i >= 0 {
		b.WriteString(" " + text(v.Index(i)))
	}
	for _, h := range row.Headers() {
		fmt.Fprintf(&b, " %s=%s", h.Key, h.Value)
	}
	return b.String()
}

func text(v record.Value) string {
	if v.State() == record.Null {
		return "-"
	}
	suffix := ""
	if v.State() == record.Unchanged {
		suffix = "~"
	}
	switch v.Schema().Kind {
	case record.Struct, record.Array:
		var parts []string
		for i := range v.Len() {
			parts = append(parts, text(v.Index(i)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case record.Boolean:
		return fmt.Sprint(v.Bool())
	case record.Float32, record.Float64:
		return fmt.Sprint(v.Float())
	case record.String, record.Bytes:
		s := string(v.Bytes())
		if len(s) > 40 {
			s = fmt.Sprintf("%s…%d", s[:4], len(s))
		}
		return s + suffix
	}
	return fmt.Sprint(v.Int())
}
