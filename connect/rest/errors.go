package rest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/runtime"
)

// statusError is an answer other than success.
type statusError struct {
	status  int
	message string
}

func (e *statusError) Error() string { return e.message }

func failed(status int, format string, args ...any) error {
	return &statusError{status, fmt.Sprintf(format, args...)}
}

func badRequest(format string, args ...any) error {
	return failed(http.StatusBadRequest, format, args...)
}

// httpError is what Jersey answers by itself.
func httpError(status int) error {
	return failed(status, "HTTP %d %s", status, http.StatusText(status))
}

// orMissing answers 404 with a text where err says that something is not there; Connect has a text for each endpoint.
func orMissing(err error, format string, args ...any) error {
	if errors.Is(err, runtime.ErrNotFound) {
		return failed(http.StatusNotFound, format, args...)
	}
	return err
}

// statusOf returns how err is answered.
func statusOf(err error) *statusError {
	var s *statusError
	var faults config.FaultsError
	switch {
	case errors.As(err, &s):
		return s
	case errors.As(err, &faults):
		return &statusError{http.StatusBadRequest, invalid(faults)}
	case errors.Is(err, runtime.ErrNotFound):
		return &statusError{http.StatusNotFound, err.Error()}
	case errors.Is(err, runtime.ErrExists):
		return &statusError{http.StatusConflict, err.Error()}
	case errors.Is(err, runtime.ErrNotStopped), errors.Is(err, runtime.ErrBadOffsets):
		return &statusError{http.StatusBadRequest, err.Error()}
	case errors.Is(err, runtime.ErrStarting):
		return &statusError{http.StatusServiceUnavailable, "Worker is still starting up, or is stopping: try again"}
	case errors.Is(err, context.DeadlineExceeded):
		return &statusError{http.StatusInternalServerError, "Request timed out. " + err.Error()}
	}
	return &statusError{http.StatusInternalServerError, err.Error()}
}

// invalid words a configuration's faults as Connect does.
func invalid(faults config.FaultsError) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Connector configuration is invalid and contains the following %d error(s):", len(faults))
	for _, f := range faults {
		b.WriteString("\n" + f.Connect())
	}
	b.WriteString("\nYou can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`")
	return b.String()
}

// fail answers err.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) int {
	s := statusOf(err)
	if s.status == http.StatusInternalServerError {
		a.o.Log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	}
	writeJSON(w, s.status, struct {
		Code    int    `json:"error_code"`
		Message string `json:"message"`
	}{s.status, s.message})
	return s.status
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(body) // the client is gone: there is nobody to tell
}
