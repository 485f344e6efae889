package kafka_test

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/test/testenv"
)

func TestFromProperties(t *testing.T) {
	got, err := kafka.FromProperties(map[string]string{
		"bootstrap.servers":                     "a:9092, b:9092",
		"client.id":                             "w",
		"acks":                                  "-1",
		"enable.idempotence":                    "true",
		"max.in.flight.requests.per.connection": "1",
		"key.serializer":                        "org.apache.kafka.common.serialization.ByteArraySerializer",
		"compression.type":                      "ZSTD",
		"compression.zstd.level":                "7",
		"linger.ms":                             "0",
		"batch.size":                            "1048576",
		"max.request.size":                      "5242880",
		"buffer.memory":                         "1000000",
		"delivery.timeout.ms":                   "120000",
		"request.timeout.ms":                    "1000",
	})
	if err != nil {
		t.Fatal(err)
	}
	want := kafka.Config{
		Brokers: []string{"a:9092", "b:9092"}, ClientID: "w", Compression: "zstd", CompressionLevel: 7, Linger: -1, BatchBytes: 1 << 20,
		MaxRequestBytes: 5 << 20, BufferBytes: 1000000, DeliveryTimeout: 2 * time.Minute, RequestTimeout: time.Second,
		DialTimeout: 10 * time.Second, IdleTimeout: 9 * time.Minute, MetadataMaxAge: 5 * time.Minute,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(kafka.Config{}, "TLS", "SASL", "Log")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err = kafka.FromProperties(map[string]string{"bootstrap.servers": "a:1"}); err != nil || got.Linger != kafka.DefaultLinger || got.DeliveryTimeout != 0 || got.TLS != nil || got.SASL != nil {
		t.Errorf("defaults %+v, %v", got, err)
	}
	if _, err := kafka.NewProducer(want); err != nil {
		t.Error(err)
	}
}

func TestFromPropertiesRefuses(t *testing.T) {
	dir := t.TempDir()
	jks := filepath.Join(dir, "store.jks")
	if err := os.WriteFile(jks, []byte("\xfe\xed\xfe\xed\x00\x00\x00\x02"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, option, value, says string }{
		{"acks", "acks", "1", "could be lost"},
		{"idempotence", "enable.idempotence", "false", "reorder"},
		{"unknown", "linger.m", "5", "did you mean linger.ms"},
		{"interceptors", "interceptor.classes", "com.example.X", "no Java classes"},
		{"compression", "compression.type", "brotli", "one of none, gzip, snappy, lz4, zstd"},
		{"number", "linger.ms", "soon", "not a number"},
		{"size", "max.request.size", "100", "at least 512"},
		{"protocol", "security.protocol", "tls", "must be one of"},
		{"no mechanism", "security.protocol", "SASL_SSL", "sasl.mechanism"},
		{"jks", "ssl.truststore.location", jks, "keytool -importkeystore"},
		{"token url", "sasl.oauthbearer.token.endpoint.url", "https://idp/token", "only file://"},
		{"old protocol", "ssl.enabled.protocols", "TLSv1.1", "TLSv1.2 or TLSv1.3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			props := map[string]string{"bootstrap.servers": "a:1", "security.protocol": "SSL", tt.option: tt.value}
			_, err := kafka.FromProperties(props)
			var faults config.FaultsError
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("error %v, want one that says %q", err, tt.says)
			}
		})
	}
	_, err := kafka.FromProperties(map[string]string{"acks": "0", "nonsense": "1"})
	var faults config.FaultsError
	if !errors.As(err, &faults) || len(faults) != 3 {
		t.Errorf("%v: want three faults together", err)
	}
}

func TestJAAS(t *testing.T) {
	const plain = "org.apache.kafka.common.security.plain.PlainLoginModule"
	for _, tt := range []struct {
		name, text string
		ok         bool
	}{
		{"plain", plain + ` required username="alice" password="a;b=\"c\" \\d";`, true},
		{"unquoted", plain + " required\n  username=alice\n  password=secret ;", true},
		{"single quotes", plain + ` REQUIRED username='alice' password='x';`, true},
		{"no semicolon", plain + ` required username="alice" password="hush"`, false},
		{"no flag", plain + ` username="alice" password="hush";`, false},
		{"open quote", plain + ` required username="alice" password="hush;`, false},
		{"no password", plain + ` required username="alice";`, false},
		{"two logins", plain + ` required username="a" password="hush"; other required;`, false},
		{"empty value", plain + ` required username= password="hush";`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := kafka.FromProperties(map[string]string{"bootstrap.servers": "a:1", "security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "PLAIN", "sasl.jaas.config": tt.text})
			if (err == nil) != tt.ok {
				t.Fatalf("error %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "hush") {
				t.Fatalf("%v: shows the password", err)
			}
		})
	}
}

func TestTopicsFromPropertiesRefuses(t *testing.T) {
	for option, value := range map[string]string{
		"topic.creation.default.partitions":         "0",
		"topic.creation.default.replication.factor": "many",
		"topic.creation.groups":                     "g",
		"topic.creation.other.partitions":           "1",
	} {
		if _, err := kafka.TopicsFromProperties(map[string]string{option: value, "name": "c"}); err == nil {
			t.Errorf("%s=%s passes", option, value)
		}
	}
	if _, err := kafka.TopicsFromProperties(map[string]string{"topic.creation.groups": "g", "topic.creation.g.include": "a(b"}); err == nil {
		t.Error("a broken expression passes")
	}
}

// TestLogin publishes through every login that the test broker has, over TLS.
func TestLogin(t *testing.T) {
	u, err := url.Parse(testenv.KafkaSASL(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	props := func(mechanism, user, password string) map[string]string {
		module := "org.apache.kafka.common.security.scram.ScramLoginModule"
		if mechanism == "PLAIN" {
			module = "org.apache.kafka.common.security.plain.PlainLoginModule"
		}
		return map[string]string{
			"bootstrap.servers": u.Host, "security.protocol": "SASL_SSL", "sasl.mechanism": mechanism,
			"sasl.jaas.config":        module + ` required username="` + user + `" password="` + password + `";`,
			"ssl.truststore.location": u.Query().Get("ca"), "ssl.truststore.type": "PEM",
		}
	}
	prepare := func(t *testing.T, props map[string]string) error {
		t.Helper()
		c, err := kafka.FromProperties(props)
		if err != nil {
			t.Fatal(err)
		}
		p := open(t, c)
		defer p.Close(t.Context())
		topic := freeTopic(t, testenv.Kafka(t))
		if err := p.Prepare(t.Context(), topic); err != nil {
			return err
		}
		return send(t, p, []connect.Message{{Topic: topic, Value: []byte("v")}})
	}
	for _, mechanism := range []string{"PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"} {
		t.Run(mechanism, func(t *testing.T) {
			if err := prepare(t, props(mechanism, u.User.Username(), password)); err != nil {
				t.Fatal(err)
			}
			err := prepare(t, props(mechanism, u.User.Username(), "wrong-password"))
			if err == nil || connect.ClassOf(err) != connect.Fatal || strings.Contains(err.Error(), "wrong-password") {
				t.Fatalf("a wrong password gives %v (%v)", err, connect.ClassOf(err))
			}
		})
	}
	t.Run("unknown authority", func(t *testing.T) {
		p := props("PLAIN", u.User.Username(), password)
		delete(p, "ssl.truststore.location")
		if err := prepare(t, p); err == nil || connect.ClassOf(err) != connect.Fatal {
			t.Fatalf("an untrusted certificate gives %v (%v)", err, connect.ClassOf(err))
		}
	})
	t.Run("other host", func(t *testing.T) {
		p := props("PLAIN", u.User.Username(), password)
		p["ssl.endpoint.identification.algorithm"] = ""
		if err := prepare(t, p); err != nil {
			t.Fatal(err)
		}
		delete(p, "ssl.truststore.location")
		if err := prepare(t, p); err == nil {
			t.Fatal("without the host name nothing is verified any more")
		}
	})
	t.Run("no TLS", func(t *testing.T) {
		p := props("PLAIN", u.User.Username(), password)
		p["security.protocol"] = "SASL_PLAINTEXT"
		if err := prepare(t, p); err == nil {
			t.Fatal("a TLS listener takes plain text")
		}
	})
}
