//go:build !linux

package pgnet

import (
	"errors"
	"syscall"
)

func setLowat(syscall.RawConn, int) error { return errors.ErrUnsupported }

func readNow(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
