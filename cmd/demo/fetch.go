package demo

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/therootcompany/xz"
)

const (
	postgresVersion = "17.6.0"
	maxArchive      = 256 << 20
)

// fetch puts PostgreSQL's programs into dist, from the archive that Maven Central keeps of them
// (io.zonky.test.postgres: a jar that holds a tar.xz).
func fetch(ctx context.Context, log *slog.Logger, dist string) error {
	arch := map[string]string{"amd64": "amd64", "arm64": "arm64v8"}[runtime.GOARCH]
	if arch == "" || runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
		return fmt.Errorf("there is no archive for %s/%s", runtime.GOOS, runtime.GOARCH)
	}
	name := "embedded-postgres-binaries-" + runtime.GOOS + "-" + arch
	url := fmt.Sprintf("https://repo1.maven.org/maven2/io/zonky/test/postgres/%s/%s/%s-%s.jar", name, postgresVersion, name, postgresVersion)
	log.Info("fetching PostgreSQL", "version", postgresVersion)
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, resp.Status)
	}
	jar, err := io.ReadAll(io.LimitReader(resp.Body, maxArchive))
	if err != nil {
		return err
	}
	z, err := zip.NewReader(bytes.NewReader(jar), int64(len(jar)))
	if err != nil {
		return err
	}
	for _, f := range z.File {
		if strings.HasSuffix(f.Name, ".txz") {
			r, err := f.Open()
			if err != nil {
				return err
			}
			defer r.Close()
			return unpack(r, dist)
		}
	}
	return errors.New("the archive holds no .txz")
}

// unpack writes a tar.xz into dir through a directory beside it, so that a broken fetch leaves nothing usable.
func unpack(r io.Reader, dir string) error {
	x, err := xz.NewReader(r, 0)
	if err != nil {
		return err
	}
	tmp := dir + ".tmp"
	if err := errors.Join(os.RemoveAll(tmp), os.RemoveAll(dir), os.MkdirAll(tmp, 0o755)); err != nil {
		return err
	}
	root, err := os.OpenRoot(tmp) // no name or link of the archive leads out of it
	if err != nil {
		return err
	}
	defer root.Close()
	for t := tar.NewReader(x); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return os.Rename(tmp, dir)
		}
		if err != nil {
			return err
		}
		name := filepath.Clean(h.Name)
		switch h.Typeflag {
		case tar.TypeDir:
			err = root.MkdirAll(name, 0o755)
		case tar.TypeSymlink:
			err = root.Symlink(h.Linkname, name)
		case tar.TypeReg:
			if err = root.MkdirAll(filepath.Dir(name), 0o755); err == nil {
				err = writeFile(root, name, h.FileInfo().Mode().Perm(), io.LimitReader(t, maxArchive))
			}
		}
		if err != nil {
			return err
		}
	}
}

func writeFile(root *os.Root, name string, perm os.FileMode, r io.Reader) error {
	f, err := root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, s)
	return h.Sum64()
}
