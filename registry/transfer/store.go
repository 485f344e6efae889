package transfer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/millrace/millrace/registry"
)

// Store is a registry's log that is read and written without a server. Records are written as they were, so what the API would
// refuse today, and the time of each registration, come through. No registry may write to the log meanwhile: Copy ends with an
// error when one does.
type Store struct {
	reg  *registry.Registry
	log  registry.Log
	tell Progress
}

// OpenStore reads a log, which Close closes. When it fails the log stays the caller's.
func OpenStore(ctx context.Context, l registry.Log, log *slog.Logger, tell Progress) (*Store, error) {
	reg, err := registry.Open(ctx, l, registry.Options{Log: log})
	if err != nil {
		return nil, err
	}
	return &Store{reg: reg, log: l, tell: tell}, nil
}

// Close closes the log.
func (s *Store) Close() error { return s.reg.Close() }

// Read implements Target.
func (s *Store) Read(ctx context.Context, _ ...string) (*Dump, error) {
	if err := s.reg.Sync(ctx); err != nil {
		return nil, err
	}
	d := &Dump{
		Contexts: s.reg.Contexts(""), Versions: s.reg.Schemas(registry.SchemaFilter{Prefix: ":*:", Deleted: true}),
		Configs: s.reg.Configs(), Modes: s.reg.Modes(),
		Associations: slices.Clone(s.reg.AssociationsNamed(registry.AnyResource, registry.AnyResource, registry.AssociationFilter{})),
	}
	for i := range d.Versions {
		d.Versions[i] = d.Versions[i].WithContent()
	}
	d.sort()
	return d, nil
}

func (s *Store) reduce(context.Context, *plan, *Dump, *Dump) error { return nil }

func (s *Store) isLog() bool { return true }

func (s *Store) obstacles(*plan, *Dump) []string { return nil }

// mostRecords is how many records are appended as one unit.
const mostRecords = 500

// follow implements Target. Nothing depends on the order: replay applies no rule.
func (s *Store) follow(ctx context.Context, p *plan, want, have *Dump, o Options) error {
	now := time.Now().UnixMilli()
	var recs []registry.Record
	add := func(r registry.Record) {
		if r.Time == 0 {
			r.Time = now
		}
		recs = append(recs, r)
	}
	for _, c := range p.contexts {
		add(registry.ContextRecord(c))
	}
	written := map[key]bool{}
	for _, versions := range [][]*registry.Version{p.register, p.remove} {
		for _, v := range versions {
			if !written[keyOf(v)] {
				written[keyOf(v)] = true
				add(v.Record())
			}
		}
	}
	for _, scope := range p.configs {
		add(registry.ConfigRecord(scope, want.Configs[scope]))
	}
	for _, scope := range p.modes {
		add(registry.ModeRecord(scope, want.Modes[scope]))
	}
	for _, a := range p.associations {
		add(a.Record())
	}
	last := s.reg.Position() - 1
	for done := 0; done < len(recs); {
		n := min(len(recs)-done, mostRecords)
		var err error
		if last, err = s.log.Append(ctx, last, recs[done:done+n]...); err != nil {
			if errors.Is(err, registry.ErrConflict) {
				return errors.New("writing to the store: another registry writes to it at the same time: stop it first, then run this again")
			}
			return fmt.Errorf("writing to the store: %w", err)
		}
		if done += n; s.tell != nil {
			s.tell("writing", done, len(recs))
		}
	}
	return s.reg.Reach(ctx, last+1)
}
