// Package schematest is what the tests of the schema languages share.
package schematest

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

// Edit is an edit of the tags at a path; add and remove are tags with spaces between them.
func Edit(kind schema.EntityKind, path, add, remove string) schema.TagEdit {
	return schema.TagEdit{Entity: schema.Entity{Path: path, Kind: kind}, Add: strings.Fields(add), Remove: strings.Fields(remove)}
}

// TagLines writes the tags of a schema in one line: the path, a colon for a record and a stop for a field, and the tags.
func TagLines(t testing.TB, s schema.Tagger) string {
	t.Helper()
	all, err := s.Tags()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range all {
		mark := map[schema.EntityKind]string{schema.RecordEntity: ":", schema.FieldEntity: "."}[e.Kind]
		lines = append(lines, e.Path+mark+strings.Join(e.Tags, ","))
	}
	return strings.Join(lines, " ")
}
