package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/runtime"
)

// part is the state of a connector or a task.
type part struct {
	State    runtime.State `json:"state"`
	WorkerID string        `json:"worker_id"`
	Version  string        `json:"version"`
	Trace    string        `json:"trace,omitempty"`
}

type taskStatus struct {
	ID int `json:"id"`
	part
}

// status is Connect's ConnectorStateInfo.
type status struct {
	Name      string       `json:"name"`
	Connector part         `json:"connector"`
	Tasks     []taskStatus `json:"tasks"`
	Type      string       `json:"type"`
}

func (a *api) part(p runtime.Part) part { return part{p.State, p.WorkerID, a.o.Version, p.Trace} }

func (a *api) status(s runtime.Status) status {
	out := status{Name: s.Name, Connector: a.part(s.Connector), Tasks: []taskStatus{}, Type: s.Type}
	for _, t := range s.Tasks {
		out.Tasks = append(out.Tasks, taskStatus{t.ID, a.part(t.Part)})
	}
	return out
}

func (a *api) getStatus(r *request) (answer, error) {
	s, err := a.w.Status(r.args[0])
	return answer{status: http.StatusOK, body: a.status(s)}, orMissing(err, "No status found for connector %s", r.args[0])
}

func (a *api) getTasks(r *request) (answer, error) {
	tasks, err := a.w.Tasks(r.args[0])
	return answer{status: http.StatusOK, body: tasks}, orMissing(err, noConnector, r.args[0])
}

// getTasksConfig answers a route that Kafka Connect 4 no longer has, for older tools: {"NAME-0": {…}}.
func (a *api) getTasksConfig(r *request) (answer, error) {
	tasks, err := a.w.Tasks(r.args[0])
	configs := map[string]map[string]string{}
	for _, t := range tasks {
		configs[fmt.Sprintf("%s-%d", t.ID.Connector, t.ID.Task)] = t.Config
	}
	return answer{status: http.StatusOK, body: configs}, orMissing(err, noConnector, r.args[0])
}

// task returns the task of a path; what is no number has no resource.
func (r *request) task() (int, error) {
	n, err := strconv.ParseInt(r.args[1], 10, 32)
	if err != nil {
		return 0, httpError(http.StatusNotFound)
	}
	return int(n), nil
}

func (a *api) getTaskStatus(r *request) (answer, error) {
	id, err := r.task()
	if err != nil {
		return answer{}, err
	}
	missing := failed(http.StatusNotFound, "No status found for task %s-%d", r.args[0], id)
	s, err := a.w.Status(r.args[0])
	if errors.Is(err, runtime.ErrNotFound) {
		return answer{}, missing
	}
	for _, t := range a.status(s).Tasks {
		if err == nil && t.ID == id {
			return ok(t)
		}
	}
	if err == nil {
		err = missing
	}
	return answer{}, err
}

// flag reads a query parameter as Java reads a Boolean.
func (r *request) flag(name string) bool { return strings.EqualFold(r.URL.Query().Get(name), "true") }

func (a *api) restart(r *request) (answer, error) {
	o := runtime.RestartOptions{IncludeTasks: r.flag("includeTasks"), OnlyFailed: r.flag("onlyFailed")}
	plan, err := a.w.Restart(r.ctx, r.args[0], o)
	if err != nil {
		return answer{}, orMissing(err, "Unknown connector: %s", r.args[0])
	}
	if o == (runtime.RestartOptions{}) {
		return answer{status: http.StatusNoContent}, nil
	}
	return answer{status: http.StatusAccepted, body: a.status(plan)}, nil
}

func (a *api) restartTask(r *request) (answer, error) {
	id, err := r.task()
	if err != nil {
		return answer{}, err
	}
	if _, err := a.w.Info(r.args[0]); err != nil {
		return answer{}, orMissing(err, "Unknown connector: %s", r.args[0])
	}
	err = a.w.RestartTask(r.ctx, r.args[0], id)
	return answer{status: http.StatusNoContent}, orMissing(err, "Unknown task: %s-%d", r.args[0], id)
}

func (a *api) pause(r *request) (answer, error) {
	return retarget(r, a.w.Pause, http.StatusAccepted)
}

func (a *api) resume(r *request) (answer, error) {
	return retarget(r, a.w.Resume, http.StatusAccepted)
}

func (a *api) stop(r *request) (answer, error) {
	return retarget(r, a.w.Stop, http.StatusNoContent)
}

func retarget(r *request, do func(ctx context.Context, name string) error, status int) (answer, error) {
	return answer{status: status}, orMissing(do(r.ctx, r.args[0]), "Unknown connector %s", r.args[0])
}

func (a *api) getTopics(r *request) (answer, error) {
	if a.o.NoTopics {
		return answer{}, failed(http.StatusForbidden, "Topic tracking is disabled.")
	}
	topics, err := a.w.Topics(r.args[0])
	if errors.Is(err, runtime.ErrNotFound) { // as Connect: the topics that are known of it
		topics, err = []string{}, nil
	}
	return answer{status: http.StatusOK, body: map[string]map[string][]string{r.args[0]: {"topics": topics}}}, err
}

func (a *api) resetTopics(r *request) (answer, error) {
	switch {
	case a.o.NoTopics:
		return answer{}, failed(http.StatusForbidden, "Topic tracking is disabled.")
	case !a.o.ResetTopics:
		return answer{}, failed(http.StatusForbidden, "Topic tracking reset is disabled.")
	}
	err := a.w.ResetTopics(r.args[0])
	if errors.Is(err, runtime.ErrNotFound) {
		err = nil
	}
	return answer{status: http.StatusAccepted}, err
}
