package rest

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

// The codes of refusals of access, as Confluent's security plugin has them.
const (
	codeUnauthorized = 40101
	codeForbidden    = 40301
	codeTooMany      = 42901
	codeUnavailable  = 50301
)

// caller returns who asks; nil without access control.
func (s *server) caller(r *http.Request) (*access.Caller, error) {
	if s.o.Control == nil {
		return nil, nil
	}
	cr := access.Credentials{Authorization: r.Header["Authorization"], Remote: remote(r)}
	if r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		cr.Certificate = r.TLS.VerifiedChains[0][0]
	}
	if on := r.Header[access.OnBehalf]; len(on) > 0 {
		cr.OnBehalf = on[0]
	}
	return s.o.Control.Authenticate(r.Context(), cr)
}

// remote is the address of the client, without the port.
func remote(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		return host
	}
	return r.RemoteAddr
}

// refuseCredentials words why nobody is let in.
func (c *call) refuseCredentials(err error) error {
	switch {
	case errors.Is(err, access.ErrTooMany):
		c.w.Header().Set("Retry-After", "10")
		return &registry.Error{Code: codeTooMany, Message: "Too many wrong passwords: try again later"}
	case errors.Is(err, access.ErrBusy), errors.Is(err, access.ErrUnavailable):
		c.w.Header().Set("Retry-After", "5")
		return &registry.Error{Code: codeUnavailable, Message: "Credentials cannot be checked at present"}
	}
	return c.unauthorized()
}

func (c *call) unauthorized() error {
	for _, v := range c.o.Control.Challenges() {
		c.w.Header().Add("WWW-Authenticate", v)
	}
	return &registry.Error{Code: codeUnauthorized, Message: "Unauthorized"}
}

// authorize refuses a request that needs what the caller may not.
func (c *call) authorize(want needs) error {
	if c.who == nil {
		return nil
	}
	if want == nil { // a route that nobody has thought about
		return c.deny(access.Metadata, "", "Route: "+c.matched.label)
	}
	for _, n := range want(c) {
		if err := c.allow(n.verb, n.subject); err != nil {
			return err
		}
	}
	return nil
}

// may reports whether the caller may do something to a subject.
func (c *call) may(v access.Verb, subject string) bool { return c.who.May(v, subject) }

// allow refuses what the caller may not do to a subject, and notes that.
func (c *call) allow(v access.Verb, subject string) error {
	if c.may(v, subject) {
		return nil
	}
	return c.deny(v, subject, "Subject: "+subjectName(subject))
}

// subjectName is how refusals name a subject, or the context that one without a name stands for.
func subjectName(subject string) string {
	if subject == "" {
		return "__GLOBAL"
	}
	return subject
}

func (c *call) deny(v access.Verb, subject, what string) error {
	reason := ""
	if !strings.HasPrefix(what, "Subject: ") {
		reason = what
	}
	_ = c.note(v.String(), subject, access.Denied, reason) // what is denied is denied
	return c.denial(v, subject, what)
}

// denial words what is denied.
func (c *call) denial(v access.Verb, subject, what string) error {
	switch {
	case !c.who.Known():
		return c.unauthorized()
	case v == access.Read && c.who.Hides() && strings.HasPrefix(what, "Subject: "):
		return errNoSubject(subject)
	case v == access.Read && c.who.Hides():
		return &registry.Error{Code: registry.CodeSchemaNotFound, Message: strings.Replace(what, ":", "", 1) + " not found"}
	}
	return &registry.Error{Code: codeForbidden, Message: "User is denied operation " + v.Operation() + " on " + what}
}

func errNoSubject(subject string) error {
	return &registry.Error{Code: registry.CodeSubjectNotFound, Message: "Subject '" + subject + "' not found."}
}

// note writes a line of the audit log; the error is of a log without which nothing may be done.
func (c *call) note(verb, subject string, outcome access.Outcome, reason string) error {
	if c.o.Audit == nil {
		return nil
	}
	e := access.Entry{Time: time.Now(), Principal: c.who.String(), Method: access.Anonymous, Remote: remote(c.r), Verb: verb, Outcome: outcome, Reason: reason,
		Request: c.r.Method + " " + c.r.URL.EscapedPath(), RequestID: c.requestID()}
	if q := registry.Qualify(subject); outcome != access.Unauthenticated {
		e.Subject, e.Context = q.Name, q.Context
	}
	if c.who != nil {
		e.Method, e.Node = c.who.Method, c.who.Node
	}
	if err := c.o.Audit.Write(c.r.Context(), e); err != nil {
		c.o.Log.Error("a change is refused: it cannot be noted in the audit log", "error", err)
		return &registry.Error{Code: codeUnavailable, Message: "The audit log cannot be written: nothing is changed"}
	}
	return nil
}

// audited notes what a request is about to change, and then does it.
func (c *call) audited(want needs, do func(*call) error) func(*call) error {
	if c.o.Audit == nil {
		return do
	}
	return func(c *call) error {
		for _, n := range want(c) {
			if !n.verb.Changes() {
				continue
			}
			if err := c.note(n.verb.String(), n.subject, access.Allowed, ""); err != nil {
				return err
			}
		}
		return do(c)
	}
}

// across finds something under a subject. The registry looks for a subject of the default context in the other ones too: what
// it finds there is answered when the caller may read it, and else what another context has.
func across[T any](c *call, subject string, find func(subject string) (T, error), of func(T) string) (T, error) {
	v, err := find(subject)
	if c.who.MayEverywhere(access.Read) {
		return v, err
	}
	q := registry.Qualify(subject)
	var none T
	if err == nil && c.may(access.Read, of(v)) || q.Context != registry.DefaultContext {
		return v, err
	}
	if err != nil {
		if all, known := c.reg.Numbers(subject, registry.All); known != nil || c.may(access.Read, all[0].Subject) {
			return v, err
		}
	}
	for _, ctx := range c.reg.Contexts("") {
		name := registry.Qualified{Context: ctx, Name: q.Name}.String()
		if ctx == registry.DefaultContext || !c.may(access.Read, name) {
			continue
		}
		if v, err := find(name); err == nil {
			return v, nil
		}
	}
	return none, errNoSubject(subject)
}

func subjectOf(v registry.Version) string { return v.Subject }

func subjectOfAll(list []registry.Version) string { return list[0].Subject }

func itself(subject string) string { return subject }

// findID is Registry.FindID among what the caller may read.
func (c *call) findID(subject string, id int) (registry.Version, int, error) {
	v, most, err := c.reg.FindID(subject, id)
	if c.who.MayEverywhere(access.Read) {
		return v, most, err
	}
	if registry.Qualify(subject).Name != "" {
		if denied := c.allow(access.Read, subject); denied != nil {
			return registry.Version{}, 0, denied
		}
	}
	if err != nil || c.may(access.Read, v.Subject) {
		return v, most, err
	}
	for _, v := range c.versionsWithID(subject, id, true) {
		return c.reg.FindID(v.Subject, id)
	}
	return registry.Version{}, 0, c.deny(access.Read, "", "Schema: "+c.params[0])
}

// findVersions is Registry.VersionsOf among what the caller may read.
func (c *call) findVersions(subject string, id int, deleted bool) ([]registry.Version, error) {
	list, err := c.reg.VersionsOf(subject, id, deleted)
	if err != nil || c.who.MayEverywhere(access.Read) {
		return list, err
	}
	if registry.Qualify(subject).Name != "" {
		return list, c.allow(access.Read, subject)
	}
	if list = c.versionsWithID(subject, id, deleted); len(list) == 0 && len(c.versionsWithID(subject, id, true)) == 0 {
		return nil, c.deny(access.Read, "", "Schema: "+c.params[0])
	}
	return list, nil
}

// findGUID is Registry.ByGUID among what the caller may read.
func (c *call) findGUID(g registry.GUID) (registry.Version, error) {
	v, err := c.reg.ByGUID(g)
	if err != nil || c.may(access.Read, v.Subject) {
		return v, err
	}
	for _, at := range c.reg.IDsOf(g) {
		for _, v := range c.withGUID(at, g) {
			return v, nil
		}
	}
	return registry.Version{}, c.deny(access.Read, "", "Schema: "+g.String())
}

// withGUID returns the versions that have an id and a GUID and that the caller may read.
func (c *call) withGUID(at registry.ContextID, g registry.GUID) []registry.Version {
	list, err := c.reg.VersionsOf(prefixOf(at.Context), at.ID, true)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(list, func(v registry.Version) bool {
		return v.GUID != g || registry.Qualify(v.Subject).Context != at.Context || !c.may(access.Read, v.Subject)
	})
}

// idsOf is Registry.IDsOf among what the caller may read.
func (c *call) idsOf(g registry.GUID) []registry.ContextID {
	all := c.reg.IDsOf(g)
	if c.who.MayEverywhere(access.Read) {
		return all
	}
	return slices.DeleteFunc(all, func(at registry.ContextID) bool { return len(c.withGUID(at, g)) == 0 })
}

// get finds a version of the path's subject.
func (c *call) get(number int, deleted bool) (registry.Version, error) {
	return across(c, c.params[0], func(s string) (registry.Version, error) { return c.reg.Get(s, number, deleted) }, subjectOf)
}

// mayRegister refuses a registration for what its body holds.
func (c *call) mayRegister(cand registry.Candidate) error {
	if cand.HasID {
		if err := c.allow(access.Import, registry.Qualify(c.params[0]).String()); err != nil {
			return err
		}
	}
	if c.q.Get("format") != "" { // which the answer may have other texts in
		return c.inlines(registry.Version{Subject: c.params[0], Content: &cand.Content})
	}
	return c.refers(c.params[0], cand.References)
}

// withoutDetails takes the texts of older schemas, and of what schemas refer to, out of a refusal for one who may not read them.
func (c *call) withoutDetails(err error, subject string, candidate registry.Candidate) error {
	var e *registry.Error
	if errors.As(err, &e) && e.Code == registry.CodeIncompatible && !c.maySeeReasons(subject, candidate) {
		msg, _, _ := strings.Cut(e.Message, ", details:")
		return &registry.Error{Code: e.Code, Message: msg}
	}
	return err
}

// versionsWithID returns the versions with an id that the caller may read, of the first context that has one.
func (c *call) versionsWithID(subject string, id int, deleted bool) []registry.Version {
	contexts := []string{registry.Qualify(subject).Context}
	if contexts[0] == registry.DefaultContext {
		contexts = c.reg.Contexts("")
	}
	for _, ctx := range contexts {
		list, err := c.reg.VersionsOf(prefixOf(ctx), id, deleted)
		if err != nil {
			continue
		}
		if list = c.readable(list); len(list) > 0 {
			return list
		}
	}
	return nil
}

// readable returns those of versions that the caller may read.
func (c *call) readable(list []registry.Version) []registry.Version {
	return permitted(c, list, subjectOf)
}

// permitted returns the elements of a list whose subjects the caller may read.
func permitted[T any](c *call, list []T, of func(T) string) []T {
	if c.who.MayEverywhere(access.Read) {
		return list
	}
	out := make([]T, 0, len(list))
	for _, e := range list {
		if c.may(access.Read, of(e)) {
			out = append(out, e)
		}
	}
	return out
}

// refers refuses references to what the caller may not read.
func (c *call) refers(subject string, refs []schema.Reference) error {
	if c.who.MayEverywhere(access.Read) {
		return nil
	}
	for _, r := range refs {
		if err := c.allow(access.Read, referred(subject, r.Subject)); err != nil {
			return err
		}
	}
	return nil
}

// referred is the subject that a reference of a schema under a subject means.
func referred(subject, reference string) string {
	ctx := registry.Qualify(subject).Context
	if ctx == registry.DefaultContext || strings.HasPrefix(reference, ":") {
		return registry.Qualify(reference).String()
	}
	return registry.Qualified{Context: ctx, Name: reference}.String()
}

// inlines refuses to put texts into an answer that the caller may not read: of what a schema refers to, and what that does.
func (c *call) inlines(v registry.Version) error {
	if hidden, found := c.hidden(v.Subject, v.Content.References); found {
		return c.allow(access.Read, hidden)
	}
	return nil
}

// hidden returns a subject that references lead to, directly or through others, and that the caller may not read.
func (c *call) hidden(subject string, refs []schema.Reference) (hidden string, found bool) {
	if c.who.MayEverywhere(access.Read) {
		return "", false
	}
	type version struct {
		subject string
		number  int
	}
	type step struct {
		subject string
		refs    []schema.Reference
	}
	seen := map[version]bool{}
	for todo := []step{{subject, refs}}; len(todo) > 0; todo = todo[1:] {
		for _, r := range todo[0].refs {
			at := version{referred(todo[0].subject, r.Subject), r.Version}
			if seen[at] {
				continue
			}
			seen[at] = true
			if !c.may(access.Read, at.subject) {
				return at.subject, true
			}
			if to, err := c.reg.Get(at.subject, at.number, true); err == nil && len(to.Content.References) > 0 {
				todo = append(todo, step{at.subject, to.Content.References})
			}
		}
	}
	return "", false
}

// maySeeReasons reports whether the caller may read all that the reasons why a schema cannot follow a subject's versions are made of.
func (c *call) maySeeReasons(subject string, candidate registry.Candidate) bool {
	if c.who.MayEverywhere(access.Read) {
		return true
	}
	if _, found := c.hidden(subject, candidate.References); found || !c.may(access.Read, subject) {
		return false
	}
	all, err := c.reg.Numbers(subject, registry.All)
	if err != nil {
		return true // there are none
	}
	for _, v := range all {
		if _, found := c.hidden(v.Subject, v.References()); found {
			return false
		}
	}
	return true
}

// subjectAnswered returns the subject that an encoded answer about an id names first, when it is spelled without escapes.
func subjectAnswered(body []byte) (string, bool) {
	const start = `{"subject":"`
	if len(body) < len(start) || string(body[:len(start)]) != start {
		return "", false
	}
	rest := body[len(start):]
	for i, b := range rest {
		switch b {
		case '"':
			return string(rest[:i]), true
		case '\\':
			return "", false
		}
	}
	return "", false
}

// mayReadAnswer reports whether the caller may read what is answered to a question that may name a subject; false also
// where that takes a closer look.
func (s *server) mayReadAnswer(who *access.Caller, subject string, body []byte) bool {
	if who.MayEverywhere(access.Read) {
		return true
	}
	if subject != "" && registry.Qualify(subject).Name != "" && !who.May(access.Read, s.reg.Alias(subject)) {
		return false
	}
	answered, ok := subjectAnswered(body)
	return ok && who.May(access.Read, answered)
}
