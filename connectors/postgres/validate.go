package postgres

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect/config"
)

// A server that does not answer must not hold up the request that asks, whatever connection.validation.timeout.ms says.
const (
	maxValidation = 20 * time.Second
	maxConnecting = 5 * time.Second
)

// validate checks options against each other, and then the server, where it changes nothing. Warnings are no faults: the
// source logs them when it starts.
func validate(ctx context.Context, v config.Values) []config.Fault {
	c, faults := sourceConfig(v)
	if len(faults) > 0 {
		return faults
	}
	limit := min(v.Duration("connection.validation.timeout.ms"), maxValidation)
	c.Conn.ConnectTimeout = min(limit, maxConnecting)
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	problems, err := postgres.Preflight(ctx, c)
	if err != nil {
		return []config.Fault{connectFault(err, v)}
	}
	for _, p := range problems {
		if p.Warning {
			continue
		}
		option, ok := optionOf[p.Code]
		if !ok {
			option = "database.hostname"
		}
		faults = append(faults, config.Fault{Option: option, Msg: p.String()})
	}
	return faults
}

// optionOf names the option that has to do with a problem, by the problem's code. The others are the server's own.
var optionOf = map[string]string{
	"no_database":              "database.dbname",
	"login":                    "database.user",
	"no_replication_privilege": "database.user",
	"no_schema_privilege":      "database.user",
	"no_select_privilege":      "database.user",
	"slot_name":                "slot.name",
	"slot_type":                "slot.name",
	"slot_plugin":              "slot.name",
	"slot_database":            "slot.name",
	"no_publication":           "publication.name",
	"publication_privilege":    "publication.autocreate.mode",
	"no_tables":                "table.include.list",
}

// connectFault words why the server could not be asked.
func connectFault(err error, v config.Values) config.Fault {
	address := net.JoinHostPort(v.Get("database.hostname"), v.Get("database.port"))
	f := config.Fault{Option: "database.hostname", Kind: config.Invalid, Value: address}
	var pg *pgconn.PgError
	switch text := err.Error(); {
	case errors.As(err, &pg) && strings.HasPrefix(pg.Code, "28"):
		f.Option, f.Value = "database.user", v.Get("database.user")
		f.Msg = "the server at " + address + " refuses the login: " + pg.Message
	case errors.As(err, &pg) && pg.Code == "3D000":
		f.Option, f.Value = "database.dbname", v.Get("database.dbname")
		f.Msg = pg.Message
	case errors.As(err, &pg):
		f.Msg = "asking the server at " + address + ": " + pg.Message + " (SQLSTATE " + pg.Code + ")"
	case strings.Contains(text, "certificate"), strings.Contains(text, "tls"), strings.Contains(text, "TLS"), strings.Contains(text, "connection option"):
		f.Option, f.Value = "database.sslmode", v.Get("database.sslmode")
		f.Msg = "connecting to PostgreSQL at " + address + ": " + cause(err)
	case errors.Is(err, context.DeadlineExceeded):
		f.Msg = "PostgreSQL at " + address + " does not answer in time"
	default:
		f.Msg = "PostgreSQL at " + address + " cannot be reached: " + cause(err)
	}
	for _, file := range []string{"database.sslrootcert", "database.sslcert", "database.sslkey"} {
		if path := v.Get(file); path != "" && strings.Contains(err.Error(), path) {
			f.Option, f.Value, f.Msg = file, path, cause(err)
		}
	}
	return f
}

// cause returns the innermost text that says what happened to the connection.
func cause(err error) string {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return dns.Error()
	case errors.As(err, &op):
		return op.Error()
	}
	return err.Error()
}
