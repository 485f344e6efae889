package connect

import (
	"errors"
	"fmt"
)

// Class tells the runtime what to do about an error.
type Class uint8

// The classes. The zero value stops the task, so that nothing is retried by accident.
const (
	Fatal     Class = iota // a person must act
	Retriable              // the same call may succeed later
	BadRecord              // this row never will: dead letter queue or stop, by errors.tolerance
)

// String returns the class's name.
func (c Class) String() string { return [...]string{"fatal", "retriable", "bad record"}[c] }

type classed struct {
	error
	class Class
}

func (e *classed) Unwrap() error { return e.error }

// MarkRetriable classes err as Retriable; nil stays nil.
func MarkRetriable(err error) error { return mark(err, Retriable) }

// MarkBadRecord classes err as BadRecord; nil stays nil.
func MarkBadRecord(err error) error { return mark(err, BadRecord) }

func mark(err error, c Class) error {
	if err == nil {
		return nil
	}
	return &classed{err, c}
}

// ClassOf returns the class that the outermost mark in err's chain gives; Fatal when there is none. Packages that do not
// import this one mark their errors by a method: Retriable() bool or BadRecord() bool, which a mark overrules.
func ClassOf(err error) Class {
	var c *classed
	if errors.As(err, &c) {
		return c.class
	}
	var retriable interface{ Retriable() bool }
	if errors.As(err, &retriable) && retriable.Retriable() {
		return Retriable
	}
	var bad interface{ BadRecord() bool }
	if errors.As(err, &bad) && bad.BadRecord() {
		return BadRecord
	}
	return Fatal
}

// BatchError tells which messages or rows of a batch failed.
type BatchError struct {
	Failed map[int]error // by index; never empty
}

// Error names the first failure and counts the rest.
func (e *BatchError) Error() string {
	first := -1
	for i := range e.Failed {
		if first < 0 || i < first {
			first = i
		}
	}
	if n := len(e.Failed); n > 1 {
		return fmt.Sprintf("message %d and %d more: %v", first, n-1, e.Failed[first])
	}
	return fmt.Sprintf("message %d: %v", first, e.Failed[first])
}

// Unwrap returns the failures.
func (e *BatchError) Unwrap() []error {
	errs := make([]error, 0, len(e.Failed))
	for _, err := range e.Failed {
		errs = append(errs, err)
	}
	return errs
}
