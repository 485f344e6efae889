package main

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// database is a fresh database with one table of ten columns and about 220 bytes a row.
type database struct {
	admin, url string
	name       string
	conn       *pgx.Conn
	next       int64 // the next free id
}

const table = `create table public.orders (
	id bigint primary key, customer_id int not null, status varchar(16) not null, total numeric(12,2) not null, note text, paid boolean not null,
	placed_at timestamptz not null, due date, ref uuid not null, sent_us bigint not null)`

// values is the select list that makes row g.
const values = `g, (g % 100000)::int, (array['new','paid','shipped','returned'])[1 + g % 4], (g % 1000000) / 100.0, repeat('order note ', 8) || g, g % 2 = 0,
	timestamptz '2024-01-01 00:00:00+00' + g * interval '1 second', date '2024-01-01' + (g % 1000)::int, md5(g::text)::uuid, 0`

func newDatabase(ctx context.Context, admin string) (*database, error) {
	u, err := url.Parse(admin)
	if err != nil || admin == "" {
		return nil, fmt.Errorf("-postgres needs the URL of a superuser")
	}
	db := &database{admin: admin, name: fmt.Sprintf("bench_%d", time.Now().UnixNano()), next: 1}
	c, err := pgx.Connect(ctx, admin)
	if err != nil {
		return nil, err
	}
	defer c.Close(ctx)
	if _, err := c.Exec(ctx, "create database "+db.name); err != nil {
		return nil, err
	}
	u.Path = "/" + db.name
	db.url = u.String()
	if db.conn, err = pgx.Connect(ctx, db.url); err != nil {
		return nil, err
	}
	_, err = db.conn.Exec(ctx, table)
	return db, err
}

func (db *database) drop() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_ = db.conn.Close(ctx)
	c, err := pgx.Connect(ctx, db.admin)
	if err != nil {
		return
	}
	defer c.Close(ctx)
	_, _ = c.Exec(ctx, "select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1 and active", db.name)
	for range 50 {
		if _, err = c.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1", db.name); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	_, _ = c.Exec(ctx, "drop database if exists "+db.name+" with (force)")
}

// fill inserts n rows.
func (db *database) fill(ctx context.Context, n int) error {
	_, err := db.conn.Exec(ctx, "insert into orders select "+values+" from generate_series($1::bigint, $2::bigint) g", db.next, db.next+int64(n)-1)
	db.next += int64(n)
	if err == nil {
		_, err = db.conn.Exec(ctx, "vacuum analyze orders")
	}
	if err == nil {
		_, err = db.conn.Exec(ctx, "checkpoint")
	}
	return err
}

// change makes n changes in transactions of 1,000: half inserts, half updates of the rows just inserted.
func (db *database) change(ctx context.Context, n int) error {
	for done := 0; done < n; done += 1000 {
		tx, err := db.conn.Begin(ctx)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, "insert into orders select "+values+" from generate_series($1::bigint, $2::bigint) g", db.next, db.next+499); err == nil {
			_, err = tx.Exec(ctx, "update orders set status = 'changed', total = total + 1 where id between $1 and $2", db.next, db.next+499)
		}
		if err == nil {
			err = tx.Commit(ctx)
		}
		if err != nil {
			return err
		}
		db.next += 500
	}
	return nil
}

// parts returns the connector's connection options.
func (db *database) parts() map[string]string {
	c := db.conn.Config()
	return map[string]string{"database.hostname": c.Host, "database.port": fmt.Sprint(c.Port), "database.user": c.User, "database.password": c.Password, "database.dbname": db.name}
}

// connector returns the configuration that Millrace and Debezium both get.
func (db *database) connector(s subject, id, mode string) map[string]string {
	return merge(map[string]string{
		"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1", "plugin.name": "pgoutput",
		"topic.prefix": id, "slot.name": id, "publication.name": id, "publication.autocreate.mode": "filtered",
		"table.include.list": "public.orders", "snapshot.mode": mode,
	}, db.parts(), s.connector)
}
