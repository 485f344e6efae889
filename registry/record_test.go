package registry

import (
	"bufio"
	"encoding/json"
	"log/slog"
	"os"
	"strings"
	"testing"
)

// topic returns the records of a _schemas topic that Confluent's registry wrote.
func topic(t testing.TB) []Record {
	t.Helper()
	f, err := os.Open("testdata/topic.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var recs []Record
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		var line struct {
			Key   string
			Value *string
			TS    int64
		}
		if err := json.Unmarshal(sc.Bytes(), &line); err != nil {
			t.Fatal(err)
		}
		r := Record{Key: []byte(line.Key), Time: line.TS}
		if line.Value != nil {
			r.Value = []byte(*line.Value)
		}
		recs = append(recs, r)
	}
	if len(recs) == 0 || sc.Err() != nil {
		t.Fatalf("%d records: %v", len(recs), sc.Err())
	}
	return recs
}

// TestRecordsAreConfluents reads every record of a real topic and writes it again: keys and values must be the same bytes.
func TestRecordsAreConfluents(t *testing.T) {
	kinds := map[string]int{}
	for i, want := range topic(t) {
		var k recordKey
		if err := decode(want.Key, &k); err != nil {
			t.Fatalf("record %d: %v", i, err)
		}
		kinds[k.Type]++
		if got := string(k.append(nil)); got != string(want.Key) {
			t.Errorf("record %d: key %s, want %s", i, got, want.Key)
		}
		if want.Value == nil {
			continue
		}
		got := rewrite(t, k, want.Value)
		if string(got.Key) != string(want.Key) || string(got.Value) != string(want.Value) {
			t.Errorf("record %d: %s\n got %s\nwant %s", i, got.Key, got.Value, want.Value)
		}
	}
	for _, k := range []string{keySchema, keyConfig, keyMode, keyDeleteSubject, keyClearSubject, keyContext, keyNoop} {
		if kinds[k] == 0 {
			t.Errorf("the topic has no %s record", k)
		}
	}
}

func rewrite(t *testing.T, k recordKey, value []byte) Record {
	t.Helper()
	read := func(v any) {
		if err := decode(value, v); err != nil {
			t.Fatal(err)
		}
	}
	switch k.Type {
	case keySchema:
		var v schemaValue
		read(&v)
		return schemaRecord(v.Subject, v.Version, v.ID, &Content{Type: v.Type, Text: v.Text, References: v.References, Metadata: v.Metadata.sorted(), RuleSet: v.RuleSet.normal()}, v.Deleted)
	case keyConfig:
		var c Config
		read(&c)
		return configRecord(k.Subject, &c)
	case keyMode:
		var v struct{ Mode string }
		read(&v)
		return modeRecord(k.Subject, v.Mode)
	case keyDeleteSubject:
		var v struct{ Version int }
		read(&v)
		return deleteSubjectRecord(k.Subject, v.Version)
	case keyClearSubject:
		return clearSubjectRecord(k.Subject)
	case keyContext:
		return contextRecord(k.Context)
	}
	t.Fatalf("no value is known for %s", k.Type)
	return Record{}
}

// TestReplaySkipsNonsense applies what no registry would write: nothing may panic, and what is sound must count.
func TestReplaySkipsNonsense(t *testing.T) {
	var logged strings.Builder
	s := newState(slog.New(slog.NewTextHandler(&logged, nil)))
	for i, kv := range [][2]string{
		{`{`, `{}`}, {``, ``}, {`null`, `null`}, {`[]`, `[]`}, {`{"keytype":"STRANGE"}`, `{}`}, {`{"keytype":"SCHEMA"}`, `{`},
		{`{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, `{"subject":"s","version":0,"id":1,"schema":"\"int\""}`},
		{`{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, `{"subject":"s","version":1,"id":-1,"schema":"\"int\""}`},
		{`{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, `{"subject":"s","version":1,"id":"x","schema":"\"int\""}`},
		{`{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}`, `{"subject":"s","version":1,"id":1,"schema":"\"int\"","deleted":false}`},
		{`{"keytype":"SCHEMA","subject":"t","version":1,"magic":1}`, `{"subject":"t","version":1,"id":1,"schema":"\"long\"","deleted":false}`}, // the id is taken
		{`{"keytype":"CONFIG","subject":null,"magic":0}`, `{"compatibilityLevel":"full"}`},                                                     // as old releases write it
		{`{"keytype":"CONFIG","subject":"s","magic":0}`, `{"compatibilityLevel":"STRANGE"}`},
		{`{"keytype":"DELETE_SUBJECT","subject":"gone","magic":0}`, `{"subject":"gone","version":3}`},
		{`{"keytype":"DELETE_SUBJECT","subject":"gone","magic":0}`, `{"subject":`},
		{`{"keytype":"CLEAR_SUBJECT","subject":"gone","magic":0}`, `{"subject":"gone"}`},
		{`{"keytype":"MODE","subject":"s","magic":0}`, `7`},
		{`{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}`, `{"tenant":"default","context":".c"}`},
	} {
		s.apply(int64(i), Record{Key: []byte(kv[0]), Value: []byte(kv[1])})
	}
	for i, k := range []string{
		`{"keytype":"SCHEMA","subject":"gone","version":9,"magic":1}`, `{"keytype":"SCHEMA","subject":":.none:gone","version":9,"magic":1}`,
		`{"keytype":"MODE","magic":0}`, `{"keytype":"CONFIG","subject":"none","magic":0}`, `{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}`,
		`{"keytype":"CLEAR_SUBJECT","subject":"s","magic":0}`, `{"keytype":"CONTEXT","tenant":"default","context":".","magic":0}`,
	} {
		s.apply(int64(i), Record{Key: []byte(k)})
	}
	if s.names.Len() != 1 || s.subject("s").find(1) == nil || s.subject("s").find(1).body.typ != "AVRO" {
		t.Errorf("subjects %v", s.names)
	}
	if c := s.configInScope("other"); c.CompatibilityLevel != "FULL" {
		t.Errorf("level %s, want the old release's FULL", c.CompatibilityLevel)
	}
	if got := s.contextNames(); len(got) != 2 {
		t.Errorf("contexts %v", got)
	}
	if strings.Count(logged.String(), "skipping a record") < 9 || strings.Contains(logged.String(), "STRANGE") {
		t.Errorf("log:\n%s", logged.String())
	}
}

func FuzzApply(f *testing.F) {
	for _, r := range topic(f)[:60] {
		f.Add(r.Key, r.Value, false)
	}
	f.Fuzz(func(_ *testing.T, key, value []byte, twice bool) {
		s := newState(slog.New(slog.DiscardHandler))
		r := Record{Key: key, Value: value}
		s.apply(0, r)
		if twice {
			s.apply(1, r)
			s.apply(2, Record{Key: key})
		}
		s.names.Ascend(func(n string) bool {
			s.configInScope(n)
			if _, err := s.get(n, Latest, true); err != nil {
				panic(err)
			}
			return true
		})
	})
}

func TestAppendJSON(t *testing.T) {
	for in, want := range map[string]string{
		"":                   `""`,
		"a\"\\/b":            `"a\"\\/b"`,
		"\b\f\n\r\t\x00\x1f": `"\b\f\n\r\t\u0000\u001F"`,
		"日本é\u2028\x7f":      "\"日本é\u2028\x7f\"",
		"😀":                  `"\uD83D\uDE00"`,
		"a\xffb":             "\"a\uFFFDb\"",
	} {
		got := string(AppendJSON(nil, in))
		if got != want {
			t.Errorf("%q: %s, want %s", in, got, want)
		}
		var back string
		if err := json.Unmarshal([]byte(got), &back); err != nil || strings.ToValidUTF8(in, "\uFFFD") != back {
			t.Errorf("%q reads back as %q: %v", in, back, err)
		}
		if own := unquoteJSON([]byte(got)); own != back {
			t.Errorf("%q is unquoted to %q", got, own)
		}
	}
}
