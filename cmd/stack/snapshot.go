package stack

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// What the option snapshot of a store on Kafka or NATS says, beside the name of a directory, and what is in one.
const (
	noSnapshot     = "off"
	snapshotName   = "registry.snapshot"
	snapshotSuffix = ".snapshot"
	// snapshotUnused is after how long a file in the cache is taken for one of a log that is not used any more: registries write
	// theirs once a week at least.
	snapshotUnused = 30 * 24 * time.Hour
)

// snapshotOf returns the file of a store's snapshot: in the directory of a store of files, where the option snapshot says, or in the
// user's cache, by the log's identity. "": there is none, as it is not wanted or, which is logged, its directory cannot be used.
func snapshotOf(log *slog.Logger, store, identity string) string {
	kind, rest, _ := strings.Cut(store, ":")
	switch kind {
	case "file":
		return filepath.Join(rest, snapshotName)
	case "kafka", "nats":
	default:
		return ""
	}
	_, query, _ := strings.Cut(rest, "?")
	options, _ := url.ParseQuery(query) // OpenLog tells of faults
	if options.Has("snapshot") {
		dir := options.Get("snapshot")
		if dir == "" || dir == noSnapshot {
			return ""
		}
		if err := usable(dir); err != nil {
			log.Warn("the registry keeps no snapshot: each start reads the whole log", "error", err)
			return ""
		}
		return filepath.Join(dir, snapshotName)
	}
	dir, err := snapshotCache()
	if err == nil {
		err = usable(dir)
	}
	if err != nil {
		log.Info("the registry keeps no snapshot, so that each start reads the whole log: there is no cache to keep it in; the store's option snapshot=DIR names a directory, snapshot=off does without", "error", err)
		return ""
	}
	removeUnused(dir, time.Now().Add(-snapshotUnused))
	return filepath.Join(dir, cachedName(kind, identity))
}

// snapshotCache is where snapshots are kept that no option names a place for.
func snapshotCache() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("finding the user's cache: %w", err)
	}
	return filepath.Join(cache, "millrace", "registry"), nil
}

var unsafeInNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// cachedName returns the name of a log's snapshot among those of others.
func cachedName(kind, identity string) string {
	sum := sha256.Sum256([]byte(identity))
	return fmt.Sprintf("%s-%.80s-%x%s", kind, unsafeInNames.ReplaceAllString(identity, "_"), sum[:8], snapshotSuffix)
}

// usable makes a directory where it is missing, and says why nothing can be written there.
func usable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the snapshot's directory: %w", err)
	}
	f, err := os.CreateTemp(dir, snapshotName+".*.tmp")
	if err != nil {
		return fmt.Errorf("trying the snapshot's directory: %w", err)
	}
	if err := errors.Join(f.Close(), os.Remove(f.Name())); err != nil {
		return fmt.Errorf("trying the snapshot's directory: %w", err)
	}
	return nil
}

// removeUnused removes from the cache what no registry has written since a time.
func removeUnused(dir string, since time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), snapshotSuffix) && !strings.HasSuffix(e.Name(), ".tmp") {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode()&fs.ModeType == 0 && info.ModTime().Before(since) {
			_ = os.Remove(filepath.Join(dir, e.Name())) // one that has it open keeps it
		}
	}
}
