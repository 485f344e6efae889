package registry_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// put appends a record as another writer of the log would.
func put(t *testing.T, l registry.Log, after int64, key, value string) int64 {
	t.Helper()
	rec := registry.Record{Key: []byte(key), Time: 1700000000000}
	if value != "" {
		rec.Value = []byte(value)
	}
	last, err := l.Append(t.Context(), after, rec)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

// TestReplayOfAssociations has a log with records that Confluent's registry, older ones of it, and nobody writes.
func TestReplayOfAssociations(t *testing.T) {
	key := func(name, typ, subject string) string {
		return fmt.Sprintf(`{"keytype":"ASSOC","tenant":"default","resourceName":%q,"resourceNamespace":"n","resourceType":"topic","associationType":%q,"subject":%q,"magic":0}`, name, typ, subject)
	}
	l := memlog.New()
	at := int64(-1)
	for _, r := range [][2]string{
		{key("a", "value", "s"), `{"guid":"g1","tenant":"default","resourceName":"a","resourceNamespace":"n","resourceId":"a-id","resourceType":"topic","associationType":"value","lifecycle":"STRONG","frozen":false,"createTs":5}`},
		{key("b", "key", ":.:s"), `{"subject":"s","guid":"g2","resourceId":"b-id","lifecycle":"STRONG","unknown":[1]}`},
		{key("c", "key", "s"), `{"resourceId":"c-id","lifecycle":"WEAK","frozen":null}`},
		{key("c", "key", "s"), `{"resourceId":"c-id2","lifecycle":"WEAK"}`},
		{key("d", "key", "s"), `{"resourceId":"d-id","lifecycle":"WEAK"}`},
		{key("d", "key", "s"), ""},
		{key("d", "key", "s"), ""},
		{key("e", "key", "s"), `{"lifecycle":"NONE"}`},
		{key("e", "key", ""), `{"lifecycle":"WEAK"}`},
		{key("e", "key", "s"), `{"lifecycle":5}`},
		{key("e", "key", "s"), `nonsense`},
	} {
		at = put(t, l, at, r[0], r[1])
	}
	r := open(t, l)
	want := []registry.Association{
		{Subject: "s", GUID: "g1", ResourceName: "a", ResourceNamespace: "n", ResourceID: "a-id", ResourceType: "topic", Type: "value", Lifecycle: registry.Strong, Created: 5, Updated: 1700000000000},
		{Subject: "s", GUID: "g2", ResourceName: "b", ResourceNamespace: "n", ResourceID: "b-id", ResourceType: "topic", Type: "key", Lifecycle: registry.Strong, Frozen: true, Updated: 1700000000000},
		{Subject: "s", ResourceName: "c", ResourceNamespace: "n", ResourceID: "c-id2", ResourceType: "topic", Type: "key", Lifecycle: registry.Weak, Updated: 1700000000000},
	}
	if got := everyAssociation(r); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
	play(t, r, `
		register s A => v1 id1
		associations id c-id => nothing
		upsert a@n value,weak => value:s:WEAK
		upsert b@n key,weak => 40908
		dissociate a-id => ok
		dissociate b-id => 40908
		dissociate b-id cascade => 40904
		dissociate c-id2 => ok
		dissociate b-id cascade => ok
		subjects deleted => nothing`)
}

// TestAssociationRecord is about the bytes that a log gets: compaction tells keys apart by them.
func TestAssociationRecord(t *testing.T) {
	l := memlog.New()
	r := open(t, l)
	play(t, r, `
		register s A => v1 id1
		associate t key,subject=s => key:s:WEAK
		dissociate t-id => ok`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var recs []registry.Record
	_ = l.Follow(ctx, 0, func(_ int64, rec registry.Record) error { recs = append(recs, rec); return nil }, func(int64) { cancel() })
	const key = `{"keytype":"ASSOC","tenant":"default","resourceName":"t","resourceNamespace":"lkc1","resourceType":"topic","associationType":"key","subject":"s","magic":0}`
	made, gone := recs[len(recs)-2], recs[len(recs)-1]
	if string(made.Key) != key || string(gone.Key) != key || gone.Value != nil {
		t.Errorf("keys %s, %s with %s", made.Key, gone.Key, gone.Value)
	}
	guid := registry.Association{}
	value := string(made.Value)
	if _, err := fmt.Sscanf(value, `{"subject":"s","guid":%q,"tenant":"default",`, &guid.GUID); err != nil || len(guid.GUID) != 36 {
		t.Errorf("value %s: %v", value, err)
	}
	_, rest, _ := strings.Cut(value, `"tenant"`)
	rest, created, _ := strings.Cut(rest, `"createTs":`)
	if want := `:"default","resourceName":"t","resourceNamespace":"lkc1","resourceId":"t-id","resourceType":"topic","associationType":"key","lifecycle":"WEAK","frozen":false,`; rest != want || len(created) != len("1700000000000}") {
		t.Errorf("value %s", value)
	}
}
