//go:build !linux

package election

import "time"

var began = time.Now()

// now is a clock that counts while the process is suspended.
func now() time.Duration { return time.Since(began) }
