package schemas

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/registry/client"
)

// RegisterOptions tune Register.
type RegisterOptions struct {
	DryRun    bool // check only
	Normalize bool
}

// What Register did about a file.
const (
	registered = "registered"
	present    = "present" // it was there
)

// Register registers the files, each after those it refers to. Nothing is registered unless every file passes the check.
func Register(ctx context.Context, set *Set, r *Registry, o RegisterOptions) (*Report, error) {
	ordered, err := set.ordered()
	if err != nil {
		return nil, err
	}
	sorted := &Set{Files: ordered, bySubject: set.bySubject}
	report := Check(ctx, sorted, r, CheckOptions{})
	if o.DryRun || report.Code() != 0 {
		return report, nil
	}
	versions := map[string]int{}
	for i, f := range ordered {
		fr := report.Files[i]
		if err := r.register(ctx, f, fr, versions, o.Normalize); err != nil {
			fr.fail(err)
			report.Files = report.Files[:i+1]
			return report, nil
		}
	}
	return report, nil
}

// register makes f a version, and puts its number into versions.
func (r *Registry) register(ctx context.Context, f *File, fr *FileReport, versions map[string]int, normalize bool) error {
	s := client.Schema{Type: f.Type(), Text: f.Text, References: slices.Clone(f.References)}
	for i, ref := range s.References {
		if ref.Version == 0 && versions[ref.Subject] != 0 {
			s.References[i].Version = versions[ref.Subject]
		} else if ref.Version == 0 {
			latest, err := r.Client.Latest(ctx, ref.Subject)
			if err != nil {
				return fmt.Errorf("finding the version of %q: %w", ref.Subject, err)
			}
			s.References[i].Version = latest.Version
		}
	}
	fr.Done = registered
	v, err := r.Client.Lookup(ctx, f.Subject, s, normalize, false)
	var refused *client.Error
	switch {
	case err == nil:
		fr.Done = present
	case absent(err) || errors.As(err, &refused) && refused.Code == 40403:
		if _, err := r.Client.Register(ctx, f.Subject, s, normalize); err != nil {
			fr.Done = ""
			return fmt.Errorf("registering under %q: %w", f.Subject, err)
		}
		if v, err = r.Client.Lookup(ctx, f.Subject, s, normalize, false); err != nil {
			return fmt.Errorf("reading back what was registered under %q: %w", f.Subject, err)
		}
	default:
		fr.Done = ""
		return fmt.Errorf("looking up %q: %w", f.Subject, err)
	}
	fr.ID, fr.Version, versions[f.Subject] = v.ID, v.Version, v.Version
	return nil
}

// ordered returns the files so that each comes after those it refers to.
func (s *Set) ordered() ([]*File, error) {
	var out []*File
	const (
		open = 1
		done = 2
	)
	state := map[*File]int{}
	var visit func(f *File, via []string) error
	visit = func(f *File, via []string) error {
		via = append(via, f.Subject)
		switch state[f] {
		case done:
			return nil
		case open:
			return fmt.Errorf("schemas refer to each other in a circle, which no registry can take: %s", strings.Join(via, " → "))
		}
		state[f] = open
		for _, r := range f.References {
			if other := s.bySubject[r.Subject]; other != nil && r.Version == 0 {
				if err := visit(other, via); err != nil {
					return err
				}
			}
		}
		state[f] = done
		out = append(out, f)
		return nil
	}
	for _, f := range s.Files {
		if err := visit(f, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}
