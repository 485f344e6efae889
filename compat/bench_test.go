package compat_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// table is version n of a table of 100 columns in a language: 80 of them stay, and every version adds one and drops the oldest.
// Each version reads the data of all others.
type table struct {
	format schema.Format
	text   func(n int) string
}

const (
	staying = 80
	passing = 20
)

// columns calls each with the place and the number of the columns of version n.
func columns(n int, each func(i, number int)) {
	for i := range staying {
		each(i, i)
	}
	for i := range passing {
		each(staying+i, staying+n+i)
	}
}

var tables = map[string]table{
	"avro": {avro.Format{}, func(n int) string {
		var fields []string
		columns(n, func(_, c int) {
			kind := [...]string{`"long"`, `"string"`, `{"type":"bytes","logicalType":"decimal","precision":18,"scale":2}`, `{"type":"long","connect.version":1,"connect.name":"io.debezium.time.MicroTimestamp"}`, `"boolean"`}[c%5]
			fields = append(fields, fmt.Sprintf(`{"name":"column_%d","type":["null",%s],"default":null}`, c, kind))
		})
		return `{"type":"record","name":"Value","namespace":"shop.public.orders","fields":[` + strings.Join(fields, ",") + `]}`
	}},
	"json": {jsonschema.Format{}, func(n int) string {
		var fields []string
		columns(n, func(i, c int) {
			rule := fmt.Sprintf(`{"oneOf":[{"type":"null"},{"type":%q}]}`, [...]string{"integer", "string", "number", "boolean"}[c%4])
			if i >= staying { // an open content model takes no other property more
				rule = "{}"
			}
			fields = append(fields, fmt.Sprintf(`"column_%d":%s`, c, rule))
		})
		return `{"type":"object","title":"Value","properties":{` + strings.Join(fields, ",") + `}}`
	}},
	"protobuf": {protobuf.Format{}, func(n int) string {
		var b strings.Builder
		b.WriteString("syntax = \"proto3\";\npackage shop.orders;\nimport \"google/protobuf/timestamp.proto\";\nmessage Value {\n")
		columns(n, func(_, c int) {
			fmt.Fprintf(&b, "  optional %s column_%d = %d;\n", [...]string{"int64", "string", "bytes", "google.protobuf.Timestamp", "bool"}[c%5], c, c+1)
		})
		return b.String() + "}\n"
	}},
}

var languages = []string{"avro", "json", "protobuf"}

// versionsOf returns n versions of a language's table, oldest first.
func versionsOf(t testing.TB, language string, n int) []compat.Previous {
	t.Helper()
	out := make([]compat.Previous, n)
	for i := range out {
		s, err := tables[language].format.Parse(schema.Document{Text: tables[language].text(i)}, nil, schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		out[i] = compat.Previous{Version: i + 1, Schema: s}
	}
	return out
}

// BenchmarkParse reads a schema of 100 fields.
func BenchmarkParse(b *testing.B) {
	for _, language := range languages {
		b.Run(language, func(b *testing.B) {
			table := tables[language]
			text := table.text(0)
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.format.Parse(schema.Document{Text: text}, nil, schema.Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCheck compares two versions of 100 fields.
func BenchmarkCheck(b *testing.B) { benchmarkCheck(b, compat.Backward, 1) }

// BenchmarkCheckTransitive compares a version of 100 fields with the 500 before it.
func BenchmarkCheckTransitive(b *testing.B) { benchmarkCheck(b, compat.BackwardTransitive, 500) }

func benchmarkCheck(b *testing.B, level compat.Level, n int) {
	for _, language := range languages {
		b.Run(language, func(b *testing.B) {
			all := versionsOf(b, language, n+1)
			b.ReportAllocs()
			for b.Loop() {
				if v := compat.Judge(level, all[n].Schema, all[:n]); !v.Compatible() {
					b.Fatal(v.Lines()[0])
				}
			}
		})
	}
}

// TestTransitiveCheckParsesNothing holds that a check of many versions reads no text again: it makes fewer allocations than that.
func TestTransitiveCheckParsesNothing(t *testing.T) {
	const n = 20
	for _, language := range languages {
		all := versionsOf(t, language, n+1)
		parsing := testing.AllocsPerRun(2, func() { versionsOf(t, language, n) })
		checking := testing.AllocsPerRun(2, func() {
			if v := compat.Judge(compat.BackwardTransitive, all[n].Schema, all[:n]); !v.Compatible() {
				t.Fatal(v.Lines()[0])
			}
		})
		t.Logf("%s: %.0f allocations a check, %.0f a parse", language, checking/n, parsing/n)
		if checking > parsing/2 {
			t.Errorf("%s: checking %d versions makes %.0f allocations, parsing them %.0f", language, n, checking, parsing)
		}
	}
}
