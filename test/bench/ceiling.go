package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"github.com/jackc/pglogrepl"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/millrace/millrace/test/harness"
)

// ceilings measures clients that only receive: COPY of the whole table, and the stream of o.rows changes from a slot.
func ceilings(ctx context.Context, db *database, o options) (result, error) {
	r := result{name: "receive only"}
	conn, err := pgconn.Connect(ctx, db.url)
	if err != nil {
		return r, err
	}
	defer conn.Close(ctx)
	start, cpu := time.Now(), harness.CPU(os.Getpid())
	tag, err := conn.CopyTo(ctx, io.Discard, "copy orders to stdout (format binary)")
	if err != nil {
		return r, err
	}
	r.snapshot.rows = float64(tag.RowsAffected()) / time.Since(start).Seconds()
	r.snapshot.rowsCPU = float64(tag.RowsAffected()) / (harness.CPU(os.Getpid()) - cpu)
	return r, receive(ctx, db, o, &r.drain)
}

func receive(ctx context.Context, db *database, o options, f *figures) error {
	u, err := url.Parse(db.url)
	if err != nil {
		return err
	}
	q := u.Query()
	q.Set("replication", "database")
	u.RawQuery = q.Encode()
	conn, err := pgconn.Connect(ctx, u.String())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := db.conn.Exec(ctx, "create publication receive_only for table orders"); err != nil {
		return err
	}
	slot, err := pglogrepl.CreateReplicationSlot(ctx, conn, "receive_only_"+db.name, "pgoutput", pglogrepl.CreateReplicationSlotOptions{Temporary: true})
	if err != nil {
		return err
	}
	if err := db.change(ctx, o.rows); err != nil {
		return err
	}
	from, err := pglogrepl.ParseLSN(slot.ConsistentPoint)
	if err != nil {
		return err
	}
	start, cpu := time.Now(), harness.CPU(os.Getpid())
	err = pglogrepl.StartReplication(ctx, conn, slot.SlotName, from, pglogrepl.StartReplicationOptions{
		PluginArgs: []string{"proto_version '1'", "publication_names 'receive_only'"}})
	if err != nil {
		return err
	}
	for n := 0; n < o.rows; {
		msg, err := conn.ReceiveMessage(ctx)
		if err != nil {
			return err
		}
		switch m := msg.(type) {
		case *pgproto3.CopyData:
			if len(m.Data) > 25 && m.Data[0] == 'w' && (m.Data[25] == 'I' || m.Data[25] == 'U') {
				n++
			}
		case *pgproto3.ErrorResponse:
			return fmt.Errorf("the server ended the stream: %s", m.Message)
		}
	}
	f.rows = float64(o.rows) / time.Since(start).Seconds()
	f.rowsCPU = float64(o.rows) / (harness.CPU(os.Getpid()) - cpu)
	return nil
}
