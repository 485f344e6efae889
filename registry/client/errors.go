package client

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Confluent's codes that callers tell apart. https://docs.confluent.io/platform/current/schema-registry/develop/api.html
const (
	SubjectNotFound       = 40401
	VersionNotFound       = 40402
	SchemaNotFound        = 40403
	SubjectSoftDeleted    = 40404 // DeleteSubject needs permanent
	SubjectNotSoftDeleted = 40405 // DeleteSubject was permanent too early
	VersionSoftDeleted    = 40406
	VersionNotSoftDeleted = 40407
	NoSubjectConfig       = 40408
	NoSubjectMode         = 40409
	AssociationNotFound   = 40410
	Incompatible          = 40901
	InvalidSchema         = 42201
	InvalidVersion        = 42202
	InvalidLevel          = 42203
	InvalidMode           = 42204
	NotPermitted          = 42205 // by the mode
	ReferenceExists       = 42206
	SchemaTooLarge        = 42209
	InvalidRuleSet        = 42210
	ContextNotEmpty       = 42211
	StoreFailed           = 50001
	StoreTimedOut         = 50002
	ForwardingFailed      = 50003
	LeaderUnknown         = 50004
)

// Error is an answer of the registry other than success.
type Error struct {
	Status  int // HTTP's
	Code    int // Confluent's: 40401, 409; the status where the answer has none
	Message string

	after time.Duration // Retry-After
}

// Error returns the registry's words.
func (e *Error) Error() string {
	return fmt.Sprintf("the schema registry answers %d: %s", cmp.Or(e.Code, e.Status), cmp.Or(e.Message, http.StatusText(e.Status)))
}

// Retriable reports whether the same request may succeed later.
func (e *Error) Retriable() bool {
	return e.Status >= 500 && e.Status != http.StatusNotImplemented || e.Status == http.StatusTooManyRequests || e.Status == http.StatusRequestTimeout
}

// Code returns the code of the *Error that caused err, 0 when none did. Incompatible is also an older registry's
// 409.
func Code(err error) int {
	e, ok := asError(err)
	switch {
	case !ok:
		return 0
	case e.Code == http.StatusConflict:
		return Incompatible
	}
	return e.Code
}

func asError(err error) (e *Error, ok bool) {
	ok = errors.As(err, &e)
	return e, ok
}

// TransportError is a node that gave no answer.
type TransportError struct{ Err error }

// Error says what was being done.
func (e *TransportError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Retriable reports whether the node may be reached later: not when its certificate is refused or the caller has given up.
func (e *TransportError) Retriable() bool {
	var verify *tls.CertificateVerificationError
	return !errors.As(e.Err, &verify) && !errors.Is(e.Err, context.Canceled)
}

// Retriable reports whether what caused err may pass by itself: a registry that cannot be reached, or one that is not ready.
func Retriable(err error) bool {
	var r interface{ Retriable() bool }
	return errors.As(err, &r) && r.Retriable()
}

// untouched reports that the request was surely not carried out.
func untouched(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	e, ok := asError(err)
	return ok && (e.Status == http.StatusTooManyRequests || e.Status == http.StatusServiceUnavailable || e.Code == LeaderUnknown)
}
