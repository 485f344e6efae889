package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/memlog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/transfer"
)

type version = registry.Version

func avro(subject string, number, id int, text string) version {
	v := version{Subject: subject, Number: number, ID: id, Content: &registry.Content{Type: schema.Avro, Text: text}}
	v.GUID = v.Content.GUID()
	return v
}

// TestConflictsChangeNothing has targets in which something else stands where a version should go.
func TestConflictsChangeNothing(t *testing.T) {
	want := dump(t, remote(t, sample(t).URL))
	for name, c := range map[string]struct {
		fill func(t *testing.T, url string)
		says string
	}{
		"id":      {func(t *testing.T, url string) { register(t, url, "other", `"bytes"`, "") }, `id 1, wanted for version 1 of "customers-value", stands for another schema: version 1 of "other"`},
		"version": {func(t *testing.T, url string) { register(t, url, "customers-value", `"bytes"`, "") }, `version 1 of "customers-value" is another schema`},
		"version's id": {func(t *testing.T, url string) {
			ask(t, "PUT", url+"/mode", `{"mode":"IMPORT"}`)
			register(t, url, "customers-value", record("Customer"), `"id":77,"version":1`)
			ask(t, "DELETE", url+"/mode", "")
		}, `version 1 of "customers-value" has id 77, wanted 1`},
		"alias": {func(t *testing.T, url string) {
			register(t, url, "real", record("Customer"), "")
			ask(t, "PUT", url+"/config/customers-value", `{"alias":"real"}`)
		}, `"customers-value" is an alias of "real"`},
	} {
		t.Run(name, func(t *testing.T) {
			s := registrytest.NewServer(t)
			c.fill(t, s.URL)
			before := file(t, dump(t, remote(t, s.URL)))
			_, err := transfer.Copy(t.Context(), want, remote(t, s.URL), transfer.Options{})
			var conflict *transfer.ConflictError
			if !errors.As(err, &conflict) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v\n\twant %s", err, c.says)
			}
			same(t, file(t, dump(t, remote(t, s.URL))), before)
		})
	}
	l := memlog.New()
	s := store(t, l)
	copied(t, &transfer.Dump{Versions: []version{avro("other", 1, 1, `"bytes"`)}}, s, transfer.Options{})
	asJSON := avro("other", 1, 1, `"bytes"`)
	asJSON.Content.Type = schema.JSON // which the GUID does not cover
	for _, d := range []*transfer.Dump{want, {Versions: []version{asJSON}}, {Versions: []version{avro("a", 1, 5, `"int"`), avro("b", 1, 5, `"long"`)}}} {
		if _, err := transfer.Copy(t.Context(), d, s, transfer.Options{}); !errors.As(err, new(*transfer.ConflictError)) {
			t.Errorf("a store: %v", err)
		}
	}
}

func TestDryRunChangesNothing(t *testing.T) {
	want := dump(t, remote(t, sample(t).URL))
	s := registrytest.NewServer(t)
	before := file(t, dump(t, remote(t, s.URL)))
	r := copied(t, want, remote(t, s.URL), transfer.Options{DryRun: true})
	if r.Registered != len(want.Versions) || r.Configs == 0 || r.Modes == 0 || r.Deleted == 0 {
		t.Errorf("%+v", r)
	}
	same(t, file(t, dump(t, remote(t, s.URL))), before)
	copied(t, want, remote(t, s.URL), transfer.Options{SchemasOnly: true})
	if got := dump(t, remote(t, s.URL)); len(got.Configs) != 1 || len(got.Modes) != 1 || len(got.Versions) != len(want.Versions) {
		t.Errorf("with schemas alone: %d configs, %d modes, %d versions", len(got.Configs), len(got.Modes), len(got.Versions))
	}
}

// TestLaterBackup restores what a registry became after an earlier restore: more versions, one deleted, one undeleted, settings
// changed back and forth.
func TestLaterBackup(t *testing.T) {
	s := sample(t)
	to := registrytest.NewServer(t)
	first := dump(t, remote(t, s.URL))
	copied(t, first, remote(t, to.URL), transfer.Options{})
	register(t, s.URL, "gone-value", record("Gone", "a", "b", "c"), "") // 4, which is deleted, as 6
	register(t, s.URL, "old-value", record("Old", "more"), "")
	ask(t, "DELETE", s.URL+"/subjects/customers-value/versions/2", "")
	ask(t, "PUT", s.URL+"/config/contract-value", `{"compatibilityGroup":null,"normalize":null,"validateFields":true}`)
	ask(t, "PUT", s.URL+"/mode/:.a:", `{"mode":"READWRITE"}`)
	want := file(t, dump(t, remote(t, s.URL)))
	copied(t, read(t, want), remote(t, to.URL), transfer.Options{})
	for l := range strings.Lines(want) {
		if !strings.Contains(file(t, dump(t, remote(t, to.URL))), l) && !strings.HasPrefix(l, `{"end"`) {
			t.Errorf("missing: %s", l)
		}
	}
	ask(t, "DELETE", to.URL+"/subjects/aa-payment", "") // by mistake
	copied(t, read(t, want), remote(t, to.URL), transfer.Options{})
	if got := ask(t, "GET", to.URL+"/subjects/aa-payment/versions", ""); got != "[1]" {
		t.Errorf("after undeleting: %s", got)
	}
}

// TestModesArePutBack ends a copy well, by a refusal and by an interruption.
func TestModesArePutBack(t *testing.T) {
	want := dump(t, remote(t, sample(t).URL))
	for name, ends := range map[string]func(cancel func(), n int64, w http.ResponseWriter) bool{
		"well": func(func(), int64, http.ResponseWriter) bool { return false },
		"refused": func(_ func(), n int64, w http.ResponseWriter) bool {
			if n > 3 {
				w.WriteHeader(http.StatusUnprocessableEntity)
				fmt.Fprint(w, `{"error_code":42201,"message":"no"}`)
			}
			return n > 3
		},
		"interrupted": func(cancel func(), n int64, _ http.ResponseWriter) bool {
			if n == 3 {
				cancel()
			}
			return false
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var n atomic.Int64
			f, url := front(t, func(_ http.Handler, w http.ResponseWriter, r *http.Request) bool {
				return r.Method == "POST" && ends(cancel, n.Add(1), w)
			})
			register(t, url, ":.b:theirs", `"int"`, "")
			ask(t, "PUT", url+"/mode", `{"mode":"READONLY"}`)
			ask(t, "PUT", url+"/mode/copy-value", `{"mode":"READWRITE"}`)
			ask(t, "PUT", url+"/mode/gone-value", `{"mode":"READWRITE"}`)
			_, err := transfer.Copy(ctx, want, remote(t, f.URL), transfer.Options{})
			d, rerr := remote(t, url).Read(t.Context(), "copy-value", "gone-value")
			if rerr != nil {
				t.Fatal(rerr)
			}
			modes := d.Modes
			got := fmt.Sprint(modes[""], " ", modes["copy-value"], " ", modes["gone-value"], " ", modes[":.a:"])
			switch {
			case name == "well" && (err != nil || got != "READWRITE READONLY READWRITE READONLY"):
				t.Errorf("%v, modes %s", err, got)
			case name != "well" && (err == nil || got != "READONLY READWRITE READWRITE "):
				t.Errorf("%v, modes %s", err, got)
			}
		})
	}
}

// TestKilled kills a copy in the middle, again and again, until one is through.
func TestKilled(t *testing.T) {
	var posts atomic.Int64
	var die atomic.Pointer[os.Process]
	f, url := front(t, func(_ http.Handler, _ http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet && posts.Add(1)%7 == 0 {
			if p := die.Load(); p != nil {
				_ = p.Signal(syscall.SIGKILL)
				time.Sleep(20 * time.Millisecond)
			}
		}
		return false
	})
	want := file(t, dump(t, remote(t, sample(t).URL)))
	name := t.TempDir() + "/backup"
	if err := os.WriteFile(name, []byte(want), 0o600); err != nil {
		t.Fatal(err)
	}
	kills := 0
	for {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), "MILLRACE_TRANSFER_CHILD="+f.URL, "MILLRACE_TRANSFER_FILE="+name)
		var out strings.Builder
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if kills < 8 {
			die.Store(cmd.Process)
		}
		err := cmd.Wait()
		die.Store(nil)
		if err == nil {
			break
		}
		if kills++; kills > 8 || out.Len() > 0 {
			t.Fatalf("run %d: %v %s", kills, err, out.String())
		}
	}
	if kills < 2 {
		t.Errorf("killed %d times", kills)
	}
	same(t, file(t, dump(t, remote(t, url))), want)
}

// child is a process that copies a file.
func child(url string) {
	ctx := context.Background()
	err := func() error {
		f, err := os.Open(os.Getenv("MILLRACE_TRANSFER_FILE"))
		if err != nil {
			return err
		}
		d, err := transfer.Read(f)
		if err != nil {
			return err
		}
		c, err := client.New(client.Config{URLs: []string{url}})
		if err != nil {
			return err
		}
		_, err = transfer.Copy(ctx, d, &transfer.Remote{Client: c, Parallel: 2}, transfer.Options{})
		return err
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestKeepImport(t *testing.T) {
	want := &transfer.Dump{Contexts: []string{"."}, Versions: []version{avro("s", 1, 7, `"int"`)}}
	s := registrytest.NewServer(t)
	ask(t, "PUT", s.URL+"/mode", `{"mode":"IMPORT"}`)
	copied(t, want, remote(t, s.URL), transfer.Options{KeepImport: true})
	if got := ask(t, "GET", s.URL+"/mode", ""); !strings.Contains(got, "IMPORT") {
		t.Errorf("kept: %s", got)
	}
	copied(t, want, remote(t, s.URL), transfer.Options{}) // as one that was killed behind its last write leaves it
	if got := ask(t, "GET", s.URL+"/mode", ""); !strings.Contains(got, "READWRITE") {
		t.Errorf("taken off: %s", got)
	}
}

func TestMove(t *testing.T) {
	s := sample(t)
	moved, err := dump(t, remote(t, s.URL)).Move(map[string]string{".": ".new"})
	if err != nil {
		t.Fatal(err)
	}
	to := registrytest.NewServer(t)
	copied(t, moved, remote(t, to.URL), transfer.Options{})
	for path, want := range map[string]string{
		"/contexts": `[".",".a",".new"]`, "/subjects/:.new:nickname/versions": "[1,2]", "/config/:.new:": `"FULL"`, "/mode/:.new:copy-value": "READONLY",
		"/subjects/:.a:uses/versions/1": `:.new:customers-value`, "/subjects?subjectPrefix=:.:": "[]", "/config": `"BACKWARD"`,
	} {
		if got := ask(t, "GET", to.URL+path, ""); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	for _, bad := range []map[string]string{{".": ".a"}, {".none": ".b"}} {
		if _, err := dump(t, remote(t, s.URL)).Move(bad); err == nil {
			t.Errorf("%v is no error", bad)
		}
	}
}

func TestOnly(t *testing.T) {
	d, referred := dump(t, remote(t, sample(t).URL)).Only([]string{"aa-*", ":.a:us?s", "nick*"})
	if got := strings.Join(d.Subjects(), " "); got != ":.a:uses aa-payment customers-value zz/money.proto" || referred != 2 {
		t.Errorf("%s, %d by reference", got, referred)
	}
	if len(d.Configs) != 1 || d.Configs["nickname"].Alias == "" || len(d.Modes) != 0 {
		t.Errorf("configs %v, modes %v", d.Configs, d.Modes)
	}
	copied(t, d, remote(t, registrytest.NewServer(t).URL), transfer.Options{})
}
