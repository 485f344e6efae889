package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Tree is a YAML file of another kind than pipelines and workers, to be read with the same bounds and the same faults. The
// paths that its methods take are those of the keys from the top, joined by dots.
type Tree struct {
	Root *yaml.Node
	y    *yamlFile
}

// ReadTree parses a file of one document. What keeps it from being one is a FaultsError.
func ReadTree(file string, data []byte) (*Tree, error) {
	y, n := openYAML(file, data)
	if n == nil {
		return nil, FaultsError(y.faults)
	}
	return &Tree{Root: n, y: y}, nil
}

// Keys reads a mapping whose keys are known, tells of unknown and of missing ones, and returns which were there.
func (t *Tree) Keys(n *yaml.Node, path string, known map[string]func(*yaml.Node, string), required ...string) map[string]bool {
	given := t.y.keys(n, path, known)
	for _, key := range required {
		if !given[key] && n.Kind == yaml.MappingNode {
			t.y.fault(n, join(path, key), "is required")
		}
	}
	return given
}

// Items calls each for the elements of a list.
func (t *Tree) Items(n *yaml.Node, path string, each func(*yaml.Node, string)) {
	at := n
	if n = t.y.visit(n, strings.Count(path, ".")); n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		t.y.fault(at, path, "expects a list, not %s", described(n))
		return
	}
	for i, item := range n.Content {
		each(item, fmt.Sprintf("%s[%d]", path, i))
	}
}

// Text returns a scalar; ok is false, and a fault is told, where there is none.
func (t *Tree) Text(n *yaml.Node, path, expects string) (text string, ok bool) {
	text, ok = t.y.text(n, path, expects, strings.Count(path, "."))
	if ok && text == "" {
		t.y.fault(n, path, "is empty: it expects %s", expects)
		return "", false
	}
	return text, ok
}

// Fault tells of something wrong with the value at n.
func (t *Tree) Fault(n *yaml.Node, path, format string, args ...any) {
	t.y.fault(n, path, format, args...)
}

// Err returns every fault in the order of the file, as a FaultsError; nil when there is none.
func (t *Tree) Err() error {
	if len(t.y.faults) == 0 {
		return nil
	}
	slices.SortStableFunc(t.y.faults, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
	return FaultsError(t.y.faults)
}
