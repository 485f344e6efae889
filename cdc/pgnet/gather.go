package pgnet

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

const (
	// lowat is how many bytes a gathering read waits for. Larger values were slower: the window closes before the
	// reader wakes.
	lowat = 64 << 10
	// maxWait is the longest that bytes wait for more.
	maxWait = 2 * time.Millisecond
	// gap and streak: streak reads in a row, each within gap of the one before, are a busy stream. 1,000 rows a second
	// are not.
	gap    = 100 * time.Microsecond
	streak = 32
	// quiet: a wait that ended with fewer bytes than this ends gathering.
	quiet = 4 << 10
)

// Dial returns a dial function for pgconn.Config whose connections gather. A nil dialer is the zero one.
func Dial(d *net.Dialer) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if d == nil {
		d = &net.Dialer{}
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return Gather(c), nil
	}
}

// Gather returns a connection over c that gathers, or c itself where the system or the kind of connection cannot.
func Gather(c net.Conn) net.Conn {
	t, ok := c.(*net.TCPConn)
	if !ok {
		return c
	}
	raw, err := t.SyscallConn()
	if err != nil || setLowat(raw, 1) != nil {
		return c
	}
	return &conn{TCPConn: t, raw: raw, buf: make([]byte, 2*lowat)}
}

type conn struct {
	*net.TCPConn
	raw       syscall.RawConn
	buf       []byte
	r, w      int // buf[r:w] is not read yet
	gathering bool
	fast      int       // reads in a row that came within gap
	last      time.Time // when the last read returned

	mu       sync.Mutex // guards deadline and the order of the socket's deadlines
	deadline time.Time  // the user's
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if c.r == c.w {
		n, err := c.fill()
		if n == 0 {
			return 0, err
		}
		c.r, c.w = 0, n
	}
	n := copy(p, c.buf[c.r:c.w])
	c.r += n
	return n, nil
}

func (c *conn) fill() (int, error) {
	if c.gathering {
		if n, err := c.gather(); n > 0 || err != nil {
			return n, err
		}
	}
	n, err := c.TCPConn.Read(c.buf)
	now := time.Now()
	if now.Sub(c.last) > gap || n >= lowat {
		c.fast = 0
	} else if c.fast++; c.fast >= streak && setLowat(c.raw, lowat) == nil {
		c.gathering = true
	}
	c.last = now
	return n, err
}

// gather waits for lowat bytes, at most maxWait, and returns what there is: nothing when nothing came, which ends
// gathering.
func (c *conn) gather() (int, error) {
	c.mu.Lock()
	until := time.Now().Add(maxWait)
	if !c.deadline.IsZero() && c.deadline.Before(until) {
		until = c.deadline
	}
	err := c.TCPConn.SetReadDeadline(until)
	c.mu.Unlock()
	if err != nil {
		return 0, err
	}
	n, err := c.TCPConn.Read(c.buf)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		if rerr := c.restore(); err == nil {
			err = rerr // not joined: callers compare with io.EOF
		}
		return n, err
	}
	if err := c.restore(); err != nil {
		return 0, err
	}
	n, err = c.available()
	if n < quiet {
		c.gathering, c.fast = false, 0
		if serr := setLowat(c.raw, 1); err == nil {
			err = serr
		}
	}
	return n, err
}

// restore puts the user's deadline back.
func (c *conn) restore() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.TCPConn.SetReadDeadline(c.deadline)
}

// available reads what has arrived without waiting.
func (c *conn) available() (n int, err error) {
	rerr := c.raw.Read(func(fd uintptr) bool {
		n, err = readNow(fd, c.buf)
		return true
	})
	if rerr != nil {
		return 0, rerr
	}
	return n, err
}

// SetDeadline implements net.Conn.
func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (c *conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return c.TCPConn.SetReadDeadline(t)
}

// NetConn returns the connection underneath.
func (c *conn) NetConn() net.Conn { return c.TCPConn }
