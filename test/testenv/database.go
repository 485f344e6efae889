package testenv

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database is a database of one test's own.
type Database struct {
	Name, URL string
	Conn      *pgx.Conn
}

// NewDatabase makes a database on the shared PostgreSQL, whose name begins with prefix. It is dropped with the replication
// slots in it when the test ends.
func NewDatabase(ctx context.Context, t testing.TB, prefix string) *Database {
	t.Helper()
	admin := Postgres(t)
	db := &Database{Name: fmt.Sprintf("%s%d", prefix, time.Now().UnixNano())}
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "create database "+db.Name); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(admin)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + db.Name
	db.URL = u.String()
	if db.Conn, err = pgx.Connect(ctx, db.URL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_ = db.Conn.Close(ctx)
		dropDatabase(ctx, admin, db.Name)
	})
	return db
}

// Exec runs a statement.
func (db *Database) Exec(ctx context.Context, t testing.TB, sql string) {
	t.Helper()
	if _, err := db.Conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
}

// Connector returns the configuration of a Debezium connector that captures tables, with everything named after the
// database.
func (db *Database) Connector(tables string) map[string]string {
	c := db.Conn.Config()
	return map[string]string{
		"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput", "tasks.max": "1",
		"database.hostname": c.Host, "database.port": fmt.Sprint(c.Port), "database.user": c.User, "database.password": c.Password, "database.dbname": db.Name,
		"topic.prefix": db.Name, "table.include.list": tables, "slot.name": db.Name, "publication.name": db.Name, "publication.autocreate.mode": "filtered",
	}
}

// Streaming waits until a connector streams from the slot named after the database.
func (db *Database) Streaming(ctx context.Context, t testing.TB) {
	t.Helper()
	for {
		var streaming bool
		_ = db.Conn.QueryRow(ctx, "select exists (select from pg_stat_replication r join pg_replication_slots s on s.active_pid = r.pid where s.slot_name = $1 and r.state = 'streaming')", db.Name).Scan(&streaming)
		if streaming {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatal("the connector does not stream")
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func dropDatabase(ctx context.Context, admin, name string) {
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return
	}
	defer c.Close(ctx)
	for range 50 {
		_, _ = c.Exec(ctx, "select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active", name)
		if _, err := c.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1", name); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	_, _ = c.Exec(ctx, "drop database if exists "+name+" with (force)")
}
