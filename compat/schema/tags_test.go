package schema

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTagPlan(t *testing.T) {
	field := func(path string) Entity { return Entity{path, FieldEntity} }
	p := PlanTags([]TagEdit{
		{Entity: field("n.R.a"), Add: []string{"x", "y"}, IfThere: true},
		{Entity: field(".n.R.a"), Add: []string{"z", "x"}, Remove: []string{"y"}},
		{Entity: Entity{"n.R.a", RecordEntity}, Remove: []string{"q"}},
		{Entity: field("gone"), Add: []string{"x"}, IfThere: true},
		{Entity: field("lost"), Add: []string{"x"}},
	})
	at := p.Root().Find("n.R").Find("a")
	if !at.Leads() || at != p.Root().Find("n").Find("R").Find("a") || p.Root().Find("n.S").Find("a").Leads() || p.Root().Find("n.R").Find("").Leads() {
		t.Fatal("names do not lead where their paths do")
	}
	for _, c := range []struct {
		kind       EntityKind
		have, want []string
		changed    bool
	}{
		{FieldEntity, []string{"y", "old", "old"}, []string{"old", "x", "z"}, true},
		{FieldEntity, nil, nil, false}, // done
		{RecordEntity, []string{"r", "r"}, []string{"r", "r"}, false},
	} {
		if got, changed := at.Apply(c.kind, c.have); !slices.Equal(got, c.want) || changed != c.changed {
			t.Errorf("%s %q becomes %q, %v", c.kind, c.have, got, changed)
		}
	}
	var missing *NoEntityError
	if err := p.Missing(); !errors.As(err, &missing) || missing.Path != "lost" || err.Error() != "No matching path 'lost' found in the schema" {
		t.Errorf("missing is %v", err)
	}
	if got, changed := (TagNode{}).Apply(FieldEntity, []string{"x"}); changed || !slices.Equal(got, []string{"x"}) {
		t.Errorf("where no path leads, tags become %q", got)
	}
}

// TestTagEffects holds when tags count as changed.
func TestTagEffects(t *testing.T) {
	for _, c := range []struct {
		have, add, remove, want string
		changed                 bool
	}{
		{"", "a b", "", "a b", true},
		{"a", "a", "", "a", false},
		{"a a", "a", "", "a a", false},
		{"a a b", "c", "", "a b c", true},
		{"a b", "", "a", "b", true},
		{"a", "a", "a", "", true},
		{"", "a", "a", "", false},
		{"b", "a", "a", "b", false},
		{"b", "", "a", "b", false},
		{"", "a a", "", "a", true},
	} {
		p := PlanTags([]TagEdit{{Entity: Entity{"e", FieldEntity}, Add: strings.Fields(c.add), Remove: strings.Fields(c.remove)}})
		got, changed := p.Root().Find("e").Apply(FieldEntity, strings.Fields(c.have))
		if strings.Join(got, " ") != c.want || changed != c.changed {
			t.Errorf("%q with %q without %q becomes %q, %v", c.have, c.add, c.remove, got, changed)
		}
	}
}

func TestTagListIsBounded(t *testing.T) {
	var l TagList
	long := strings.Repeat("x", MostPaths/4)
	for range 3 {
		l.Add(RecordEntity, []string{"t"}, long)
	}
	l.Add(RecordEntity, nil, long, long)
	l.Add(FieldEntity, []string{"t"}, "a", "b")
	all, err := l.All()
	if err != nil || len(all) != 4 || !reflect.DeepEqual(all[3], Tagged{Entity{"a.b", FieldEntity}, []string{"t"}}) {
		t.Fatalf("%d entities, %v", len(all), err)
	}
	l.Add(RecordEntity, []string{"t"}, long)
	if _, err := l.All(); err == nil {
		t.Error("no bound")
	}
}

// TestTagNodes holds that a walk by names finds what the paths say, also where they differ in characters around the dot.
func TestTagNodes(t *testing.T) {
	paths := []string{"a", "a.b", "a-b.c", "a.b.c", "a/b", "a.", "a..b", "ab", "a.b-c", "a.bc.d", "b", "é.a", "a.b.c.d"}
	var edits []TagEdit
	for _, p := range paths {
		edits = append(edits, TagEdit{Entity: Entity{p, FieldEntity}, Add: []string{p}})
	}
	names := []string{"", "a", "b", "c", "d", "a-b", "b-c", "ab", "a/b", "bc", "é", "a.b"}
	plan := PlanTags(edits)
	var walk func(n TagNode, path string, depth int)
	found := map[string]bool{}
	walk = func(n TagNode, path string, depth int) {
		for _, name := range names {
			next, at := n.Find(name), name
			if depth > 0 {
				at = path + "." + name
			}
			ends := slices.Contains(paths, at)
			leads := slices.ContainsFunc(paths, func(p string) bool { return p == at || strings.HasPrefix(p, at+".") })
			if next.Leads() != leads || (next.at < next.end) != ends {
				t.Errorf("%q leads on: %v, want %v; ends: %v, want %v", at, next.Leads(), leads, next.at < next.end, ends)
			}
			if tags, changed := next.Apply(FieldEntity, nil); changed {
				found[tags[0]] = true
				if tags[0] != at {
					t.Errorf("%q leads to %q", at, tags)
				}
			}
			if next.Leads() {
				walk(next, at, depth+1)
			}
		}
	}
	walk(plan.Root(), "", 0)
	if len(found) != len(paths) || plan.Missing() != nil {
		t.Errorf("%d of %d paths are found", len(found), len(paths))
	}
}
