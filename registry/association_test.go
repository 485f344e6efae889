package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/memlog"
)

// associationStep plays the steps of a script about associations. A resource is NAME[@NAMESPACE], its id NAME-id where id=ID
// does not say otherwise; an operation is words with commas between: create|upsert|delete, key|value, strong|weak,
// frozen|unfrozen, subject=S, schema=S, cascade.
//
//	associate|upsert|mutate RESOURCE OP… [id=ID] [type=T] [context=C] [dry]
//	dissociate ID [cascade] [dry] [key] [value]
//	associations subject S|id ID|named NAMESPACE NAME [key] [value] [STRONG] [WEAK]
//	listed [key] [value] [STRONG] [WEAK] [NONE]
func associationStep(ctx context.Context, r *registry.Registry, f []string) (string, error) {
	has := func(s string) bool { return slices.Contains(f[1:], s) }
	var filter registry.AssociationFilter
	for _, s := range f[1:] {
		switch s {
		case registry.KeyAssociation, registry.ValueAssociation:
			filter.Types = append(filter.Types, s)
		case "STRONG", "WEAK":
			filter.Lifecycles = append(filter.Lifecycles, registry.Lifecycle(s))
		}
	}
	switch f[0] {
	case "associate", "upsert", "mutate":
		res, err := r.ChangeAssociations(ctx, associationRequest(f))
		var out []string
		for _, info := range res.Associations {
			s := fmt.Sprintf("%s:%s:%s", info.Type, info.Subject, info.Lifecycle)
			if info.Frozen != (info.Lifecycle == registry.Strong) {
				s += fmt.Sprintf(":frozen=%t", info.Frozen)
			}
			if info.Schema != nil {
				s += ":" + strings.ReplaceAll(outcome(*info.Schema), " ", ":")
			}
			out = append(out, s)
		}
		return strings.Join(out, " "), err
	case "dissociate":
		return "ok", r.DeleteAssociations(ctx, registry.AssociationRemoval{ResourceID: f[1], AssociationFilter: filter, Cascade: has("cascade"), DryRun: has("dry")})
	case "associations":
		var list []*registry.Association
		switch f[1] {
		case "subject":
			list = r.AssociationsOfSubject(f[2], filter)
		case "id":
			list = r.AssociationsOfID(f[2], filter)
		case "named":
			list = r.AssociationsNamed(f[2], f[3], filter)
		}
		var out []string
		for _, a := range list {
			out = append(out, fmt.Sprintf("%s@%s/%s:%s", a.ResourceName, a.ResourceNamespace, a.Type, a.Subject))
		}
		return strings.Join(out, " "), nil
	case "listed":
		var out []string
		for _, v := range r.Schemas(registry.SchemaFilter{Prefix: ":*:", Associations: &registry.SubjectAssociations{AssociationFilter: filter, None: has("NONE")}}) {
			out = append(out, v.Subject)
		}
		return strings.Join(out, " "), nil
	}
	return "no such command", nil
}

func associationRequest(f []string) registry.AssociationRequest {
	name, ns, ok := strings.Cut(f[1], "@")
	if !ok {
		ns = "lkc1"
	}
	req := registry.AssociationRequest{ResourceName: name, ResourceNamespace: ns, ResourceID: name + "-id"}
	for _, a := range f[2:] {
		if member, value, ok := strings.Cut(a, "="); ok && !strings.Contains(a, ",") {
			switch member {
			case "id":
				req.ResourceID = value
				continue
			case "type":
				req.ResourceType = value
				continue
			case "context":
				req.Context = value
				continue
			}
		}
		if a == "dry" {
			req.DryRun = true
			continue
		}
		op := registry.AssociationOp{Kind: map[string]registry.AssociationOpKind{"associate": registry.CreateAssociation, "upsert": registry.UpsertAssociation}[f[0]]}
		yes, no := true, false
		for _, word := range strings.Split(a, ",") {
			member, value, given := strings.Cut(word, "=")
			switch {
			case word == "create" || word == "upsert" || word == "delete":
				op.Kind = registry.AssociationOpKind(strings.ToUpper(word))
			case word == "strong" || word == "weak":
				op.Lifecycle = registry.Lifecycle(strings.ToUpper(word))
			case word == "frozen":
				op.Frozen = &yes
			case word == "unfrozen":
				op.Frozen = &no
			case word == "cascade":
				op.Cascade = true
			case member == "subject":
				op.Subject = &value
			case member == "schema":
				c := candidate([]string{value})
				op.Schema = &c
			case !given:
				op.Type = word
			}
		}
		req.Ops = append(req.Ops, op)
	}
	return req
}

// TestAssociationRules plays the rules of associations, one script each.
func TestAssociationRules(t *testing.T) {
	long := strings.Repeat("a", 257)
	for name, script := range map[string]string{
		"what a request must have": `
			register s A => v1 id1
			associate t => 42212 "The association specified an invalid value for property: 'associations', detail: cannot be null or empty"
			associate @n value,subject=s => 42212 "property: 'resourceName', detail: cannot be null or empty"
			associate t@ value,subject=s => 42212 "property: 'resourceNamespace', detail: cannot be null or empty"
			associate t value,subject=s id= => 42212 "property: 'resourceId', detail: cannot be null or empty"
			associate t value,subject=s id= dry => value:s:WEAK
			associate t.u value,subject=s => 42212 "property: 'resourceName', detail: illegal character '.'"
			associate t@n/m value,subject=s => 42212 "property: 'resourceNamespace', detail: illegal character '/'"
			associate ` + long + ` value,subject=s => 42212 "property: 'resourceName', detail: exceeds max length of 256"
			associate t value,subject=s type=cluster => 42212 "property: 'resourceType', detail: must be 'topic'"
			associate t header,subject=s => 42212 "property: 'associationType', detail: must be either 'key' or 'value'"
			associate t value,subject= => 42212 "property: 'subject', detail: must not be empty"
			associate t value,subject=__GLOBAL => 42208
			associate t value,subject=s key,subject=s value,subject=s => 42212 "property: 'associationType'"
			associations named - - => nothing`,
		"a WEAK association": `
			associate t value,subject=s => 40907 "No active (non-deleted) version exists for subject 's'"
			register s A => v1 id1
			associate t value,subject=s => value:s:WEAK
			associate t subject=s => value:s:WEAK
			associate t value,subject=s,weak,unfrozen => value:s:WEAK
			associate t value,subject=other => 40903 "An association of type 'value' already exists for resource 't-id'"
			upsert t value => value:s:WEAK
			upsert t value,weak => value:s:WEAK
			upsert t value,subject=other => 42212 "property: 'subject', detail: subject of association cannot be changed"
			upsert t value,frozen => 42212 "property: 'frozen', detail: frozen attribute of association cannot be changed"
			upsert t value,strong => 42212 "property: 'frozen', detail: association with lifecycle of STRONG cannot be frozen=false"
			upsert t value,schema=B => 42212 "property: 'lifecycle', detail: cannot be WEAK when schema is provided"
			associate t value,weak,schema=B => 42212 "property: 'lifecycle', detail: cannot be WEAK when schema is provided for create"
			associate t value,subject=s,weak,frozen => 42212 "property: 'schema'"
			associate t value,weak => 42212 "property: 'subject', detail: WEAK associations cannot use subject ':.lkc1:t-value'"
			associations subject s => t@lkc1/value:s
			versions s => 1`,
		"a STRONG association": `
			associate t value,subject=:.lkc1:t-value,strong => 42212 "property: 'frozen', detail: association with lifecycle of STRONG cannot be frozen=false"
			associate t value,frozen => 42212 "property: 'schema', detail: schema must be provided when creating a frozen association"
			associate t value,unfrozen,schema=A => 42212 "property: 'frozen', detail: cannot be false when schema is provided for create"
			associate t value,subject=s,schema=A => 42212 "property: 'subject', detail: frozen associations must use subject ':.lkc1:t-value'"
			upsert t value,schema=A => 42212 "property: 'schema'"
			upsert t value,strong => 42212 "property: 'lifecycle'"
			upsert t value,strong,unfrozen => 42212 "property: 'frozen', detail: association with lifecycle of STRONG cannot be frozen=false"
			associate t value,schema=! => 42201
			subjects => nothing
			contexts => .
			associate t value,schema=A key,schema=N => value::.lkc1:t-value:STRONG:v1:id1 key::.lkc1:t-key:STRONG:v1:id2
			contexts => . .lkc1
			associate t value,schema=A => value::.lkc1:t-value:STRONG:v1:id1
			associate t value,subject=:.lkc1:t-value,strong,frozen,schema=A => value::.lkc1:t-value:STRONG:v1:id1
			associate t value,schema=B => 40903
			upsert t value,schema=B => value::.lkc1:t-value:STRONG:v2:id3
			upsert t value,schema=X => 40901
			upsert t value,weak => 40908 "The association of type  'value' is frozen for subject ':.lkc1:t-value'"
			upsert t value,unfrozen => 42212
			associations id t-id => t@lkc1/key::.lkc1:t-key t@lkc1/value::.lkc1:t-value
			associations id t-id key => t@lkc1/key::.lkc1:t-key
			associations id t-id WEAK => nothing`,
		"a subject is for one STRONG association or for WEAK ones": `
			associate t value,schema=A => value::.lkc1:t-value:STRONG:v1:id1
			associate u value,subject=:.lkc1:t-value => 40905 "A strong association already exists for subject ':.lkc1:t-value'"
			register s A => v1 id1
			associate u value,subject=s => value:s:WEAK
			associate v value,subject=s => value:s:WEAK
			associations subject s => u@lkc1/value:s v@lkc1/value:s
			register :.lkc1:w-value A => v1 id1
			associate x value,subject=:.lkc1:w-value => value::.lkc1:w-value:WEAK
			associate w value,schema=A => 42212 "property: 'frozen', detail: cannot create a frozen association when schemas already exist in the subject"
			mode :.lkc1:w-value IMPORT force => ok
			upsert w value,strong => 40904 "An association already exists for subject ':.lkc1:w-value'"
			delete s => 40904
			subjects => :.lkc1:t-value :.lkc1:w-value s`,
		"a resource is uniform": `
			register s A => v1 id1
			associate t key,subject=s => key:s:WEAK
			associate t value,schema=B => 42212 "property: 'frozen', detail: all associations for a resource must be consistently frozen or non-frozen"
			subjects => s
			associate u key,subject=s value,schema=B => 42212 "consistently"
			mutate t delete,key create,value,schema=B => value::.lkc1:t-value:STRONG:v1:id1
			associations named - - => t@lkc1/value::.lkc1:t-value`,
		"a resource has one id and one name": `
			register s A => v1 id1
			associate t value,subject=s => value:s:WEAK
			associate t value,subject=s id=other => 42212 "property: 'resourceId'"
			associate u value,subject=s id=t-id => 42212 "property: 'resourceName'"
			associate t@n value,subject=s id=t-id => 42212 "property: 'resourceNamespace'"
			associate t@n value,subject=s id=n-id => value:s:WEAK
			associations named - t => t@lkc1/value:s t@n/value:s
			associations named n t => t@n/value:s
			associations named n - => t@n/value:s
			associations named - - => t@lkc1/value:s t@n/value:s
			associations named n u => nothing`,
		"the schemas of a request know each other": `
			register :.lkc1:n N => v1 id1
			mutate t create,key,schema=N create,value,schema=U => 42201
			associations named - - => nothing
			mutate t create,key,schema=N create,value,schema=N => key::.lkc1:t-key:STRONG:v1:id1 value::.lkc1:t-value:STRONG:v1:id1
			mutate u create,key,schema=A create,value,schema=B => key::.lkc1:u-key:STRONG:v1:id2 value::.lkc1:u-value:STRONG:v1:id3`,
		"a dry run writes nothing": `
			associate t value,schema=A dry => value::.lkc1:t-value:STRONG:v1:id1
			associate t value,schema=! dry => 42201
			subjects => nothing
			contexts => .
			associate t value,schema=A => value::.lkc1:t-value:STRONG:v1:id1
			dissociate t-id dry => 40908
			dissociate t-id cascade dry => ok
			associations id t-id => t@lkc1/value::.lkc1:t-value
			subjects => :.lkc1:t-value`,
		"contexts": `
			register :.c:s A => v1 id1
			register s A => v1 id1
			associate t value,subject=s context=.c => value::.c:s:WEAK
			associate u value,subject=:.:s context=.c => value:s:WEAK
			associate v value,subject=:.c:s context=.d => value::.c:s:WEAK
			associations subject s => u@lkc1/value:s
			associations subject :.:s => u@lkc1/value:s
			associations subject :.c:s => t@lkc1/value::.c:s v@lkc1/value::.c:s`,
		"deleting associations": `
			dissociate t-id => 40410 "Association for 't-id' not found."
			associate t value,schema=A key,schema=N => value::.lkc1:t-value:STRONG:v1:id1 key::.lkc1:t-key:STRONG:v1:id2
			dissociate t-id => 40908 "The association of type  'key' is frozen for subject ':.lkc1:t-key'"
			register u U ref=n.N@:.lkc1:t-key@1 => 42205 "Subject ':.lkc1:t-key' has a strong association: schemas cannot refer to it"
			associations id t-id => t@lkc1/key::.lkc1:t-key t@lkc1/value::.lkc1:t-value
			dissociate t-id value cascade => ok
			dissociate t-id value cascade => 40410
			subjects deleted => :.lkc1:t-key
			config :.lkc1:t-key NONE => {"compatibility":"NONE"}
			mutate t delete,key => 40908
			mutate t delete,value,cascade => 40410
			mutate t delete,key,cascade => nothing
			subjects deleted => nothing
			config :.lkc1:t-key => 40408
			register s A => v1 id1
			associate t value,subject=s => value:s:WEAK
			dissociate t-id cascade => ok
			subjects => s
			delete s => 1`,
		"deleting subjects and versions": `
			associate t value,schema=A => value::.lkc1:t-value:STRONG:v1:id1
			upsert t value,schema=B => value::.lkc1:t-value:STRONG:v2:id2
			delete :.lkc1:t-value => 40904 "An association already exists for subject ':.lkc1:t-value'"
			deleteversion :.lkc1:t-value 1 => 40905 "A strong association already exists for subject ':.lkc1:t-value'"
			deleteversion :.lkc1:t-value 7 => 40402
			register s A => v1 id1
			register s B => v2 id2
			associate u value,subject=s => value:s:WEAK
			delete s => 40904
			deleteversion s 1 => 1
			deleteversion s 1 permanent => 1
			deleteversion s latest => 40904
			delete s permanent => 40405
			dissociate u-id => ok
			deleteversion s latest => 2
			deleteversion s latest => 40907
			associate u value,subject=s => 40907`,
		"modes": `
			register s A => v1 id1
			associate t value,subject=s => value:s:WEAK
			mode s READONLY => ok
			associate u value,subject=s => 42205
			dissociate t-id => 42205
			mode :.lkc1: IMPORT => ok
			associate u value,schema=A => 42212 "property: 'schema', detail: cannot be provided in import mode"
			register :.lkc1:u-value A id=7 version=1 => v1 id7
			upsert u value,strong => value::.lkc1:u-value:STRONG
			register :.lkc1:x-value N id=8 version=1 => v1 id8
			register refers U ref=n.N@:.lkc1:x-value@1 => v1 id2
			upsert x value,strong => 42206
			upsert u value,schema=A => 42212 "property: 'schema', detail: cannot be provided in import mode"
			upsert w value,strong,unfrozen => 42212
			upsert w value,subject=s,strong => 42212`,
		"listings of schemas": `
			register s A => v1 id1
			register k A => v1 id1
			register n A => v1 id1
			associate t value,subject=s key,subject=k => value:s:WEAK key:k:WEAK
			associate u value,schema=A => value::.lkc1:u-value:STRONG:v1:id1
			listed => :.lkc1:u-value k s
			listed key => k
			listed STRONG => :.lkc1:u-value
			listed WEAK value => s
			listed NONE => n
			listed NONE key => :.lkc1:u-value n s
			listed NONE STRONG => :.lkc1:u-value n
			listed NONE STRONG WEAK => :.lkc1:u-value k n s`,
	} {
		t.Run(name, func(t *testing.T) {
			l := memlog.New()
			r := open(t, l)
			play(t, r, script)
			again := open(t, l)
			sameState(t, r, again)
			sameAssociations(t, r, again)
		})
	}
}

// everyAssociation returns all associations, by value.
func everyAssociation(r *registry.Registry) []registry.Association {
	var out []registry.Association
	for _, a := range r.AssociationsNamed(registry.AnyResource, registry.AnyResource, registry.AssociationFilter{}) {
		out = append(out, *a)
	}
	return out
}

// sameAssociations compares the associations of two registries, and what each of them finds them by.
func sameAssociations(t *testing.T, a, b *registry.Registry) {
	t.Helper()
	want, got := everyAssociation(a), everyAssociation(b)
	if !reflect.DeepEqual(want, got) {
		t.Errorf("associations after replay\n got %+v\nwant %+v", got, want)
	}
	for _, r := range []*registry.Registry{a, b} {
		bySubject, byID, byName := 0, 0, 0
		seen := map[string]bool{}
		for _, e := range want {
			for _, k := range []struct {
				key  string
				n    *int
				list []*registry.Association
			}{
				{"s" + e.Subject, &bySubject, r.AssociationsOfSubject(e.Subject, registry.AssociationFilter{})},
				{"i" + e.ResourceID, &byID, r.AssociationsOfID(e.ResourceID, registry.AssociationFilter{})},
				{"n" + e.ResourceName, &byName, r.AssociationsNamed(registry.AnyResource, e.ResourceName, registry.AssociationFilter{})},
			} {
				if !seen[k.key] {
					seen[k.key] = true
					*k.n += len(k.list)
				}
			}
		}
		if bySubject != len(want) || byID != len(want) || byName != len(want) {
			t.Errorf("%d associations by subject, %d by id, %d by name, want %d", bySubject, byID, byName, len(want))
		}
	}
}

// TestAssociationInvariants does a few thousand random changes: whatever is refused and whatever is done, a STRONG association is
// frozen and alone with its subject, a resource is uniform, each association's subject has a schema, and replay gives the same.
func TestAssociationInvariants(t *testing.T) {
	for seed := range uint64(4) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		pick := func(of ...string) string { return of[rnd.IntN(len(of))] }
		l := memlog.New()
		r := open(t, l)
		done, most := 0, 0
		for range 1200 {
			topic := pick("a", "b", "c")
			subject := pick("s", "u", ":.lkc1:a-value", ":.lkc1:b-key")
			var f []string
			switch rnd.IntN(12) {
			case 0, 5:
				f = []string{"register", subject, pick("A", "B")}
			case 1:
				f = []string{"delete", subject, pick("", "permanent")}
			case 2:
				f = []string{"deleteversion", subject, pick("1", "2", "latest"), pick("", "permanent")}
			case 3:
				f = []string{"dissociate", topic + "-id", pick("", "cascade"), pick("", "key", "value"), pick("", "dry")}
			case 4:
				f = []string{"mode", subject, pick("READWRITE", "READWRITE", "READWRITE", "IMPORT", "READONLY"), pick("", "force")}
			default:
				f = []string{pick("associate", "upsert", "mutate"), topic, pick("", "", "", "dry"), pick("", "", "", "", "", "id=a-id")}
				for range 1 + rnd.IntN(2) {
					kind := ""
					if f[0] == "mutate" {
						kind = pick("create", "upsert", "delete") + ","
					}
					f = append(f, kind+pick("key", "value")+pick("", ",subject="+subject, ",subject="+subject)+pick("", "", "", ",strong", ",weak")+
						pick("", "", "", ",frozen", ",unfrozen")+pick("", "", "", ",schema=A", ",schema=B")+pick("", ",cascade"))
				}
			}
			f = slices.DeleteFunc(f, func(s string) bool { return s == "" })
			before := everyAssociation(r)
			_, err := step(t.Context(), r, f)
			after := everyAssociation(r)
			if err == nil && !slices.Contains(f, "dry") {
				done++
			} else if !reflect.DeepEqual(before, after) {
				t.Fatalf("%v changes associations: %v", f, err)
			}
			most = max(most, len(after))
			for _, a := range after {
				same := r.AssociationsOfSubject(a.Subject, registry.AssociationFilter{})
				if a.Frozen != (a.Lifecycle == registry.Strong) || a.Lifecycle == registry.Strong && len(same) != 1 {
					t.Fatalf("after %v: %+v, with %d of its subject", f, a, len(same))
				}
				for _, o := range r.AssociationsOfID(a.ResourceID, registry.AssociationFilter{}) {
					if o.Lifecycle != a.Lifecycle || o.ResourceName != a.ResourceName {
						t.Fatalf("after %v: %+v beside %+v", f, a, o)
					}
				}
				if _, err := r.Get(a.Subject, registry.Latest, false); err != nil {
					t.Fatalf("after %v: the subject of %+v: %v", f, a, err)
				}
			}
		}
		again := open(t, l)
		sameState(t, r, again)
		sameAssociations(t, r, again)
		if done < 100 || most < 2 {
			t.Errorf("seed %d: only %d changes were done, and %d associations were there at most", seed, done, most)
		}
	}
}

// TestMaxAssociations has a registry that holds two.
func TestMaxAssociations(t *testing.T) {
	r, err := registry.Open(t.Context(), memlog.New(), registry.Options{MaxAssociations: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	play(t, r, `
		register s A => v1 id1
		associate t value,subject=s key,subject=s => value:s:WEAK key:s:WEAK
		associate u value,subject=s => 40902 "A maximum of 2 associations already exist"
		associate t value,subject=s => value:s:WEAK
		dissociate t-id key => ok
		associate u value,subject=s => value:s:WEAK`)
}

// TestAllowAssociation has someone decide about every subject that requests touch.
func TestAllowAssociation(t *testing.T) {
	r := open(t, nil)
	play(t, r, `register s A => v1 id1`)
	var asked []string
	refuse := ""
	allow := func(subject string, does registry.AssociationEffect) error {
		asked = append(asked, fmt.Sprintf("%s/%d", subject, does))
		if subject == refuse {
			return &registry.Error{Code: 40301, Message: "no"}
		}
		return nil
	}
	for _, step := range []struct{ command, refuse, asked string }{
		{"associate t value,schema=A key,schema=N", ":.lkc1:t-key", ":.lkc1:t-value/1 :.lkc1:t-key/1"},
		{"associate t value,schema=A", "", ":.lkc1:t-value/1"},
		{"associate u value,subject=s", "s", "s/0"},
		{"associate u value,subject=s", "", "s/0"},
		{"upsert u value,subject=other", "s", "s/0"},
		{"mutate t delete,value,cascade", ":.lkc1:t-value", ":.lkc1:t-value/2"},
		{"mutate u delete,value,cascade", "s", "s/0"},
		{"dissociate t-id", ":.lkc1:t-value", ":.lkc1:t-value/0"},
		{"dissociate t-id", "", ":.lkc1:t-value/0"}, // and refused, for it is frozen
		{"dissociate t-id cascade", "", ":.lkc1:t-value/2"},
	} {
		asked, refuse = nil, step.refuse
		f := strings.Fields(step.command)
		var err error
		if f[0] == "dissociate" {
			err = r.DeleteAssociations(t.Context(), registry.AssociationRemoval{ResourceID: f[1], Cascade: len(f) > 2, Allow: allow})
		} else {
			req := associationRequest(f)
			req.Allow = allow
			_, err = r.ChangeAssociations(t.Context(), req)
		}
		if got := strings.Join(asked, " "); got != step.asked || (step.refuse != "") != errors.Is(err, &registry.Error{Code: 40301}) {
			t.Errorf("%s: asked for %s, %v", step.command, got, err)
		}
	}
	play(t, r, `
		subjects => s
		associations named - - => u@lkc1/value:s`)
}
