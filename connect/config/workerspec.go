package config

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// BrokerOption names the broker that a worker or a connector publishes to: kafka or nats. Options of the broker itself
// begin with a prefix of [BrokerPrefix].
const BrokerOption = "broker"

// BrokerPrefix returns what the options of a connector's broker begin with: Kafka's own producer.override., or nats.
func BrokerPrefix(broker string) string {
	if broker == "kafka" || broker == "" {
		return "producer.override."
	}
	return broker + "."
}

// brokers are the values of BrokerOption.
var brokers = []string{"kafka", "nats"}

// WorkerSpec returns the options of a worker file: those of Kafka Connect 4.3 and, last, Millrace's own. Options of
// Kafka's clients, which have many, are held to their names where the clients are made.
func WorkerSpec() Spec {
	const (
		common, storage, rest, group, client, own = "Common", "Storage", "REST", "Group", "Clients", "Millrace"
		oneWorker                                 = "one worker runs all of its connectors, so that nothing is rebalanced"
		metrics                                   = "/metrics has every measure"
	)
	s := Spec{
		{Name: "bootstrap.servers", Type: List, Group: common, Importance: "HIGH", Doc: "Kafka's first brokers, host:port. Required where the broker is Kafka or the storage topics are used."},
		{Name: "key.converter", Type: Class, Default: "org.apache.kafka.connect.json.JsonConverter", Group: common, Importance: "HIGH", Doc: "The converter of keys, for connectors that name none."},
		{Name: "value.converter", Type: Class, Default: "org.apache.kafka.connect.json.JsonConverter", Group: common, Importance: "HIGH", Doc: "The converter of values, for connectors that name none."},
		{Name: "header.converter", Type: Class, Default: "org.apache.kafka.connect.storage.SimpleHeaderConverter", Group: common, Doc: "The converter of headers, for connectors that name none."},
		{Name: "key.converter.*", Type: String, Group: common, Doc: "Options of the key converter: key.converter.schemas.enable."},
		{Name: "value.converter.*", Type: String, Group: common, Doc: "Options of the value converter: value.converter.schema.registry.url."},
		{Name: "header.converter.*", Type: String, Group: common, Doc: "Options of the header converter."},
		{Name: "task.shutdown.graceful.timeout.ms", Type: Long, Default: "5000", Group: common, Doc: "How long stopping tasks may take to deliver and store what they read.", Check: notNegative},
		{Name: "offset.flush.interval.ms", Type: Long, Default: "1000", Group: common, Doc: "The most time between two saves of a connector's offsets. Connect's default is 60000; a shorter one repeats less after a crash.", Check: positive},
		{Name: "offset.flush.timeout.ms", Type: Long, Default: "5000", Group: common, NoEffect: "offsets are saved beside the flow of records, so a slow save delays nothing"},
		{Name: "config.providers", Type: List, Group: common, Doc: "Names of config providers, for ${name:path:key} in this file and in connectors. Without it file, env, dir and directory are there."},
		{Name: "config.providers.*", Type: String, Group: common, Doc: "Class and parameters of each provider: config.providers.file.class, config.providers.file.param.allowed.paths."},
		{Name: "connector.client.config.override.policy", Type: String, Default: "All", Group: common, Doc: "All, Principal (sasl.* only) or None: which producer.override. options connectors may set. Classes of Kafka are taken by name, too.", Check: overridePolicy},
		{Name: "topic.creation.enable", Type: Bool, Default: "true", Group: common, Doc: "Whether topics are created as connectors' topic.creation. options say."},
		{Name: "plugin.path", Type: List, Group: common, NoEffect: "Millrace has its connectors built in and cannot load jars"},
		{Name: "plugin.discovery", Type: String, Group: common, NoEffect: "Millrace has its connectors built in"},
		{Name: "exactly.once.source.support", Type: String, Default: "disabled", Group: common, Unsupported: "delivery is at least once", Allowed: []string{"disabled"}},
		{Name: "topic.tracking.enable", Type: Bool, Default: "true", Group: common, Doc: "Whether /connectors/{name}/topics tells the topics written to."},
		{Name: "topic.tracking.allow.reset", Type: Bool, Default: "true", Group: common, Doc: "Whether that list may be reset."},

		{Name: "offset.storage.file.filename", Type: String, Group: storage, Importance: "HIGH", Doc: "Standalone: the file that keeps offsets."},
		{Name: "state.storage.file.filename", Type: String, Group: storage, Doc: "Standalone: the file that keeps connectors posted to the API; offset.storage.file.filename with .state appended where it is not set."},
		{Name: "group.id", Type: String, Group: storage, Importance: "HIGH", Doc: "Distributed: the name of the workers' group, whose state is in the three storage topics."},
	}
	for _, topic := range []string{"offset", "config", "status"} {
		parts := map[string]string{"offset": "25", "status": "5"}[topic]
		s = append(s, Option{Name: topic + ".storage.topic", Type: String, Group: storage, Importance: "HIGH", Doc: "Distributed: the compacted topic that keeps the " + map[string]string{"offset": "offsets", "config": "connectors' configurations", "status": "statuses"}[topic] + ". It is created when missing."})
		if parts != "" {
			s = append(s, Option{Name: topic + ".storage.partitions", Type: Int, Default: parts, Group: storage, Doc: "Its partitions when it is created; -1: the cluster's default.", Check: partitions})
		}
		s = append(s, Option{Name: topic + ".storage.replication.factor", Type: Int, Default: "3", Group: storage, Doc: "Its replicas when it is created; -1: the cluster's default.", Check: partitions})
		s = append(s, Option{Name: topic + ".storage.*", Type: String, Group: storage, Doc: "Configurations of that topic when it is created."})
	}
	s = append(s, Spec{
		{Name: "listeners", Type: List, Default: "http://:8083", Group: rest, Doc: "Where the REST API listens, http://host:port; no host: every address.", Check: listeners},
		{Name: "rest.advertised.host.name", Type: String, Group: rest, Doc: "The host in worker ids and links."},
		{Name: "rest.advertised.port", Type: Int, Group: rest, Doc: "The port in worker ids and links."},
		{Name: "rest.advertised.listener", Type: String, Group: rest, Unsupported: "the API is served by http", Allowed: []string{"", "http"}},
		{Name: "rest.host.name", Type: String, Group: rest, Unsupported: "Connect dropped it; use listeners", Allowed: []string{""}},
		{Name: "rest.port", Type: Int, Group: rest, Unsupported: "Connect dropped it; use listeners", Allowed: []string{""}},
		{Name: "admin.listeners", Type: List, Group: rest, Unsupported: "the admin routes are served by every listener", Allowed: []string{""}},
		{Name: "listeners.https.*", Type: String, Group: rest, Unsupported: "the API is served by http; put a proxy before it"},
		{Name: "access.control.allow.origin", Type: String, Group: rest, Doc: "The origin that browsers may call the API from (CORS); * for any."},
		{Name: "access.control.allow.methods", Type: List, Group: rest, Doc: "The methods they may use; without it GET, POST and HEAD."},
		{Name: "response.http.headers.config", Type: String, Group: rest, Doc: "Headers added to every answer: add name: value, set name: value; comma-separated."},
		{Name: "rest.extension.classes", Type: List, Group: rest, Unsupported: "Java classes cannot be loaded; put a proxy before the API for authentication", Allowed: []string{""}},

		{Name: "security.protocol", Type: String, Group: client, Doc: "How Kafka's brokers are reached; producer., consumer. and admin. may differ."},
		{Name: "sasl.*", Type: String, Group: client, Doc: "Login to Kafka's brokers."},
		{Name: "ssl.client.auth", Type: String, Group: rest, NoEffect: "the API is served by http"},
		{Name: "ssl.*", Type: String, Group: client, Doc: "TLS to Kafka's brokers."},
		{Name: "client.id", Type: String, Group: client, Doc: "The name that brokers log and count quotas by."},
		{Name: "request.timeout.ms", Type: Int, Group: client, Doc: "How long a broker may take to answer."},
		{Name: "metadata.max.age.ms", Type: Long, Group: client, Doc: "How often leaders and partitions are asked for."},
		{Name: "connections.max.idle.ms", Type: Long, Group: client, Doc: "After how long an unused connection is closed."},
		{Name: "socket.connection.setup.timeout.ms", Type: Long, Group: client, Doc: "How long connecting may take."},
		{Name: "producer.*", Type: String, Group: client, Doc: "Options of the clients that publish: producer.compression.type."},
		{Name: "consumer.*", Type: String, Group: client, Doc: "Options of the clients that read storage topics."},
		{Name: "admin.*", Type: String, Group: client, Doc: "Options of the clients that create topics."},
	}...)
	for _, o := range []struct {
		names []string
		group string
		why   string
	}{
		{[]string{"session.timeout.ms", "rebalance.timeout.ms", "heartbeat.interval.ms", "worker.sync.timeout.ms", "worker.unsync.backoff.ms", "connect.protocol", "scheduled.rebalance.max.delay.ms", "inter.worker.*"}, group, oneWorker},
		{[]string{"client.dns.lookup", "send.buffer.bytes", "receive.buffer.bytes", "reconnect.backoff.*", "retry.backoff.*", "socket.connection.setup.timeout.max.ms", "metadata.recovery.*"}, client, "the Kafka client sees to it itself"},
		{[]string{"metric.reporters", "metrics.*", "auto.include.jmx.reporter"}, common, metrics},
		{[]string{"key.converter.plugin.version", "value.converter.plugin.version", "header.converter.plugin.version"}, common, "there is one version of each converter"},
		{[]string{"internal.key.converter", "internal.value.converter", "internal.key.converter.*", "internal.value.converter.*"}, common, "Connect itself ignores it since 3.0"},
	} {
		for _, n := range o.names {
			s = append(s, Option{Name: n, Type: String, Group: o.group, Importance: "LOW", NoEffect: o.why})
		}
	}
	return append(s, Spec{
		{Name: BrokerOption, Type: String, Default: "kafka", Enum: brokers, Group: own, Doc: "What connectors publish to when they do not say so themselves."},
		{Name: "nats.*", Type: String, Group: own, Doc: "Options of NATS JetStream: nats.url."},
	}...)
}

func overridePolicy(s string) string {
	if _, ok := policies[strings.ToLower(strings.TrimSuffix(s[strings.LastIndexByte(s, '.')+1:], "ConnectorClientConfigOverridePolicy"))]; !ok {
		return "must be one of All, Principal, None; Java classes cannot be loaded"
	}
	return ""
}

// policies are Kafka Connect's override policies; Allowlist (4.2) names options in a parameter of its own.
var policies = map[string]func(name string) bool{
	"all": func(string) bool { return true },
	"principal": func(name string) bool {
		return slices.Contains([]string{"sasl.jaas.config", "sasl.mechanism", "security.protocol"}, name)
	},
	"none": func(string) bool { return false },
}

func listeners(s string) string {
	for _, l := range (Values{"": s}).List("") {
		u, err := url.Parse(l)
		if err != nil || u.Host == "" || u.Path != "" && u.Path != "/" {
			return l + " is not of the form http://host:port"
		}
		if !strings.EqualFold(u.Scheme, "http") {
			return l + ": the API is served by http; put a proxy before it for https"
		}
		if _, _, err := net.SplitHostPort(u.Host); err != nil {
			return l + " has no port: http://host:port"
		}
	}
	return ""
}

func partitions(s string) string {
	if s == "0" || s[0] == '-' && s != "-1" {
		return "must be at least 1, or -1 for the cluster's default"
	}
	return ""
}

func positive(s string) string {
	if s == "0" || s[0] == '-' {
		return "must be at least 1"
	}
	return ""
}

func notNegative(s string) string {
	if s[0] == '-' {
		return "must be at least 0"
	}
	return ""
}
