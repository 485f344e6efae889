package json

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/convert/converttest"
)

// TestLiteralsAreMerged holds the plan of an envelope: a step a value that rows have, and nothing between two of them.
func TestLiteralsAreMerged(t *testing.T) {
	s, _ := converttest.Envelope()
	e, err := compile(s, Options{Schemaless: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(e.root.lit) != 0 || len(e.root.steps) != 7 || string(e.tail) != "}" {
		t.Fatalf("%d steps, %q before, %q after", len(e.root.steps), e.root.lit, e.tail)
	}
	source, op := e.root.steps[2], e.root.steps[3]
	if len(source.steps) != 8 || len(source.lit)+len(source.tail) != 0 {
		t.Errorf("the source block has %d steps", len(source.steps))
	}
	if got := string(source.steps[0].lit); got != `,"source":{"version":"3.6.1.Final","connector":"postgresql","name":"shop","ts_ms":` {
		t.Errorf("before the first value of the source block: %s", got)
	}
	if got := string(op.lit); got != `,"origin":null,"origin_lsn":null},"transaction":null,"op":` {
		t.Errorf("before op: %s", got)
	}
	withSchema, err := compile(s, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(withSchema.root.steps[0].lit); !strings.HasPrefix(got, `{"schema":{"type":"struct"`) || !strings.HasSuffix(got, `},"payload":{"before":`) {
		t.Errorf("before the first value: %s", got)
	}
}
