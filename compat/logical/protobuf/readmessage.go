package protobuf

import (
	"slices"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
	native "github.com/millrace/millrace/compat/protobuf"
)

// message reads a message as a STRUCT that is not null: the fields of no oneof, then a UNION for each oneof.
func (r *reader) message(m *native.Message) (*logical.Type, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	if err := r.take(len(m.Fields) + len(m.Oneofs)); err != nil {
		return nil, err
	}
	t := &logical.Type{Kind: logical.Struct, Fields: make([]logical.Field, 0, len(m.Fields)+len(m.Oneofs))}
	numbered := !sequential(m)
	names := map[string]bool{}
	add := func(f logical.Field) error {
		if names[f.Name] {
			return logical.Errorf("Duplicate field: %s", f.Name)
		}
		names[f.Name] = true
		t.Fields = append(t.Fields, f)
		return nil
	}
	for _, e := range m.Fields {
		f, err := r.field(m, e, numbered)
		if err == nil {
			err = add(f)
		}
		if err != nil {
			return nil, err
		}
	}
	for _, o := range m.Oneofs {
		u, err := r.oneof(m, o, numbered)
		if err == nil {
			err = add(logical.Field{Name: o.Name, Type: u})
		}
		if err != nil {
			return nil, err
		}
	}
	annotate(t, m.Meta)
	return t, nil
}

// enter begins a type that holds others. It is followed by a leave.
func (r *reader) enter() error {
	r.depth++
	r.deepest = max(r.deepest, r.depth)
	if r.depth > logical.MaxDepth {
		r.depth--
		return logical.ErrTooDeep
	}
	return nil
}

func (r *reader) leave() { r.depth-- }

// sequential reports whether the numbers of a message's fields are those that writing it gives them: from 1 on, those of the
// oneofs last. The branches of a wrapped UNION have numbers of their own, which must be said.
func sequential(m *native.Message) bool {
	next := int32(1)
	for _, f := range m.Fields {
		if f.Number != next || wrapsUnion(f) {
			return false
		}
		next++
	}
	for _, o := range m.Oneofs {
		for _, f := range o.Fields {
			if f.Number != next {
				return false
			}
			next++
		}
	}
	return true
}

func wrapsUnion(f *native.Field) bool {
	if f.Repeated || f.Message == nil || !wrapped(f) {
		return false
	}
	_, union := payload(f.Message)
	return union != nil
}

// wrapped reports whether a field's message is there for its value alone.
func wrapped(f *native.Field) bool {
	v, _ := f.Meta.Param(property.FlinkWrapped)
	return strings.EqualFold(v, "true")
}

// payload returns what a wrapper wraps: a field or a oneof called value.
func payload(m *native.Message) (*native.Field, *native.Oneof) {
	for _, f := range m.Fields {
		if f.Name == property.EntryValue {
			return f, nil
		}
	}
	for _, o := range m.Oneofs {
		if o.Name == property.EntryValue {
			return nil, o
		}
	}
	return nil, nil
}

// oneof reads a oneof as a UNION. It is null when nothing of it is set, and so is each branch.
func (r *reader) oneof(m *native.Message, o *native.Oneof, numbered bool) (*logical.Type, error) {
	if err := r.take(len(o.Fields)); err != nil {
		return nil, err
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	u := &logical.Type{Kind: logical.Union, Nullable: true}
	names := map[string]bool{}
	for _, f := range o.Fields {
		t, err := r.typeOf(m, f)
		if err != nil {
			return nil, err
		}
		if names[f.Name] {
			return nil, logical.Errorf("Duplicate union branch: %s", f.Name)
		}
		names[f.Name] = true
		b := logical.Branch{Name: f.Name, Type: nullable(t, true), Doc: doc(f.Meta), Params: userParams(f.Meta)}
		if numbered {
			b.Params = b.Params.With(property.ProtobufField, strconv.Itoa(int(f.Number)))
		}
		u.Branches = append(u.Branches, b)
	}
	return u, nil
}

// nullable returns a type with another nullability.
func nullable(t *logical.Type, is bool) *logical.Type {
	if t.Nullable == is {
		return t
	}
	other := *t
	other.Nullable = is
	return &other
}

func (r *reader) field(m *native.Message, f *native.Field, numbered bool) (logical.Field, error) {
	t, err := r.typeOf(m, f)
	if err != nil {
		return logical.Field{}, err
	}
	out := logical.Field{Name: f.Name, Type: t, Doc: doc(f.Meta), Params: userParams(f.Meta)}
	if f.Meta != nil {
		out.Tags, out.Rules = slices.Clone(f.Meta.Tags), rules(f.Meta)
	}
	if numbered {
		out.Params = out.Params.With(property.ProtobufField, strconv.Itoa(int(f.Number)))
	}
	out.Default, err = defaultOf(m, f, t)
	return out, err
}

// typeOf reads the type of a field on its path.
func (r *reader) typeOf(m *native.Message, f *native.Field) (*logical.Type, error) {
	r.path = append(r.path, f.Name)
	t, err := r.fieldType(m, f)
	if err == nil {
		r.path = r.path[:len(r.path)-1] // else it is part of what is said
	}
	return t, err
}

// annotate gives a type what its annotation says.
func annotate(t *logical.Type, m *native.Meta) {
	if m == nil {
		return
	}
	t.Doc, t.Tags, t.Params = doc(m), slices.Clone(m.Tags), userParams(m)
	if t.Kind == logical.Struct {
		t.Rules = rules(m)
	}
}

func doc(m *native.Meta) string {
	if m == nil || strings.TrimSpace(m.Doc) == "" {
		return ""
	}
	return m.Doc
}

// userParams returns the properties that are the user's own.
func userParams(m *native.Meta) logical.Params {
	if m == nil {
		return nil
	}
	var out logical.Params
	for _, p := range m.Params {
		if property.IsOwn(p.Key) {
			out = append(out, logical.Param{Key: p.Key, Value: p.Value})
		}
	}
	return out
}

// rules returns the constraints that are whole; Protobuf cannot tell an empty expression from none.
func rules(m *native.Meta) []logical.Rule {
	var out []logical.Rule
	for _, e := range m.Rules {
		if e.Expr != "" && e.SQL != "" {
			out = append(out, logical.Rule{Name: e.Name, Doc: e.Doc, Expr: e.Expr, SQL: e.SQL})
		}
	}
	return out
}

// enum reads an enum that is not null. Its numbers are kept when they are not 0, 1, 2 and so on.
func (r *reader) enum(e *native.Enum) (*logical.Type, error) {
	if err := r.take(len(e.Values)); err != nil {
		return nil, err
	}
	t := &logical.Type{Kind: logical.Enum}
	numbered := false
	names := map[string]bool{}
	for i, v := range e.Values {
		numbered = numbered || int(v.Number) != i
		if names[v.Name] {
			return nil, logical.Errorf("Duplicate enum symbol: %s", v.Name)
		}
		names[v.Name] = true
	}
	for _, v := range e.Values {
		out := logical.EnumValue{Symbol: v.Name, Doc: doc(v.Meta)}
		if v.Meta != nil {
			for _, p := range v.Meta.Params {
				if !property.OfOneLanguage(p.Key) {
					out.Params = append(out.Params, logical.Param{Key: p.Key, Value: p.Value})
				}
			}
		}
		if numbered {
			out.Params = out.Params.With(property.ProtobufEnum, strconv.Itoa(int(v.Number)))
		}
		t.Values = append(t.Values, out)
	}
	annotate(t, e.Meta)
	return t, nil
}
