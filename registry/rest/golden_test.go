package rest_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/filelog"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/natslog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/test/testenv"
)

// unmatched are the exchanges that are answered otherwise, by sequence and step (0: all of it), and why.
var unmatched = map[string]map[int]string{
	"subject-badpercent": {0: "net/http refuses a path that cannot be unescaped before a handler sees it, with 400 too"},

	"mode-global":      {12: "Confluent answers 500 to a body without a mode; here it is an invalid mode, 42204"},
	"metadata-invalid": {4: "Confluent answers 500 to a property that is null; here it is a malformed body, 400"},
}

// exchange is a line of the recording.
type exchange struct {
	Seq             string             `json:"seq"`
	Step            int                `json:"step"`
	Method          string             `json:"method"`
	Path            string             `json:"path"`
	Headers         map[string]*string `json:"headers"`
	Body            *string            `json:"body"`
	Gzip            bool               `json:"gzip"`
	Save            map[string]string  `json:"save"`
	Status          int                `json:"status"`
	ResponseHeaders map[string]string  `json:"response_headers"`
	Kind            string             `json:"kind"`
	Response        any                `json:"response"`
	Volatile        bool               `json:"volatile"`
	GUIDs           []string           `json:"guids"`
}

func readExchanges(t *testing.T) (names []string, sequences map[string][]exchange) {
	f, err := os.Open("testdata/confluent.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sequences = map[string][]exchange{}
	dec := json.NewDecoder(f)
	dec.UseNumber()
	for dec.More() {
		var x exchange
		if err := dec.Decode(&x); err != nil {
			t.Fatal(err)
		}
		if sequences[x.Seq] == nil {
			names = append(names, x.Seq)
		}
		sequences[x.Seq] = append(sequences[x.Seq], x)
	}
	return names, sequences
}

// TestAnswersAsConfluent plays what was recorded of Confluent's registry, in order, at a server on each log.
func TestAnswersAsConfluent(t *testing.T) {
	for name, open := range map[string]func(*testing.T) registry.Log{
		"memory": func(*testing.T) registry.Log { return memlog.New() },
		"file": func(t *testing.T) registry.Log {
			l, err := filelog.Open(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
		"kafka": func(t *testing.T) registry.Log {
			l, err := kafkalog.Open(t.Context(), kafkalog.Config{
				Client: []kgo.Opt{kgo.SeedBrokers(testenv.Kafka(t))}, Topic: fmt.Sprintf("golden-%d", time.Now().UnixNano()),
			})
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
		"nats": func(t *testing.T) registry.Log {
			l, err := natslog.Open(t.Context(), natslog.Config{URL: testenv.NATS(t), Stream: fmt.Sprintf("golden-%d", time.Now().UnixNano())})
			if err != nil {
				t.Fatal(err)
			}
			return l
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := registrytest.NewRegistry(t, open(t))
			playAll(t, s.Listener.Addr().String())
		})
	}
}

func playAll(t *testing.T, addr string) {
	names, sequences := readExchanges(t)
	compared, skipped := 0, 0
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			p := newPlayer(t, addr, fmt.Sprintf("g%04d", i), sequences[name])
			for _, x := range sequences[name] {
				got := p.play(x)
				why := unmatched[name][x.Step] + unmatched[name][0]
				d := differences(x, got)
				switch {
				case why != "" && len(d) == 0:
					t.Errorf("step %d is answered as Confluent does: take it off the list of those that are not (%s)", x.Step, why)
				case why != "":
					skipped++
				case len(d) > 0:
					t.Errorf("step %d: %s %s %s\n\t%s", x.Step, x.Method, x.Path, deref(x.Body), strings.Join(d, "\n\t"))
				default:
					compared++
				}
				if got.status >= http.StatusInternalServerError {
					t.Errorf("step %d: status %d", x.Step, got.status)
				}
			}
		})
	}
	t.Logf("%d exchanges as recorded, %d listed as unmatched", compared, skipped)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// answer is an answer made comparable.
type answer struct {
	status  int
	headers http.Header
	kind    string
	body    any
	guids   []string
	raw     []byte
}

// player plays one sequence.
type player struct {
	t    *testing.T
	addr string
	run  string

	saved map[string]string
	ids   map[string]string
	guids map[string]string
	order []string // of guids
}

const base = 400_000_000

var numbered = regexp.MustCompile(`\{(n|id|guid):([^}]+)\}`)

func newPlayer(t *testing.T, addr, run string, steps []exchange) *player {
	p := &player{t: t, addr: addr, run: run, saved: map[string]string{}, ids: map[string]string{}, guids: map[string]string{}}
	for _, x := range steps {
		for _, m := range numbered.FindAllStringSubmatch(x.Path+deref(x.Body), -1) {
			if m[1] == "n" {
				k, _ := strconv.Atoi(m[2])
				p.ids[strconv.Itoa(base+k)] = "<n" + m[2] + ">"
			}
		}
	}
	return p
}

func (p *player) fill(s string) string {
	s = strings.ReplaceAll(s, "{run}", p.run)
	return numbered.ReplaceAllStringFunc(s, func(m string) string {
		part := numbered.FindStringSubmatch(m)
		if part[1] == "n" {
			k, _ := strconv.Atoi(part[2])
			return strconv.Itoa(base + k)
		}
		if v, ok := p.saved[part[1]+":"+part[2]]; ok {
			return v
		}
		return "0"
	})
}

const v1 = "application/vnd.schemaregistry.v1+json"

func (p *player) play(x exchange) answer {
	headers := map[string]string{"Accept": v1}
	if x.Body != nil {
		headers["Content-Type"] = v1
	}
	for k, v := range x.Headers {
		if v == nil {
			delete(headers, k)
		} else {
			headers[k] = *v
		}
	}
	body := []byte(p.fill(deref(x.Body)))
	if x.Gzip {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body)
		_ = w.Close()
		body = b.Bytes()
	}
	resp, data := send(p.t, p.addr, x.Method, p.fill(x.Path), headers, body)
	got := answer{status: resp.StatusCode, headers: resp.Header, raw: data}
	var js any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	switch err := dec.Decode(&js); {
	case len(data) == 0:
		got.kind, got.body = "empty", ""
		return got
	case err != nil:
		got.kind, got.body = "text", p.cleanText(string(data), "")
		return got
	}
	got.kind = "json"
	if m, ok := js.(map[string]any); ok {
		for name, key := range x.Save {
			if v, ok := m[key]; ok {
				p.saved[key+":"+name] = fmt.Sprint(v)
			}
		}
		if g, ok := m["guid"].(string); ok && !bytes.Contains(data, []byte(p.run)) {
			got.guids = []string{g}
		}
	}
	got.body = p.clean(js, "", strings.Contains(x.Path, "referencedby"))
	return got
}

// send writes a request as it is, which a client would not do with every path.
func send(t *testing.T, addr, method, path string, headers map[string]string, body []byte) (*http.Response, []byte) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %d\r\n", method, path, addr, len(body))
	for _, k := range slices.Sorted(maps.Keys(headers)) {
		fmt.Fprintf(&b, "%s: %s\r\n", k, headers[k])
	}
	b.WriteString("\r\n")
	b.Write(body)
	go func() { _, _ = conn.Write(b.Bytes()) }() // the server may answer before it has read all
	resp, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %.100s: %v", method, path, err)
	}
	return resp, data
}

// clean puts names in the place of what differs from run to run. key is the member that v is the value of.
func (p *player) clean(v any, key string, ids bool) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			out[p.cleanText(k, "")] = p.clean(v[k], k, ids)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			of := ""
			if _, number := e.(json.Number); number && ids {
				of = "id"
			}
			out[i] = p.clean(e, of, ids)
		}
		return out
	case json.Number:
		switch key {
		case "id":
			if p.ids[v.String()] == "" {
				p.ids[v.String()] = fmt.Sprintf("<id%d>", len(p.ids)+1)
			}
			return p.ids[v.String()]
		case "maxId":
			return "<max>"
		case "ts", "createTs", "updateTs":
			return "<ts>"
		}
		return v
	case string:
		return p.cleanText(v, key)
	}
	return v
}

var (
	digits = regexp.MustCompile(`\d+`)
	uuid   = regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	anID   = regexp.MustCompile(`((?:[Ss]chema|[Ii][Dd]:?) )(\d+)`)
)

func (p *player) cleanText(s, key string) string {
	if key == "guid" && s != "" {
		if p.guids[s] == "" {
			p.guids[s] = fmt.Sprintf("<guid%d>", len(p.guids)+1)
			p.order = append(p.order, s)
		}
		return p.guids[s]
	}
	for _, g := range p.order {
		s = strings.ReplaceAll(s, g, p.guids[g])
	}
	s = digits.ReplaceAllStringFunc(s, func(n string) string {
		if name := p.ids[n]; name != "" && (len(n) == 9 || len(n) == 10) {
			return name
		}
		return n
	})
	if key != "schema" {
		s = uuid.ReplaceAllStringFunc(s, func(g string) string {
			if strings.HasPrefix(g, "00000000-") {
				return g
			}
			return "<guid>"
		})
	}
	s = anID.ReplaceAllStringFunc(s, func(m string) string {
		part := anID.FindStringSubmatch(m)
		if name := p.ids[part[2]]; name != "" {
			return part[1] + name
		}
		return m
	})
	return strings.ReplaceAll(s, p.run, "{run}")
}

func mediaType(s string) string {
	name, _, _ := strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(name))
}

func differences(x exchange, got answer) []string {
	if x.Status != got.status {
		return []string{fmt.Sprintf("status %d, want %d (%v, want %v)", got.status, x.Status, got.body, x.Response)}
	}
	if x.Volatile {
		return nil
	}
	var out []string
	if want, have := mediaType(x.ResponseHeaders["content-type"]), mediaType(got.headers.Get("Content-Type")); want != have {
		out = append(out, fmt.Sprintf("content type %q, want %q", have, want))
	}
	for _, k := range []string{"location", "allow", "content-encoding", "www-authenticate"} {
		if want, have := x.ResponseHeaders[k], got.headers.Get(k); want != have {
			out = append(out, fmt.Sprintf("%s %q, want %q", k, have, want))
		}
	}
	switch {
	case x.Kind != got.kind:
		out = append(out, fmt.Sprintf("%s %v, want %s %v", got.kind, got.body, x.Kind, x.Response))
	case strings.HasPrefix(x.Path, "/v1/metadata/") && got.status == http.StatusOK: // names are a server's own
		if a, b := shape(x.Response), shape(got.body); !reflect.DeepEqual(a, b) {
			out = append(out, fmt.Sprintf("body %v, want %v", b, a))
		}
	case !reflect.DeepEqual(x.Response, got.body):
		a, _ := json.Marshal(got.body)
		b, _ := json.Marshal(x.Response)
		out = append(out, fmt.Sprintf("body %s\n\twant %s", a, b))
	}
	if len(x.GUIDs) > 0 && !slices.Equal(x.GUIDs, got.guids) {
		out = append(out, fmt.Sprintf("guids %v, want %v", got.guids, x.GUIDs))
	}
	return out
}

func shape(v any) any {
	if m, ok := v.(map[string]any); ok {
		out := map[string]any{}
		for k := range m {
			out[k] = shape(m[k])
		}
		return out
	}
	return fmt.Sprintf("%T", v)
}
