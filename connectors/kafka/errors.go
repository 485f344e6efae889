package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/connect"
)

// classify marks err by what the runtime can do about it. Failures of the network, of leadership and of time come from
// brokers that go and return; authentication and authorization wait for a person.
func classify(err error) error {
	var (
		code    *kerr.Error
		lost    *kgo.ErrDataLoss
		first   *kgo.ErrFirstReadEOF
		netErr  net.Error
		verify  *tls.CertificateVerificationError
		refused tls.AlertError
	)
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case err == error(kerr.MessageTooLarge): // the broker's answer; kgo wraps what it finds too large itself
		return connect.MarkRetriable(fmt.Errorf("the broker refused a batch that the topic's max.message.bytes allowed when it was prepared: %w", err))
	case errors.Is(err, kerr.MessageTooLarge):
		return connect.MarkBadRecord(fmt.Errorf("the record is larger than max.request.size or its topic's max.message.bytes: %w", err))
	case errors.Is(err, kerr.InvalidRecord):
		return fmt.Errorf("the topic refused a record of the batch; a compacted topic takes no record without a key: %w", err)
	case errors.As(err, &verify), errors.As(err, &refused):
		return err
	case errors.Is(err, kgo.ErrRecordTimeout), errors.Is(err, kgo.ErrRecordRetries), errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrAborting),
		errors.As(err, &lost), errors.As(err, &first), kgo.IsRetryableBrokerErr(err),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &netErr):
		return connect.MarkRetriable(err)
	case errors.As(err, &code):
		switch code {
		case kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerEpoch, kerr.InvalidProducerIDMapping, kerr.UnknownServerError:
			return connect.MarkRetriable(err) // a new producer begins a new sequence
		}
		if code.Retriable {
			return connect.MarkRetriable(err)
		}
	}
	return err
}
