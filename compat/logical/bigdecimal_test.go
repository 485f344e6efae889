package logical

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

// The texts are those of Java's new BigDecimal(…).toString() and toPlainString().
func TestBigDecimal(t *testing.T) {
	for _, c := range []struct {
		in, text, plain string
		whole           int
	}{
		{"0", "0", "0", 1}, {"-0", "0", "0", 1}, {"+5", "5", "5", 1}, {"007", "7", "7", 1}, {"1.50", "1.50", "1.50", 1},
		{"-.5", "-0.5", "-0.5", 0}, {"12.", "12", "12", 2}, {"1e3", "1E+3", "1000", 4}, {"1.5E1", "15", "15", 2},
		{"1.23e-8", "1.23E-8", "0.0000000123", -7}, {"0.000001", "0.000001", "0.000001", -5}, {"0.0000001", "1E-7", "0.0000001", -6},
		{"0e5", "0E+5", "0", 1}, {"0.00", "0.00", "0.00", -1}, {"-12e2", "-1.2E+3", "-1200", 4},
	} {
		d, ok := ParseBigDecimal(c.in)
		if !ok || d.String() != c.text || string(d.Number()) != c.text || d.Plain() != c.plain || d.WholeDigits() != c.whole {
			t.Errorf("%s: %s, %s, %d whole digits, %t", c.in, d, d.Plain(), d.WholeDigits(), ok)
		}
	}
	for _, in := range []string{"", "-", ".", "1e", "e1", "1e+", "1.2.3", "--1", "0x1", "1_0", " 1", "NaN", "١",
		"1e10001", "1e-10001", "1e999999999999", strings.Repeat("1", 4097)} {
		if d, ok := ParseBigDecimal(in); ok {
			t.Errorf("%q is %s", in, d)
		}
	}
}

func TestBigDecimalUnscaled(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale int
		want  string // "": none
	}{
		{"1.5", 2, "150"}, {"-1.5", 1, "-15"}, {"1.50", 1, "15"}, {"1.55", 1, ""}, {"1e3", 0, "1000"}, {"0", 5, "0"},
		{"1e-10000", 0, ""}, {"1", 4097, ""},
	} {
		d, _ := ParseBigDecimal(c.in)
		n, ok := d.Unscaled(c.scale)
		if ok != (c.want != "") || ok && n.String() != c.want {
			t.Errorf("%s at %d: %s, %t", c.in, c.scale, n, ok)
		}
		if !ok {
			continue
		}
		back, ok := NewBigDecimal(n, c.scale)
		if again, _ := back.Unscaled(c.scale); !ok || again.Cmp(n) != 0 {
			t.Errorf("%s at %d came back as %s", c.in, c.scale, back)
		}
	}
	huge := new(big.Int).Lsh(big.NewInt(1), 3*maxDigits+1)
	if _, ok := NewBigDecimal(huge, 0); ok {
		t.Error("a number of many digits is taken")
	}
	if _, ok := NewBigDecimal(big.NewInt(1), maxScale+1); ok {
		t.Error("a number of a large scale is taken")
	}
}

func TestFloatNumber(t *testing.T) {
	for want, f := range map[Number]float64{"0.1": 0.1, "1.0E10": 1e10, "NaN": math.NaN(), "-Infinity": math.Inf(-1)} {
		for _, k := range []Kind{Float, Double} {
			if got := FloatNumber(f, k); got != want {
				t.Errorf("%s of a %s, want %s", got, k, want)
			}
		}
	}
	for k, want := range map[Kind]int{TinyInt: 8, SmallInt: 16, Int: 32, BigInt: 64, Float: 0, Decimal: 0} {
		if k.IntegerBits() != want {
			t.Errorf("%s has %d bits", k, k.IntegerBits())
		}
	}
	if Int.FloatBits() != 0 {
		t.Error("an INT is a float")
	}
}
