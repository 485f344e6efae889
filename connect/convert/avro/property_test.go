package avro_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/avro"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/record"
)

// TestGoavroReadsRandomRows decodes rows of random schemas with an independent decoder and compares every value.
func TestGoavroReadsRandomRows(t *testing.T) {
	for seed := range uint64(400) {
		s, rows := converttest.Random(rand.New(rand.NewPCG(seed, 1)), 5)
		schema, err := avro.Schema(s, avro.Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		e, err := avro.New(avro.Options{Registry: &registry{}}).Encoder(t.Context(), "t", convert.Value, s)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var b record.Batch
		for i, row := range rows {
			out, err := e.Append(nil, &b, converttest.Cell(&b, s, row))
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			got := literal(t, s, decode(t, schema.Canonical(), out[5:]))
			if d := cmp.Diff(any(converttest.Expected(s, row)), got); d != "" {
				t.Fatalf("seed %d row %d: %s\n%s", seed, i, d, schema.Canonical())
			}
		}
	}
}
