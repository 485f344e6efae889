package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/rest"
)

// discard is a ResponseWriter that keeps the status alone.
type discard struct {
	h      http.Header
	status int
}

func (d *discard) Header() http.Header { return d.h }

func (d *discard) WriteHeader(status int) { d.status = status }

func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// wide returns a record of n fields, and more.
func wide(name string, n int, more string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"type":"record","name":%q,"namespace":"com.example","fields":[`, name)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"field_%d","type":%s}`, i, []string{`"string"`, `["null","long"]`, `{"type":"long","logicalType":"timestamp-millis"}`, `"boolean"`}[i%4])
	}
	return b.String() + more + `]}`
}

func BenchmarkHandler(b *testing.B) {
	reg, err := registry.Open(b.Context(), memlog.New(), registry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = reg.Close() })
	h := rest.Handler(reg, rest.Options{})
	body := func(text string) []byte {
		c, err := json.Marshal(map[string]string{"schema": text})
		if err != nil {
			b.Fatal(err)
		}
		return c
	}
	text := func(i int) string { return wide(fmt.Sprintf("R%d", i), 50, "") }
	do := func(method, path string, body []byte) int {
		r, err := http.NewRequestWithContext(b.Context(), method, path, bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		w := &discard{h: http.Header{}, status: 200}
		h.ServeHTTP(w, r)
		return w.status
	}
	var bodies, added [][]byte
	for i := range 100 {
		bodies = append(bodies, body(text(i)))
		added = append(added, body(wide(fmt.Sprintf("R%d", i), 50, `,{"name":"added","type":["null","string"],"default":null}`)))
		if s := do("POST", fmt.Sprintf("/subjects/s%d/versions", i), bodies[i]); s != 200 {
			b.Fatal(s)
		}
	}
	for _, bench := range []struct {
		name, method, path string
		body               func(i int) []byte
	}{
		{"ByID", "GET", "/schemas/ids/%d", func(int) []byte { return nil }},
		{"Latest", "GET", "/subjects/s%d/versions/latest", func(int) []byte { return nil }},
		{"Lookup", "POST", "/subjects/s%d", func(i int) []byte { return bodies[i%100] }},
		{"RegisterKnown", "POST", "/subjects/s%d/versions", func(i int) []byte { return bodies[i%100] }},
		{"Compatibility", "POST", "/compatibility/subjects/s%d/versions/latest", func(i int) []byte { return added[i%100] }},
		{"CompatibilityNew", "POST", "/compatibility/subjects/s%d/versions/latest", func(i int) []byte {
			return body(wide(fmt.Sprintf("R%d", i%100), 50, fmt.Sprintf(`,{"name":"added%d","type":["null","string"],"default":null}`, i)))
		}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if s := do(bench.method, fmt.Sprintf(bench.path, 1+i%99), bench.body(1+i%99+i/99*100)); s != 200 {
					b.Fatal(s)
				}
			}
		})
	}
}

func BenchmarkRegisterNew(b *testing.B) {
	reg, err := registry.Open(b.Context(), memlog.New(), registry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = reg.Close() })
	h := rest.Handler(reg, rest.Options{})
	b.ReportAllocs()
	var n atomic.Int64
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			c, err := json.Marshal(map[string]string{"schema": wide(fmt.Sprintf("R%d", i), 20, "")})
			if err != nil {
				b.Error(err)
				return
			}
			r, err := http.NewRequestWithContext(b.Context(), "POST", fmt.Sprintf("/subjects/s%d/versions", i), bytes.NewReader(c))
			if err != nil {
				b.Error(err)
				return
			}
			w := &discard{h: http.Header{}, status: 200}
			if h.ServeHTTP(w, r); w.status != 200 {
				b.Errorf("status %d", w.status)
				return
			}
		}
	})
}
