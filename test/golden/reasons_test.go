package golden

import "regexp"

// reasons lists every difference that is meant, with the why. A pattern is matched against "variant topic path".
var reasons = []struct {
	match *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`^\w+ \S+\.t_text value\.(after|before)\.n$`), "columns of type name are null in Debezium's stream; here they have their text"},
	{regexp.MustCompile(`^\w+ \S+\.t_arr value\.(after|before)\.a2d$`), "two-dimensional arrays lose their elements in Debezium; here they come row by row"},
	{regexp.MustCompile(`^(avro|default|strings) \S+\.t_arr value\.(after|before)\.atm\.\d+$`), "times inside arrays lose their microseconds in Debezium"},
	{regexp.MustCompile(`^\w+ \S+\.(t_time|t_time_special) value\.(after|before)\.d$`), "dates before 1582-10-15 are shifted by the Julian calendar, BC is lost and infinity is another number by way of reading in Debezium"},
	{regexp.MustCompile(`^(default|strings) \S+\.t_time_special value\.(after|before)\.ts$`), "a timestamp that its unit has no room for wraps round in Debezium; here it is the largest value"},
	{regexp.MustCompile(`^\w+ \S+\.d_evolve(-key|-value)? (key|keySchema|valueSchema\.fields\.(before|after)\.fields\.\w+\.(optional|default)|versions|schema\d+\.fields\.0\.type\.1\.fields.*)$`),
		"Debezium reads the catalogue by name, after the table was renamed: key, NOT NULL and defaults are lost; here the stream and the table's oid tell them"},
	{regexp.MustCompile(`^avro gp_avro\.cdc\.k_pk_default records$`), "the recording of this variant ends before the last INSERT"},
}

func reason(d difference) int {
	for i, r := range reasons {
		if r.match.MatchString(d.variant + " " + d.topic + " " + d.path) {
			return i
		}
	}
	return -1
}
