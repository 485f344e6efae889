package registry

// Configs returns the configs that are set, by their scope: a subject, a context as :.name:, or "" for the registry.
func (r *Registry) Configs() map[string]Config {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := map[string]Config{}
	for scope, c := range r.state.configs.all() {
		out[scope] = *c
	}
	return out
}

// Modes returns the modes that are set, by their scope.
func (r *Registry) Modes() map[string]string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	out := map[string]string{}
	for scope, m := range r.state.modes.all() {
		out[scope] = m
	}
	return out
}

// Record returns the record of a version, for a log that is written without a Registry.
func (v Version) Record() Record {
	rec := schemaRecord(v.Subject, v.Number, v.ID, v.Content, v.Deleted)
	rec.Time = v.Time
	return rec
}

// ConfigRecord returns the record of a scope's config.
func ConfigRecord(scope string, c Config) Record { return configRecord(scopeKey(scope), &c) }

// ModeRecord returns the record of a scope's mode.
func ModeRecord(scope, mode string) Record { return modeRecord(scopeKey(scope), mode) }

// ContextRecord returns the record of a context.
func ContextRecord(name string) Record { return contextRecord(name) }

// Record returns the record of an association, of the time of its last change.
func (a *Association) Record() Record {
	rec := a.record()
	rec.Time = a.Updated
	return rec
}
