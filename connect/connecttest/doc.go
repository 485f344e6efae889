// Package connecttest holds what connector authors and the runtime test with: the suites that every offset.Store,
// state.Store, Producer and Source must pass, and a source and a producer that keep everything in memory or in a file.
//
// A suite takes a function that opens the thing under test on real storage or a real server and runs as subtests:
//
//	func TestStore(t *testing.T) {
//		path := filepath.Join(t.TempDir(), "offsets.json")
//		connecttest.OffsetStore(t, func(t *testing.T) offset.Store { … file.Open(path) … })
//	}
//
// It is imported by tests alone.
package connecttest
