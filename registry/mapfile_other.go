//go:build !unix

package registry

import "os"

// mapFile returns the bytes of a file.
func mapFile(name string) (b []byte, drop func(), err error) {
	b, err = os.ReadFile(name) //nolint:gosec // the user names it
	return b, func() {}, err
}
