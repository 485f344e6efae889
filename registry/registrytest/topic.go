package registrytest

import (
	"testing"

	"github.com/millrace/millrace/registry"
)

// Topic reads a compressed file of JSON lines as the records of a _schemas topic from offset 0 on, without gaps.
func Topic(t testing.TB, name string) []registry.Record {
	t.Helper()
	var recs []registry.Record
	for _, r := range Lines[struct {
		Offset int64   `json:"offset"`
		TS     int64   `json:"ts"`
		Key    string  `json:"key"`
		Value  *string `json:"value"`
	}](t, name) {
		if r.Offset != int64(len(recs)) {
			t.Fatalf("%s: offset %d where %d comes next", name, r.Offset, len(recs))
		}
		rec := registry.Record{Key: []byte(r.Key), Time: r.TS}
		if r.Value != nil {
			rec.Value = []byte(*r.Value)
		}
		recs = append(recs, rec)
	}
	return recs
}
