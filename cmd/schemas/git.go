package schemas

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
)

// repository reads versions as they are committed. Each file's own repository counts.
type repository struct {
	ref string
	set *Set
}

func openGit(ctx context.Context, ref string, set *Set) (*repository, error) {
	g := &repository{ref, set}
	for _, f := range set.Files {
		if _, err := g.commit(ctx, f); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// git runs one command where f is.
func git(ctx context.Context, f *File, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = filepath.Dir(f.Path)
	// A hook runs with variables that name its repository relative to where git runs it.
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return slices.Contains([]string{"GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"}, name)
	})
	out, err := cmd.Output()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		return "", fmt.Errorf("git %s in %s: %s", args[0], cmd.Dir, bytes.TrimSpace(exit.Stderr))
	case err != nil:
		return "", fmt.Errorf("running git: %w", err)
	}
	return string(out), nil
}

// commit returns the hash of the reference.
func (g *repository) commit(ctx context.Context, f *File) (string, error) {
	out, err := git(ctx, f, "rev-parse", "--verify", "--end-of-options", g.ref+"^{commit}")
	if err != nil {
		return "", fmt.Errorf("%s is no commit of the repository (%w); where only part of it was cloned, fetch it first", g.ref, err)
	}
	return strings.TrimSpace(out), nil
}

func (g *repository) Level(context.Context, *File) (compat.Level, error) { return compat.Backward, nil }

func (g *repository) Policy(context.Context, *File) (compat.Policy, error) {
	return compat.PolicyStrict, nil
}

// maxCommits bounds how far back a transitive level looks.
const maxCommits = 1000

func (g *repository) Versions(ctx context.Context, f *File, all bool) ([]Version, error) {
	commit, err := g.commit(ctx, f)
	if err != nil {
		return nil, err
	}
	commits := []string{commit}
	if all {
		out, err := git(ctx, f, "log", "--format=%H", fmt.Sprintf("--max-count=%d", maxCommits), commit, "--", filepath.Base(f.Path))
		if err != nil {
			return nil, err
		}
		commits = append(commits, strings.Fields(out)...)
	}
	var out []Version
	for i, c := range commits {
		text, ok, err := g.show(ctx, c, f)
		if err != nil {
			return nil, err
		}
		if !ok || slices.ContainsFunc(out, func(v Version) bool { return v.Document.Text == text }) {
			continue
		}
		label := g.ref
		if i > 0 {
			label = "commit " + c[:7]
		}
		out = append(out, Version{Label: label, Type: f.Type(), Document: g.before(ctx, c, f, text), Refs: g.resolver(ctx, c)})
	}
	slices.Reverse(out)
	for i := range out {
		out[i].Number = i + 1
	}
	return out, nil
}

// show returns f's text in a commit; ok is false where it has none.
func (g *repository) show(ctx context.Context, commit string, f *File) (text string, ok bool, err error) {
	if ok, err := g.listed(ctx, commit, f); err != nil || !ok {
		return "", false, err
	}
	text, err = git(ctx, f, "show", commit+":./"+filepath.Base(f.Path))
	return text, err == nil, err
}

// before returns f's text of a commit with its references.
func (g *repository) before(ctx context.Context, commit string, f *File, text string) schema.Document {
	return g.set.before(f, text, func(other *File) bool {
		listed, err := g.listed(ctx, commit, other)
		return err != nil || listed // an error shows where the text is read
	})
}

// listed reports that a commit has f.
func (g *repository) listed(ctx context.Context, commit string, f *File) (bool, error) {
	out, err := git(ctx, f, "--literal-pathspecs", "ls-tree", "-z", "--name-only", commit, "--", filepath.Base(f.Path))
	return out != "", err
}

func (g *repository) Resolver(ctx context.Context) schema.Resolver { return g.resolver(ctx, g.ref) }

// resolver finds references among the files as they were in a commit.
func (g *repository) resolver(ctx context.Context, commit string) schema.Resolver {
	return resolver(func(r schema.Reference) (schema.Document, error) {
		f := g.set.bySubject[r.Subject]
		if f == nil {
			return schema.Document{}, fmt.Errorf("no file has the subject %q", r.Subject)
		}
		text, ok, err := g.show(ctx, commit, f)
		if err != nil {
			return schema.Document{}, err
		}
		if !ok {
			return schema.Document{}, fmt.Errorf("%s has no %s", commit, f.Path)
		}
		return g.before(ctx, commit, f, text), nil
	})
}
