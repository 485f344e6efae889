package golden

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/linkedin/goavro/v2"
)

// free are the members that differ from run to run: clocks, positions, ids.
var free = regexp.MustCompile(`^(value\.(ts_ms|ts_us|ts_ns)|value\.source\.(ts_ms|ts_us|ts_ns|lsn|sequence|txId|xmin|version|origin_lsn))$`)

// difference is one place where Millrace and Debezium differ.
type difference struct{ variant, topic, path, theirs, ours string }

func (d difference) String() string {
	return fmt.Sprintf("%s %s %s: Debezium %.200s, Millrace %.200s", d.variant, d.topic, d.path, d.theirs, d.ours)
}

func TestRecordsAsDebezium(t *testing.T) {
	ours, subjects := produced(t)
	if dir := os.Getenv("MILLRACE_GOLDEN_OUT"); dir != "" {
		write(t, dir, ours)
	}
	used := map[int]int{}
	for _, variant := range slices.Sorted(maps.Keys(variants)) {
		t.Run(variant, func(t *testing.T) {
			total, same := 0, 0
			var all []difference
			theirs := byTopic(recording(t, variant))
			mine := byTopic(ours[variant])
			for _, topic := range slices.Sorted(maps.Keys(mine)) {
				if theirs[topic] == nil && !strings.HasPrefix(topic, "__") {
					all = append(all, difference{variant, topic, "topic", "absent", fmt.Sprintf("%d records", len(mine[topic]))})
				}
			}
			for _, topic := range slices.Sorted(maps.Keys(theirs)) {
				theirs[topic] = slices.DeleteFunc(theirs[topic], func(r rec) bool { return twice(variant, r) })
				a, b := ordered(t, variant, theirs[topic], false), ordered(t, variant, mine[topic], true)
				if len(a) != len(b) {
					all = append(all, difference{variant, topic, "records", fmt.Sprint(len(a)), fmt.Sprint(len(b))})
				}
				for i := range a {
					total++
					if i >= len(b) {
						continue
					}
					ds := compare(variant, topic, a[i], b[i])
					if len(ds) == 0 {
						same++
					}
					all = append(all, ds...)
				}
			}
			if variant == "avro" {
				all = append(all, registered(t, subjects)...)
			}
			unexplained := 0
			for _, d := range all {
				if r := reason(d); r >= 0 {
					used[r]++
					continue
				}
				if unexplained++; unexplained <= 40 {
					t.Error(d)
				}
			}
			t.Logf("%d of %d records equal, %d differences, %d without a reason", same, total, len(all), unexplained)
		})
	}
	for i, r := range reasons {
		t.Logf("%3d × %s", used[i], r.why)
	}
}

// twice reports whether a record is one that Debezium's snapshot gives a second time, under the name of a parent.
func twice(variant string, r rec) bool {
	return variant == "default" && (strings.HasSuffix(r.Topic, ".p_range") || strings.HasSuffix(r.Topic, ".i_parent") && strings.ReplaceAll(string(r.Key), " ", "") == `{"id":2}`)
}

func byTopic(rs []rec) map[string][]rec {
	out := map[string][]rec{}
	for _, r := range rs {
		out[r.Topic] = append(out[r.Topic], r)
	}
	return out
}

// item is a record made comparable.
type item struct {
	key, value any
	ks, vs     any
	headers    []string
	tombstone  bool
	snapshot   bool
	order      string
}

// ordered decodes records and puts those of the snapshot first, by key, for their order within a table is free.
func ordered(t *testing.T, variant string, rs []rec, mine bool) []item {
	out := make([]item, 0, len(rs))
	for _, r := range rs {
		it := item{ks: r.keySchema, vs: r.valueSchema, tombstone: r.Tombstone || string(r.Value) == "null" || r.Value == nil}
		it.key, it.value = value(t, variant, r.Key, mine), value(t, variant, r.Value, mine)
		for _, h := range r.Headers {
			if h[0] != "__debezium.context.runId" && h[0] != "__debezium.context.taskId" && h[0] != "__debezium.context.connectorName" {
				it.headers = append(it.headers, h[0]+"="+h[1])
			}
		}
		slices.Sort(it.headers)
		if v, ok := it.value.(map[string]any); ok && v["op"] == "r" {
			it.snapshot = true
			if src, ok := v["source"].(map[string]any); ok && src["snapshot"] != "incremental" {
				src["snapshot"] = "<snapshot>" // first and last follow the order of reading
			}
			key := it.key
			if key == nil {
				key = v["after"]
			}
			b, err := json.Marshal(key)
			if err != nil {
				t.Fatal(err)
			}
			it.order = string(b)
		}
		out = append(out, it)
	}
	slices.SortStableFunc(out, func(a, b item) int {
		switch {
		case a.snapshot && b.snapshot:
			return strings.Compare(a.order, b.order)
		case a.snapshot:
			return -1
		case b.snapshot:
			return 1
		}
		return 0
	})
	return out
}

// value decodes one part: JSON with its numbers as they stand, or an Avro frame by the schema that its id names.
func value(t *testing.T, variant string, b json.RawMessage, mine bool) any {
	if len(b) == 0 || string(b) == "null" {
		return nil
	}
	if variant == "avro" {
		id, datum := frame(b)
		schema := theirIDs(t)[id]
		if mine {
			schema = ourIDs[id]
		}
		codec, err := goavro.NewCodec(string(schema))
		if err != nil {
			t.Fatalf("schema %d: %v", id, err)
		}
		native, rest, err := codec.NativeFromBinary(datum)
		if err != nil || len(rest) > 0 {
			t.Fatalf("decoding a record of schema %d: %v, %d bytes left", id, err, len(rest))
		}
		if b, err = codec.TextualFromNative(nil, native); err != nil {
			t.Fatal(err)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("%v in %.200s", err, b)
	}
	return plain(v)
}

// plain takes the branch names off Avro's JSON unions and brings numbers to one form.
func plain(v any) any {
	switch x := v.(type) {
	case map[string]any:
		if len(x) == 1 {
			for k, y := range x {
				if k == "string" || k == "int" || k == "long" || k == "boolean" || k == "double" || k == "float" || k == "bytes" || k == "array" || k == "bytes.decimal" || strings.Contains(k, ".") && !strings.HasPrefix(k, "app.") {
					return plain(y)
				}
			}
		}
		for k, y := range x {
			x[k] = plain(y)
		}
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case json.Number:
		if f, err := x.Float64(); err == nil && strings.ContainsAny(x.String(), ".eE") {
			return f
		}
	}
	return v
}

// frame splits a hex part into schema id and datum.
func frame(b json.RawMessage) (int, []byte) {
	var h struct{ Hex string }
	if json.Unmarshal(b, &h) != nil {
		return 0, nil
	}
	raw, err := hex.DecodeString(h.Hex)
	if err != nil || len(raw) < 5 {
		return 0, nil
	}
	return int(raw[1])<<24 | int(raw[2])<<16 | int(raw[3])<<8 | int(raw[4]), raw[5:]
}

type registeredSchema struct {
	ID     int
	Schema json.RawMessage
}

func recordedSubjects(t *testing.T) map[string][]registeredSchema {
	b, err := os.ReadFile(filepath.Join("testdata", "postgres-avro.subjects.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out map[string][]registeredSchema
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func theirIDs(t *testing.T) map[int]json.RawMessage {
	out := map[int]json.RawMessage{}
	for _, s := range recordedSubjects(t) {
		for _, v := range s {
			out[v.ID] = v.Schema
		}
	}
	return out
}

// registered compares the schemas of each subject, version by version.
func registered(t *testing.T, ours map[string][]json.RawMessage) []difference {
	var out []difference
	theirs := recordedSubjects(t)
	for _, subject := range slices.Sorted(maps.Keys(theirs)) {
		a, b := theirs[subject], ours[subject]
		if len(a) != len(b) {
			out = append(out, difference{"avro", subject, "versions", fmt.Sprint(len(a)), fmt.Sprint(len(b))})
		}
		for i := range min(len(a), len(b)) {
			var x, y any
			if json.Unmarshal(a[i].Schema, &x) != nil || json.Unmarshal(b[i], &y) != nil {
				t.Fatalf("%s: a schema is not JSON", subject)
			}
			out = append(out, diffs("avro", subject, fmt.Sprintf("schema%d", i+1), x, y)...)
		}
	}
	for subject := range ours {
		if theirs[subject] == nil {
			out = append(out, difference{"avro", subject, "subject", "absent", "registered"})
		}
	}
	return out
}

func compare(variant, topic string, a, b item) []difference {
	out := diffs(variant, topic, "key", a.key, b.key)
	out = append(out, diffs(variant, topic, "value", a.value, b.value)...)
	if !slices.Equal(a.headers, b.headers) {
		out = append(out, difference{variant, topic, "headers", fmt.Sprint(a.headers), fmt.Sprint(b.headers)})
	}
	if a.tombstone != b.tombstone {
		out = append(out, difference{variant, topic, "tombstone", fmt.Sprint(a.tombstone), fmt.Sprint(b.tombstone)})
	}
	if variant != "avro" {
		out = append(out, diffs(variant, topic, "keySchema", a.ks, b.ks)...)
		out = append(out, diffs(variant, topic, "valueSchema", a.vs, b.vs)...)
	}
	return out
}

func diffs(variant, topic, path string, a, b any) []difference {
	if free.MatchString(path) {
		return nil
	}
	switch x := a.(type) {
	case map[string]any:
		if y, ok := b.(map[string]any); ok {
			keys := map[string]bool{}
			for k := range x {
				keys[k] = true
			}
			for k := range y {
				keys[k] = true
			}
			var out []difference
			for _, k := range slices.Sorted(maps.Keys(keys)) {
				u, inA := x[k]
				v, inB := y[k]
				if inA != inB {
					if !free.MatchString(path + "." + k) {
						out = append(out, difference{variant, topic, path + "." + k, show(u, inA), show(v, inB)})
					}
					continue
				}
				out = append(out, diffs(variant, topic, path+"."+k, u, v)...)
			}
			return out
		}
	case []any:
		if y, ok := b.([]any); ok && len(x) == len(y) {
			var out []difference
			for i := range x {
				name := fmt.Sprint(i)
				if m, ok := x[i].(map[string]any); ok {
					if f, ok := m["field"].(string); ok {
						name = f
					}
				}
				out = append(out, diffs(variant, topic, path+"."+name, x[i], y[i])...)
			}
			return out
		}
	}
	if show(a, true) == show(b, true) {
		return nil
	}
	return []difference{{variant, topic, path, show(a, true), show(b, true)}}
}

func show(v any, present bool) string {
	if !present {
		return "absent"
	}
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}

// write stores records in the recording's form, for judging by other means.
func write(t *testing.T, dir string, all map[string][]rec) {
	for variant, rs := range all {
		var lines, table bytes.Buffer
		schemas := map[string]any{}
		name := func(s any) any {
			if s == nil {
				return nil
			}
			b, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			id := fmt.Sprintf("%x", b)
			id = fmt.Sprintf("s%d-%s", len(b), id[max(0, len(id)-24):])
			for n := 0; ; n++ {
				k := fmt.Sprintf("%s-%d", id, n)
				if old, ok := schemas[k]; !ok || show(old, true) == string(b) {
					schemas[k] = s
					return k
				}
			}
		}
		slices.SortStableFunc(rs, func(a, b rec) int { return strings.Compare(a.Topic, b.Topic) })
		for _, r := range rs {
			r.KS, r.VS = name(r.keySchema), name(r.valueSchema)
			b, err := json.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(b, '\n'))
		}
		if err := json.NewEncoder(&table).Encode(schemas); err != nil {
			t.Fatal(err)
		}
		for file, b := range map[string][]byte{"postgres-" + variant + ".jsonl": lines.Bytes(), "postgres-" + variant + ".schemas.json": table.Bytes()} {
			if err := os.WriteFile(filepath.Join(dir, file), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
