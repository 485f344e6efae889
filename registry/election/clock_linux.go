package election

import (
	"time"

	"golang.org/x/sys/unix"
)

var began = time.Now()

// now is a clock that counts while the process or the machine is suspended; the time package's stands still with the machine.
func now() time.Duration {
	var t unix.Timespec
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) != nil {
		return time.Since(began)
	}
	return time.Duration(t.Nano())
}
