package pgnet

import (
	"errors"
	"io"
	"syscall"
)

// setLowat sets how many bytes must have arrived before the poller calls the socket readable (socket(7), SO_RCVLOWAT).
func setLowat(raw syscall.RawConn, n int) (err error) {
	cerr := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVLOWAT, n)
	})
	return errors.Join(cerr, err)
}

// readNow reads from a non-blocking socket; nothing there is no error.
func readNow(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		switch {
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EAGAIN):
			return 0, nil
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}
