package transfer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
)

// Remote is a registry with Confluent's API. What an older or another one lacks of it is found out by asking: without GET
// /schemas versions are read one by one, without contexts there is the default one, without modes there are none.
type Remote struct {
	Client *client.Client
	// Progress is told now and then how far a long step is; nil: nobody.
	Progress Progress
	// Parallel is how many requests there are at a time; 0: 16.
	Parallel int
}

// Progress is told that done of total pieces of a step are done. It must be safe for concurrent use.
type Progress func(step string, done, total int)

const (
	defaultParallel = 16
	mostPage        = 1000 // of GET /schemas: what Confluent's gives at most
	mostListings    = 3    // of a list that others change meanwhile
)

// globalScope is where Confluent's registry has what holds for all contexts.
const globalScope = ":.__GLOBAL:"

func (r *Remote) get(ctx context.Context, path string, q url.Values, out any) error {
	return r.Client.Do(ctx, http.MethodGet, path, q, nil, out)
}

// unsupported reports that the registry has no such route.
func unsupported(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Code == e.Status && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented)
}

// refused reports that the registry has understood a request and does not do it: asked again it would say the same.
func refused(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && !client.Retriable(err) && e.Status != http.StatusUnauthorized && e.Status != http.StatusForbidden
}

// absent reports that there is no such subject, version or setting.
func absent(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Status == http.StatusNotFound
}

func (r *Remote) group(ctx context.Context) (*errgroup.Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(cmp.Or(r.Parallel, defaultParallel))
	return g, ctx
}

// counter tells Progress of a step.
func (r *Remote) counter(step string, total int) func() {
	var done atomic.Int64
	return func() {
		if n := done.Add(1); r.Progress != nil {
			r.Progress(step, int(n), total)
		}
	}
}

// Read reads all that the registry tells, and the settings of scopes, which it need not know to have any: those of a subject
// without versions, and of a context without subjects.
func (r *Remote) Read(ctx context.Context, scopes ...string) (*Dump, error) {
	d := &Dump{Contexts: []string{registry.DefaultContext}, Configs: map[string]registry.Config{}, Modes: map[string]string{}, effective: true}
	var names []string
	err := r.get(ctx, "/contexts", nil, &names)
	contexts := err == nil
	if err != nil && !unsupported(err) {
		return nil, fmt.Errorf("listing contexts: %w", err)
	}
	for _, n := range names {
		d.Contexts = append(d.Contexts, strings.Trim(n, ":"))
	}
	aliases, err := r.versions(ctx, d, contexts)
	if err != nil {
		return nil, err
	}
	if d.Associations, d.associates, err = r.associations(ctx); err != nil {
		return nil, err
	}
	d.sort()
	for i := range d.Versions {
		if v := &d.Versions[i]; v.GUID != v.Content.GUID() {
			d.Notes = append(d.Notes, fmt.Sprintf("%s: its guid is not that of the content: there is something in it that millrace does not know", keyOf(v)))
		}
	}
	scopes = slices.DeleteFunc(slices.Concat(scopes, d.Subjects(), aliases), func(s string) bool {
		return s == "" || !contexts && registry.Qualify(s).Context != registry.DefaultContext
	})
	if contexts {
		for _, c := range d.Contexts {
			if c != registry.DefaultContext {
				scopes = append(scopes, ":"+c+":")
			}
		}
		scopes = append(scopes, globalScope)
	}
	slices.Sort(scopes)
	if err := r.settings(ctx, d, append(slices.Compact(scopes), "")); err != nil {
		return nil, err
	}
	return d, nil
}

// versions reads the versions of all subjects, and the names that are aliases of subjects.
func (r *Remote) versions(ctx context.Context, d *Dump, contexts bool) (aliases []string, err error) {
	q := url.Values{}
	if contexts {
		q.Set("subjectPrefix", ":*:")
	}
	live, err := r.subjects(ctx, q, false)
	if err != nil {
		return nil, err
	}
	all, err := r.subjects(ctx, q, true)
	if err != nil {
		return nil, err
	}
	all = append(all, live...) // a registry that does not know deleted lists the live ones twice
	slices.Sort(all)
	all = slices.Compact(all)

	q.Set("deleted", "true")
	q.Set("aliases", "true")
	items, err := r.schemas(ctx, q)
	if unsupported(err) {
		return nil, r.oneByOne(ctx, d, all)
	}
	if err != nil {
		return nil, fmt.Errorf("listing schemas: %w", err)
	}
	if !slices.ContainsFunc(items, func(it item) bool { return it.Deleted != nil }) {
		if err := r.markDeleted(ctx, q, items); err != nil {
			return nil, err
		}
	}
	listed := map[string]bool{}
	for i := range items {
		v, err := items[i].version()
		if err != nil {
			return nil, fmt.Errorf("version %d of %q: %w", items[i].Version, items[i].Subject, err)
		}
		d.Versions = append(d.Versions, v)
		listed[v.Subject] = true
		aliases = append(aliases, items[i].Aliases...)
	}
	// What is not in the list is in a registry whose list has no soft-deleted schemas, or came after the list.
	missing := slices.DeleteFunc(all, func(s string) bool { return listed[registry.Qualify(s).String()] })
	return aliases, r.oneByOne(ctx, d, missing)
}

func (r *Remote) subjects(ctx context.Context, q url.Values, deleted bool) ([]string, error) {
	query := url.Values{}
	if p := q.Get("subjectPrefix"); p != "" {
		query.Set("subjectPrefix", p)
	}
	if deleted {
		query.Set("deleted", "true")
	}
	var names []string
	if err := r.get(ctx, "/subjects", query, &names); err != nil {
		return nil, fmt.Errorf("listing subjects: %w", err)
	}
	return names, nil
}

// schemas reads GET /schemas page by page. Each page begins with the last schema of the one before: when it does not, the list
// has changed meanwhile and is read anew.
func (r *Remote) schemas(ctx context.Context, q url.Values) ([]item, error) {
	limit := mostPage
	for range mostListings {
		items, whole, err := r.listing(ctx, q, &limit)
		if err != nil || whole {
			return items, err
		}
	}
	return nil, errors.New("the schemas change too fast: no list of them is whole")
}

func (r *Remote) listing(ctx context.Context, q url.Values, limit *int) (items []item, whole bool, err error) {
	same := func(a, b *item) bool { return a.Subject == b.Subject && a.Version == b.Version }
	for {
		offset := max(len(items)-1, 0)
		q.Set("offset", strconv.Itoa(offset))
		q.Set("limit", strconv.Itoa(*limit))
		var page []item
		err := r.get(ctx, "/schemas", q, &page)
		if errors.Is(err, client.ErrTooLong) && *limit > 2 {
			*limit /= 2
			continue
		}
		if err != nil {
			return nil, false, err
		}
		if len(items) > 0 {
			switch {
			case len(page) > 0 && same(&page[0], &items[len(items)-1]):
				page = page[1:]
			case len(page) > 0 && same(&page[0], &items[0]): // a registry that does not page gave all at once
				return items, true, nil
			default:
				return nil, false, nil
			}
		}
		if len(page) == 0 {
			return items, true, nil
		}
		items = append(items, page...)
		if r.Progress != nil {
			r.Progress("listing schemas", len(items), 0)
		}
	}
}

// markDeleted finds out which of the items are soft-deleted, where the list does not say so: those that are not listed without
// deleted.
func (r *Remote) markDeleted(ctx context.Context, q url.Values, items []item) error {
	q.Del("deleted")
	current, err := r.schemas(ctx, q)
	if err != nil {
		return fmt.Errorf("listing schemas that are not deleted: %w", err)
	}
	live := make(map[key]bool, len(current))
	for i := range current {
		live[key{current[i].Subject, current[i].Version}] = true
	}
	for i := range items {
		deleted := !live[key{items[i].Subject, items[i].Version}]
		items[i].Deleted = &deleted
	}
	return nil
}

// oneByOne reads subjects by their versions.
func (r *Remote) oneByOne(ctx context.Context, d *Dump, subjects []string) error {
	var mu sync.Mutex
	tell := r.counter("reading subjects", len(subjects))
	g, ctx := r.group(ctx)
	for _, s := range subjects {
		g.Go(func() error {
			defer tell()
			found, err := r.subject(ctx, s)
			if err != nil {
				return fmt.Errorf("reading subject %q: %w", s, err)
			}
			mu.Lock()
			defer mu.Unlock()
			d.Versions = append(d.Versions, found...)
			return nil
		})
	}
	return g.Wait()
}

func (r *Remote) subject(ctx context.Context, name string) ([]registry.Version, error) {
	path, deleted := "/subjects/"+client.PathSegment(name)+"/versions", url.Values{"deleted": {"true"}}
	var live, all []int
	if err := r.get(ctx, path, nil, &live); err != nil && !absent(err) {
		return nil, err
	}
	if err := r.get(ctx, path, deleted, &all); err != nil && !absent(err) {
		return nil, err
	}
	all = append(all, live...)
	slices.Sort(all)
	var out []registry.Version
	for _, n := range slices.Compact(all) {
		var it item
		if err := r.get(ctx, path+"/"+strconv.Itoa(n), deleted, &it); err != nil {
			if absent(err) {
				continue // deleted meanwhile
			}
			return nil, err
		}
		if registry.Qualify(it.Subject) != registry.Qualify(name) {
			return nil, fmt.Errorf("the registry answers with a version of %q: the subject has an alias", it.Subject)
		}
		gone := !slices.Contains(live, n)
		it.Deleted = &gone
		v, err := it.version()
		if err != nil {
			return nil, fmt.Errorf("version %d: %w", n, err)
		}
		out = append(out, v)
	}
	return out, nil
}

// settings reads configs and modes of scopes, "" being the last of them.
func (r *Remote) settings(ctx context.Context, d *Dump, scopes []string) error {
	modes := true
	switch mode, err := r.mode(ctx, ""); {
	case unsupported(err):
		modes = false
	case err != nil:
		return fmt.Errorf("reading the mode: %w", err)
	case mode != "":
		d.Modes[""] = mode
	}
	var mu sync.Mutex
	tell := r.counter("reading settings", len(scopes))
	g, ctx := r.group(ctx)
	for _, scope := range scopes {
		g.Go(func() error {
			defer tell()
			c, note, err := r.config(ctx, scope)
			if err != nil {
				return fmt.Errorf("reading the config of %s: %w", scopeName(scope), err)
			}
			mode := ""
			if modes && scope != "" {
				if mode, err = r.mode(ctx, scope); err != nil {
					return fmt.Errorf("reading the mode of %s: %w", scopeName(scope), err)
				}
			}
			mu.Lock()
			defer mu.Unlock()
			if c != nil {
				d.Configs[scope] = *c
			}
			if mode != "" {
				d.Modes[scope] = mode
			}
			if note != "" {
				d.Notes = append(d.Notes, note)
			}
			return nil
		})
	}
	err := g.Wait()
	slices.Sort(d.Notes)
	return err
}

// scopeName is a scope in messages.
func scopeName(scope string) string {
	switch {
	case scope == "":
		return "the registry"
	case isContext(scope):
		return "context " + registry.Qualify(scope).Context
	}
	return strconv.Quote(scope)
}

func settingPath(kind, scope string) string {
	if scope == "" {
		return "/" + kind
	}
	return "/" + kind + "/" + client.PathSegment(scope)
}

// config returns the config of a scope, nil where it has none. A member that millrace does not know is noted.
func (r *Remote) config(ctx context.Context, scope string) (c *registry.Config, note string, err error) {
	var raw json.RawMessage
	if err := r.get(ctx, settingPath("config", scope), nil, &raw); err != nil {
		if absent(err) {
			return nil, "", nil
		}
		return nil, "", err
	}
	c = new(registry.Config)
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, "", err
	}
	var members map[string]json.RawMessage
	_ = json.Unmarshal(raw, &members)
	for name := range members {
		if !slices.Contains(configMembers, name) {
			note = fmt.Sprintf("the config of %s has a member that millrace does not know: %s", scopeName(scope), name)
		}
	}
	return c, note, nil
}

// configMembers are the members of a config that millrace knows.
var configMembers = []string{
	"compatibilityLevel", "alias", "aliasForDeks", "normalize", "validateFields", "validateNewSchemas", "validateRules", "compatibilityPolicy",
	"compatibilityGroup", "defaultMetadata", "overrideMetadata", "defaultRuleSet", "overrideRuleSet",
}

// mode returns the mode of a scope, "" where it has none.
func (r *Remote) mode(ctx context.Context, scope string) (string, error) {
	var out struct {
		Mode string `json:"mode"`
	}
	err := r.get(ctx, settingPath("mode", scope), nil, &out)
	if absent(err) && (scope != "" || !unsupported(err)) {
		err = nil
	}
	return out.Mode, err
}
