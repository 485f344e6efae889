package registry

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// TestHotTexts holds that texts that are asked for again soon are kept, within bounds, and that asking for all in turn keeps none.
func TestHotTexts(t *testing.T) {
	p := new(packer)
	var bodies []*body
	for i := range 3 * hotSpan {
		text := fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"%s","type":"string"}]}`, i, strings.Repeat("field", 200))
		if b := p.body(&Content{Type: schema.Avro, Text: text}); b.dict != nil {
			bodies = append(bodies, b)
		}
	}
	if len(bodies) < 2*hotSpan {
		t.Fatalf("only %d texts were packed with a dictionary", len(bodies))
	}
	check := func(b *body) {
		t.Helper()
		if got := unquoteJSON(b.appendText(nil)); !strings.HasPrefix(got, `{"type":"record","name":"R`) || !strings.HasSuffix(got, `"type":"string"}]}`) {
			t.Fatalf("the text is %.100q", got)
		}
	}
	for range 2 {
		for _, b := range bodies {
			check(b)
		}
	}
	if len(p.hot.kept) > 0 {
		t.Errorf("%d texts are kept of those that were asked for in turn", len(p.hot.kept))
	}
	for group := range slices.Chunk(bodies, hotSpan/4) {
		for range 2 {
			for _, b := range group {
				check(b)
			}
		}
	}
	size, newest := 0, bodies[len(bodies)-1]
	for _, b := range p.hot.kept {
		size += len(*b.hot.Load())
	}
	if size != p.hot.size || size > mostHot || size < mostHot/2 {
		t.Errorf("%d bytes are kept and %d are counted, of %d", size, p.hot.size, mostHot)
	}
	if newest.hot.Load() == nil {
		t.Error("what was asked for last is not kept")
	}
	for _, b := range bodies {
		if kept := b.hot.Load() != nil; kept {
			size -= len(*b.hot.Load())
		}
	}
	if size != 0 {
		t.Errorf("%d bytes are of texts that nobody has", size)
	}
}
