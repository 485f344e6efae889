package kafkalog_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/millrace/millrace/registry"
)

// BenchmarkRegister has 64 clients that register new schemas.
func BenchmarkRegister(b *testing.B) {
	reg, err := registry.Open(b.Context(), open(b, config(b)), registry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer reg.Close()
	var n atomic.Int64
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			_, err := reg.Register(b.Context(), fmt.Sprintf("s%d", i), registry.Registration{Candidate: registry.Candidate{NoType: true, Content: registry.Content{
				Text: fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"f","type":"string"}]}`, i),
			}}})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkOpen opens a registry on a topic of 20,000 schemas.
func BenchmarkOpen(b *testing.B) {
	cfg := config(b)
	l := open(b, cfg)
	at := int64(-1)
	for i := 0; i < 20_000; i += 500 {
		recs := make([]registry.Record, 500)
		for j := range recs {
			n := i + j + 1
			recs[j] = registry.Record{
				Key:   fmt.Appendf(nil, `{"keytype":"SCHEMA","subject":"s%d","version":1,"magic":1}`, n),
				Value: fmt.Appendf(nil, `{"subject":"s%d","version":1,"id":%d,"schemaType":"AVRO","schema":"{\"type\":\"record\",\"name\":\"R%d\",\"fields\":[{\"name\":\"f\",\"type\":\"string\"}]}","deleted":false}`, n, n, n),
			}
		}
		var err error
		if at, err = l.Append(b.Context(), at, recs...); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		reg, err := registry.Open(b.Context(), open(b, cfg), registry.Options{})
		if err != nil {
			b.Fatal(err)
		}
		_ = reg.Close()
	}
}
