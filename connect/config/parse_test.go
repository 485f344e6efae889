package config_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/connect/config"
)

func spec() config.Spec {
	return config.Spec{
		{Name: "host", Type: config.String, Required: true, Aliases: []string{"old.host"}, Group: "A"},
		{Name: "port", Type: config.Int, Default: "5432", Group: "A", Check: func(s string) string {
			if s == "13" {
				return "is unlucky"
			}
			return ""
		}},
		{Name: "size", Type: config.Long, Group: "A"},
		{Name: "ratio", Type: config.Double},
		{Name: "on", Type: config.Bool, Default: "true", Group: "B"},
		{Name: "mode", Type: config.String, Default: "initial", Enum: []string{"initial", "no_data"}, Synonyms: map[string]string{"never": "no_data"}, Group: "B"},
		{Name: "ops", Type: config.List, Default: "t", Enum: []string{"c", "u", "t", "none"}},
		{Name: "names", Type: config.List},
		{Name: "db.password", Type: config.Password},
		{Name: "pin.token", Type: config.Int},
		{Name: "plugin", Type: config.String, Default: "pgoutput", Enum: []string{"pgoutput", "decoderbufs"}, Unsupported: "it is not in the server", Allowed: []string{"pgoutput"}},
		{Name: "signal", Type: config.String, Unsupported: "there are none", Allowed: []string{""}},
		{Name: "queue", Type: config.Int, NoEffect: "there is no queue"},
		{Name: "column.truncate.to.*.chars", Type: config.String, Unsupported: "not done"},
		{Name: "producer.*", Type: config.String, Doc: "Options of the producer."},
		{Name: "producer.acks", Type: config.String, Unsupported: "always all", Allowed: []string{"all"}},
	}
}

// TestParse holds what each type takes and what it becomes.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		name, option, value string
		want                string // the value, where there is no fault
		fault               string // as Connect words it
	}{
		{name: "as it is", option: "host", value: " h ", want: "h"},
		{name: "a required option that is blank", option: "host", value: "  ", fault: `Missing required configuration "host" which has no default value.`},
		{name: "a number in one spelling", option: "port", value: "+007", want: "7"},
		{name: "no number", option: "port", value: "x", fault: "Invalid value x for configuration port: Not a number of type INT"},
		{name: "more than an int", option: "port", value: "2147483648", fault: "Invalid value 2147483648 for configuration port: Not a number of type INT"},
		{name: "a long", option: "size", value: "-9223372036854775808", want: "-9223372036854775808"},
		{name: "more than a long", option: "size", value: "9223372036854775808", fault: "Invalid value 9223372036854775808 for configuration size: Not a number of type LONG"},
		{name: "an empty number is the default", option: "port", value: "", want: "5432"},
		{name: "a check", option: "port", value: "13", fault: "Invalid value 13 for configuration port: Is unlucky"},
		{name: "a double", option: "ratio", value: "1e3", want: "1e3"},
		{name: "no double", option: "ratio", value: "much", fault: "Not a number of type DOUBLE"},
		{name: "booleans in any case", option: "on", value: "FALSE", want: "false"},
		{name: "no boolean", option: "on", value: "yes", fault: "Invalid value yes for configuration on: Expected value to be either true or false"},
		{name: "enums in any case", option: "mode", value: "Initial", want: "initial"},
		{name: "an older word", option: "mode", value: "never", want: "no_data"},
		{name: "no such word", option: "mode", value: "intial", fault: "Must be one of initial, no_data; did you mean initial?"},
		{name: "a list of an enum", option: "ops", value: "C, u,,", want: "c,u"},
		{name: "no such entry", option: "ops", value: "c,x", fault: "Each entry must be one of c, u, t, none"},
		{name: "a list", option: "names", value: "a, b", want: "a, b"},
		{name: "an allowed value", option: "plugin", value: "PGOUTPUT", want: "pgoutput"},
		{name: "a refused value", option: "plugin", value: "decoderbufs", fault: "Invalid configuration plugin: Is not supported by Millrace: it is not in the server (accepted: pgoutput)"},
		{name: "a refused option", option: "signal", value: "x", fault: "Invalid configuration signal: Is not supported by Millrace: there are none (accepted: empty)"},
		{name: "a refused option left empty", option: "signal", value: "", want: ""},
		{name: "a refused pattern", option: "column.truncate.to.10.chars", value: "x", fault: "Invalid configuration column.truncate.to.10.chars: Is not supported by Millrace: not done"},
		{name: "a pattern takes at least a character", option: "column.truncate.to..chars", value: "x", fault: "is not a known option"},
		{name: "a pattern's option", option: "producer.linger.ms", value: "5", want: "5"},
		{name: "a name before a pattern", option: "producer.acks", value: "1", fault: "Invalid configuration producer.acks: Is not supported by Millrace: always all (accepted: all)"},
		{name: "no effect", option: "queue", value: "5", want: "5"},
		{name: "an unknown option near a known one", option: "prot", value: "1", fault: "Invalid configuration prot: Is not a known option; did you mean port?"},
		{name: "an unknown option near none", option: "zzzzzzzz", value: "1", fault: "Invalid configuration zzzzzzzz: Is not a known option"},
		{name: "a secret is not shown", option: "pin.token", value: "topsecret", fault: "Invalid value [hidden] for configuration pin.token: Not a number of type INT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			raw := map[string]string{"host": "h"}
			raw[c.option] = c.value
			v, faults := spec().Parse(raw)
			if c.fault == "" {
				if len(faults) > 0 || v.Get(c.option) != c.want {
					t.Errorf("got %q and %v", v.Get(c.option), faults)
				}
				return
			}
			if len(faults) != 1 || !strings.Contains(strings.ToLower(faults[0].Connect()), strings.ToLower(c.fault)) || faults[0].Option != c.option {
				t.Errorf("the faults are %v", faults)
			}
		})
	}
}

// TestParseDefaultsAndAliases holds what is filled in.
func TestParseDefaultsAndAliases(t *testing.T) {
	v, faults := spec().Parse(map[string]string{"old.host": "h"})
	want := config.Values{"host": "h", "port": "5432", "on": "true", "mode": "initial", "ops": "t", "plugin": "pgoutput"}
	if d := cmp.Diff(want, v); d != "" || len(faults) > 0 {
		t.Errorf("%v (-want +got):\n%s", faults, d)
	}
	_, faults = spec().Parse(map[string]string{"host": "h", "old.host": "i"})
	if len(faults) != 1 || !strings.Contains(faults[0].Msg, "host means the same and is set too") {
		t.Errorf("both names give %v", faults)
	}
	_, faults = spec().Parse(map[string]string{"b": "", "a": "", "port": "x"})
	var options []string
	for _, f := range faults {
		options = append(options, f.Option)
	}
	if d := cmp.Diff([]string{"host", "port", "a", "b"}, options); d != "" {
		t.Errorf("the order of faults (-want +got):\n%s", d)
	}
}

func TestValues(t *testing.T) {
	v := config.Values{"n": "7", "ms": "1500", "yes": "true", "list": " a,, b ,", "p.a": "1", "p.b": "2", "p.": "x", "password": "topsecret", "bad": "x"}
	if v.Int("n") != 7 || v.Int("none") != 0 || v.Int64("ms") != 1500 || v.Duration("ms") != 1500*time.Millisecond || !v.Bool("yes") || v.Bool("none") || v.Has("none") {
		t.Error("a getter is wrong")
	}
	if d := cmp.Diff([]string{"a", "b"}, v.List("list")); d != "" || v.List("none") != nil {
		t.Error(d)
	}
	if d := cmp.Diff(config.Values{"a": "1", "b": "2"}, v.Under("p.")); d != "" {
		t.Error(d)
	}
	if got := fmt.Sprint(v.Secret("password")); got != config.Hidden || v.Secret("password").Reveal() != "topsecret" {
		t.Errorf("the secret shows as %s", got)
	}
	for _, get := range []func(){func() { v.Int("bad") }, func() { v.Bool("bad") }} {
		func() {
			defer func() {
				if r := recover(); r == nil || strings.Contains(fmt.Sprint(r), "topsecret") {
					t.Errorf("a value of another type gives %v", r)
				}
			}()
			get()
		}()
	}
}

// TestInfos holds the answer to a validation: every option, every error, no secret.
func TestInfos(t *testing.T) {
	raw := map[string]string{"host": "h", "db.password": "topsecret", "port": "x", "nope": "1", "producer.linger.ms": "5", "column.truncate.to.5.chars": "c"}
	_, faults := spec().Parse(raw)
	info := spec().Infos("X", raw, faults)
	if info.ErrorCount != 3 || info.Name != "X" {
		t.Errorf("error_count is %d: %v", info.ErrorCount, faults)
	}
	if d := cmp.Diff([]string{"A", "B"}, info.Groups); d != "" {
		t.Error(d)
	}
	values := map[string]config.ValueInfo{}
	for _, c := range info.Configs {
		values[c.Value.Name] = c.Value
	}
	if v := values["db.password"].Value; v == nil || *v != config.Hidden {
		t.Error("the password shows")
	}
	for option, want := range map[string]string{"port": "Not a number", "nope": "not a known option", "column.truncate.to.5.chars": "not done"} {
		if errs := values[option].Errors; len(errs) != 1 || !strings.Contains(errs[0], want) {
			t.Errorf("%s has the errors %v", option, errs)
		}
	}
	if v := values["mode"]; v.Value == nil || *v.Value != "initial" || len(v.RecommendedValues) != 2 {
		t.Errorf("mode is %+v", v)
	}
	if v := values["producer.linger.ms"].Value; v == nil || *v != "5" {
		t.Error("an option of a pattern has no value")
	}
	for _, k := range spec().KeyInfos() {
		if k.Name == "signal" && k.Documentation != "Refused by Millrace: there are none" || k.Name == "queue" && k.Documentation != "Accepted without effect: there is no queue" {
			t.Errorf("%s is documented as %q", k.Name, k.Documentation)
		}
	}
}

// TestSourceOptions holds that the common options are sound.
func TestSourceOptions(t *testing.T) {
	for name, s := range map[string]config.Spec{"source": config.SourceOptions(), "worker": config.WorkerSpec()} {
		seen := map[string]bool{}
		for _, o := range s {
			if seen[o.Name] {
				t.Errorf("%s: %s is there twice", name, o.Name)
			}
			seen[o.Name] = true
			if o.Doc == "" && o.NoEffect == "" && o.Unsupported == "" {
				t.Errorf("%s: %s has no documentation", name, o.Name)
			}
			if o.Default != "" && !strings.Contains(o.Name, "*") {
				_, faults := s.Parse(map[string]string{o.Name: o.Default})
				for _, f := range faults {
					if f.Option == o.Name {
						t.Errorf("%s: the default is refused: %v", name, f)
					}
				}
			}
		}
	}
}
