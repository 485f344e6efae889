package check

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// instant is what Java's OffsetDateTime and LocalDateTime read: the seconds and the offset may be missing.
var instant = regexp.MustCompile(`^(\+\d{5,10}|-?\d{4}|-\d{5,10})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d)(?::(\d\d)(?:\.\d{0,9})?)?` +
	`([Zz]|[+-]\d\d:\d\d(?::\d\d)?)?$`)

// instant returns a TIMESTAMP literal in the form of RFC 3339. One without a time is midnight, one without an offset UTC.
func (l *literal) instant() (string, error) {
	s := strings.ReplaceAll(strings.TrimFunc(l.token.Value, func(r rune) bool { return r <= ' ' }), " ", "T")
	if len(s) == len(time.DateOnly) {
		s += "T00:00:00"
	}
	m := instant.FindStringSubmatch(s)
	if m == nil || !isDate(m[1], m[2], m[3]) || !isTime(m[4], m[5], m[6], 23) || !isOffset(m[7]) {
		return "", l.errorf("Invalid TIMESTAMP literal %s. Expected 'YYYY-MM-DD HH:MM:SS[.fff]' (optionally with a zone offset); "+
			"zoneless values are treated as UTC.", l.token.Text)
	}
	if m[7] == "" {
		s += "Z"
	}
	return s, nil
}

func isDate(year, month, day string) bool {
	y, err := strconv.Atoi(year)
	if err != nil || y > 999_999_999 || y < -999_999_999 || year == "-0000" {
		return false
	}
	m, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	// The calendar repeats itself every 400 years.
	date := time.Date(2000+y%400, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	return m >= 1 && m <= 12 && date.Month() == time.Month(m) && date.Day() == d
}

// isTime reports whether two digits each are an hour, minute and second; the last may be nothing.
func isTime(hour, minute, second string, lastHour int) bool {
	h, _ := strconv.Atoi(hour)
	m, _ := strconv.Atoi(minute)
	s, _ := strconv.Atoi(second)
	return h <= lastHour && m <= 59 && s <= 59
}

// isOffset reports whether an offset, Z or nothing is at most 18 hours.
func isOffset(s string) bool {
	if len(s) < 2 {
		return true
	}
	hour, rest, _ := strings.Cut(s[1:], ":")
	minute, second, _ := strings.Cut(rest, ":")
	return isTime(hour, minute, second, 18) && (hour != "18" || minute == "00" && (second == "" || second == "00"))
}

// seconds returns an INTERVAL literal in seconds. A month and a year have no length.
func (l *literal) seconds() (int64, error) {
	unit := strings.ToUpper(l.unit)
	var factor int64
	switch unit {
	case "DAY", "DAYS":
		factor = 86400
	case "HOUR", "HOURS":
		factor = 3600
	case "MINUTE", "MINUTES":
		factor = 60
	case "SECOND", "SECONDS":
		factor = 1
	case "YEAR", "YEARS", "MONTH", "MONTHS":
		return 0, l.errorf("INTERVAL %s is not supported: durations have no fixed calendar length. Use DAY, HOUR, MINUTE, or "+
			"SECOND.", unit)
	default:
		return 0, l.errorf("Unsupported INTERVAL unit '%s'. Supported units: DAY, HOUR, MINUTE, SECOND.", l.unit)
	}
	value := strings.TrimFunc(l.token.Value, func(r rune) bool { return r <= ' ' })
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return 0, l.errorf("INTERVAL value '%s' must be an integer.", value)
	}
	if n > math.MaxInt64/factor || n < math.MinInt64/factor {
		return 0, l.errorf("INTERVAL value '%s %s' overflows.", value, unit)
	}
	return n * factor, nil
}
