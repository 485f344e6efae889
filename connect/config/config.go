package config

import (
	"fmt"
	"strings"
)

// Spec is a connector's options in the order in which they are shown.
type Spec []Option

// Option describes one option. One description gives parsing, defaults, validation, documentation and the form.
type Option struct {
	// Name is what Kafka Connect and Debezium write: database.hostname. A * in it stands for any characters, at least
	// one: producer.override.*, column.truncate.to.*.chars.
	Name     string
	Key      string // the snake_case key in pipeline files; "" when it cannot be set there
	Type     Type
	Default  string // "" with Required false: empty
	Required bool
	Enum     []string          // allowed values, lower case; empty: any
	Aliases  []string          // older names that mean the same
	Synonyms map[string]string // older values of an Enum and what they mean now
	Doc      string
	Group    string
	// Importance is HIGH, MEDIUM or LOW, as Kafka Connect shows it; "" means MEDIUM.
	Importance string
	// NoEffect says why an accepted option changes nothing here; "" when it has its effect.
	NoEffect string
	// Unsupported is set for options of Debezium that Millrace knows but does not do yet: any value but an allowed one is refused
	// with this text. Allowed lists values that change nothing (the default, mostly).
	Unsupported string
	Allowed     []string
	// Check returns what is wrong with a value that the type and Enum let pass; "" for nothing.
	Check func(value string) string
}

// Type is an option's type, by Kafka Connect's names.
type Type string

// The types.
const (
	String   Type = "STRING"
	Int      Type = "INT"
	Long     Type = "LONG"
	Bool     Type = "BOOLEAN"
	List     Type = "LIST"
	Password Type = "PASSWORD" // redacted wherever it is shown
	Class    Type = "CLASS"
	Double   Type = "DOUBLE"
)

// Kind tells faults apart, so that each surface words them in its users' terms.
type Kind uint8

// The kinds. The zero value is a fault whose Msg says all.
const (
	Other   Kind = iota
	Missing      // a required option is not set
	Invalid      // Value does not fit; Msg is the reason
	Unknown      // no such option; Msg names the nearest
	Refused      // an option or value that Millrace knows and does not do; Msg is the reason
)

// Fault is one thing that is wrong with a configuration.
type Fault struct {
	Option string // its name, "" for the whole
	File   string // where it was written; "" when not in a file
	Line   int    // in the file it came from; 0 when unknown
	Column int    // 0 when unknown
	Kind   Kind
	Value  string // what was written, for Invalid; "[hidden]" for a secret
	Msg    string // what is wrong and what to do
}

// String returns the fault as file readers print it: place, option, reason.
func (f Fault) String() string {
	var b strings.Builder
	if f.File != "" {
		b.WriteString(f.File + ":")
		if f.Line > 0 {
			fmt.Fprintf(&b, "%d:", f.Line)
			if f.Column > 0 {
				fmt.Fprintf(&b, "%d:", f.Column)
			}
		}
		b.WriteByte(' ')
	}
	if f.Option != "" {
		b.WriteString(f.Option + ": ")
	}
	b.WriteString(f.Msg)
	return b.String()
}

// Connect returns the fault in Kafka Connect's words, as its REST API lists it.
func (f Fault) Connect() string {
	switch {
	case f.Kind == Missing:
		return fmt.Sprintf("Missing required configuration %q which has no default value.", f.Option)
	case f.Kind == Invalid:
		return fmt.Sprintf("Invalid value %s for configuration %s: %s", f.Value, f.Option, upperFirst(f.Msg))
	case f.Kind == Other || f.Option == "":
		return f.Msg
	}
	return fmt.Sprintf("Invalid configuration %s: %s", f.Option, upperFirst(f.Msg))
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// FaultsError is every fault of one configuration; never empty.
type FaultsError []Fault

// Error lists the faults, one a line.
func (e FaultsError) Error() string {
	lines := make([]string, len(e))
	for i, f := range e {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}
