package registry

import (
	"context"
	"errors"
	"fmt"
)

// Error is a refusal in Confluent's terms: its error code, whose first three digits are the HTTP status, and its message.
// https://docs.confluent.io/platform/current/schema-registry/develop/api.html
type Error struct {
	Code    int
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Is reports whether target is an *Error with the same code.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// The error codes.
const (
	CodeSubjectNotFound             = 40401
	CodeVersionNotFound             = 40402
	CodeSchemaNotFound              = 40403
	CodeSubjectSoftDeleted          = 40404
	CodeSubjectNotSoftDeleted       = 40405
	CodeVersionSoftDeleted          = 40406
	CodeVersionNotSoftDeleted       = 40407
	CodeNoSubjectCompatibility      = 40408
	CodeNoSubjectMode               = 40409
	CodeAssociationNotFound         = 40410
	CodeIncompatible                = 40901
	CodeTooManyAssociations         = 40902
	CodeAssociationForResource      = 40903
	CodeAssociationForSubject       = 40904
	CodeStrongAssociationForSubject = 40905
	CodeNoActiveVersion             = 40907
	CodeAssociationFrozen           = 40908
	CodeInvalidSchema               = 42201
	CodeInvalidVersion              = 42202
	CodeInvalidCompatibility        = 42203
	CodeInvalidMode                 = 42204
	CodeOperationNotPermitted       = 42205
	CodeReferenceExists             = 42206
	CodeInvalidSubject              = 42208
	CodeSchemaTooLarge              = 42209
	CodeInvalidRuleSet              = 42210
	CodeContextNotEmpty             = 42211
	CodeInvalidAssociation          = 42212
	CodeStore                       = 50001
	CodeTimeout                     = 50002
	CodeForwarding                  = 50003
	CodeLeaderUnknown               = 50004
	invalidCompatibilityMessage     = "Invalid compatibility level. Valid values are none, backward, forward, full, backward_transitive, forward_transitive, and full_transitive"
	invalidModeMessage              = "Invalid mode. Valid values are READWRITE, READONLY, IMPORT and FORWARD."
)

func errorf(code int, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func errSubjectNotFound(s string) *Error {
	return errorf(CodeSubjectNotFound, "Subject '%s' not found.", s)
}

func errVersionNotFound(v int) *Error {
	return errorf(CodeVersionNotFound, "Version %d not found.", v)
}

func errNoActiveVersion(s string) *Error {
	return errorf(CodeNoActiveVersion, "No active (non-deleted) version exists for subject '%s'", s)
}

var errSchemaNotFound = &Error{Code: CodeSchemaNotFound, Message: "Schema not found"}

var errSchemaTooLarge = &Error{Code: CodeSchemaTooLarge, Message: "Register operation failed because schema is too large"}

var errEmptySchema = &Error{Code: CodeInvalidSchema, Message: "Empty schema"}

func errIDNotFound(id int) *Error {
	return errorf(CodeSchemaNotFound, "Schema %d not found", id)
}

// ErrInvalidVersion is the refusal of a version that is no number from 1 to 2^31-1 and not "latest".
func ErrInvalidVersion(v string) *Error {
	return errorf(CodeInvalidVersion, "The specified version '%s' is not a valid version id. Allowed values are between [1, 2^31-1] and the string \"latest\"", v)
}

// storeError words a failure of the log.
func storeError(doing string, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	if errors.Is(err, ErrNotLeader) {
		return errors.Join(errorf(CodeLeaderUnknown, "This node does not lead the log"), fmt.Errorf("%s: %w", doing, err))
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Join(errTimeout, fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}
