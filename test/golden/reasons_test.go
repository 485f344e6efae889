package golden

import "regexp"

// reasons lists every difference that is meant, with the why. A pattern is matched against "variant topic path".
var reasons = []struct {
	match *regexp.Regexp
	why   string
}{}

func reason(d difference) int {
	for i, r := range reasons {
		if r.match.MatchString(d.variant + " " + d.topic + " " + d.path) {
			return i
		}
	}
	return -1
}
