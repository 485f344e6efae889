package byname_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/convert/byname"
	"github.com/millrace/millrace/connect/convert/converttest"
	"github.com/millrace/millrace/connect/record"
)

func options(kv ...string) map[string]string {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return m
}

func TestNew(t *testing.T) {
	s := &record.Schema{Kind: record.String, Optional: true}
	for _, tt := range []struct {
		class   string
		options map[string]string
		want    string
	}{
		{"org.apache.kafka.connect.json.JsonConverter", nil, `{"schema":{"type":"string","optional":true},"payload":"a"}`},
		{"JsonConverter", options("schemas.enable", "false"), `"a"`},
		{"json", options("schemas.enable", "FALSE", "decimal.format", "NUMERIC", "schemas.cache.size", "10", "converter.type", "value", "replace.null.with.default", "false"), `"a"`},
		{"org.apache.kafka.connect.storage.StringConverter", options("converter.encoding", "utf-8"), "a"},
		{"String", nil, "a"},
	} {
		c, err := byname.New(tt.class, tt.options, convert.Value)
		if err != nil {
			t.Errorf("%s: %v", tt.class, err)
			continue
		}
		e, err := c.Encoder(t.Context(), "t", convert.Value, s)
		if err != nil {
			t.Fatal(err)
		}
		var b record.Batch
		if out, err := e.Append(nil, &b, converttest.Cell(&b, s, "a")); err != nil || string(out) != tt.want {
			t.Errorf("%s: %v %s, want %s", tt.class, err, out, tt.want)
		}
	}
}

func TestEveryClassIsFoundByItsNames(t *testing.T) {
	for _, name := range byname.Classes() {
		simple := name[strings.LastIndexByte(name, '.')+1:]
		for _, n := range []string{name, simple, strings.TrimSuffix(simple, "Converter")} {
			if _, err := byname.Spec(n); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestFaults(t *testing.T) {
	for _, tt := range []struct {
		class   string
		options map[string]string
		want    []string
	}{
		{"com.example.MyConverter", nil, []string{`"com.example.MyConverter" is not known`, "org.apache.kafka.connect.json.JsonConverter"}},
		{"", nil, []string{"is not known"}},
		{"io.confluent.connect.protobuf.ProtobufConverter", nil, []string{"Protobuf is not supported", "JsonConverter"}},
		{"JsonConverter", options("schemas.enabled", "false", "decimal.format", "text"), []string{"schemas.enabled: is not a known option; did you mean schemas.enable?", "decimal.format: must be one of base64, numeric", "its options are schemas.enable,"}},
		{"JsonConverter", options("converter.type", "key"), []string{"this is the converter of the value"}},
		{"StringConverter", options("converter.encoding", "ISO-8859-1"), []string{"converter.encoding: is not supported by Millrace: text is written in UTF-8"}},
	} {
		_, err := byname.New(tt.class, tt.options, convert.Value)
		for _, want := range tt.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v\nwant %s", tt.class, err, want)
			}
		}
		var faults config.FaultsError
		if len(tt.options) > 0 && !errors.As(err, &faults) {
			t.Errorf("%s: %v is no FaultsError", tt.class, err)
		}
	}
}
