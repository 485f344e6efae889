package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/connect/runtime"
)

func TestMetrics(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	w, stop := b.start()
	defer stop()
	if _, err := w.Create(ctx, "shop", numbers("a"), ""); err != nil {
		t.Fatal(err)
	}
	b.delivered("a")
	value := func(name string, labels ...string) (v float64, found bool) {
		for _, f := range must(b.registry.Gather()) {
			if f.GetName() != name {
				continue
			}
		metrics:
			for _, m := range f.GetMetric() {
				for i := 0; i < len(labels); i += 2 {
					ok := false
					for _, l := range m.GetLabel() {
						ok = ok || l.GetName() == labels[i] && l.GetValue() == labels[i+1]
					}
					if !ok {
						continue metrics
					}
				}
				return m.GetCounter().GetValue() + m.GetGauge().GetValue() + float64(m.GetHistogram().GetSampleCount()), true
			}
		}
		return 0, false
	}
	for name, want := range map[string]float64{"rows_read_total": 300, "messages_acked_total": 300, "in_flight_bytes": 0, "restarts_total": 0} {
		if v, ok := value("millrace_task_"+name, "connector", "shop", "task", "0"); !ok || v != want {
			t.Errorf("%s is %v, %v; want %v", name, v, ok, want)
		}
	}
	for _, name := range []string{"batches_total", "bytes_acked_total", "offset_saves_total", "encode_seconds", "produce_seconds"} {
		if v, ok := value("millrace_task_"+name, "connector", "shop"); !ok || v == 0 {
			t.Errorf("%s is %v, %v", name, v, ok)
		}
	}
	if v, ok := value("millrace_task_state", "state", "RUNNING"); !ok || v != 1 {
		t.Errorf("state RUNNING is %v, %v", v, ok)
	}
	if err := w.Delete(ctx, "shop"); err != nil {
		t.Fatal(err)
	}
	if _, ok := value("millrace_task_rows_read_total"); ok {
		t.Error("the deleted connector's series are still there")
	}
}

func TestGauges(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := must(runtime.NewMetrics(reg))
	g := m.Task("shop", 2)
	g.Set("source_lag_bytes", 5)
	g.Set("source_lag_bytes", 7)
	g.Set("snapshot_rows", 1, "table", "public.a")
	g.Set("snapshot_rows", 2, "table", "public.b")
	got := map[string]float64{}
	for _, f := range must(reg.Gather()) {
		if strings.HasPrefix(f.GetName(), "millrace_s") {
			for _, s := range f.GetMetric() {
				key := f.GetName()
				for _, l := range s.GetLabel() {
					key += " " + l.GetName() + "=" + l.GetValue()
				}
				got[key] = s.GetGauge().GetValue()
			}
		}
	}
	want := map[string]float64{
		"millrace_source_lag_bytes connector=shop task=2":             7,
		"millrace_snapshot_rows connector=shop table=public.a task=2": 1,
		"millrace_snapshot_rows connector=shop table=public.b task=2": 2,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
}

func TestWait(t *testing.T) {
	b, ctx := newBench(t), context.Background()
	w, stop := b.start()
	defer stop()
	for _, name := range []string{"a", "b"} {
		b.upstream(name).Wait = false // ends with io.EOF
	}
	if _, err := w.Create(ctx, "ends", numbers("a,b"), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Wait(ctx, "ends"); err != nil {
		t.Fatal(err)
	}
	if n := len(b.broker.Messages()); n != 600 {
		t.Fatalf("finished after %d messages", n)
	}
	b.upstream("bad").Fail = func(n int) error {
		if n > 100 {
			return errors.New("slot is gone")
		}
		return nil
	}
	if _, err := w.Create(ctx, "fails", numbers("streams,bad"), ""); err != nil {
		t.Fatal(err)
	}
	if err := w.Wait(ctx, "fails"); err == nil || !strings.Contains(err.Error(), `task 1 of connector "fails" has failed: reading: slot is gone`) {
		t.Fatal(err)
	}
	if _, err := w.Create(ctx, "streams", numbers("on"), ""); err != nil {
		t.Fatal(err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if err := w.Wait(short, "streams"); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
}
