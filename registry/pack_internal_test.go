package registry

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// avroText is a record as registries hold many of.
func avroText(r *rand.Rand, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `{"type":"record","name":"Event%d","namespace":"com.example.team%d","fields":[`, n, n%50)
	for i := range 3 + r.IntN(40) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"field_%d","type":%s,"doc":"the \"value\" of %d"}`, r.IntN(1000), []string{`"string"`, `["null","long"]`, `"boolean"`}[r.IntN(3)], r.IntN(100))
	}
	return b.String() + `]}`
}

// TestPacker packs from many goroutines, across several dictionaries, and unpacks all at the end.
func TestPacker(t *testing.T) {
	p := new(packer)
	const writers, each = 4, 1500
	texts, bodies := make([][]string, writers), make([][]*body, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 5))
			for i := range each {
				s := avroText(r, w*each+i)
				switch i % 50 {
				case 1:
					s = `"int"`
				case 2:
					s = ""
				case 3:
					s = string(randomBytes(r, 3000))
				case 4:
					s = strings.Repeat("日本\x00😀\"\\", r.IntN(300))
				}
				texts[w] = append(texts[w], s)
				bodies[w] = append(bodies[w], p.body(&Content{Type: schema.Avro, Text: s}))
			}
		})
	}
	wg.Wait()
	raw, packed := 0, 0
	for w := range writers {
		for i, b := range bodies[w] {
			want := strings.ToValidUTF8(texts[w][i], "\uFFFD")
			if got := b.text(); got != want && !strings.Contains(want, "\uFFFD") {
				t.Fatalf("text %d of %d came back as %.80q, want %.80q", i, w, got, want)
			}
			if i%50 != 3 && !b.is(texts[w][i]) || b.is(texts[w][i]+" ") {
				t.Fatalf("text %d of %d is not told from another", i, w)
			}
			raw, packed = raw+len(want), packed+len(b.packed)
		}
	}
	if len(p.dicts) < 2 {
		t.Errorf("%d dictionaries were made", len(p.dicts))
	}
	if raw < 4*packed {
		t.Errorf("%d bytes are packed into %d", raw, packed)
	}
	t.Logf("%d bytes in %d, by %d dictionaries", raw, packed, len(p.dicts))
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, r.IntN(n))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func BenchmarkUnpack(b *testing.B) {
	p := new(packer)
	r := rand.New(rand.NewPCG(1, 6))
	var bodies []*body
	size := 0
	for i := range 2000 {
		s := avroText(r, i)
		size += len(s)
		bodies = append(bodies, p.body(&Content{Type: schema.Avro, Text: s}))
	}
	b.SetBytes(int64(size / len(bodies)))
	b.ReportAllocs()
	var buf []byte
	for i := 0; b.Loop(); i++ {
		buf = bodies[i%len(bodies)].appendText(buf[:0])
	}
}
