package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Values is a configuration that a Spec has checked: names to values, defaults filled in. The typed getters panic on a
// value of another type, which a Spec does not let pass: it means that the option's Type and its reader disagree.
type Values map[string]string

// Has reports whether name is set and not empty.
func (v Values) Has(name string) bool { return v[name] != "" }

// Get returns the value as it is, "" when it is not set.
func (v Values) Get(name string) string { return v[name] }

// Int returns a whole number, 0 when it is not set.
func (v Values) Int(name string) int { return int(v.Int64(name)) }

// Int64 returns a whole number, 0 when it is not set.
func (v Values) Int64(name string) int64 {
	if v[name] == "" {
		return 0
	}
	n, err := strconv.ParseInt(v[name], 10, 64)
	if err != nil {
		panic(fmt.Sprintf("config: option %s is not a number", name))
	}
	return n
}

// Bool returns true or false, false when it is not set.
func (v Values) Bool(name string) bool {
	switch v[name] {
	case "true":
		return true
	case "false", "":
		return false
	}
	panic(fmt.Sprintf("config: option %s is not a boolean", name))
}

// Duration returns a number of milliseconds as a duration.
func (v Values) Duration(name string) time.Duration {
	return time.Duration(v.Int64(name)) * time.Millisecond
}

// List returns a comma-separated list without empty entries; nil when it is not set.
func (v Values) List(name string) []string {
	var out []string
	for s := range strings.SplitSeq(v[name], ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Secret returns a value that does not show itself.
func (v Values) Secret(name string) Secret { return Secret(v[name]) }

// Under returns the options whose names begin with prefix, without it.
func (v Values) Under(prefix string) Values {
	out := Values{}
	for k, s := range v {
		if rest, ok := strings.CutPrefix(k, prefix); ok && rest != "" {
			out[rest] = s
		}
	}
	return out
}

// Names returns the names that are set, sorted.
func (v Values) Names() []string {
	names := make([]string, 0, len(v))
	for k := range v {
		names = append(names, k)
	}
	slices.Sort(names)
	return names
}
