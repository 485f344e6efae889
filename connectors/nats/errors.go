package nats

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/millrace/millrace/connect"
)

// errClosed fails what is in flight when its producer is closed: whether the stream has it is unknown.
var errClosed = errors.New("the NATS producer was closed")

// JetStream's error codes (errors.json of nats-server).
const (
	codeMessageTooLarge jetstream.ErrorCode = 10054 // this and the next: a message that will never fit
	codeHeaderTooLarge  jetstream.ErrorCode = 10097
	codeOverlap         jetstream.ErrorCode = 10065 // another stream has some of the subjects
	codeInvalidConfig   jetstream.ErrorCode = 10052 // this and the next have a status of 500 and wait for a person
	codeReplicas        jetstream.ErrorCode = 10074
	codeAccountFull     jetstream.ErrorCode = 10002 // this and the next two have a status of 400 and pass
	codeDuplicateBusy   jetstream.ErrorCode = 10158
	codeTooManyRequests jetstream.ErrorCode = 10167
)

// classify marks err by what the runtime can do about it. Logins, permissions and certificates wait for a person; so do
// requests that JetStream understands and declines. Everything else is a server that may return.
func classify(err error) error {
	var (
		api     *jetstream.APIError
		verify  *tls.CertificateVerificationError
		refused tls.AlertError
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, nats.ErrMaxPayload):
		return connect.MarkBadRecord(fmt.Errorf("the message is larger than the server's max_payload: %w", err))
	case errors.As(err, &api) && (api.ErrorCode == codeMessageTooLarge || api.ErrorCode == codeHeaderTooLarge):
		return connect.MarkBadRecord(fmt.Errorf("the message is larger than its stream allows: %w", err))
	case errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("%w: start the server with JetStream (-js)", err)
	case api != nil && (api.ErrorCode == codeAccountFull || api.ErrorCode == codeDuplicateBusy || api.ErrorCode == codeTooManyRequests):
		return connect.MarkRetriable(err)
	case api != nil && (api.Code < 500 || api.ErrorCode == codeInvalidConfig || api.ErrorCode == codeReplicas):
		return err
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked), errors.Is(err, nats.ErrAccountAuthExpired),
		errors.Is(err, nats.ErrPermissionViolation), errors.Is(err, nats.ErrNkeysNotSupported), errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted),
		errors.As(err, &verify), errors.As(err, &refused):
		return err
	}
	return connect.MarkRetriable(err)
}
