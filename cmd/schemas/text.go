package schemas

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/compat"
)

// outputs are the forms that a report is written in.
var outputs = map[string]func(io.Writer, *Report) error{"text": writeText, "json": writeJSON, "github": writeGitHub, "junit": writeJUnit}

// OutputNames lists the forms that Write knows.
var OutputNames = []string{"text", "json", "github", "junit"}

// Write writes the report in one of OutputNames.
func (r *Report) Write(w io.Writer, output string) error {
	if err := CheckOutput(output); err != nil {
		return err
	}
	return outputs[output](w, r)
}

// CheckOutput returns an error when Write does not know output.
func CheckOutput(output string) error {
	if outputs[output] == nil {
		return fmt.Errorf("--output %q is none of %s", output, strings.Join(OutputNames, ", "))
	}
	return nil
}

func writeJSON(w io.Writer, r *Report) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// listed joins words as a sentence does; of many only the first are named.
func listed(words []string) string {
	const most = 4
	if len(words) > most {
		words = append(slices.Clone(words[:most-1]), fmt.Sprintf("%d more", len(words)-most+1))
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// verdict is a file's in one sentence.
func (r *FileReport) verdict() string {
	at := ""
	if r.Level != "" {
		at = " (" + string(r.Level) + ")"
	}
	switch r.Status {
	case New:
		if r.Done != "" {
			break
		}
		return "new: nothing is registered or committed before it"
	case Compatible:
		if r.Done != "" {
			break
		}
		if len(r.Against) == 0 {
			return "no warnings"
		}
		return "compatible with " + listed(r.Against) + at
	case Incompatible:
		return "incompatible" + at
	case Warned:
		if len(r.Findings) == 1 {
			return "1 warning"
		}
		return fmt.Sprintf("%d warnings", len(r.Findings))
	}
	switch {
	case r.Error != "":
		return r.Error
	case r.Done != "":
		return fmt.Sprintf("%s: id %d, version %d", r.Done, r.ID, r.Version)
	}
	return "is no valid schema"
}

func writeText(w io.Writer, r *Report) error {
	var b strings.Builder
	count := map[string]int{}
	for _, f := range r.Files {
		count[cmp.Or(f.Done, string(f.Status))]++
		for _, n := range f.Findings {
			fmt.Fprintf(&b, "%s:%d:%d: %s [%s", n.File, n.Line, n.Column, n.Message, n.Rule)
			if n.Path != "" {
				b.WriteString(" " + n.Path)
			}
			b.WriteString("]\n")
			if n.Breaks != "" {
				b.WriteString("    breaks: " + n.Breaks + "\n")
			}
			if n.Example != "" {
				b.WriteString("    example: " + n.Example + "\n")
			}
			if n.Fix != "" {
				b.WriteString("    fix: " + n.Fix + "\n")
			}
		}
		if len(f.Levels) > 0 {
			for _, l := range compat.Levels() {
				fmt.Fprintf(&b, "    %-19s %s\n", l, f.Levels[string(l)])
			}
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", f.File, f.Subject, f.verdict())
	}
	if len(r.Files) > 1 {
		var parts []string
		for _, s := range []string{string(Compatible), string(New), registered, present, string(Warned), string(Incompatible), string(Failed)} {
			if count[s] > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", count[s], s))
			}
		}
		fmt.Fprintf(&b, "%d files: %s\n", len(r.Files), strings.Join(parts, ", "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
