package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/millrace/millrace/connect/runtime"
)

// target answers pause, resume and stop.
func (s *server) target(to func(ctx context.Context, name string) error, code int) call {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := to(r.Context(), r.PathValue("name")); err != nil {
			return err
		}
		w.WriteHeader(code)
		return nil
	}
}

func (s *server) tasks(w http.ResponseWriter, r *http.Request) error {
	tasks, err := s.w.Tasks(r.PathValue("name"))
	if err != nil {
		return err
	}
	return ok(w, tasks)
}

// tasksConfig is the form that older tools ask for: {"NAME-0": {…}}.
func (s *server) tasksConfig(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	tasks, err := s.w.Tasks(name)
	if err != nil {
		return err
	}
	out := map[string]map[string]string{}
	for _, t := range tasks {
		out[name+"-"+strconv.Itoa(t.ID.Task)] = t.Config
	}
	return ok(w, out)
}

// taskID reads the task of the path; Jersey answers 404 to what is no number.
func taskID(r *http.Request) (int, error) {
	id, err := strconv.Atoi(r.PathValue("task"))
	if err != nil {
		return 0, status(http.StatusNotFound, "HTTP 404 Not Found")
	}
	return id, nil
}

func (s *server) taskStatus(w http.ResponseWriter, r *http.Request) error {
	id, err := taskID(r)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	st, err := s.w.Status(name)
	if err != nil && !errors.Is(err, runtime.ErrNotFound) {
		return err
	}
	for _, t := range st.Tasks {
		if t.ID == id {
			return ok(w, t)
		}
	}
	return status(http.StatusNotFound, "No status found for task %s-%d", name, id)
}

func (s *server) restartTask(w http.ResponseWriter, r *http.Request) error {
	id, err := taskID(r)
	if err != nil {
		return err
	}
	name := r.PathValue("name")
	if _, err := s.w.Info(name); err != nil {
		return err
	}
	if err := s.w.RestartTask(r.Context(), name, id); errors.Is(err, runtime.ErrNotFound) {
		return status(http.StatusNotFound, "Unknown task: %s-%d", name, id)
	} else if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) topics(w http.ResponseWriter, r *http.Request) error {
	if s.o.NoTopics {
		return status(http.StatusForbidden, "Topic tracking is disabled.")
	}
	name := r.PathValue("name")
	topics, err := s.w.Topics(name)
	if err != nil {
		return err
	}
	return ok(w, map[string]map[string][]string{name: {"topics": topics}})
}

func (s *server) resetTopics(w http.ResponseWriter, r *http.Request) error {
	switch {
	case s.o.NoTopics:
		return status(http.StatusForbidden, "Topic tracking is disabled.")
	case !s.o.ResetTopics:
		return status(http.StatusForbidden, "Topic tracking reset is disabled.")
	}
	if err := s.w.ResetTopics(r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// offsetList is the body of the offset routes.
type offsetList struct {
	Offsets []runtime.Offset `json:"offsets"`
}

func (s *server) offsets(w http.ResponseWriter, r *http.Request) error {
	offsets, err := s.w.Offsets(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return ok(w, offsetList{offsets})
}

func (s *server) alterOffsets(w http.ResponseWriter, r *http.Request) error {
	var body offsetList
	if err := read(w, r, &body); err != nil {
		return err
	}
	if len(body.Offsets) == 0 {
		return status(http.StatusBadRequest, "Partitions / offsets need to be provided for an alter offsets request")
	}
	if err := s.w.AlterOffsets(r.Context(), r.PathValue("name"), body.Offsets); err != nil {
		return err
	}
	return ok(w, message{"The offsets for this connector have been altered successfully"})
}

func (s *server) deleteOffsets(w http.ResponseWriter, r *http.Request) error {
	if err := s.w.ResetOffsets(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	return ok(w, message{"The offsets for this connector have been reset successfully"})
}

type message struct {
	Message string `json:"message"`
}
