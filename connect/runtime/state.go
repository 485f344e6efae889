package runtime

import "slices"

// State is what a connector or task does, in Kafka Connect's words.
type State string

// The states.
const (
	Unassigned State = "UNASSIGNED" // no worker runs it
	Running    State = "RUNNING"
	Paused     State = "PAUSED"
	Restarting State = "RESTARTING" // a task between a retriable failure, or a request, and its next run
	Failed     State = "FAILED"     // a person must act; the status has the trace
	Stopped    State = "STOPPED"    // connectors only: no tasks exist and offsets may be changed
)

// transitions is every change of state there is.
var transitions = map[State][]State{
	Unassigned: {Running, Paused, Stopped, Failed, Restarting},
	Running:    {Paused, Stopped, Failed, Restarting, Unassigned},
	Paused:     {Running, Stopped, Failed, Restarting, Unassigned},
	Restarting: {Running, Paused, Stopped, Failed, Unassigned},
	Failed:     {Restarting, Paused, Stopped, Unassigned}, // never straight to Running: a failure ends by a restart
	Stopped:    {Unassigned, Failed},                      // a stopped connector gets new tasks before it runs
}

// CanBecome reports whether to may follow s. A state may always be told again.
func (s State) CanBecome(to State) bool { return s == to || slices.Contains(transitions[s], to) }
