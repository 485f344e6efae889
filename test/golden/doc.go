// Package golden replays the SQL whose change events Debezium was recorded on, through a Millrace worker, a real
// PostgreSQL and a real Kafka, and compares every record, header, Connect schema and registered schema with the recording in
// testdata (Debezium 3.6.1, Kafka Connect 4.3.1, PostgreSQL 15.18). Differences must stand in the table of reasons.
//
// With MILLRACE_GOLDEN_OUT set to a directory the test also writes what Millrace produced there, in the recording's form.
package golden
