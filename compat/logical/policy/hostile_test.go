package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/logical"
)

// ring are n named types of which each holds the next, the last the first.
func ring(n int, wrap func(*logical.Type) *logical.Type) *logical.Schema {
	s := doc(ref("N0"))
	for i := range n {
		s.Named = append(s.Named, named(fmt.Sprintf("N%d", i), wrap(ref(fmt.Sprintf("N%d", (i+1)%n)))))
	}
	return s
}

// twice holds a type under two names.
func twice(t *logical.Type) *logical.Type { return row(f("a", null(t)), f("b", null(t))) }

func ended(t *testing.T, began time.Time, found []Finding) {
	t.Helper()
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("took %s", took)
	}
	if len(found) != 1 || found[0].Rule != TooComplex {
		t.Errorf("%d findings", len(found))
	}
}

// TestRingsThatPairUp compares rings of named types whose lengths have no common divisor: every type of one meets every type of
// the other, in a single chain of a hundred million.
func TestRingsThatPairUp(t *testing.T) {
	for name, wrap := range map[string]func(*logical.Type) *logical.Type{
		"deep": array, "wide": twice, "keys": func(t *logical.Type) *logical.Type { return dict(t, integer) },
	} {
		t.Run(name, func(t *testing.T) {
			writer, reader := ring(9973, wrap), ring(9967, wrap)
			for _, target := range []Target{Flink, IcebergV2} {
				ended(t, time.Now(), Compare(target, writer, reader))
			}
		})
	}
}

// TestSharedTypes compares types that hold the one below twice, a hundred levels of them, by reference and directly.
func TestSharedTypes(t *testing.T) {
	s, shared := doc(ref("N0")), integer
	for i := range 100 {
		s.Named = append(s.Named, named(fmt.Sprintf("N%d", i), dict(ref(fmt.Sprintf("N%d", i+1)), ref(fmt.Sprintf("N%d", i+1)))))
		shared = dict(shared, shared)
	}
	s.Named = append(s.Named, named("N100", integer))
	began := time.Now()
	if found := append(Compare(all, s, s), Validate(all, s)...); found != nil {
		t.Error(found)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	for _, target := range []Target{Flink, IcebergV2} {
		ended(t, time.Now(), Compare(target, doc(shared), doc(shared)))
		ended(t, time.Now(), Validate(target, doc(shared)))
	}
}

func TestDepth(t *testing.T) {
	nested := func(levels int) *logical.Type {
		t := bigint
		for range levels {
			t = array(t)
		}
		return t
	}
	edge, beyond := doc(nested(maxDepth-1)), doc(nested(maxDepth))
	if found := append(Compare(all, edge, edge), Validate(all, edge)...); found != nil {
		t.Error(found[0].Rule)
	}
	ended(t, time.Now(), Compare(all, beyond, beyond))
	ended(t, time.Now(), Validate(all, beyond))
	if found := Validate(Flink, ring(200_000, array)); len(found) != 1 || found[0].Rule != CyclicType {
		t.Error("a long ring is not cyclic")
	}
}

// TestLongPaths finds as many faults below a name of a megabyte as there is room to tell.
func TestLongPaths(t *testing.T) {
	inner := row()
	for i := range 1000 {
		inner.Fields = append(inner.Fields, f(fmt.Sprint(i), sized(logical.Char, 0)))
	}
	s := table(f(strings.Repeat("x", 1<<20), inner))
	found := Validate(Flink, s)
	if len(found) < 3 || len(found) > 5 {
		t.Errorf("%d findings", len(found))
	}
}
