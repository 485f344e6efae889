package avro

import (
	"math"
	"time"

	"github.com/millrace/millrace/compat/logical"
)

const (
	daySeconds = 86_400
	dayNanos   = daySeconds * 1_000_000_000
)

// fromEpoch returns the time that n units of a second's 10^-digits after 1970 are.
func fromEpoch(n int64, digits int) time.Time {
	unit := pow10(digits)
	seconds := n / unit
	if n%unit < 0 {
		seconds--
	}
	return time.Unix(seconds, (n-seconds*unit)*pow10(9-digits))
}

// toEpoch returns the units of a second's 10^-digits since 1970, what is finer cut off; not ok beyond 64 bits.
func toEpoch(t time.Time, digits int) (int64, bool) {
	unit := pow10(digits)
	seconds, parts := t.Unix(), int64(t.Nanosecond())/pow10(9-digits)
	if seconds > (math.MaxInt64-parts)/unit || seconds < math.MinInt64/unit {
		return 0, false
	}
	return seconds*unit + parts, true
}

// clockText returns the default of a temporal type that an Avro number is; not ok where a TIME is no time of a day. digits says
// in which part of a second it counts, but for a DATE, which counts days.
func clockText(k logical.Kind, n int64, digits int) (string, bool) {
	if k == logical.Date {
		return logical.FormatTime(k, time.Unix(n*daySeconds, 0)), n >= math.MinInt32 && n <= math.MaxInt32
	}
	ok := k != logical.Time || n >= 0 && n < dayNanos/pow10(9-digits)
	return logical.FormatTime(k, fromEpoch(n, digits)), ok
}

// clockNumber is the reverse of clockText.
func clockNumber(k logical.Kind, text string, digits int) (int64, bool) {
	t, err := logical.ParseTime(k, text)
	switch {
	case err != nil:
		return 0, false
	case k == logical.Date:
		days := t.Unix() / daySeconds
		if t.Unix()%daySeconds < 0 {
			days--
		}
		return days, days >= math.MinInt32 && days <= math.MaxInt32
	}
	return toEpoch(t, digits)
}

func pow10(n int) int64 {
	out := int64(1)
	for range n {
		out *= 10
	}
	return out
}
