package kafkalog

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/registry"
)

// TestBatches decodes what encodeBatch makes with a Kafka client.
func TestBatches(t *testing.T) {
	c, err := kgo.DefaultCompressor(kgo.SnappyCompression())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for range 200 {
		recs := make([]registry.Record, 1+random.IntN(50))
		for i := range recs {
			recs[i] = registry.Record{Key: bytes.Repeat([]byte{'k'}, random.IntN(300)), Time: random.Int64N(1 << 42)}
			if n := random.IntN(3); n > 0 {
				recs[i].Value = bytes.Repeat([]byte{'v'}, (n-1)*random.IntN(3000))
			}
		}
		p := producer{id: random.Int64(), epoch: int16(random.IntN(1 << 15)), sequence: random.Int32()}
		most := 1 << random.IntN(20)
		batch := encodeBatch(p, recs, most, c)
		got, next := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{}, &kmsg.FetchResponseTopicPartition{RecordBatches: batch}, kgo.DefaultDecompressor(), nil)
		if got.Err != nil || len(got.Records) != len(recs) || next != int64(len(recs)) {
			t.Fatalf("%d records to %d of %d, %v", len(got.Records), next, len(recs), got.Err)
		}
		for i, r := range got.Records {
			if w := recs[i]; !bytes.Equal(r.Key, w.Key) || !bytes.Equal(r.Value, w.Value) || (r.Value == nil) != (w.Value == nil) || r.Timestamp.UnixMilli() != w.Time {
				t.Fatalf("record %d of %d came back as another", i, len(recs))
			}
			if r.ProducerID != p.id || r.ProducerEpoch != p.epoch {
				t.Fatalf("producer %d, epoch %d", r.ProducerID, r.ProducerEpoch)
			}
		}
		n := 0
		for _, part := range split(recs, most) {
			size := len(encodeBatch(p, part, 1<<30, nil))
			if size > most && len(part) > 1 {
				t.Fatalf("%d records take %d bytes, and %d are allowed", len(part), size, most)
			}
			n += len(part)
		}
		if n != len(recs) {
			t.Fatalf("%d records in parts of %d", n, len(recs))
		}
	}
}

func TestSequenceWraps(t *testing.T) {
	p := producer{sequence: 1<<31 - 3}
	p.advance(2)
	if p.sequence != 1<<31-1 {
		t.Fatal(p.sequence)
	}
	p.advance(2)
	if p.sequence != 1 {
		t.Fatal(p.sequence)
	}
}
