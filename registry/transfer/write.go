package transfer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
)

// mostRefused is after how many refusals no more is tried.
const mostRefused = 200

// putBackTime is how long the modes may take to be put back once everything else has ended.
const putBackTime = 30 * time.Second

func (r *Remote) isLog() bool { return false }

// obstacles are aliases: what is written to a subject that has one goes to another.
func (r *Remote) obstacles(p *plan, have *Dump) []string {
	var out []string
	for _, v := range slices.Concat(p.register, p.remove) {
		if a := have.Configs[v.Subject].Alias; a != "" {
			out = append(out, fmt.Sprintf("%q is an alias of %q: its versions cannot be written before the alias is taken off", v.Subject, a))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// follow implements Target.
func (r *Remote) follow(ctx context.Context, p *plan, want, have *Dump, o Options) (err error) {
	changed := map[string]string{} // scopes in IMPORT for a while, and their own mode before
	defer func() {
		back, cancel := context.WithTimeout(context.WithoutCancel(ctx), putBackTime)
		defer cancel()
		err = errors.Join(err, r.putBack(back, changed, have, want, o, err == nil))
	}()
	for _, scope := range scopesToOpen(p, want, have) {
		changed[scope] = have.Modes[scope]
		if have.Modes[scope] == registry.Import {
			continue
		}
		if err := r.setMode(ctx, scope, registry.Import); err != nil {
			return fmt.Errorf("setting mode IMPORT of %s: %w", scopeName(scope), err)
		}
	}
	order := waves(p.register)
	if err := r.each(ctx, "registering", len(p.register), order, r.register); err != nil {
		return err
	}
	order = waves(p.remove)
	slices.Reverse(order) // what refers to others goes first
	if err := r.each(ctx, "deleting", len(p.remove), order, r.remove); err != nil {
		return err
	}
	refusal := r.associateAll(ctx, p, have) // after all schemas: none may refer to a topic's own subject from then on
	if errors.As(refusal, new(*RefusedError)) {
		defer func() { err = errors.Join(refusal, err) }()
	} else if refusal != nil {
		return refusal
	}
	for _, scope := range p.configs {
		if err := r.setConfig(ctx, scope, want.Configs[scope], have.Configs[scope]); err != nil {
			return fmt.Errorf("setting the config of %s: %w", scopeName(scope), err)
		}
	}
	for _, scope := range p.modes {
		if _, later := changed[scope]; later {
			continue
		}
		if err := r.setMode(ctx, scope, want.Modes[scope]); err != nil {
			return fmt.Errorf("setting the mode of %s: %w", scopeName(scope), err)
		}
	}
	return nil
}

// scopesToOpen are the scopes that need mode IMPORT for the plan: contexts, and subjects with a mode of their own. Those that
// an interrupted run left in it are among them.
func scopesToOpen(p *plan, want, have *Dump) []string {
	scopes := map[string]bool{}
	open := func(scope string, registers bool) {
		context := contextScope(registry.Qualify(scope).Context)
		for _, s := range []string{context, scope} {
			readOnly := have.mode(s) == registry.ReadOnly || have.mode(s) == registry.ReadOnlyOverride
			if (registers || readOnly) && (s == context || have.Modes[s] != "" && have.Modes[s] != registry.Import) {
				scopes[s] = true
			}
		}
	}
	for _, v := range p.register {
		open(v.Subject, true)
	}
	for _, v := range p.remove {
		open(v.Subject, false)
	}
	for _, s := range p.configs {
		open(s, false)
	}
	for _, a := range p.associations {
		open(a.Subject, a.Lifecycle == registry.Strong)
	}
	delete(scopes, globalScope) // what is narrower goes before it
	for _, c := range want.Contexts {
		if s := contextScope(c); have.Modes[s] == registry.Import {
			scopes[s] = true
		}
	}
	return slices.Sorted(maps.Keys(scopes))
}

// putBack gives scopes their mode: the wanted one when all went well, or else the one before.
func (r *Remote) putBack(ctx context.Context, changed map[string]string, have, want *Dump, o Options, well bool) error {
	var errs []error
	for _, scope := range slices.Sorted(maps.Keys(changed)) {
		mode := changed[scope]
		switch {
		case well && want.Modes[scope] != "":
			mode = want.Modes[scope]
		case well && mode == registry.Import && !o.KeepImport:
			mode = ""
		}
		if scope == "" && mode != "" && mode == have.mode(globalScope) {
			mode = "" // the API gives what holds for the registry, set or not
		}
		err := r.setMode(ctx, scope, mode)
		if mode == "" && unsupported(err) {
			err = r.setMode(ctx, scope, registry.ReadWrite) // registries before modes could be taken off
		}
		if absent(err) {
			err = nil // none was set
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("putting back the mode of %s: %w", scopeName(scope), err))
		}
	}
	return errors.Join(errs...)
}

// each calls do for the versions of each wave at the same time, and of one wave after the other. What the registry refuses is
// gathered.
func (r *Remote) each(ctx context.Context, step string, total int, waves [][]*registry.Version, do func(context.Context, *registry.Version) error) error {
	var mu sync.Mutex
	var no []string
	tell := r.counter(step, total)
	for _, wave := range waves {
		g, gctx := r.group(ctx)
		for _, v := range wave {
			g.Go(func() error {
				defer tell()
				err := do(gctx, v)
				if !refused(err) {
					return err
				}
				mu.Lock()
				defer mu.Unlock()
				no = append(no, fmt.Sprintf("%s: %v", keyOf(v), err))
				if len(no) >= mostRefused {
					return errTooMany
				}
				return nil
			})
		}
		if err := g.Wait(); errors.Is(err, errTooMany) {
			break
		} else if err != nil {
			return fmt.Errorf("%s: %w", step, err)
		}
	}
	if len(no) > 0 {
		slices.Sort(no)
		return &RefusedError{"the registry refuses", no}
	}
	return nil
}

var errTooMany = errors.New("too many refusals")

// registration is the body of a registration that keeps id and version. What is empty stays out: older registries refuse members
// that they do not know.
type registration struct {
	Text       string             `json:"schema"`
	Type       schema.Type        `json:"schemaType,omitempty"`
	References []schema.Reference `json:"references,omitempty"`
	Metadata   json.RawMessage    `json:"metadata,omitempty"`
	RuleSet    json.RawMessage    `json:"ruleSet,omitempty"`
	Version    int                `json:"version"`
	ID         int                `json:"id"`
}

func (r *Remote) register(ctx context.Context, v *registry.Version) error {
	var body registration
	if err := json.Unmarshal(v.AppendJSON(nil, registry.LookedUp), &body); err != nil {
		return fmt.Errorf("writing %s: %w", keyOf(v), err)
	}
	if body.Type == schema.Avro {
		body.Type = ""
	}
	var out struct {
		ID *int `json:"id"`
	}
	if err := r.Client.Do(ctx, http.MethodPost, subjectVersions(v), nil, body, &out); err != nil {
		return err
	}
	if out.ID == nil || *out.ID != v.ID {
		return fmt.Errorf("%s has got another id than %d: the registry does not take ids in mode IMPORT", keyOf(v), v.ID)
	}
	return nil
}

func (r *Remote) remove(ctx context.Context, v *registry.Version) error {
	err := r.Client.Do(ctx, http.MethodDelete, subjectVersions(v)+"/"+strconv.Itoa(v.Number), nil, nil, nil)
	var no *client.Error
	if errors.As(err, &no) && no.Code == registry.CodeVersionSoftDeleted {
		return nil
	}
	return err
}

func subjectVersions(v *registry.Version) string {
	return "/subjects/" + client.PathSegment(v.Subject) + "/versions"
}

// setConfig makes a scope's config c; old is what it has.
func (r *Remote) setConfig(ctx context.Context, scope string, c, old registry.Config) error {
	const level = "compatibility"
	var body, was map[string]json.RawMessage
	if err := json.Unmarshal(c.AppendJSON(nil, level), &body); err != nil {
		return fmt.Errorf("writing the config: %w", err)
	}
	if err := json.Unmarshal(old.AppendJSON(nil, level), &was); err != nil {
		return fmt.Errorf("writing the config: %w", err)
	}
	for name := range was {
		if body[name] == nil {
			body[name] = json.RawMessage("null")
		}
	}
	return r.Client.Do(ctx, http.MethodPut, settingPath("config", scope), nil, body, nil)
}

// setMode sets a scope's mode, or takes it off with "".
func (r *Remote) setMode(ctx context.Context, scope, mode string) error {
	if mode == "" {
		return r.Client.Do(ctx, http.MethodDelete, settingPath("mode", scope), nil, nil, nil)
	}
	return r.Client.Do(ctx, http.MethodPut, settingPath("mode", scope), url.Values{"force": {"true"}}, map[string]string{"mode": mode}, nil)
}
