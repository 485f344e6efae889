package avro

import (
	"strconv"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	"github.com/millrace/millrace/compat/schema"
)

// maxText is how many bytes a schema may have before it is normalized: what has no name in Avro is repeated at each use.
const maxText = 16 << 20

// writer writes types as Avro schema text.
type writer struct {
	buf    []byte
	known  map[string]bool // named types that a name stands for: of references, or written before
	bodies map[string]*logical.Type
	open   map[string]bool // named types that are being written and cannot be named inside: no STRUCT
	depth  int
}

func (w *writer) raw(s string)    { w.buf = append(w.buf, s...) }
func (w *writer) string(s string) { w.buf = schema.AppendString(w.buf, s) }

// prop writes a property behind others; nil is none.
func (w *writer) prop(name string, v logical.Value) {
	if v != nil {
		w.raw(",")
		w.string(name)
		w.raw(":")
		w.buf = logical.AppendJSON(w.buf, v)
	}
}

// root writes the whole schema.
func (w *writer) root(s *logical.Schema, rowName string) error {
	named := s.Name != "" && (s.Root.Kind == logical.Struct || s.Root.Kind == logical.Enum)
	if !named {
		return w.inOrNull(s.Root, rowName, s.Root.Kind == logical.Union)
	}
	name := s.Name
	if s.Namespace != "" {
		name = s.Namespace + "." + name
	}
	if err := w.enter(); err != nil {
		return err
	}
	defer w.leave()
	if s.Root.Nullable {
		w.raw(`["null",`)
		defer w.raw(`]`)
	}
	return w.named(name, s.Root, false)
}

// inOrNull writes a type, nullable as a union with null. Where the type is a union itself, null joins it if spliced is set, and
// otherwise Avro refuses the union in a union.
func (w *writer) inOrNull(t *logical.Type, rowName string, spliced bool) error {
	switch {
	case !t.Nullable:
		return w.write(t, rowName)
	case spliced:
		w.raw(`["null"`)
		return w.members(t, rowName, true, `]`)
	}
	w.raw(`["null",`)
	err := w.write(t, rowName)
	w.raw(`]`)
	return err
}

// enter and leave count the types that are being written, the root among them.
func (w *writer) enter() error {
	if w.depth++; w.depth > logical.MaxDepth+1 {
		return logical.ErrTooDeep
	}
	return nil
}

func (w *writer) leave() { w.depth-- }

// write writes a type as if it were not null. Types in it that have no name of their own are named after rowName.
func (w *writer) write(t *logical.Type, rowName string) error {
	if err := w.enter(); err != nil {
		return err
	}
	defer w.leave()
	if len(w.buf) > maxText {
		return logical.Errorf("Logical type schema cannot be represented as AVRO: it has more than %d bytes", maxText)
	}
	switch t.Kind {
	case logical.Struct, logical.Enum:
		return w.named(rowName, t, true)
	case logical.Union:
		w.raw(`[`)
		return w.members(t, rowName, false, `]`)
	case logical.Named:
		return w.reference(t.Name)
	case logical.Array:
		w.raw(`{"type":"array","items":`)
		err := w.inOrNull(t.Elem, rowName, false)
		w.raw(`}`)
		return err
	case logical.Map:
		return w.entries(t.Key, t.Elem, rowName, false)
	case logical.Multiset:
		return w.entries(t.Elem, &logical.Type{Kind: logical.Int}, rowName, true)
	case logical.Variant:
		w.raw(`{"type":"record","name":"` + variantName + `","namespace":"` + variantSpace + `","fields":[` +
			`{"name":"metadata","type":"bytes"},{"name":"value","type":"bytes"}],"logicalType":"variant"}`)
		return nil
	case logical.Binary:
		w.begin("fixed", rowName)
		w.raw(`,"size":` + strconv.Itoa(t.Length) + `}`)
		return nil
	}
	text, err := scalarText(t)
	w.raw(text)
	return err
}

// reference writes the definition of a named type at its first use and its name after that.
func (w *writer) reference(name string) error {
	body := w.bodies[name]
	switch {
	case w.known[name]:
		w.string(name)
		return nil
	case body == nil:
		return logical.Errorf("Unknown named type reference: %s", name)
	case body.Kind == logical.Struct:
		if _, simple := logical.Split(name); !isName(simple) {
			return badName(simple)
		}
		return w.named(name, body, false)
	case body.Kind == logical.Enum:
		return w.named(name, body, false)
	}
	if w.open[name] {
		return logical.Errorf("Duplicate named type: %s", name)
	}
	w.open[name] = true
	defer delete(w.open, name)
	return w.write(body, name)
}

// isUnion says whether a type is written as a union.
func (w *writer) isUnion(t *logical.Type) bool {
	for range logical.MaxDepth {
		if t == nil || t.Kind != logical.Named || w.known[t.Name] {
			break
		}
		t = w.bodies[t.Name]
	}
	return t != nil && t.Kind == logical.Union
}

// members writes the branches of a union, a Named one's body, behind what stands in it already.
func (w *writer) members(t *logical.Type, rowName string, more bool, end string) error {
	if t.Kind == logical.Named {
		if w.open[t.Name] {
			return logical.Errorf("Duplicate named type: %s", t.Name)
		}
		w.open[t.Name] = true
		defer delete(w.open, t.Name)
		if err := w.enter(); err != nil {
			return err
		}
		defer w.leave()
		return w.members(w.bodies[t.Name], t.Name, more, end)
	}
	for _, b := range t.Branches {
		if more {
			w.raw(`,`)
		}
		more = true
		if err := w.write(b.Type, b.Name); err != nil {
			return err
		}
	}
	w.raw(end)
	return nil
}

// entries writes a MAP: an Avro map where its key is a text, and else an array of records.
func (w *writer) entries(key, elem *logical.Type, rowName string, multi bool) error {
	var err error
	if key.Kind == logical.Varchar || key.Kind == logical.Char {
		w.raw(`{"type":"map","values":`)
		err = w.inOrNull(elem, rowName, false)
		if key.Length < logical.Unbounded {
			w.raw(`,"` + property.LogicalKeyLength + `":` + strconv.Itoa(key.Length))
			if key.Kind == logical.Char {
				w.prop(property.LogicalKeyType, property.Char)
			}
		}
	} else {
		w.raw(`{"type":"array","items":`)
		w.begin("record", rowName+"_Entry")
		w.raw(`,"fields":[`)
		if err = w.entryField(property.EntryKey, key, rowName+"_key"); err == nil {
			w.raw(`,`)
			err = w.entryField(property.EntryValue, elem, rowName+"_value")
		}
		w.raw(`]`)
		w.prop(property.ConnectInternalType, property.ConnectMapEntry)
		w.raw(`}`)
		w.prop("logicalType", "map")
	}
	if multi {
		w.prop(property.FlinkVersion, property.FlinkVersion1)
		w.prop(property.FlinkType, property.FlinkMultiset)
	}
	w.raw(`}`)
	return err
}

func (w *writer) entryField(name string, t *logical.Type, rowName string) error {
	w.raw(`{"name":"` + name + `","type":`)
	err := w.inOrNull(t, rowName, false)
	if t.Nullable {
		w.raw(`,"default":null`)
	}
	w.raw(`}`)
	return err
}
