package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect"
)

func TestErrorClasses(t *testing.T) {
	sql := func(code string) error {
		return fmt.Errorf("reading: %w", &pgconn.PgError{Code: code, Message: "m"})
	}
	for name, c := range map[string]struct {
		err  error
		want connect.Class
	}{
		"shutdown":               {sql("57P01"), connect.Retriable},
		"crash":                  {sql("57P02"), connect.Retriable},
		"starting":               {sql("57P03"), connect.Retriable},
		"in the stream":          {&postgres.ServerError{Code: "57P01"}, connect.Retriable},
		"connection exception":   {sql("08006"), connect.Retriable},
		"too many connections":   {sql("53300"), connect.Retriable},
		"disk full":              {sql("53100"), connect.Retriable},
		"slot in use":            {sql("55006"), connect.Retriable},
		"deadlock":               {sql("40P01"), connect.Retriable},
		"table dropped":          {sql("42P01"), connect.Retriable},
		"wrong password":         {sql("28P01"), connect.Fatal},
		"no database":            {sql("3D000"), connect.Fatal},
		"no privilege":           {sql("42501"), connect.Fatal},
		"no publication":         {&postgres.ServerError{Code: "42704"}, connect.Fatal},
		"data corrupted":         {sql("XX001"), connect.Fatal},
		"no state":               {sql(""), connect.Fatal},
		"reset":                  {fmt.Errorf("read: %w", syscall.ECONNRESET), connect.Retriable},
		"refused":                {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, connect.Retriable},
		"no such host":           {&net.DNSError{Err: "no such host", IsNotFound: true}, connect.Retriable},
		"cut off":                {fmt.Errorf("read: %w", io.ErrUnexpectedEOF), connect.Retriable},
		"ended":                  {fmt.Errorf("read: %w", io.EOF), connect.Retriable},
		"timeout":                {fmt.Errorf("connect: %w", context.DeadlineExceeded), connect.Retriable},
		"certificate":            {&net.OpError{Op: "dial", Err: &tls.CertificateVerificationError{Err: errors.New("unknown authority")}}, connect.Fatal},
		"value":                  {&postgres.ValueError{Table: "t", Column: "c", Err: io.ErrUnexpectedEOF}, connect.BadRecord},
		"setup":                  {&postgres.SetupError{}, connect.Fatal},
		"gap":                    {&postgres.GapError{Msg: "lost"}, connect.Fatal},
		"what nobody thought of": {errors.New("?"), connect.Fatal},
	} {
		t.Run(name, func(t *testing.T) {
			if got := connect.ClassOf(classify(c.err)); got != c.want {
				t.Errorf("%v is %v, want %v", c.err, got, c.want)
			}
		})
	}
	if err := classify(io.EOF); err != io.EOF { // a finished source says it so
		t.Errorf("the end became %v", err)
	}
	if err := classify(fmt.Errorf("read: %w", io.EOF)); errors.Is(err, io.EOF) {
		t.Error("a lost connection reads as the end of the source")
	}
	if err := classify(context.Canceled); connect.ClassOf(err) != connect.Fatal || !errors.Is(err, context.Canceled) {
		t.Errorf("stopping became %v", err)
	}
	if classify(nil) != nil {
		t.Error("no error became one")
	}
}
