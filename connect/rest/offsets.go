package rest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/millrace/millrace/connect/runtime"
)

type message struct {
	Message string `json:"message"`
}

// changed tells that offsets were altered or reset. A source's position is also in its database: Connect's text for
// connectors that keep one outside.
func changed(verb string) message {
	return message{fmt.Sprintf("The Connect framework-managed offsets for this connector have been %s successfully. However, if this connector manages offsets externally, they will need to be manually %s in the system that the connector uses.", verb, verb)}
}

func notStopped(err error, connector string) error {
	if errors.Is(err, runtime.ErrNotStopped) {
		return badRequest("Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint", connector)
	}
	return orMissing(err, noConnector, connector)
}

func (a *api) getOffsets(r *request) (answer, error) {
	offsets, err := a.w.Offsets(r.ctx, r.args[0])
	for i := range offsets { // a store may hold what is no JSON, and encoding it would end the answer half-way
		if !json.Valid(offsets[i].Partition) || len(offsets[i].Offset) > 0 && !json.Valid(offsets[i].Offset) {
			return answer{}, fmt.Errorf("a stored offset of connector %q is not JSON", r.args[0])
		}
	}
	return answer{status: http.StatusOK, body: map[string][]runtime.Offset{"offsets": offsets}}, orMissing(err, noConnector, r.args[0])
}

func (a *api) alterOffsets(r *request) (answer, error) {
	m, err := r.object()
	if err != nil {
		return answer{}, err
	}
	if err := only(m, "the request", "offsets"); err != nil {
		return answer{}, err
	}
	var entries []json.RawMessage
	if text, given := m["offsets"]; given && json.Unmarshal(text, &entries) != nil {
		return answer{}, badRequest("offsets must be an array, not %s", shape(text))
	}
	if len(entries) == 0 {
		return answer{}, badRequest("Partitions / offsets need to be provided for an alter offsets request")
	}
	offsets := make([]runtime.Offset, len(entries))
	for i, e := range entries {
		what := fmt.Sprintf("Entry %d of offsets", i)
		m, err := object(e, what)
		if err == nil {
			err = only(m, what, "partition", "offset")
		}
		if err != nil {
			return answer{}, err
		}
		offsets[i] = runtime.Offset{Partition: m["partition"], Offset: m["offset"]}
	}
	err = a.w.AlterOffsets(r.ctx, r.args[0], offsets)
	return answer{status: http.StatusOK, body: changed("altered")}, notStopped(err, r.args[0])
}

func (a *api) resetOffsets(r *request) (answer, error) {
	err := a.w.ResetOffsets(r.ctx, r.args[0])
	return answer{status: http.StatusOK, body: changed("reset")}, notStopped(err, r.args[0])
}
