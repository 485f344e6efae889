package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// figures are rows a second by the clock and rows a processor-second of the worker.
type figures struct {
	rows, rowsCPU float64
	start         time.Duration // from asking to the first record
}

// result is what one subject showed.
type result struct {
	name            string
	snapshot, drain figures
	p50, p99, max   time.Duration
	latencyCPU      float64 // processor seconds a second during the latency run
	peak            float64 // MiB
}

// String is a line for the terminal.
func (r result) String() string {
	return fmt.Sprintf("%-18s snapshot %.0f rows/s %.0f/CPU-s (first after %v), drain %.0f/s %.0f/CPU-s (first after %v), p50 %v p99 %v max %v, %.0f MiB",
		r.name, r.snapshot.rows, r.snapshot.rowsCPU, r.snapshot.start.Round(time.Millisecond), r.drain.rows, r.drain.rowsCPU, r.drain.start.Round(time.Millisecond),
		r.p50.Round(100*time.Microsecond), r.p99.Round(100*time.Microsecond), r.max.Round(100*time.Microsecond), r.peak)
}

// report is the table in Markdown, with the ratios that the goals are stated in.
func report(o options, rs []result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# Millrace beside Debezium\n\n`make bench`, %s, %d processors, %d rows and %d changes of 10 columns and about 220 bytes, latency at %d changes/s for %d s.\n",
		time.Now().UTC().Format("2006-01-02"), runtime.NumCPU(), o.rows, o.rows, o.rate, o.seconds)
	b.WriteString("Rows a CPU-second count the worker's processor time alone. Peak is the worker's resident set.\n\n")
	b.WriteString("| worker | snapshot rows/s | a CPU-s | drain rows/s | a CPU-s | p50 ms | p99 ms | max ms | CPU at the rate | peak MiB |\n|---|---|---|---|---|---|---|---|---|---|\n")
	by := map[string]result{}
	for _, r := range rs {
		by[r.name] = r
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.0f | %.0f | %s | %s | %s | %.1f %% | %.0f |\n", r.name, r.snapshot.rows, r.snapshot.rowsCPU, r.drain.rows, r.drain.rowsCPU, ms(r.p50), ms(r.p99), ms(r.max), 100*r.latencyCPU, r.peak)
	}
	b.WriteString("\n| ratio | snapshot | drain |\n|---|---|---|\n")
	ratio := func(label, a, c string, f func(figures) float64) {
		x, okx := by[a]
		y, oky := by[c]
		if okx && oky {
			fmt.Fprintf(&b, "| %s | %.2f | %.2f |\n", label, f(x.snapshot)/f(y.snapshot), f(x.drain)/f(y.drain))
		}
	}
	cpu := func(f figures) float64 { return f.rowsCPU }
	clock := func(f figures) float64 { return f.rows }
	for _, m := range []string{"millrace-json", "millrace-avro"} {
		ratio(m+" to Debezium at its defaults, rows a CPU-second", m, "debezium-defaults", cpu)
		ratio(m+" to Debezium tuned, rows a CPU-second", m, "debezium-tuned", cpu)
		ratio(m+" to a client that only receives, by the clock", m, "receive only", clock)
	}
	return b.String()
}

func ms(d time.Duration) string {
	if d == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f", float64(d.Microseconds())/1000)
}
