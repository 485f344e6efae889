package connecttest

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

// OffsetStore runs the suite of an offset.Store. open returns a new handle onto the same storage each time, as a restarted
// process has; the suite uses connector names that begin with "suite-" and closes what it opens.
func OffsetStore(t *testing.T, open func(t *testing.T) offset.Store) {
	handle := func(t *testing.T) offset.Store {
		s := open(t)
		t.Cleanup(func() { s.Close(t.Context()) })
		return s
	}
	key := func(c, server string) offset.Key {
		return offset.Key{Connector: "suite-" + c, Partition: offset.Partition(map[string]string{"server": server})}
	}
	type offsets = map[offset.Key]record.Position
	save := func(t *testing.T, s offset.Store, o offsets) {
		t.Helper()
		if err := s.Save(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	check := func(t *testing.T, s offset.Store, connector string, want offsets) {
		t.Helper()
		got, err := s.Load(t.Context(), "suite-"+connector)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(text(want), text(got)); d != "" {
			t.Fatalf("offsets of %s (-want +got):\n%s", connector, d)
		}
	}

	t.Run("empty", func(t *testing.T) { check(t, handle(t), "nobody", nil) })

	t.Run("durable after reopen", func(t *testing.T) {
		s, k := handle(t), key("durable", "a")
		for i := range 20 {
			save(t, s, offsets{k: fmt.Appendf(nil, `{"lsn":%d}`, i)})
		}
		check(t, s, "durable", offsets{k: []byte(`{"lsn":19}`)})
		// No Close: a killed process does not close either.
		check(t, handle(t), "durable", offsets{k: []byte(`{"lsn":19}`)})
	})

	t.Run("many at once", func(t *testing.T) {
		s, all := handle(t), offsets{}
		for i := range 50 {
			all[key("many", fmt.Sprint("server-", i))] = fmt.Appendf(nil, `{"n":%d}`, i)
		}
		save(t, s, all)
		check(t, s, "many", all)
		check(t, handle(t), "many", all)
	})

	t.Run("connectors apart", func(t *testing.T) {
		s := handle(t)
		a, b := key("apart", "x"), key("apart-2", "x")
		save(t, s, offsets{a: []byte(`{"p":1}`), b: []byte(`{"p":2}`)})
		check(t, s, "apart", offsets{a: []byte(`{"p":1}`)})
		check(t, s, "apart-2", offsets{b: []byte(`{"p":2}`)})
	})

	t.Run("delete", func(t *testing.T) {
		s := handle(t)
		a, b := key("delete", "a"), key("delete", "b")
		save(t, s, offsets{a: []byte(`{"p":1}`), b: []byte(`{"p":1}`)})
		save(t, s, offsets{a: nil, b: []byte(`{"p":2}`)})
		check(t, s, "delete", offsets{b: []byte(`{"p":2}`)})
		check(t, handle(t), "delete", offsets{b: []byte(`{"p":2}`)})
		save(t, s, offsets{a: nil}) // again, and of nothing
		save(t, s, offsets{a: []byte(`{"p":3}`)})
		check(t, handle(t), "delete", offsets{a: []byte(`{"p":3}`), b: []byte(`{"p":2}`)})
	})

	t.Run("values kept", func(t *testing.T) {
		s := handle(t)
		k := offset.Key{Connector: `suite-"quoted" é/<&>`, Partition: offset.Partition(map[string]string{"b": `"<&>é`, "a": "1"})}
		pos := record.Position(`{"big":18446744073709551615,"f":1.50,"s":"<&>é","t":true,"z":null,"nested":{"b":[1],"a":2}}`)
		save(t, s, offsets{k: pos})
		check(t, handle(t), `"quoted" é/<&>`, offsets{k: pos})
	})

	t.Run("not kept", func(t *testing.T) { // the caller reuses map and position
		s, k := handle(t), key("reuse", "a")
		pos, m := []byte(`{"p":1}`), offsets{}
		m[k] = pos
		save(t, s, m)
		copy(pos, `{"p":9}`)
		clear(m)
		got, err := s.Load(t.Context(), k.Connector)
		if err != nil {
			t.Fatal(err)
		}
		copy(got[k], "XXXXXXX") // nor does the store share what it returns
		check(t, s, "reuse", offsets{k: []byte(`{"p":1}`)})
	})

	t.Run("atomic", func(t *testing.T) {
		s := handle(t)
		good, bad := key("atomic", "a"), key("atomic", "b")
		save(t, s, offsets{good: []byte(`{"p":1}`)})
		if err := s.Save(t.Context(), offsets{good: []byte(`{"p":2}`), bad: []byte(`no json`)}); err == nil {
			t.Fatal("saving a position that is not JSON gave no error")
		}
		check(t, s, "atomic", offsets{good: []byte(`{"p":1}`)})
		check(t, handle(t), "atomic", offsets{good: []byte(`{"p":1}`)})
	})

	t.Run("concurrent", func(t *testing.T) {
		s, want := handle(t), offsets{}
		var wg sync.WaitGroup
		for i := range 8 {
			k := key("concurrent", fmt.Sprint(i))
			want[k] = []byte(`{"p":9}`)
			wg.Go(func() {
				for p := range 10 {
					if err := s.Save(t.Context(), offsets{k: fmt.Appendf(nil, `{"p":%d}`, p)}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		check(t, s, "concurrent", want)
		check(t, handle(t), "concurrent", want)
	})
}

func text(o map[offset.Key]record.Position) map[offset.Key]string {
	s := map[offset.Key]string{}
	for k, p := range maps.All(o) {
		s[k] = string(p)
	}
	return s
}
