package registry_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/filelog"
)

// BenchmarkRegisterDurable registers new schemas over the file log, whose every answer waits for an fsync: writers that wait
// share one.
func BenchmarkRegisterDurable(b *testing.B) {
	for _, clients := range []int{1, 32} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
			l, err := filelog.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			r := open(b, l)
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for range clients {
				wg.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						if _, err := r.Register(b.Context(), fmt.Sprintf("s%d", i), registry.Registration{Candidate: schemaN(int(i))}); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
		})
	}
}
