package rest

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/millrace/millrace/connect/runtime"
	"github.com/millrace/millrace/connect/state"
)

func (s *server) root(w http.ResponseWriter, _ *http.Request) error {
	return ok(w, struct {
		Version string `json:"version"`
		Commit  string `json:"commit"`
		Cluster string `json:"kafka_cluster_id"`
	}{s.o.Version, s.o.Commit, s.o.ClusterID})
}

// health is KIP-1017's.
func (s *server) health(w http.ResponseWriter, _ *http.Request) error {
	type health struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	if !s.w.Ready() {
		respond(w, http.StatusServiceUnavailable, health{"starting", "Worker is still starting up."})
		return nil
	}
	return ok(w, health{"healthy", "Worker has completed startup and is ready to handle requests."})
}

func (s *server) list(w http.ResponseWriter, r *http.Request) error {
	if !s.w.Ready() {
		return runtime.ErrStarting
	}
	names := s.w.Connectors()
	expand := r.URL.Query()["expand"]
	if len(expand) == 0 {
		return ok(w, names)
	}
	type entry struct {
		Status *runtime.Status `json:"status,omitempty"`
		Info   *runtime.Info   `json:"info,omitempty"`
	}
	out := map[string]entry{}
	for _, name := range names {
		var e entry
		info, err1 := s.w.Info(name)
		st, err2 := s.w.Status(name)
		if errors.Join(err1, err2) != nil {
			continue // deleted meanwhile
		}
		if slices.Contains(expand, "info") {
			e.Info = &info
		}
		if slices.Contains(expand, "status") {
			e.Status = &st
		}
		out[name] = e
	}
	return ok(w, out)
}

func (s *server) create(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Name    string `json:"name"`
		Config  values `json:"config"`
		Initial string `json:"initial_state"`
	}
	if err := read(w, r, &body); err != nil {
		return err
	}
	name := strings.TrimSpace(body.Name)
	cfg := body.Config.set()
	if given, has := cfg["name"]; name == "" && has {
		name = given
	}
	if body.Config == nil {
		return status(http.StatusBadRequest, "The request has no config: it has to be {\"name\": …, \"config\": {…}}")
	}
	if err := sameName(cfg, name); err != nil {
		return err
	}
	targets := map[string]state.Target{"": "", "RUNNING": state.Started, "PAUSED": state.Paused, "STOPPED": state.Stopped}
	target, known := targets[strings.ToUpper(body.Initial)]
	if !known {
		return status(http.StatusBadRequest, "Invalid value %q for initial_state: it has to be one of RUNNING, PAUSED, STOPPED", body.Initial)
	}
	r.SetPathValue("name", name)
	info, err := s.w.Create(r.Context(), name, cfg, target)
	if err != nil {
		return err
	}
	return created(w, info)
}

func sameName(cfg map[string]string, name string) error {
	if given, has := cfg["name"]; has && given != name {
		return status(http.StatusBadRequest, "Connector name configuration (%s) doesn't match connector name in the URL (%s)", given, name)
	}
	return nil
}

func created(w http.ResponseWriter, info runtime.Info) error {
	w.Header().Set("Location", "/connectors/"+url.PathEscape(info.Name))
	respond(w, http.StatusCreated, info)
	return nil
}

func (s *server) info(w http.ResponseWriter, r *http.Request) error {
	info, err := s.w.Info(r.PathValue("name"))
	if err != nil {
		return err
	}
	return ok(w, info)
}

func (s *server) config(w http.ResponseWriter, r *http.Request) error {
	info, err := s.w.Info(r.PathValue("name"))
	if err != nil {
		return err
	}
	return ok(w, info.Config)
}

func (s *server) put(w http.ResponseWriter, r *http.Request) error {
	var cfg values
	if err := read(w, r, &cfg); err != nil {
		return err
	}
	name := r.PathValue("name")
	if err := sameName(cfg.set(), name); err != nil {
		return err
	}
	info, fresh, err := s.w.Put(r.Context(), name, cfg.set())
	if err != nil {
		return err
	}
	if fresh {
		return created(w, info)
	}
	return ok(w, info)
}

func (s *server) patch(w http.ResponseWriter, r *http.Request) error {
	var cfg values
	if err := read(w, r, &cfg); err != nil {
		return err
	}
	info, err := s.w.Patch(r.Context(), r.PathValue("name"), cfg)
	if err != nil {
		return err
	}
	return ok(w, info)
}

func (s *server) remove(w http.ResponseWriter, r *http.Request) error {
	if err := s.w.Delete(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) status(w http.ResponseWriter, r *http.Request) error {
	st, err := s.w.Status(r.PathValue("name"))
	if errors.Is(err, runtime.ErrNotFound) {
		return status(http.StatusNotFound, "No status found for connector %s", r.PathValue("name"))
	}
	if err != nil {
		return err
	}
	return ok(w, st)
}

// flag reads a boolean parameter, false when it is not set.
func flag(r *http.Request, name string) bool {
	return strings.EqualFold(r.URL.Query().Get(name), "true")
}

func (s *server) restart(w http.ResponseWriter, r *http.Request) error {
	o := runtime.RestartOptions{IncludeTasks: flag(r, "includeTasks"), OnlyFailed: flag(r, "onlyFailed")}
	st, err := s.w.Restart(r.Context(), r.PathValue("name"), o)
	if err != nil {
		return err
	}
	if o == (runtime.RestartOptions{}) {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	respond(w, http.StatusAccepted, st)
	return nil
}
