package natslog

import (
	"context"
	"errors"
	"slices"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Codes of JetStream's API that its client does not name.
const (
	codeNoPeers           jetstream.ErrorCode = 10005
	codeDuplicateInFlight jetstream.ErrorCode = 10158
)

// fatal marks an error that trying again does not mend.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

func isCode(err error, codes ...jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && slices.Contains(codes, api.ErrorCode)
}

// wrongSequence says whether a message was refused since the stream does not end where it was expected to.
func wrongSequence(err error) bool {
	return isCode(err, jetstream.JSErrCodeStreamWrongLastSequence, jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// passing says whether the same request may get another answer: nothing is known yet, or the server cannot answer now.
func passing(err error) bool {
	if errors.As(err, new(fatal)) || errors.As(err, new(taken)) {
		return false
	}
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code == 503 && api.ErrorCode != jetstream.JSErrCodeJetStreamNotEnabledForAccount || api.ErrorCode == codeDuplicateInFlight
	}
	for _, known := range []error{nats.ErrMaxPayload, nats.ErrConnectionClosed, nats.ErrBadSubject, nats.ErrHeadersNotSupported, context.Canceled} {
		if errors.Is(err, known) {
			return false
		}
	}
	return true
}
