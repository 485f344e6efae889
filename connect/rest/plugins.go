package rest

import (
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/connect"
)

type plugin struct {
	Class   string `json:"class"`
	Type    string `json:"type"`
	Version string `json:"version"`
}

// converters are the plugins besides connectors, by the names of Java's classes that they stand for.
var converters = []plugin{
	{Class: "io.confluent.connect.avro.AvroConverter", Type: "converter"},
	{Class: "org.apache.kafka.connect.converters.ByteArrayConverter", Type: "converter"},
	{Class: "org.apache.kafka.connect.json.JsonConverter", Type: "converter"},
	{Class: "org.apache.kafka.connect.storage.StringConverter", Type: "converter"},
}

func (s *server) plugins(w http.ResponseWriter, r *http.Request) error {
	list := []plugin{}
	for _, k := range s.w.Kinds() {
		list = append(list, plugin{k.Class, k.Type, s.o.Version})
	}
	if only := r.URL.Query().Get("connectorsOnly"); only != "" && !strings.EqualFold(only, "true") {
		for _, c := range converters {
			c.Version = s.o.Version
			list = append(list, c)
		}
	}
	return ok(w, list)
}

func (s *server) kind(r *http.Request) (connect.Connector, error) {
	k, known := s.w.Kind(r.PathValue("p"))
	if !known {
		return k, status(http.StatusNotFound, "Unknown plugin %s.", r.PathValue("p"))
	}
	return k, nil
}

func (s *server) pluginConfig(w http.ResponseWriter, r *http.Request) error {
	k, err := s.kind(r)
	if err != nil {
		return err
	}
	return ok(w, s.w.Spec(k).KeyInfos())
}

func (s *server) validate(w http.ResponseWriter, r *http.Request) error {
	var body values
	if err := read(w, r, &body); err != nil {
		return err
	}
	k, err := s.kind(r)
	if err != nil {
		return err
	}
	cfg := body.set()
	if given, has := s.w.Kind(cfg["connector.class"]); has && given.Class != k.Class {
		return status(http.StatusBadRequest, "Included connector type %s does not match request type %s", cfg["connector.class"], r.PathValue("p"))
	}
	if cfg["connector.class"] == "" {
		cfg["connector.class"] = k.Class
	}
	return ok(w, s.w.Spec(k).Infos(k.Class, cfg, s.w.Validate(r.Context(), cfg)))
}

// loggers are the levels that /admin/loggers shows: one, for everything.
type loggers struct {
	level *slog.LevelVar

	mu      sync.Mutex // guards changed
	changed int64      // milliseconds since 1970
}

type loggerLevel struct {
	Level        string `json:"level"`
	LastModified *int64 `json:"last_modified"`
}

func (l *loggers) get() loggerLevel {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := loggerLevel{Level: "INFO"}
	if l.level != nil {
		out.Level = l.level.Level().String()
	}
	if l.changed != 0 {
		at := l.changed
		out.LastModified = &at
	}
	return out
}

func (s *server) listLoggers(w http.ResponseWriter, _ *http.Request) error {
	return ok(w, map[string]loggerLevel{"root": s.loggers.get()})
}

func (s *server) getLogger(w http.ResponseWriter, r *http.Request) error {
	if r.PathValue("logger") != "root" {
		return status(http.StatusNotFound, "Logger %s not found.", r.PathValue("logger"))
	}
	return ok(w, s.loggers.get())
}

// setLogger sets the level of the process. Log4j's names are taken for the nearest of ours.
func (s *server) setLogger(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Level *string `json:"level"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	if body.Level == nil {
		return status(http.StatusBadRequest, "Desired 'level' parameter was not specified in request.")
	}
	levels := map[string]slog.Level{"TRACE": slog.LevelDebug, "ALL": slog.LevelDebug, "DEBUG": slog.LevelDebug, "INFO": slog.LevelInfo,
		"WARN": slog.LevelWarn, "ERROR": slog.LevelError, "FATAL": slog.LevelError, "OFF": slog.LevelError + 4}
	level, known := levels[strings.ToUpper(*body.Level)]
	if !known {
		return status(http.StatusNotFound, "invalid log level '%s'.", *body.Level)
	}
	if s.loggers.level != nil {
		s.loggers.level.Set(level)
	}
	s.loggers.mu.Lock()
	s.loggers.changed = time.Now().UnixMilli()
	s.loggers.mu.Unlock()
	if r.URL.Query().Get("scope") == "cluster" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return ok(w, []string{r.PathValue("logger")})
}
