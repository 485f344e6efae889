package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/millrace/millrace/test/harness"
	"github.com/twmb/franz-go/pkg/kgo"
)

// latency inserts rows one transaction at a time at a steady rate and takes the time from just before each commit to
// the moment a Kafka consumer on this machine holds the record.
func latency(ctx context.Context, s subject, db *database, o options, w *harness.Process, r *result) error {
	id, base, err := streaming(ctx, s, db, o, w)
	if err != nil {
		return err
	}
	n := o.rate * o.seconds
	first := db.next
	db.next += int64(n)
	sent := make([]time.Time, n)
	cl, err := kgo.NewClient(kgo.SeedBrokers(o.kafka), kgo.ConsumeTopics(id+".public.orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return err
	}
	defer cl.Close()
	for seen := int64(0); seen < base; {
		f := cl.PollFetches(ctx)
		if err := f.Err0(); err != nil {
			return err
		}
		seen += int64(f.NumRecords())
	}
	failed := make(chan error, 1)
	go func() { failed <- db.single(ctx, first, sent, o.rate) }()
	lat := make([]time.Duration, 0, n)
	cpu := w.CPU()
	for len(lat) < n {
		f := cl.PollFetches(ctx)
		now := time.Now()
		if err := f.Err0(); err != nil {
			return fmt.Errorf("%d of %d changes arrived: %w", len(lat), n, err)
		}
		f.EachRecord(func(rec *kgo.Record) {
			if i := keyID(rec.Key, s.avro) - first; i >= 0 && i < int64(n) {
				lat = append(lat, now.Sub(sent[i]))
			}
		})
	}
	if err := <-failed; err != nil {
		return err
	}
	r.latencyCPU = (w.CPU() - cpu) / float64(o.seconds)
	lat = lat[o.rate*min(2, o.seconds/4):] // the first seconds warm up
	slices.Sort(lat)
	r.p50, r.p99, r.max = lat[len(lat)/2], lat[len(lat)*99/100], lat[len(lat)-1]
	return remove(ctx, w, db, id)
}

// single inserts len(sent) rows from id first on, one a transaction, rate a second, and notes when each was sent.
func (db *database) single(ctx context.Context, first int64, sent []time.Time, rate int) error {
	stmt := "insert into orders select " + values + " from (select $1::bigint g) x"
	start := time.Now()
	for i := range sent {
		if d := time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))); d > 0 {
			time.Sleep(d)
		}
		sent[i] = time.Now()
		if _, err := db.conn.Exec(ctx, stmt, first+int64(i)); err != nil {
			return err
		}
	}
	return nil
}

// keyID reads the id out of a record key: {"id":5}, or Confluent's frame with an Avro long.
func keyID(key []byte, avro bool) int64 {
	if avro {
		if len(key) < 6 {
			return -1
		}
		v, _ := binary.Varint(key[5:])
		return v
	}
	_, rest, _ := bytes.Cut(key, []byte(`"id":`))
	n, err := strconv.ParseInt(string(bytes.TrimRight(rest, "} ")), 10, 64)
	if err != nil {
		return -1
	}
	return n
}
