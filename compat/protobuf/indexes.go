package protobuf

import (
	"slices"
	"strings"
)

// Indexes returns the path of a message in its file, as records carry it: the index of the outermost message, then that of each
// message inside. name is the full name, with or without a leading dot; false when there is no such message.
func (s *Schema) Indexes(name string) ([]int, bool) {
	f := s.sources.own.file
	name = strings.TrimPrefix(name, ".")
	if f.pkg != "" {
		var ok bool
		if name, ok = strings.CutPrefix(name, f.pkg+"."); !ok {
			return nil, false
		}
	}
	var out []int
	list := f.messages
	for part := range strings.SplitSeq(name, ".") {
		i := slices.IndexFunc(list, func(m *message) bool { return m.name == part })
		if i < 0 {
			return nil, false
		}
		out = append(out, i)
		list = list[i].messages
	}
	return out, true
}

// MessageName returns the full name of the message at indexes; false when there is none.
func (s *Schema) MessageName(indexes []int) (string, bool) {
	f := s.sources.own.file
	name, list := f.pkg, f.messages
	for _, i := range indexes {
		if i < 0 || i >= len(list) {
			return "", false
		}
		if name != "" {
			name += "."
		}
		name += list[i].name
		list = list[i].messages
	}
	return name, len(indexes) > 0
}
