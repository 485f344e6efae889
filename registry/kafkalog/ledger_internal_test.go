package kafkalog

import (
	"bytes"
	"testing"

	"github.com/millrace/millrace/registry"
)

// FuzzKeys has keys that look canonical be so, and a ledger that finds them all.
func FuzzKeys(f *testing.F) {
	for _, k := range []string{
		`{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}`, `{"keytype":"SCHEMA","subject":"a b</~&é","version":12,"magic":1}`,
		`{"keytype":"SCHEMA","subject":"s","version":1,"magic":0}`, `{"keytype":"SCHEMA","subject":":.:s","version":1,"magic":1}`,
		`{"keytype":"SCHEMA","subject":"s","version":1,"version":2,"magic":1}`, `{"keytype":"CONFIG","subject":null,"magic":0}`,
		`{"keytype":"ASSOC","tenant":"default","resourceName":"t","resourceNamespace":"n","resourceType":"topic","associationType":"value","subject":"s","magic":0}`,
		`{"keytype":"ASSOC","subject":":.:s","resourceName":"t"}`, `{"keytype":"MODE","magic":0}`, `{"keytype":"NOOP","magic":0}`, `{"keytype":"SCHEMA","subject":"","version":1,"magic":1}`, `{`,
	} {
		f.Add([]byte(k))
	}
	f.Fuzz(func(t *testing.T, key []byte) {
		canonical, ok := registry.CanonicalKey(key)
		if plain(key) && (!ok || !bytes.Equal(canonical, key)) {
			t.Fatalf("%s looks canonical, and %s is", key, canonical)
		}
		if again, stays := registry.CanonicalKey(canonical); ok && (!stays || !bytes.Equal(again, canonical)) {
			t.Fatalf("the canonical key %s of %s has the canonical key %s", canonical, key, again)
		}
		l := ledger{}
		l.read(key, []byte("v"))
		recs := l.complete([]registry.Record{{Key: canonical}})
		if want := ok && !bytes.Equal(canonical, key); (len(recs) == 2) != want || want && !bytes.Equal(recs[0].Key, key) {
			t.Fatalf("%s: %d tombstones", key, len(recs))
		}
		l.read(key, nil)
		if len(l) > 0 {
			t.Fatalf("%s: its tombstone leaves %v", key, l)
		}
	})
}
