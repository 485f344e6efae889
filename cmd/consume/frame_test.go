package consume

import (
	"testing"

	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/wire"
)

func TestFrames(t *testing.T) {
	s := registrytest.NewServer(t, client.Version{Subject: "a", Schema: client.Schema{Text: `"long"`}}, client.Version{Subject: "b", Schema: client.Schema{Type: "JSON", Text: `{}`}})
	v, err := s.Registry().Latest(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	guid, err := wire.GUIDOf(v.GUID)
	if err != nil {
		t.Fatal(err)
	}
	header := []record.Header{{Key: wire.ValueHeader, Value: wire.AppendGUID(nil, guid)}}
	for _, c := range []struct {
		name    string
		headers []record.Header
		bytes   []byte
		want    string // "": an error
		framed  bool
	}{
		{"id", nil, append(wire.Append(nil, v.ID), 14), "7", true},
		{"GUID before the data", nil, append(wire.AppendGUID(nil, guid), 14), "7", true},
		{"GUID in a header", header, []byte{14}, "7", true},
		{"tombstone", header, nil, "null", false},
		{"JSON", nil, []byte(`{ "a": 1 }`), `{"a":1}`, false},
		{"text", nil, []byte("word"), `"word"`, false},
		{"Apicurio's frame", nil, append(wire.AppendApicurio(nil, 7), 'x'), `"\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0000\u0007x"`, false},
		{"unknown id", nil, append(wire.Append(nil, 99), 14), "", true},
		{"other language", nil, append(wire.Append(nil, 2), '1'), "", true},
		{"cut off", nil, wire.Append(nil, v.ID), "", true},
		{"broken header", []record.Header{{Key: wire.ValueHeader}}, []byte{14}, "", true},
	} {
		d := NewDecoder(s.Registry())
		got, framed, err := d.Decode(t.Context(), wire.Value, c.headers, c.bytes)
		if string(got) != c.want || framed != c.framed || (err == nil) != (c.want != "") {
			t.Errorf("%s: %s, framed %v, %v", c.name, got, framed, err)
		}
	}
	if got, framed, err := NewDecoder(nil).Decode(t.Context(), wire.Value, header, []byte("7")); string(got) != "7" || framed || err != nil {
		t.Errorf("without a registry: %s, %v, %v", got, framed, err)
	}
}
