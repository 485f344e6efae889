package config

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Parse checks raw against the spec and returns the values with aliases resolved, enums in lower case and defaults filled
// in. The faults are in the spec's order, unknown options last by name; with any of them the values must not be used.
func (s Spec) Parse(raw map[string]string) (Values, []Fault) {
	v := make(Values, len(s))
	known := make(map[string]bool, len(raw))
	var faults []Fault
	for i := range s {
		o := &s[i]
		if o.pattern() {
			for _, name := range sortedNames(raw) {
				if !known[name] && o.matches(name) && !s.exact(name) {
					known[name] = true
					faults = o.take(v, name, raw[name], faults)
				}
			}
			continue
		}
		name, given := o.Name, false
		for _, n := range append([]string{o.Name}, o.Aliases...) {
			if _, ok := raw[n]; !ok {
				continue
			}
			known[n] = true
			if given {
				faults = append(faults, Fault{Option: n, Kind: Invalid, Value: o.shown(raw[n]), Msg: fmt.Sprintf("%s means the same and is set too: keep one", name)})
				continue
			}
			name, given = n, true
		}
		switch {
		case given && !(o.Required && strings.TrimSpace(raw[name]) == ""):
			faults = o.take(v, name, raw[name], faults)
		case o.Required:
			faults = append(faults, Fault{Option: o.Name, Kind: Missing, Msg: "is required and not set"})
		case o.Default != "":
			v[o.Name] = o.Default
		}
	}
	for _, name := range sortedNames(raw) {
		if !known[name] {
			faults = append(faults, Fault{Option: name, Kind: Unknown, Msg: s.unknown(name)})
		}
	}
	return v, faults
}

// Option returns the option that name, an alias or a pattern stands for.
func (s Spec) Option(name string) (Option, bool) {
	for i := range s {
		if o := &s[i]; o.Name == name || slices.Contains(o.Aliases, name) {
			return *o, true
		}
	}
	for i := range s {
		if o := &s[i]; o.pattern() && o.matches(name) {
			return *o, true
		}
	}
	return Option{}, false
}

func (s Spec) exact(name string) bool {
	return slices.ContainsFunc(s, func(o Option) bool { return o.Name == name || slices.Contains(o.Aliases, name) })
}

func (s Spec) unknown(name string) string {
	var names []string
	for i := range s {
		if !s[i].pattern() {
			names = append(names, s[i].Name)
		}
	}
	return "is not a known option" + didYouMean(name, names)
}

// Secret reports whether the option's value must not be shown.
func (o *Option) Secret() bool { return o.Type == Password || SecretName(o.Name) }

func (o *Option) shown(value string) string {
	if o.Secret() {
		return Hidden
	}
	return redact("", value)
}

func (o *Option) pattern() bool { return strings.Contains(o.Name, "*") }

// matches holds name against the pattern: each * takes at least one character.
func (o *Option) matches(name string) bool {
	parts := strings.Split(o.Name, "*")
	rest, ok := strings.CutPrefix(name, parts[0])
	if !ok {
		return false
	}
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return len(rest) > len(p) && strings.HasSuffix(rest, p)
		}
		at := -1
		if len(rest) > 1 {
			at = strings.Index(rest[1:], p)
		}
		if at < 0 {
			return false
		}
		rest = rest[1+at+len(p):]
	}
	return true
}

// take stores the value written under name, which is the option's, an alias or what its pattern matches.
func (o *Option) take(v Values, name, value string, faults []Fault) []Fault {
	value, msg := o.normal(strings.TrimSpace(value))
	switch {
	case msg == "" && o.Unsupported != "" && !slices.ContainsFunc(o.Allowed, func(a string) bool { return strings.EqualFold(a, value) }):
		msg = "is not supported by Millrace: " + o.Unsupported
		if len(o.Allowed) > 0 {
			msg += " (accepted: " + allowedText(o.Allowed) + ")"
		}
		return append(faults, Fault{Option: name, Kind: Refused, Msg: msg})
	case msg == "" && value != "" && o.Check != nil:
		msg = o.Check(value)
	}
	if msg != "" {
		return append(faults, Fault{Option: name, Kind: Invalid, Value: o.shown(value), Msg: msg})
	}
	to := o.Name
	if o.pattern() {
		to = name
	}
	v[to] = value
	if value == "" && o.Type != String && o.Type != Password && o.Default != "" {
		v[to] = o.Default
	}
	return faults
}

func allowedText(allowed []string) string {
	out := make([]string, len(allowed))
	for i, a := range allowed {
		if out[i] = a; a == "" {
			out[i] = "empty"
		}
	}
	return strings.Join(out, ", ")
}

// normal returns the value in its one spelling, or what is wrong with it.
func (o *Option) normal(value string) (string, string) {
	switch o.Type {
	case Int, Long:
		lo, hi := int64(math.MinInt32), int64(math.MaxInt32)
		if o.Type == Long {
			lo, hi = math.MinInt64, math.MaxInt64
		}
		if value == "" {
			return value, ""
		}
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < lo || n > hi {
			return value, "not a number of type " + string(o.Type)
		}
		return strconv.FormatInt(n, 10), ""
	case Double:
		if _, err := strconv.ParseFloat(value, 64); err != nil && value != "" {
			return value, "not a number of type DOUBLE"
		}
	case Bool:
		switch l := strings.ToLower(value); l {
		case "true", "false", "":
			return l, ""
		}
		return value, "expected value to be either true or false"
	case List:
		if len(o.Enum) > 0 {
			items := Values{"": strings.ToLower(value)}.List("")
			for _, item := range items {
				if !slices.Contains(o.Enum, item) {
					return value, "each entry must be one of " + strings.Join(o.Enum, ", ")
				}
			}
			return strings.Join(items, ","), ""
		}
	case String:
		if len(o.Enum) == 0 {
			return value, ""
		}
		l := strings.ToLower(value)
		if now, ok := o.Synonyms[l]; ok {
			l = now
		}
		if slices.Contains(o.Enum, l) {
			return l, ""
		}
		return value, "must be one of " + strings.Join(o.Enum, ", ") + didYouMean(l, o.Enum)
	}
	return value, ""
}

// didYouMean returns a hint that names the nearest of names, or nothing when none is near.
func didYouMean(name string, names []string) string {
	best, at := "", max(2, len(name)/3)+1
	for _, n := range slices.SortedFunc(slices.Values(names), cmp.Compare) {
		if d := distance(name, n, at); d < at {
			best, at = n, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// distance is the number of single-character edits between a and b, a swap of neighbours counting as one; limit or more
// is returned as limit.
func distance(a, b string, limit int) int {
	if abs := len(a) - len(b); abs >= limit || -abs >= limit || len(a) > 200 {
		return limit
	}
	before, prev, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return min(prev[len(b)], limit)
}

func sortedNames(m map[string]string) []string { return Values(m).Names() }
