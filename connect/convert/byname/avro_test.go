package byname_test

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/byname"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/runtime"
)

// fake is a registry that gives every schema the id 7. It answers with status while that is not 0.
type fake struct {
	mu     sync.Mutex // guards what follows
	status []int      // of the next requests; 0: success
	paths  []string
	heads  []http.Header
	hosts  []string
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.paths, f.heads, f.hosts = append(f.paths, r.Method+" "+r.URL.RequestURI()), append(f.heads, r.Header), append(f.hosts, r.Host)
	if len(f.status) > 0 {
		status := f.status[0]
		f.status = f.status[1:]
		if status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error_code":`+map[int]string{409: "409", 404: "40401", 503: "50301"}[status]+`,"message":"no"}`)
			return
		}
	}
	answer := map[string]any{"id": 7, "version": 1, "subject": "t-value", "schema": `{"type":"record","name":"R","fields":[{"name":"id","type":"long"},{"name":"x","type":"int","default":3}]}`}
	_ = json.NewEncoder(w).Encode(answer)
}

var rowSchema = &record.Schema{Kind: record.Struct, Name: "R", Fields: []record.Field{{Name: "id", Schema: &record.Schema{Kind: record.Int32}}}}

func encodeAvro(t *testing.T, options map[string]string) (string, error) {
	t.Helper()
	c, err := byname.New("io.confluent.connect.avro.AvroConverter", options, convert.Value)
	if err != nil {
		t.Fatal(err)
	}
	e, err := c.Encoder(t.Context(), "t", convert.Value, rowSchema)
	if err != nil {
		return "", err
	}
	var b record.Batch
	out, err := e.Append(nil, &b, converttest.Cell(&b, rowSchema, converttest.List(1)))
	return string(out), err
}

func TestAvroConverter(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options map[string]string
		want    string
		request string
		header  string // name: value
	}{
		{"registered", nil, "\x00\x00\x00\x00\x07\x02", "POST /subjects/t-value/versions", ""},
		{"normalised", options("normalize.schemas", "true"), "\x00\x00\x00\x00\x07\x02", "POST /subjects/t-value/versions?normalize=true", ""},
		{"by record", options("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.RecordNameStrategy"), "\x00\x00\x00\x00\x07\x02", "POST /subjects/R/versions", ""},
		{"looked up", options("auto.register.schemas", "false"), "\x00\x00\x00\x00\x07\x02", "POST /subjects/t-value", ""},
		{"latest", options("auto.register.schemas", "false", "use.latest.version", "true"), "\x00\x00\x00\x00\x07\x02\x06", "GET /subjects/t-value/versions/latest", ""},
		{"by id", options("auto.register.schemas", "false", "use.schema.id", "7"), "\x00\x00\x00\x00\x07\x02\x06", "GET /schemas/ids/7", ""},
		{"basic", options("basic.auth.credentials.source", "USER_INFO", "basic.auth.user.info", "me:pa:ss"), "\x00\x00\x00\x00\x07\x02", "", "Authorization: Basic bWU6cGE6c3M="},
		{"old name", options("basic.auth.credentials.source", "user_info", "schema.registry.basic.auth.user.info", "me:pa:ss"), "\x00\x00\x00\x00\x07\x02", "", "Authorization: Basic bWU6cGE6c3M="},
		{"bearer", options("bearer.auth.credentials.source", "STATIC_TOKEN", "bearer.auth.token", "T", "bearer.auth.logical.cluster", "lsrc-1"), "\x00\x00\x00\x00\x07\x02", "", "Authorization: Bearer T"},
		{"header", options("request.header.X-Tenant", "a"), "\x00\x00\x00\x00\x07\x02", "", "X-Tenant: a"},
		{"without effect", options("enhanced.avro.schema.support", "true", "max.schemas.per.subject", "10", "schemas.cache.config", "5", "latest.compatibility.strict", "false", "reference.subject.name.strategy", "io.confluent.kafka.serializers.subject.DefaultReferenceSubjectNameStrategy"), "\x00\x00\x00\x00\x07\x02", "", ""},
	} {
		f := &fake{}
		server := httptest.NewServer(f)
		o := options("schema.registry.url", server.URL)
		for k, v := range tt.options {
			o[k] = v
		}
		got, err := encodeAvro(t, o)
		if err != nil || got != tt.want {
			t.Errorf("%s: %q, %v, want %q", tt.name, got, err, tt.want)
		}
		if tt.request != "" && !slices.Equal(f.paths, []string{tt.request}) {
			t.Errorf("%s: %q, want %s", tt.name, f.paths, tt.request)
		}
		if name, value, ok := strings.Cut(tt.header, ": "); ok && (len(f.heads) == 0 || f.heads[0].Get(name) != value) {
			t.Errorf("%s: %v", tt.name, f.heads)
		}
		server.Close()
	}
}

func TestAvroConverterByTLSAndProxy(t *testing.T) {
	f := &fake{}
	server := httptest.NewTLSServer(f)
	defer server.Close()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	path := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(path, []byte(ca), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, o := range []map[string]string{
		options("schema.registry.ssl.truststore.location", path, "schema.registry.ssl.truststore.type", "PEM"),
		options("ssl.truststore.certificates", ca),
	} {
		o["schema.registry.url"] = server.URL
		if got, err := encodeAvro(t, o); err != nil || got != "\x00\x00\x00\x00\x07\x02" {
			t.Errorf("%q, %v", got, err)
		}
	}
	_, err := encodeAvro(t, options("schema.registry.url", server.URL))
	if err == nil || connect.ClassOf(err) != connect.Fatal {
		t.Errorf("an unknown authority: %v, %v", err, connect.ClassOf(err))
	}

	proxy := httptest.NewServer(f)
	defer proxy.Close()
	u, _ := url.Parse(proxy.URL)
	if _, err := encodeAvro(t, options("schema.registry.url", "http://registry.invalid:8081", "proxy.host", u.Hostname(), "proxy.port", u.Port())); err != nil || f.hosts[len(f.hosts)-1] != "registry.invalid:8081" {
		t.Errorf("%v, %v", err, f.hosts)
	}
}

func TestAvroConverterErrors(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	_, err := encodeAvro(t, options("schema.registry.url", gone.URL))
	if connect.ClassOf(err) != connect.Retriable {
		t.Errorf("unreachable: %v is %v", err, connect.ClassOf(err))
	}
	for status, want := range map[int]connect.Class{503: connect.Retriable, 409: connect.Fatal, 404: connect.Fatal} {
		server := httptest.NewServer(&fake{status: []int{status}})
		_, err := encodeAvro(t, options("schema.registry.url", server.URL))
		if connect.ClassOf(err) != want || !strings.Contains(err.Error(), `registering the schema of "t-value"`) {
			t.Errorf("%d: %v is %v, want %v", status, err, connect.ClassOf(err), want)
		}
		server.Close()
	}
}

func TestAvroConverterFaults(t *testing.T) {
	for _, tt := range []struct {
		options map[string]string
		want    string
	}{
		{nil, "schema.registry.url: is required"},
		{options("schema.registry.url", "mock://scope"), "schema.registry.url: "},
		{options("value.subject.name.strategy", "com.example.Mine"), "value.subject.name.strategy: must be one of io.confluent.kafka.serializers.subject.AssociatedNameStrategy, RecordNameStrategy"},
		{options("value.subject.name.strategy", "io.confluent.kafka.serializers.subject.AdminAssociatedNameStrategy"), "value.subject.name.strategy: Kafka is not asked for its id: use io.confluent.kafka.serializers.subject.AssociatedNameStrategy with subject.name.strategy.kafka.cluster.id"},
		{options("subject.name.strategy.kafka.cluster.id", "lkc"), "subject.name.strategy.kafka.cluster.id: is for io.confluent.kafka.serializers.subject.AssociatedNameStrategy: set it in value.subject.name.strategy"},
		{options("value.subject.name.strategy", "AssociatedNameStrategy", "subject.name.strategy.fallback.type", "ASSOCIATED"), "subject.name.strategy.fallback.type: must be one of topic, record, topic_record, none"},
		{options("value.subject.name.strategy", "AssociatedNameStrategy", "subject.name.strategy.cache.expiry.secs", "0"), "subject.name.strategy.cache.expiry.secs: must be -1, for ever, or at least 1"},
		{options("basic.auth.credentials.source", "SASL_INHERIT"), "basic.auth.credentials.source: is not supported by Millrace: the login of Kafka's clients"},
		{options("basic.auth.credentials.source", "USER_INFO"), "basic.auth.user.info: must be user:password"},
		{options("basic.auth.user.info", "a:secret"), "basic.auth.credentials.source: must be USER_INFO"},
		{options("bearer.auth.credentials.source", "OAUTHBEARER", "bearer.auth.client.id", "c"), "bearer.auth.client.id: is not supported by Millrace: Millrace logs in with a token"},
		{options("schema.registry.ssl.truststore.location", "/nonexistent.jks"), "schema.registry.ssl.truststore.location: open /nonexistent.jks"},
		{options("schema.registry.ssl.key.password", "secret"), "schema.registry.ssl.key.password: is not supported"},
		{options("rule.executors", "x"), "rule.executors: is not supported"},
		{options("use.latest.with.metadata", "a=b"), "use.latest.with.metadata: is not supported"},
		{options("context.name.strategy", "com.example.C"), "put the context into schema.registry.url"},
		{options("proxy.host", "p"), "proxy.host: must be set together with proxy.port"},
		{options("auto.register.schema", "true"), "auto.register.schema: is not a known option; did you mean auto.register.schemas?"},
	} {
		o := map[string]string{}
		if tt.options != nil {
			o["schema.registry.url"] = "http://localhost:8081"
		}
		for k, v := range tt.options {
			o[k] = v
		}
		_, err := byname.New("AvroConverter", o, convert.Value)
		var faults config.FaultsError
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v\nwant %s", err, tt.want)
		}
	}
}

// TestTaskWaitsForTheRegistry runs a task whose registry is down at first.
func TestTaskWaitsForTheRegistry(t *testing.T) {
	f := &fake{status: []int{503, 503, 0, 503}}
	server := httptest.NewServer(f)
	defer server.Close()
	key, err := byname.New("JsonConverter", options("schemas.enable", "false"), convert.Key)
	if err != nil {
		t.Fatal(err)
	}
	value, err := byname.New("AvroConverter", options("schema.registry.url", server.URL), convert.Value)
	if err != nil {
		t.Fatal(err)
	}
	store, err := file.Open(filepath.Join(t.TempDir(), "offsets"))
	if err != nil {
		t.Fatal(err)
	}
	up, broker := &connecttest.Upstream{Rows: 20, Keys: 2, Batch: 5}, &connecttest.Broker{}
	task := &runtime.Task{
		Name: "shop", Log: slog.New(slog.DiscardHandler), Offsets: store, OffsetKey: offset.Key{Connector: "shop", Partition: "{}"},
		Source:   func() (connect.Source, error) { return up.Source(), nil },
		Producer: func(context.Context) (connect.Producer, error) { return broker.Producer(), nil },
		Key:      key, Value: value, Policy: runtime.Policy{MinDelay: time.Millisecond, MaxDelay: time.Millisecond},
	}
	if err := task.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m := broker.Messages(); len(m) != 20 || string(m[1].Key) != "1" || string(m[1].Value) != "\x00\x00\x00\x00\x07\x02\x02" {
		t.Errorf("%d messages: %v", len(m), m)
	}
	if len(f.paths) != 3 {
		t.Errorf("%q", f.paths)
	}
}
