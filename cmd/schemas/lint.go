package schemas

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// LintOptions tune Lint.
type LintOptions struct {
	Strict bool // warnings make the exit code 1
}

// Lint reports warnings about the files: what a registry lets through and people trip over. With a past, changes since the
// newest version count as well; past may be nil.
func Lint(ctx context.Context, set *Set, past Past, o LintOptions) *Report {
	out := &Report{strict: o.Strict}
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
	now, err := f.format.Parse(f.document(), s.resolver(older), schema.Options{})
	if err != nil {
		return err
	}
	var before schema.Schema
	if past != nil {
		versions, err := past.Versions(ctx, f, false)
		if err != nil {
			return err
		}
		if len(versions) > 0 {
			p, err := versions[len(versions)-1].parse()
			if err != nil {
				return err
			}
			before = p.Schema
		}
	}
	l := &linter{f: f, r: r}
	switch now := now.(type) {
	case *avro.Schema:
		old, _ := before.(*avro.Schema)
		l.avro(now, old)
	case *protobuf.Schema:
		old, _ := before.(*protobuf.Schema)
		err = l.protobuf(ctx, now, old)
	case *jsonschema.Schema:
		l.jsonSchema()
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	r.Status = Compatible
	if len(r.Findings) > 0 {
		r.Status = Warned
	}
	return nil
}

// maxWarnings bounds what is said of one file.
const maxWarnings = 1000

type linter struct {
	f *File
	r *FileReport
}

// warn adds a warning at a byte offset of the file.
func (l *linter) warn(off int, rule, fix, format string, args ...any) {
	if len(l.r.Findings) >= maxWarnings {
		return
	}
	line, column := lineColumn(l.f.Text, off)
	l.r.Findings = append(l.r.Findings, Finding{
		Rule: rule, File: l.f.Path, Line: line, Column: column, Message: fmt.Sprintf(format, args...), Fix: fix,
	})
}

// jsonSchema warns of what is at the top of the document.
func (l *linter) jsonSchema() {
	keys := topLevelKeys(l.f.Text)
	if len(keys) == 0 {
		return
	}
	if !slices.Contains(keys, "$schema") {
		l.warn(0, "DRAFT_NOT_NAMED", `add "$schema": "http://json-schema.org/draft-07/schema#"`, "the draft is not named, and is taken for draft 7")
	}
	if slices.Contains(keys, "properties") && !slices.Contains(keys, "additionalProperties") && !slices.Contains(keys, "unevaluatedProperties") {
		l.warn(jsonOffset(l.f.Text, []string{"properties"}), "OPEN_CONTENT_MODEL", `add "additionalProperties": false before the first version`,
			"the object is open, so that no property can be added later at BACKWARD: old data may hold one of that name and another type")
	}
}
