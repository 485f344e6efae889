package logicaltest

import (
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
)

// Resolve gives what a schema takes from elsewhere documents of a language that have it: a STRUCT of one INT for each type in Avro
// and Protobuf, which have no Imports, so that these are dropped; in JSON Schema, where the URIs of Imports are set to lead there, a
// BOOLEAN or a number.
func Resolve(s *logical.Schema, language schema.Type) {
	s.References, s.Resolved = nil, make(map[string]string)
	add := func(name, text string) {
		s.References = append(s.References, schema.Reference{Name: name, Subject: name, Version: 1})
		s.Resolved[name] = text
	}
	if language == schema.JSON {
		var defs, rest []string
		for _, name := range s.External {
			if s.Import(name) == "" {
				defs = append(defs, `"`+name+`":{"type":"boolean"}`)
			} else {
				rest = append(rest, `"`+name+`":{"type":"integer"}`)
			}
		}
		for i := range s.Imports {
			s.Imports[i].URI = "ext#/x/" + s.Imports[i].Name
		}
		add("ext", `{"$defs":{`+strings.Join(defs, ",")+`},"x":{`+strings.Join(rest, ",")+`}}`)
		return
	}
	s.Imports = nil
	for _, name := range s.External {
		namespace, simple := logical.Split(name)
		if language == schema.Avro {
			add(name, `{"type":"record","name":"`+simple+`","namespace":"`+namespace+`","fields":[{"name":"x","type":"int"}]}`)
			continue
		}
		if namespace != "" {
			namespace = "package " + namespace + ";"
		}
		add(name, `syntax = "proto3"; `+namespace+` message `+simple+` { int32 x = 1; }`)
	}
}

// Visit calls yield with every type of a schema.
func Visit(s *logical.Schema, yield func(*logical.Type)) {
	var walk func(t *logical.Type)
	walk = func(t *logical.Type) {
		if t == nil {
			return
		}
		yield(t)
		walk(t.Key)
		walk(t.Elem)
		for _, f := range t.Fields {
			walk(f.Type)
		}
		for _, b := range t.Branches {
			walk(b.Type)
		}
	}
	walk(s.Root)
	for _, d := range s.Named {
		walk(d.Type)
	}
}
