package state

import "errors"

// What a worker answers to requests that cannot be done; connect/rest words them as Kafka Connect does.
var (
	ErrNoConnector = errors.New("no such connector")
	ErrNoTask      = errors.New("no such task")
	ErrExists      = errors.New("the connector exists already")
	ErrNotStopped  = errors.New("the connector must be stopped before its offsets can be changed")
	ErrNotReady    = errors.New("the worker is still starting")
)
