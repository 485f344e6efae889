package schemas

import (
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

func itoa(n int) string { return strconv.Itoa(n) }

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
