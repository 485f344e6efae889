package schemas

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
)

// Registry is a Past: the versions of the files' subjects.
type Registry struct{ Client *client.Client }

// Level returns the subject's level, or the registry's.
func (r *Registry) Level(ctx context.Context, f *File) (compat.Level, error) {
	text, err := r.Client.Compatibility(ctx, f.Subject)
	if err != nil {
		return "", fmt.Errorf("asking for the level of %q: %w", f.Subject, err)
	}
	l, ok := compat.ParseLevel(text)
	if !ok {
		return "", fmt.Errorf("the registry has the level %q for %q, which is not known", text, f.Subject)
	}
	return l, nil
}

// Policy returns the subject's policy, or the registry's.
func (r *Registry) Policy(ctx context.Context, f *File) (compat.Policy, error) {
	c, err := r.Client.SubjectConfig(ctx, f.Subject)
	if err != nil {
		return "", fmt.Errorf("asking for the policy of %q: %w", f.Subject, err)
	}
	if p, ok := compat.ParsePolicy(c.Policy); ok {
		return p, nil
	}
	return compat.PolicyStrict, nil
}

// absent reports that the registry knows no such subject or version.
func absent(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && (e.Code == 40401 || e.Code == 40402)
}

// Versions returns the subject's versions.
func (r *Registry) Versions(ctx context.Context, f *File, all bool) ([]Version, error) {
	var found []client.Version
	if all {
		numbers, err := r.Client.Versions(ctx, f.Subject)
		if err != nil && !absent(err) {
			return nil, fmt.Errorf("listing the versions of %q: %w", f.Subject, err)
		}
		for _, n := range numbers {
			v, err := r.Client.Version(ctx, f.Subject, n)
			if err != nil {
				return nil, fmt.Errorf("reading version %d of %q: %w", n, f.Subject, err)
			}
			found = append(found, v)
		}
	} else if v, err := r.Client.Latest(ctx, f.Subject); err == nil {
		found = append(found, v)
	} else if !absent(err) {
		return nil, fmt.Errorf("reading the latest version of %q: %w", f.Subject, err)
	}
	var out []Version
	for _, v := range found {
		out = append(out, Version{
			Number: v.Version, Label: fmt.Sprintf("version %d", v.Version), Type: v.Type,
			Document: schema.Document{Text: v.Text, References: v.References}, Refs: r.Resolver(ctx),
		})
	}
	return out, nil
}

// Resolver finds versions by subject; a version of 0 is the latest.
func (r *Registry) Resolver(ctx context.Context) schema.Resolver {
	return resolver(func(ref schema.Reference) (schema.Document, error) {
		var v client.Version
		var err error
		if ref.Version == 0 {
			v, err = r.Client.Latest(ctx, ref.Subject)
		} else {
			v, err = r.Client.Version(ctx, ref.Subject, ref.Version)
		}
		if err != nil {
			return schema.Document{}, fmt.Errorf("reading %q: %w", ref.Subject, err)
		}
		return schema.Document{Text: v.Text, References: v.References}, nil
	})
}
