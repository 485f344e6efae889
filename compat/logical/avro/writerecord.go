package avro

import (
	"strconv"

	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/property"
)

// begin writes the kind and the name of a named type, whose last dot parts the namespace from it.
func (w *writer) begin(kind, name string) {
	space, simple := logical.Split(name)
	w.raw(`{"type":"` + kind + `","name":`)
	w.string(simple)
	w.raw(`,"namespace":`)
	w.string(space)
}

// named writes a STRUCT or an ENUM under a name. anonymous marks what has none of its own.
func (w *writer) named(name string, t *logical.Type, anonymous bool) error {
	kind := "record"
	if t.Kind == logical.Enum {
		kind = "enum"
	}
	if !anonymous {
		w.known[name] = true
	}
	w.begin(kind, name)
	if t.Doc != "" {
		w.prop("doc", t.Doc)
	}
	var err error
	if t.Kind == logical.Enum {
		w.symbols(t)
	} else {
		err = w.fields(name, t)
		w.prop(property.Rules, property.RuleList(t.Rules))
	}
	w.marks(t.Tags, t.Params)
	if anonymous {
		w.prop(property.LogicalAnonymous, "true")
	}
	w.raw(`}`)
	return err
}

// marks writes tags, properties and aliases.
func (w *writer) marks(tags []string, params logical.Params) {
	w.prop(property.Tags, property.TagList(tags))
	w.prop(property.Params, property.ParamObject(params))
	w.prop("aliases", aliasesOf(params))
}

func (w *writer) symbols(t *logical.Type) {
	symbols := make([]logical.Value, len(t.Values))
	for i, v := range t.Values {
		symbols[i] = v.Symbol
	}
	w.prop("symbols", symbols)
	w.prop(property.Enum, property.SymbolHints(t))
}

func (w *writer) fields(name string, t *logical.Type) error {
	w.raw(`,"fields":[`)
	for i := range t.Fields {
		if i > 0 {
			w.raw(`,`)
		}
		if err := w.field(&t.Fields[i], name); err != nil {
			return err
		}
	}
	w.raw(`]`)
	return nil
}

func (w *writer) field(f *logical.Field, record string) error {
	if !isName(f.Name) {
		return badName(f.Name)
	}
	w.raw(`{"name":`)
	w.string(f.Name)
	w.raw(`,"type":`)
	has := f.Default.Has && !f.Default.Derived
	if err := w.fieldType(f.Type, record+"_"+f.Name, has && f.Default.Value != nil); err != nil {
		return err
	}
	if f.Doc != "" {
		w.prop("doc", f.Doc)
	}
	if has {
		v, err := defaultTo(f.Type, f.Default.Value)
		if err != nil {
			return err
		}
		w.raw(`,"default":`)
		w.buf = logical.AppendJSON(w.buf, v)
	}
	w.marks(f.Tags, f.Params)
	w.prop(property.Rules, property.RuleList(f.Rules))
	if f.Type.Kind == logical.Union {
		w.prop(property.Union, property.BranchHints(f.Type))
	}
	w.raw(`}`)
	return nil
}

// fieldType writes a field's type. A default belongs to the first branch of a union, so null comes last where it is not null.
func (w *writer) fieldType(t *logical.Type, rowName string, nullLast bool) error {
	union := w.isUnion(t)
	switch {
	case !t.Nullable || !nullLast:
		return w.inOrNull(t, rowName, union)
	case union:
		w.raw(`[`)
		return w.members(t, rowName, false, `,"null"]`)
	}
	w.raw(`[`)
	err := w.write(t, rowName)
	w.raw(`,"null"]`)
	return err
}

// scalarText returns the text of a type without parts.
func scalarText(t *logical.Type) (string, error) {
	switch t.Kind {
	case logical.Boolean:
		return `"boolean"`, nil
	case logical.TinyInt:
		return `{"type":"int","` + property.ConnectType + `":"` + property.ConnectInt8 + `"}`, nil
	case logical.SmallInt:
		return `{"type":"int","` + property.ConnectType + `":"` + property.ConnectInt16 + `"}`, nil
	case logical.Int:
		return `"int"`, nil
	case logical.BigInt:
		return `"long"`, nil
	case logical.Float:
		return `"float"`, nil
	case logical.Double:
		return `"double"`, nil
	case logical.Char:
		n := strconv.Itoa(t.Length)
		return `{"type":"string"` + flink(property.FlinkMinLength, n) + `,"` + property.FlinkMaxLength + `":` + n + `}`, nil
	case logical.Varchar:
		return lengthText("string", t.Length), nil
	case logical.Varbinary:
		return lengthText("bytes", t.Length), nil
	case logical.Date:
		return `{"type":"int","logicalType":"date"}`, nil
	case logical.Decimal:
		return decimalTypeText(t)
	case logical.Time, logical.Timestamp, logical.TimestampLTZ:
		return fractionText(t)
	}
	return "", logical.Errorf("Unsupported to derive an Avro Schema for type %s", t.Kind)
}

func flink(name, n string) string {
	return `,"` + property.FlinkVersion + `":"` + property.FlinkVersion1 + `","` + name + `":` + n
}

func lengthText(kind string, n int) string {
	if n >= logical.Unbounded {
		return `"` + kind + `"`
	}
	return `{"type":"` + kind + `"` + flink(property.FlinkMaxLength, strconv.Itoa(n)) + `}`
}

// decimalTypeText checks what Avro's library checks: the parser takes an ill-formed decimal for mere bytes.
func decimalTypeText(t *logical.Type) (string, error) {
	scale := t.Scale
	if scale == logical.Unstated {
		scale = 0
	}
	switch {
	case t.Precision <= 0:
		return "", cannot("Invalid decimal precision: %d (must be positive)", t.Precision)
	case scale < 0:
		return "", cannot("Invalid decimal scale: %d (must be positive)", scale)
	case scale > t.Precision:
		return "", cannot("Invalid decimal scale: %d (greater than precision: %d)", scale, t.Precision)
	}
	return `{"type":"bytes","logicalType":"decimal","precision":` + strconv.Itoa(t.Precision) +
		`,"scale":` + strconv.Itoa(scale) + `}`, nil
}

// fractionText takes the narrowest Avro type that holds a precision, which it says where it is another. Avro has no nanoseconds
// of a TIME.
func fractionText(t *logical.Type) (string, error) {
	if t.Precision < 0 || t.Precision > logical.MaxFraction {
		return "", logical.Errorf("%s precision must be in [0, 9], got %d", t.Kind, t.Precision)
	}
	kind, has, unit := "long", 9, "nanos"
	switch {
	case t.Precision <= 3:
		has, unit = 3, "millis"
	case t.Precision <= 6 || t.Kind == logical.Time:
		has, unit = 6, "micros"
	}
	name := "time-" + unit
	switch {
	case t.Kind == logical.Timestamp:
		name = "local-timestamp-" + unit
	case t.Kind == logical.TimestampLTZ:
		name = "timestamp-" + unit
	case has == 3:
		kind = "int"
	}
	text := `{"type":"` + kind + `","logicalType":"` + name + `"`
	if t.Precision != has {
		text += flink(property.FlinkPrecision, strconv.Itoa(t.Precision))
	}
	return text + `}`, nil
}

func cannot(format string, args ...any) error {
	return logical.Errorf("Logical type schema cannot be represented as AVRO: "+format, args...)
}

// isName says whether Avro takes a name. https://avro.apache.org/docs/1.12.0/specification/#names
func isName(s string) bool {
	for i, c := range s {
		if c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

func badName(name string) error {
	return logical.Errorf("Illegal field name for AVRO format `%s`. AVRO expects field names to start with [A-Za-z_] "+
		"subsequently contain only [A-Za-z0-9_].", name)
}
