package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// What a YAML file may hold: more is a mistake or an attack, of nesting or of aliases that multiply.
const (
	maxYAML  = 1 << 20
	maxNodes = 50_000
	maxDepth = 32
	// maxFaults are told of one file; who wrote more of them reads no further.
	maxFaults = 100
)

// yamlFile walks one YAML document and gathers what is wrong with it.
type yamlFile struct {
	name   string
	nodes  int // visited, aliases counted each time
	faults []Fault
	full   bool // the bound was passed and told
}

// field is one entry of a mapping.
type field struct {
	name string
	key  *yaml.Node
	val  *yaml.Node
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)`)

// openYAML parses data; the node is nil when there is nothing to read, with or without faults.
func openYAML(file string, data []byte) (*yamlFile, *yaml.Node) {
	y := &yamlFile{name: file}
	if len(data) > maxYAML {
		y.faults = append(y.faults, Fault{File: file, Msg: fmt.Sprintf("is longer than %d bytes, which no configuration needs", maxYAML)})
		return y, nil
	}
	if deep := tooDeep(data); deep > 0 {
		y.faults = append(y.faults, Fault{File: file, Line: deep, Msg: fmt.Sprintf("is nested deeper than %d levels", maxDepth)})
		return y, nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	if err := decodeYAML(dec, &doc); err != nil {
		if errors.Is(err, io.EOF) {
			y.faults = append(y.faults, Fault{File: file, Msg: "is empty"})
			return y, nil
		}
		f := Fault{File: file, Msg: err.Error()}
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			f.Line, _ = strconv.Atoi(m[1])
			f.Msg = "is not YAML: " + m[2]
		}
		y.faults = append(y.faults, f)
		return y, nil
	}
	var second yaml.Node
	if err := decodeYAML(dec, &second); err == nil {
		y.fault(&second, "", "begins a second document: a file holds one")
		return y, nil
	}
	if len(doc.Content) == 0 {
		y.faults = append(y.faults, Fault{File: file, Msg: "is empty"})
		return y, nil
	}
	return y, doc.Content[0]
}

// decodeYAML turns a panic of the parser on hostile input into an error.
func decodeYAML(dec *yaml.Decoder, n *yaml.Node) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: %v", r)
		}
	}()
	return dec.Decode(n)
}

// tooDeep returns the line where brackets nest beyond all sense, before the parser recurses into them; 0: nowhere.
func tooDeep(data []byte) int {
	line, run := 1, 0
	for _, c := range data {
		switch c {
		case '\n':
			line++
		case '[', '{':
			if run++; run > 1000 {
				return line
			}
		case ']', '}':
			run = max(run-1, 0)
		}
	}
	return 0
}

// fault adds one about the value at n, whose keys from the top are path.
func (y *yamlFile) fault(n *yaml.Node, path, format string, args ...any) {
	switch {
	case len(y.faults) > maxFaults:
		return
	case len(y.faults) == maxFaults:
		path, format, args = "", "has more faults than these", nil
	}
	f := Fault{File: y.name, Option: path, Msg: fmt.Sprintf(format, args...)}
	if n != nil {
		f.Line, f.Column = n.Line, n.Column
	}
	y.faults = append(y.faults, f)
}

// visit follows aliases and counts; nil: stop here.
func (y *yamlFile) visit(n *yaml.Node, depth int) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if y.nodes++; y.nodes > maxNodes || depth > maxDepth {
		if !y.full {
			y.full = true
			y.fault(n, "", "holds more than %d values with its aliases, or nests deeper than %d levels", maxNodes, maxDepth)
		}
		return nil
	}
	return n
}

// fields returns the entries of a mapping; with something else there it is a fault and nil.
func (y *yamlFile) fields(n *yaml.Node, path string, depth int) []field {
	at := n
	if n = y.visit(n, depth); n == nil {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		y.fault(at, path, "expects keys below it, not %s", described(n))
		return nil
	}
	var out []field
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if k.Kind != yaml.ScalarNode {
			y.fault(k, path, "has a key that is not a plain word")
			continue
		}
		name := k.Value
		if k.Tag == "!!merge" {
			y.fault(k, join(path, name), "merging is not done: use the alias for each value")
			continue
		}
		if line := seen[name]; line > 0 {
			y.fault(k, join(path, name), "is set twice: see line %d", line)
			continue
		}
		seen[name] = k.Line
		out = append(out, field{name, k, v})
	}
	return out
}

// text returns a scalar as it is written; ok is false, and a fault is told, where it is none.
func (y *yamlFile) text(n *yaml.Node, path, expects string, depth int) (string, bool) {
	at := n
	if n = y.visit(n, depth); n == nil {
		return "", false
	}
	switch {
	case n.Kind != yaml.ScalarNode:
		y.fault(at, path, "expects %s, not %s", expects, described(n))
		return "", false
	case n.Tag == "!!null" && n.Value != "":
		y.fault(at, path, "expects %s, not null: leave the key out", expects)
		return "", false
	case n.Tag == "!!null":
		y.fault(at, path, "has no value: it expects %s", expects)
		return "", false
	}
	return n.Value, true
}

// list returns a sequence of scalars, or one scalar as a list of one.
func (y *yamlFile) list(n *yaml.Node, path, expects string, depth int) ([]string, bool) {
	v := y.visit(n, depth)
	if v == nil {
		return nil, false
	}
	if v.Kind != yaml.SequenceNode {
		s, ok := y.text(n, path, expects, depth)
		return []string{s}, ok
	}
	ok := true
	var out []string
	for i, item := range v.Content {
		s, fine := y.text(item, fmt.Sprintf("%s[%d]", path, i), "a word", depth+1)
		out = append(out, s)
		ok = ok && fine
	}
	return out, ok
}

func described(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return "a plain value"
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// yamlProperties reads a worker file in YAML as the properties it stands for.
func yamlProperties(file string, data []byte) ([]Property, []Fault) {
	y, n := openYAML(file, data)
	if n == nil {
		return nil, y.faults
	}
	var props []Property
	var walk func(n *yaml.Node, path string, depth int)
	walk = func(n *yaml.Node, path string, depth int) {
		for _, f := range y.fields(n, path, depth) {
			at := join(path, strings.ReplaceAll(f.name, "_", "."))
			v := f.val
			if v.Kind == yaml.AliasNode {
				v = v.Alias
			}
			if v.Kind == yaml.MappingNode {
				walk(f.val, at, depth+1)
				continue
			}
			if items, ok := y.list(f.val, at, "a value", depth+1); ok {
				props = append(props, Property{Key: at, Value: strings.Join(items, ","), Line: f.key.Line})
			}
		}
	}
	walk(n, "", 0)
	return props, y.faults
}
