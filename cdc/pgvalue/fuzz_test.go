package pgvalue_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// codecs are every type in every mode that decodes it differently.
func codecs(t testing.TB) []*pgvalue.Codec {
	var out []*pgvalue.Codec
	names := make([]string, 0, len(oids))
	for n := range oids {
		names = append(names, n)
	}
	slices.Sort(names)
	zero := 0
	for _, o := range []pgvalue.Options{
		{}, {Decimal: "string", Time: "isostring", Binary: "hex", Interval: "string", HStore: "map", MoneyDigits: &zero}, {Decimal: "double", Time: "nanoseconds", Binary: "base64"}, {Time: "connect"},
	} {
		for _, n := range names {
			for _, typmod := range []int32{-1, 3, precision(30, 10), precision(5, -3)} {
				if typmod > 3 && n != "numeric" && n != "numeric[]" {
					continue
				}
				out = append(out, compile(t, n, typmod, o))
			}
		}
	}
	return out
}

// within bounds what n bytes may become: cells, and text in the batch. A numeric of few bytes may have 131,072 digits.
func within(t *testing.T, b *record.Batch, n int) {
	if b.Size() > 64*n+150_000*(1+n/12) {
		t.Fatalf("%d bytes become %d", n, b.Size())
	}
}

// FuzzText holds every type's reader of text to an answer.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "t", "1.5", "-12345678901234567890.5", "2024-02-29 01:02:03.4+02 BC", "1 year -2 mons +3 days -04:05:06.7", `"a"=>"1", "b"=>NULL`, "{{1,2},{NULL,\"a\\\"\"}}", "[0:1]={1,2}", `\x00ff`, "$1,234.56", "(1,2)", "[1,2]", "0101000020E6100000000000000000F03F0000000000000040", "infinity", "NaN"} {
		f.Add([]byte(s))
	}
	all := codecs(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 4096 {
			return
		}
		for _, c := range all {
			var b record.Batch
			cell := b.Cells(1)
			if err := c.Text(&b, cell, in); err != nil {
				var e *pgvalue.Error
				if !errors.As(err, &e) {
					t.Fatalf("the error is %v", err)
				}
			} else {
				_ = show(&b, c.Schema, cell)
			}
			within(t, &b, len(in))
		}
	})
}

// FuzzBinary holds every type's reader of the binary form to an answer.
func FuzzBinary(f *testing.F) {
	for _, s := range []string{"", "\x01", "\x00\x00\x00\x2a", "\x00\x00\x00\x00\x00\x00\x00\x2a", "\x00\x02\x00\x00\x40\x00\x00\x02\x00\x7b\x11\x94", "\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x17\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x04\x00\x00\x00\x01", "\x00\x00\x00\x01\x00\x00\x00\x01a\xff\xff\xff\xff", "\x00\x00\x00\x09\xff\x80", "\x02\x18\x00\x04\x0a\x00\x00\x01"} {
		f.Add([]byte(s))
	}
	var all []*pgvalue.Codec
	for _, c := range codecs(f) {
		if c.HasBinary() {
			all = append(all, c)
		}
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 4096 {
			return
		}
		for _, c := range all {
			var b record.Batch
			cell := b.Cells(1)
			if err := c.Binary(&b, cell, in); err != nil {
				var e *pgvalue.Error
				if !errors.As(err, &e) {
					t.Fatalf("the error is %v", err)
				}
			} else {
				_ = show(&b, c.Schema, cell)
			}
			within(t, &b, len(in))
		}
	})
}
