package javatext_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/millrace/millrace/connect/record/javatext"
)

// TestFloats holds values of the specification of Double.toString and Float.toString; json's tests compare with Java.
func TestFloats(t *testing.T) {
	for _, tt := range []struct {
		f    float64
		size int
		want string
	}{
		{0, 64, "0.0"}, {math.Copysign(0, -1), 64, "-0.0"}, {1e7, 64, "1.0E7"}, {9999999.9, 64, "9999999.9"}, {0.001, 64, "0.001"}, {0.00099, 64, "9.9E-4"},
		{-1e21, 64, "-1.0E21"}, {1e23, 64, "1.0E23"}, {2e-323, 64, "2.0E-323"}, {math.SmallestNonzeroFloat64, 64, "4.9E-324"}, {-math.SmallestNonzeroFloat64, 64, "-4.9E-324"},
		{math.MaxFloat64, 64, "1.7976931348623157E308"}, {math.NaN(), 64, "NaN"}, {math.Inf(1), 64, "Infinity"}, {math.Inf(-1), 64, "-Infinity"},
		{math.SmallestNonzeroFloat32, 32, "1.4E-45"}, {math.MaxFloat32, 32, "3.4028235E38"}, {float64(float32(0.1)), 32, "0.1"}, {16777216, 32, "1.6777216E7"},
	} {
		if got := string(javatext.AppendFloat(nil, tt.f, tt.size)); got != tt.want {
			t.Errorf("%v: %s, want %s", tt.f, got, tt.want)
		}
		if got := string(javatext.AppendFloat([]byte("1e1-"), tt.f, tt.size)); got != "1e1-"+tt.want {
			t.Errorf("%v behind other text: %s", tt.f, got)
		}
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20000 {
		f := math.Float64frombits(r.Uint64())
		text := string(javatext.AppendFloat(nil, f, 64))
		if back, err := strconv.ParseFloat(text, 64); f-f == 0 && (err != nil || back != f || !strings.Contains(text, ".")) {
			t.Fatalf("%v: %s", f, text)
		}
	}
}

// plain is BigDecimal.toPlainString.
func plain(n *big.Int, scale int) string {
	s := new(big.Int).Abs(n).String()
	if len(s) <= scale {
		s = strings.Repeat("0", scale-len(s)+1) + s
	}
	if scale > 0 {
		s = s[:len(s)-scale] + "." + s[len(s)-scale:]
	}
	if n.Sign() < 0 {
		s = "-" + s
	}
	return s
}

func TestDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 20000 {
		raw := make([]byte, 1+r.IntN(40))
		if r.IntN(50) == 0 {
			raw = make([]byte, 120+r.IntN(20)) // around the bound of dividing in place
		}
		for i := range raw {
			raw[i] = byte(r.Uint32())
		}
		if r.IntN(4) == 0 {
			raw[0] = []byte{0, 0x80, 0xff, 0x7f}[r.IntN(4)]
		}
		n := new(big.Int).SetBytes(raw)
		if raw[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(raw))*8))
		}
		scale := r.IntN(len(new(big.Int).Abs(n).String()) + 6) // adjusted exponent of -6 or more: no E
		got, err := javatext.AppendDecimal([]byte("x"), raw, int32(scale))
		if err != nil || string(got) != "x"+plain(n, scale) {
			t.Fatalf("%x of scale %d: %s, %v, want %s", raw, scale, got, err, plain(n, scale))
		}
	}
	for _, tt := range []struct {
		raw   []byte
		scale int32
		want  string
	}{
		{[]byte{0}, 0, "0"}, {[]byte{0}, 2, "0.00"}, {[]byte{0}, 7, "0E-7"}, {[]byte{0}, -2, "0E+2"}, {[]byte{1}, 6, "0.000001"}, {[]byte{1}, 7, "1E-7"},
		{[]byte{12}, -3, "1.2E+4"}, {[]byte{0xff}, 9, "-1E-9"}, {[]byte{12}, 1, "1.2"}, {[]byte{12}, 10, "1.2E-9"}, {[]byte{0x80}, math.MinInt32, "-1.28E+2147483650"},
	} {
		if got, err := javatext.AppendDecimal(nil, tt.raw, tt.scale); err != nil || string(got) != tt.want {
			t.Errorf("%x of scale %d: %s, %v, want %s", tt.raw, tt.scale, got, err, tt.want)
		}
	}
	if _, err := javatext.AppendDecimal(nil, nil, 0); err == nil {
		t.Error("no bytes are a number")
	}
}

func TestAllocs(t *testing.T) {
	raw := make([]byte, 100)
	raw[0] = 0xfe
	dst := make([]byte, 0, 1000)
	if n := testing.AllocsPerRun(100, func() {
		dst = javatext.AppendFloat(dst[:0], 1.25e-300, 64)
		if _, err := javatext.AppendDecimal(dst, raw, 30); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
