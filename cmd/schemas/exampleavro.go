package schemas

import (
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/avro"
)

// avroExample makes one example in Avro's JSON encoding, with the smallest values.
// https://avro.apache.org/docs/1.12.0/specification/#json-encoding
type avroExample struct {
	rule  string
	steps int                    // left
	open  map[*avro.Type]bool    // records that are being written
	met   map[[2]*avro.Type]bool // pairs of reader and writer that unreadable is looking at
}

func named(t *avro.Type) bool {
	return t.Kind == avro.Record || t.Kind == avro.Enum || t.Kind == avro.Fixed
}

// spend counts a step, and reports whether another may follow.
func (e *avroExample) spend(depth int) bool {
	e.steps--
	return e.steps > 0 && depth < maxExampleDepth
}

// follow returns a value of w that r cannot read for what the finding at tokens says. Numbers are branches of the writer's
// union and fields of the reader's record.
func (e *avroExample) follow(r, w *avro.Type, tokens []string, depth int) (string, bool) {
	if !e.spend(depth) {
		return "", false
	}
	switch {
	case w.Kind == avro.Union && len(tokens) > 0:
		i, err := strconv.Atoi(tokens[0])
		if err != nil || i < 0 || i >= len(w.Branches) {
			return "", false
		}
		v, ok := e.follow(r, w.Branches[i], tokens[1:], depth+1)
		return inUnion(w.Branches[i], v), ok
	case r.Kind == avro.Union && len(tokens) > 0: // the finding is inside another
		for _, b := range r.Branches {
			if b.Kind == w.Kind && b.Name.Short == w.Name.Short {
				return e.follow(b, w, tokens, depth+1)
			}
		}
		return "", false
	case r.Kind != w.Kind || r.Kind == avro.Union || named(r) && len(tokens) == 1:
		if len(tokens) > 1 {
			return "", false
		}
		return e.broken(r, w, depth)
	}
	switch {
	case r.Kind == avro.Array && len(tokens) > 0 && tokens[0] == "items":
		v, ok := e.follow(r.Elem, w.Elem, tokens[1:], depth+1)
		return "[" + v + "]", ok
	case r.Kind == avro.Map && len(tokens) > 0 && tokens[0] == "values":
		v, ok := e.follow(r.Elem, w.Elem, tokens[1:], depth+1)
		return `{"key": ` + v + "}", ok
	case r.Kind == avro.Record && len(tokens) > 1 && tokens[0] == "fields":
		i, err := strconv.Atoi(tokens[1])
		if err != nil || i < 0 || i >= len(r.Fields) {
			return "", false
		}
		f := r.Fields[i]
		written := writtenAs(f, w)
		switch {
		case written == nil && f.Default == nil:
			return e.minimal(w, depth)
		case written == nil || len(tokens) < 3:
			return "", false
		}
		v, ok := e.follow(f.Type, written.Type, tokens[3:], depth+1)
		if !ok {
			return "", false
		}
		return e.record(w, written, v, depth)
	}
	return "", false
}

// writtenAs returns the field of w that f reads, or nil.
func writtenAs(f *avro.Field, w *avro.Type) *avro.Field {
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		if found := w.Field(name); found != nil {
			return found
		}
	}
	return nil
}

// broken returns a value of w that r cannot read where the rule is what keeps it from reading w.
func (e *avroExample) broken(r, w *avro.Type, depth int) (string, bool) {
	switch e.rule {
	case avro.TypeMismatch, avro.MissingUnionBranch, avro.MissingEnumSymbols:
		return e.unreadable(r, w, depth)
	case avro.NameMismatch:
		if r.Kind == w.Kind && r.Name.Short != w.Name.Short {
			return e.minimal(w, depth)
		}
	case avro.FixedSizeMismatch:
		if r.Kind == avro.Fixed && w.Kind == avro.Fixed && r.Size != w.Size {
			return e.minimal(w, depth)
		}
	}
	return "", false
}

// unreadable searches for a value of w that r cannot read.
func (e *avroExample) unreadable(r, w *avro.Type, depth int) (string, bool) {
	pair := [2]*avro.Type{r, w}
	if e.met[pair] || !e.spend(depth) {
		return "", false
	}
	e.met[pair] = true
	defer delete(e.met, pair)
	switch {
	case w.Kind == avro.Union:
		for _, b := range w.Branches {
			if v, ok := e.unreadable(r, b, depth+1); ok {
				return inUnion(b, v), true
			}
		}
		return "", false
	case r.Kind == avro.Union:
		for _, b := range r.Branches {
			if b.Kind == w.Kind && b.Name.Short == w.Name.Short {
				return e.unreadable(b, w, depth+1)
			}
		}
		if slices.ContainsFunc(r.Branches, func(b *avro.Type) bool { return promotes(b.Kind, w.Kind) }) {
			return "", false
		}
		return e.minimal(w, depth)
	case r.Kind != w.Kind:
		if promotes(r.Kind, w.Kind) {
			return "", false
		}
		return e.minimal(w, depth)
	}
	switch r.Kind {
	case avro.Array:
		v, ok := e.unreadable(r.Elem, w.Elem, depth+1)
		return "[" + v + "]", ok
	case avro.Map:
		v, ok := e.unreadable(r.Elem, w.Elem, depth+1)
		return `{"key": ` + v + "}", ok
	case avro.Fixed:
		if r.Size != w.Size {
			return e.minimal(w, depth)
		}
	case avro.Enum:
		if r.EnumDefault != nil {
			return "", false
		}
		for _, s := range w.Symbols {
			if !slices.Contains(r.Symbols, s) {
				return quote(s), true
			}
		}
	case avro.Record:
		for _, f := range r.Fields {
			written := writtenAs(f, w)
			if written == nil {
				if f.Default == nil {
					return e.minimal(w, depth)
				}
				continue
			}
			if v, ok := e.unreadable(f.Type, written.Type, depth+1); ok {
				return e.record(w, written, v, depth)
			}
		}
	}
	return "", false
}

// promotes reports whether r reads w's values although it is another kind.
// https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
func promotes(r, w avro.Kind) bool {
	switch r {
	case avro.Long:
		return w == avro.Int
	case avro.Float:
		return w == avro.Int || w == avro.Long
	case avro.Double:
		return w == avro.Int || w == avro.Long || w == avro.Float
	case avro.Bytes:
		return w == avro.String
	case avro.String:
		return w == avro.Bytes
	}
	return false
}

// inUnion returns a value of a union's branch b as the union's.
func inUnion(b *avro.Type, v string) string {
	switch {
	case b.Kind == avro.Null:
		return v
	case named(b):
		return "{" + quote(b.Name.Full()) + ": " + v + "}"
	}
	return "{" + quote(b.Kind.String()) + ": " + v + "}"
}

// record returns a record with a value in the field set, which may be nil, and the smallest ones in the others.
func (e *avroExample) record(t *avro.Type, set *avro.Field, value string, depth int) (string, bool) {
	if e.open[t] {
		return "", false // it would have no end
	}
	e.open[t] = true
	defer delete(e.open, t)
	var b strings.Builder
	b.WriteByte('{')
	for i, f := range t.Fields {
		v := value
		if f != set {
			var ok bool
			if v, ok = e.minimal(f.Type, depth+1); !ok {
				return "", false
			}
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(f.Name) + ": " + v)
		if b.Len() > maxExample {
			return "", false
		}
	}
	b.WriteByte('}')
	return b.String(), true
}

// minimal returns the smallest value of t.
func (e *avroExample) minimal(t *avro.Type, depth int) (string, bool) {
	if !e.spend(depth) {
		return "", false
	}
	switch t.Kind {
	case avro.Record:
		return e.record(t, nil, "", depth)
	case avro.Enum:
		if len(t.Symbols) == 0 {
			return "", false
		}
		return quote(t.Symbols[0]), true
	case avro.Fixed:
		if t.Size > maxExample {
			return "", false
		}
		return `"` + strings.Repeat("0", t.Size) + `"`, true // each character is a byte
	case avro.Union:
		if slices.ContainsFunc(t.Branches, func(b *avro.Type) bool { return b.Kind == avro.Null }) {
			return "null", true
		}
		for _, b := range t.Branches {
			if v, ok := e.minimal(b, depth+1); ok {
				return inUnion(b, v), true
			}
		}
		return "", false
	case avro.Array:
		return "[]", true
	case avro.Map:
		return "{}", true
	case avro.String, avro.Bytes:
		return `""`, true
	case avro.Boolean:
		return "false", true
	case avro.Null:
		return "null", true
	}
	return "0", true
}
