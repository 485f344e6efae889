package config

import (
	"slices"
	"strings"
)

// KeyInfo is an option as GET /connector-plugins/{plugin}/config describes it: Kafka Connect's ConfigKeyInfo.
type KeyInfo struct {
	Name          string   `json:"name"`
	Type          Type     `json:"type"`
	Required      bool     `json:"required"`
	DefaultValue  *string  `json:"default_value"`
	Importance    string   `json:"importance"`
	Documentation string   `json:"documentation"`
	Group         *string  `json:"group"`
	OrderInGroup  int      `json:"order_in_group"`
	Width         string   `json:"width"`
	DisplayName   string   `json:"display_name"`
	Dependents    []string `json:"dependents"`
}

// ValueInfo is what an option is set to and what is wrong with it: Kafka Connect's ConfigValueInfo.
type ValueInfo struct {
	Name              string   `json:"name"`
	Value             *string  `json:"value"`
	RecommendedValues []string `json:"recommended_values"`
	Errors            []string `json:"errors"`
	Visible           bool     `json:"visible"`
}

// Info joins both.
type Info struct {
	Definition KeyInfo   `json:"definition"`
	Value      ValueInfo `json:"value"`
}

// Infos answers PUT /connector-plugins/{plugin}/config/validate: Kafka Connect's ConfigInfos.
type Infos struct {
	Name       string   `json:"name"`
	ErrorCount int      `json:"error_count"`
	Groups     []string `json:"groups"`
	Configs    []Info   `json:"configs"`
}

// KeyInfos describes the options in their order. Patterns are described by their name with the *.
func (s Spec) KeyInfos() []KeyInfo {
	infos := make([]KeyInfo, 0, len(s))
	inGroup := map[string]int{}
	for i := range s {
		inGroup[s[i].Group]++
		infos = append(infos, s[i].info(inGroup[s[i].Group]))
	}
	return infos
}

func (o *Option) info(order int) KeyInfo {
	k := KeyInfo{
		Name: o.Name, Type: o.Type, Required: o.Required, Importance: o.Importance, Documentation: o.documentation(),
		OrderInGroup: -1, Width: "MEDIUM", DisplayName: displayName(o.Name), Dependents: []string{},
	}
	if o.Default != "" {
		k.DefaultValue = &o.Default
	}
	if k.Importance == "" {
		k.Importance = "MEDIUM"
	}
	if o.Group != "" {
		k.Group, k.OrderInGroup = &o.Group, order
	}
	switch o.Type {
	case Int, Long, Bool, Double:
		k.Width = "SHORT"
	case List:
		k.Width = "LONG"
	}
	return k
}

// documentation is Doc with what Millrace does differently.
func (o *Option) documentation() string {
	switch {
	case o.Unsupported != "":
		return strings.TrimSpace(o.Doc + " Refused by Millrace: " + o.Unsupported)
	case o.NoEffect != "":
		return strings.TrimSpace(o.Doc + " Accepted without effect: " + o.NoEffect)
	}
	return o.Doc
}

// displayName turns slot.max.retries into "Slot max retries".
func displayName(name string) string {
	return upperFirst(strings.NewReplacer(".", " ", "*", "…").Replace(name))
}

// Infos reports on raw, which was parsed with faults. Options that faults name and the spec lacks come last, so that
// every error has its place; a fault without an option is told at the first option.
func (s Spec) Infos(name string, raw map[string]string, faults []Fault) Infos {
	out := Infos{Name: name, Groups: []string{}, Configs: make([]Info, 0, len(s))}
	errs := map[string][]string{}
	for _, f := range faults {
		at := f.Option
		if o, ok := s.Option(f.Option); ok && !o.pattern() {
			at = o.Name
		}
		if f.Option == "" && len(s) > 0 {
			at = s[0].Name
		}
		errs[at] = append(errs[at], f.Connect())
		out.ErrorCount++
	}
	inGroup := map[string]int{}
	for i := range s {
		o := &s[i]
		if o.Group != "" && !slices.Contains(out.Groups, o.Group) {
			out.Groups = append(out.Groups, o.Group)
		}
		inGroup[o.Group]++
		def := o.info(inGroup[o.Group])
		if o.pattern() {
			for _, n := range sortedNames(raw) {
				if o.matches(n) && !s.exact(n) {
					def.Name, def.DisplayName = n, displayName(n)
					out.Configs = append(out.Configs, Info{def, o.value(n, raw, errs)})
				}
			}
			continue
		}
		out.Configs = append(out.Configs, Info{def, o.value(o.Name, raw, errs)})
	}
	rest := make([]string, 0, len(errs))
	for n := range errs {
		rest = append(rest, n)
	}
	slices.Sort(rest)
	for _, n := range rest {
		o := Option{Name: n, Type: String}
		out.Configs = append(out.Configs, Info{o.info(0), o.value(n, raw, errs)})
	}
	return out
}

// value takes the option's errors out of errs.
func (o *Option) value(name string, raw map[string]string, errs map[string][]string) ValueInfo {
	v := ValueInfo{Name: name, RecommendedValues: []string{}, Errors: []string{}, Visible: true}
	given, set := "", false
	for _, n := range append([]string{name}, o.Aliases...) {
		if given, set = raw[n]; set {
			break
		}
	}
	switch {
	case set:
		given = redact(name, given)
		if o.Type == Password && given != "" {
			given = Hidden
		}
		v.Value = &given
	case o.Default != "":
		v.Value = &o.Default
	}
	v.RecommendedValues = append(v.RecommendedValues, o.Enum...)
	if e := errs[name]; e != nil {
		v.Errors = e
		delete(errs, name)
	}
	return v
}
