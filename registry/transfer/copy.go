package transfer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/millrace/millrace/registry"
)

// Target is where Copy writes: a *Remote or a *Store.
type Target interface {
	// Read returns what the target holds. It asks for the settings of scopes too, where it does not find all by itself.
	Read(ctx context.Context, scopes ...string) (*Dump, error)
	// isLog reports whether records are written as they are: contexts without a subject too.
	isLog() bool
	// reduce takes out of a plan what the target has no way to do, and notes it. It changes nothing in the target.
	reduce(ctx context.Context, p *plan, want, have *Dump) error
	// obstacles returns what keeps the target from following the plan.
	obstacles(p *plan, have *Dump) []string
	// follow carries the plan out, versions first, then configs, then modes.
	follow(ctx context.Context, p *plan, want, have *Dump, o Options) error
}

// Options tune Copy.
type Options struct {
	DryRun      bool // compare only
	SchemasOnly bool // leave configs, modes and associations alone
	// KeepImport leaves scopes in mode IMPORT that are in it when Copy begins and that the dump gives no mode. Otherwise the mode
	// is taken off: an interrupted Copy may have set it.
	KeepImport bool
}

// Report says what a dump holds and what of it Copy wrote.
type Report struct {
	Contexts, Subjects, Versions, SoftDeleted int
	Present                                   int // versions that were there
	Registered, Deleted, Configs, Modes       int // what was written, or would be
	Associations                              int
	Left                                      []string // what cannot be written, and why
}

// ConflictError says what stands in the way of a Copy, which has changed nothing.
type ConflictError struct{ Conflicts []string }

// Error lists the conflicts.
func (e *ConflictError) Error() string {
	return fmt.Sprintf("nothing was changed: %d conflicts:\n%s", len(e.Conflicts), list(e.Conflicts))
}

// RefusedError says what a target refused or has otherwise than wanted.
type RefusedError struct {
	What     string
	Refusals []string
}

// Error lists the refusals.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("%s:\n%s", e.What, list(e.Refusals))
}

// mostListed is how many lines an error has.
const mostListed = 50

func list(lines []string) string {
	rest := ""
	if len(lines) > mostListed {
		rest = fmt.Sprintf("\n  and %d more", len(lines)-mostListed)
		lines = lines[:mostListed]
	}
	return "  " + strings.Join(lines, "\n  ") + rest
}

// mostPasses is how often a target is brought nearer to the dump: registering a schema anew removes an older soft-deleted version
// of it, which the second pass puts back.
const mostPasses = 3

// Copy brings a target to what the dump says, and checks it. It is an error when the target is otherwise in the end.
func Copy(ctx context.Context, want *Dump, t Target, o Options) (*Report, error) {
	want.sort()
	if o.SchemasOnly {
		bare := *want
		bare.Configs, bare.Modes, bare.Associations = nil, nil, nil
		want = &bare
	}
	report := want.report()
	scopes := slices.Concat(want.Subjects(), slices.Collect(maps.Keys(want.Configs)), slices.Collect(maps.Keys(want.Modes)))
	for pass := 1; ; pass++ {
		have, err := t.Read(ctx, scopes...)
		if err != nil {
			return nil, fmt.Errorf("reading the target: %w", err)
		}
		have.sort()
		p := compare(want, have, t.isLog())
		if err := t.reduce(ctx, p, want, have); err != nil {
			return nil, err
		}
		if pass == 1 {
			report.Present, report.Registered, report.Deleted = p.present, len(p.register), len(p.remove)
			report.Configs, report.Modes, report.Associations = len(p.configs), len(p.modes), len(p.associations)
			report.Left = p.left
		}
		stuck := append(p.conflicts, t.obstacles(p, have)...)
		switch {
		case len(stuck) > 0 && pass == 1:
			return report, &ConflictError{stuck}
		case len(stuck) > 0:
			return report, &RefusedError{"the target is not as wanted", stuck}
		case p.empty() && (pass > 1 || o.KeepImport || !have.importing(want)), o.DryRun:
			return report, nil
		case pass > mostPasses:
			return report, &RefusedError{"the target is not as wanted", p.lines(want, have)}
		}
		if err := t.follow(ctx, p, want, have, o); err != nil {
			return report, err
		}
	}
}

// importing reports whether a scope of the dump is in mode IMPORT and not wanted so.
func (d *Dump) importing(want *Dump) bool {
	for _, c := range want.Contexts {
		if s := contextScope(c); d.Modes[s] == registry.Import && want.Modes[s] == "" {
			return true
		}
	}
	return false
}

// lines says what a plan would do.
func (p *plan) lines(want, have *Dump) []string {
	var out []string
	for _, v := range p.register {
		out = append(out, keyOf(v).String()+" is missing")
	}
	for _, v := range p.remove {
		out = append(out, keyOf(v).String()+" is not deleted")
	}
	for _, s := range p.configs {
		out = append(out, fmt.Sprintf("the config of %s is %s, wanted %s", scopeName(s), configText(have.Configs[s]), configText(want.Configs[s])))
	}
	for _, s := range p.modes {
		out = append(out, fmt.Sprintf("the mode of %s is %q, wanted %s", scopeName(s), have.Modes[s], want.Modes[s]))
	}
	for _, a := range p.associations {
		out = append(out, associationName(a)+" is missing or another")
	}
	for _, c := range p.contexts {
		out = append(out, "context "+c+" is missing")
	}
	return out
}

func (d *Dump) report() *Report {
	r := &Report{Contexts: len(d.Contexts), Subjects: len(d.Subjects()), Versions: len(d.Versions)}
	for i := range d.Versions {
		if d.Versions[i].Deleted {
			r.SoftDeleted++
		}
	}
	return r
}

// Summary is the report in a line of what the dump holds.
func (d *Dump) Summary() string {
	r := d.report()
	return fmt.Sprintf("%d contexts, %d subjects, %d versions (%d soft-deleted), %d configs, %d modes, %d associations", r.Contexts, r.Subjects, r.Versions, r.SoftDeleted, len(d.Configs), len(d.Modes), len(d.Associations))
}
