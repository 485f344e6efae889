package nats

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect/config"
)

// Config says how to reach NATS and how to publish. The zero value of a field means its default.
type Config struct {
	URL      string // nats://host:port[,nats://host:port]
	Name     string // the connector's name: the client's, and the beginning of every Nats-Msg-Id; default millrace
	User     string
	Password config.Secret
	Token    config.Secret
	Creds    string // a file of a JWT and its seed
	NKey     string // a file of an nkey's seed
	TLS      *tls.Config
	Options  []nats.Option // more, such as embedded.Server.Option
	Log      *slog.Logger  // gets lost connections; nil: nobody

	Stream   Stream
	InFlight int           // messages without an acknowledgement; default 8,192
	Bytes    int           // their keys and values; default 32 MiB
	AckWait  time.Duration // after which a missing acknowledgement means a bad connection; default 10 s
}

// Stream says how Prepare makes the stream for a subject that no stream covers.
type Stream struct {
	Name       string // default: the subject's first token, one stream a prefix
	Memory     bool   // keep messages in memory instead of files
	Replicas   int    // default 1
	MaxAge     time.Duration
	MaxBytes   int64
	MaxMsgs    int64
	Duplicates time.Duration // how long ids are remembered; default 2 minutes
	Compress   bool          // s2 on disk
}

func (c Config) options() ([]nats.Option, error) {
	opts := []nats.Option{nats.Name(cmp.Or(c.Name, "millrace")), nats.NoReconnect(), nats.Timeout(5 * time.Second), nats.PingInterval(10 * time.Second), nats.MaxPingsOutstanding(2)}
	if c.User != "" {
		opts = append(opts, nats.UserInfo(c.User, c.Password.Reveal()))
	}
	if c.Token != "" {
		opts = append(opts, nats.Token(c.Token.Reveal()))
	}
	if c.Creds != "" {
		opts = append(opts, nats.UserCredentials(c.Creds))
	}
	if c.NKey != "" {
		o, err := nats.NkeyOptionFromSeed(c.NKey)
		if err != nil {
			return nil, fmt.Errorf("reading the nkey of %s: %w", c.NKey, err)
		}
		opts = append(opts, o)
	}
	if c.TLS != nil {
		opts = append(opts, nats.Secure(c.TLS))
	}
	return append(opts, c.Options...), nil
}

func (s Stream) config(name string, subjects []string) jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: name, Subjects: subjects, Description: description, Replicas: max(s.Replicas, 1), MaxAge: s.MaxAge, MaxBytes: orNone(s.MaxBytes), MaxMsgs: orNone(s.MaxMsgs),
		Duplicates: cmp.Or(s.Duplicates, 2*time.Minute), Discard: jetstream.DiscardOld, Storage: jetstream.FileStorage, AllowDirect: true,
	}
	if s.MaxAge > 0 {
		c.Duplicates = min(c.Duplicates, s.MaxAge) // the server's own rule
	}
	if s.Memory {
		c.Storage = jetstream.MemoryStorage
	}
	if s.Compress {
		c.Compression = jetstream.S2Compression
	}
	return c
}

func orNone(n int64) int64 {
	if n <= 0 {
		return -1
	}
	return n
}

// Spec returns the options of a NATS cluster and of what is published to it.
func Spec() config.Spec {
	const (
		connection = "Connection"
		security   = "Security"
		stream     = "Stream"
		producing  = "Producer"
	)
	return config.Spec{
		{Name: "url", Key: "url", Type: config.List, Default: nats.DefaultURL, Group: connection, Importance: "HIGH", Doc: "The servers, nats://host:port or tls://host:port, comma-separated."},
		{Name: "user", Key: "user", Type: config.String, Group: security, Doc: "The user to log in as."},
		{Name: "password", Key: "password", Type: config.Password, Group: security, Doc: "The user's password."},
		{Name: "token", Key: "token", Type: config.Password, Group: security, Doc: "The token to log in with."},
		{Name: "creds.file", Key: "creds_file", Type: config.String, Group: security, Doc: "A file of a JWT and its seed, as nsc writes it."},
		{Name: "nkey.file", Key: "nkey_file", Type: config.String, Group: security, Doc: "A file of an nkey's seed."},
		{Name: "tls.ca.file", Key: "tls_ca_file", Type: config.String, Group: security, Doc: "A PEM file of the certificates to trust. None: the system's."},
		{Name: "tls.cert.file", Key: "tls_cert_file", Type: config.String, Group: security, Doc: "A PEM file of the client's certificate chain."},
		{Name: "tls.key.file", Key: "tls_key_file", Type: config.String, Group: security, Doc: "A PEM file of the client's private key."},
		{Name: "stream", Key: "stream", Type: config.String, Group: stream, Doc: "The stream for subjects that no stream covers. Default: the subject's first token, so one stream for a topic prefix.", Check: streamName},
		{Name: "storage", Key: "storage", Type: config.String, Default: "file", Enum: []string{"file", "memory"}, Group: stream, Doc: "Where a new stream keeps its messages."},
		{Name: "replicas", Key: "replicas", Type: config.Int, Default: "1", Group: stream, Doc: "On how many servers of a cluster a new stream is.", Check: notNegative},
		{Name: "max.age.ms", Key: "max_age_ms", Type: config.Long, Default: "0", Group: stream, Doc: "How long a new stream keeps messages; 0 for ever.", Check: notNegative},
		{Name: "max.bytes", Key: "max_bytes", Type: config.Long, Default: "0", Group: stream, Doc: "How many bytes a new stream keeps, dropping the oldest; 0 for all.", Check: notNegative},
		{Name: "max.msgs", Key: "max_msgs", Type: config.Long, Default: "0", Group: stream, Doc: "How many messages a new stream keeps, dropping the oldest; 0 for all.", Check: notNegative},
		{Name: "duplicates.window.ms", Key: "duplicates_window_ms", Type: config.Long, Default: "120000", Group: stream, Doc: "How long a new stream remembers message ids, about 150 bytes of the server's memory each.", Check: notNegative},
		{Name: "compression", Key: "compression", Type: config.String, Default: "none", Enum: []string{"none", "s2"}, Group: stream, Doc: "How a new stream compresses its files."},
		{Name: "in.flight", Key: "in_flight", Type: config.Int, Default: "8192", Group: producing, Doc: "How many messages may wait for their acknowledgement.", Check: notNegative},
		{Name: "buffer.memory", Key: "buffer_memory", Type: config.Int, Default: "33554432", Group: producing, Doc: "How many bytes may wait for their acknowledgement.", Check: notNegative},
		{Name: "ack.wait.ms", Key: "ack_wait_ms", Type: config.Int, Default: "10000", Group: producing, Doc: "How long an acknowledgement may take before the connection is given up.", Check: notNegative},
	}
}

// FromProperties reads the options that Spec lists. The error is a config.FaultsError with everything that is wrong.
func FromProperties(props map[string]string) (Config, error) {
	v, found := Spec().Parse(props)
	faults := config.FaultsError(found)
	c := Config{
		URL: v.Get("url"), User: v.Get("user"), Password: v.Secret("password"), Token: v.Secret("token"), Creds: v.Get("creds.file"), NKey: v.Get("nkey.file"),
		InFlight: v.Int("in.flight"), Bytes: v.Int("buffer.memory"), AckWait: v.Duration("ack.wait.ms"),
		Stream: Stream{
			Name: v.Get("stream"), Memory: v.Get("storage") == "memory", Replicas: v.Int("replicas"), MaxAge: v.Duration("max.age.ms"), MaxBytes: v.Int64("max.bytes"),
			MaxMsgs: v.Int64("max.msgs"), Duplicates: v.Duration("duplicates.window.ms"), Compress: v.Get("compression") == "s2",
		},
	}
	for _, option := range []string{"creds.file", "nkey.file"} {
		if path := v.Get(option); path != "" {
			if _, err := os.Stat(path); err != nil {
				faults = append(faults, config.Fault{Option: option, Msg: err.Error()})
			}
		}
	}
	var fault *config.Fault
	if c.TLS, fault = tlsConfig(v); fault != nil {
		faults = append(faults, *fault)
	}
	if len(faults) > 0 {
		return Config{}, faults
	}
	return c, nil
}

func tlsConfig(v config.Values) (*tls.Config, *config.Fault) {
	ca, cert, key := v.Get("tls.ca.file"), v.Get("tls.cert.file"), v.Get("tls.key.file")
	if ca == "" && cert == "" && key == "" {
		return nil, nil
	}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		text, err := os.ReadFile(ca)
		if err != nil {
			return nil, &config.Fault{Option: "tls.ca.file", Msg: err.Error()}
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(text) {
			return nil, &config.Fault{Option: "tls.ca.file", Msg: ca + " holds no certificate in PEM"}
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, &config.Fault{Option: "tls.cert.file", Msg: err.Error()}
		}
		t.Certificates = []tls.Certificate{pair}
	}
	return t, nil
}
