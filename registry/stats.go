package registry

import (
	"time"
)

// CodeTooManySchemas is Millrace's own: a registry holds Options.MaxSchemas.
const CodeTooManySchemas = 42290

// Stats is how much a registry holds.
type Stats struct {
	Contexts, Subjects, Versions int   // subjects and versions that were deleted softly too
	Schemas                      int   // ids, over all contexts
	Offset                       int64 // behind the last record that is applied
}

// Stats counts what the registry holds. It costs a step for each context.
func (r *Registry) Stats() Stats {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s := Stats{Subjects: r.state.names.Len(), Versions: r.state.versions, Schemas: r.state.schemas(), Offset: r.Position()}
	for range r.state.contexts.all() {
		s.Contexts++
	}
	return s
}

// schemas counts the ids of all contexts.
func (s *state) schemas() (n int) {
	for _, c := range s.contexts.all() {
		n += c.ids.count()
	}
	return n
}

// count returns how many keys there are, in steps of what lies on top.
func (l *layer[K, V]) count() int {
	n := len(l.own)
	if l.below == nil {
		return n
	}
	n += l.below.count() - len(l.gone)
	for k := range l.own {
		if _, over := l.below.get(k); over {
			n--
		}
	}
	return n
}

// room refuses one more schema than the registry is to hold.
func (r *Registry) room(s *state) error {
	if r.maxSchemas > 0 && s.schemas() >= r.maxSchemas {
		return errorf(CodeTooManySchemas, "The registry holds %d schemas, as many as it may", r.maxSchemas)
	}
	return nil
}

// observed calls Options.Appended.
func (r *Registry) observed(records int, start time.Time, err error) {
	if r.appended != nil {
		r.appended(records, time.Since(start), err)
	}
}
