package kafkalog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/rest"
	"github.com/millrace/millrace/test/testenv"
)

// compacting is the configuration of a topic that the broker compacts as soon as it may.
var compacting = map[string]string{
	"cleanup.policy": "compact", "segment.ms": "100", "min.cleanable.dirty.ratio": "0.0001", "min.compaction.lag.ms": "0",
	"max.compaction.lag.ms": "1", "delete.retention.ms": "0",
}

// ownKafka starts a broker of the test's own whose cleaner does not rest.
func ownKafka(t *testing.T) (*testenv.Server, kafkalog.Config) {
	t.Helper()
	server := testenv.Own(t, "kafka")
	cfg := kafkalog.Config{Client: []kgo.Opt{kgo.SeedBrokers(server.URL), kgo.MetadataMinAge(100 * time.Millisecond)}, Topic: kafkalog.DefaultTopic}
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	backoff := "200"
	resps, err := kadm.NewClient(cl).AlterBrokerConfigs(t.Context(), []kadm.AlterConfig{{Op: kadm.SetConfig, Name: "log.cleaner.backoff.ms", Value: &backoff}})
	if err != nil || resps[0].Err != nil {
		t.Fatalf("%v, %+v", err, resps)
	}
	return server, cfg
}

// confluentsTopic returns the records of a _schemas topic as Confluent's registry wrote it.
func confluentsTopic(t testing.TB) []*kgo.Record {
	t.Helper()
	var recs []*kgo.Record
	for _, r := range registrytest.Topic(t, "../rest/testdata/topic.jsonl.gz") {
		recs = append(recs, &kgo.Record{Key: r.Key, Value: r.Value, Timestamp: time.UnixMilli(r.Time)})
	}
	return recs
}

type answer struct {
	Method   string          `json:"method"`
	Path     string          `json:"path"`
	Body     json.RawMessage `json:"body"`
	Status   int             `json:"status"`
	Response any             `json:"response"`
}

// node is a registry on a topic, with its API.
type node struct {
	*registry.Registry
	url  string
	stop func()
}

func start(t testing.TB, cfg kafkalog.Config) *node {
	t.Helper()
	reg, err := registry.Open(t.Context(), open(t, cfg), registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(rest.Handler(reg, rest.Options{}))
	n := &node{reg, s.URL, func() { s.Close(); _ = reg.Close() }}
	t.Cleanup(n.stop)
	return n
}

func ask(t testing.TB, url, method, path string, body []byte) (int, any) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var got any
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return resp.StatusCode, got
}

// compare asks a registry what Confluent's was asked.
func compare(t testing.TB, url string, answers []answer) {
	t.Helper()
	same, failed := 0, 0
	for _, x := range answers {
		var body []byte
		if string(x.Body) != "null" {
			body = x.Body
		}
		status, got := ask(t, url, x.Method, x.Path, body)
		if status == x.Status && reflect.DeepEqual(withoutClocks(got), withoutClocks(x.Response)) {
			same++
		} else if failed++; failed <= 10 {
			t.Errorf("%s %s %s: %d %.300v\n\twant %d %.300v", x.Method, x.Path, x.Body, status, got, x.Status, x.Response)
		}
	}
	t.Logf("%d of %d answers as Confluent gave them", same, len(answers))
}

func withoutClocks(v any) any {
	switch v := v.(type) {
	case map[string]any:
		delete(v, "ts")
		for k := range v {
			v[k] = withoutClocks(v[k])
		}
	case []any:
		for i := range v {
			v[i] = withoutClocks(v[i])
		}
	}
	return v
}

// raw reads every record of the topic, NOOPs too.
func raw(t testing.TB, cfg kafkalog.Config) []*kgo.Record {
	t.Helper()
	cl, err := kgo.NewClient(append(slices.Clone(cfg.Client), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{cfg.Topic: {0: kgo.NewOffset().AtStart()}}))...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	end := marker(t, cfg)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var recs []*kgo.Record
	for {
		f := cl.PollFetches(ctx)
		if err := f.Err(); err != nil {
			t.Fatal(err)
		}
		for _, r := range f.Records() {
			if r.Offset == end {
				return recs
			}
			recs = append(recs, r)
		}
	}
}

// marker writes a NOOP and returns its offset.
func marker(t testing.TB, cfg kafkalog.Config) int64 {
	t.Helper()
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	r, err := cl.ProduceSync(t.Context(), &kgo.Record{Topic: cfg.Topic, Key: []byte(noopKey)}).First()
	if err != nil {
		t.Fatal(err)
	}
	return r.Offset
}

// compact waits until the broker has compacted everything that is in the topic now: no key stands in it twice, and no tombstone.
func compact(t testing.TB, cfg kafkalog.Config) (before, after int) {
	t.Helper()
	before = len(raw(t, cfg))
	for began := time.Now(); ; time.Sleep(300 * time.Millisecond) {
		recs := raw(t, cfg) // its NOOPs begin new segments
		keys, clean := map[string]bool{}, true
		for _, r := range recs {
			if string(r.Key) != noopKey {
				clean = clean && !keys[string(r.Key)] && r.Value != nil
				keys[string(r.Key)] = true
			}
		}
		if clean {
			return before, len(recs)
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("the broker has not compacted topic %s, which has %d records", cfg.Topic, len(recs))
		}
	}
}

// TestTakesOver starts on a topic of Confluent's registry. It gives that one's answers, after compaction too; what is deleted in
// it stays deleted.
func TestTakesOver(t *testing.T) {
	t.Parallel()
	_, cfg := ownKafka(t)
	makeTopic(t, cfg, 1, compacting)
	produce(t, cfg, confluentsTopic(t)...)
	// What other releases wrote: another magic and a null subject.
	const legacy = `{"subject":"legacy","version":%d,"id":99000%d,"schema":"{\"type\":\"record\",\"name\":\"L\",\"fields\":[{\"name\":\"f%d\",\"type\":\"int\",\"default\":0}]}","deleted":false}`
	answers := registrytest.Lines[answer](t, "../rest/testdata/answers.jsonl.gz")
	n := start(t, cfg)
	compare(t, n.url, answers)
	n.stop()

	before, after := compact(t, cfg)
	t.Logf("compacted from %d records to %d", before, after)
	n = start(t, cfg)
	compare(t, n.url, answers)
	n.stop()

	for v := 1; v <= 2; v++ {
		produce(t, cfg, &kgo.Record{Key: fmt.Appendf(nil, `{"keytype":"SCHEMA","subject":"legacy","version":%d,"magic":0}`, v), Value: fmt.Appendf(nil, legacy, v, v, v)})
	}
	produce(t, cfg, &kgo.Record{Key: []byte(`{"keytype":"CONFIG","subject":null,"magic":0}`), Value: []byte(`{"compatibilityLevel":"NONE"}`)})
	n = start(t, cfg)
	var subjects []string
	for _, s := range mustList(t, n.url, "/subjects") {
		if status, _ := ask(t, n.url, http.MethodDelete, "/subjects/"+escape(s), nil); status != http.StatusOK {
			continue // read-only, or referred to
		}
		if status, _ := ask(t, n.url, http.MethodDelete, "/subjects/"+escape(s)+"?permanent=true", nil); status == http.StatusOK {
			subjects = append(subjects, s)
		}
	}
	if len(subjects) < 50 || !slices.Contains(subjects, "legacy") {
		t.Errorf("only %d subjects could be deleted: %q", len(subjects), subjects)
	}
	if status, got := ask(t, n.url, http.MethodDelete, "/config", nil); status != http.StatusOK || !strings.Contains(fmt.Sprint(got), "NONE") {
		t.Errorf("DELETE /config: %d %v", status, got)
	}
	gone := func(when string) {
		t.Helper()
		there := mustList(t, n.url, "/subjects?deleted=true")
		for _, s := range subjects {
			if slices.Contains(there, s) {
				t.Errorf("%s: subject %q is back", when, s)
			}
		}
		if _, got := ask(t, n.url, http.MethodGet, "/config", nil); strings.Contains(fmt.Sprint(got), "NONE") {
			t.Errorf("%s: the config is back: %v", when, got)
		}
	}
	gone("after the deletion")
	n.stop()
	n = start(t, cfg)
	gone("after a restart")
	n.stop()
	before, after = compact(t, cfg)
	t.Logf("compacted from %d records to %d", before, after)
	for _, r := range raw(t, cfg) {
		if strings.HasPrefix(string(r.Key), `{"keytype":"SCHEMA","subject":"legacy"`) {
			t.Errorf("%s is still there", r.Key)
		}
	}
	n = start(t, cfg)
	gone("after compaction")
	if status, got := ask(t, n.url, http.MethodPost, "/subjects/legacy/versions", []byte(`{"schema":"\"int\""}`)); status != http.StatusOK {
		t.Errorf("registering after all: %d %v", status, got)
	}
}

func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func mustList(t testing.TB, url, path string) []string {
	t.Helper()
	status, got := ask(t, url, http.MethodGet, path, nil)
	list, ok := got.([]any)
	if status != http.StatusOK || !ok {
		t.Fatalf("GET %s: %d %v", path, status, got)
	}
	var out []string
	for _, x := range list {
		out = append(out, fmt.Sprint(x))
	}
	return out
}
