package compat_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/linkedin/goavro/v2"
	twmb "github.com/twmb/avro"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
)

// agreePairs is how many pairs of schemas each of the agreement tests judges, and agreeData how many data each pair is tried on.
const (
	agreePairs = 1500
	agreeData  = 4
)

// TestAvroEncodersAgree holds the verdict of BACKWARD beside what two codecs do with the data: data that goavro writes with the
// old schema is read by twmb/avro with the new one where it is compatible, with the values that were written, and mostly is not
// where it is not.
func TestAvroEncodersAgree(t *testing.T) {
	g := avroGenerator{Rand: rand.New(rand.NewPCG(4, 1))}
	compatible, tally := 0, map[string][2]int{} // by rule: pairs that no codec reads, of all
	for range agreePairs {
		old := g.record(0)
		candidate, changes := g.mutate(old)
		writerText, readerText := old.text(), candidate.text()
		findings := compat.Judge(compat.Backward, parseAvro(t, readerText), []compat.Previous{{Version: 1, Schema: parseAvro(t, writerText)}}).Backward
		fault := g.exchange(t, old, candidate)
		if len(findings) == 0 {
			compatible++
			if fault != nil {
				t.Errorf("compatible after %s, and yet: %v\n\told %s\n\tnew %s", changes, fault, writerText, readerText)
			}
			continue
		}
		for _, rule := range rules(findings) {
			n := tally[rule]
			if n[1]++; fault != nil {
				n[0]++
			}
			tally[rule] = n
		}
	}
	t.Logf("%d of %d pairs are compatible", compatible, agreePairs)
	if compatible < agreePairs/4 || compatible > agreePairs*3/4 {
		t.Errorf("%d of %d pairs are compatible: too lopsided to show anything", compatible, agreePairs)
	}
	// Two leniencies of twmb/avro keep the shares below 100%: a nullable field without a default is read as null, and an alias
	// matches a name of another namespace. Java has neither.
	holdTally(t, tally, map[string]int{
		avro.NameMismatch: 95, avro.FixedSizeMismatch: 95, avro.MissingEnumSymbols: 95, avro.TypeMismatch: 95, avro.MissingUnionBranch: 95,
		avro.ReaderFieldMissingDefault: 80,
	})
}

// holdTally logs, rule by rule, how often incompatible data really was unreadable, and fails below the percentages of floors and
// for a rule among them that no pair breaks.
func holdTally(t *testing.T, tally map[string][2]int, floors map[string]int) {
	t.Helper()
	for rule := range floors {
		if tally[rule][1] == 0 {
			t.Errorf("no pair breaks %s", rule)
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(tally)) {
		n := tally[rule]
		t.Logf("%-40s %4d pairs, data unreadable in %d%%", rule, n[1], 100*n[0]/n[1])
		if 100*n[0] < floors[rule]*n[1] {
			t.Errorf("%s: only %d of %d pairs make data unreadable", rule, n[0], n[1])
		}
	}
}

// rules returns the rules of findings, each once.
func rules(findings []schema.Difference) []string {
	var out []string
	for _, d := range findings {
		if !slices.Contains(out, d.Rule) {
			out = append(out, d.Rule)
		}
	}
	return out
}

func parseAvro(t testing.TB, text string) *avro.Schema {
	t.Helper()
	s, err := avro.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}

// exchange writes data with the old schema and reads it with the new one; nil when all of it is read.
func (g *avroGenerator) exchange(t *testing.T, old, candidate *avroType) error {
	t.Helper()
	codec, err := goavro.NewCodec(old.text())
	if err != nil {
		t.Fatalf("goavro: %v: %s", err, old.text())
	}
	writer, err := twmb.Parse(old.text())
	if err != nil {
		t.Fatalf("twmb/avro: %v: %s", err, old.text())
	}
	reader, err := twmb.Parse(candidate.text())
	if err != nil {
		t.Fatalf("twmb/avro: %v: %s", err, candidate.text())
	}
	resolved, err := twmb.Resolve(writer, reader)
	if err != nil {
		return fmt.Errorf("resolving: %w", err)
	}
	for range agreeData {
		data, err := codec.BinaryFromNative(nil, g.datum(old, old, 0))
		if err != nil {
			t.Fatalf("goavro: %v: %s", err, old.text())
		}
		var written, read map[string]any
		if rest, err := writer.Decode(data, &written); err != nil || len(rest) > 0 {
			t.Fatalf("twmb/avro does not read what goavro writes: %v: %s", err, old.text())
		}
		rest, err := resolved.Decode(data, &read)
		if err != nil {
			return fmt.Errorf("reading %v: %w", written, err)
		}
		if len(rest) > 0 {
			return fmt.Errorf("%d bytes are left of %v", len(rest), written)
		}
		if err := unchanged(old, candidate, written, read); err != nil {
			return err
		}
	}
	return nil
}

// unchanged holds that a record has the reader's fields, and in those that are as before the values that were written.
func unchanged(old, candidate *avroType, written, read map[string]any) error {
	if len(read) != len(candidate.fields) {
		return fmt.Errorf("%v has not the fields of the new schema", read)
	}
	for _, f := range candidate.fields {
		got, ok := read[f.name]
		if !ok {
			return fmt.Errorf("%v has no field %q", read, f.name)
		}
		was := slices.IndexFunc(old.fields, func(o *avroField) bool { return o.name == f.name })
		if was < 0 || old.fields[was].typ.text() != f.typ.text() || f.typ.contains("self") {
			continue
		}
		if want := written[f.name]; !reflect.DeepEqual(got, want) {
			return fmt.Errorf("field %q was written as %v and read as %v", f.name, want, got)
		}
	}
	return nil
}
