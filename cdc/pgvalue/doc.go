// Package pgvalue turns PostgreSQL values, in the server's text form and in its binary form, into cells with the schemas and
// encodings that Debezium's connector for PostgreSQL gives them. Both forms give the same cells. It knows no sockets and no
// tables: a Codec is compiled for one column and then runs without allocation for the common types.
//
// Schemas and values are Debezium's (recorded in test/golden) except where Debezium loses or falsifies a value:
//
//	type                      Debezium                                  here
//	name                      null in the stream                        the text
//	date before 1582-10-15    shifted by the Julian calendar, BC lost   proleptic Gregorian, as PostgreSQL has it
//	date ±infinity            other numbers by way of reading           the largest and smallest int32; "infinity" as ISO text
//	timestamp beyond int64    wraps round                               the largest int64 (PostgreSQL's range ends at year 294276)
//	time[]                    microseconds lost                         kept
//	two-dimensional arrays    elements null                             all elements, row by row
//	numeric NaN, ±Infinity    null under precise                        *Error with NoFit; the connector decides (see its options)
//
// Encodings worth knowing: interval as microseconds takes a month for 30.4375 days and saturates; bit strings are bytes, least
// significant first, without leading zeros; 24:00:00 is midnight as ISO text; timestamp ±infinity is 9223372036825200000 and
// −9223372036832400000 microseconds.
package pgvalue
