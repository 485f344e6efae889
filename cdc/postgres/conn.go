package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/pgnet"
)

// connect opens a connection; with replication it speaks the replication protocol too.
func (c ConnConfig) connect(ctx context.Context, replication bool) (*pgconn.PgConn, error) {
	cfg, err := c.config()
	if err != nil {
		return nil, err
	}
	if replication {
		cfg.RuntimeParams["replication"] = "database"
	}
	conn, err := pgconn.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to PostgreSQL at %s:%d as %s: %w", c.Host, c.Port, c.User, redact(err))
	}
	if c.Statements != "" {
		if _, err := conn.Exec(ctx, strings.ReplaceAll(c.Statements, ";;", ";")).ReadAll(); err != nil {
			shut(conn)
			return nil, fmt.Errorf("running database.initial.statements: %w", err)
		}
	}
	return conn, nil
}

// config builds pgconn's configuration from a URL, so that TLS modes mean what they mean in libpq.
func (c ConnConfig) config() (*pgconn.Config, error) {
	q := url.Values{"sslmode": {c.SSLMode}}
	for k, v := range map[string]string{"sslrootcert": c.SSLRootCert, "sslcert": c.SSLCert, "sslkey": c.SSLKey, "sslpassword": c.SSLPassword} {
		if v != "" {
			q.Set(k, v)
		}
	}
	u := url.URL{Scheme: "postgres", User: url.UserPassword(c.User, c.Password), Host: net.JoinHostPort(c.Host, fmt.Sprint(c.Port)), Path: "/" + c.Database, RawQuery: q.Encode()}
	cfg, err := pgconn.ParseConfig(u.String())
	if err != nil {
		return nil, fmt.Errorf("reading the connection options: %w", redact(err))
	}
	cfg.ConnectTimeout = c.ConnectTimeout
	cfg.DialFunc = pgnet.Dial(&net.Dialer{KeepAlive: c.KeepAlive, Timeout: c.ConnectTimeout})
	// The text forms that pgvalue reads, whatever the server, database or role is set to.
	cfg.RuntimeParams = map[string]string{
		"application_name": "millrace", "client_encoding": "UTF8", "datestyle": "ISO", "intervalstyle": "postgres", "timezone": "UTC",
		"extra_float_digits": "3", "bytea_output": "hex", "xmlbinary": "base64",
	}
	return cfg, nil
}

// redact takes connection strings out of pgconn's errors, which may hold a password.
func redact(err error) error {
	var pe *pgconn.PgError
	var ne net.Error
	var re *tls.CertificateVerificationError
	var parse *pgconn.ParseConfigError
	switch {
	case errors.As(err, &parse): // it quotes the connection string, whose query may hold sslpassword
		if cause := parse.Unwrap(); cause != nil && !strings.Contains(cause.Error(), "postgres://") {
			return cause
		}
	case errors.As(err, &pe), errors.As(err, &ne), errors.As(err, &re), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	}
	if i := strings.Index(err.Error(), "postgres://"); i >= 0 {
		return errors.New("a connection option is not understood: check host, port, sslmode and the certificate files")
	}
	return err
}

// query runs one statement in simple protocol and returns its rows in text form.
func query(ctx context.Context, conn *pgconn.PgConn, sql string) ([][][]byte, error) {
	rs, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	var out [][][]byte
	for _, r := range rs {
		if r.Err != nil {
			return nil, r.Err
		}
		out = append(out, r.Rows...)
	}
	return out, nil
}

// value runs a query for one value; "" when there is no row.
func value(ctx context.Context, conn *pgconn.PgConn, sql string) (string, error) {
	rows, err := query(ctx, conn, sql)
	if err != nil || len(rows) == 0 || len(rows[0]) == 0 {
		return "", err
	}
	return string(rows[0][0]), nil
}

// ident quotes an identifier, literal a string constant.
func ident(s string) string   { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// shut closes a connection without waiting long for a server that may be gone.
func shut(conn *pgconn.PgConn) {
	if conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}
