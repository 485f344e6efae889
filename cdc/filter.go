// Package cdc holds what capturing changes from any database shares: which tables and columns are wanted.
package cdc

import (
	"fmt"
	"regexp"
	"strings"
)

// Patterns is a list of regular expressions, anchored, of which one must match (Include) or none may (Exclude). At most
// one of the two is set; neither: everything passes.
type Patterns struct{ Include, Exclude []*regexp.Regexp }

// ParsePatterns reads comma-separated lists as Debezium does: anchored, blind to case. A comma inside a pattern is
// escaped by a backslash.
func ParsePatterns(include, exclude string) (Patterns, error) {
	var p Patterns
	if include != "" && exclude != "" {
		return p, fmt.Errorf("an include list and an exclude list of the same level exclude each other: keep one")
	}
	var err error
	if p.Include, err = compile(include); err == nil {
		p.Exclude, err = compile(exclude)
	}
	return p, err
}

func compile(list string) ([]*regexp.Regexp, error) {
	var out []*regexp.Regexp
	for _, item := range split(list) {
		if item = strings.TrimSpace(item); item == "" {
			continue
		}
		re, err := regexp.Compile("(?i)^(?:" + item + ")$")
		if err != nil {
			return nil, fmt.Errorf("the pattern %q is not a regular expression: %w", item, err)
		}
		out = append(out, re)
	}
	return out, nil
}

// split cuts at commas that no backslash precedes and that stand outside of braces ({1,3}).
func split(list string) []string {
	var out []string
	depth, start := 0, 0
	for i := 0; i < len(list); i++ {
		switch list[i] {
		case '\\':
			i++
		case '{':
			depth++
		case '}':
			depth = max(0, depth-1)
		case ',':
			if depth == 0 {
				out = append(out, list[start:i])
				start = i + 1
			}
		}
	}
	return append(out, list[start:])
}

// Match reports whether name passes.
func (p Patterns) Match(name string) bool {
	for _, re := range p.Exclude {
		if re.MatchString(name) {
			return false
		}
	}
	if len(p.Include) == 0 {
		return true
	}
	for _, re := range p.Include {
		if re.MatchString(name) {
			return true
		}
	}
	return false
}

// Filter chooses tables by schema and by schema.table, columns by schema.table.column.
type Filter struct{ Schemas, Tables, Columns Patterns }

// Table reports whether a table is captured.
func (f Filter) Table(schema, table string) bool {
	return f.Schemas.Match(schema) && f.Tables.Match(schema+"."+table)
}

// Column reports whether a column is captured.
func (f Filter) Column(schema, table, column string) bool {
	return f.Columns.Match(schema + "." + table + "." + column)
}
