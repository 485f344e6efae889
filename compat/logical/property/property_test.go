package property_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// What is written is read again.
func TestValuesReadBack(t *testing.T) {
	params := logical.Params{{Key: "k", Value: "v"}, {Key: property.AvroAliases, Value: "x"}, {Key: "n", Value: logical.Number("1")}}
	own := logical.Params{params[0], params[2]}
	rules := []logical.Rule{{Name: "n", Doc: "d", Expr: "e", SQL: "s"}, {Expr: "e", SQL: "s"}}
	if got := property.ReadTags(property.TagList([]string{"a", "b"})); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("tags %v", got)
	}
	if got := property.ReadParams(property.ParamObject(params)); !cmp.Equal(got, own) {
		t.Errorf("params %v", got)
	}
	if got := property.ReadRules(property.RuleList(rules)); !cmp.Equal(got, rules) {
		t.Errorf("rules %v", got)
	}
	union := &logical.Type{Kind: logical.Union, Branches: []logical.Branch{{Name: "a", Doc: "d", Params: params}, {Name: "b"}}}
	got, err := property.ReadHints(property.Union, property.BranchHints(union), 2)
	want := property.Hints{{Name: "a", Named: true, Doc: "d", Params: own}, {Name: "b", Named: true}}
	if err != nil || !cmp.Equal(got, want) || !cmp.Equal(got.At(2), property.Hint{}) {
		t.Errorf("hints %v, %v", got, err)
	}
	enum := &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "a"}, {Symbol: "b", Doc: "d"}}}
	got, err = property.ReadHints(property.Enum, property.SymbolHints(enum), 2)
	if want := (property.Hints{{Name: "a", Named: true}, {Name: "b", Named: true, Doc: "d"}}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("hints %v, %v", got, err)
	}
}

func TestNothingToSay(t *testing.T) {
	aliases := logical.Params{{Key: property.AvroAliases, Value: "x"}}
	symbols := &logical.Type{Kind: logical.Enum, Values: []logical.EnumValue{{Symbol: "a", Params: aliases}}}
	for name, v := range map[string]logical.Value{"tags": property.TagList(nil), "params": property.ParamObject(aliases),
		"rules": property.RuleList(nil), "symbols": property.SymbolHints(symbols)} {
		if v != nil {
			t.Errorf("%s: %v", name, v)
		}
	}
}

// Others may have written anything.
func TestReadsWhatOthersWrote(t *testing.T) {
	if got := property.ReadTags([]logical.Value{"a", logical.Number("1"), nil}); !cmp.Equal(got, []string{"a", "1", "null"}) {
		t.Errorf("tags %v", got)
	}
	for _, v := range []logical.Value{nil, "x", logical.Number("1"), []logical.Value{"x", logical.Object{}}, logical.Object{}} {
		if params := property.ReadParams(v); params != nil {
			t.Errorf("%v: params %v", v, params)
		}
		if rules := property.ReadRules(v); rules != nil {
			t.Errorf("%v: rules %v", v, rules)
		}
		_, isList := v.([]logical.Value)
		if _, err := property.ReadHints(property.Union, v, 1); err == nil {
			t.Errorf("%v: no error, list %t", v, isList)
		}
	}
	half := []logical.Value{logical.Object{{Name: "expr", Value: "e"}}, logical.Object{{Name: "expr", Value: nil}, {Name: "sql", Value: "s"}}}
	if rules := property.ReadRules(half); rules != nil {
		t.Errorf("rules %v", rules)
	}
	null := []logical.Value{logical.Object{{Name: "name", Value: nil}, {Name: "other", Value: true}}, "beyond"}
	if hints, err := property.ReadHints(property.Union, null, 1); err != nil || !cmp.Equal(hints, property.Hints{{}}) {
		t.Errorf("hints %v, %v", hints, err)
	}
}

func TestIsOwn(t *testing.T) {
	for key, want := range map[string]bool{"k": true, "flink": true, "flink.x": false, "connect.x": false, "logical.x": false,
		"avro.x": false, "protobuf.x": false, "precision": false, "scale": false, "confluent:x": true} {
		if property.IsOwn(key) != want {
			t.Errorf("%s: %t", key, !want)
		}
	}
}
