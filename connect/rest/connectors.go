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

const noConnector = "Connector %s not found"

func (a *api) listConnectors(r *request) (answer, error) {
	if !a.w.Ready() {
		return answer{}, runtime.ErrStarting
	}
	names := a.w.Connectors()
	expand, given := r.URL.Query()["expand"]
	if !given {
		return ok(names)
	}
	all := make(map[string]map[string]any, len(names))
	for _, name := range names {
		parts := map[string]any{}
		var missing error
		if slices.Contains(expand, "status") {
			s, err := a.w.Status(name)
			parts["status"], missing = a.status(s), err
		}
		if slices.Contains(expand, "info") {
			i, err := a.w.Info(name)
			parts["info"], missing = i, errors.Join(missing, err)
		}
		if missing == nil { // else it was deleted meanwhile
			all[name] = parts
		}
	}
	return ok(all)
}

var initialStates = map[string]state.Target{"RUNNING": state.Started, "PAUSED": state.Paused, "STOPPED": state.Stopped}

func (a *api) createConnector(r *request) (answer, error) {
	m, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if err := only(m, "the request", "name", "config", "initial_state"); err != nil {
		return answer{}, err
	}
	name, target := "", state.Started
	if text, given := m["name"]; given {
		s, err := scalar(text, "name")
		if err != nil {
			return answer{}, err
		}
		if s != nil {
			name = strings.TrimSpace(*s)
		}
	}
	if text, given := m["initial_state"]; given {
		s, err := scalar(text, "initial_state")
		if err != nil {
			return answer{}, err
		}
		if s != nil {
			if target = initialStates[strings.ToUpper(*s)]; target == "" {
				return answer{}, badRequest("initial_state must be RUNNING, PAUSED or STOPPED")
			}
		}
	}
	text, given := m["config"]
	if !given {
		return answer{}, badRequest("The request has no config")
	}
	options, err := object(text, "config")
	if err != nil {
		return answer{}, err
	}
	cfg, err := set(options)
	if err == nil {
		err = a.check(name, cfg)
	}
	if err != nil {
		return answer{}, err
	}
	info, err := a.w.Create(r.ctx, name, cfg, target)
	if errors.Is(err, runtime.ErrExists) {
		err = failed(http.StatusConflict, "Connector %s already exists", name)
	}
	return answer{http.StatusCreated, info, path(name)}, err
}

func path(connector string) string { return "/connectors/" + url.PathEscape(connector) }

// check refuses what Connect refuses before it validates a configuration.
func (a *api) check(name string, cfg map[string]string) error {
	if included, given := cfg["name"]; given && included != name {
		return badRequest("Connector name configuration (%s) doesn't match connector name in the URL (%s)", included, name)
	}
	return a.checkClass(name, cfg["connector.class"])
}

func (a *api) checkClass(name, class string) error {
	if strings.TrimSpace(class) == "" {
		return badRequest("Connector config {name=%s} contains no connector type", name)
	}
	if _, known := a.w.Kind(class); !known {
		classes := make([]string, 0, len(a.w.Kinds()))
		for _, k := range a.w.Kinds() {
			classes = append(classes, k.Class)
		}
		return badRequest("Failed to find any class that implements Connector and which name matches %s, available connectors are: %s", class, strings.Join(classes, ", "))
	}
	return nil
}

func (a *api) getConnector(r *request) (answer, error) {
	info, err := a.w.Info(r.args[0])
	return answer{status: http.StatusOK, body: info}, orMissing(err, noConnector, r.args[0])
}

func (a *api) getConfig(r *request) (answer, error) {
	info, err := a.w.Info(r.args[0])
	return answer{status: http.StatusOK, body: info.Config}, orMissing(err, noConnector, r.args[0])
}

func (a *api) putConfig(r *request) (answer, error) {
	name := r.args[0]
	cfg, err := r.config()
	if err == nil {
		err = a.check(name, cfg)
	}
	if err != nil {
		return answer{}, err
	}
	info, created, err := a.w.Put(r.ctx, name, cfg)
	if created {
		return answer{http.StatusCreated, info, path(name)}, err
	}
	return answer{status: http.StatusOK, body: info}, err
}

func (a *api) patchConfig(r *request) (answer, error) {
	name := r.args[0]
	m, err := r.object()
	if err != nil {
		return answer{}, err
	}
	changes, err := options(m)
	if err != nil {
		return answer{}, err
	}
	if included := changes["name"]; included != nil && *included != name {
		return answer{}, badRequest("Connector name configuration (%s) doesn't match connector name in the URL (%s)", *included, name)
	}
	if class, given := changes["connector.class"]; given {
		if _, err := a.w.Info(name); err == nil { // else it is missing, which comes first
			if class == nil {
				class = new(string)
			}
			if err := a.checkClass(name, *class); err != nil {
				return answer{}, err
			}
		}
	}
	info, err := a.w.Patch(r.ctx, name, changes)
	return answer{status: http.StatusOK, body: info}, orMissing(err, noConnector, name)
}

func (a *api) deleteConnector(r *request) (answer, error) {
	return answer{status: http.StatusNoContent}, orMissing(a.w.Delete(r.ctx, r.args[0]), noConnector, r.args[0])
}
