package schemas

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/connect/config"
)

// ManifestName is the file that names subjects, levels and references where the rule of file names is not enough.
const ManifestName = "millrace-schemas.yaml"

// manifest adds the files that a manifest names; their paths are relative to it. They are asked about unless it was only looked
// up for one file.
func (s *Set) manifest(path, only string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	if s.manifests[abs] && only != "" {
		return nil
	}
	s.manifests[abs] = true
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}
	dir := filepath.Dir(path)
	var level compat.Level
	var policy compat.Policy
	first := len(s.all)
	tree, err := config.ReadTree(path, data)
	if err != nil {
		return err
	}
	tree.Keys(tree.Root, "", map[string]func(*yaml.Node, string){
		"level":  func(n *yaml.Node, at string) { level = readLevel(tree, n, at) },
		"policy": func(n *yaml.Node, at string) { policy = readPolicy(tree, n, at) },
		"schemas": func(n *yaml.Node, at string) {
			tree.Items(n, at, func(n *yaml.Node, at string) {
				s.entry(tree, n, at, dir)
			})
		},
	}, "schemas")
	if err := tree.Err(); err != nil {
		return err
	}
	for _, f := range s.all[first:] {
		f.asked = only == ""
		if f.Level == "" {
			f.Level = level
		}
		if f.Policy == "" {
			f.Policy = policy
		}
	}
	return nil
}

// entry reads one of schemas and its file.
func (s *Set) entry(t *config.Tree, n *yaml.Node, at, dir string) {
	var file, subject string
	var level compat.Level
	var policy compat.Policy
	var refs []schema.Reference
	var where *yaml.Node
	given := t.Keys(n, at, map[string]func(*yaml.Node, string){
		"file":    func(n *yaml.Node, at string) { where = n; file, _ = t.Text(n, at, "the path of a schema file") },
		"subject": func(n *yaml.Node, at string) { subject, _ = t.Text(n, at, "a subject") },
		"level":   func(n *yaml.Node, at string) { level = readLevel(t, n, at) },
		"policy":  func(n *yaml.Node, at string) { policy = readPolicy(t, n, at) },
		"references": func(n *yaml.Node, at string) {
			t.Items(n, at, func(n *yaml.Node, at string) {
				var r schema.Reference
				t.Keys(n, at, map[string]func(*yaml.Node, string){
					"name":    func(n *yaml.Node, at string) { r.Name, _ = t.Text(n, at, "the name that the schema uses") },
					"subject": func(n *yaml.Node, at string) { r.Subject, _ = t.Text(n, at, "a subject") },
					"version": func(n *yaml.Node, at string) {
						text, ok := t.Text(n, at, "a version from 1 on")
						v, err := strconv.Atoi(text)
						if ok && (err != nil || v < 1) {
							t.Fault(n, at, "expects a version from 1 on, not %q", text)
						}
						r.Version = v
					},
				}, "name", "subject")
				refs = append(refs, r)
			})
		},
	}, "file")
	if !given["file"] || file == "" {
		return
	}
	path := filepath.Join(dir, filepath.FromSlash(file))
	f, err := s.read(path, filepath.FromSlash(file), true)
	if err != nil {
		t.Fault(where, at+".file", "%v", err)
		return
	}
	f.Level, f.Policy, f.named = level, policy, refs
	if subject != "" {
		f.Subject = subject
	}
}

// readName reads one of all; what says what they are.
func readName[T ~string](t *config.Tree, n *yaml.Node, at, what string, parse func(string) (T, bool), all []T) T {
	text, ok := t.Text(n, at, what)
	name, known := parse(text)
	if ok && !known {
		t.Fault(n, at, "expects one of %v, not %q", all, text)
	}
	return name
}

func readLevel(t *config.Tree, n *yaml.Node, at string) compat.Level {
	return readName(t, n, at, "a compatibility level", compat.ParseLevel, compat.Levels())
}

func readPolicy(t *config.Tree, n *yaml.Node, at string) compat.Policy {
	return readName(t, n, at, "a compatibility policy", compat.ParsePolicy, compat.Policies())
}
