// Package counters is a workload whose delivery can be checked change by change: a table of counters that only ever grow
// by one, written in transactions of every shape, and a History that proves of what arrived that no change is missing and
// that each key's changes came in order. Repeated changes are counted, as at-least-once delivery allows them.
package counters

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
)

// Schema makes the tables: counters, and rows for a snapshot to take its time over. $1 is not supported in DDL, so the
// caller formats in the number of keys and of static rows.
const Schema = `
create table public.counters (key int primary key, n bigint not null, pad text);
create table public.statics (id int primary key, v text not null);
insert into counters select g, 0, '' from generate_series(0, %d - 1) g;
insert into statics select g, repeat('static ', 20) || g from generate_series(1, %d) g;`

// Writer changes the counters.
type Writer struct {
	URL  string
	Keys int
	Seed uint64
	// Pause is the longest wait between two transactions; 0: none.
	Pause time.Duration
}

// Run writes until ctx ends, through lost connections too. Each transaction increments up to 20 counters, one in ten of
// them 500 times over; some are rolled back, some roll back to a savepoint.
func (w *Writer) Run(ctx context.Context) {
	r := rand.New(rand.NewPCG(w.Seed, 1))
	for ctx.Err() == nil {
		conn, err := pgx.Connect(ctx, w.URL)
		if err != nil {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		for err == nil && ctx.Err() == nil {
			err = w.transaction(ctx, conn, r)
			if w.Pause > 0 {
				time.Sleep(time.Duration(r.Int64N(int64(w.Pause))))
			}
		}
		_ = conn.Close(context.WithoutCancel(ctx))
	}
}

const increment = "update counters set n = n + 1, pad = $2 where key = $1"

func (w *Writer) transaction(ctx context.Context, conn *pgx.Conn, r *rand.Rand) error {
	tx, err := conn.Begin(ctx)
	if err != nil {
		return err
	}
	n := 1 + r.IntN(20)
	if r.IntN(10) == 0 {
		n = 500
	}
	b := &pgx.Batch{}
	for i := range n {
		if i == n/2 && r.IntN(5) == 0 {
			b.Queue("savepoint s")
			b.Queue(increment, r.IntN(w.Keys), "undone")
			b.Queue("rollback to s")
		}
		b.Queue(increment, r.IntN(w.Keys), "p")
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx))
		return err
	}
	if r.IntN(15) == 0 {
		return tx.Rollback(ctx)
	}
	return tx.Commit(ctx)
}

// Final returns every counter's value.
func Final(ctx context.Context, conn *pgx.Conn) (map[int]int64, error) {
	rows, err := conn.Query(ctx, "select key, n from counters")
	if err != nil {
		return nil, err
	}
	out := map[int]int64{}
	var k int
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&k, &n}, func() error { out[k] = n; return nil })
	return out, err
}

// History checks what arrived, in the order in which it arrived for each key.
type History struct {
	last       map[int]int64
	Records    int // counters that arrived
	Duplicates int // of those, changes that had arrived before
	Snapshots  int // of those, rows that a snapshot read
}

// Add takes the JSON envelope (without a schema) of one record of the counters' topic. An error is a lost change: the
// counter jumped.
func (h *History) Add(value []byte) error {
	if h.last == nil {
		h.last = map[int]int64{}
	}
	var e struct {
		Op    string
		After *struct {
			Key int
			N   int64
		}
	}
	if err := json.Unmarshal(value, &e); err != nil || e.After == nil {
		return fmt.Errorf("a record of the counters is not an envelope: %v: %.200s", err, value)
	}
	h.Records++
	k, n := e.After.Key, e.After.N
	last, seen := h.last[k]
	switch {
	case e.Op == "r": // a snapshot may start over with a later state
		h.Snapshots++
		h.last[k] = max(last, n)
	case !seen && n > 1, seen && n > last+1:
		return fmt.Errorf("key %d: %d came after %d: changes are missing", k, n, last)
	case seen && n <= last:
		h.Duplicates++
	default:
		h.last[k] = n
	}
	return nil
}

// Reached reports whether every counter has arrived with its final value, and names one that has not.
func (h *History) Reached(final map[int]int64) error {
	for k, n := range final {
		if h.last[k] != n {
			return fmt.Errorf("key %d: the database has %d, the topic %d", k, n, h.last[k])
		}
	}
	return nil
}
