package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Part is a source or sink that pipeline files may name.
type Part struct {
	Class string // connector.class of a source; "" for a sink
	Spec  Spec   // a source's: with the options common to all connectors. A sink's: the broker's own, without a prefix
}

// Parts are all of them, by the name that files use: postgres; kafka, nats.
type Parts struct {
	Sources, Sinks map[string]Part
}

// Pipeline is a pipeline file, read and checked. Option values keep their references, ${env:NAME} and ${file:PATH}: they
// are resolved where the connector starts, so that no secret is in here that was not written into the file.
type Pipeline struct {
	File         string
	Name         string
	Source, Sink Endpoint
	Registry     Registry
	Key, Value   Format
	Topic        string // with ${topic_prefix}, ${schema} and ${table}; "": Debezium's names
	Offsets      OffsetStore
	Errors       ErrorPolicy

	class     string
	avroNames bool // the source can turn its names into Avro's
}

// Endpoint is a source or sink with its options by Connect's names.
type Endpoint struct {
	Kind    string
	Options map[string]string
}

// Registry is a schema registry that Avro needs.
type Registry struct {
	URL                string
	Username, Password string
	AutoRegister       string // "", true or false
}

// Format is how keys or values are encoded.
type Format string

// The formats.
const (
	Avro            Format = "avro"              // the registry's frame
	JSON            Format = "json"              // the bare value
	JSONWithSchemas Format = "json_with_schemas" // {"schema": …, "payload": …}
)

// OffsetStore is where positions are kept: one of both.
type OffsetStore struct {
	File       string
	KafkaTopic string
}

// ErrorPolicy is what is done about records that cannot be encoded or delivered.
type ErrorPolicy struct {
	Tolerance       string // none or all
	Log             string // true or false
	RetryDelayMaxMS string
	RetryTimeoutMS  string
}

var (
	pipelineName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$`)
	// topicWords are what the topic key leaves for the connector.
	topicWords = []string{"topic_prefix", "schema", "table"}
)

// ReadPipeline reads a pipeline file; docs/pipeline.md describes it. Everything that is wrong is reported at once, with
// line and column, as a FaultsError.
func ReadPipeline(file string, data []byte, parts Parts, l Lookup) (*Pipeline, error) {
	y, n := openYAML(file, data)
	if n == nil {
		return nil, FaultsError(y.faults)
	}
	r := &pipelineReader{yamlFile: y, parts: parts, lookup: l, p: &Pipeline{File: file}, at: map[string]place{}}
	r.read(n)
	if len(r.faults) == 0 {
		r.check()
	}
	if len(r.faults) > 0 {
		slices.SortStableFunc(r.faults, func(a, b Fault) int { return cmp.Or(a.Line-b.Line, a.Column-b.Column) })
		return nil, FaultsError(r.faults)
	}
	return r.p, nil
}

// place is where an option of the connector was written.
type place struct {
	path string
	node *yaml.Node
}

type pipelineReader struct {
	*yamlFile
	parts        Parts
	lookup       Lookup
	p            *Pipeline
	at           map[string]place // by Connect's option name
	source, sink place
}

// read takes the file apart. Each key's reader is told the value's node and its path.
func (r *pipelineReader) read(n *yaml.Node) {
	r.source, r.sink = place{"source", n}, place{"sink", n}
	given := r.keys(n, "", map[string]func(*yaml.Node, string){
		"name":     r.scalar(&r.p.Name, "a name"),
		"registry": r.registry,
		"source":   r.endpoint(&r.p.Source, &r.source, r.parts.Sources),
		"sink":     r.endpoint(&r.p.Sink, &r.sink, r.parts.Sinks),
		"format":   r.format,
		"topic":    r.scalarAt("topic.template", &r.p.Topic, "a template such as ${topic_prefix}.${schema}.${table}"),
		"offsets":  r.offsets,
		"errors":   r.errors,
	})
	for _, key := range []string{"name", "source", "sink"} {
		if !given[key] {
			r.fault(n, key, "is required")
		}
	}
	if given["name"] && r.p.Name != "" && !pipelineName.MatchString(r.p.Name) {
		r.fault(n, "name", "%q must be up to 100 letters, digits, dots, dashes and underscores", r.p.Name)
	}
	p := r.p
	if p.Key == "" {
		p.Key = JSON
		if p.Registry.URL != "" {
			p.Key = Avro
		}
	}
	p.Value = cmp.Or(p.Value, p.Key)
	if (p.Key == Avro || p.Value == Avro) && p.Registry.URL == "" && !given["registry"] {
		r.fault(n, "registry", "is required for Avro: the URL of a schema registry, such as http://localhost:8081")
	}
	if p.Offsets == (OffsetStore{}) && p.Name != "" {
		p.Offsets.File = p.Name + ".offsets"
	}
	if p.Offsets.KafkaTopic != "" && p.Sink.Kind != "kafka" && p.Sink.Kind != "" {
		r.fault(n, "offsets.kafka", "needs a Kafka sink: keep them in a file with offsets: {file: PATH}")
	}
}

// keys reads a mapping whose keys are known, and returns which were there.
func (y *yamlFile) keys(n *yaml.Node, path string, known map[string]func(*yaml.Node, string)) map[string]bool {
	given := map[string]bool{}
	for _, f := range y.fields(n, path, strings.Count(path, ".")) {
		read, ok := known[f.name]
		if !ok {
			names := make([]string, 0, len(known))
			for k := range known {
				names = append(names, k)
			}
			y.unknown(f, path, names)
			continue
		}
		given[f.name] = true
		read(f.val, join(path, f.name))
	}
	return given
}

func (y *yamlFile) unknown(f field, path string, names []string) {
	hint := didYouMean(f.name, names)
	if hint == "" {
		slices.Sort(names)
		if len(names) <= 12 {
			hint = "; there are " + strings.Join(names, ", ")
		}
	}
	y.fault(f.key, join(path, f.name), "is not a known key%s", hint)
}

// scalar reads a value that is used as it is: references are resolved on the spot.
func (r *pipelineReader) scalar(to *string, expects string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		s, ok := r.text(n, path, expects, strings.Count(path, "."))
		if !ok {
			return
		}
		resolved, ok := r.resolve(n, path, r.references(n, path, s, nil))
		if ok && resolved == "" {
			r.fault(n, path, "is empty: it expects %s", expects)
		}
		*to = resolved
	}
}

// scalarAt reads a value that becomes an option of the connector and keeps its references.
func (r *pipelineReader) scalarAt(option string, to *string, expects string) func(*yaml.Node, string) {
	return func(n *yaml.Node, path string) {
		if s, ok := r.text(n, path, expects, strings.Count(path, ".")); ok {
			var keep []string
			if path == "topic" {
				keep = topicWords
			}
			*to = r.references(n, path, s, keep)
			r.at[option] = place{path, n}
		}
	}
}

func (r *pipelineReader) registry(n *yaml.Node, path string) {
	if v := r.visit(n, 0); v != nil && v.Kind == yaml.MappingNode {
		reg := &r.p.Registry
		const user, auto = "value.converter.basic.auth.user.info", "value.converter.auto.register.schemas"
		given := r.keys(n, path, map[string]func(*yaml.Node, string){
			"url":           r.scalarAt("value.converter.schema.registry.url", &reg.URL, "a URL"),
			"username":      r.scalarAt(user, &reg.Username, "a user"),
			"password":      r.scalarAt(user, &reg.Password, "a password"),
			"auto_register": r.scalarAt(auto, &reg.AutoRegister, "true or false"),
		})
		if !given["url"] {
			r.fault(n, join(path, "url"), "is required")
		}
		if reg.AutoRegister != "" && reg.AutoRegister != "true" && reg.AutoRegister != "false" {
			r.fault(n, join(path, "auto_register"), "expects true or false")
		}
		return
	}
	r.scalarAt("value.converter.schema.registry.url", &r.p.Registry.URL, "a URL, or a mapping with url, username and password")(n, path)
}

func (r *pipelineReader) format(n *yaml.Node, path string) {
	one := func(to *Format) func(*yaml.Node, string) {
		return func(n *yaml.Node, path string) {
			const expects = "avro, json or json_with_schemas"
			if s, ok := r.text(n, path, expects, 1); ok {
				*to = Format(s)
				if names := []string{string(Avro), string(JSON), string(JSONWithSchemas)}; !slices.Contains(names, s) {
					r.fault(n, path, "expects %s, not %q%s", expects, s, didYouMean(s, names))
				}
			}
		}
	}
	if v := r.visit(n, 0); v != nil && v.Kind == yaml.MappingNode {
		r.keys(n, path, map[string]func(*yaml.Node, string){"key": one(&r.p.Key), "value": one(&r.p.Value)})
		return
	}
	one(&r.p.Key)(n, path)
	r.p.Value = r.p.Key
}

func (r *pipelineReader) offsets(n *yaml.Node, path string) {
	given := r.keys(n, path, map[string]func(*yaml.Node, string){
		"file": r.scalar(&r.p.Offsets.File, "a file's path"),
		"kafka": func(n *yaml.Node, path string) {
			if !r.keys(n, path, map[string]func(*yaml.Node, string){"topic": r.scalar(&r.p.Offsets.KafkaTopic, "a topic")})["topic"] {
				r.fault(n, join(path, "topic"), "is required")
			}
		},
	})
	if given["file"] == given["kafka"] {
		r.fault(n, path, "expects one of file and kafka")
	}
}

func (r *pipelineReader) errors(n *yaml.Node, path string) {
	e := &r.p.Errors
	r.keys(n, path, map[string]func(*yaml.Node, string){
		"tolerance":          r.scalarAt("errors.tolerance", &e.Tolerance, "none or all"),
		"log":                r.scalarAt("errors.log.enable", &e.Log, "true or false"),
		"retry_delay_max_ms": r.scalarAt("errors.retry.delay.max.ms", &e.RetryDelayMaxMS, "milliseconds"),
		"retry_timeout_ms":   r.scalarAt("errors.retry.timeout", &e.RetryTimeoutMS, "milliseconds"),
	})
}

// check holds the whole to the source's and the sink's Spec, with references resolved; faults go back to where their
// options were written.
func (r *pipelineReader) check() {
	source := r.parts.Sources[r.p.Source.Kind]
	r.p.class = source.Class
	_, r.p.avroNames = source.Spec.Option("schema.name.adjustment.mode")
	resolved, faults := r.lookup.Resolve(r.p.ConnectorConfig())
	if len(faults) == 0 {
		_, faults = source.Spec.Parse(resolved)
	}
	r.place(faults, source.Spec, r.source, "")
	if len(faults) > 0 {
		return
	}
	sink := r.parts.Sinks[r.p.Sink.Kind]
	if resolved, faults = r.lookup.Resolve(r.p.Sink.Options); len(faults) == 0 {
		_, faults = sink.Spec.Parse(resolved)
	}
	r.place(faults, sink.Spec, r.sink, BrokerPrefix(r.p.Sink.Kind))
}

// place words faults for the file: with its keys instead of Connect's options.
func (r *pipelineReader) place(faults []Fault, spec Spec, whole place, prefix string) {
	for _, f := range faults {
		msg := f.Msg
		if f.Kind == Invalid {
			msg = fmt.Sprintf("is set to %s: %s", f.Value, f.Msg)
		}
		at, ok := r.at[prefix+f.Option]
		if !ok {
			at = whole
			key := f.Option
			if o, known := spec.Option(f.Option); known && o.Key != "" {
				key = o.Key
			}
			at.path = join(at.path, key)
		}
		r.fault(at.node, at.path, "%s", msg)
	}
}
