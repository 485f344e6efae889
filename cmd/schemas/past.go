package schemas

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// Past is where the versions before a file are.
type Past interface {
	// Level returns the level that a file is judged by when nobody says another.
	Level(ctx context.Context, f *File) (compat.Level, error)
	// Policy returns the policy that a file is judged under when nobody says another.
	Policy(ctx context.Context, f *File) (compat.Policy, error)
	// Versions returns what was before f, oldest first; with all set everything, else the newest alone. None: f is new.
	Versions(ctx context.Context, f *File, all bool) ([]Version, error)
	// Resolver finds what f refers to and the set does not hold.
	Resolver(ctx context.Context) schema.Resolver
}

// Version is a text that was before a file.
type Version struct {
	Number   int
	Label    string // as a sentence names it: version 3, main, commit 1a2b3c4
	Type     schema.Type
	Document schema.Document
	Refs     schema.Resolver
}

// resolver is a function as a schema.Resolver.
type resolver func(r schema.Reference) (schema.Document, error)

// Resolve calls f.
func (f resolver) Resolve(r schema.Reference) (schema.Document, error) { return f(r) }

// resolver finds the references of the set's files: in the set where no version is named, else in the past.
func (s *Set) resolver(past schema.Resolver) schema.Resolver {
	return resolver(func(r schema.Reference) (schema.Document, error) {
		if f := s.bySubject[r.Subject]; f != nil && r.Version == 0 {
			return f.document(), nil
		}
		if past == nil {
			return schema.Document{}, fmt.Errorf("no file has the subject %q", r.Subject)
		}
		return past.Resolve(r)
	})
}

// OpenPast opens what --against names: git:REF or dir:PATH.
func OpenPast(ctx context.Context, against string, set *Set) (Past, error) {
	kind, rest, _ := strings.Cut(against, ":")
	switch {
	case kind == "git" && rest != "":
		return openGit(ctx, rest, set)
	case kind == "dir" && rest != "":
		if info, err := os.Stat(rest); err != nil {
			return nil, fmt.Errorf("reading --against: %w", err)
		} else if !info.IsDir() {
			return nil, fmt.Errorf("--against: %s is no directory", rest)
		}
		return &directory{rest, set}, nil
	}
	return nil, fmt.Errorf("--against %q is none of git:REF and dir:PATH", against)
}

// directory has one version of each file, at the same place below it.
type directory struct {
	path string
	set  *Set
}

func (d *directory) Level(context.Context, *File) (compat.Level, error) { return compat.Backward, nil }

func (d *directory) Policy(context.Context, *File) (compat.Policy, error) {
	return compat.PolicyStrict, nil
}

func (d *directory) Versions(_ context.Context, f *File, _ bool) ([]Version, error) {
	doc, err := d.read(f)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return []Version{{Number: 1, Label: filepath.Join(d.path, f.Rel), Type: f.Type(), Document: doc, Refs: d.Resolver(context.Background())}}, nil
}

func (d *directory) read(f *File) (schema.Document, error) {
	text, err := os.ReadFile(filepath.Join(d.path, f.Rel))
	if err != nil {
		return schema.Document{}, fmt.Errorf("reading the version before %s: %w", f.Path, err)
	}
	return d.set.before(f, string(text), func(other *File) bool {
		_, err := os.Stat(filepath.Join(d.path, other.Rel))
		return err == nil
	}), nil
}

func (d *directory) Resolver(context.Context) schema.Resolver {
	return resolver(func(r schema.Reference) (schema.Document, error) {
		f := d.set.bySubject[r.Subject]
		if f == nil {
			return schema.Document{}, fmt.Errorf("no file has the subject %q", r.Subject)
		}
		return d.read(f)
	})
}

// asItWas is the version of a reference to a file as it was at the time: any number that is no version and not the 0 of files as
// they are, for references to one version of one subject are taken for the same text.
const asItWas = -1

// before returns an older text of f. What it refers to is found as f's references are, as far as it was there then.
func (s *Set) before(f *File, text string, there func(*File) bool) schema.Document {
	doc := schema.Document{Text: text}
	for _, r := range s.references(f, text) {
		other := s.bySubject[r.Subject]
		if other == nil || !there(other) {
			continue
		}
		if r.Version == 0 {
			r.Version = asItWas
		}
		doc.References = append(doc.References, r)
	}
	return doc
}
