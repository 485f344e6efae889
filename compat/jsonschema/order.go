package jsonschema

import (
	"cmp"
	"slices"
	"unicode/utf16"
)

// Confluent lists differences in the order in which Java's hash tables yield names: by bucket, those of a bucket as they came.

// javaHash is String.hashCode, mixed as HashMap mixes it.
func javaHash(s string) uint32 {
	var h uint32
	for _, r := range s {
		if hi, lo := utf16.EncodeRune(r); r > 0xffff {
			h = (h*31+uint32(hi))*31 + uint32(lo)
			continue
		}
		h = h*31 + uint32(r)
	}
	return h ^ h>>16
}

// tableSize is the size of a table for n entries that started at size.
func tableSize(size, n int) int {
	for n > size/4*3 {
		size *= 2
	}
	return size
}

func byBucket(names []string, size int) []string {
	type entry struct {
		bucket uint32
		name   string
	}
	all := make([]entry, len(names))
	for i, n := range names {
		all[i] = entry{javaHash(n) & uint32(size-1), n}
	}
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.bucket, b.bucket) })
	out := make([]string, len(all))
	for i, e := range all {
		out[i] = e.name
	}
	return out
}

// unionOrder is the order of new HashSet(first) after adding second, both being keys of a HashMap that was filled in order.
func unionOrder[V any](first, second table[V]) []string {
	names := byBucket(first.names, tableSize(16, len(first.names)))
	for _, n := range byBucket(second.names, tableSize(16, len(second.names))) {
		if _, ok := first.m[n]; !ok {
			names = append(names, n)
		}
	}
	size := 16
	for size < len(first.names)*4/3+1 {
		size *= 2
	}
	return byBucket(names, tableSize(size, len(names)))
}

// table maps names to what they name, in order.
type table[V any] struct {
	names []string
	m     map[string]V
}

func (t *table[V]) set(name string, v V) {
	if t.m == nil {
		t.m = map[string]V{}
	}
	if _, ok := t.m[name]; !ok {
		t.names = append(t.names, name)
	}
	t.m[name] = v
}

func (t table[V]) has(name string) bool {
	_, ok := t.m[name]
	return ok
}
