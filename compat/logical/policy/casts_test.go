package policy

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/logical"
)

// leafTypes are the types that are no collection, with parameters that any other fits.
func leafTypes() map[string]*logical.Type {
	out := make(map[string]*logical.Type)
	for _, k := range []logical.Kind{logical.Boolean, logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt, logical.Float,
		logical.Double, logical.Date, logical.Time, logical.Timestamp, logical.TimestampLTZ, logical.Variant} {
		out[k.String()] = of(k)
	}
	for _, t := range []*logical.Type{dec(38, 0), enum("A"), sized(logical.Char, 4), sized(logical.Binary, 4), text(),
		sized(logical.Varbinary, logical.Unbounded)} {
		out[t.Kind.String()] = t
	}
	return out
}

// TestCasts compares every leaf type with every other.
func TestCasts(t *testing.T) {
	file, err := os.Open("testdata/casts.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	types := leafTypes()
	rows := 0
	for in := bufio.NewScanner(file); in.Scan(); {
		words := strings.Fields(in.Text())
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		rows++
		target, from, allowed := words[0], words[1], words[2:]
		apply := []Target{Flink}
		if target == IcebergV2.String() {
			apply = []Target{IcebergV2, IcebergV3} // no promotion is new in version 3
		}
		for to, typ := range types {
			for _, one := range apply {
				found := Compare(one, col(types[from]), col(typ))
				if ok := len(found) == 0; ok != slices.Contains(allowed, to) {
					t.Errorf("%s: %s to %s: %v", one, from, to, found)
				}
			}
		}
	}
	if want := 2 * len(types); rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
}
