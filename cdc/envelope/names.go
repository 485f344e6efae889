package envelope

import (
	"strings"
	"unicode/utf16"
)

// Names makes topic, schema and field names of one connector.
type Names struct {
	Prefix    string // topic.prefix
	Schema    string // schema.name.adjustment.mode: none, avro, avro_unicode
	Field     string // field.name.adjustment.mode
	Delimiter string // topic.delimiter; "": a dot
	// Template, where it is set, makes the topics of tables from ${topic_prefix}, ${schema} and ${table}. Names of schemas
	// do not follow it: consumers know them.
	Template string
}

// Topic returns the topic of a table: PREFIX.schema.table, or what the template says, with what Kafka forbids replaced by
// underscores.
func (n Names) Topic(schema, table string) string {
	if n.Template == "" {
		return n.join(n.Prefix, schema, table)
	}
	return TopicName(strings.NewReplacer("${topic_prefix}", n.Prefix, "${schema}", schema, "${table}", table).Replace(n.Template))
}

// join makes a topic of parts.
func (n Names) join(parts ...string) string {
	d := n.Delimiter
	if d == "" {
		d = "."
	}
	return TopicName(strings.Join(parts, d))
}

// TopicName replaces every character that a Kafka topic name may not hold by an underscore, and one beyond the basic
// plane by two: Debezium counts in UTF-16.
func TopicName(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_' || r == '-' {
			b.WriteRune(r)
			continue
		}
		b.WriteString("__"[:utf16.RuneLen(r)])
	}
	return b.String()
}

// schema returns the adjusted name of a table's schema: PREFIX.schema.table.suffix, derived from the topic that Debezium
// would have.
func (n Names) schema(schema, table, suffix string) string {
	return adjust(n.join(n.Prefix, schema, table)+"."+suffix, n.Schema, true)
}

// field returns the adjusted name of a column.
func (n Names) field(column string) string { return adjust(column, n.Field, false) }

// adjust replaces what Avro forbids in names: by an underscore, or by _uXXXX under avro_unicode, where an underscore of
// the name is doubled. Each part of a dotted name may not begin with a digit.
func adjust(s, mode string, dotted bool) string {
	if mode != "avro" && mode != "avro_unicode" {
		return s
	}
	var b strings.Builder
	start := true
	for _, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		digit := r >= '0' && r <= '9'
		switch {
		case dotted && r == '.':
			b.WriteByte('.')
			start = true
			continue
		case r == '_' && mode == "avro_unicode":
			b.WriteString("__")
		case letter || r == '_' || digit && !start:
			b.WriteRune(r)
		case mode == "avro_unicode":
			for _, u := range utf16.Encode([]rune{r}) {
				b.WriteString("_u")
				for shift := 12; shift >= 0; shift -= 4 {
					b.WriteByte("0123456789abcdef"[u>>shift&15])
				}
			}
		case digit: // Debezium keeps a leading digit behind an underscore
			b.WriteByte('_')
			b.WriteRune(r)
		default:
			b.WriteString("__"[:utf16.RuneLen(r)])
		}
		start = false
	}
	return b.String()
}
