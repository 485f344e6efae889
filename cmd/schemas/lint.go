package schemas

import (
	"context"

	"github.com/millrace/millrace/compat/schema"
)

// Lint reports warnings about the files: what a registry lets through and people trip over. With a past, changes since the
// newest version count as well; past may be nil.
func Lint(ctx context.Context, set *Set, past Past) *Report {
	out := &Report{}
	for _, f := range set.Files {
		r := newReport(f)
		if err := set.lint(ctx, f, past, r); err != nil {
			r.fail(err)
		}
		out.Files = append(out.Files, r)
	}
	return out
}

func (s *Set) lint(ctx context.Context, f *File, past Past, r *FileReport) error {
	var older schema.Resolver
	if past != nil {
		older = past.Resolver(ctx)
	}
	_, err := f.format.Parse(f.document(), s.resolver(older), schema.Options{})
	if err != nil {
		return err
	}
	r.Status = Compatible
	return nil
}
