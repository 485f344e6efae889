package check

import (
	"fmt"
	"strings"
	"sync"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/ext"

	"github.com/millrace/millrace/compat/logical"
)

// The types that CEL does not have. A client has a DECIMAL of Protobuf as a message of this name, so that it is an object here.
var (
	celDecimal = cel.ObjectType("confluent.type.Decimal")
	celVariant = cel.OpaqueType("confluent.type.Variant")
)

// environment is what Confluent's clients evaluate in, without the columns: CEL, its extensions for strings and numbers, and
// their own functions.
//
// Source: ConstraintCelChecker; schema-rules' BuiltinDeclarations, and the declarations of the other clients.
var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(append(functions(), ext.Strings(), ext.Math(), cel.Variable(now, cel.TimestampType))...)
})

// functions declares the functions that the clients define.
func functions() []cel.EnvOption {
	var out []cel.EnvOption
	function := func(name string, result *cel.Type, args ...*cel.Type) {
		out = append(out, cel.Function(name, cel.Overload(fmt.Sprintf("%s_%d", name, len(args)), args, result)))
	}
	for _, m := range []string{"isEmail", "isHostname", "isIpv4", "isIpv6", "isUri", "isUriRef", "isUuid"} {
		out = append(out, cel.Function(m, cel.MemberOverload(m, []*cel.Type{cel.StringType}, cel.BoolType)))
	}
	function("decimal", celDecimal, cel.DynType)
	function("decimal", celDecimal, cel.BytesType, cel.IntType)
	for _, f := range []string{"eq", "lt", "le", "gt", "ge"} {
		function("decimals."+f, cel.BoolType, celDecimal, celDecimal)
	}
	for _, f := range []string{"add", "sub", "mul", "div", "mod", "greatest", "least"} {
		function("decimals."+f, celDecimal, celDecimal, celDecimal)
	}
	for _, f := range []string{"sqrt", "neg", "abs", "floor", "ceil", "round", "trunc"} {
		function("decimals."+f, celDecimal, celDecimal)
	}
	function("decimals.sign", cel.IntType, celDecimal)
	function("decimals.round", celDecimal, celDecimal, cel.IntType)
	function("decimals.trunc", celDecimal, celDecimal, cel.IntType)
	out = append(out,
		cel.Function("string", cel.Overload("decimal_to_string", []*cel.Type{celDecimal}, cel.StringType)),
		cel.Function("double", cel.Overload("decimal_to_double", []*cel.Type{celDecimal}, cel.DoubleType)),
		cel.Function("timestamp", cel.Overload("timestamp_int_int", []*cel.Type{cel.IntType, cel.IntType}, cel.TimestampType)))
	function("variant", cel.DynType, cel.DynType)
	function("variant", celVariant, cel.BytesType, cel.BytesType)
	function("variants.parseJson", celVariant, cel.StringType)
	function("variants.tryParseJson", cel.DynType, cel.StringType)
	function("variants.type", cel.StringType, cel.DynType)
	function("variants.isNull", cel.BoolType, cel.DynType)
	function("variants.toJson", cel.StringType, cel.DynType)
	function("variants.path", cel.DynType, cel.DynType, cel.StringType)
	function("variants.field", cel.DynType, cel.DynType, cel.StringType)
	function("variants.index", cel.DynType, cel.DynType, cel.IntType)
	function("variants.as", cel.DynType, cel.DynType, cel.StringType)
	function("variants.tryAs", cel.DynType, cel.DynType, cel.StringType)
	return out
}

// MaxCost is what the types of one expression may cost to check, a second and a half or so.
const MaxCost = 1 << 24

// Cost returns about what the types of a CEL expression cost to check. cel-go binds a variable for each operator that takes any type,
// and copies what is bound at each operator.
func Cost(text string) int {
	var anyType, all int
	for _, op := range []string{"==", "!=", " in ", " ? ", "[", "dyn(", ".all(", ".exists("} {
		anyType += strings.Count(text, op)
	}
	for _, op := range []string{" ", "(", "!", "["} {
		all += strings.Count(text, op)
	}
	return anyType * all
}

// typeCheck refuses CEL that does not fit the types of the columns. byIndex declares this["in"].
func typeCheck(text string, root span, s *Scope, byIndex bool) error {
	if Cost(text) > MaxCost {
		return root.errorf("CHECK expression has too many comparisons")
	}
	env, err := environment()
	if err != nil {
		return fmt.Errorf("declaring the functions of CEL: %w", err)
	}
	p := &provider{Provider: env.CELTypeProvider(), scope: s, names: map[*logical.Type]string{}, structs: map[string]*logical.Type{}}
	options := []cel.EnvOption{cel.CustomTypeProvider(p), cel.Variable("this", p.this())}
	if byIndex {
		options = append(options, p.indexes()...)
	}
	if env, err = env.Extend(options...); err != nil {
		return fmt.Errorf("declaring the columns of a CHECK constraint: %w", err)
	}
	_, issues := env.Compile(text)
	if issues.Err() == nil {
		return nil
	}
	why := issues.Errors()[0].Message
	if len(text) == len(logical.Shorten(text)) { // each issue shows its line
		why = issues.String()
	}
	return root.fault(logical.Sprintf("Emitted expression fails strict type-check. SQL: %s\n  Expr: %s\n  %s", root, text, why), "")
}

// provider is the types of the columns: to CEL, each STRUCT is an object with a name of its own.
type provider struct {
	types.Provider
	scope   *Scope
	names   map[*logical.Type]string
	structs map[string]*logical.Type
}

// this returns the type of the variable this.
func (p *provider) this() *cel.Type {
	if p.scope.single() {
		return p.celType(p.scope.columns[p.scope.names[0]])
	}
	return p.object(p.scope.table)
}

func (p *provider) celType(t *logical.Type) *cel.Type {
	if t = p.scope.body(t); t == nil {
		return cel.DynType
	}
	switch t.Kind {
	case logical.Array, logical.Multiset:
		return cel.ListType(p.celType(t.Elem))
	case logical.Map:
		return cel.MapType(p.celType(t.Key), p.celType(t.Elem))
	case logical.Struct:
		return p.object(t)
	}
	switch classOf(t) {
	case boolClass:
		return cel.BoolType
	case intClass:
		return cel.IntType
	case doubleClass:
		return cel.DoubleType
	case decimalClass:
		return celDecimal
	case stringClass:
		return cel.StringType
	case bytesClass:
		return cel.BytesType
	case timeClass:
		return cel.TimestampType
	}
	return cel.DynType
}

func (p *provider) object(t *logical.Type) *cel.Type {
	name, ok := p.names[t]
	if !ok {
		name = fmt.Sprintf("__lt_struct_%d__", len(p.names))
		p.names[t], p.structs[name] = name, t
	}
	return cel.ObjectType(name)
}

// FindStructType returns the type of an object.
func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if t, ok := p.structs[name]; ok {
		return types.NewTypeTypeWithParam(p.object(t)), true
	}
	return p.Provider.FindStructType(name)
}

// FindStructFieldNames returns the names of an object's fields.
func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	t, ok := p.structs[name]
	if !ok {
		return p.Provider.FindStructFieldNames(name)
	}
	var names []string
	for _, f := range t.Fields {
		names = append(names, f.Name)
	}
	return names, true
}

// FindStructFieldType returns the type of an object's field.
func (p *provider) FindStructFieldType(name, fieldName string) (*types.FieldType, bool) {
	t, ok := p.structs[name]
	if !ok {
		return p.Provider.FindStructFieldType(name, fieldName)
	}
	f := field(t, fieldName)
	if f == nil {
		return nil, false
	}
	return &types.FieldType{Type: p.celType(f.Type)}, true
}

// indexes declares the index of every object by a string: what it is, nobody knows.
func (p *provider) indexes() []cel.EnvOption {
	var out []cel.EnvOption
	for i := 0; i < len(p.names); i++ { // celType finds more
		name := fmt.Sprintf("__lt_struct_%d__", i)
		for _, f := range p.structs[name].Fields {
			p.celType(f.Type)
		}
		out = append(out, cel.Function("_[_]", cel.Overload("index_"+name, []*cel.Type{cel.ObjectType(name), cel.StringType},
			cel.DynType)))
	}
	return out
}
