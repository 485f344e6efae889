package main

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/test/harness"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// connectorID names a connector, its topics, slot and publication; all of a run are different.
func connectorID() string { return fmt.Sprintf("b%d", time.Now().UnixNano()) }

// records counts the records of a topic.
func records(ctx context.Context, adm *kadm.Client, topic string) int64 {
	ends, err := adm.ListEndOffsets(ctx, topic)
	if err != nil {
		return 0
	}
	var n int64
	ends.Each(func(o kadm.ListedOffset) {
		if o.Err == nil && o.Offset > 0 {
			n += o.Offset
		}
	})
	return n
}

// flow waits until the topic holds want records more than base and measures from the moment the first is seen.
func flow(ctx context.Context, o options, w *harness.Process, topic string, base, want int64, rate *figures) error {
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.kafka), kgo.MetadataMinAge(20*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		return err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	asked, cpu := time.Now(), w.CPU()
	var first time.Time
	for {
		n := records(ctx, adm, topic) - base
		now := time.Now()
		if n > 0 && first.IsZero() {
			first = now
			rate.start = now.Sub(asked)
		}
		if n >= want {
			rate.rows = float64(want) / now.Sub(first).Seconds()
			rate.rowsCPU = float64(want) / (w.CPU() - cpu)
			if n > want {
				return fmt.Errorf("%d records arrived, %d were due", n, want)
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d records arrived: %w", n, want, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func snapshot(ctx context.Context, s subject, db *database, o options, w *harness.Process, r *result) error {
	id := connectorID()
	var rows int64
	if err := db.conn.QueryRow(ctx, "select count(*) from orders").Scan(&rows); err != nil {
		return err
	}
	if err := w.Create(ctx, id, db.connector(s, id, "initial_only")); err != nil {
		return err
	}
	if err := flow(ctx, o, w, id+".public.orders", 0, rows, &r.snapshot); err != nil {
		return err
	}
	return remove(ctx, w, db, id)
}

// remove deletes the connector and its slot.
func remove(ctx context.Context, w *harness.Process, db *database, id string) error {
	if _, err := w.Call(ctx, "DELETE", "/connectors/"+id, nil); err != nil {
		return err
	}
	for {
		_, err := db.conn.Exec(ctx, "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1", id)
		if err == nil {
			_, err = db.conn.Exec(ctx, "drop publication if exists "+id)
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// streaming creates a connector that does not snapshot and waits until one change has come through.
func streaming(ctx context.Context, s subject, db *database, o options, w *harness.Process) (id string, base int64, err error) {
	id = connectorID()
	if err := w.Create(ctx, id, db.connector(s, id, "no_data")); err != nil {
		return id, 0, err
	}
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.kafka), kgo.MetadataMinAge(20*time.Millisecond), kgo.MetadataMaxAge(time.Second))
	if err != nil {
		return id, 0, err
	}
	defer cl.Close()
	adm := kadm.NewClient(cl)
	for { // the slot exists and is read
		var active bool
		_ = db.conn.QueryRow(ctx, "select active from pg_replication_slots where slot_name = $1", id).Scan(&active)
		if active {
			break
		}
		select {
		case <-ctx.Done():
			return id, 0, fmt.Errorf("waiting for the slot: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
	if err := db.change(ctx, 1000); err != nil {
		return id, 0, err
	}
	for base < 1000 {
		base = records(ctx, adm, id+".public.orders")
		select {
		case <-ctx.Done():
			return id, 0, fmt.Errorf("%d of the first 1000 changes arrived: %w", base, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return id, base, nil
}

func drain(ctx context.Context, s subject, db *database, o options, w *harness.Process, r *result) error {
	id, base, err := streaming(ctx, s, db, o, w)
	if err != nil {
		return err
	}
	time.Sleep(2 * time.Second) // offsets are stored once a second: a stop right now could replay the first changes
	if _, err := w.Call(ctx, "PUT", "/connectors/"+id+"/stop", nil); err != nil {
		return err
	}
	if err := db.idle(ctx, id); err != nil {
		return err
	}
	if err := db.change(ctx, o.rows); err != nil {
		return err
	}
	if _, err := w.Call(ctx, "PUT", "/connectors/"+id+"/resume", nil); err != nil {
		return err
	}
	if err := flow(ctx, o, w, id+".public.orders", base, int64(o.rows), &r.drain); err != nil {
		return err
	}
	return remove(ctx, w, db, id)
}

// idle waits until nobody reads the slot.
func (db *database) idle(ctx context.Context, slot string) error {
	for {
		var active bool
		if err := db.conn.QueryRow(ctx, "select active from pg_replication_slots where slot_name = $1", slot).Scan(&active); err != nil {
			return err
		}
		if !active {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for the connector to let go of its slot: %w", ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
