package registry_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// open opens a registry on a log, or on a new one in memory, and closes it when the test ends.
func open(t testing.TB, l registry.Log) *registry.Registry {
	t.Helper()
	if l == nil {
		l = memlog.New()
	}
	r, err := registry.Open(t.Context(), l, registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

// Schemas by the letters that scripts use.
var schemas = map[string]string{
	"A":  `{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}`,
	"B":  `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0}]}`,
	"C":  `{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"b","type":"int","default":0},{"name":"c","type":"int","default":0}]}`,
	"X":  `{"type":"record","name":"R","fields":[{"name":"a","type":"string"}]}`,
	"Y":  `{"type":"record","name":"R","fields":[{"name":"b","type":"int"}]}`,
	"P1": `{"type":"record","name":"P","fields":[],"x":1,"y":2}`,
	"P2": `{"type":"record","name":"P","fields":[],"y":2,"x":1}`,
	"N":  `{"type":"record","name":"N","namespace":"n","fields":[]}`,
	"U":  `{"type":"record","name":"U","fields":[{"name":"n","type":"n.N"}]}`,
	"UN": `{"type":"record","name":"U","fields":[{"name":"n","type":{"type":"record","name":"N","namespace":"n","fields":[]}}]}`,
	"J":  `{"type":"object","properties":{"a":{"type":"string"}}}`,
	"K":  `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"null"}}}`,
	"!":  `{"type":`,
	"-":  "",
}

// play runs a script, a step a line: a command and, after =>, its outcome; an error is its code, and what its message holds in
// quotes. Arguments: register|lookup|compat SUBJECT SCHEMA [id=N] [version=N] [meta=k:v,…] [ref=NAME@SUBJECT@VERSION]
// [normalize] [force] [deleted] [at=N]; the outcome of a version is "v1 id1".
func play(t *testing.T, r *registry.Registry, script string) {
	t.Helper()
	for _, line := range strings.Split(script, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		command, want, ok := strings.Cut(line, " => ")
		if !ok {
			t.Fatalf("no outcome in %q", line)
		}
		got, err := step(t.Context(), r, strings.Fields(command))
		if err != nil {
			got = failed(err)
		} else if got == "" {
			got = "nothing"
		}
		code, message, quoted := strings.Cut(want, ` "`)
		if quoted {
			gotCode, gotMessage, _ := strings.Cut(got, " ")
			if gotCode != code || !strings.Contains(gotMessage, strings.TrimSuffix(message, `"`)) {
				t.Errorf("%s\n got %s\nwant %s", command, got, want)
			}
			continue
		}
		if number, _, _ := strings.Cut(got, " "); len(number) == 5 && number[0] >= '4' && number[0] <= '5' {
			got = number
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", command, got, want)
		}
	}
}

func step(ctx context.Context, r *registry.Registry, f []string) (string, error) {
	arg := func(i int) string {
		if i < len(f) {
			return f[i]
		}
		return ""
	}
	has := func(flag string) bool {
		for _, a := range f {
			if a == flag {
				return true
			}
		}
		return false
	}
	deleted := map[bool]registry.Deleted{false: registry.Live, true: registry.All}[has("deleted")]
	switch f[0] {
	case "register":
		c := candidate(f[2:])
		v, err := r.Register(ctx, f[1], registry.Registration{Candidate: c, Normalize: has("normalize"), Force: has("force")})
		return outcome(v), err
	case "lookup":
		v, err := r.Lookup(f[1], candidate(f[2:]), has("normalize"), has("deleted"))
		return outcome(v), err
	case "compat":
		at := registry.Latest
		for _, a := range f {
			if s, ok := strings.CutPrefix(a, "at="); ok {
				at, _ = strconv.Atoi(s)
			}
		}
		reasons, err := r.Compatibility(f[1], at, candidate(f[2:]), has("normalize"), has("verbose"))
		if err == nil && len(reasons) == 0 {
			return "yes", nil
		}
		return "no " + strings.ReplaceAll(strings.Join(reasons, " "), "\n", ""), err
	case "get":
		n, err := registry.ParseVersion(f[2])
		if err != nil {
			return "", err
		}
		v, err := r.Get(f[1], n, has("deleted"))
		return outcome(v), err
	case "versions":
		list, err := r.Numbers(f[1], deleted)
		var out []string
		for _, v := range list {
			out = append(out, strconv.Itoa(v.Number))
		}
		return strings.Join(out, " "), err
	case "subjects":
		return strings.Join(r.Subjects(":*:", deleted), " "), nil
	case "byid":
		id, _ := strconv.Atoi(f[1])
		b, err := r.AppendByID(nil, "", id)
		v, _, slow := r.FindID("", id)
		if (err == nil) != (slow == nil) || err == nil && string(b) != string(v.AppendIDJSON(nil, registry.IDOptions{})) {
			return "", fmt.Errorf("ByID and FindID differ: %s, %v; %v", b, err, slow)
		}
		return v.Subject + " " + outcome(v), err
	case "idversions":
		id, _ := strconv.Atoi(f[1])
		list, err := r.VersionsOf(arg(2), id, has("deleted"))
		var out []string
		for _, v := range list {
			out = append(out, fmt.Sprintf("%s/%d", v.Subject, v.Number))
		}
		return strings.Join(out, " "), err
	case "referencedby":
		n, _ := strconv.Atoi(f[2])
		ids, err := r.ReferencedBy(f[1], n, has("deleted"), nil)
		return strings.Trim(fmt.Sprint(ids), "[]"), err
	case "delete":
		gone, err := r.DeleteSubject(ctx, f[1], has("permanent"))
		return strings.Trim(fmt.Sprint(gone), "[]"), err
	case "deleteversion":
		n, _ := registry.ParseVersion(f[2])
		gone, err := r.DeleteVersion(ctx, f[1], n, has("permanent"))
		return strconv.Itoa(gone), err
	case "config":
		if level := arg(2); level != "" && level != "inherited" {
			c, err := r.SetConfig(ctx, subject(f[1]), configUpdate(f[2:]))
			return string(c.AppendJSON(nil, "compatibility")), err
		}
		c, err := r.Config(subject(f[1]), has("inherited"))
		return string(c.CompatibilityLevel), err
	case "deleteconfig":
		c, err := r.DeleteConfig(ctx, subject(f[1]))
		return string(c.CompatibilityLevel), err
	case "mode":
		if m := arg(2); m != "" && m != "inherited" {
			err := r.SetMode(ctx, subject(f[1]), m, m == "null", has("force"))
			return "ok", err
		}
		m, err := r.Mode(subject(f[1]), has("inherited"))
		return m, err
	case "deletemode":
		m, err := r.DeleteMode(ctx, subject(f[1]), has("recursive"))
		return m, err
	case "contexts":
		return strings.Join(r.Contexts(""), " "), nil
	case "deletecontext":
		return "ok", r.DeleteContext(ctx, f[1])
	}
	return associationStep(ctx, r, f)
}

// subject is the registry itself where a script has *.
func subject(s string) string { return strings.TrimPrefix(s, "*") }

func configUpdate(args []string) registry.ConfigUpdate {
	var u registry.ConfigUpdate
	yes := true
	set := &yes
	for _, a := range args {
		name, value, ok := strings.Cut(a, "=")
		switch {
		case !ok:
			u.Compatibility = &a
		case name == "policy":
			u.CompatibilityPolicy = &value
		case name == "group":
			u.CompatibilityGroup = &value
		case name == "normalize":
			u.Normalize = &set
		case name == "validateFields":
			u.ValidateFields = &set
		case name == "default":
			m := metadata(value)
			u.DefaultMetadata = &m
		case name == "override":
			m := metadata(value)
			u.OverrideMetadata = &m
		case name == "alias":
			u.Alias = &value
		}
	}
	return u
}

func metadata(s string) *registry.Metadata {
	m := &registry.Metadata{Properties: map[string]string{}}
	for _, p := range strings.Split(s, ";") {
		if k, v, ok := strings.Cut(p, "~"); ok {
			m.Properties[k] = v
		}
	}
	return m
}

func candidate(args []string) registry.Candidate {
	c := registry.Candidate{NoType: true}
	c.Text = schemas[args[0]]
	if c.Text == "" && args[0] != "-" {
		c.Text = args[0]
	}
	for _, a := range args[1:] {
		name, value, _ := strings.Cut(a, "=")
		switch name {
		case "id":
			c.ID, _ = strconv.Atoi(value)
			c.HasID = true
		case "version":
			c.Version, _ = strconv.Atoi(value)
		case "meta":
			c.Metadata = metadata(value)
		case "type":
			c.Type, c.NoType = schema.Type(value), false
		case "ref":
			p := strings.Split(value, "@")
			n, _ := strconv.Atoi(p[2])
			c.References = append(c.References, schema.Reference{Name: p[0], Subject: p[1], Version: n})
		}
	}
	return c
}

func outcome(v registry.Version) string { return fmt.Sprintf("v%d id%d", v.Number, v.ID) }

func failed(err error) string {
	var e *registry.Error
	switch {
	case errors.As(err, &e):
		return fmt.Sprintf("%d %s", e.Code, e.Message)
	}
	return err.Error()
}
