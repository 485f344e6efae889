package rest

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/millrace/millrace/registry"
)

// Metrics counts the requests of a Handler: millrace_registry_http_requests_total by route, method and status, and
// millrace_registry_http_request_duration_seconds by route. A nil Metrics counts nothing. It is a prometheus.Collector.
type Metrics struct {
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	byRoute  map[*routeName]prometheus.Observer
	none     prometheus.Observer // of what is no route

	fastOK map[*routeName]prometheus.Counter // of the requests that there are by far the most of

	appendTook prometheus.Histogram
	appended   prometheus.Counter
	failed     prometheus.Counter
	gauges     []prometheus.Collector
}

// unmatched is the route of what no route matches.
const unmatched = "unmatched"

// NewMetrics returns metrics that count from 0.
func NewMetrics() *Metrics {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "millrace_registry_http_requests_total", Help: "Requests that were answered."}, []string{"route", "method", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "millrace_registry_http_request_duration_seconds", Help: "Time from a request's header to the end of its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"route"}),
		byRoute: map[*routeName]prometheus.Observer{},
	}
	for i := range routeNames {
		m.byRoute[&routeNames[i]] = m.took.WithLabelValues(routeNames[i].label)
	}
	m.appendTook = prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "millrace_registry_log_append_seconds", Help: "Time of appends to the log until they are durable.",
		Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	})
	m.appended = prometheus.NewCounter(prometheus.CounterOpts{Name: "millrace_registry_log_records_appended_total", Help: "Records that this process has appended to the log."})
	m.failed = prometheus.NewCounter(prometheus.CounterOpts{Name: "millrace_registry_log_append_failures_total", Help: "Appends that failed, those that came behind another writer's too."})
	m.none = m.took.WithLabelValues(unmatched)
	m.fastOK = map[*routeName]prometheus.Counter{}
	for _, r := range []*routeName{byIDRoute, versionRoute} {
		m.fastOK[r] = m.requests.WithLabelValues(r.label, http.MethodGet, "200")
	}
	return m
}

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range m.all() {
		c.Describe(ch)
	}
}

func (m *Metrics) all() []prometheus.Collector {
	return append([]prometheus.Collector{m.requests, m.took, m.appendTook, m.appended, m.failed}, m.gauges...)
}

// Appended is what registry.Options calls for every append.
func (m *Metrics) Appended(records int, took time.Duration, err error) {
	m.appendTook.Observe(took.Seconds())
	if err != nil {
		m.failed.Inc()
		return
	}
	m.appended.Add(float64(records))
}

// Watch adds gauges of what a registry holds, before the Metrics are registered. leads says whether this node writes; nil: it
// does. lost counts the lines that the audit log has lost; nil: none.
func (m *Metrics) Watch(reg *registry.Registry, leads func() bool, lost func() int64) {
	gauge := func(name, help string, value func() float64) {
		m.gauges = append(m.gauges, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "millrace_registry_" + name, Help: help}, value))
	}
	gauge("schemas", "Schema ids, over all contexts.", func() float64 { return float64(reg.Stats().Schemas) })
	gauge("subjects", "Subjects, those deleted softly too.", func() float64 { return float64(reg.Stats().Subjects) })
	gauge("versions", "Versions of all subjects, those deleted softly too.", func() float64 { return float64(reg.Stats().Versions) })
	gauge("contexts", "Contexts.", func() float64 { return float64(reg.Stats().Contexts) })
	gauge("log_offset", "The offset behind the last record of the log that is applied.", func() float64 { return float64(reg.Position()) })
	gauge("leader", "1 where this node may write to the log, 0 where it forwards writes.", func() float64 {
		if leads == nil || leads() {
			return 1
		}
		return 0
	})
	if lost != nil {
		m.gauges = append(m.gauges, prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "millrace_registry_audit_lines_lost_total", Help: "Lines that could not be written to the audit log.",
		}, func() float64 { return float64(lost()) }))
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(ch chan<- prometheus.Metric) {
	for _, c := range m.all() {
		c.Collect(ch)
	}
}

// fast counts an answer of serveFast, without allocating.
func (m *Metrics) fast(r *routeName, start time.Time) {
	if m != nil {
		m.fastOK[r].Inc()
		m.byRoute[r].Observe(time.Since(start).Seconds())
	}
}

// observe counts a request; r is nil where no route matches it.
func (m *Metrics) observe(r *routeName, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	label, observer := unmatched, m.none
	if r != nil {
		label, observer = r.label, m.byRoute[r]
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions:
	default:
		method = "other" // what clients make up must not fill the memory
	}
	m.requests.WithLabelValues(label, method, strconv.Itoa(status)).Inc()
	observer.Observe(took.Seconds())
}
