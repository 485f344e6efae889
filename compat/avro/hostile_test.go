package avro

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/schema"
)

// records returns a union of n records, each with the fields that fields returns.
func records(n int, fields func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(map[bool]string{true: "[", false: ","}[i == 0])
		fmt.Fprintf(&b, `{"type":"record","name":"R%d","fields":[%s]}`, i, fields(i))
	}
	return b.String() + "]"
}

func list(n int, format string) string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf(format, i)
	}
	return strings.Join(out, ",")
}

// hostile holds documents that could cost much more than their size.
var hostile = map[string]string{
	"deep arrays":          strings.Repeat(`{"type":"array","items":`, 500) + `"int"` + strings.Repeat("}", 500),
	"too deep arrays":      strings.Repeat(`{"type":"array","items":`, 100_000) + `"int"` + strings.Repeat("}", 100_000),
	"deep brackets":        strings.Repeat(`[`, 1_000_000),
	"deep objects":         strings.Repeat(`{"a":`, 400_000),
	"deep records":         strings.Repeat(`{"type":"record","name":"R","fields":[{"name":"a","type":`, 1000) + `"int"`,
	"deep property":        `{"type":"string","p":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}`,
	"long doc":             `{"type":"record","name":"R","doc":"` + strings.Repeat("é", 1<<20) + `","fields":[]}`,
	"long name":            `{"type":"record","name":"` + strings.Repeat("n", 2<<20) + `","fields":[]}`,
	"many fields":          `{"type":"record","name":"R","fields":[` + list(10_000, `{"name":"f%d","type":["null","long"],"default":null}`) + `]}`,
	"many fields, aliases": `{"type":"record","name":"R","fields":[` + list(10_000, `{"name":"f%[1]d","type":"int","aliases":["a%[1]d","b%[1]d"]}`) + `]}`,
	"many aliases":         `{"type":"record","name":"R","aliases":[` + list(200_000, `"a%d"`) + `],"fields":[]}`,
	"many symbols":         `{"type":"enum","name":"E","symbols":[` + list(200_000, `"S%d"`) + `]}`,
	"many properties":      `{"type":"string",` + list(100_000, `"p%d":1`) + `}`,
	"many members":         `{"type":"string","p":{` + list(100_000, `"p%d":1`) + `}}`,
	"many equal members":   `{"type":"string",` + strings.Repeat(`"p":1,`, 200_000) + `"p":2}`,
	"many branches":        "[" + list(50_000, `{"type":"fixed","name":"F%d","size":1}`) + "]",
	"many records":         records(20_000, func(i int) string { return fmt.Sprintf(`{"name":"n","type":"R%d"}`, max(0, i-1)) }),
	"chain of records": records(10_000, func(i int) string {
		return fmt.Sprintf(`{"name":"n","type":"R%d"},{"name":"p","type":"R%d"}`, min(9_999, i+1), max(0, i-1))
	}),
	"complete graph": records(200, func(int) string { return list(200, `{"name":"f%[1]d","type":["null","R%[1]d"]}`) }),
	"walks within walks": records(20_000, func(i int) string {
		if i == 0 {
			return list(20_000, `{"name":"f%[1]d","type":"R%[1]d"}`)
		}
		return fmt.Sprintf(`{"name":"a","type":"R%d"}`, i-1)
	}),
	"large default": `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[` + list(20_000, `{"name":"f%d","type":"int"}`) +
		`]},"default":{` + list(20_000, `"f%d":1`) + `}}]}`,
	"many empty defaults": `[{"type":"record","name":"S","fields":[` + list(10_000, `{"name":"f%d","type":"int","default":1}`) +
		`]},{"type":"record","name":"R","fields":[` + list(10_000, `{"name":"g%d","type":"S","default":{}}`) + `]}]`,
	"nested defaults": records(20, func(i int) string {
		ref := fmt.Sprintf(`"R%d"`, max(0, i-1))
		if i == 0 {
			ref = `"int"`
		}
		return fmt.Sprintf(`{"name":"a","type":[%[1]s,"null"]},{"name":"b","type":{"type":"array","items":%[1]s},"default":[]}`, ref)
	}),
	"default that branches": `{"type":"record","name":"R","fields":[{"name":"a","type":{"type":"record","name":"S","fields":[{"name":"x","type":["null","S"]},{"name":"y","type":["null","S"]}]},"default":` +
		strings.Repeat(`{"x":null,"y":`, 200) + `1` + strings.Repeat("}", 200) + `}]}`,
	"long number": `{"type":"string","p":` + strings.Repeat("9", 1<<20) + `}`,
	"comments":    strings.Repeat("/* */", 400_000) + `"int"`,
	"blank":       strings.Repeat(" \n", 1<<20),
	"garbage":     strings.Repeat("\xff\x00{", 1<<19),
}

// TestHostile holds that every hostile document is answered soon, in bounded memory, and that what is accepted can be printed,
// normalised and compared.
func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
			if err == nil {
				_ = s.Normalized()
				_ = s.SHA256()
				if findings := s.CanRead(mustParse(t, text)); len(findings) > 0 && findings[0].Rule != NotComparable {
					t.Errorf("it cannot read itself: %v", findings[0])
				}
			} else if len(err.Error()) > 30_000 {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 1000 {
				t.Errorf("allocated %d MB", used)
			}
		})
	}
}

// TestHostilePairs holds that comparisons end.
func TestHostilePairs(t *testing.T) {
	for name, c := range map[string]struct{ reader, writer string }{
		"no branch fits": {
			"[" + list(3000, `{"type":"record","name":"A%d","fields":[]}`) + "]", "[" + list(3000, `{"type":"record","name":"B%d","fields":[]}`) + "]",
		},
		"every field is missing": {hostile["many fields, aliases"], `{"type":"record","name":"R","fields":[]}`},
		"every name is wrong": {
			`{"type":"record","name":"R","fields":[` + list(5000, `{"name":"f%[1]d","type":{"type":"record","name":"A%[1]d","fields":[]}}`) + `]}`,
			`{"type":"record","name":"R","fields":[` + list(5000, `{"name":"f%[1]d","type":{"type":"record","name":"B%[1]d","fields":[]}}`) + `]}`,
		},
		"findings that are met again": {
			records(60, func(i int) string {
				return list(60, `{"name":"f%[1]d","type":"R%[1]d"}`) + fmt.Sprintf(`,{"name":"x%d","type":"int"}`, i)
			}),
			records(60, func(int) string { return list(60, `{"name":"f%[1]d","type":"R%[1]d"}`) }),
		},
		"other records in a union of unions": {
			records(100, func(int) string { return `{"name":"u","type":[` + list(100, `"R%d"`) + `]},{"name":"z","type":"int"}` }),
			records(100, func(int) string { return `{"name":"u","type":[` + list(100, `"R%d"`) + `]}` }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			reader, writer := mustParse(t, c.reader), mustParse(t, c.writer)
			start := time.Now()
			findings := reader.CanRead(writer)
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if len(findings) == 0 || len(findings) > maxFindings {
				t.Errorf("%d findings", len(findings))
			}
		})
	}
}

// endless refers to another document from each.
type endless struct{}

func (endless) Resolve(r schema.Reference) (schema.Document, error) {
	next := schema.Reference{Name: r.Name + "x", Subject: r.Subject, Version: r.Version + 1}
	return schema.Document{Text: `"int"`, References: []schema.Reference{next}}, nil
}

// circle refers to the document itself.
type circle struct{}

func (circle) Resolve(r schema.Reference) (schema.Document, error) {
	return schema.Document{Text: `{"type":"fixed","name":"F","size":1}`, References: []schema.Reference{r}}, nil
}

func TestReferences(t *testing.T) {
	use := schema.Document{Text: `["null","F"]`, References: []schema.Reference{{Name: "F", Subject: "f", Version: 1}}}
	if _, err := Parse(use, endless{}, schema.Options{}); err == nil || !strings.Contains(err.Error(), "nest deeper") {
		t.Errorf("endless references: %v", err)
	}
	s, err := Parse(use, circle{}, schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "text", s.Canonical(), `["null","F"]`)
	equal(t, "resolved", s.Resolved(), `["null",{"type":"fixed","name":"F","size":1}]`)
	if _, err := Parse(use, nil, schema.Options{}); !errors.Is(err, errNoResolver) {
		t.Errorf("no resolver: %v", err)
	}
	if _, err := Parse(use, documents{}, schema.Options{}); err == nil || !strings.Contains(err.Error(), `resolving reference "F": no f/1`) {
		t.Errorf("a missing document: %v", err)
	}
	broken := documents{"f/1": {Text: `{"type":"fixed"}`}}
	if _, err := Parse(use, broken, schema.Options{}); err == nil || !strings.HasPrefix(err.Error(), `parsing reference "F": `) {
		t.Errorf("a broken document: %v", err)
	}
}
