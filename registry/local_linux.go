package registry

import (
	"os"
	"syscall"
)

// localKinds are file systems of this machine alone, by their magic numbers (statfs(2)): ext, XFS, Btrfs, F2FS, ZFS, bcachefs,
// tmpfs, ramfs and overlayfs, which lies over such a one in containers.
var localKinds = map[uint32]bool{
	0xef53: true, 0x58465342: true, 0x9123683e: true, 0xf2f52010: true, 0x2fc12fc1: true, 0xca451a4e: true,
	0x01021994: true, 0x858458f6: true, 0x794c7630: true,
}

// local says whether no other machine can delete a file.
func local(f *os.File) bool {
	var s syscall.Statfs_t
	return syscall.Fstatfs(int(f.Fd()), &s) == nil && localKinds[uint32(s.Type)] //nolint:gosec // a descriptor is an int, and the kind has 32 bits
}
