package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect"
)

// classify marks an error of cdc/postgres with what the runtime does about it. What it does not know stays Fatal.
func classify(err error) error {
	var (
		value *postgres.ValueError
		setup *postgres.SetupError
		gap   *postgres.GapError
		srv   *postgres.ServerError
		pg    *pgconn.PgError
		cert  *tls.CertificateVerificationError
	)
	switch {
	case err == nil, err == io.EOF, errors.Is(err, context.Canceled): //nolint:errorlint // io.EOF as it is means finished; wrapped, a lost connection
		return err
	case errors.As(err, &value):
		return connect.MarkBadRecord(err)
	case errors.As(err, &setup), errors.As(err, &gap), errors.As(err, &cert):
		return err
	case errors.As(err, &srv):
		return byState(err, srv.Code)
	case errors.As(err, &pg):
		return byState(err, pg.Code)
	case errors.Is(err, io.EOF):
		return connect.MarkRetriable(fmt.Errorf("the connection to PostgreSQL ended: %s", err)) //nolint:errorlint // io.EOF in the chain would mean finished
	case lost(err):
		return connect.MarkRetriable(err)
	}
	return err
}

// byState marks an error that the server sent by its SQLSTATE (PostgreSQL's documentation, appendix A).
func byState(err error, code string) error {
	if passing(code) {
		return connect.MarkRetriable(err)
	}
	return err
}

// passing reports whether what a SQLSTATE tells of may be gone at the next try.
func passing(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03", // the server is stopped, has crashed, is starting
		"57P05",                   // idle_session_timeout
		"57014",                   // query_canceled: statement_timeout, or a conflict with recovery
		"55006",                   // object_in_use: another session holds the slot
		"55P03",                   // lock_not_available
		"40001", "40P01", "40003", // serialization_failure, deadlock_detected, statement_completion_unknown
		"42P01", "42703", // undefined_table, undefined_column: dropped between the catalogue's answer and the reading
		"25P03", "25P04", // idle_in_transaction_session_timeout, transaction_timeout
		"58030": // io_error
		return true
	}
	return strings.HasPrefix(code, "08") || strings.HasPrefix(code, "53") // connection exceptions, insufficient resources
}

// lost reports whether err is of a connection that broke, or that could not be made for now.
func lost(err error) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return true
	}
	var op *net.OpError
	var timeout net.Error
	switch {
	case errors.As(err, &op), errors.As(err, &timeout) && timeout.Timeout(),
		errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPIPE),
		errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.ETIMEDOUT):
		return true
	}
	return false
}
