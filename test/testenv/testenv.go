// Package testenv tells tests where the real servers are that `make test` started.
package testenv

import (
	"os"
	"testing"
)

// The variables that test/services prints and `make test` sets.
const (
	PostgresVar = "MILLRACE_TEST_POSTGRES" // postgres://user:password@host:port/database of a superuser, wal_level=logical
	KafkaVar    = "MILLRACE_TEST_KAFKA"    // host:port[,host:port] without TLS
	NATSVar     = "MILLRACE_TEST_NATS"     // nats://host:port with JetStream

	PostgresCAVar = "MILLRACE_TEST_POSTGRES_CA" // file: the PEM certificate that PostgreSQL's TLS is trusted by
	KafkaSASLVar  = "MILLRACE_TEST_KAFKA_SASL"  // sasl-ssl://user:password@host:port?ca=FILE
)

// Postgres returns the URL of a real PostgreSQL.
func Postgres(t testing.TB) string { return need(t, PostgresVar) }

// PostgresCA returns the file of the certificate to verify that PostgreSQL by.
func PostgresCA(t testing.TB) string { return need(t, PostgresCAVar) }

// Kafka returns the bootstrap servers of a real Kafka.
func Kafka(t testing.TB) string { return need(t, KafkaVar) }

// KafkaSASL returns the SASL_SSL listener of a real Kafka (PLAIN, SCRAM-SHA-256, SCRAM-SHA-512), as KafkaSASLVar says.
func KafkaSASL(t testing.TB) string { return need(t, KafkaSASLVar) }

// NATS returns the URL of a real NATS server with JetStream.
func NATS(t testing.TB) string { return need(t, NATSVar) }

// need returns the variable's value. Without it the test fails where every server is promised (CI=true, as in `make
// test`), and is skipped with the reason on a developer's bare `go test`.
func need(t testing.TB, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v != "" {
		return v
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is not set: run the tests with `make test`, which starts the servers", name)
	}
	t.Skipf("%s is not set: run the tests with `make test`, which starts the servers", name)
	return ""
}
