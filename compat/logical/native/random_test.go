package native_test

import (
	"math/rand/v2"
	"regexp"
	"testing"

	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/logical/logicaltest"
	"github.com/millrace/millrace/compat/schema"
)

// refusals are the reasons for which a random tree may be none of a language: see docs/logical-types.md.
var refusals = map[schema.Type]*regexp.Regexp{
	schema.Avro: regexp.MustCompile(`AVRO: (Nested union: |Duplicate in union:)`),
	schema.Protobuf: regexp.MustCompile(`^(Proto requires all named types to share|Top-level schema must be STRUCT, got |` +
		`Failed to translate .*( is already defined|: Could not resolve type: )|.* not supported on a wrapped root )`),
}

func isRefusal(language schema.Type, err error) bool {
	re := refusals[language]
	return re != nil && re.MatchString(err.Error())
}

// TestRandom sends random trees through each language, as DDL and back: what came back once comes back for good, also by way of another
// language that takes it.
func TestRandom(t *testing.T) {
	taken := make(map[schema.Type]int)
	for seed := range uint64(300) {
		for _, language := range languages {
			s := logicaltest.Random(rand.New(rand.NewPCG(seed, 11)), int(seed%50))
			logicaltest.Resolve(s, language)
			script, err := ddl.Print(s)
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			kept, err := through(t, language, script, s.References, s.Resolved)
			if err != nil {
				if !isRefusal(language, err) {
					t.Errorf("seed %d: %s: %v\n%s", seed, language, err, script)
				}
				continue
			}
			taken[language]++
			// A UNION of one branch is its branch, which may be one more.
			for range 3 {
				next, err := through(t, language, kept, s.References, s.Resolved)
				if err != nil {
					t.Fatalf("seed %d: %s: %v\n%s\n%s", seed, language, err, kept, script)
				}
				kept = next
			}
			again, err := through(t, language, kept, s.References, s.Resolved)
			if again != kept {
				t.Fatalf("seed %d: %s: %v\n%s\nand then\n%s", seed, language, err, kept, again)
			}
			if len(s.External) > 0 {
				continue // no document is one of two languages
			}
			for _, other := range languages {
				if _, err := through(t, other, kept, nil, nil); err != nil && !isRefusal(other, err) {
					t.Errorf("seed %d: %s after %s: %v\n%s", seed, other, language, err, kept)
				}
			}
		}
	}
	for _, language := range languages {
		if taken[language] < 80 {
			t.Errorf("%s took %d trees", language, taken[language])
		}
	}
}
