package ddl

import (
	"errors"
	"math"
	"strconv"

	"github.com/millrace/millrace/compat/logical"
)

// typ returns the type that an expression means.
func (b *builder) typ(e *typeExpr) (t *logical.Type, err error) {
	t = &logical.Type{Kind: e.kind, Nullable: !e.notNull}
	switch e.kind {
	case logical.Char, logical.Varchar, logical.Binary, logical.Varbinary:
		if t.Length = logical.DefaultLength; e.unbound {
			t.Length = logical.Unbounded
		}
		return t, b.param(e, 0, "length", &t.Length)
	case logical.Decimal:
		t.Precision, t.Scale = logical.DefaultPrecision, logical.Unstated
		if err := b.param(e, 0, "precision", &t.Precision); err != nil {
			return nil, err
		}
		return t, b.param(e, 1, "scale", &t.Scale)
	case logical.Time:
		t.Precision = logical.DefaultTimePrecision
		return t, b.fraction(e, &t.Precision)
	case logical.Timestamp, logical.TimestampLTZ:
		t.Precision = logical.DefaultTimestampPrecision
		return t, b.fraction(e, &t.Precision)
	case logical.Named:
		if err := b.typeName(e.name); err != nil {
			return nil, err
		}
		t.Name = b.resolve(e.name.text)
	case logical.Struct:
		t.Fields, err = b.fields(e.fields)
	case logical.Enum:
		t.Values, err = b.values(e.values)
	case logical.Union:
		t.Branches, err = b.branches(e)
	case logical.Map:
		if t.Key, err = b.typ(e.key); err != nil {
			return nil, err
		}
		t.Elem, err = b.typ(e.elem)
	case logical.Array, logical.Multiset:
		t.Elem, err = b.typ(e.elem)
	}
	return t, err
}

// param sets a parameter of a type where it is written. It is from 0 to the largest int32.
func (b *builder) param(e *typeExpr, i int, what string, to *int) error {
	if i >= len(e.params) {
		return nil
	}
	n, err := strconv.ParseInt(e.params[i].text, 10, 32)
	if err != nil || n < 0 {
		return b.fault(e.params[i].offset, "%s %s must be in [0, %d], got %s", e.kind, what, math.MaxInt32, e.params[i].text)
	}
	*to = int(n)
	return nil
}

// fraction sets the precision of a type with a time.
func (b *builder) fraction(e *typeExpr, to *int) error {
	if len(e.params) == 0 {
		return nil
	}
	p := e.params[0]
	n, err := strconv.ParseInt(p.text, 10, 32)
	if err != nil || n < 0 || n > logical.MaxFraction {
		return b.fault(p.offset, "%s precision must be in [0, %d], got %s", e.kind, logical.MaxFraction, p.text)
	}
	*to = int(n)
	return nil
}

func (b *builder) fields(list []field) ([]logical.Field, error) {
	fields := make([]logical.Field, 0, len(list))
	for i := range list {
		f, err := b.field(&list[i])
		if err != nil {
			return nil, err
		}
		fields = append(fields, f)
	}
	seen := make(map[string]bool, len(list))
	for _, f := range list {
		if seen[f.name.text] {
			return nil, b.fault(f.name.offset, "Duplicate field: %s", f.name.text)
		}
		seen[f.name.text] = true
	}
	return fields, nil
}

func (b *builder) field(f *field) (out logical.Field, err error) {
	if err := b.userName(f.name, "Field"); err != nil {
		return out, err
	}
	out = logical.Field{Name: f.name.text, Doc: f.meta.doc, Tags: f.meta.tags, Params: f.meta.params}
	if out.Type, err = b.typ(f.typ); err != nil {
		return out, err
	}
	if f.def != nil {
		out.Default.Has = true
		if out.Default.Value, err = b.value(f.def, out.Type); err != nil {
			return out, err
		}
	}
	out.Rules, err = b.columnRules(f.checks, &out)
	return out, err
}

func (b *builder) branches(e *typeExpr) ([]logical.Branch, error) {
	branches := make([]logical.Branch, 0, len(e.branches))
	for _, br := range e.branches {
		if err := b.userName(br.name, "Union branch"); err != nil {
			return nil, err
		}
		t, err := b.typ(br.typ)
		if err != nil {
			return nil, err
		}
		branches = append(branches, logical.Branch{Name: br.name.text, Type: t, Doc: br.meta.doc, Params: br.meta.params})
	}
	seen := make(map[string]bool, len(branches))
	for _, br := range e.branches {
		if seen[br.name.text] {
			return nil, b.fault(br.name.offset, "Duplicate union branch: %s", br.name.text)
		}
		seen[br.name.text] = true
	}
	return branches, nil
}

func (b *builder) values(symbols []symbol) ([]logical.EnumValue, error) {
	values := make([]logical.EnumValue, 0, len(symbols))
	for _, v := range symbols {
		if err := b.userName(v.name, "Enum symbol"); err != nil {
			return nil, err
		}
		values = append(values, logical.EnumValue{Symbol: v.name.text, Doc: v.meta.doc, Params: v.meta.params})
	}
	seen := make(map[string]bool, len(values))
	for _, v := range symbols {
		if seen[v.name.text] {
			return nil, b.fault(v.name.offset, "Duplicate enum symbol: %s", v.name.text)
		}
		seen[v.name.text] = true
	}
	return values, nil
}

// userName refuses what no field, branch or symbol can be called.
func (b *builder) userName(n name, role string) error {
	var fault *logical.Error
	if errors.As(logical.CheckName(n.text, role), &fault) {
		return b.fault(n.offset, "%s", fault.Msg)
	}
	return nil
}
