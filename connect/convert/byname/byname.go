package byname

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
)

// class is a converter class.
type class struct {
	name  string   // as Java has it
	short []string // other names of it, lower case
	spec  config.Spec
	make  func(v config.Values, part convert.Part) (convert.Converter, error)
}

// New makes the converter of a class for one part of rows. The class may be written in full, by its simple name or by
// Connect's alias (JsonConverter, Json). Options are named as the converter does, without key.converter. before them.
//
// The error of an unknown class names those there are. What is wrong with options is in a [config.FaultsError], all of it
// at once.
func New(name string, options map[string]string, part convert.Part) (convert.Converter, error) {
	c, err := find(name)
	if err != nil {
		return nil, err
	}
	v, faults := c.spec.Parse(options)
	if len(faults) == 0 {
		faults = agree(v, part)
	}
	if len(faults) > 0 {
		err := config.FaultsError(faults)
		if slices.ContainsFunc(faults, func(f config.Fault) bool { return f.Kind == config.Unknown }) {
			return nil, fmt.Errorf("converter %s: %w\nits options are %s", c.name, err, strings.Join(c.options(), ", "))
		}
		return nil, fmt.Errorf("converter %s: %w", c.name, err)
	}
	converter, err := c.make(v, part)
	if err != nil {
		return nil, fmt.Errorf("converter %s: %w", c.name, err)
	}
	return converter, nil
}

// Spec returns the options of a class, which is named as for [New].
func Spec(name string) (config.Spec, error) {
	c, err := find(name)
	if err != nil {
		return nil, err
	}
	return c.spec, nil
}

// Classes returns the full names of the classes there are.
func Classes() []string {
	var names []string
	for _, c := range classes {
		names = append(names, c.name)
	}
	return names
}

func find(name string) (*class, error) {
	name = strings.TrimSpace(name)
	for i := range classes {
		c := &classes[i]
		if name == c.name || slices.Contains(c.short, strings.ToLower(name)) {
			return c, nil
		}
	}
	if why := refused[name[strings.LastIndexByte(name, '.')+1:]]; why != "" {
		return nil, fmt.Errorf("converter %q: %s; there are %s", name, why, strings.Join(Classes(), ", "))
	}
	return nil, fmt.Errorf("converter %q is not known, and Java classes cannot be loaded; there are %s", name, strings.Join(Classes(), ", "))
}

// agree checks converter.type against the part.
func agree(v config.Values, part convert.Part) []config.Fault {
	if t := v.Get("converter.type"); t != "" && t != part.String() {
		return []config.Fault{{Option: "converter.type", Kind: config.Invalid, Value: t, Msg: "this is the converter of the " + part.String()}}
	}
	return nil
}

// options lists the names that have an effect or are accepted.
func (c *class) options() []string {
	var names []string
	for _, o := range c.spec {
		if o.Unsupported == "" {
			names = append(names, o.Name)
		}
	}
	return names
}
