package logical

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The text of a default of a DATE, TIME, TIMESTAMP or TIMESTAMP_LTZ is ISO 8601 as Java's LocalDate, LocalTime, LocalDateTime and
// Instant print it: 2026-04-17, 18:00, 18:00:00.250, 2026-04-17T18:00, 2026-04-17T18:00:00Z. Seconds stand only where they or
// their fraction are not zero, an instant has them always, and a fraction has three, six or nine digits.

// FormatTime returns the text of a default of a temporal kind. A TIME is the time of t's day; what a kind lacks is left out. t
// should be UTC.
func FormatTime(k Kind, t time.Time) string {
	t = t.UTC()
	var b strings.Builder
	if k != Time {
		year := t.Year()
		switch {
		case year > 9999:
			b.WriteByte('+')
		case year < 0:
			b.WriteByte('-')
			year = -year
		}
		fmt.Fprintf(&b, "%04d-%02d-%02d", year, t.Month(), t.Day())
		if k == Date {
			return b.String()
		}
		b.WriteByte('T')
	}
	fmt.Fprintf(&b, "%02d:%02d", t.Hour(), t.Minute())
	if nano := t.Nanosecond(); k == TimestampLTZ || t.Second() != 0 || nano != 0 {
		fmt.Fprintf(&b, ":%02d", t.Second())
		if nano != 0 {
			fraction := fmt.Sprintf(".%09d", nano)
			for strings.HasSuffix(fraction, "000") {
				fraction = fraction[:len(fraction)-3]
			}
			b.WriteString(fraction)
		}
	}
	if k == TimestampLTZ {
		b.WriteByte('Z')
	}
	return b.String()
}

const (
	datePattern = `([+-]?)(\d{4,9})-(\d{2})-(\d{2})`
	timePattern = `(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{0,9}))?)?`
)

var temporals = map[Kind]*regexp.Regexp{
	Date:         regexp.MustCompile(`^` + datePattern + `()()()()()$`),
	Time:         regexp.MustCompile(`^()()()()` + timePattern + `()$`),
	Timestamp:    regexp.MustCompile(`^` + datePattern + `[Tt]` + timePattern + `()$`),
	TimestampLTZ: regexp.MustCompile(`^` + datePattern + `[Tt]` + timePattern + `([Zz]|[+-]\d{2}:\d{2}(?::\d{2})?)$`),
}

// ParseTime returns the time that the text of a default of a temporal kind means, in UTC: of a TIMESTAMP as if it were UTC, of a
// TIME on 1970-01-01. It reads what Java's parse methods read; the error says what the form is.
func ParseTime(k Kind, text string) (time.Time, error) {
	fault := fmt.Errorf("%q is not a %s such as %s", text, k, FormatTime(k, time.Date(2026, 4, 17, 18, 0, 30, 0, time.UTC)))
	re := temporals[k]
	if re == nil {
		return time.Time{}, fmt.Errorf("%s has no time", k)
	}
	m := re.FindStringSubmatch(text)
	if m == nil {
		return time.Time{}, fault
	}
	n := make([]int, len(m))
	for i, s := range m {
		n[i], _ = strconv.Atoi(s)
	}
	year, month, day := 1970, 1, 1
	if k != Time {
		year, month, day = n[2], n[3], n[4]
		// A plus sign is there where the year has more than four digits, and only there; there is no year minus zero.
		if plus := m[1] == "+"; m[1] == "-" && year == 0 || m[1] != "-" && plus != (len(m[2]) > 4) {
			return time.Time{}, fault
		}
		if m[1] == "-" {
			year = -year
		}
	}
	hour, minute, second := n[5], n[6], n[7]
	nano, _ := strconv.Atoi((m[8] + "000000000")[:9])
	if k == TimestampLTZ {
		if m[7] == "" { // an instant has seconds
			return time.Time{}, fault
		}
		if minute == 59 && second == 60 && hour == 23 { // a leap second counts as the one before
			second = 59
		}
	}
	endOfDay := k == TimestampLTZ && hour == 24 && minute == 0 && second == 0 && nano == 0
	if hour > 23 && !endOfDay || minute > 59 || second > 59 {
		return time.Time{}, fault
	}
	date := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if date.Day() != day || int(date.Month()) != month {
		return time.Time{}, fault
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, nano, time.UTC)
	if zone := m[9]; len(zone) > 1 {
		var h, mm, s int
		_, _ = fmt.Sscanf(zone[1:], "%d:%d:%d", &h, &mm, &s)
		if h > 18 || mm > 59 || s > 59 || h == 18 && mm+s > 0 {
			return time.Time{}, fault
		}
		offset := time.Duration(h)*time.Hour + time.Duration(mm)*time.Minute + time.Duration(s)*time.Second
		if zone[0] == '+' {
			offset = -offset
		}
		t = t.Add(offset)
	}
	return t, nil
}
