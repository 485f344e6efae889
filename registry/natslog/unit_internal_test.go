package natslog

import (
	"bytes"
	"errors"
	"testing"

	"github.com/millrace/millrace/registry"
)

func TestOffsets(t *testing.T) {
	for _, sequence := range []uint64{0, 1, 2, 1 << 40} {
		if got, ok := sequenceAt(endOf(sequence)); !ok || got != sequence {
			t.Errorf("sequence %d comes back as %d, %v", sequence, got, ok)
		}
	}
	if endOf(0) != -1 {
		t.Errorf("an empty log ends at %d", endOf(0))
	}
	for _, none := range []int64{-2, 0, 1, mostRecords, 1<<63 - 1, -1 << 63} {
		if sequence, ok := sequenceAt(none); ok && none != 1<<63-1 {
			t.Errorf("a log ends at %d, message %d", none, sequence)
		}
	}
}

func TestUnitsAreSplitAndPutTogether(t *testing.T) {
	recs := []registry.Record{
		{Key: []byte("k"), Value: bytes.Repeat([]byte("v"), 5000), Time: -5}, {Key: []byte("t")}, {Key: []byte{}, Value: []byte{}, Time: 1 << 60},
	}
	unit, err := encode(recs)
	if err != nil {
		t.Fatal(err)
	}
	bodies := split(newUnitID(), unit, headSize+leastPart)
	if len(bodies) != 10 {
		t.Fatalf("%d parts", len(bodies))
	}
	var a assembler
	for _, torn := range bodies[:4] { // a unit that nobody completes
		if got, err := a.add(torn); got != nil || err != nil {
			t.Fatal(got, err)
		}
	}
	for i, b := range split(newUnitID(), unit, headSize+leastPart) {
		if len(b) > headSize+leastPart {
			t.Errorf("part %d has %d bytes", i, len(b))
		}
		got, err := a.add(b)
		if err != nil {
			t.Fatal(err)
		}
		if i < 9 && got != nil || i == 9 && len(got) != len(recs) {
			t.Fatalf("part %d gives %d records", i, len(got))
		}
		for j, r := range got {
			if !bytes.Equal(r.Key, recs[j].Key) || !bytes.Equal(r.Value, recs[j].Value) || (r.Value == nil) != (recs[j].Value == nil) || r.Time != recs[j].Time {
				t.Errorf("record %d came back as %v", j, r)
			}
		}
	}
	if _, err := a.add(bodies[3]); !errors.Is(err, errForeign) {
		t.Errorf("a part without the one before it: %v", err)
	}
}

func FuzzMessage(f *testing.F) {
	unit, _ := encode([]registry.Record{{Key: []byte("k"), Value: []byte("v"), Time: 7}, {Key: []byte("t")}})
	f.Add(split(newUnitID(), unit, 4096)[0])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, body []byte) {
		var a assembler
		recs, err := a.add(body)
		if err != nil || recs == nil {
			return
		}
		again, err := encode(recs)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decode(again); err != nil || len(got) != len(recs) {
			t.Fatalf("%d records come back as %d: %v", len(recs), len(got), err)
		}
	})
}
