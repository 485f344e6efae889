package registry_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// smallLog takes records of up to 1000 bytes.
type smallLog struct{ registry.Log }

func (smallLog) Fits(r registry.Record) bool { return len(r.Key)+len(r.Value) <= 1000 }

// TestTooLargeFailsAlone has writers at once, some of which write what the log does not take.
func TestTooLargeFailsAlone(t *testing.T) {
	l := memlog.New()
	r := open(t, smallLog{l})
	large := registry.Candidate{NoType: true, Content: registry.Content{Text: `{"type":"record","name":"L","doc":"` + strings.Repeat("d", 1000) + `","fields":[]}`}}
	tooLarge := func(err error) bool {
		var e *registry.Error
		return errors.As(err, &e) && *e == registry.Error{Code: registry.CodeSchemaTooLarge, Message: "Register operation failed because schema is too large"}
	}
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			c := schemaN(i)
			if i%4 == 0 {
				c = large
			}
			if _, err := r.Register(t.Context(), "s", registry.Registration{Candidate: c, Force: true}); i%4 == 0 != tooLarge(err) || i%4 != 0 && err != nil {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	for _, dry := range []bool{true, false} {
		_, err := r.ChangeAssociations(t.Context(), registry.AssociationRequest{
			ResourceName: "t", ResourceNamespace: "n", ResourceID: "id", DryRun: dry, Ops: []registry.AssociationOp{
				{Kind: registry.CreateAssociation, Type: registry.KeyAssociation, Schema: &registry.Candidate{NoType: true, Content: registry.Content{Text: `"int"`}}},
				{Kind: registry.CreateAssociation, Schema: &large},
			},
		})
		if !tooLarge(err) {
			t.Errorf("dry run %t: %v", dry, err)
		}
	}
	if versions, err := r.Numbers("s", registry.All); err != nil || len(versions) != 48 || len(r.Contexts("")) != 1 {
		t.Errorf("%d versions, contexts %v, %v", len(versions), r.Contexts(""), err)
	}
	sameState(t, r, open(t, l))
}

// TestImportKeepsWhatIsReferredTo has a log in which a deleted version is referred to, which no registry writes today.
func TestImportKeepsWhatIsReferredTo(t *testing.T) {
	l := memlog.New()
	at := put(t, l, -1, `{"keytype":"SCHEMA","subject":"n","version":1,"magic":1}`, `{"subject":"n","version":1,"id":1,"schema":"{\"type\":\"record\",\"name\":\"N\",\"fields\":[]}","deleted":true}`)
	put(t, l, at, `{"keytype":"SCHEMA","subject":"u","version":1,"magic":1}`, `{"subject":"u","version":1,"id":2,"references":[{"name":"N","subject":"n","version":1}],"schema":"\"N\"","deleted":false}`)
	play(t, open(t, l), `
		mode n IMPORT => 42206 "One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=n,version=1}."
		mode n IMPORT force => ok
		subjects deleted => n u`)
}
