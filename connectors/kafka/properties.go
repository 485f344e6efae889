package kafka

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/config/ssl"
)

// Spec returns the properties of Kafka's Java client that Millrace knows, without any prefix.
func Spec() config.Spec {
	const (
		connection = "Connection"
		security   = "Security"
		producing  = "Producer"
	)
	spec := config.Spec{
		{Name: "bootstrap.servers", Key: "brokers", Type: config.List, Required: true, Group: connection, Importance: "HIGH", Doc: "The first brokers to ask for the others, host:port, comma-separated."},
		{Name: "client.id", Key: "client_id", Type: config.String, Default: "millrace", Group: connection, Doc: "The name that brokers log and count quotas by."},
		{Name: "request.timeout.ms", Key: "request_timeout_ms", Type: config.Int, Default: "30000", Group: connection, Doc: "How long a broker may take to answer.", Check: positive},
		{Name: "socket.connection.setup.timeout.ms", Type: config.Long, Default: "10000", Group: connection, Doc: "How long connecting may take.", Check: positive},
		{Name: "connections.max.idle.ms", Type: config.Long, Default: "540000", Group: connection, Doc: "After how long an unused connection is closed.", Check: positive},
		{Name: "metadata.max.age.ms", Type: config.Long, Default: "300000", Group: connection, Doc: "How often leaders and partitions are asked for when nothing fails.", Check: positive},

		{Name: "security.protocol", Key: "security_protocol", Type: config.String, Default: "plaintext", Enum: []string{"plaintext", "ssl", "sasl_plaintext", "sasl_ssl"}, Group: security, Doc: "Whether connections are encrypted (SSL) and authenticated by SASL."},
		{Name: "sasl.mechanism", Key: "sasl_mechanism", Type: config.String, Group: security, Doc: "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER."},
		{Name: "sasl.jaas.config", Key: "sasl_jaas_config", Type: config.Password, Group: security, Doc: `The login: org.apache.kafka.common.security.scram.ScramLoginModule required username="…" password="…";`},
		{Name: "sasl.username", Key: "sasl_username", Type: config.String, Group: security, Doc: "The user, where sasl.jaas.config is not set."},
		{Name: "sasl.password", Key: "sasl_password", Type: config.Password, Group: security, Doc: "The user's password, where sasl.jaas.config is not set."},
		{Name: "sasl.oauthbearer.token", Key: "sasl_oauthbearer_token", Type: config.Password, Group: security, Doc: "The token of OAUTHBEARER; ${file:…} keeps it out of the configuration."},
		{Name: "sasl.oauthbearer.token.endpoint.url", Key: "sasl_oauthbearer_token_file", Type: config.String, Group: security, Doc: "A file:// URL of OAUTHBEARER's token, read again for every connection.", Check: tokenFile},
		{Name: "sasl.login.callback.handler.class", Type: config.Class, Group: security, Unsupported: "Millrace runs no Java classes: OAUTHBEARER takes its token from sasl.oauthbearer.token or a file named by sasl.oauthbearer.token.endpoint.url", Allowed: []string{"", "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginCallbackHandler", "org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler"}},
		{Name: "sasl.client.callback.handler.class", Type: config.Class, Group: security, Unsupported: "Millrace runs no Java classes", Allowed: []string{""}},
	}
	spec = append(spec, sslSpec(security)...)
	return append(spec, config.Spec{
		{Name: "compression.type", Key: "compression", Type: config.String, Default: "none", Enum: []string{"none", "gzip", "snappy", "lz4", "zstd"}, Group: producing, Doc: "How batches of records are compressed."},
		{Name: "compression.*.level", Type: config.Int, Group: producing, Doc: "The level of gzip, lz4 or zstd."},
		{Name: "linger.ms", Key: "linger_ms", Type: config.Long, Default: "2", Group: producing, Doc: "How long a record waits for others of its partition to share a request.", Check: notNegative},
		{Name: "batch.size", Key: "batch_size", Type: config.Int, Default: "16384", Group: producing, Doc: "After how many bytes records without a key go to another partition. Batches themselves grow with the load up to max.request.size.", Check: notNegative},
		{Name: "max.request.size", Key: "max_request_size", Type: config.Int, Default: "1048576", Group: producing, Doc: "The largest record, and batch of records, before compression. A topic's smaller max.message.bytes is kept to as well.", Check: atLeast512},
		{Name: "buffer.memory", Key: "buffer_memory", Type: config.Long, Default: "33554432", Group: producing, Doc: "The most bytes in flight; then the source waits.", Check: positive},
		{Name: "delivery.timeout.ms", Key: "delivery_timeout_ms", Type: config.Int, Default: "2147483647", Group: producing, Doc: "After how long a record without an answer fails; a broker may have it then, and the next try doubles it. The default is never, as in a Kafka Connect worker.", Check: positive},
		{Name: "acks", Type: config.String, Default: "all", Group: producing, Unsupported: "with fewer acknowledgements a change could be lost: leave it at all", Allowed: []string{"all", "-1"}},
		{Name: "enable.idempotence", Type: config.Bool, Default: "true", Group: producing, Unsupported: "without it retries could double and reorder changes: leave it true", Allowed: []string{"true"}},
		{Name: "transactional.id", Type: config.String, Group: producing, Unsupported: "transactions belong to exactly.once.source.support", Allowed: []string{""}},
		{Name: "partitioner.class", Type: config.Class, Group: producing, Unsupported: "Millrace runs no Java classes; keys are placed as Kafka's default partitioner does", Allowed: []string{"", "org.apache.kafka.clients.producer.internals.DefaultPartitioner"}},
		{Name: "partitioner.ignore.keys", Type: config.Bool, Default: "false", Group: producing, Unsupported: "changes of one key would lose their order", Allowed: []string{"false"}},
		{Name: "interceptor.classes", Type: config.List, Group: producing, Unsupported: "Millrace runs no Java classes", Allowed: []string{""}},
		{Name: "max.in.flight.requests.per.connection", Type: config.Int, Group: producing, NoEffect: "an idempotent producer keeps the order with up to 5"},
		{Name: "retries", Type: config.Int, Group: producing, NoEffect: "delivery.timeout.ms bounds retries"},
		{Name: "max.block.ms", Type: config.Long, Group: producing, NoEffect: "a full buffer holds the source back as long as it takes"},
		{Name: "key.serializer", Type: config.Class, Group: producing, NoEffect: "converters make the bytes"},
		{Name: "value.serializer", Type: config.Class, Group: producing, NoEffect: "converters make the bytes"},
		{Name: "partitioner.adaptive.*", Type: config.String, Group: producing, NoEffect: "records without a key always go to partitions whose leader keeps up"},
		{Name: "client.dns.lookup", Type: config.String, Group: connection, NoEffect: "every address of a host is tried"},
		{Name: "reconnect.backoff.*", Type: config.Long, Group: connection, NoEffect: "the client backs off by itself"},
		{Name: "retry.backoff.*", Type: config.Long, Group: connection, NoEffect: "the client backs off by itself"},
		{Name: "socket.connection.setup.timeout.max.ms", Type: config.Long, Group: connection, NoEffect: "socket.connection.setup.timeout.ms holds for every attempt"},
		{Name: "send.buffer.bytes", Type: config.Int, Group: connection, NoEffect: "the system tunes its sockets"},
		{Name: "receive.buffer.bytes", Type: config.Int, Group: connection, NoEffect: "the system tunes its sockets"},
		{Name: "metadata.max.idle.ms", Type: config.Long, Group: connection, NoEffect: "topics in use stay known"},
		{Name: "metric.reporters", Type: config.List, Group: connection, NoEffect: "/metrics has them all"},
		{Name: "metrics.*", Type: config.String, Group: connection, NoEffect: "/metrics has them all"},
		{Name: "auto.include.jmx.reporter", Type: config.String, Group: connection, NoEffect: "/metrics has them all"},
		{Name: "enable.metrics.push", Type: config.Bool, Group: connection, NoEffect: "/metrics has them all"},
	}...)
}

// sslSpec returns the ssl options, of which pipeline files have those that PEM needs.
func sslSpec(group string) config.Spec {
	keys := map[string]string{
		"ssl.truststore.location": "ssl_ca_file", "ssl.truststore.certificates": "ssl_ca", "ssl.keystore.location": "ssl_cert_file",
		"ssl.keystore.certificate.chain": "ssl_cert", "ssl.keystore.key": "ssl_key",
	}
	spec := ssl.Spec("", group)
	for i := range spec {
		spec[i].Key, spec[i].Importance = keys[spec[i].Name], ""
	}
	return spec
}

// FromProperties reads the properties of Kafka's Java producer, without any prefix. The error is a config.FaultsError with
// everything that is wrong.
func FromProperties(props map[string]string) (Config, error) {
	v, found := Spec().Parse(props)
	faults := config.FaultsError(found)
	c := Config{
		Brokers:         v.List("bootstrap.servers"),
		ClientID:        v.Get("client.id"),
		Compression:     v.Get("compression.type"),
		BatchBytes:      v.Int("batch.size"),
		MaxRequestBytes: v.Int("max.request.size"),
		BufferBytes:     v.Int64("buffer.memory"),
		RequestTimeout:  v.Duration("request.timeout.ms"),
		DialTimeout:     v.Duration("socket.connection.setup.timeout.ms"),
		IdleTimeout:     v.Duration("connections.max.idle.ms"),
		MetadataMaxAge:  v.Duration("metadata.max.age.ms"),
		Linger:          v.Duration("linger.ms"),
		DeliveryTimeout: v.Duration("delivery.timeout.ms"),
	}
	if c.Linger == 0 {
		c.Linger = -1
	}
	if c.DeliveryTimeout >= never {
		c.DeliveryTimeout = 0
	}
	c.CompressionLevel = v.Int("compression." + c.Compression + ".level")
	protocol := v.Get("security.protocol")
	var err error
	if strings.HasSuffix(protocol, "ssl") {
		var fault *config.Fault
		if c.TLS, fault = ssl.Config(v, ""); fault != nil {
			faults = append(faults, *fault)
		}
	}
	if strings.HasPrefix(protocol, "sasl") {
		if c.SASL, err = mechanism(v); err != nil {
			faults = append(faults, asFault(err))
		}
	}
	if len(faults) > 0 {
		return Config{}, faults
	}
	return c, nil
}

// never is Java's largest int of milliseconds, which Connect workers set for "as long as it takes".
const never = (1<<31 - 1) * time.Millisecond

// optionError is a fault of one option, found beyond the Spec.
type optionError struct {
	option string
	msg    string
}

func (e *optionError) Error() string { return e.option + ": " + e.msg }

func fault(option, format string, args ...any) error {
	return &optionError{option, fmt.Sprintf(format, args...)}
}

func asFault(err error) config.Fault {
	var e *optionError
	if !errors.As(err, &e) {
		return config.Fault{Msg: err.Error()}
	}
	return config.Fault{Option: e.option, Msg: e.msg}
}

func positive(s string) string    { return atLeast(s, 1) }
func notNegative(s string) string { return atLeast(s, 0) }
func atLeast512(s string) string  { return atLeast(s, 512) }

func atLeast(s string, least int64) string {
	if n, err := strconv.ParseInt(s, 10, 64); err != nil || n < least {
		return fmt.Sprintf("must be a number of at least %d", least)
	}
	return ""
}
