package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	logicalavro "github.com/millrace/millrace/compat/logical/avro"
	"github.com/millrace/millrace/compat/schema"
)

func avroReader(t *testing.T, fields string) schema.Schema {
	t.Helper()
	s, err := avro.Parse(schema.Document{Text: `{"type":"record","name":"R","fields":[` + fields + `]}`}, nil, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	tree, err := logicalavro.From(s, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return Reader(s, tree)
}

// TestReader judges by level: what Avro finds comes first, what the tables' rules find second, what is compared with last.
func TestReader(t *testing.T) {
	old, candidate := avroReader(t, `{"name":"a","type":"int"}`), avroReader(t, `{"name":"a","type":"float"}, {"name":"b","type":"int"}`)
	rules := func(found []schema.Difference) (out []string) {
		for _, d := range found {
			out = append(out, d.Rule+" "+d.Path)
		}
		return out
	}
	v := compat.Judge(compat.Full, candidate, []compat.Previous{{Version: 1, Schema: old}})
	if diff := cmp.Diff([]string{"READER_FIELD_MISSING_DEFAULT_VALUE /fields/1", "UNSUPPORTED_TYPE_CHANGE a", "REQUIRED_FIELD_ADDED b"},
		rules(v.Backward)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"TYPE_MISMATCH /fields/0/type", "UNSUPPORTED_TYPE_CHANGE a", "FIELD_DELETED b"},
		rules(v.Forward)); diff != "" {
		t.Error(diff)
	}
	lines := v.Lines()
	if want := `{oldSchemaVersion: 1}`; len(lines) != 8 || lines[6] != want {
		t.Errorf("lines: %q", lines)
	}
	if got := candidate.CanRead(avroReader(t, `{"name":"a","type":"float"}, {"name":"b","type":"int"}`)); got != nil {
		t.Errorf("the same: %v", got)
	}
}

// TestReaderAlone is about writers that there is no tree of.
func TestReaderAlone(t *testing.T) {
	plain := parse(t, `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"gone","type":"int"}]}`)
	candidate := avroReader(t, `{"name":"a","type":"int"}`)
	for _, writer := range []schema.Schema{plain, Reader(plain, nil)} {
		if got := candidate.CanRead(writer); got != nil {
			t.Errorf("%v", got)
		}
		if got := Reader(plain, nil).CanRead(writer); got != nil {
			t.Errorf("%v", got)
		}
	}
}
