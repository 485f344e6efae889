package postgres

import (
	"fmt"
	"strings"
)

// Problem is one thing that keeps a connector from working, with what to do about it.
type Problem struct {
	Code    string // stable: wal_level, no_replication_privilege, …
	Msg     string
	Fix     string // what to run or change
	Warning bool   // worth telling, but no reason not to start
}

// String joins message and fix.
func (p Problem) String() string {
	if p.Fix == "" {
		return p.Msg
	}
	return p.Msg + ": " + p.Fix
}

// SetupError is what Preflight found: nothing that trying again mends.
type SetupError struct{ Problems []Problem }

// Error lists the problems.
func (e *SetupError) Error() string {
	var s []string
	for _, p := range e.Problems {
		if !p.Warning {
			s = append(s, p.String())
		}
	}
	return strings.Join(s, "; ")
}

// ValueError is a value that could not be decoded. The row is passed over when reading goes on.
type ValueError struct {
	Table, Column string
	LSN           uint64
	Err           error
}

// Error names table, column and position, not the value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("table %s, column %s, at LSN %s: %v", e.Table, e.Column, lsn(e.LSN), e.Err)
}

// Unwrap returns the cause.
func (e *ValueError) Unwrap() error { return e.Err }

// GapError says that the slot no longer holds what the stored offset still needs.
type GapError struct{ Msg string }

// Error says what is lost and what to do.
func (e *GapError) Error() string {
	return e.Msg + ": changes are lost; read the tables anew with snapshot.mode=when_needed, or reset the connector's offsets"
}

// ServerError is an error that the server sent into the stream, with its SQLSTATE.
type ServerError struct{ Code, Message string }

// Error returns the server's words.
func (e *ServerError) Error() string {
	return fmt.Sprintf("PostgreSQL: %s (SQLSTATE %s)", e.Message, e.Code)
}
