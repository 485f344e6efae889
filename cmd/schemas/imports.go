package schemas

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/schema"
)

func itoa(n int) string { return strconv.Itoa(n) }

var (
	protoImport = regexp.MustCompile(`(?m)^\s*import\s+(?:public\s+|weak\s+)?["']([^"'\n]+)["']\s*;`)
	jsonRef     = regexp.MustCompile(`"\$ref"\s*:\s*"([^"#\\]+)`)
)

// references returns what text, f's or an older one of it, refers to: what the manifest names and, beyond it, the files of the set
// that Protobuf's imports and JSON Schema's $ref name. Avro has no such marks: it refers by the names of types.
func (s *Set) references(f *File, text string) []schema.Reference {
	refs := slices.Clone(f.named)
	pattern := protoImport
	switch f.Type() {
	case schema.JSON:
		pattern = jsonRef
	case schema.Avro:
		return refs
	}
	for _, m := range pattern.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if slices.ContainsFunc(refs, func(r schema.Reference) bool { return r.Name == name }) {
			continue
		}
		if other := s.imported(f, name); other != nil {
			refs = append(refs, schema.Reference{Name: name, Subject: other.Subject})
		}
	}
	return refs
}

// imported returns the file of the set that f calls name: a path from a root of Protobuf's, one relative to f for JSON Schema.
// Of several the one that is nearest to f counts.
func (s *Set) imported(f *File, name string) *File {
	if strings.Contains(name, "://") {
		return nil
	}
	beside := path.Join(path.Dir(filepath.ToSlash(f.Path)), name)
	var found *File
	for _, other := range s.all {
		if other == f || other.format != f.format {
			continue
		}
		switch p := filepath.ToSlash(other.Path); {
		case p == beside:
			return other
		case filepath.ToSlash(other.Rel) == name || found == nil && strings.HasSuffix(p, "/"+name):
			found = other
		}
	}
	return found
}
