// Package postgres is the connector for PostgreSQL: it takes the options of Debezium's PostgresConnector and runs
// cdc/postgres with them.
//
// It holds the options (Debezium's names, their defaults and what becomes of each here), the mapping to
// cdc/postgres.Config, the classes of errors, and the measures that go to the worker's metrics. It holds no protocol and
// no types: those are cdc's.
//
// Invariants: every option of Debezium 3.6's connector is known; one that Millrace does not do is refused by its name,
// never ignored. No fault and no error shows a password.
package postgres
