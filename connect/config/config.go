// Package config describes, reads and checks options: of connectors, of workers and of pipeline files.
package config

// Spec is a connector's options in the order in which they are shown.
type Spec []Option

// Option describes one option. One description gives parsing, defaults, validation, documentation and the form.
type Option struct {
	Name     string // as Kafka Connect and Debezium write it: database.hostname
	Key      string // the snake_case key in pipeline files; "" when it cannot be set there
	Type     Type
	Default  string // "" with Required false: empty
	Required bool
	Enum     []string // allowed values, lower case; empty: any
	Aliases  []string // older names that mean the same
	Doc      string
	Group    string
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

// Fault is one thing that is wrong with a configuration.
type Fault struct {
	Option string // its name, "" for the whole
	Line   int    // in the file it came from; 0 when unknown
	Msg    string // what is wrong and what to do
}

// Values is a configuration that a Spec has checked: names to values, defaults filled in.
type Values map[string]string
