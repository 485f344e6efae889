package check

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/ext"
)

// decimal is a DECIMAL as a client has it: a number and the digits behind its point.
type decimal struct {
	r     *big.Rat
	scale int
}

func newDecimal(s string) decimal {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic(s)
	}
	_, fraction, _ := strings.Cut(s, ".")
	return decimal{r, len(fraction)}
}

func (d decimal) ConvertToNative(reflect.Type) (any, error) { return d, nil }
func (d decimal) ConvertToType(ref.Type) ref.Val            { return d }
func (d decimal) Equal(ref.Val) ref.Val                     { return types.NewErr("a DECIMAL has no ==") }
func (d decimal) Type() ref.Type                            { return celDecimal }
func (d decimal) Value() any                                { return d }

func toDecimal(v ref.Val) ref.Val {
	switch x := v.Value().(type) {
	case decimal:
		return x
	case int64:
		return decimal{new(big.Rat).SetInt64(x), 0}
	case float64:
		return newDecimal(fmt.Sprint(x))
	case string:
		return newDecimal(x)
	}
	return types.NewErr("no decimal: %v", v)
}

// round rounds to a scale: half up, or toward zero.
func (d decimal) round(scale int, half bool) decimal {
	unit := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(scale, -scale))), nil))
	if scale < 0 {
		unit.Inv(unit)
	}
	x := new(big.Rat).Mul(d.r, unit)
	if half {
		x.Add(x, big.NewRat(int64(x.Sign()), 2))
	}
	i := new(big.Int).Quo(x.Num(), x.Denom())
	return decimal{new(big.Rat).Quo(new(big.Rat).SetInt(i), unit), scale}
}

// variantPath follows $.a[0].b.
func variantPath(v any, path string) any {
	for _, step := range regexp.MustCompile(`\.(\w+)|\[(\d+)\]`).FindAllStringSubmatch(path, -1) {
		switch x := v.(type) {
		case map[string]any:
			v = x[step[1]]
		case []any:
			var i int
			if _, err := fmt.Sscan(step[2], &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}

func variantAs(v any, label string) (any, bool) {
	switch x := v.(type) {
	case nil:
		return nil, true
	case float64:
		switch label {
		case "int":
			return int64(x), x == float64(int64(x))
		case "double":
			return x, true
		case "decimal":
			return newDecimal(fmt.Sprint(x)), true
		}
	case string:
		if label == "timestamp" {
			t, err := time.Parse(time.RFC3339, x)
			return t, err == nil
		}
		return x, label == "string"
	case bool:
		return x, label == "boolean"
	}
	return nil, false
}

// runtime is an environment that evaluates, for values without types, as that of a client does.
var runtime = sync.OnceValues(func() (*cel.Env, error) {
	adapter := types.DefaultTypeAdapter
	options := []cel.EnvOption{ext.Strings(), ext.Math(), cel.Variable(now, cel.TimestampType), cel.Variable("this", cel.DynType)}
	bind := func(name string, result *cel.Type, f func(args ...ref.Val) ref.Val, args ...*cel.Type) {
		options = append(options, cel.Function(name, cel.Overload(fmt.Sprintf("%s_%d", name, len(args)), args, result,
			cel.FunctionBinding(f))))
	}
	test := func(name string, f func(s string) bool) {
		options = append(options, cel.Function(name, cel.MemberOverload(name, []*cel.Type{cel.StringType}, cel.BoolType,
			cel.UnaryBinding(func(v ref.Val) ref.Val { return types.Bool(f(v.Value().(string))) }))))
	}
	test("isEmail", func(s string) bool { _, err := mail.ParseAddress(s); return err == nil })
	test("isHostname", regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*$`).MatchString)
	test("isIpv4", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is4() })
	test("isIpv6", func(s string) bool { a, err := netip.ParseAddr(s); return err == nil && a.Is6() })
	test("isUri", func(s string) bool { u, err := url.Parse(s); return err == nil && u.IsAbs() })
	test("isUriRef", func(s string) bool { _, err := url.Parse(s); return err == nil })
	test("isUuid", regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString)

	bind("decimal", celDecimal, func(a ...ref.Val) ref.Val { return toDecimal(a[0]) }, cel.DynType)
	for name, f := range map[string]func(c int) bool{
		"eq": func(c int) bool { return c == 0 }, "lt": func(c int) bool { return c < 0 },
		"le": func(c int) bool { return c <= 0 }, "gt": func(c int) bool { return c > 0 }, "ge": func(c int) bool { return c >= 0 },
	} {
		bind("decimals."+name, cel.BoolType, func(a ...ref.Val) ref.Val {
			return types.Bool(f(a[0].(decimal).r.Cmp(a[1].(decimal).r)))
		}, celDecimal, celDecimal)
	}
	for name, f := range map[string]func(a, b *big.Rat) *big.Rat{
		"add": new(big.Rat).Add, "sub": new(big.Rat).Sub, "mul": new(big.Rat).Mul, "div": new(big.Rat).Quo,
		"mod": func(a, b *big.Rat) *big.Rat {
			q := decimal{new(big.Rat).Quo(a, b), 0}.round(0, false).r
			return new(big.Rat).Sub(a, q.Mul(q, b))
		},
		"greatest": func(a, b *big.Rat) *big.Rat {
			if a.Cmp(b) >= 0 {
				return a
			}
			return b
		},
		"least": func(a, b *big.Rat) *big.Rat {
			if a.Cmp(b) <= 0 {
				return a
			}
			return b
		},
	} {
		bind("decimals."+name, celDecimal, func(a ...ref.Val) ref.Val {
			x, y := a[0].(decimal), a[1].(decimal)
			return decimal{new(big.Rat).Set(f(x.r, y.r)), max(x.scale, y.scale)}
		}, celDecimal, celDecimal)
	}
	for name, f := range map[string]func(d decimal) ref.Val{
		"neg": func(d decimal) ref.Val { return decimal{new(big.Rat).Neg(d.r), d.scale} },
		"abs": func(d decimal) ref.Val { return decimal{new(big.Rat).Abs(d.r), d.scale} },
		"sqrt": func(d decimal) ref.Val {
			f, _ := new(big.Float).Sqrt(new(big.Float).SetRat(d.r)).Float64()
			return newDecimal(fmt.Sprint(f))
		},
		"floor": func(d decimal) ref.Val {
			i := new(big.Int).Div(d.r.Num(), d.r.Denom()) // rounds down for a positive divisor
			return decimal{new(big.Rat).SetInt(i), 0}
		},
		"ceil": func(d decimal) ref.Val {
			i := new(big.Int).Div(new(big.Int).Neg(d.r.Num()), d.r.Denom())
			return decimal{new(big.Rat).SetInt(i.Neg(i)), 0}
		},
		"round": func(d decimal) ref.Val { return d.round(0, true) },
		"trunc": func(d decimal) ref.Val { return d.round(0, false) },
	} {
		bind("decimals."+name, celDecimal, func(a ...ref.Val) ref.Val { return f(a[0].(decimal)) }, celDecimal)
	}
	bind("decimals.sign", cel.IntType, func(a ...ref.Val) ref.Val { return types.Int(a[0].(decimal).r.Sign()) }, celDecimal)
	for name, half := range map[string]bool{"round": true, "trunc": false} {
		bind("decimals."+name, celDecimal, func(a ...ref.Val) ref.Val { return a[0].(decimal).round(int(a[1].(types.Int)), half) },
			celDecimal, cel.IntType)
	}
	bind("string", cel.StringType, func(a ...ref.Val) ref.Val {
		d := a[0].(decimal)
		return types.String(d.r.FloatString(d.scale))
	}, celDecimal)
	bind("double", cel.DoubleType, func(a ...ref.Val) ref.Val {
		f, _ := a[0].(decimal).r.Float64()
		return types.Double(f)
	}, celDecimal)

	parse := func(s string) (v any, err error) { return v, json.Unmarshal([]byte(s), &v) }
	native := func(v ref.Val) any {
		var out any
		b, _ := json.Marshal(v.Value())
		if m, err := v.ConvertToNative(reflect.TypeFor[map[string]any]()); err == nil {
			b, _ = json.Marshal(m)
		}
		if err := json.Unmarshal(b, &out); err != nil {
			panic(err)
		}
		return out
	}
	bind("variants.parseJson", cel.DynType, func(a ...ref.Val) ref.Val {
		v, err := parse(a[0].Value().(string))
		if err != nil {
			return types.WrapErr(err)
		}
		return adapter.NativeToValue(v)
	}, cel.StringType)
	bind("variants.tryParseJson", cel.DynType, func(a ...ref.Val) ref.Val {
		v, err := parse(a[0].Value().(string))
		if err != nil {
			return types.NullValue
		}
		return adapter.NativeToValue(v)
	}, cel.StringType)
	bind("variants.toJson", cel.StringType, func(a ...ref.Val) ref.Val {
		b, err := json.Marshal(native(a[0]))
		if err != nil {
			return types.WrapErr(err)
		}
		return types.String(b)
	}, cel.DynType)
	bind("variants.type", cel.StringType, func(a ...ref.Val) ref.Val {
		return types.String(map[string]string{"map": "OBJECT", "string": "STRING", "null_type": "NULL"}[a[0].Type().TypeName()])
	}, cel.DynType)
	bind("variants.isNull", cel.BoolType, func(a ...ref.Val) ref.Val { return types.Bool(a[0] == types.NullValue) }, cel.DynType)
	bind("variants.path", cel.DynType, func(a ...ref.Val) ref.Val {
		return adapter.NativeToValue(variantPath(native(a[0]), a[1].Value().(string)))
	}, cel.DynType, cel.StringType)
	as := func(a []ref.Val) (ref.Val, bool) {
		v, ok := variantAs(a[0].Value(), a[1].Value().(string))
		if a[0] == types.NullValue {
			v, ok = nil, true
		}
		if d, is := v.(decimal); is {
			return d, ok
		}
		return adapter.NativeToValue(v), ok
	}
	bind("variants.as", cel.DynType, func(a ...ref.Val) ref.Val {
		v, ok := as(a)
		if !ok {
			return types.NewErr("no %v: %v", a[1], a[0])
		}
		return v
	}, cel.DynType, cel.StringType)
	bind("variants.tryAs", cel.DynType, func(a ...ref.Val) ref.Val {
		v, ok := as(a)
		if !ok {
			return types.NullValue
		}
		return v
	}, cel.DynType, cel.StringType)
	return cel.NewEnv(options...)
})

// evaluate returns what CEL says to a value of this: true, false or error, with the error.
func evaluate(text string, this any) (string, error) {
	env, err := runtime()
	if err != nil {
		return "", err
	}
	ast, issues := env.Compile(text)
	if issues.Err() != nil {
		return "", fmt.Errorf("%s\n%w", text, issues.Err())
	}
	program, err := env.Program(ast)
	if err != nil {
		return "", err
	}
	out, _, err := program.Eval(map[string]any{"this": this, now: time.Date(2024, 3, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		return "error", err //nolint:nilerr // that is the answer
	}
	return fmt.Sprint(out.Value()), nil
}
