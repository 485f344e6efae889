//go:build unix

package registry

import (
	"io"
	"os"
	"syscall"
)

// mapFile returns the bytes of a file that is replaced, never written over, without reading them into the heap: they are the
// kernel's to keep or to read again, and nothing that the garbage collector looks at. They stay mapped until the process ends,
// for texts and names lie in them, or until drop is called. A file of another machine is read: that one may delete it while it is
// mapped here, which would end the process.
func mapFile(name string) (b []byte, drop func(), err error) {
	f, err := os.Open(name) //nolint:gosec // the user names it
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if info.Size() == 0 || info.Size() != int64(int(info.Size())) {
		return nil, func() {}, nil
	}
	if !local(f) {
		b, err = io.ReadAll(f)
		return b, func() {}, err
	}
	b, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE) //nolint:gosec // a descriptor is an int
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	return b, func() { _ = syscall.Munmap(b) }, nil
}
