package jsonschema

import (
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

func seed(f *testing.F, add func(answer)) {
	for _, a := range answers(f) {
		add(a)
	}
	for _, c := range incompatible {
		add(answer{Old: c.old, New: c.new})
	}
	add(answer{Old: `{"pattern":"(?<n>a)\\k<n>++[a&&[^b]]\\Qx\\E{2}"}`, New: `{"$ref":"#","$id":"http://x/y#","$defs":{"a":{"$anchor":"a"}}}`})
}

// FuzzParse holds that parsing ends without a panic, and that a canonical text is its own.
func FuzzParse(f *testing.F) {
	seed(f, func(a answer) {
		for _, text := range []string{a.Text, a.Old, a.New} {
			f.Add(text)
		}
	})
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(schema.Document{Text: text}, nil, schema.Options{})
		lenient, lenientErr := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		if lenientErr != nil {
			t.Fatalf("lenient parsing refuses what strict parsing takes: %v", lenientErr)
		}
		if d := lenient.CanRead(s); len(d) > 0 {
			t.Fatalf("lenient parsing reads another schema: %v", d)
		}
		for _, form := range []string{s.Canonical(), s.Normalized()} {
			again, err := Parse(schema.Document{Text: form}, nil, schema.Options{})
			if err != nil {
				t.Fatalf("%s: %v", form, err)
			}
			if form == s.Canonical() && again.Canonical() != form {
				t.Fatalf("%s becomes %s", form, again.Canonical())
			}
			if again.Normalized() != s.Normalized() {
				t.Fatalf("%s normalises to %s, not %s", form, again.Normalized(), s.Normalized())
			}
		}
	})
}

// FuzzCompare holds that comparing ends without a panic, that a schema reads itself, and that LENIENT finds nothing that STRICT
// does not.
func FuzzCompare(f *testing.F) {
	seed(f, func(a answer) { f.Add(a.Old, a.New) })
	f.Fuzz(func(t *testing.T, old, new string) {
		o, err := Parse(schema.Document{Text: old}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		n, err := Parse(schema.Document{Text: new}, nil, schema.Options{Lenient: true})
		if err != nil {
			return
		}
		like, err := Parse(schema.Document{Text: old}, nil, schema.Options{Lenient: true})
		if err != nil {
			t.Fatal(err)
		}
		forgetSums(like.root, map[*node]bool{nil: true})
		for _, d := range like.CanRead(o) {
			if d.Rule != tooComplex {
				t.Fatalf("%s cannot read itself: %v", old, d)
			}
		}
		if strict, lenient := n.CanRead(o), n.CanReadLenient(o); len(lenient) > len(strict) {
			t.Fatalf("%d differences under LENIENT, %d under STRICT", len(lenient), len(strict))
		}
	})
}

// forgetSums makes a comparison look at every node.
func forgetSums(n *node, seen map[*node]bool) {
	if seen[n] {
		return
	}
	seen[n] = true
	n.sum = 0
	next := []*node{n.target}
	if c := n.combined; c != nil {
		next = append(next, c.of...)
	}
	if a := n.array; a != nil {
		next = append(append(next, a.all, a.additional.schema, a.unevaluated.schema), a.items...)
	}
	if o := n.object; o != nil {
		next = append(next, o.additional.schema, o.unevaluated.schema)
		for _, p := range o.properties.m {
			next = append(next, p)
		}
		for _, p := range o.dependentSchemas.m {
			next = append(next, p)
		}
		for _, p := range o.patterns {
			next = append(next, p.schema)
		}
	}
	for _, x := range next {
		forgetSums(x, seen)
	}
}
