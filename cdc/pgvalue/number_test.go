package pgvalue

import (
	"bytes"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"time"
)

// TestCivil holds the calendar to package time's, and both directions to each other.
func TestCivil(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 20_000 {
		day := rng.Int64N(4_000_000) - 2_000_000
		if i < 800 {
			day = int64(i) - 400
		}
		y, m, d := civil(day)
		want := time.Unix(0, 0).UTC().AddDate(0, 0, int(day))
		if int(y) != want.Year() || int(m) != int(want.Month()) || int(d) != want.Day() {
			t.Fatalf("day %d is %d-%d-%d, want %s", day, y, m, d, want.Format(time.DateOnly))
		}
		if back := days(y, m, d); back != day {
			t.Fatalf("%d-%d-%d is day %d, want %d", y, m, d, back, day)
		}
	}
}

// TestSaturate holds the arithmetic at the ends of int64 to big numbers.
func TestSaturate(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		perDay := int64(dayMicros)
		if rng.IntN(2) == 0 {
			perDay *= 1000
		}
		day := (math.MaxInt64/perDay + rng.Int64N(5) - 2) * []int64{1, -1}[rng.IntN(2)]
		if rng.IntN(4) == 0 {
			day = rng.Int64N(1 << 40)
		}
		rest := rng.Int64N(perDay)
		want := new(big.Int).Add(new(big.Int).Mul(big.NewInt(day), big.NewInt(perDay)), big.NewInt(rest))
		if want.Cmp(big.NewInt(math.MaxInt64)) > 0 {
			want.SetInt64(math.MaxInt64)
		} else if want.Cmp(big.NewInt(math.MinInt64)) < 0 {
			want.SetInt64(math.MinInt64)
		}
		if got := saturate(day, perDay, rest); got != want.Int64() {
			t.Fatalf("%d days of %d and %d are %d, want %s", day, perDay, rest, got, want)
		}
	}
}

// TestTwosComplement holds both writers to Java's BigInteger.toByteArray: the least bytes that hold the sign.
func TestTwosComplement(t *testing.T) {
	for v, want := range map[int64][]byte{
		0: {0}, 1: {1}, -1: {0xff}, 127: {0x7f}, 128: {0, 0x80}, -128: {0x80}, -129: {0xff, 0x7f}, 255: {0, 0xff}, 256: {1, 0}, -256: {0xff, 0}, -32768: {0x80, 0}, 32768: {0, 0x80, 0},
		math.MaxInt64: {0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, math.MinInt64: {0x80, 0, 0, 0, 0, 0, 0, 0},
	} {
		if got := appendTwos(nil, v); !bytes.Equal(got, want) {
			t.Errorf("%d is %x, want %x", v, got, want)
		}
		if got := twosComplement(big.NewInt(v)); !bytes.Equal(got, want) {
			t.Errorf("%d as a big number is %x, want %x", v, got, want)
		}
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		v := int64(rng.Uint64()) >> rng.IntN(64)
		if a, b := appendTwos(nil, v), twosComplement(big.NewInt(v)); !bytes.Equal(a, b) {
			t.Fatalf("%d is %x and %x", v, a, b)
		}
	}
}
