package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
)

// seen is a request as a node got it.
type seen struct{ Method, Path, Body string }

// node is a registry that answers every request alike and keeps the requests.
type node struct {
	*httptest.Server
	mu       sync.Mutex // guards requests
	requests []seen
	headers  []http.Header
}

func serve(t *testing.T, status int, answer string) *node {
	n := &node{}
	n.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		n.mu.Lock()
		n.requests = append(n.requests, seen{r.Method, r.RequestURI, string(body)})
		n.headers = append(n.headers, r.Header)
		n.mu.Unlock()
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(n.Close)
	return n
}

func connect(t *testing.T, cfg client.Config) *client.Client {
	t.Helper()
	c, err := client.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

const intSchema = `"int"`

func TestRequests(t *testing.T) {
	ref := []schema.Reference{{Name: "a.B", Subject: "b", Version: 2}}
	for _, c := range []struct {
		name   string
		answer string
		call   func(context.Context, *client.Client) (any, error)
		want   any
		seen   seen
	}{
		{"register", `{"id":7,"version":1,"guid":"g","schemaType":"AVRO","schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Register(ctx, "t-value", client.Schema{Type: schema.Avro, Text: intSchema}, false)
		}, 7, seen{"POST", "/subjects/t-value/versions", `{"schema":"\"int\""}`}},
		{"register by older registries", `{"id":7}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Register(ctx, "a/b c", client.Schema{Type: schema.Protobuf, Text: "x", References: ref}, true)
		}, 7, seen{"POST", "/subjects/a%2Fb%20c/versions?normalize=true", `{"schemaType":"PROTOBUF","references":[{"name":"a.B","subject":"b","version":2}],"schema":"x"}`}},
		{"lookup", `{"subject":"s","version":3,"id":9,"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Lookup(ctx, "s", client.Schema{Text: intSchema}, true, true)
		}, client.Version{Subject: "s", Version: 3, ID: 9, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"POST", "/subjects/s?deleted=true&normalize=true", `{"schema":"\"int\""}`}},
		{"schema by id", `{"schema":"{}","schemaType":"JSON","references":[{"name":"a.B","subject":"b","version":2}]}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.SchemaByID(ctx, 12)
		}, client.Schema{Type: schema.JSON, Text: "{}", References: ref}, seen{"GET", "/schemas/ids/12", ""}},
		{"schema by GUID", `{"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.SchemaByGUID(ctx, "0-1")
		}, client.Schema{Type: schema.Avro, Text: intSchema}, seen{"GET", "/schemas/guids/0-1", ""}},
		{"latest", `{"subject":"s","version":3,"id":9,"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Latest(ctx, "..")
		}, client.Version{Subject: "s", Version: 3, ID: 9, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"GET", "/subjects/%2E%2E/versions/latest", ""}},
		{"version", `{"subject":"s","version":3,"id":9,"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Version(ctx, "s", 3)
		}, client.Version{Subject: "s", Version: 3, ID: 9, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"GET", "/subjects/s/versions/3", ""}},
		{"versions", `[1,3]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Versions(ctx, "s")
		}, []int{1, 3}, seen{"GET", "/subjects/s/versions", ""}},
		{"subjects", `["a","b"]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Subjects(ctx, ":.ctx:")
		}, []string{"a", "b"}, seen{"GET", "/subjects?subjectPrefix=%3A.ctx%3A", ""}},
		{"compatible", `{"is_compatible":false,"messages":["no"]}`, func(ctx context.Context, c *client.Client) (any, error) {
			ok, lines, err := c.Compatible(ctx, "s", "latest", client.Schema{Text: intSchema})
			return fmt.Sprint(ok, lines), err
		}, "false [no]", seen{"POST", "/compatibility/subjects/s/versions/latest?verbose=true", `{"schema":"\"int\""}`}},
		{"compatible with all", `{"is_compatible":true}`, func(ctx context.Context, c *client.Client) (any, error) {
			ok, lines, err := c.Compatible(ctx, "s", "", client.Schema{Text: intSchema})
			return fmt.Sprint(ok, lines), err
		}, "true []", seen{"POST", "/compatibility/subjects/s/versions?verbose=true", `{"schema":"\"int\""}`}},
		{"level", `{"compatibilityLevel":"FULL"}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Compatibility(ctx, "s")
		}, "FULL", seen{"GET", "/config/s?defaultToGlobal=true", ""}},
		{"config", `{"compatibilityLevel":"FULL","compatibilityPolicy":"LENIENT"}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.SubjectConfig(ctx, "s")
		}, client.SubjectConfig{Level: "FULL", Policy: "LENIENT"}, seen{"GET", "/config/s?defaultToGlobal=true", ""}},
		{"the registry's config", `{"compatibilityLevel":"FULL"}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.SubjectConfig(ctx, "")
		}, client.SubjectConfig{Level: "FULL"}, seen{"GET", "/config", ""}},
		{"set level", `{"compatibility":"FULL"}`, func(ctx context.Context, c *client.Client) (any, error) {
			return nil, c.SetCompatibility(ctx, "", "FULL")
		}, nil, seen{"PUT", "/config", `{"compatibility":"FULL"}`}},
		{"register with an id", `{"id":7,"version":3,"guid":"g","schemaType":"JSON","schema":"{}","metadata":{"properties":{"a":"b"}}}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.RegisterVersion(ctx, "s", client.Schema{Type: schema.JSON, Text: "{ }", RuleSet: &client.RuleSet{Domain: []client.Rule{{Name: "r", Type: "CEL", Expr: "true"}}}}, client.RegisterOptions{ID: 7, Version: 3})
		}, client.Version{Subject: "s", Version: 3, ID: 7, GUID: "g", Schema: client.Schema{Type: schema.JSON, Text: "{}", Metadata: &client.Metadata{Properties: map[string]string{"a": "b"}}}},
			seen{"POST", "/subjects/s/versions", `{"version":3,"id":7,"schemaType":"JSON","ruleSet":{"domainRules":[{"name":"r","type":"CEL","expr":"true"}]},"schema":"{ }"}`}},
		{"register, the id alone", `{"id":7}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.RegisterVersion(ctx, "s", client.Schema{Text: intSchema}, client.RegisterOptions{})
		}, client.Version{Subject: "s", ID: 7, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"POST", "/subjects/s/versions", `{"schema":"\"int\""}`}},
		{"id", `{"subject":"s","version":3,"id":9,"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.ID(ctx, "s", client.Schema{Text: intSchema}, true)
		}, 9, seen{"POST", "/subjects/s?normalize=true", `{"schema":"\"int\""}`}},
		{"schema by id in a context", `{"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.SchemaByIDIn(ctx, 12, ":.c:")
		}, client.Schema{Type: schema.Avro, Text: intSchema}, seen{"GET", "/schemas/ids/12?subject=%3A.c%3A", ""}},
		{"ids of a GUID", `[{"context":".","id":1}]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.IDsOfGUID(ctx, "g")
		}, []client.ContextID{{Context: ".", ID: 1}}, seen{"GET", "/schemas/guids/g/ids", ""}},
		{"versions of an id", `[{"subject":"s","version":1}]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.VersionsOfID(ctx, 1, "", true)
		}, []client.SubjectVersion{{Subject: "s", Version: 1}}, seen{"GET", "/schemas/ids/1/versions?deleted=true", ""}},
		{"latest with metadata", `{"subject":"s","version":3,"id":9,"schema":"\"int\"","deleted":true}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.LatestWithMetadata(ctx, "s", map[string]string{"b": "2", "a": "1"})
		}, client.Version{Subject: "s", Version: 3, ID: 9, Deleted: true, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"GET", "/subjects/s/metadata?key=a&key=b&value=1&value=2", ""}},
		{"deleted version", `{"subject":"s","version":3,"id":9,"schema":"\"int\""}`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.DeletedVersion(ctx, "s", 3)
		}, client.Version{Subject: "s", Version: 3, ID: 9, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}, seen{"GET", "/subjects/s/versions/3?deleted=true", ""}},
		{"referrers", `[4]`, func(ctx context.Context, c *client.Client) (any, error) { return c.ReferencedBy(ctx, "s", 3) }, []int{4}, seen{"GET", "/subjects/s/versions/3/referencedby", ""}},
		{"a page of subjects", `["a"]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.ListSubjects(ctx, client.List{Prefix: "a", DeletedOnly: true, Offset: 2, Limit: 1})
		}, []string{"a"}, seen{"GET", "/subjects?deletedOnly=true&limit=1&offset=2&subjectPrefix=a", ""}},
		{"schemas", `[{"subject":"s","version":3,"id":9,"schema":"\"int\""}]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.ListSchemas(ctx, client.List{LatestOnly: true, Deleted: true})
		}, []client.Version{{Subject: "s", Version: 3, ID: 9, Schema: client.Schema{Type: schema.Avro, Text: intSchema}}}, seen{"GET", "/schemas?deleted=true&latestOnly=true", ""}},
		{"types", `["AVRO"]`, func(ctx context.Context, c *client.Client) (any, error) { return c.Types(ctx) }, []schema.Type{schema.Avro}, seen{"GET", "/schemas/types", ""}},
		{"set config", `{"compatibility":"FULL","normalize":false}`, func(ctx context.Context, c *client.Client) (any, error) {
			no := false
			return c.SetSubjectConfig(ctx, "s", client.SubjectConfig{Level: "FULL", Normalize: &no, Group: "major", DefaultMetadata: &client.Metadata{Properties: map[string]string{"a": "b"}}})
		}, client.SubjectConfig{Level: "FULL", Normalize: new(bool)}, seen{"PUT", "/config/s", `{"compatibility":"FULL","compatibilityGroup":"major","normalize":false,"defaultMetadata":{"properties":{"a":"b"}}}`}},
		{"delete config", `{"compatibilityLevel":"FULL"}`, func(ctx context.Context, c *client.Client) (any, error) { return c.DeleteConfig(ctx, "s") }, client.SubjectConfig{Level: "FULL"}, seen{"DELETE", "/config/s", ""}},
		{"mode", `{"mode":"IMPORT"}`, func(ctx context.Context, c *client.Client) (any, error) { return c.Mode(ctx, "s") }, "IMPORT", seen{"GET", "/mode/s?defaultToGlobal=true", ""}},
		{"set mode", `{"mode":"IMPORT"}`, func(ctx context.Context, c *client.Client) (any, error) {
			return nil, c.SetMode(ctx, "", "IMPORT", true)
		}, nil, seen{"PUT", "/mode?force=true", `{"mode":"IMPORT"}`}},
		{"delete mode", `{"mode":null}`, func(ctx context.Context, c *client.Client) (any, error) {
			return nil, c.DeleteMode(ctx, ":.c:", true)
		}, nil, seen{"DELETE", "/mode/:.c:?recursive=true", ""}},
		{"contexts", `[".",".c"]`, func(ctx context.Context, c *client.Client) (any, error) { return c.Contexts(ctx) }, []string{".", ".c"}, seen{"GET", "/contexts", ""}},
		{"delete context", ``, func(ctx context.Context, c *client.Client) (any, error) { return nil, c.DeleteContext(ctx, ".c") }, nil, seen{"DELETE", "/contexts/.c", ""}},
		{"delete version", `3`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.DeleteVersion(ctx, "s", "latest", false)
		}, 3, seen{"DELETE", "/subjects/s/versions/latest", ""}},
		{"associations", `[{"subject":"s","associationType":"value","frozen":true}]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.Associations(ctx, client.AnyResource, "a/b", client.Associated{ResourceType: "topic", Types: []string{"key", "value"}})
		}, []client.Association{{Subject: "s", Type: "value", Frozen: true}}, seen{"GET", "/associations/resources/-/a%2Fb?associationType=key&associationType=value&resourceType=topic", ""}},
		{"associations of a subject", `[]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.AssociationsOfSubject(ctx, "s", client.Associated{Lifecycle: "STRONG"})
		}, []client.Association{}, seen{"GET", "/associations/subjects/s?lifecycle=STRONG", ""}},
		{"associate", `{}`, func(ctx context.Context, c *client.Client) (any, error) {
			return nil, c.Associate(ctx, client.Resource{Name: "t", Namespace: "n", ID: "i"}, client.NewAssociation{Subject: "s", Type: "key", Schema: &client.Schema{Text: intSchema}})
		}, nil, seen{"POST", "/associations", `{"resourceName":"t","resourceNamespace":"n","resourceId":"i","associations":[{"subject":"s","associationType":"key","schema":{"schema":"\"int\""}}]}`}},
		{"dissociate", ``, func(ctx context.Context, c *client.Client) (any, error) {
			return nil, c.Dissociate(ctx, "i", client.Associated{Types: []string{"key"}}, true)
		}, nil, seen{"DELETE", "/associations/resources/i?associationType=key&cascadeLifecycle=true", ""}},
		{"delete", `[1]`, func(ctx context.Context, c *client.Client) (any, error) {
			return c.DeleteSubject(ctx, "s", true)
		}, []int{1}, seen{"DELETE", "/subjects/s?permanent=true", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := serve(t, 200, c.answer)
			got, err := c.call(t.Context(), connect(t, client.Config{URLs: []string{n.URL + "/"}}))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]seen{c.seen}, n.requests); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCache(t *testing.T) {
	n := serve(t, 200, `{"id":1,"schema":"\"int\""}`)
	c := connect(t, client.Config{URLs: []string{n.URL}})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10 {
				if id, err := c.Register(t.Context(), "s", client.Schema{Text: intSchema}, false); err != nil || id != 1 {
					t.Errorf("Register = %d, %v", id, err)
				}
				if s, err := c.SchemaByID(t.Context(), 1); err != nil || s.Text != intSchema {
					t.Errorf("SchemaByID = %v, %v", s, err)
				}
			}
		})
	}
	wg.Wait()
	if got := len(n.requests); got != 2 {
		t.Errorf("%d requests", got)
	}
	register := func(subject string, s client.Schema, normalize, asks bool) {
		t.Helper()
		before := len(n.requests)
		if _, err := c.Register(t.Context(), subject, s, normalize); err != nil {
			t.Fatal(err)
		}
		if asked := len(n.requests) > before; asked != asks {
			t.Errorf("Register(%q, %v, %v) asks: %v", subject, s, normalize, asked)
		}
	}
	register("s", client.Schema{Text: intSchema}, false, false)
	register("s2", client.Schema{Text: intSchema}, false, true)
	register("s", client.Schema{Text: intSchema}, true, true)
	register("s", client.Schema{Text: `"long"`}, false, true)
	register("s", client.Schema{Type: schema.JSON, Text: intSchema}, false, true)
	register("s", client.Schema{Text: intSchema, References: []schema.Reference{{Name: "n"}}}, false, true)
	if _, err := c.DeleteSubject(t.Context(), "s", false); err == nil {
		t.Error("an answer of another shape was read as versions")
	}
	register("s", client.Schema{Text: intSchema}, false, true)
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name      string
		status    int
		answer    string
		want      string
		code      int
		retriable bool
	}{
		{"not found", 404, `{"error_code":40403,"message":"Schema not found"}`, "the schema registry answers 40403: Schema not found", 40403, false},
		{"incompatible", 409, `{"error_code":409,"message":"x"}`, "the schema registry answers 409: x", 409, false},
		{"no leader", 500, `{"error_code":50004,"message":"x"}`, "the schema registry answers 50004: x", 50004, true},
		{"a proxy's page", 502, `<html>`, "the schema registry answers 502: Bad Gateway", 502, true},
		{"too many", 429, ``, "the schema registry answers 429: Too Many Requests", 429, true},
		{"not implemented", 501, ``, "the schema registry answers 501: Not Implemented", 501, false},
		{"unauthorized", 401, `{"message":"Unauthorized"}`, "the schema registry answers 401: Unauthorized", 401, false},
		{"redirect to nowhere", 304, ``, "the schema registry answers 304: Not Modified", 304, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			n := serve(t, c.status, c.answer)
			_, err := connect(t, client.Config{URLs: []string{n.URL}, Retries: -1}).SchemaByID(t.Context(), 1)
			var e *client.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if e.Error() != c.want || e.Status != c.status || e.Code != c.code {
				t.Errorf("got %q, status %d, code %d", e, e.Status, e.Code)
			}
			if client.Retriable(fmt.Errorf("asking: %w", err)) != c.retriable {
				t.Errorf("retriable: %v", !c.retriable)
			}
		})
	}
	t.Run("not JSON", func(t *testing.T) {
		n := serve(t, 200, `<html>`)
		_, err := connect(t, client.Config{URLs: []string{n.URL}}).SchemaByID(t.Context(), 1)
		var syntax *json.SyntaxError
		if !errors.As(err, &syntax) || client.Retriable(err) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no id", func(t *testing.T) {
		n := serve(t, 200, `{}`)
		if _, err := connect(t, client.Config{URLs: []string{n.URL}}).Register(t.Context(), "s", client.Schema{}, false); err == nil {
			t.Error("no error")
		}
	})
}

func TestNodes(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	starting := serve(t, 503, "")
	up := serve(t, 200, `[1]`)
	c := connect(t, client.Config{URLs: []string{down.URL, starting.URL, up.URL}})
	for range 3 {
		if _, err := c.Versions(t.Context(), "s"); err != nil {
			t.Fatal(err)
		}
	}
	if len(starting.requests) != 1 || len(up.requests) != 3 {
		t.Errorf("%d requests to the node that is starting, %d to the one that is up", len(starting.requests), len(up.requests))
	}

	missing := serve(t, 404, `{"error_code":40401,"message":"m"}`)
	if _, err := connect(t, client.Config{URLs: []string{missing.URL, up.URL}}).Versions(t.Context(), "s"); err == nil {
		t.Error("an answer was not taken for one")
	}
	if len(missing.requests) != 1 || len(up.requests) != 3 {
		t.Error("a second node was asked after an answer")
	}

	_, err := connect(t, client.Config{URLs: []string{starting.URL, down.URL}, Retries: -1}).Versions(t.Context(), "s")
	if !client.Retriable(err) {
		t.Errorf("got %v", err)
	}
}

func TestTime(t *testing.T) {
	var asked atomic.Int32
	stuck := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		<-r.Context().Done()
	}))
	defer stuck.Close()
	_, err := connect(t, client.Config{URLs: []string{stuck.URL, stuck.URL}, Timeout: 20 * time.Millisecond, Retries: -1}).Versions(t.Context(), "s")
	if !errors.Is(err, context.DeadlineExceeded) || !client.Retriable(err) || asked.Load() != 2 {
		t.Errorf("got %v after %d requests", err, asked.Load())
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	asked.Store(0)
	_, err = connect(t, client.Config{URLs: []string{stuck.URL, stuck.URL}}).Versions(ctx, "s")
	if !errors.Is(err, context.Canceled) || client.Retriable(err) || asked.Load() != 1 {
		t.Errorf("got %v after %d requests", err, asked.Load())
	}
}

func TestCredentials(t *testing.T) {
	n := serve(t, 200, `[1]`)
	host := strings.TrimPrefix(n.URL, "http://")
	for _, c := range []struct {
		name string
		cfg  client.Config
		want string
	}{
		{"none", client.Config{URLs: []string{n.URL}}, ""},
		{"user and password", client.Config{URLs: []string{n.URL}, Username: "u", Password: "p"}, "Basic dTpw"},
		{"in the URL", client.Config{URLs: []string{"http://u:p%40s@" + host}, Username: "x"}, "Basic dTpwQHM="},
		{"token", client.Config{URLs: []string{n.URL}, Username: "u", BearerToken: "tok"}, "Bearer tok"},
		{"header", client.Config{URLs: []string{n.URL}, Headers: map[string]string{"Authorization": "Custom x"}}, "Custom x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n.headers = nil
			if _, err := connect(t, c.cfg).Versions(t.Context(), "s"); err != nil {
				t.Fatal(err)
			}
			if got := n.headers[0].Get("Authorization"); got != c.want {
				t.Errorf("got %q", got)
			}
			if got := n.headers[0].Get("Accept"); got != "application/vnd.schemaregistry.v1+json" {
				t.Errorf("Accept: %q", got)
			}
		})
	}
}

func TestSecretsStayOut(t *testing.T) {
	down := httptest.NewServer(nil)
	down.Close()
	host := strings.TrimPrefix(down.URL, "http://")
	_, err := connect(t, client.Config{URLs: []string{"http://user:hunter2@" + host}, BearerToken: "hunter2"}).Versions(t.Context(), "s")
	if err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "user") {
		t.Errorf("got %v", err)
	}
	for _, url := range []string{"http://user:hunter2@ho st", "user:hunter2@host:1", "://hunter2", "ftp://hunter2", "", "http://h?hunter2", "http://h#hunter2"} {
		if _, err := client.New(client.Config{URLs: []string{url}}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("New(%q): %v", url, err)
		}
	}
	if _, err := client.New(client.Config{}); err == nil {
		t.Error("no URL is no error")
	}
}

func TestTLS(t *testing.T) {
	n := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `[1]`) }))
	defer n.Close()
	n.Config.ErrorLog = nil
	if _, err := connect(t, client.Config{URLs: []string{n.URL}}).Versions(t.Context(), "s"); err == nil || client.Retriable(err) {
		t.Errorf("an unknown certificate: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(n.Certificate())
	if _, err := connect(t, client.Config{URLs: []string{n.URL}, TLS: &tls.Config{RootCAs: roots}}).Versions(t.Context(), "s"); err != nil {
		t.Error(err)
	}
	if _, err := connect(t, client.Config{URLs: []string{n.URL}, HTTPClient: n.Client()}).Versions(t.Context(), "s"); err != nil {
		t.Error(err)
	}
}
