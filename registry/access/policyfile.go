package access

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a policy file may hold.
const (
	maxPolicy = 1 << 20
	maxFaults = 100
)

// Fault is something wrong with a file.
type Fault struct {
	File         string
	Line, Column int // from 1; 0: of the whole file
	Key          string
	Msg          string
}

// Faults are all that is wrong with a file, in its order.
type Faults []Fault

// Error returns a line for each: file:line:column: key: what is wrong.
func (f Faults) Error() string {
	var b strings.Builder
	for i, x := range f {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(x.File)
		if x.Line > 0 {
			fmt.Fprintf(&b, ":%d", x.Line)
		}
		if x.Column > 0 {
			fmt.Fprintf(&b, ":%d", x.Column)
		}
		b.WriteString(": ")
		if x.Key != "" {
			b.WriteString(x.Key + ": ")
		}
		b.WriteString(x.Msg)
	}
	return b.String()
}

// ParsePolicy reads a policy file; what is wrong with it is a Faults. docs/security.md has the keys.
func ParsePolicy(file string, data []byte) (*Policy, error) {
	f := &policyFile{file: file}
	root := f.open(data)
	p := &Policy{}
	if root != nil {
		f.keys(root, "", map[string]func(*yaml.Node, string){
			"hide":   func(n *yaml.Node, path string) { p.Hide = f.bool(n, path) },
			"groups": func(n *yaml.Node, path string) { p.groups = f.groups(n, path) },
			"nodes":  func(n *yaml.Node, path string) { p.nodes = f.who(n, path) },
			"grants": func(n *yaml.Node, path string) {
				f.items(n, path, func(n *yaml.Node, path string) { p.grants = append(p.grants, f.grant(n, path)) })
			},
		}, "grants")
	}
	if len(f.faults) > 0 {
		slices.SortStableFunc(f.faults, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
		return nil, f.faults
	}
	return p, nil
}

// policyFile walks a policy and gathers what is wrong with it.
type policyFile struct {
	file   string
	faults Faults
}

func (f *policyFile) fault(n *yaml.Node, key, format string, args ...any) {
	if len(f.faults) == maxFaults {
		return
	}
	x := Fault{File: f.file, Key: key, Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		x.Line, x.Column = n.Line, n.Column
	}
	f.faults = append(f.faults, x)
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// open parses the one document of a file.
func (f *policyFile) open(data []byte) *yaml.Node {
	if len(data) > maxPolicy {
		f.fault(nil, "", "is longer than %d bytes", maxPolicy)
		return nil
	}
	if bytes.Count(data, []byte("["))+bytes.Count(data, []byte("{")) > 50_000 {
		f.fault(nil, "", "nests deeper than a policy does")
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := decode(dec, &doc)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		f.fault(nil, "", "is empty")
		return nil
	case err == nil && decode(dec, &second) == nil:
		f.fault(&second, "", "begins a second document: a file holds one")
		return nil
	case err != nil:
		x := Fault{File: f.file, Msg: "is not YAML: " + err.Error()}
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			x.Line, _ = strconv.Atoi(m[1])
			x.Msg = "is not YAML: " + m[2]
		}
		f.faults = append(f.faults, x)
		return nil
	}
	return doc.Content[0]
}

// decode turns a panic of the parser on hostile input into an error.
func decode(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return dec.Decode(n)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func shape(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.AliasNode:
		return "an alias"
	case n.Tag == "!!null":
		return "nothing"
	}
	return "a plain value"
}

// keys reads a mapping whose keys are known.
func (f *policyFile) keys(n *yaml.Node, path string, known map[string]func(*yaml.Node, string), required ...string) {
	if n.Kind != yaml.MappingNode {
		f.fault(n, path, "expects keys below it, not %s", shape(n))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		read := known[k.Value]
		at := join(path, k.Value)
		switch {
		case k.Kind != yaml.ScalarNode:
			f.fault(k, path, "has a key that is not a plain word")
		case seen[k.Value]:
			f.fault(k, at, "is set twice")
		case read == nil:
			f.fault(k, at, "is not a known key%s", nearest(k.Value, mapKeys(known)))
		default:
			read(v, at)
		}
		seen[k.Value] = true
	}
	for _, key := range required {
		if !seen[key] {
			f.fault(n, join(path, key), "is required")
		}
	}
}

func mapKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func (f *policyFile) items(n *yaml.Node, path string, each func(*yaml.Node, string)) {
	if n.Kind != yaml.SequenceNode {
		f.fault(n, path, "expects a list, not %s", shape(n))
		return
	}
	for i, item := range n.Content {
		each(item, fmt.Sprintf("%s[%d]", path, i))
	}
}

// words reads a list of words, or one word as a list of one, and calls each for them.
func (f *policyFile) words(n *yaml.Node, path, expects string, each func(*yaml.Node, string, string)) {
	if n.Kind == yaml.ScalarNode {
		n = &yaml.Node{Kind: yaml.SequenceNode, Content: []*yaml.Node{n}}
	}
	if n.Kind == yaml.SequenceNode && len(n.Content) == 0 {
		f.fault(n, path, "is an empty list: it expects %s", expects)
	}
	f.items(n, path, func(n *yaml.Node, path string) {
		if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Value == "" {
			f.fault(n, path, "expects %s, not %s", expects, shape(n))
			return
		}
		each(n, path, n.Value)
	})
}

func (f *policyFile) bool(n *yaml.Node, path string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		f.fault(n, path, "expects true or false")
		return false
	}
	return strings.EqualFold(n.Value, "true")
}

func (f *policyFile) groups(n *yaml.Node, path string) (out []group) {
	if n.Kind != yaml.MappingNode {
		f.fault(n, path, "expects group names below it, not %s", shape(n))
		return nil
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if k.Kind != yaml.ScalarNode || k.Value == "" || seen[k.Value] {
			f.fault(k, path, "has a group without a name, or twice")
			continue
		}
		seen[k.Value] = true
		g := group{name: k.Value}
		f.words(n.Content[i+1], join(path, k.Value), "a user's name", func(_ *yaml.Node, _, word string) {
			g.members = append(g.members, newGlob(strings.TrimPrefix(word, "user:")))
		})
		out = append(out, g)
	}
	return out
}

func (f *policyFile) who(n *yaml.Node, path string) (out []who) {
	f.words(n, path, "user:NAME, group:NAME or anonymous", func(n *yaml.Node, path, word string) {
		kind, name, named := strings.Cut(word, ":")
		if word == "anonymous" || named && name != "" && (kind == "user" || kind == "group") {
			out = append(out, who{kind, newGlob(name)})
			return
		}
		f.fault(n, path, "%q is none of user:NAME, group:NAME and anonymous", word)
	})
	return out
}

func (f *policyFile) grant(n *yaml.Node, path string) (g grant) {
	f.keys(n, path, map[string]func(*yaml.Node, string){
		"who": func(n *yaml.Node, path string) { g.who = f.who(n, path) },
		"may": func(n *yaml.Node, path string) {
			f.words(n, path, "a verb", func(n *yaml.Node, path, word string) {
				s, ok := parseVerbs(word)
				if !ok {
					hint := nearest(word, verbWords())
					if hint == "" {
						hint = ": there are " + strings.Join(verbWords(), ", ")
					}
					f.fault(n, path, "%q is no verb%s", word, hint)
				}
				g.may |= s
			})
		},
		"context": func(n *yaml.Node, path string) {
			f.words(n, path, "a context", func(n *yaml.Node, path, word string) {
				word = strings.Trim(word, ":")
				if word != "*" && !strings.HasPrefix(word, ".") {
					word = "." + word
				}
				if strings.Contains(word, ":") {
					f.fault(n, path, "a context has no colon inside")
				}
				g.contexts = append(g.contexts, newGlob(word))
			})
		},
		"subjects": func(n *yaml.Node, path string) {
			f.words(n, path, "a subject", func(n *yaml.Node, path, word string) {
				if strings.HasPrefix(word, ":.") || strings.HasPrefix(word, ":*:") {
					f.fault(n, path, "the context of subjects goes into the grant's context")
				}
				g.subjects = append(g.subjects, newGlob(word))
			})
		},
	}, "who", "may", "subjects")
	if g.contexts == nil {
		g.contexts = []glob{newGlob(".")}
	}
	return g
}

// nearest returns a hint that names the nearest of names, or nothing when none is near.
func nearest(name string, names []string) string {
	best, least := "", max(2, len(name)/3)+1
	for _, n := range names {
		if d := distance(name, n); d < least {
			best, least = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is how many letters differ between two words, as Levenshtein counts them.
func distance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
