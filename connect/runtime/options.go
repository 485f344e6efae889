package runtime

import "github.com/millrace/millrace/connect/config"

// specOf returns the options of a connector: those that every source has and its own, which win where both have one.
func specOf(own config.Spec) config.Spec {
	mine := map[string]bool{}
	for _, o := range own {
		mine[o.Name] = true
	}
	var spec config.Spec
	for _, o := range config.SourceOptions() {
		if !mine[o.Name] {
			spec = append(spec, o)
		}
	}
	return append(spec, own...)
}
