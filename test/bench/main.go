// Command bench measures Millrace beside Debezium on Kafka Connect: the same machine, database, broker, tables and
// connector configuration in one run. `make bench` starts the servers and calls it.
//
// It measures three things for each worker: the snapshot of a table, the drain of changes made while the connector was
// stopped, and the latency of single changes at a steady rate; and two ceilings, clients that receive the same stream
// and the same COPY and throw them away.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/millrace/millrace/test/harness"
)

type options struct {
	rows     int
	rate     int
	seconds  int
	postgres string
	kafka    string
	kafkaLib string
	debezium string
	out      string
	only     string
	parts    string
	profile  string
}

func main() {
	var o options
	flag.IntVar(&o.rows, "rows", 1_000_000, "rows of the snapshot and changes of the drain")
	flag.IntVar(&o.rate, "rate", 1000, "changes a second of the latency run")
	flag.IntVar(&o.seconds, "seconds", 20, "length of the latency run")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("MILLRACE_TEST_POSTGRES"), "URL of a PostgreSQL superuser")
	flag.StringVar(&o.kafka, "kafka", os.Getenv("MILLRACE_TEST_KAFKA"), "Kafka bootstrap server")
	flag.StringVar(&o.kafkaLib, "kafka-libs", os.Getenv("MILLRACE_KAFKA_LIBS"), "directory of Kafka's and Connect's jars")
	flag.StringVar(&o.debezium, "debezium", os.Getenv("MILLRACE_DEBEZIUM_LIBS"), "directory of Debezium's jars")
	flag.StringVar(&o.out, "out", "", "file for the report in Markdown; empty: standard output only")
	flag.StringVar(&o.only, "only", "", "comma-separated subjects to measure; empty: all")
	flag.StringVar(&o.parts, "parts", "ceiling,snapshot,drain,latency", "what to measure")
	flag.StringVar(&o.profile, "profile", "", "directory for Millrace's CPU profiles; empty: none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "millrace-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	db, err := newDatabase(ctx, o.postgres)
	if err != nil {
		return err
	}
	defer db.drop()
	fmt.Fprintf(os.Stderr, "filling a table with %d rows ...\n", o.rows)
	if err := db.fill(ctx, o.rows); err != nil {
		return err
	}
	var results []result
	if strings.Contains(o.parts, "ceiling") {
		r, err := ceilings(ctx, db, o)
		if err != nil {
			return fmt.Errorf("measuring the ceilings: %w", err)
		}
		results = append(results, r)
		fmt.Fprintln(os.Stderr, r)
	}
	registry := ""
	if o.only == "" || strings.Contains(o.only, "millrace-avro") {
		p, err := harness.Registry(ctx, dir, "memory")
		if err != nil {
			return err
		}
		defer p.Stop()
		registry = p.URL
	}
	for _, s := range subjects(registry) {
		if o.only != "" && !strings.Contains(","+o.only+",", ","+s.name+",") {
			continue
		}
		r, err := measure(ctx, s, db, o, dir)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", s.name, err)
		}
		results = append(results, r)
		fmt.Fprintln(os.Stderr, r)
	}
	text := report(o, results)
	fmt.Print(text)
	if o.out != "" {
		return os.WriteFile(o.out, []byte(text), 0o644)
	}
	return nil
}

// measure runs the parts that o asks for with fresh workers of subject s.
func measure(ctx context.Context, s subject, db *database, o options, dir string) (result, error) {
	r := result{name: s.name}
	for _, part := range []struct {
		name string
		run  func(context.Context, subject, *database, options, *harness.Process, *result) error
	}{{"snapshot", snapshot}, {"drain", drain}, {"latency", latency}} {
		if !strings.Contains(o.parts, part.name) {
			continue
		}
		fmt.Fprintf(os.Stderr, "%s: %s ...\n", s.name, part.name)
		w, err := startWorker(ctx, s, o, dir)
		if err != nil {
			return r, err
		}
		pctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
		err = part.run(pctx, s, db, o, w, &r)
		cancel()
		if peak := w.Peak(); peak > r.peak {
			r.peak = peak
		}
		w.Stop()
		if err != nil {
			return r, fmt.Errorf("%s: %w\n%s", part.name, err, w.Tail())
		}
	}
	return r, nil
}
