package config

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// Worker is a worker's configuration, read and checked.
type Worker struct {
	Values     Values            // every option, defaults filled in, references resolved: never log it
	Listeners  []string          // host:port each
	WorkerID   string            // host:port that statuses name and links begin with
	Broker     string            // kafka or nats
	Kafka      map[string]string // options of Kafka's clients that all of them share; without bootstrap.servers there is no Kafka
	NATS       map[string]string // options of NATS, without their prefix
	Key, Value Converter         // for connectors that name none
	Header     Converter

	GroupID                               string // distributed; "" standalone
	ConfigTopic, OffsetTopic, StatusTopic StorageTopic
	OffsetFile, StateFile                 string // standalone

	OffsetFlush     time.Duration
	ShutdownTimeout time.Duration
	CreateTopics    bool
	TrackTopics     bool
	ResetTopics     bool // whether the list of a connector's topics may be reset
	AllowOrigin     string
	AllowMethods    []string
	Headers         string // response.http.headers.config

	Lookup   Lookup   // with the file's config providers: connectors' references are resolved by it
	Warnings []string // what was accepted without effect, by name
}

// Converter names a converter and its options.
type Converter struct {
	Class   string
	Options map[string]string
}

// StorageTopic is one of the three topics that keep a distributed worker's state.
type StorageTopic struct {
	Name                    string
	Partitions, Replication int // -1: the cluster's default
	Config                  map[string]string
}

// Client returns the options of one kind of Kafka client, producer, consumer or admin: the shared ones under those with
// its prefix.
func (w *Worker) Client(kind string) map[string]string {
	c := maps.Clone(w.Kafka)
	maps.Copy(c, w.Values.Under(kind+"."))
	return c
}

// MayOverride reports whether connector.client.config.override.policy lets connectors set a client option.
func (w *Worker) MayOverride(name string) bool {
	p := w.Values.Get("connector.client.config.override.policy")
	return policies[strings.ToLower(strings.TrimSuffix(p[strings.LastIndexByte(p, '.')+1:], "ConnectorClientConfigOverridePolicy"))](name)
}

// ReadWorker reads a worker file: YAML when its name ends in .yaml or .yml, Java properties otherwise. In YAML names are
// Kafka Connect's, dots may be written as nesting or as underscores (group_id), and lists as lists. l is used for
// references and is extended by the file's own config providers. The error is a FaultsError.
func ReadWorker(file string, data []byte, l Lookup) (*Worker, error) {
	var props []Property
	var faults []Fault
	switch strings.ToLower(filepath.Ext(file)) {
	case ".yaml", ".yml":
		props, faults = yamlProperties(file, data)
	default:
		props, faults = ReadProperties(file, data)
	}
	if len(faults) > 0 {
		return nil, FaultsError(faults)
	}
	raw, lines := map[string]string{}, map[string]int{}
	for _, p := range props {
		raw[p.Key], lines[p.Key] = p.Value, p.Line
	}
	w, faults := NewWorker(raw, l)
	if len(faults) > 0 {
		for i := range faults {
			faults[i].File, faults[i].Line = file, lines[faults[i].Option]
		}
		return nil, FaultsError(faults)
	}
	for i, warning := range w.Warnings {
		name, _, _ := strings.Cut(warning, ":")
		w.Warnings[i] = fmt.Sprintf("%s:%d: %s", file, lines[name], warning)
	}
	return w, nil
}

// NewWorker checks a worker's options. With faults the worker is nil.
func NewWorker(raw map[string]string, l Lookup) (*Worker, []Fault) {
	var faults []Fault
	l.Providers, faults = providers(raw, l.Providers)
	resolved, more := l.Resolve(raw)
	faults = append(faults, more...)
	spec := WorkerSpec()
	v, more := spec.Parse(resolved)
	faults = append(append(faults, more...), misspelt(spec, raw)...)
	if len(faults) > 0 {
		return nil, faults
	}
	w := &Worker{
		Values: v, Broker: v.Get(BrokerOption), NATS: v.Under("nats."), Lookup: l,
		Key: converter(v, "key."), Value: converter(v, "value."), Header: converter(v, "header."),
		GroupID: v.Get("group.id"), OffsetFile: v.Get("offset.storage.file.filename"),
		OffsetFlush: v.Duration("offset.flush.interval.ms"), ShutdownTimeout: v.Duration("task.shutdown.graceful.timeout.ms"),
		CreateTopics: v.Bool("topic.creation.enable"), TrackTopics: v.Bool("topic.tracking.enable"), ResetTopics: v.Bool("topic.tracking.allow.reset"),
		AllowOrigin: v.Get("access.control.allow.origin"), AllowMethods: v.List("access.control.allow.methods"), Headers: v.Get("response.http.headers.config"),
	}
	w.Kafka = map[string]string{}
	for name, value := range v {
		switch {
		case strings.HasPrefix(name, "sasl."), strings.HasPrefix(name, "ssl.") && name != "ssl.client.auth":
			w.Kafka[name] = value
		}
	}
	for _, name := range []string{"bootstrap.servers", "security.protocol", "client.id", "request.timeout.ms", "metadata.max.age.ms", "connections.max.idle.ms", "socket.connection.setup.timeout.ms"} {
		if v.Has(name) {
			w.Kafka[name] = v.Get(name)
		}
	}
	w.ConfigTopic, w.OffsetTopic, w.StatusTopic = storageTopic(v, "config"), storageTopic(v, "offset"), storageTopic(v, "status")
	w.StateFile = cmp.Or(v.Get("state.storage.file.filename"), w.OffsetFile+".state")
	w.listen()
	for _, name := range sortedNames(raw) {
		if o, ok := spec.Option(name); ok && o.NoEffect != "" && raw[name] != "" {
			w.Warnings = append(w.Warnings, name+": accepted without effect: "+o.NoEffect)
		}
	}
	return w, w.check()
}

// misspelt finds names that only a pattern takes and that are a slip away from an option of their own: offset.storage.*
// are configurations of a topic, and offset.storage.file.filenam is none.
func misspelt(spec Spec, raw map[string]string) []Fault {
	var faults []Fault
	for _, name := range sortedNames(raw) {
		if o, ok := spec.Option(name); !ok || !o.pattern() {
			continue
		}
		for i := range spec {
			if !spec[i].pattern() && distance(name, spec[i].Name, 3) < 3 {
				faults = append(faults, Fault{Option: name, Kind: Unknown, Msg: "is not a known option; did you mean " + spec[i].Name + "?"})
				break
			}
		}
	}
	return faults
}

func (w *Worker) check() []Fault {
	var faults []Fault
	missing := func(name, why string) {
		if !w.Values.Has(name) {
			faults = append(faults, Fault{Option: name, Kind: Missing, Msg: why})
		}
	}
	switch {
	case w.GroupID != "" && w.OffsetFile != "":
		faults = append(faults, Fault{Option: "offset.storage.file.filename", Kind: Invalid, Value: w.OffsetFile, Msg: "belongs to a standalone worker, group.id to a distributed one: keep one of them"})
	case w.GroupID != "":
		for _, t := range []string{"config", "offset", "status"} {
			missing(t+".storage.topic", "is required with group.id: a distributed worker keeps its state in three topics")
		}
		missing("bootstrap.servers", "is required with group.id: the storage topics are in Kafka")
	case w.OffsetFile == "":
		missing("group.id", "set group.id and the three storage topics (distributed), or offset.storage.file.filename (standalone)")
	}
	if w.Broker == "kafka" && w.GroupID == "" {
		missing("bootstrap.servers", "is required to publish to Kafka; for NATS set broker=nats")
	}
	if w.Broker == "nats" {
		missing("nats.url", "is required with broker=nats")
	}
	return faults
}

// listen works out where the API listens and which host:port names this worker.
func (w *Worker) listen() {
	for _, l := range w.Values.List("listeners") {
		if u, err := url.Parse(l); err == nil {
			w.Listeners = append(w.Listeners, u.Host)
		}
	}
	host, port, _ := net.SplitHostPort(w.Listeners[0])
	if w.Values.Has("rest.advertised.port") {
		port = w.Values.Get("rest.advertised.port")
	}
	w.WorkerID = net.JoinHostPort(cmp.Or(w.Values.Get("rest.advertised.host.name"), host, "127.0.0.1"), port)
}

func converter(v Values, part string) Converter {
	return Converter{Class: v.Get(part + "converter"), Options: v.Under(part + "converter.")}
}

func storageTopic(v Values, kind string) StorageTopic {
	t := StorageTopic{Name: v.Get(kind + ".storage.topic"), Partitions: 1, Replication: v.Int(kind + ".storage.replication.factor"), Config: v.Under(kind + ".storage.")}
	if kind != "config" { // its one partition orders everything
		t.Partitions = v.Int(kind + ".storage.partitions")
	}
	for _, own := range []string{"topic", "partitions", "replication.factor", "file.filename"} {
		delete(t.Config, own)
	}
	return t
}

// providers reads config.providers and what belongs to it, from the references that are not yet resolved.
func providers(raw map[string]string, given map[string]Provider) (map[string]Provider, []Fault) {
	names := Values(raw).List("config.providers")
	if len(names) == 0 {
		return given, nil
	}
	out := map[string]Provider{}
	var faults []Fault
	for _, name := range names {
		prefix := "config.providers." + name + "."
		p := Provider{Paths: Values(raw).List(prefix + "param.allowed.paths")}
		class := raw[prefix+"class"]
		switch class[strings.LastIndexByte(class, '.')+1:] {
		case "FileConfigProvider":
			p.Kind = FileProvider
		case "EnvVarConfigProvider":
			p.Kind = EnvProvider
		case "DirectoryConfigProvider":
			p.Kind = DirProvider
		default:
			faults = append(faults, Fault{Option: prefix + "class", Kind: Refused, Msg: "must be FileConfigProvider, EnvVarConfigProvider or DirectoryConfigProvider of org.apache.kafka.common.config.provider; Java classes cannot be loaded"})
		}
		if pattern := raw[prefix+"param.allowlist.pattern"]; pattern != "" {
			re, err := regexp.Compile("^(?:" + pattern + ")$")
			if err != nil {
				faults = append(faults, Fault{Option: prefix + "param.allowlist.pattern", Kind: Invalid, Value: pattern, Msg: err.Error()})
			}
			p.Allowed = re
		}
		out[name] = p
	}
	return out, faults
}
