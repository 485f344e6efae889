package registry

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/jsonschema"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// reservedProperty lists, by commas, the names of fields that a subject keeps for later.
const reservedProperty = "confluent:reserved"

func reservedNames(m *Metadata) []string {
	list, _ := m.property(reservedProperty)
	var out []string
	for _, n := range strings.Split(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// reserved returns what p does wrong about reserved fields: it may not lose one that the last version reserves, nor have one.
func reserved(p prepared, versions []*version) []string {
	own := reservedNames(p.Metadata)
	var lines []string
	if len(versions) > 0 {
		for _, n := range reservedNames(versions[len(versions)-1].body.metadata()) {
			if !slices.Contains(own, n) {
				lines = append(lines, fmt.Sprintf("The new schema has reserved field %s removed from its metadata which is present in the old schema's metadata.", n))
			}
		}
	}
	if len(own) == 0 {
		return lines
	}
	parsed, err := p.schema()
	if err != nil {
		return append(lines, err.Error())
	}
	fields := fieldNames(parsed)
	for _, n := range own {
		if slices.Contains(fields, n) {
			lines = append(lines, fmt.Sprintf("The new schema has field that conflicts with the reserved field %s.", n))
		}
	}
	return lines
}

// fieldNames returns the names of what stands at the top of a schema.
func fieldNames(s schema.Schema) []string {
	switch s := s.(type) {
	case *avro.Schema:
		if s.Root().Kind != avro.Record {
			return nil
		}
		var names []string
		for _, f := range s.Root().Fields {
			names = append(names, f.Name)
		}
		return names
	case *jsonschema.Schema:
		return s.Properties()
	case *protobuf.Schema:
		return s.FieldNames()
	}
	return nil
}
