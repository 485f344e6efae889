package runtime

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/connect"
)

// Metrics is what a process tells about its tasks: millrace_task_… and the measures that connectors report as
// millrace_…, all with labels connector and task.
type Metrics struct {
	rows, messages, bytes, batches *prometheus.CounterVec
	errors, restarts, saves        *prometheus.CounterVec
	inFlight, state                *prometheus.GaugeVec
	encode, produce                *prometheus.HistogramVec
	gauges                         *gauges
}

// NewMetrics makes the metrics and registers them with reg; a nil reg leaves them unseen.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	labels := []string{"connector", "task"}
	counter := func(name, help string, more ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: "millrace_task_" + name, Help: help}, append(slices.Clone(labels), more...))
	}
	gauge := func(name, help string, more ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "millrace_task_" + name, Help: help}, append(slices.Clone(labels), more...))
	}
	seconds := func(name, help string) *prometheus.HistogramVec {
		return prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "millrace_task_" + name, Help: help, Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 14),
		}, labels)
	}
	m := &Metrics{
		rows:     counter("rows_read_total", "Rows read from the source."),
		messages: counter("messages_acked_total", "Messages that the broker acknowledged."),
		bytes:    counter("bytes_acked_total", "Bytes of keys and values that the broker acknowledged."),
		batches:  counter("batches_total", "Batches read from the source."),
		errors:   counter("errors_total", "Errors by class: bad_record counts records, the others failed runs.", "class"),
		restarts: counter("restarts_total", "Runs begun again after a retriable error."),
		saves:    counter("offset_saves_total", "Offsets made durable."),
		inFlight: gauge("in_flight_bytes", "Bytes produced and not yet acknowledged."),
		state:    gauge("state", "1 for the state that the task is in.", "state"),
		encode:   seconds("encode_seconds", "Time to encode a batch."),
		produce:  seconds("produce_seconds", "Time from producing a batch to its acknowledgement."),
		gauges:   &gauges{series: map[string]*series{}},
	}
	if reg == nil {
		return m, nil
	}
	var errs []error
	for _, c := range m.all() {
		errs = append(errs, reg.Register(c))
	}
	return m, errors.Join(append(errs, reg.Register(m.gauges))...)
}

type vec interface {
	prometheus.Collector
	DeletePartialMatch(prometheus.Labels) int
}

func (m *Metrics) all() []vec {
	return []vec{m.rows, m.messages, m.bytes, m.batches, m.errors, m.restarts, m.saves, m.inFlight, m.state, m.encode, m.produce}
}

// Task returns the metrics of one task, all at 0 at first.
func (m *Metrics) Task(connector string, task int) *TaskMetrics {
	id := strconv.Itoa(task)
	t := &TaskMetrics{
		rows: m.rows.WithLabelValues(connector, id), messages: m.messages.WithLabelValues(connector, id),
		bytes: m.bytes.WithLabelValues(connector, id), batches: m.batches.WithLabelValues(connector, id),
		restarts: m.restarts.WithLabelValues(connector, id), saves: m.saves.WithLabelValues(connector, id),
		inFlight: m.inFlight.WithLabelValues(connector, id),
		encode:   m.encode.WithLabelValues(connector, id), produce: m.produce.WithLabelValues(connector, id),
		state: m.state, gauges: m.gauges, connector: connector, id: id,
	}
	for c := range t.errors {
		t.errors[c] = m.errors.WithLabelValues(connector, id, strings.ReplaceAll(connect.Class(c).String(), " ", "_"))
	}
	return t
}

// Forget drops the series of a connector that is gone.
func (m *Metrics) Forget(connector string) {
	for _, v := range m.all() {
		v.DeletePartialMatch(prometheus.Labels{"connector": connector})
	}
	m.gauges.forget(connector)
}

// TaskMetrics is the share of one task. It is also the connect.Gauges of its connector.
type TaskMetrics struct {
	rows, messages, bytes, batches prometheus.Counter
	restarts, saves                prometheus.Counter
	errors                         [3]prometheus.Counter // by connect.Class
	inFlight                       prometheus.Gauge
	encode, produce                prometheus.Observer
	state                          *prometheus.GaugeVec
	gauges                         *gauges
	connector, id                  string
}

var _ connect.Gauges = (*TaskMetrics)(nil)

func (t *TaskMetrics) setState(s State) {
	t.state.DeletePartialMatch(prometheus.Labels{"connector": t.connector, "task": t.id})
	t.state.WithLabelValues(t.connector, t.id, string(s)).Set(1)
}

// Set reports a connector's own measure as millrace_NAME.
func (t *TaskMetrics) Set(name string, value float64, labels ...string) {
	t.gauges.set(t.connector, t.id, name, value, labels)
}

// gauges collects measures whose names are only known when they are told.
type gauges struct {
	mu     sync.Mutex // guards series
	series map[string]*series
}

type series struct {
	connector string
	desc      *prometheus.Desc
	values    []string
	value     float64
}

func (g *gauges) set(connector, task, name string, value float64, labels []string) {
	key := connector + "\x00" + task + "\x00" + name + "\x00" + strings.Join(labels, "\x00")
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.series[key]
	if s == nil {
		names, values := []string{"connector", "task"}, []string{connector, task}
		for i := 0; i+1 < len(labels); i += 2 {
			names, values = append(names, labels[i]), append(values, strings.ToValidUTF8(labels[i+1], "\uFFFD"))
		}
		s = &series{connector: connector, values: values, desc: prometheus.NewDesc("millrace_"+name, "Reported by the connector.", names, nil)}
		g.series[key] = s
	}
	s.value = value
}

func (g *gauges) forget(connector string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for k, s := range g.series {
		if s.connector == connector {
			delete(g.series, k)
		}
	}
}

// Describe says nothing: the set changes while the process runs.
func (g *gauges) Describe(chan<- *prometheus.Desc) {}

// Collect sends every measure.
func (g *gauges) Collect(out chan<- prometheus.Metric) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.series {
		m, err := prometheus.NewConstMetric(s.desc, prometheus.GaugeValue, s.value, s.values...)
		if err != nil {
			m = prometheus.NewInvalidMetric(s.desc, err)
		}
		out <- m
	}
}
