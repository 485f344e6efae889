package pgvalue

import "fmt"

// Options choose among the representations that Debezium offers, in its words. The zero value is Debezium's defaults.
type Options struct {
	Decimal        string // decimal.handling.mode: precise, double, string
	Time           string // time.precision.mode: adaptive, adaptive_time_microseconds, connect, isostring, microseconds, nanoseconds
	Binary         string // binary.handling.mode: bytes, base64, base64-url-safe, hex
	Interval       string // interval.handling.mode: numeric, string
	HStore         string // hstore.handling.mode: json, map
	MoneyDigits    *int   // money.fraction.digits; nil: 2
	IncludeUnknown bool   // include.unknown.datatypes
	Placeholder    string // unavailable.value.placeholder; "": __debezium_unavailable_value; a hex: prefix gives bytes
}

func (o Options) withDefaults() Options {
	def := func(s *string, v string) {
		if *s == "" {
			*s = v
		}
	}
	def(&o.Decimal, "precise")
	def(&o.Time, "adaptive")
	def(&o.Binary, "bytes")
	def(&o.Interval, "numeric")
	def(&o.HStore, "json")
	def(&o.Placeholder, "__debezium_unavailable_value")
	if o.MoneyDigits == nil {
		two := 2
		o.MoneyDigits = &two
	}
	return o
}

// Error is a value that is not what its type promises, or that its schema cannot hold. It carries no part of the value.
type Error struct {
	Type string
	What string
	// NoFit: the value is right, but the chosen representation has no place for it (NaN as a Decimal).
	NoFit bool
}

// Error names the type.
func (e *Error) Error() string { return fmt.Sprintf("a value of type %s: %s", e.Type, e.What) }
