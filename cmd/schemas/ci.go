package schemas

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// writeGitHub writes workflow commands, which GitHub shows beside the lines of a pull request, and the verdicts for the log.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
func writeGitHub(w io.Writer, r *Report) error {
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	data := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	var b strings.Builder
	for _, f := range r.Files {
		kind := "error"
		if f.Status == Warned || f.Status == Compatible {
			kind = "warning"
		}
		for _, n := range f.Findings {
			fmt.Fprintf(&b, "::%s file=%s,line=%d,col=%d,title=%s::%s\n", kind, property.Replace(n.File), n.Line, n.Column, property.Replace(n.Rule), data.Replace(n.long()))
		}
		if f.Error != "" {
			fmt.Fprintf(&b, "::error file=%s,title=%s::%s\n", property.Replace(f.File), property.Replace(f.Subject), data.Replace(f.Error))
		}
		fmt.Fprintf(&b, "%s: %s: %s\n", f.File, f.Subject, f.verdict())
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// long is a finding's whole text.
func (n *Finding) long() string {
	text := n.Message
	if n.Breaks != "" {
		text += "\nbreaks: " + n.Breaks
	}
	if n.Example != "" {
		text += "\nexample: " + n.Example
	}
	if n.Fix != "" {
		text += "\nfix: " + n.Fix
	}
	return text
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class     string       `xml:"classname,attr"`
	Name      string       `xml:"name,attr"`
	File      string       `xml:"file,attr"`
	Failures  []junitFault `xml:"failure"`
	Errors    []junitFault `xml:"error"`
	SystemOut string       `xml:"system-out,omitempty"`
}

type junitFault struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a suite with a case for each file, in the form that Jenkins and GitLab read.
func writeJUnit(w io.Writer, r *Report) error {
	suite := junitSuite{Name: "millrace schema", Tests: len(r.Files)}
	for _, f := range r.Files {
		c := junitCase{Class: f.Subject, Name: f.File, File: f.File}
		for _, n := range f.Findings {
			fault := junitFault{Type: n.Rule, Message: n.Message, Text: fmt.Sprintf("%s:%d:%d: %s", n.File, n.Line, n.Column, n.long())}
			switch f.Status {
			case Failed:
				c.Errors = append(c.Errors, fault)
			case Incompatible:
				c.Failures = append(c.Failures, fault)
			default:
				c.SystemOut += fault.Text + "\n"
			}
		}
		if f.Error != "" {
			c.Errors = append(c.Errors, junitFault{Message: f.Error})
		}
		suite.Failures += min(1, len(c.Failures))
		suite.Errors += min(1, len(c.Errors))
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(suite); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
