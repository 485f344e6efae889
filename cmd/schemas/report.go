package schemas

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/logical/native"
	"github.com/millrace/millrace/compat/schema"
)

// Status is what a file came to.
type Status string

// The statuses.
const (
	Compatible   Status = "compatible"
	New          Status = "new" // nothing was before it
	Incompatible Status = "incompatible"
	Failed       Status = "error" // no verdict: the file is wrong, or what was before it cannot be read
	Warned       Status = "warning"
)

// maxScanned bounds the search for places; what is found beyond it stands at the file's beginning.
const maxScanned = 500 << 20

// Direction says who cannot read whose data.
type Direction string

// The directions.
const (
	BackwardOnly Direction = "backward" // the new schema cannot read data of a version before it
	ForwardOnly  Direction = "forward"  // a version before it cannot read the new schema's data
)

// Finding is one thing that is wrong with a file, at a place in its text.
type Finding struct {
	Rule      string    `json:"rule"`
	Path      string    `json:"path,omitempty"` // JSON pointer, or the path that Protobuf's rules use
	Direction Direction `json:"direction,omitempty"`
	Against   []string  `json:"against,omitempty"` // labels of versions, newest first
	File      string    `json:"file"`
	Line      int       `json:"line"`
	Column    int       `json:"column"`
	Message   string    `json:"message"`           // what is wrong
	Breaks    string    `json:"breaks,omitempty"`  // who cannot read what
	Example   string    `json:"example,omitempty"` // JSON of a record that is written and not read, where one is known
	Fix       string    `json:"fix,omitempty"`     // the smallest edit that would pass, where there is one
	Detail    string    `json:"detail,omitempty"`  // the facts of the rule, in Confluent's words
}

// FileReport is one file's.
type FileReport struct {
	File     string            `json:"file"`
	Subject  string            `json:"subject"`
	Type     schema.Type       `json:"type"`
	Level    compat.Level      `json:"level,omitempty"`
	Policy   compat.Policy     `json:"policy,omitempty"` // LENIENT or LOGICAL
	Status   Status            `json:"status"`
	Against  []string          `json:"against,omitempty"` // what it was compared with, newest first
	Findings []Finding         `json:"findings,omitempty"`
	Error    string            `json:"error,omitempty"`
	Levels   map[string]string `json:"levels,omitempty"` // of diff: each level's verdict
	ID       int               `json:"id,omitempty"`     // of register
	Version  int               `json:"version,omitempty"`
	Done     string            `json:"done,omitempty"` // of register: registered, or present where it was there

	seen     map[string]int // findings by what makes them one
	scanned  int            // bytes that were searched for places
	examples examples
}

// Report is a run's.
type Report struct {
	Files []*FileReport `json:"files"`

	strict bool // warnings count
}

// Code is the exit code: 0, 1 with something incompatible, 2 with an error.
func (r *Report) Code() int {
	code := 0
	for _, f := range r.Files {
		switch f.Status {
		case Incompatible:
			code = max(code, 1)
		case Warned:
			if r.strict {
				code = max(code, 1)
			}
		case Failed:
			code = 2
		}
	}
	return code
}

func newReport(f *File) *FileReport {
	return &FileReport{File: f.Path, Subject: f.Subject, Type: f.Type(), Level: f.Level, seen: map[string]int{}}
}

// fail turns an error about f into the report's: a fault in f's own text has a place.
func (r *FileReport) fail(err error) {
	r.Status = Failed
	if syntax, ok := err.(*schema.SyntaxError); ok { //nolint:errorlint // one that is wrapped is about another text
		r.Findings = append(r.Findings, Finding{
			Rule: "SYNTAX", File: r.File, Line: max(syntax.Line, 1), Column: max(syntax.Column, 1), Message: syntax.Msg,
		})
		return
	}
	r.Error = err.Error()
}

// CheckOptions tune Check.
type CheckOptions struct {
	Diff bool // every level, both directions
}

// Check compares the files with what was before them.
func Check(ctx context.Context, set *Set, past Past, o CheckOptions) *Report {
	out := &Report{}
	for _, f := range set.Files {
		r := newReport(f)
		if err := set.check(ctx, f, past, o, r); err != nil {
			r.fail(err)
		}
		out.Files = append(out.Files, r)
	}
	return out
}

func (s *Set) check(ctx context.Context, f *File, past Past, o CheckOptions, r *FileReport) error {
	refs := s.resolver(past.Resolver(ctx))
	candidate, err := f.format.Parse(f.document(), refs, schema.Options{})
	if err != nil {
		return err
	}
	if r.Level == "" {
		if r.Level, err = past.Level(ctx, f); err != nil {
			return err
		}
	}
	policy := f.Policy
	if policy == "" {
		if policy, err = past.Policy(ctx, f); err != nil {
			return err
		}
	}
	versions, err := past.Versions(ctx, f, o.Diff || r.Level.Transitive())
	if err != nil {
		return err
	}
	judged, err := s.judged(r, f, refs, policy, candidate)
	if err != nil {
		return err
	}
	if len(versions) == 0 {
		if r.Status != Incompatible {
			r.Status = New
		}
		return nil
	}
	previous := make([]compat.Previous, len(versions))
	for i, v := range versions {
		if previous[i], err = v.parse(); err != nil {
			return err
		}
	}
	parsed := make(map[int]schema.Schema, len(previous))
	for _, p := range previous {
		parsed[p.Version] = p.Schema
	}
	for i, p := range previous {
		switch policy {
		case compat.PolicyLenient:
			previous[i].Schema = compat.Lenient(p.Schema)
		case compat.PolicyLogical:
			if previous[i].Schema, _, err = underLogical(p.Schema, versions[i].Document.References, versions[i].Refs); err != nil {
				return fmt.Errorf("reading %s: %w", versions[i].Label, err)
			}
		}
	}
	survey := compat.Compare(judged, previous)
	level := r.Level
	if o.Diff {
		level = compat.FullTransitive
		r.Levels = map[string]string{}
		for _, l := range compat.Levels() {
			verdict := "compatible"
			if refused := survey.At(l); len(refused) > 0 {
				verdict = "incompatible with " + label(versions, refused[0])
			}
			r.Levels[string(l)] = verdict
		}
	}
	if len(survey.At(r.Level)) > 0 {
		r.Status = Incompatible
	} else if r.Status == "" {
		r.Status = Compatible
	}
	for i, v := range slices.Backward(versions) {
		if level.Transitive() || i == len(versions)-1 {
			r.Against = append(r.Against, v.Label)
		}
	}
	for _, v := range survey.At(level) {
		old := parsed[v.Against.Version]
		s.found(r, f, v.Backward, "", exchange{BackwardOnly, label(versions, v), candidate, old})
		s.found(r, f, v.Forward, "", exchange{ForwardOnly, label(versions, v), old, candidate})
	}
	return nil
}

// judged puts a candidate under a policy. What is wrong with it under LOGICAL whatever came before it makes it incompatible.
func (s *Set) judged(r *FileReport, f *File, refs schema.Resolver, policy compat.Policy, candidate schema.Schema) (schema.Schema, error) {
	switch policy {
	case compat.PolicyLenient:
		if own := compat.Lenient(candidate); own != candidate {
			r.Policy = policy
			return own, nil
		}
	case compat.PolicyLogical:
		r.Policy = policy
		own, faults, err := underLogical(candidate, f.References, refs)
		if err != nil {
			return nil, err
		}
		for _, d := range faults {
			n := Finding{Rule: d.Rule, Path: d.Path, File: f.Path, Detail: d.Detail, Line: 1, Column: 1}
			n.Message, _ = explain(f, d, "new", 0)
			r.Findings = append(r.Findings, n)
			r.Status = Incompatible
		}
		return own, nil
	}
	return candidate, nil
}

func underLogical(parsed schema.Schema, references []schema.Reference, refs schema.Resolver) (judged schema.Schema, faults []schema.Difference, err error) {
	resolved, err := native.Resolve(references, refs)
	if err != nil {
		return nil, nil, err
	}
	judged, faults = native.Judge(native.Source{Schema: parsed, Resolved: resolved})
	return judged, faults, nil
}

// parse reads a version, leniently: it is there already.
func (v Version) parse() (compat.Previous, error) {
	format, err := formatOf(v.Type)
	if err != nil {
		return compat.Previous{}, fmt.Errorf("reading %s: %w", v.Label, err)
	}
	p, err := format.Parse(v.Document, v.Refs, schema.Options{Lenient: true})
	if err != nil {
		return compat.Previous{}, fmt.Errorf("reading %s: %w", v.Label, err)
	}
	return compat.Previous{Version: v.Number, Schema: p}, nil
}

func label(versions []Version, v compat.Verdict) string {
	for _, known := range versions {
		if known.Number == v.Against.Version {
			return known.Label
		}
	}
	return itoa(v.Against.Version)
}

// exchange is one schema's reading what another has written.
type exchange struct {
	direction      Direction
	against        string // the label of the version
	reader, writer schema.Schema
}

// found adds findings and those inside them.
func (s *Set) found(r *FileReport, f *File, list []schema.Difference, below string, x exchange) {
	for _, d := range list {
		d.Path = below + d.Path
		s.finding(r, f, d, x)
		if d.Inside != nil {
			s.found(r, f, *d.Inside, d.Path, x)
		}
	}
}

// finding adds a finding, or the version to one that is there for another version.
func (s *Set) finding(r *FileReport, f *File, d schema.Difference, x exchange) {
	place, reader := d.Reader, "new"
	if x.direction == ForwardOnly {
		place, reader = d.Writer, "old"
	}
	at, off := f, place.Offset
	if place.Reference != "" {
		at, off = s.referred(f, place.Reference), 0
		if at != nil {
			off = place.Offset
		} else {
			at = f
		}
	}
	if r.scanned += len(f.Text); off == 0 && at == f && r.scanned < maxScanned {
		off = offsetOf(f.Type(), f.Text, d.Path)
	}
	n := Finding{Rule: d.Rule, Path: d.Path, Direction: x.direction, Against: []string{x.against}, File: at.Path, Detail: d.Detail}
	n.Line, n.Column = lineColumn(at.Text, off)
	n.Message, n.Fix = explain(at, d, reader, off)
	if place.Reference != "" {
		n.Message += fmt.Sprintf(" (%s refers to it as %s)", f.Path, place.Reference)
	}
	key := fmt.Sprint(n.Rule, n.Path, n.Direction, n.File, n.Line, n.Column, n.Message)
	if i, ok := r.seen[key]; ok {
		if have := &r.Findings[i]; !slices.Contains(have.Against, x.against) {
			have.Against = append(have.Against, x.against)
			have.breaks()
		}
		return
	}
	r.seen[key] = len(r.Findings)
	n.breaks()
	n.Example = r.examples.of(x.reader, x.writer, d)
	r.Findings = append(r.Findings, n)
}

// referred returns the file of the set that f, or what it refers to, calls name; nil: none.
func (s *Set) referred(f *File, name string) *File {
	seen := map[*File]bool{}
	var find func(f *File) *File
	find = func(f *File) *File {
		if f == nil || seen[f] {
			return nil
		}
		seen[f] = true
		for _, r := range f.References {
			if r.Version != 0 {
				continue
			}
			if r.Name == name {
				return s.bySubject[r.Subject]
			}
			if at := find(s.bySubject[r.Subject]); at != nil {
				return at
			}
		}
		return nil
	}
	return find(f)
}

func (n *Finding) breaks() {
	versions := listed(n.Against)
	if n.Direction == BackwardOnly {
		n.Breaks = "readers with the new schema, on data written with the schema of " + versions
	} else {
		n.Breaks = "readers that still have the schema of " + versions + ", on data written with the new schema"
	}
}

var errIncompatible = errors.New("")

// Err returns what the command ends with: nil, or an *ExitError whose report has told all.
func (r *Report) Err() error {
	if code := r.Code(); code != 0 {
		return &ExitError{Code: code, Err: errIncompatible}
	}
	return nil
}

// ExitError is an error with the exit code that a command gives for it. An empty text is not printed: all is said.
type ExitError struct {
	Code int
	Err  error
}

// Error returns the cause's text.
func (e *ExitError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }
