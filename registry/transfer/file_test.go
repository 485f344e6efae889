package transfer_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/transfer"
)

// small is a file with every kind of line.
func small(t testing.TB) string { return file(t, dump(t, store(t, takeover(t)))) }

func TestCompressed(t *testing.T) {
	text := small(t)
	for _, name := range []string{"b.jsonl", "b.gz", "b.zst"} {
		var b bytes.Buffer
		w, err := transfer.Compressed(&b, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := read(t, text).Write(w); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if name != "b.jsonl" && b.Len() > len(text)/3 {
			t.Errorf("%s has %d bytes for %d", name, b.Len(), len(text))
		}
		same(t, file(t, read(t, b.String())), text)
		for _, n := range []int{0, 1, 4, 20, b.Len() / 2, b.Len() - 1} {
			if _, err := transfer.Read(bytes.NewReader(b.Bytes()[:n])); err == nil {
				t.Errorf("the first %d of %d bytes of %s are taken for all", n, b.Len(), name)
			}
		}
	}
}

// TestDamage cuts lines off, leaves them out, doubles and changes them.
func TestDamage(t *testing.T) {
	lines := strings.SplitAfter(strings.TrimSuffix(small(t), "\n"), "\n")
	n := len(lines)
	for name, c := range map[string]struct{ text, says string }{
		"nothing":        {"", "cut off"},
		"no end":         {strings.Join(lines[:n-1], ""), "cut off"},
		"half an end":    {strings.Join(lines, ""), "cut off"},
		"header alone":   {lines[0], "cut off"},
		"a line less":    {strings.Join(lines[:9], "") + strings.Join(lines[10:], "") + "\n", "damaged"},
		"a line twice":   {strings.Join(lines[:9], "") + lines[8] + strings.Join(lines[9:], "") + "\n", "damaged"},
		"another id":     {strings.Replace(strings.Join(lines, ""), `"id":1,`, `"id":9,`, 1) + "\n", "damaged"},
		"more":           {strings.Join(lines, "") + "\n{}\n", "follows its last line"},
		"no header":      {strings.Join(lines[1:], "") + "\n", "no backup"},
		"another file":   {"{\"a\":1}\n", "no backup"},
		"no JSON":        {"hello\n", "no backup"},
		"later version":  {strings.Replace(strings.Join(lines, ""), `"version":1`, `"version":2`, 1) + "\n", "has version 2"},
		"unknown line":   {lines[0] + "{\"exporter\":{}}\n", "line 2 of the backup is malformed"},
		"empty line":     {lines[0] + "{}\n", "nothing that this millrace knows"},
		"no schema":      {lines[0] + `{"schema":{"subject":"s","version":0}}` + "\n", "it is no schema"},
		"no association": {lines[0] + "{\"association\":{}}\n", "it is no association"},
		"no guid":        {lines[0] + `{"schema":{"subject":"s","version":1,"id":1,"guid":"x","schema":"y"}}` + "\n", "its guid"},
	} {
		if _, err := transfer.Read(strings.NewReader(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
	}
	if _, err := transfer.Read(strings.NewReader(strings.Join(lines, "") + "\n")); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// FuzzRead reads what may be a file: what is read is written and read again as the same.
func FuzzRead(f *testing.F) {
	f.Add([]byte(small(f)))
	f.Add([]byte("{\"format\":\"millrace-registry-backup\",\"version\":1}\n{\"end\":{\"lines\":1,\"sha256\":\"x\"}}\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0})
	f.Add([]byte{0x28, 0xb5, 0x2f, 0xfd, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := transfer.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		first := file(t, d)
		if again := file(t, read(t, first)); again != first {
			t.Errorf("%s\n\twant %s", again, first)
		}
	})
}
