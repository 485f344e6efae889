package rest

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/millrace/millrace/connect/runtime"
)

// Options are what the API tells and how.
type Options struct {
	Version, Commit string
	ClusterID       string // Kafka's; "" without Kafka
	AllowOrigin     string // access.control.allow.origin
	AllowMethods    []string
	Headers         string // response.http.headers.config
	ResetTopics     bool   // topic.tracking.allow.reset
	NoTopics        bool   // topic.tracking.enable=false
	Level           *slog.LevelVar
	Metrics         http.Handler // at /metrics; nil: none
	Log             *slog.Logger // gets errors that are Millrace's own; nil: slog.Default
}

type server struct {
	w       *runtime.Worker
	o       Options
	loggers loggers
	headers []headerRule
}

// Handler returns the API of w.
func Handler(w *runtime.Worker, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	s := &server{w: w, o: o, loggers: loggers{level: o.Level}, headers: parseHeaders(o.Headers)}
	mux := http.NewServeMux()
	for path, methods := range s.routes() {
		mux.HandleFunc(path, s.endpoint(methods))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fail(w, http.StatusNotFound, "HTTP 404 Not Found") })
	if o.Metrics != nil {
		mux.Handle("/metrics", o.Metrics)
	}
	return s.around(mux)
}

// call handles one method of a path. An error is answered as the API does.
type call func(w http.ResponseWriter, r *http.Request) error

func (s *server) routes() map[string]map[string]call {
	const c = "/connectors/{name}"
	return map[string]map[string]call{
		"/{$}":                                   {"GET": s.root},
		"/health":                                {"GET": s.health},
		"/connectors":                            {"GET": s.list, "POST": s.create},
		c:                                        {"GET": s.info, "DELETE": s.remove},
		c + "/config":                            {"GET": s.config, "PUT": s.put, "PATCH": s.patch},
		c + "/status":                            {"GET": s.status},
		c + "/restart":                           {"POST": s.restart},
		c + "/pause":                             {"PUT": s.target(s.w.Pause, http.StatusAccepted)},
		c + "/resume":                            {"PUT": s.target(s.w.Resume, http.StatusAccepted)},
		c + "/stop":                              {"PUT": s.target(s.w.Stop, http.StatusNoContent)},
		c + "/tasks":                             {"GET": s.tasks},
		c + "/tasks-config":                      {"GET": s.tasksConfig},
		c + "/tasks/{task}/status":               {"GET": s.taskStatus},
		c + "/tasks/{task}/restart":              {"POST": s.restartTask},
		c + "/topics":                            {"GET": s.topics},
		c + "/topics/reset":                      {"PUT": s.resetTopics},
		c + "/offsets":                           {"GET": s.offsets, "PATCH": s.alterOffsets, "DELETE": s.deleteOffsets},
		"/connector-plugins":                     {"GET": s.plugins},
		"/connector-plugins/{p}/config":          {"GET": s.pluginConfig},
		"/connector-plugins/{p}/config/validate": {"PUT": s.validate},
		"/admin/loggers":                         {"GET": s.listLoggers},
		"/admin/loggers/{logger}":                {"GET": s.getLogger, "PUT": s.setLogger},
	}
}

// endpoint answers the methods of one path.
func (s *server) endpoint(methods map[string]call) http.HandlerFunc {
	var allowed []string
	for m := range methods {
		allowed = append(allowed, m)
		if m == "GET" {
			allowed = append(allowed, "HEAD")
		}
	}
	allowed = append(allowed, "OPTIONS")
	slices.Sort(allowed)
	allow := strings.Join(allowed, ",")
	return func(w http.ResponseWriter, r *http.Request) {
		method := r.Method
		if method == "HEAD" {
			method = "GET"
		}
		f, ok := methods[method]
		switch {
		case ok:
		case r.Method == "OPTIONS":
			w.Header().Set("Allow", allow)
			w.WriteHeader(http.StatusOK)
			return
		default:
			w.Header().Set("Allow", allow)
			fail(w, http.StatusMethodNotAllowed, "HTTP 405 Method Not Allowed")
			return
		}
		if err := f(w, r); err != nil {
			s.answer(w, r, err)
		}
	}
}

// around adds what every answer has: CORS and configured headers.
func (s *server) around(h http.Handler) http.Handler {
	methods := "GET,POST,HEAD"
	if len(s.o.AllowMethods) > 0 {
		methods = strings.Join(s.o.AllowMethods, ",")
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, rule := range s.headers {
			rule(w.Header())
		}
		if origin := r.Header.Get("Origin"); origin != "" && s.o.AllowOrigin != "" && allows(s.o.AllowOrigin, origin) {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Add("Vary", "Origin")
			if r.Method == "OPTIONS" && r.Header.Get("Access-Control-Request-Method") != "" {
				w.Header().Set("Access-Control-Allow-Methods", methods)
				w.Header().Set("Access-Control-Allow-Headers", "X-Requested-With,Content-Type,Accept,Origin")
				w.WriteHeader(http.StatusOK)
				return
			}
		}
		h.ServeHTTP(w, r)
	})
}

func allows(list, origin string) bool {
	for o := range strings.SplitSeq(list, ",") {
		if o = strings.TrimSpace(o); o == "*" || o == origin {
			return true
		}
	}
	return false
}

// headerRule changes the headers of an answer.
type headerRule func(http.Header)

// parseHeaders reads response.http.headers.config: "set Name: value, add Name: value, setDate Name: ms".
func parseHeaders(s string) []headerRule {
	var rules []headerRule
	for item := range strings.SplitSeq(s, ",") {
		action, rest, ok := strings.Cut(strings.TrimSpace(item), " ")
		name, value, ok2 := strings.Cut(rest, ":")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		if !ok || !ok2 || name == "" {
			continue
		}
		if strings.EqualFold(action, "add") {
			rules = append(rules, func(h http.Header) { h.Add(name, value) })
		} else {
			rules = append(rules, func(h http.Header) { h.Set(name, value) })
		}
	}
	return rules
}
