package client_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/wire"
)

const (
	item  = `{"type":"record","name":"Item","fields":[{"name":"id","type":"long"}]}`
	item2 = `{"type":"record","name":"Item","fields":[{"name":"id","type":"long"},{"name":"n","type":"int","default":0}]}`
	bad   = `{"type":"record","name":"Item","fields":[{"name":"id","type":"string"}]}`
)

// must returns what a call returns, and ends the test where it fails.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestRegistry makes every call of a real registry.
func TestRegistry(t *testing.T) {
	c, ctx := registrytest.NewServer(t).Registry(), t.Context()
	equal := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	refused := func(code int, err error) {
		t.Helper()
		if client.Code(err) != code {
			t.Errorf("got %v, want %d", err, code)
		}
	}
	version, ints, texts, config := must[client.Version](t), must[[]int](t), must[[]string](t), must[client.SubjectConfig](t)

	first := version(c.RegisterVersion(ctx, "s", client.Schema{Text: item}, client.RegisterOptions{}))
	equal("registered", first, client.Version{Subject: "s", Version: 1, ID: 1, GUID: first.GUID, Schema: client.Schema{Type: schema.Avro, Text: item}})
	if _, err := wire.GUIDOf(first.GUID); err != nil {
		t.Error(err)
	}
	equal("id", must[int](t)(c.Register(ctx, "s", client.Schema{Text: item2}, true)), 2)
	equal("looked up id", must[int](t)(c.ID(ctx, "s", client.Schema{Text: item2}, false)), 2)
	equal("lookup", version(c.Lookup(ctx, "s", client.Schema{Text: item}, false, false)), first)
	equal("by id", must[client.Schema](t)(c.SchemaByID(ctx, 1)), first.Schema)
	equal("by GUID", must[client.Schema](t)(c.SchemaByGUID(ctx, first.GUID)), first.Schema)
	equal("ids of the GUID", must[[]client.ContextID](t)(c.IDsOfGUID(ctx, first.GUID)), []client.ContextID{{Context: ".", ID: 1}})
	equal("versions of the id", must[[]client.SubjectVersion](t)(c.VersionsOfID(ctx, 2, "", false)), []client.SubjectVersion{{Subject: "s", Version: 2}})
	equal("latest", version(c.Latest(ctx, "s")).Version, 2)
	equal("version", version(c.Version(ctx, "s", 1)), first)
	equal("versions", ints(c.Versions(ctx, "s")), []int{1, 2})
	equal("types", len(must[[]schema.Type](t)(c.Types(ctx))), 3)
	_, err := c.Register(ctx, "s", client.Schema{Text: bad}, false)
	refused(client.Incompatible, err)
	ok, lines, err := c.Compatible(ctx, "s", "latest", client.Schema{Text: bad})
	if ok || err != nil || !strings.Contains(strings.Join(lines, ""), "TYPE_MISMATCH") {
		t.Errorf("compatible: %v, %q, %v", ok, lines, err)
	}

	contract := client.Schema{
		Type: schema.Avro, Text: item, Metadata: &client.Metadata{Tags: map[string][]string{"Item.id": {"PII"}}, Properties: map[string]string{"owner": "ann"}, Sensitive: []string{"owner"}},
		RuleSet: &client.RuleSet{Domain: []client.Rule{{Name: "r", Kind: "CONDITION", Mode: "WRITE", Type: "CEL", Expr: "true", Params: map[string]string{"a": "b"}, OnFailure: "ERROR"}}},
	}
	kept := version(c.RegisterVersion(ctx, "contract", contract, client.RegisterOptions{}))
	if kept.RuleSet == nil || kept.RuleSet.Domain[0].Expr != "true" || !maps.Equal(kept.Metadata.Properties, contract.Metadata.Properties) {
		t.Errorf("contract: %+v", kept)
	}
	equal("with metadata", version(c.LatestWithMetadata(ctx, "contract", map[string]string{"owner": "ann"})), kept)
	_, err = c.LatestWithMetadata(ctx, "contract", map[string]string{"owner": "bob"})
	refused(client.SchemaNotFound, err)

	use := must[int](t)(c.Register(ctx, "use", client.Schema{Text: `{"type":"record","name":"Use","fields":[{"name":"item","type":"Item"}]}`, References: []schema.Reference{{Name: "Item", Subject: "contract", Version: 1}}}, false))
	equal("referrers", ints(c.ReferencedBy(ctx, "contract", 1)), []int{use})
	_, err = c.DeleteVersion(ctx, "contract", "1", false)
	refused(client.ReferenceExists, err)

	no := false
	config(c.SetSubjectConfig(ctx, "s", client.SubjectConfig{Level: "FULL", Normalize: &no, Group: "major"}))
	equal("config", config(c.SubjectConfig(ctx, "s")), client.SubjectConfig{Level: "FULL", Normalize: &no, Group: "major"})
	if err := c.SetCompatibility(ctx, "", "NONE"); err != nil {
		t.Error(err)
	}
	equal("level", must[string](t)(c.Compatibility(ctx, "")), "NONE")
	equal("deleted config", config(c.DeleteConfig(ctx, "s")).Level, "FULL")
	equal("inherited level", must[string](t)(c.Compatibility(ctx, "s")), "NONE")
	if err := c.SetMode(ctx, "s", "READONLY", false); err != nil {
		t.Error(err)
	}
	_, err = c.RegisterVersion(ctx, "s", client.Schema{Text: bad}, client.RegisterOptions{})
	refused(client.NotPermitted, err)
	if err := c.DeleteMode(ctx, "s", false); err != nil {
		t.Error(err)
	}
	equal("mode", must[string](t)(c.Mode(ctx, "s")), "READWRITE")

	must[int](t)(c.Register(ctx, ":.c:in", client.Schema{Text: `"double"`}, false))
	equal("contexts", texts(c.Contexts(ctx)), []string{".", ".c"})
	equal("id in a context", must[client.Schema](t)(c.SchemaByIDIn(ctx, 1, ":.c:")).Text, `"double"`)
	equal("subjects", texts(c.Subjects(ctx, ":.c:")), []string{":.c:in"})
	equal("a page", texts(c.ListSubjects(ctx, client.List{Prefix: ":*:", Offset: 1, Limit: 2})), []string{"contract", "s"})
	all := must[[]client.Version](t)(c.ListSchemas(ctx, client.List{LatestOnly: true}))
	if !slices.ContainsFunc(all, func(v client.Version) bool { return v.Subject == "s" && v.Version == 2 && v.Text == item2 }) {
		t.Errorf("schemas: %+v", all)
	}
	refused(client.ContextNotEmpty, c.DeleteContext(ctx, ".c"))

	equal("deleted version", must[int](t)(c.DeleteVersion(ctx, "s", "1", false)), 1)
	equal("softly deleted", version(c.DeletedVersion(ctx, "s", 1)).Deleted, true)
	_, err = c.DeleteVersion(ctx, "s", "1", false)
	refused(client.VersionSoftDeleted, err)
	equal("deleted subject", ints(c.DeleteSubject(ctx, "s", false)), []int{2})
	_, err = c.Latest(ctx, "s")
	refused(client.SubjectNotFound, err)
	equal("deleted subjects", texts(c.ListSubjects(ctx, client.List{DeletedOnly: true})), []string{"s"})
	equal("deleted for good", ints(c.DeleteSubject(ctx, "s", true)), []int{1, 2})
	if v := must[client.Server](t)(c.Server(ctx)); v.GroupID == "" {
		t.Errorf("server: %+v", v)
	}

	namer, err := c.Namer(client.NamerOptions{Strategy: wire.AssociatedName})
	if err != nil {
		t.Fatal(err)
	}
	equal("name by fallback", must[string](t)(namer.Subject(ctx, "other", wire.Value, "")), "other-value")
	must[int](t)(c.Register(ctx, "tied", client.Schema{Text: item}, false))
	if err := c.Associate(ctx, client.Resource{Name: "t", Namespace: "lkc", ID: "i", Type: "topic"}, client.NewAssociation{Subject: "tied", Type: "value", Lifecycle: "WEAK"}); err != nil {
		t.Fatal(err)
	}
	equal("name", must[string](t)(namer.Subject(ctx, "t", wire.Value, "")), "tied")
	tied := must[[]client.Association](t)(c.Associations(ctx, "lkc", client.AnyResource, client.Associated{ResourceType: "topic", Lifecycle: "WEAK"}))
	if len(tied) != 1 || tied[0].Subject != "tied" || tied[0].ResourceName != "t" || tied[0].Type != "value" || tied[0].GUID == "" {
		t.Errorf("associations: %+v", tied)
	}
	equal("of the subject", must[[]client.Association](t)(c.AssociationsOfSubject(ctx, "tied", client.Associated{})), tied)
	if err := c.Dissociate(ctx, "i", client.Associated{ResourceType: "topic"}, false); err != nil {
		t.Error(err)
	}
	equal("taken away", len(must[[]client.Association](t)(c.Associations(ctx, "lkc", "t", client.Associated{}))), 0)
}

// What is kept costs a producer no more than a look.
func BenchmarkRegisterKept(b *testing.B) {
	s, err := registrytest.Start()
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, ctx := s.Registry(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.Register(ctx, "s", client.Schema{Text: item}, false); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSchemaByIDKept(b *testing.B) {
	s, err := registrytest.Start(client.Version{Subject: "s", Schema: client.Schema{Text: item}})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	c, ctx := s.Registry(), b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := c.SchemaByID(ctx, 1); err != nil {
			b.Fatal(err)
		}
	}
}
