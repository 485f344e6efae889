package rest

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

func (a *api) root(*request) (answer, error) {
	return ok(struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
		Cluster string `json:"kafka_cluster_id"`
	}{a.o.Version, a.o.Commit, a.o.ClusterID})
}

const startingMessage = "Worker is still starting up."

// health answers as KIP-1017 has it.
func (a *api) health(*request) (answer, error) {
	type workerStatus struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	if !a.w.Ready() {
		return answer{status: http.StatusServiceUnavailable, body: workerStatus{"starting", startingMessage}}, nil
	}
	return ok(workerStatus{"healthy", "Worker has completed startup and is ready to handle requests."})
}

// rootLogger is the one logger there is.
const rootLogger = "root"

// logLevels are log4j's levels, the one that a level of slog is shown as first.
var logLevels = []struct {
	name  string
	level slog.Level
}{
	{"TRACE", slog.LevelDebug - 4}, {"ALL", slog.LevelDebug - 4}, {"DEBUG", slog.LevelDebug}, {"INFO", slog.LevelInfo}, {"WARN", slog.LevelWarn},
	{"ERROR", slog.LevelError}, {"FATAL", slog.LevelError + 4}, {"OFF", slog.LevelError + 8},
}

// levels remembers when the level was set.
type levels struct {
	mu  sync.Mutex // guards set
	set time.Time
}

type loggerLevel struct {
	Level        string `json:"level"`
	LastModified *int64 `json:"last_modified"` // milliseconds since 1970
}

func (a *api) level() loggerLevel {
	a.levels.mu.Lock()
	defer a.levels.mu.Unlock()
	l := loggerLevel{Level: a.o.Level.Level().String()}
	for _, known := range logLevels {
		if known.level <= a.o.Level.Level() && known.name != "ALL" {
			l.Level = known.name
		}
	}
	if !a.levels.set.IsZero() {
		ms := a.levels.set.UnixMilli()
		l.LastModified = &ms
	}
	return l
}

func (a *api) listLoggers(*request) (answer, error) {
	all := map[string]loggerLevel{}
	if a.o.Level != nil {
		all[rootLogger] = a.level()
	}
	return ok(all)
}

func (a *api) getLogger(r *request) (answer, error) {
	if a.o.Level == nil || !strings.EqualFold(r.args[0], rootLogger) {
		return answer{}, failed(http.StatusNotFound, "Logger %s not found.", r.args[0])
	}
	return ok(a.level())
}

// setLogger sets the level of the loggers whose names begin as asked, of which there is root or none.
func (a *api) setLogger(r *request) (answer, error) {
	cfg, err := r.config()
	if err != nil {
		return answer{}, err
	}
	asked, given := cfg["level"]
	if !given {
		return answer{}, badRequest("Desired 'level' parameter was not specified in request.")
	}
	level, known := slog.LevelInfo, false
	for _, l := range logLevels {
		if strings.EqualFold(l.name, asked) {
			level, known = l.level, true
		}
	}
	if !known {
		return answer{}, failed(http.StatusNotFound, "invalid log level '%s'.", asked)
	}
	changed := []string{}
	if a.o.Level != nil && strings.EqualFold(r.args[0], rootLogger) {
		a.levels.mu.Lock()
		a.o.Level.Set(level)
		a.levels.set = time.Now()
		a.levels.mu.Unlock()
		changed = append(changed, rootLogger)
	}
	if strings.EqualFold(r.URL.Query().Get("scope"), "cluster") {
		return answer{status: http.StatusNoContent}, nil
	}
	return ok(changed)
}
