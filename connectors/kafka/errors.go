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

// tooLarge explains and marks a MESSAGE_TOO_LARGE for a record of size bytes: of the client, which knows limit, or of a
// broker, which then refused a whole batch within it.
func tooLarge(err error, size int, l limit) error {
	switch {
	case size+batchOverhead > int(l.bytes):
		return connect.MarkBadRecord(fmt.Errorf("a record of %d bytes does not fit %s=%d: %w", size, l.by, l.bytes, err))
	case l.told:
		return connect.MarkRetriable(fmt.Errorf("the topic's limit was lowered since it was prepared: %w", err))
	}
	return fmt.Errorf("the topic's %s is less than max.request.size=%d and cannot be read: grant DESCRIBE_CONFIGS, or lower max.request.size: %w", topicLimit, l.bytes, err)
}

// batchOverhead bounds what a batch of one record has beside its key, value and headers.
const batchOverhead = 128

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
