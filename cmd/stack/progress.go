package stack

import (
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// Measures is what the progress of a process's tasks is told from, by the names on /metrics without millrace_.
type Measures map[string]float64

// Measure reads the counters and gauges of Millrace, summed over their labels but state, whose label is part of the name
// (task_state.RUNNING).
func Measure(g prometheus.Gatherer) (Measures, error) {
	families, err := g.Gather()
	if err != nil {
		return nil, fmt.Errorf("reading metrics: %w", err)
	}
	m := Measures{}
	for _, f := range families {
		name, ours := strings.CutPrefix(f.GetName(), "millrace_")
		if !ours {
			continue
		}
		for _, s := range f.GetMetric() {
			key := name
			for _, l := range s.GetLabel() {
				if l.GetName() == "state" {
					key += "." + l.GetValue()
				}
			}
			switch f.GetType() {
			case dto.MetricType_COUNTER:
				m[key] += s.GetCounter().GetValue()
			case dto.MetricType_GAUGE:
				m[key] += s.GetGauge().GetValue()
			}
		}
	}
	return m, nil
}

// Line says how far the tasks are; before are the measures of a time earlier, nil for none.
func (m Measures) Line(before Measures, since time.Duration) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%.0f rows read, %.0f messages delivered", m["task_rows_read_total"], m["task_messages_acked_total"])
	if before != nil && since > 0 {
		fmt.Fprintf(&b, ", %.0f/s", (m["task_messages_acked_total"]-before["task_messages_acked_total"])/since.Seconds())
	}
	if total := m["snapshot_chunks"]; total > 0 && m["snapshot_chunks_done"] < total {
		fmt.Fprintf(&b, ", snapshot %.0f of about %.0f rows (%.0f of %.0f chunks)", m["snapshot_rows"], max(m["snapshot_rows"], m["snapshot_rows_estimated"]), m["snapshot_chunks_done"], total)
	}
	if lag, ok := m["source_lag_bytes"]; ok {
		fmt.Fprintf(&b, ", lag %s and %.0f ms", bytesText(lag), m["source_lag_ms"])
	}
	if n := m["task_restarts_total"]; n > 0 {
		fmt.Fprintf(&b, ", %.0f restarts", n)
	}
	return b.String()
}

func bytesText(n float64) string {
	for _, unit := range []string{"B", "KiB", "MiB", "GiB"} {
		if n < 1024 {
			return fmt.Sprintf("%.0f %s", n, unit)
		}
		n /= 1024
	}
	return fmt.Sprintf("%.0f TiB", n)
}

// Progress is a line of how far the pipeline is, with its rate since the call before; 0: no rate.
func (p *Pipeline) Progress(since time.Duration) (string, error) {
	m, err := Measure(p.Metrics)
	if err != nil {
		return "", err
	}
	line := p.Name + ": " + m.Line(p.before, since)
	p.before = m
	return line, nil
}
