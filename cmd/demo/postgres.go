package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

const password = "millrace"

// postgres is a PostgreSQL server of the demo's own, a child process with its data in dir.
type postgres struct {
	cmd  *exec.Cmd
	done chan struct{}
	host string
	port int
	log  *bytes.Buffer
}

// startPostgres starts PostgreSQL with wal_level=logical on data below dir, making it first where there is none. PostgreSQL
// refuses to run as root: root's demo runs it as the user postgres or nobody.
func startPostgres(ctx context.Context, log *slog.Logger, dir string) (*postgres, error) {
	owner, cred, err := serverUser()
	if err != nil {
		return nil, err
	}
	data, err := dataDir(dir, cred)
	if err != nil {
		return nil, err
	}
	bin, err := binaries(ctx, log, filepath.Join(filepath.Dir(data), "postgres-dist"))
	if err != nil {
		return nil, err
	}
	run := func(ctx context.Context, name string, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, filepath.Join(bin, name), args...)
		cmd.Dir = filepath.Dir(data)
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: cred, Pdeathsig: syscall.SIGINT}
		return cmd
	}
	if _, err := os.Stat(filepath.Join(data, "PG_VERSION")); errors.Is(err, os.ErrNotExist) {
		log.Info("making a PostgreSQL data directory", "dir", data, "user", owner)
		pw := filepath.Join(filepath.Dir(data), "pw")
		if err := os.WriteFile(pw, []byte(password+"\n"), 0o644); err != nil {
			return nil, err
		}
		defer os.Remove(pw)
		if out, err := run(ctx, "initdb", "-D", data, "-U", "postgres", "--pwfile="+pw, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C").CombinedOutput(); err != nil {
			_ = os.RemoveAll(data)
			return nil, fmt.Errorf("making a PostgreSQL data directory with %s: %w\n%s", filepath.Join(bin, "initdb"), err, out)
		}
	}
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	p := &postgres{host: "127.0.0.1", port: port, log: &bytes.Buffer{}, done: make(chan struct{})}
	p.cmd = run(context.WithoutCancel(ctx), "postgres", "-D", data, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories=", "-c", "wal_level=logical", "-c", "max_wal_senders=10", "-c", "max_replication_slots=10",
		"-c", "shared_buffers=32MB", "-c", "max_slot_wal_keep_size=2GB", "-c", "log_min_messages=error")
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting PostgreSQL: %w", err)
	}
	go func() { _ = p.cmd.Wait(); close(p.done) }()
	if err := p.ready(ctx); err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func (p *postgres) url(db string) string {
	return fmt.Sprintf("postgres://postgres:%s@%s:%d/%s?sslmode=disable", password, p.host, p.port, db)
}

func (p *postgres) ready(ctx context.Context) error {
	for deadline := time.Now().Add(30 * time.Second); ; {
		c, err := pgx.Connect(ctx, p.url("postgres"))
		if err == nil {
			return c.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("PostgreSQL ended while starting:\n%s", p.log)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("PostgreSQL does not answer on port %d: %w", p.port, err)
		}
	}
}

// stop ends the server with a fast shutdown and waits for it.
func (p *postgres) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGINT)
	select {
	case <-p.done:
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.done
	}
}

// serverUser returns whom PostgreSQL runs as: nobody else (nil) but for root, who may not run it.
func serverUser() (string, *syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return "you", nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err1 == nil && err2 == nil {
			return name, &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return "", nil, errors.New("PostgreSQL may not run as root, and this machine has no user postgres or nobody: run `make run` as an ordinary user")
}

// dataDir returns where the data go: dir/postgres, or for root a directory below /var/tmp when the server's user could
// not reach that.
func dataDir(dir string, cred *syscall.Credential) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	home := filepath.Join(dir, "postgres")
	if cred != nil && !reachable(filepath.Dir(home)) {
		home = filepath.Join(os.TempDir(), fmt.Sprintf("millrace-demo-%x", hash(dir)))
		if st, err := os.Stat("/var/tmp"); err == nil && st.IsDir() {
			home = filepath.Join("/var/tmp", filepath.Base(home))
		}
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	if cred != nil {
		if err := os.Chown(home, int(cred.Uid), int(cred.Gid)); err != nil {
			return "", err
		}
	}
	return filepath.Join(home, "data"), nil
}

// reachable reports whether everyone may pass through dir and all above it.
func reachable(dir string) bool {
	for ; ; dir = filepath.Dir(dir) {
		if st, err := os.Stat(dir); err == nil && st.Mode().Perm()&1 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}

// binaries returns the directory of a PostgreSQL of version 14 or later: the machine's own, or one fetched into dist.
func binaries(ctx context.Context, log *slog.Logger, dist string) (string, error) {
	candidates, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, pattern := range []string{"/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		more, _ := filepath.Glob(pattern)
		candidates = append(candidates, more...)
	}
	slices.Reverse(candidates) // newer versions first
	if p, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, filepath.Dir(p))
	}
	for _, dir := range candidates {
		if usable(ctx, dir) {
			return dir, nil
		}
	}
	bin := filepath.Join(dist, "bin")
	if usable(ctx, bin) {
		return bin, nil
	}
	if err := fetch(ctx, log, dist); err != nil {
		return "", fmt.Errorf("no PostgreSQL 14 or later on this machine, and fetching one failed (%w): install PostgreSQL, for example with `apt-get install postgresql`", err)
	}
	return bin, nil
}

// usable reports whether dir holds the programs of PostgreSQL 14 or later.
func usable(ctx context.Context, dir string) bool {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return false
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return false
	}
	var major int
	_, err = fmt.Sscanf(string(out), "postgres (PostgreSQL) %d", &major)
	return err == nil && major >= 14
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
